// Package incident is the core of Tocsin: what an incident is, and what follows from what.
//
// It is pure. Four functions carry it, and nothing else in the program may invent an event, an effect or a deadline:
//
//	Decide(s, in)    what a new fact means: the events it adds, or a Refusal
//	Evolve(s, e)     the state after an event
//	Effects(s, e)    what must now be done in the world; run once, at commit, and recorded with the event
//	Deadlines(s)     what must happen by when; recomputed from the state, never stored as truth
//	StillOwed(s, o)  whether a recorded effect still makes sense; asked before every attempt
//
// There is no clock, no context, no logger, no randomness and no I/O here; the standard library is all it imports. Time, actor and
// the people on call come in with the Intent, stamped by the engine.
//
// # Decisions
//
// A State holds no policy, only the policy's digest; the engine binds the frozen Policy to State.Policy after loading. Evolve never
// looks at the policy, so replaying a log needs nothing but the log.
//
// A policy is frozen, the calendar of the world is not: a holiday announced later comes in with the Intent, and what counts for an incident is
// recorded in its log (HolidaysCounted) before anything is decided with it. Deadlines derive from the state alone, so the log replays; an incident
// is never half under a day, and what was missed before it was announced stays missed.
//
// A person is known by the ids the outside gave (Slack user, PagerDuty user), not by a number of ours: the log must be readable when
// every table of ours is lost.
//
// That something was sent is one fact (NoticeSent), said of a notice of the policy or of a runbook's step; either meets the clocks that ask for it. A
// step that tells people outside does not meet its clock by being marked done: whoever goes on has not thereby told anybody, and a legal
// deadline that ends without evidence is a lost one. The step itself may be done before, since a locked way on would hold up the rest.
//
// A room that is held back is a flag of the state, not a status: an incident without a room is decided like any other. What asks for the room
// is one function over the fact about to be recorded (roomFor), and RoomWanted stands in the log before that fact, so that everything which
// follows from it finds a channel on its way; what would be said in a room that is not there is left out where effects are made (inRoom), and
// the room shows it when it opens. The alternative, holding the open-channel effect back in the outbox, would let posts pile up behind it. The
// message of an alert group is a slot like the headline, in another channel; a merge and a split hand slots over. Incidents without a room
// count as rooms for a storm: six of them in ten minutes are one storm incident, which itself has a room only as its severity says.
//
// What the response itself owes (a commander, status updates, a hand-over that was proposed) is pursued: each time it is missed the next of a
// chain is asked, and after the last the first again, without end while it is owed. How far a chain has gone is recorded with the miss
// (Missed.Turn, HandOverProposed.Turn), not derived, so that a change of roles or rosters in between skips nobody. Whose phone rings already,
// for whatever reason, is written to instead of rung; what was met closes its calls by looking at the state alone (met).
//
// Free text travels as Text: its salted digest is part of the hash chain, its body lies beside the log and can be erased without
// breaking the chain.
package incident
