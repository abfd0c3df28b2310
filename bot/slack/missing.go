package slack

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// recordPage is how many events of a log are read at a time.
const recordPage = 500

// recorded is what is on record of a message.
type recorded struct {
	thread string          // ts of the parent of a reply; "" for what is no reply
	edits  map[string]bool // by ts
	gone   bool
}

// onRecord returns the messages of an incident's channel that are in its log, by ts. An edit or a deletion of a message that is not is left out.
func (r *Receiver) onRecord(ctx context.Context, row engine.Row) (map[string]*recorded, error) {
	known := map[string]*recorded{}
	changes := map[string]*recorded{} // may be on record before the message
	of := func(ts string) *recorded {
		if changes[ts] == nil {
			changes[ts] = &recorded{edits: map[string]bool{}}
		}
		return changes[ts]
	}
	for from := int64(1); ; {
		events, err := r.o.List.Events(ctx, row.ID, from, recordPage)
		if err != nil {
			return nil, fmt.Errorf("read what is on record of %s: %w", row.ID, err)
		}
		for _, e := range events {
			switch f := e.Fact.(type) {
			case *incident.MessageSeen:
				if f.Channel == row.Channel {
					known[f.TS] = of(f.TS)
					known[f.TS].thread = f.Thread
				}
			case *incident.MessageEdited:
				if f.Channel == row.Channel {
					of(f.TS).edits[f.EditTS] = true
				}
			case *incident.MessageDeleted:
				if f.Channel == row.Channel {
					of(f.TS).gone = true
				}
			}
		}
		if len(events) < recordPage {
			return known, nil
		}
		from = events[len(events)-1].Seq + 1
	}
}

// handInMissing records as deleted what is on record and not in the channel any more. It claims nothing of a channel that was not read whole, nor
// of what is older than everything that is left there: a workspace that keeps messages for so long only removes the oldest first. Before
// anything is claimed, Slack is asked for that very message.
func (r *Receiver) handInMissing(ctx context.Context, channel string, c reading, known map[string]*recorded) error {
	if !c.whole || c.missing != "" {
		return nil
	}
	for _, ts := range sortedKeys(known) {
		k := known[ts]
		if k.gone || c.shown[ts] || !laterTS(ts, c.oldest) || k.thread != "" && !c.threads[k.thread] {
			continue
		}
		there, err := r.there(ctx, channel, k.thread, ts)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		if err := r.give(ctx, r.gone(channel, ts, ""), ts+"/deleted"); err != nil {
			return err
		}
	}
	return nil
}

// there asks Slack for one message. What Slack does not want to say is taken for there.
func (r *Receiver) there(ctx context.Context, channel, thread, ts string) (bool, error) {
	p, err := r.patient(ctx, func() (pageOf, error) { return r.o.Client.exactly(ctx, channel, thread, ts) })
	if f := classify("", err); f != nil {
		if f.Permanent() {
			return f.Code != "thread_not_found", nil
		}
		return true, err
	}
	if p.Unread > 0 || p.Limited {
		return true, nil
	}
	for _, m := range p.Messages {
		if m.TS == ts {
			return !deleted(m), nil
		}
	}
	return false, nil
}

// deletion is the input of a message's end. when is zero for one that was found missing: then it is now, and that is on record.
func deletion(channel, ts string, when time.Time) engine.Input {
	// Slack does not say who deleted it.
	return engine.Input{
		Same: []string{"msg/" + channel + "/" + ts + "/deleted"}, At: when, Via: incident.ViaSlack,
		Act: incident.DeleteMessage{Delete: incident.MessageDeleted{Channel: channel, TS: ts, Found: when.IsZero()}}, Route: engine.Route{Channel: channel},
	}
}
