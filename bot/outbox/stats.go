package outbox

import "sync/atomic"

// Stats are the outbox's figures since it was made.
type Stats struct {
	Lanes, Waiting, Running int64 // now

	Attempts  int64 // calls begun
	Done      int64 // calls that did their work
	Adopted   int64 // earlier attempts found and adopted
	Overtaken int64 // no longer owed when their turn came
	Coalesced int64 // of those: redraws and topics that a newer one replaced
	Expired   int64 // their time had passed
	Dead      int64 // refused for good
	Refused   int64 // optional ones refused for good
	InDoubt   int64 // at-most-once ones not repeated
	Retries   int64 // temporary failures
	Slowed    int64 // of those: asked to wait
	Outages   int64 // lanes put off
	Fenced    int64 // writes refused because the lane had a newer lease
	Stolen    int64 // calls not begun because the lane was lost
	Takeovers int64 // lanes found in the store
	Repairs   int64 // repairs made
	Folded    int64 // late posts folded into one
}

type counters struct {
	lanes, waiting, running                                          atomic.Int64
	attempts, done, adopted, overtaken, coalesced, expired           atomic.Int64
	dead, refused, inDoubt, retries, slowed, outages, fenced, stolen atomic.Int64
	takeovers, repairs, folded                                       atomic.Int64
}

// Stats returns the figures. They are for metrics: each is true by itself, not all of one moment.
func (b *Outbox) Stats() Stats {
	c := &b.counters
	return Stats{
		Lanes: c.lanes.Load(), Waiting: c.waiting.Load(), Running: c.running.Load(),
		Attempts: c.attempts.Load(), Done: c.done.Load(), Adopted: c.adopted.Load(), Overtaken: c.overtaken.Load(), Coalesced: c.coalesced.Load(),
		Expired: c.expired.Load(), Dead: c.dead.Load(), Refused: c.refused.Load(), InDoubt: c.inDoubt.Load(), Retries: c.retries.Load(),
		Slowed: c.slowed.Load(), Outages: c.outages.Load(), Fenced: c.fenced.Load(), Stolen: c.stolen.Load(), Takeovers: c.takeovers.Load(),
		Repairs: c.repairs.Load(), Folded: c.folded.Load(),
	}
}
