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
// A person is known by the ids the outside gave (Slack user, PagerDuty user), not by a number of ours: the log must be readable when
// every table of ours is lost.
//
// Free text travels as Text: its salted digest is part of the hash chain, its body lies beside the log and can be erased without
// breaking the chain.
package incident
