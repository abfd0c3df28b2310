package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Limits of what a reader of the logs takes in.
const (
	readBatch    = 1000
	maxReported  = 100_000 // incidents
	maxHouseRead = 5_000_000
)

// houseLog reads the whole house log.
func houseLog(ctx context.Context, r journal.Reader) ([]house.Event, error) {
	var out []house.Event
	for from := int64(1); len(out) < maxHouseRead; {
		records, err := r.Records(ctx, journal.House, from, readBatch)
		if err != nil {
			return nil, fmt.Errorf("read the house log: %w", err)
		}
		for _, rec := range records {
			e, err := journal.DecodeHouse(rec)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		if len(records) < readBatch {
			break
		}
		from = records[len(records)-1].Seq + 1
	}
	return out, nil
}

// OnCallNow is who has a duty now, and the shifts that follow.
type OnCallNow struct {
	Target string
	Title  map[string]string
	People []house.Person // now, as the log or the rotation has it; empty: nobody is known
	Until  time.Time      // zero: not known, or without end
	Source string         // of the roster
	SeenAt time.Time
	Next   []house.Shift // of a rotation of the policy file; empty for what PagerDuty keeps
}

// OnCallList says who has each duty of a policy now, in the order they are rung, with up to n shifts to come. It reads the log beside a
// running bot, and asks nobody.
func OnCallList(ctx context.Context, r journal.Reader, policyPath string, n int) ([]OnCallNow, error) {
	p, err := readPolicy(policyPath)
	if err != nil {
		return nil, err
	}
	log, err := houseLog(ctx, r)
	if err != nil {
		return nil, err
	}
	now, err := r.Now(ctx)
	if err != nil {
		return nil, err
	}
	var h house.State
	for _, e := range log {
		h = house.Evolve(h, e)
	}
	var out []OnCallNow
	for _, key := range targetsInOrder(&p.file.Policy) {
		t := p.file.Policy.Targets[key]
		seen := h.Rosters[key]
		o := OnCallNow{Target: key, Title: t.Title, People: seen.People, Source: seen.Source, SeenAt: seen.SeenAt}
		if rot, ok := p.file.Rotations[t.Rotation]; ok {
			rota, err := rot.Bind(h.Covers)
			if err != nil {
				return nil, err
			}
			s := rota.At(now)
			o.People, o.Source, o.SeenAt = []house.Person{personByMail(h, s.Person)}, sourcePolicy, now
			at := now
			for range n {
				next, ok := rota.Next(at)
				if !ok {
					break
				}
				if o.Until.IsZero() {
					o.Until = next.From
				}
				// The shift ends where somebody else begins, whatever turns lie between.
				if after, more := rota.Next(next.From); more {
					next.To = after.From
				}
				o.Next = append(o.Next, next)
				at = next.From
			}
		}
		out = append(out, o)
	}
	return out, nil
}

// personByMail is a person by address, with the name the log knows.
func personByMail(h house.State, mail string) house.Person {
	for _, target := range slices.Sorted(maps.Keys(h.Rosters)) {
		for _, p := range h.Rosters[target].People {
			if p.Email == mail {
				return p
			}
		}
	}
	return house.Person{Email: mail}
}

// OnCallReport counts what a month ("2026-11") of on-call asked of people: from the rosters and covers of the house log, the policy's
// rotations and the incidents' logs. Announced holidays count as those of the policy do. It works beside a running bot. The month is that of the policy's zone, working time the calendar's that
// counts where a service names none; what is to come is not counted.
func OnCallReport(ctx context.Context, r journal.Reader, policyPath, month string) (house.OnCallReport, error) {
	p, err := readPolicy(policyPath)
	if err != nil {
		return house.OnCallReport{}, err
	}
	pol := &p.file.Policy
	if pol.BusinessTime("") == nil {
		return house.OnCallReport{}, &catalog.Said{Key: "cli.oncall.no-calendar"}
	}
	first, err := time.ParseInLocation("2006-01", month, pol.Location())
	if err != nil {
		return house.OnCallReport{}, &catalog.Said{Key: "cli.oncall.no-month", Args: catalog.Args{"word": catalog.Quoted(month)}, Err: err}
	}
	log, err := houseLog(ctx, r)
	if err != nil {
		return house.OnCallReport{}, err
	}
	now, err := r.Now(ctx)
	if err != nil {
		return house.OnCallReport{}, err
	}
	shifts, err := servedShifts(log, p, first, now)
	if err != nil {
		return house.OnCallReport{}, err
	}
	pages, err := rungPages(ctx, r, mailsOf(log), first, first.AddDate(0, 1, 0))
	if err != nil {
		return house.OnCallReport{}, err
	}
	var h house.State
	for _, e := range log {
		h = house.Evolve(h, e)
	}
	business := pol.BusinessTimeWith("", engine.AnnouncedDays(h))
	split := func(from, to time.Time) ([]house.Stretch, error) {
		parts, err := business.Split(from, to)
		out := make([]house.Stretch, len(parts))
		for i, x := range parts {
			out[i] = house.Stretch{From: x.From, To: x.To, Kind: house.Kind(x.Class), AtNight: x.Night}
		}
		return out, err
	}
	return house.Report(month, pol.Zone, shifts, pages, split)
}

// servedShifts are the shifts that were served from the beginning of a month until now, by target: as the rosters were seen, and where a
// rotation of the policy in force says the same at the beginning of what was seen, by it, so that a hand-over the bot slept through counts.
func servedShifts(log []house.Event, p *policies, first, now time.Time) ([]house.Shift, error) {
	type seen struct {
		from   time.Time
		people []house.Person
	}
	by := map[string][]seen{}
	for _, e := range log {
		f, ok := e.Fact.(*house.RosterSeen)
		if !ok {
			continue
		}
		list, from := by[f.Target], e.At
		if n := len(list); !f.Since.IsZero() && f.Since.Before(from) && (n == 0 || f.Since.After(list[n-1].from)) {
			from = f.Since
		}
		by[f.Target] = append(list, seen{from, f.People})
	}
	covers := house.Covers(log)
	end := now
	if last := first.AddDate(0, 1, 1); last.Before(end) { // a day more, for zones
		end = last
	}
	var out []house.Shift
	for _, target := range slices.Sorted(maps.Keys(by)) {
		t := p.file.Policy.Targets[target]
		if t.Rotation == "" && t.Schedule == "" && t.Address.EscalationPolicy == "" {
			continue // named people are not on call by turns
		}
		var rota *house.Rota
		if r, ok := p.file.Rotations[t.Rotation]; ok {
			a, err := r.Bind(covers)
			if err != nil {
				return nil, err
			}
			rota = a
		}
		for i, s := range by[target] {
			to := end
			if i+1 < len(by[target]) && by[target][i+1].from.Before(to) {
				to = by[target][i+1].from
			}
			from := s.from
			if from.Before(first.AddDate(0, 0, -1)) {
				from = first.AddDate(0, 0, -1)
			}
			if !to.After(from) {
				continue
			}
			if rota != nil && len(s.people) == 1 && rota.At(s.from).Person == s.people[0].Email {
				shifts, err := rota.Shifts(from, to)
				if err != nil {
					return nil, err
				}
				for _, x := range house.Clip(shifts, from, to) {
					x.Rotation = target
					out = append(out, x)
				}
				continue
			}
			for _, who := range s.people {
				out = append(out, house.Shift{Rotation: target, From: from, To: to, Person: mailOr(who), Turn: mailOr(who)})
			}
		}
	}
	return out, nil
}

func mailOr(p house.Person) string {
	for _, s := range []string{p.Email, p.Name, p.Slack, p.Pager} {
		if s != "" {
			return s
		}
	}
	return "?"
}

// mailsOf are the addresses of everybody a roster ever named, by each of their ids.
func mailsOf(log []house.Event) map[string]string {
	out := map[string]string{}
	for _, e := range log {
		if f, ok := e.Fact.(*house.RosterSeen); ok {
			for _, p := range f.People {
				for _, id := range []string{p.Slack, p.Pager} {
					if id != "" && p.Email != "" {
						out[id] = p.Email
					}
				}
			}
		}
	}
	return out
}

// rungPages are the pages that rang between two moments, in all incidents.
func rungPages(ctx context.Context, r journal.Reader, mails map[string]string, from, to time.Time) ([]house.Page, error) {
	rows, err := engine.List(ctx, r, false, maxReported)
	if err != nil {
		return nil, err
	}
	mail := func(p incident.Person) string {
		for _, id := range []string{p.Slack, p.Pager} {
			if m := mails[id]; id != "" && m != "" {
				return m
			}
		}
		return mailOr(house.Person{Name: p.Name, Slack: p.Slack, Pager: p.Pager})
	}
	var out []house.Page
	for _, row := range rows {
		if !row.Declared.Before(to.AddDate(0, 0, 1)) {
			continue
		}
		var events []incident.Event
		for at := int64(1); ; {
			page, err := engine.Events(ctx, r, row.ID, at, readBatch)
			if err != nil {
				return nil, err
			}
			events = append(events, page...)
			if len(page) < readBatch {
				break
			}
			at = page[len(page)-1].Seq + 1
		}
		if len(events) == 0 || events[len(events)-1].RecordedAt.Before(from.AddDate(0, 0, -1)) {
			continue
		}
		by := map[string]incident.Person{} // who answered a page
		for _, e := range events {
			if f, ok := e.Fact.(*incident.PageChanged); ok && f.Status == incident.PageAnswered {
				by[f.Key] = f.By
			}
		}
		s := incident.Replay(events)
		for _, p := range incident.Pages(events) {
			if p.SentAt.IsZero() && !p.Foreign {
				continue // it never rang
			}
			who, answered := by[p.Key]
			if who.Zero() {
				who = p.Person
			}
			if who.Zero() {
				continue // nobody knows whose phone it was
			}
			out = append(out, house.Page{At: p.At, Person: mail(rungPerson(p, who)), Rotation: p.Target, Incident: string(row.ID), Answered: answered && (p.Person.Zero() || p.Person.Same(who)), Noise: s.Status == incident.Cancelled})
			if answered && !p.Person.Zero() && !p.Person.Same(who) { // somebody else took it: theirs was the intervention
				out = append(out, house.Page{At: p.At, Person: mail(who), Rotation: p.Target, Incident: string(row.ID), Answered: true, Noise: s.Status == incident.Cancelled})
			}
		}
	}
	return out, nil
}

// rungPerson is whose phone a page rang: the person it was meant for, where nobody is known who answered it.
func rungPerson(p incident.Page, answered incident.Person) incident.Person {
	if p.Person.Zero() {
		return answered
	}
	return p.Person
}
