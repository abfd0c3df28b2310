package slack

import "github.com/tocsin-bot/tocsin/bot/catalog"

// The few things the receiver itself says; the catalogue has the words.
const (
	sayUnknownYet  = "slack.unknown-yet"
	sayUnknown     = "slack.unknown"
	sayNotRecorded = "slack.not-recorded"
	sayBusy        = "slack.busy"
	sayRecorded    = "slack.recorded"
	sayNoForm      = "slack.no-form"
	sayTitle       = "slack.title"
	sayClose       = "slack.close"
)

func say(language, key string) catalog.Text { return catalog.Say(language, key, nil) }

// notRecorded says that nothing was, and how to page somebody by hand.
func (r *Receiver) notRecorded(language, key string) catalog.Text {
	t := say(language, key)
	if r.o.ByHand != nil {
		if by := r.o.ByHand(language); len(by) > 0 {
			t = append(append(t, catalog.Span{Kind: catalog.Break}), by...)
		}
	}
	return t
}
