package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/view"
)

type oncallCmd struct {
	data
	Report string `arg:"" optional:""`
	Month  string `placeholder:"MONTH"`
	Format string `enum:"table,csv" default:"table"`
}

// Examples implements examples.
func (*oncallCmd) Examples() []string {
	return []string{"tocsin oncall", "tocsin oncall report --month 2026-11", "tocsin oncall report --month 2026-11 --format csv"}
}

// shiftsShown is how many shifts to come are listed of a duty.
const shiftsShown = 4

// Run prints who is on call now and next, or what a month of it asked of people.
func (c *oncallCmd) Run(e *env) error {
	if c.Report != "" && c.Report != "report" {
		return &catalog.Said{Key: "cli.wrong.word.like", Args: catalog.Args{"word": catalog.Words(c.Report), "like": catalog.Words("report")}}
	}
	if c.Report == "" && (c.Month != "" || c.Format != "table") {
		return &catalog.Said{Key: "cli.oncall.report-only", Args: catalog.Args{"example": catalog.Words("tocsin oncall report --month 2026-11 --format csv")}}
	}
	r, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Report == "" {
		return c.now(e, r)
	}
	month := c.Month
	if month == "" { // the last that is over
		now, err := r.Now(e.ctx)
		if err != nil {
			return err
		}
		at := now.In(bot.PolicyZone(c.Config))
		month = time.Date(at.Year(), at.Month()-1, 1, 0, 0, 0, 0, at.Location()).Format("2006-01")
	}
	report, err := bot.OnCallReport(e.ctx, r, c.Config, month)
	if err != nil {
		return err
	}
	if c.Format == "csv" {
		_, err := e.out.Write(report.CSV())
		return err
	}
	return e.table(report)
}

// now prints who is on call, and the shifts that follow.
func (c *oncallCmd) now(e *env, r journal.Reader) error {
	all, err := bot.OnCallList(e.ctx, r, c.Config, shiftsShown)
	if err != nil {
		return err
	}
	zone := bot.PolicyZone(c.Config)
	moment := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.In(zone).Format("2006-01-02 15:04 MST")
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	e.columns(w, "duty", "person", "from", "until", "source")
	for _, o := range all {
		source := "-"
		if o.Source != "" {
			source = e.words(o.Source)
		}
		if len(o.People) == 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", o.Target, e.say("cli.oncall.nobody", nil), "-", "-", source)
		}
		for _, p := range o.People {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", o.Target, e.words(called(p)), e.say("cli.oncall.now", nil), moment(o.Until), source)
		}
		for _, s := range o.Next {
			fmt.Fprintf(w, "\t%s\t%s\t%s\t\n", e.words(s.Person), moment(s.From), moment(s.To))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return c.holidays(e, r)
}

// maxHolidays is how many holidays are named under the list.
const maxHolidays = 12

// holidays prints the days of the shifts to come on which nobody works, those of the policy and the announced ones.
func (c *oncallCmd) holidays(e *env, r journal.Reader) error {
	all, err := bot.HolidaysToCome(e.ctx, r, c.Config, e.lang)
	if err != nil || len(all) == 0 {
		return err
	}
	var days catalog.List
	for _, h := range all[:min(len(all), maxHolidays)] {
		days = append(days, view.HolidayWords(e.lang, h))
	}
	e.print(e.out, "cli.oncall.holidays", catalog.Args{"days": days})
	return nil
}

func called(p house.Person) string {
	for _, s := range []string{p.Name, p.Email, p.Slack, p.Pager} {
		if s != "" {
			return s
		}
	}
	return "-"
}

// columns writes the head of a table.
func (e *env) columns(w *tabwriter.Writer, names ...string) {
	for _, n := range names {
		fmt.Fprint(w, e.say("cli.oncall."+n, nil), "\t")
	}
	fmt.Fprintln(w)
}

// table prints a month's report for people.
func (e *env) table(o house.OnCallReport) error {
	e.print(e.out, "cli.oncall.title", catalog.Args{"month": catalog.Words(o.Month), "zone": catalog.Words(o.Zone)})
	if len(o.Rows) == 0 {
		e.print(e.out, "cli.oncall.none", nil)
		return nil
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	e.columns(w, "duty", "person", "hours", "working", "off", "night", "weekend", "holiday", "pages", "answered", "outside", "useful", "nights", "nights-useful")
	for _, r := range o.Rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t", r.Rotation, e.words(r.Person), e.hours(r.OnCall))
		for _, k := range house.Kinds {
			fmt.Fprintf(w, "%s\t", e.hours(r.In[k]))
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%s\t%d\t%s\t\n", r.Pages, r.Interventions, r.Outside, share(r.ActionableShare()), r.NightPages, share(r.NightActionableShare()))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	e.print(e.out, "cli.oncall.legend", nil)
	return nil
}

// hours are hours with one decimal, rounded half up, as the language writes it.
func (e *env) hours(d time.Duration) string {
	s := strconv.FormatFloat(d.Round(time.Hour/10).Hours(), 'f', 1, 64)
	if e.lang == catalog.French {
		b := []byte(s)
		b[len(b)-2] = ','
		s = string(b)
	}
	return s
}

func share(s house.Share) string {
	part, ok := s.Percent()
	if !ok {
		return "-"
	}
	return strconv.Itoa(part) + "%"
}
