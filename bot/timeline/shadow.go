package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Kinds of ShadowRow.
const (
	ShadowWouldRing = "would-ring" // Tocsin would have rung them
	ShadowWouldTell = "would-tell" // Tocsin would have written to them
	ShadowRang      = "rang"       // PagerDuty rang them
	ShadowAnswered  = "answered"   // they acknowledged in PagerDuty
)

// ShadowRow is one line of a shadow's report.
type ShadowRow struct {
	At       time.Time
	Kind     string
	Incident string // ours, or PagerDuty's id where it is theirs
	Title    string
	Target   string // of the policy
	Who      string
	Level    int
	Why      string // incident.WhyDetected ..., or the channel PagerDuty rang by
	Urgency  string
}

// ShadowReport is a day of a shadow, in order of time.
type ShadowReport struct {
	From, To time.Time
	Rows     []ShadowRow
}

// Count counts the rows of a kind.
func (r ShadowReport) Count(kind string) int {
	n := 0
	for _, row := range r.Rows {
		if row.Kind == kind {
			n++
		}
	}
	return n
}

// ShadowOf puts together whom a shadow would have rung and told in a stretch of time, and what PagerDuty did in it. Pages that PagerDuty sent
// by itself and Tocsin would only have adopted are PagerDuty's.
func ShadowOf(logs [][]incident.Event, past []Past, from, to time.Time) ShadowReport {
	r := ShadowReport{From: from, To: to}
	add := func(row ShadowRow) {
		if !row.At.Before(from) && row.At.Before(to) {
			r.Rows = append(r.Rows, row)
		}
	}
	for _, events := range logs {
		title, id := "", ""
		// Its title is told to those inside only; a report is for whoever runs the bot.
		st := incident.Replay(events)
		hidden := st.Private != nil
		for _, e := range events {
			switch f := e.Fact.(type) {
			case *incident.Declared:
				id = string(f.ID)
				if !hidden {
					title = f.Title.Body
				}
			case *incident.Paged:
				if !f.Page.Foreign {
					add(ShadowRow{At: e.RecordedAt, Kind: ShadowWouldRing, Incident: id, Title: title, Target: f.Page.Target, Who: f.Page.Person.Name, Level: f.Page.Level, Why: f.Page.Why, Urgency: f.Page.Urgency})
				}
			case *incident.Told:
				for _, who := range f.Who {
					add(ShadowRow{At: e.RecordedAt, Kind: ShadowWouldTell, Incident: id, Title: title, Who: who.Name})
				}
			}
		}
	}
	for _, p := range past {
		for _, e := range p.Entries {
			switch {
			case e.Rings():
				add(ShadowRow{At: e.At, Kind: ShadowRang, Incident: p.ID, Title: p.Title, Who: e.Who, Why: e.Channel, Urgency: p.Urgency})
			case e.Kind == PastAcknowledged:
				add(ShadowRow{At: e.At, Kind: ShadowAnswered, Incident: p.ID, Title: p.Title, Who: e.Who})
			}
		}
	}
	slices.SortStableFunc(r.Rows, func(a, b ShadowRow) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind)) })
	return r
}

// ShadowText is the report for a terminal. language is "en" or "fr", a nil zone is UTC; heard says whether PagerDuty's log was read.
func ShadowText(r ShadowReport, p *incident.Policy, heard bool, language string, zone *time.Location) string {
	lang := catalog.Language(language)
	if zone == nil {
		zone = time.UTC
	}
	say := func(key string, args catalog.Args) string { return catalog.Say(lang, key, args).Plain(zone) }
	plain := func(s string) string { return cmp.Or(catalog.Of(lang, catalog.Words(s)).Plain(zone), "-") }
	var out strings.Builder
	out.WriteString(say("shadow.head", catalog.Args{
		"day": catalog.Words(r.From.In(zone).Format(time.DateOnly)), "n": catalog.Int(r.Count(ShadowWouldRing)), "m": catalog.Int(r.Count(ShadowRang)),
	}) + "\n")
	if !heard {
		out.WriteString(say("shadow.deaf", nil) + "\n")
	}
	if len(r.Rows) == 0 {
		return out.String()
	}
	out.WriteString("\n")
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, row := range r.Rows {
		what, who := say("shadow.kind."+row.Kind, nil), plain(row.Who)
		if row.Target != "" {
			who = plain(p.TargetTitle(row.Target, lang))
			if row.Who != "" {
				who += " (" + plain(row.Who) + ")"
			}
		}
		reason := plain(row.Why)
		if key := "why." + row.Why; row.Kind == ShadowWouldRing && catalog.Has(key) {
			reason = say(key, nil)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", row.At.In(zone).Format("15:04:05"), what, who, row.Incident, reason, plain(row.Title))
	}
	_ = w.Flush() // it writes to a strings.Builder
	return out.String()
}
