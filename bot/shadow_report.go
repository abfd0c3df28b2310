package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

const shadowStreams = 500 // read at a time

// ShadowReportOf reads from a shadow's store what it would have done on a day, and puts beside it what happened in PagerDuty: past as read
// from its log, and what the shadow heard of acknowledgements.
func ShadowReportOf(ctx context.Context, r journal.Reader, day time.Time, past []timeline.Past) (timeline.ShadowReport, error) {
	var logs [][]incident.Event
	for after := journal.Stream(""); ; {
		streams, err := r.Streams(ctx, after, shadowStreams)
		if err != nil {
			return timeline.ShadowReport{}, err
		}
		for _, s := range streams {
			if after = s; s == journal.House {
				continue
			}
			var events []incident.Event
			for from := int64(1); ; {
				records, err := r.Records(ctx, s, from, shadowStreams)
				if err != nil {
					return timeline.ShadowReport{}, err
				}
				for _, rec := range records {
					e, err := journal.DecodeIncident(rec)
					if err != nil {
						return timeline.ShadowReport{}, fmt.Errorf("record %d of %s: %w", rec.Seq, s, err)
					}
					events, from = append(events, e), rec.Seq+1
				}
				if len(records) < shadowStreams {
					break
				}
			}
			if n := len(events); n > 0 && !events[n-1].RecordedAt.Before(day) {
				logs = append(logs, events) // what was over before has nothing to report
			}
		}
		if len(streams) < shadowStreams {
			return timeline.ShadowOf(logs, past, day, day.AddDate(0, 0, 1)), nil
		}
	}
}
