package bot

import (
	"context"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// RunbookUses reads how incidents used a runbook (empty: every one) that they started at or after a moment, the newest incident first. It
// works beside a running bot. Duplicates and cancelled incidents count: their steps were done all the same.
func RunbookUses(ctx context.Context, r journal.Reader, runbook string, since time.Time) ([]timeline.RunbookUse, error) {
	now, err := r.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := engine.List(ctx, r, false, maxReported)
	if err != nil {
		return nil, err
	}
	var out []timeline.RunbookUse
	for _, row := range rows {
		if !row.Ended.IsZero() && row.Ended.Before(since) { // what is worked after the end was started before it
			continue
		}
		uses, err := usesOf(ctx, r, row.ID, runbook, now)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			if !u.Started.Before(since) {
				out = append(out, u)
			}
		}
	}
	return out, nil
}

// usesOf reads how one incident used a runbook; empty: each that it used.
func usesOf(ctx context.Context, r journal.Reader, id incident.ID, runbook string, now time.Time) ([]timeline.RunbookUse, error) {
	var events []incident.Event
	used := false
	for from := int64(1); ; {
		page, err := engine.Events(ctx, r, id, from, readBatch)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			f, is := e.Fact.(*incident.RunbookStarted)
			used = used || is && (runbook == "" || f.Runbook.ID == runbook)
		}
		if events = append(events, page...); len(page) < readBatch {
			break
		}
		from = page[len(page)-1].Seq + 1
	}
	if !used {
		return nil, nil
	}
	s := incident.Replay(events)
	if p, err := FrozenPolicy(ctx, r, s.PolicyDigest); err == nil {
		s.Policy = p
	}
	var out []timeline.RunbookUse
	for _, u := range timeline.UsesOf(s, events, now) {
		if runbook == "" || u.Runbook == runbook {
			out = append(out, u)
		}
	}
	return out, nil
}
