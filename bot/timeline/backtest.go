package timeline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// BacktestOptions say what is assumed where PagerDuty's record says nothing.
type BacktestOptions struct {
	// NoProgress: nobody records progress, answers a question or posts an update after acknowledging, so that every clock runs out. Left
	// out: whoever acknowledged does all of it in time until the incident is resolved, so that only what nobody answered escalates.
	NoProgress bool
	// OnCall tells who is on call for each target at a moment. A target that it leaves out is rung as itself; one without people has nobody on
	// call, so that whoever stands in is rung.
	OnCall func(time.Time) incident.OnCall
	// Holidays are the days that were announced after the policy was written; HolidaysUnread says that they could not be read.
	Holidays       incident.AnnouncedDays
	HolidaysUnread bool
}

// Backtest is what a policy would have done with past incidents, beside what PagerDuty did.
type Backtest struct {
	Incidents []BacktestIncident // in the order they were triggered
	Pages     int
	Wakes     int            // loud pages at night
	Targets   []BacktestSum  // by target of the policy, most pages first
	People    []BacktestSum  // by person, as far as the policy or the roster names them; most pages first
	Weeks     []BacktestWeek // by ISO week, oldest first
	Rings     int            // people PagerDuty rang: each once for an incident
	RingWakes int            // of those at night
	Rung      []BacktestSum  // by person PagerDuty rang, most first
	Worst     time.Time      // date of the evening of the night with the most wakes; zero: nobody was woken
	WorstN    int
	Cut       int // incidents whose run was ended at the horizon
}

// BacktestIncident is one of them.
type BacktestIncident struct {
	Past     Past
	Severity incident.Severity // the highest the policy gave it
	Pages    []BacktestPage
	Answered time.Time // when somebody acknowledged it in PagerDuty; zero: nobody did
	Rings    int
}

// BacktestPage is a page the policy would have sent.
type BacktestPage struct {
	At      time.Time
	Target  string
	Person  incident.Person
	Level   int
	Why     string // incident.WhyDetected ...
	Urgency string // incident.UrgencyLow, or empty
	Night   bool
}

// BacktestSum counts the pages of one target or person.
type BacktestSum struct {
	Name  string
	Pages int
	Wakes int
}

// BacktestWeek counts a week.
type BacktestWeek struct {
	Year, Week                                int
	Incidents, Pages, Wakes, Rings, RingWakes int
}

// Bounds of one run: an incident that nobody answers is rung about for ever, which a forecast need not show.
const (
	backtestHorizon = 24 * time.Hour
	backtestTicks   = 5_000
)

// RunBacktest runs each past incident through the policy's own core, in virtual time: triggered when it was, acknowledged and resolved when
// somebody did so in PagerDuty. Each is taken by itself: alerts that Tocsin would join to an open incident count separately, so the figures
// are an upper bound. night says whether it is night for those on call, in zone.
func RunBacktest(p *incident.Policy, past []Past, o BacktestOptions, zone *time.Location, night func(time.Time) bool) Backtest {
	past = slices.Clone(past)
	slices.SortStableFunc(past, func(a, b Past) int { return cmp.Or(a.Triggered.Compare(b.Triggered), cmp.Compare(a.ID, b.ID)) })
	var out Backtest
	targets, people, rung := map[string]*BacktestSum{}, map[string]*BacktestSum{}, map[string]*BacktestSum{}
	weeks, nights := map[[2]int]*BacktestWeek{}, map[time.Time]int{}
	count := func(m map[string]*BacktestSum, name string, wake bool) {
		if m[name] == nil {
			m[name] = &BacktestSum{Name: name}
		}
		m[name].Pages++
		if wake {
			m[name].Wakes++
		}
	}
	week := func(t time.Time) *BacktestWeek {
		y, n := t.In(zone).ISOWeek()
		if weeks[[2]int{y, n}] == nil {
			weeks[[2]int{y, n}] = &BacktestWeek{Year: y, Week: n}
		}
		return weeks[[2]int{y, n}]
	}
	for n, one := range past {
		r := &backtest{policy: p, o: o, past: one, night: night}
		r.run(int64(n + 1))
		if r.cut {
			out.Cut++
		}
		week(one.Triggered).Incidents++
		for _, pg := range r.out.Pages {
			wake := pg.Night && pg.Urgency != incident.UrgencyLow
			out.Pages++
			w := week(pg.At)
			w.Pages++
			count(targets, pg.Target, wake)
			if pg.Person.Name != "" {
				count(people, pg.Person.Name, wake)
			}
			if wake {
				out.Wakes++
				w.Wakes++
				nights[evening(pg.At, zone)]++
			}
		}
		seen := map[string]bool{}
		for _, e := range one.Entries {
			if !e.Rings() || seen[cmp.Or(e.WhoID, e.Who)] {
				continue
			}
			seen[cmp.Or(e.WhoID, e.Who)] = true
			wake := night(e.At) && one.Urgency != "low"
			out.Rings++
			r.out.Rings++
			w := week(e.At)
			w.Rings++
			count(rung, cmp.Or(e.Who, e.WhoID), wake)
			if wake {
				out.RingWakes++
				w.RingWakes++
			}
		}
		out.Incidents = append(out.Incidents, r.out)
	}
	out.Targets, out.People, out.Rung = sums(targets), sums(people), sums(rung)
	for _, w := range weeks {
		out.Weeks = append(out.Weeks, *w)
	}
	slices.SortFunc(out.Weeks, func(a, b BacktestWeek) int { return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Week, b.Week)) })
	for _, d := range slices.SortedFunc(maps.Keys(nights), time.Time.Compare) {
		if nights[d] > out.WorstN {
			out.Worst, out.WorstN = d, nights[d]
		}
	}
	return out
}

// evening is the date on which the night of t began: before noon it is the day before.
func evening(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Add(-12 * time.Hour).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func sums(m map[string]*BacktestSum) []BacktestSum {
	var out []BacktestSum
	for _, s := range m {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b BacktestSum) int {
		return cmp.Or(cmp.Compare(b.Pages, a.Pages), cmp.Compare(b.Wakes, a.Wakes), strings.Compare(a.Name, b.Name))
	})
	return out
}

// backtest is the run of one incident.
type backtest struct {
	policy *incident.Policy
	o      BacktestOptions
	past   Past
	night  func(time.Time) bool

	s     incident.State
	out   BacktestIncident
	cut   bool
	ticks int
	at    time.Time // of the last act: time does not go back
}

func (r *backtest) run(number int64) {
	p := r.past
	r.out.Past = p
	ref := incident.PagerRef{ID: p.ID, Number: p.Number, Service: p.Service, Key: p.Key, Status: "triggered", Urgency: p.Urgency}
	for _, e := range p.Entries { // who was rung first is whom PagerDuty gave it to
		if e.Rings() {
			ref.Assigned = []incident.Person{{Pager: e.WhoID, Name: e.Who}}
			break
		}
	}
	title := cmp.Or(p.Title, p.ID)
	r.apply(p.Triggered, incident.Actor{System: incident.SystemPagerDuty}, incident.PagerTriggered{
		Ref: ref, Title: incident.Say(title, incident.MaxTitle), AlertName: p.Alert, Severity: p.Severity,
	}, number)
	if r.s.ID == "" {
		return
	}
	horizon := p.Triggered.Add(backtestHorizon)
	for _, e := range p.Entries {
		if e.At.Before(p.Triggered) || e.At.After(horizon) || e.Kind != PastAcknowledged && e.Kind != PastResolved {
			continue
		}
		r.until(e.At)
		if !r.s.Open() {
			continue
		}
		by := incident.Person{Pager: e.WhoID, Name: e.Who}
		switch {
		case e.Kind == PastAcknowledged && by.Zero():
			continue
		case e.Kind == PastAcknowledged:
			if r.out.Answered.IsZero() {
				r.out.Answered = e.At
			}
			r.apply(e.At, incident.Actor{Person: by}, incident.PagerChanged{Pager: p.ID, Status: "acknowledged", By: by}, number)
		default:
			r.apply(e.At, incident.Actor{Person: by}, incident.PagerChanged{Pager: p.ID, Status: "resolved", By: by}, number)
			if r.s.Open() && (r.s.RecoveredAt.IsZero() || !by.Zero()) {
				r.apply(e.At, incident.Actor{System: incident.SystemPagerDuty}, incident.Resolve{}, number)
			}
		}
	}
	if r.s.Open() {
		r.until(horizon)
		r.cut = r.s.Open() && p.Resolved().IsZero()
	}
}

// until lets time pass up to a moment: whatever is due by then is done.
func (r *backtest) until(end time.Time) {
	for r.s.Open() && r.ticks < backtestTicks {
		next := incident.NextDue(r.s)
		if next.IsZero() || next.After(end) {
			return
		}
		r.ticks++
		if !r.o.NoProgress && r.kept(next) {
			continue
		}
		before := r.s.Seq
		r.apply(next, incident.Actor{System: incident.SystemTocsin}, incident.Tick{}, 0)
		if r.s.Seq == before {
			return // nothing was due after all: it would be so for ever
		}
	}
}

// kept does, in time, what those who answered are assumed to do: it reports whether it did anything.
func (r *backtest) kept(next time.Time) bool {
	who := cmp.Or(r.s.Ladder.AcceptedBy, r.s.AcknowledgedBy)
	if who.Zero() {
		return false
	}
	at, by, before := next.Add(-time.Second), incident.Actor{Person: who}, r.s.Seq
	for _, d := range incident.Deadlines(r.s) {
		if !slices.ContainsFunc([]time.Time{d.Due, d.WarnAt, d.Remind}, func(t time.Time) bool { return !t.IsZero() && !t.After(next) }) {
			continue
		}
		question, asked := strings.CutPrefix(d.Duty, "answer-")
		switch {
		case d.Name == incident.DueProgress:
			r.apply(at, by, incident.Progress{Text: incident.Say("assumed progress", 100)}, 0)
		case d.Name == incident.DueMitigate:
			r.apply(at, by, incident.SetStatus{Status: incident.Mitigated}, 0)
		case d.Name == incident.DueUpdate:
			r.apply(at, by, incident.Update{Text: incident.Say("assumed update", 100)}, 0)
		case d.Name == incident.DueCommander:
			r.apply(at, by, incident.SetRole{Role: incident.Commander, Who: who}, 0)
		case d.Name == incident.DueImpact:
			r.apply(at, by, incident.RecordImpact{Customers: incident.TouchedNo, Regulators: incident.TouchedNo}, 0)
		case asked:
			r.apply(at, by, incident.AnswerQuestion{Question: question, Value: incident.AnswerNo, Reason: incident.Say("assumed answer", 100)}, 0)
		case d.Duty != "":
			r.apply(at, by, incident.EndDuty{Key: d.Duty, Text: incident.Say("assumed done", 100)}, 0)
		}
		if r.s.Seq != before {
			return true
		}
	}
	return false
}

// apply hands an act to the core and takes every page as sent and every channel as opened, at once.
func (r *backtest) apply(at time.Time, by incident.Actor, act incident.Act, number int64) {
	at = later(at, r.at)
	r.at = at
	s, events, err := incident.Apply(r.s, incident.Intent{At: at, Now: at, Actor: by, Via: incident.ViaPagerDuty, Act: act, Policy: r.policy, Number: number, OnCall: r.onCall(), Holidays: r.o.Holidays})
	if err != nil {
		return // a refusal: the policy does not allow it, so it did not happen
	}
	r.s = s
	if s.Severity != 0 && (r.out.Severity == 0 || s.Severity.Worse(r.out.Severity)) {
		r.out.Severity = s.Severity
	}
	for _, e := range events {
		if f, ok := e.Fact.(*incident.Paged); ok {
			pg := f.Page
			if pg.Foreign { // PagerDuty rings it, as loudly as it did
				pg.Urgency = map[string]string{"low": incident.UrgencyLow}[r.past.Urgency]
			}
			r.out.Pages = append(r.out.Pages, BacktestPage{At: at, Target: pg.Target, Person: pg.Person, Level: pg.Level, Why: pg.Why, Urgency: pg.Urgency, Night: r.night(at)})
		}
		for _, eff := range e.Effects {
			if eff.Do != incident.Ring && eff.Do != incident.OpenChannel {
				continue
			}
			r.apply(at, incident.Actor{System: incident.SystemTocsin}, incident.Report{
				Effect: incident.IDOf(r.s.ID, e.Seq, eff), Outcome: incident.OutcomeDone, Channel: "C0BACKTEST", Name: r.s.ChannelName, Attempt: 1,
			}, 0)
		}
	}
}

// onCall is who is on call at the moment of the act; a target of which nothing is known is rung as itself.
func (r *backtest) onCall() incident.OnCall {
	out := incident.OnCall{}
	if r.o.OnCall != nil {
		maps.Copy(out, r.o.OnCall(r.at))
	}
	for key := range r.policy.Targets {
		if _, known := out[key]; !known {
			out[key] = incident.Roster{People: []incident.Person{{Pager: "target:" + key}}}
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
