package pagerduty

import (
	"context"
	"time"
)

// cursorBorn holds the moment Tocsin first listened to this account. What PagerDuty had open before then opens nothing: the first start
// on an old account must not make a room for every forgotten incident.
const cursorBorn = "pagerduty/born"

// bornAt returns that moment and sets it the first time; zero when the store does not answer.
func (in *Inbound) bornAt(ctx context.Context) time.Time {
	in.mu.Lock()
	born := in.born
	in.mu.Unlock()
	if !born.IsZero() || in.o.Cursors == nil {
		return born
	}
	v, err := in.o.Cursors.Get(ctx, cursorBorn)
	if err != nil {
		return time.Time{}
	}
	if born, err = time.Parse(time.RFC3339Nano, v); err != nil {
		born = in.o.Clock.Now()
		if in.o.Cursors.Set(ctx, cursorBorn, born.Format(time.RFC3339Nano)) != nil {
			return time.Time{}
		}
	}
	in.mu.Lock()
	in.born = born
	in.mu.Unlock()
	return born
}
