package incident

import (
	"fmt"
)

func (d *decider) moreTime() error {
	l := d.s.Ladder
	switch {
	case d.rule().NoLadder:
		return refuse(RefusedNoLadder)
	case l.MoreTime > 0:
		return refuse(RefusedNoMoreTime, fmt.Sprint(l.Level))
	case l.AcceptedAt.IsZero() || d.s.Status == Mitigated:
		return refuse(RefusedNoDeadline)
	}
	if _, ok := ladderDeadline(d.s, d.rule()); !ok {
		return refuse(RefusedNoDeadline)
	}
	d.add(&MoreTimeGiven{Level: l.Level, Round: l.Round, Add: d.s.Policy.MoreTime})
	return nil
}

func (d *decider) sendHelp() error {
	switch {
	case d.rule().NoLadder:
		return refuse(RefusedNoLadder)
	case d.s.above(d.s.Ladder.Level) == 0:
		return refuse(RefusedLastLevel)
	}
	// Whoever sends for help does not hold it for over: who is sent for is waited for, and the next after them.
	if d.s.Parked != nil || !d.s.RecoveredAt.IsZero() {
		d.closeReviews()
		d.takenOffHold()
	}
	d.raiseFrom(WhyHelp, "")
	return nil
}
