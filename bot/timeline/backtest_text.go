package timeline

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// BacktestText is a backtest for a terminal: what was assumed, the sums, the tables. language is "en" or "fr", a nil zone is UTC.
func BacktestText(b Backtest, p *incident.Policy, o BacktestOptions, since, until time.Time, language string, zone *time.Location) string {
	lang := catalog.Language(language)
	if zone == nil {
		zone = time.UTC
	}
	var out strings.Builder
	say := func(key string, args catalog.Args) string { return catalog.Say(lang, key, args).Plain(zone) }
	line := func(key string, args catalog.Args) { out.WriteString(say(key, args) + "\n") }
	day := func(t time.Time) catalog.Arg { return catalog.Words(t.In(zone).Format(time.DateOnly)) }
	line("backtest.head", catalog.Args{"n": catalog.Int(len(b.Incidents)), "from": day(since), "to": day(until)})
	out.WriteString("\n")
	line("backtest.assumed", nil)
	assumed := []string{"backtest.assumed.alone", "backtest.assumed.progress", "backtest.assumed.first", "backtest.assumed.people", "backtest.assumed.day"}
	if o.NoProgress {
		assumed[1] = "backtest.assumed.none"
	}
	for _, key := range assumed {
		out.WriteString("- " + say(key, nil) + "\n")
	}
	switch n := len(o.Holidays.Days); {
	case o.HolidaysUnread:
		out.WriteString("- " + say("backtest.assumed.no-holidays", nil) + "\n")
	case n > 0:
		out.WriteString("- " + say("backtest.assumed.holidays", catalog.Args{"n": catalog.Int(n)}) + "\n")
	}
	if b.Cut > 0 {
		out.WriteString("- " + say("backtest.assumed.cut", catalog.Args{"n": catalog.Int(b.Cut)}) + "\n")
	}
	out.WriteString("\n")
	table := func(head []string, rows [][]string) {
		w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		var cols []string
		for _, h := range head {
			cols = append(cols, say(h, nil))
		}
		fmt.Fprintln(w, strings.Join(cols, "\t"))
		for _, r := range rows {
			fmt.Fprintln(w, strings.Join(r, "\t"))
		}
		_ = w.Flush() // it writes to a strings.Builder
		out.WriteString("\n")
	}
	table([]string{"backtest.col.what", "backtest.col.policy", "backtest.col.pagerduty"}, [][]string{
		{say("backtest.row.pages", nil), strconv.Itoa(b.Pages), strconv.Itoa(b.Rings)},
		{say("backtest.row.wakes", nil), strconv.Itoa(b.Wakes), strconv.Itoa(b.RingWakes)},
		{say("backtest.row.cto", nil), strconv.Itoa(b.target("cto").Pages), "-"},
		{say("backtest.row.cto.wakes", nil), strconv.Itoa(b.target("cto").Wakes), "-"},
	})
	if b.WorstN > 0 {
		line("backtest.worst", catalog.Args{"day": day(b.Worst), "n": catalog.Int(b.WorstN)})
		out.WriteString("\n")
	}
	sums := func(head string, list []BacktestSum, name func(string) string) {
		if len(list) == 0 {
			return
		}
		var rows [][]string
		for _, s := range list {
			rows = append(rows, []string{name(s.Name), strconv.Itoa(s.Pages), strconv.Itoa(s.Wakes)})
		}
		table([]string{head, "backtest.col.pages", "backtest.col.wakes"}, rows)
	}
	plain := func(s string) string { return catalog.Of(lang, catalog.Words(s)).Plain(zone) }
	sums("backtest.col.target", b.Targets, func(s string) string { return plain(p.TargetTitle(s, lang)) })
	sums("backtest.col.person", b.People, plain)
	sums("backtest.col.rung", b.Rung, plain)
	var rows [][]string
	for _, w := range b.Weeks {
		rows = append(rows, []string{fmt.Sprintf("%d-W%02d", w.Year, w.Week), strconv.Itoa(w.Incidents), strconv.Itoa(w.Pages), strconv.Itoa(w.Wakes), strconv.Itoa(w.Rings), strconv.Itoa(w.RingWakes)})
	}
	if len(rows) > 0 {
		table([]string{"backtest.col.week", "backtest.col.incidents", "backtest.col.pages", "backtest.col.wakes", "backtest.col.rings", "backtest.col.ringwakes"}, rows)
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// target is the sum of one target, zero when it was never rung.
func (b Backtest) target(key string) BacktestSum {
	for _, s := range b.Targets {
		if s.Name == key {
			return s
		}
	}
	return BacktestSum{Name: key}
}

// BacktestCSV is a backtest as a table for other programs: one row for each page the policy would have sent, and for each ring of PagerDuty's.
// Its column names are English whatever the language; times are RFC 3339 in zone.
func BacktestCSV(b Backtest, zone *time.Location) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"by", "at", "pagerduty_incident", "number", "title", "service", "severity", "target", "person", "level", "why", "urgency", "night"})
	for _, in := range b.Incidents {
		row := func(by string, at time.Time, target, person, level, why, urgency, night string) {
			_ = w.Write([]string{by, at.In(zone).Format(time.RFC3339), in.Past.ID, strconv.FormatInt(in.Past.Number, 10), harmless(in.Past.Title), harmless(in.Past.Service), in.Severity.String(), target, harmless(person), level, why, urgency, night})
		}
		for _, pg := range in.Pages {
			urgency := "high"
			if pg.Urgency == incident.UrgencyLow {
				urgency = "low"
			}
			row("policy", pg.At, pg.Target, pg.Person.Name, strconv.Itoa(pg.Level), pg.Why, urgency, strconv.FormatBool(pg.Night))
		}
		for _, e := range in.Past.Entries {
			if e.Rings() {
				row("pagerduty", e.At, "", e.Who, "", e.Channel, in.Past.Urgency, "")
			}
		}
	}
	w.Flush() // it writes to a strings.Builder
	return out.String()
}

// harmless is words from outside in a cell: one that begins like a formula would be run by a spreadsheet.
func harmless(s string) string {
	s = catalog.Of(catalog.English, catalog.Words(s)).Plain(nil)
	if s != "" && strings.ContainsRune("=+-@\t", rune(s[0])) {
		return "'" + s
	}
	return s
}
