package engine

import "sync/atomic"

// Stats are the engine's figures since it was made.
type Stats struct {
	Conflicts  int64 // commits that somebody else's commit made decide anew
	Routed     int64 // inputs that would have opened an incident and belonged to one
	Duplicates int64 // inputs handed in before
	Unreadable int64 // incidents whose frozen policy could not be read: the one in force counts for them
}

type stats struct{ conflicts, routed, duplicates atomic.Int64 }

// Stats returns the figures. Each is true by itself, not all of one moment.
func (e *Engine) Stats() Stats {
	return Stats{Conflicts: e.stats.conflicts.Load(), Routed: e.stats.routed.Load(), Duplicates: e.stats.duplicates.Load(),
		Unreadable: e.replaced.count()}
}
