package timeline

import (
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Figures are the times of one incident; nil: not known (yet). Their definitions are in the catalogue under "figures.<name>.def" and
// stand beside them wherever they are printed.
type Figures struct {
	Acknowledge *time.Duration // detection -> first human acknowledgement
	Channel     *time.Duration // declaration -> channel open
	Mitigate    *time.Duration // detection -> mitigated (or resolved, where that was skipped)
	Resolve     *time.Duration // detection -> last resolution
}

// FiguresOf computes the figures of an incident from its state and its log. A cancelled one has none, it was noise; nor has a
// duplicate, which counts with the incident it goes on as.
func FiguresOf(st incident.State, events []incident.Event) Figures {
	var f Figures
	if st.Status == incident.Cancelled || st.Status == incident.Duplicate {
		return f
	}
	since := func(from, to time.Time) *time.Duration {
		if from.IsZero() || to.IsZero() {
			return nil
		}
		d := max(to.Sub(from), 0) // clocks outside may disagree by moments
		return &d
	}
	f.Acknowledge = since(st.DetectedAt, st.AcknowledgedAt)
	f.Mitigate = since(st.DetectedAt, st.MitigatedAt)
	f.Resolve = since(st.DetectedAt, st.EndedAt)
	for _, e := range events {
		if _, ok := e.Fact.(*incident.ChannelOpened); ok {
			f.Channel = since(st.DeclaredAt, e.RecordedAt)
			break
		}
	}
	return f
}

// figure is one figure with its words.
type figure struct {
	name, definition catalog.Text
	value            *time.Duration
}

func (f Figures) words(lang string) []figure {
	var out []figure
	for _, x := range []struct {
		key string
		d   *time.Duration
	}{{"acknowledge", f.Acknowledge}, {"channel", f.Channel}, {"mitigate", f.Mitigate}, {"resolve", f.Resolve}} {
		out = append(out, figure{catalog.Say(lang, "figures."+x.key, nil), catalog.Say(lang, "figures."+x.key+".def", nil), x.d})
	}
	return out
}

// worded is a figure's value, or "not known".
func (f figure) worded(lang string) catalog.Text {
	if f.value == nil {
		return catalog.Say(lang, "export.unknown", nil)
	}
	return catalog.Of(lang, catalog.Duration(*f.value))
}
