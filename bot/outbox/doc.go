// Package outbox carries effects out: it takes lanes, looks, does, reports and repairs. It knows no Slack and no PagerDuty; a Performer
// for each target does the calls.
//
// # What it guarantees
//
// Every recorded effect ends: done, overtaken, expired or dead on record, or still queued. Nothing is called for an effect that the
// newest state does not owe any more, or whose time has passed. No call begins that could outlive the lane's lease; a pause between
// looking and calling is followed by a new check of the lease. A report goes to the engine with the lease it was earned under, so the
// report of a worker that lost its lane changes nothing.
//
// What a repeat does depends on the effect. Idempotent and keyed ones are repeated. Findable ones are looked for first whenever an
// attempt began before that is not known to have done nothing, and what is found is adopted. At-most-once ones are repeated only after an attempt that is known to have done
// nothing; otherwise they end as "in doubt". A findable effect that may have been done twice is repaired: at once after a takeover, and
// a minute later, when whoever was paused has had its say. A process that begins asks for the same of every post that is on record as
// having taken more than one attempt in the last six hours: whoever owed its repair may have died.
//
// Slack's outage never holds up PagerDuty: lanes, their back-off and the workers are all per target. Per lane there is one "not before";
// while it backs off, one effect at a time is tried, and never the same one again while others wait.
//
// Posts that an outage made late are folded into one once a call gets through (incident.Late); an older redraw or topic gives way to a
// newer one that waits.
//
// What is told to come later (a rate limit) waits, and what goes the same way of the same lane and is no more urgent waits as long. In an alert
// storm hundreds of posts wait for one channel: each that tried by itself cost writes of the store, and each that looked for an attempt that
// had never left cost a read of history, which Slack limits more than posts, until nothing moved.
//
// # Decisions
//
// A lane that ran dry is kept for a moment and then given up, so that what another replica commits next is not held up by a lease nobody
// uses. Commits race with that: Committed brings a lease that may have been released in between. The token tells, and the lane is then
// taken anew and read from the store, like any other lane found there.
//
// An item read from the store with an attempt begun waits a moment before it counts as somebody's interrupted work: the commit that began
// it may be this process's own, its hook still on the way.
//
// A report that the store does not take is repeated while the outbox runs, also past the end of the lease: if nobody took the lane
// meanwhile the token is still the newest, and nothing needs to be looked for or done again.
//
// A report's key carries the attempt, "effect/<id>/<attempt>": the same report twice is one, and an effect that an operator revives after
// it was buried can be reported again.
//
// "In doubt" survives a crash without a second write per attempt: a failure that is known to have done nothing is written down as
// "attempt n: ..."; a begun attempt without that line may have done its work.
package outbox
