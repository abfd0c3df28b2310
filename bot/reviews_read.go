package bot

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// ReviewState is how something stands with its reviews.
type ReviewState struct {
	Subject string    // a runbook's id, or incident.ReviewPolicy ...
	Owner   string    // role
	Last    time.Time // the later of what people recorded and what the runbook's file says; zero: no review is known
	Change  bool      // the last one wanted something changed
	Seq     int64     // of its event in the house log; 0: the file says it
	Asked   bool      // somebody is asked for a review now
	Due     time.Time // of the earliest that is asked, else of the next; zero: not known
	Late    int       // whole days overdue, at least 1; 0: it is not
}

// ReviewStates is how every runbook of a catalogue, and what is reviewed with them, stand with their reviews: runbooks by id, then the others.
func ReviewStates(h house.State, c *runbooks.Catalogue, p *incident.Policy, now time.Time) []ReviewState {
	late := func(due time.Time) int {
		if due.IsZero() || !now.After(due) {
			return 0
		}
		return max(1, int(now.Sub(due)/(24*time.Hour)))
	}
	state := func(subject, owner string, file time.Time, every int) ReviewState {
		s := ReviewState{Subject: subject, Owner: owner, Last: file}
		if l, ok := h.Reviewed[subject]; ok && !l.At.Before(file) {
			s.Last, s.Change, s.Seq = l.At, l.How == house.ReviewChange, l.Seq
		}
		if !s.Last.IsZero() && every > 0 {
			s.Due = s.Last.AddDate(0, 0, every)
			s.Late = late(s.Due)
		}
		for _, r := range h.ReviewsOf(subject) {
			if n := late(r.Due); n > s.Late {
				s.Late = n
			}
			if !s.Asked || r.Due.Before(s.Due) {
				s.Due, s.Asked = r.Due, true
			}
		}
		return s
	}
	var out []ReviewState
	language := ""
	if p != nil { // a policy that cannot be read keeps nobody from seeing the runbooks
		language = p.Language
	}
	for _, id := range c.IDs() {
		if r, ok := c.ByID(id, language); ok {
			out = append(out, state(id, r.Owner, r.ReviewedOn, r.ReviewEvery))
		}
	}
	rule := p.ReviewRule()
	for _, s := range incident.ReviewSubjects {
		out = append(out, state(s, rule.Owners[s], time.Time{}, 0))
	}
	for _, r := range h.Reviews { // of runbooks that are no more: whoever is asked can still say so
		if !slices.ContainsFunc(out, func(s ReviewState) bool { return s.Subject == r.Subject }) {
			out = append(out, state(r.Subject, r.Owner(), time.Time{}, 0))
		}
	}
	return out
}

// HouseOf reads the house log beside a running bot.
func HouseOf(ctx context.Context, r journal.Reader) (house.State, error) {
	log, err := houseLog(ctx, r)
	var h house.State
	for _, e := range log {
		h = house.Evolve(h, e)
	}
	return h, err
}

// ReviewWanted is what the last review of something wanted changed; empty when nothing.
func ReviewWanted(ctx context.Context, r journal.Reader, h house.State, subject string) (string, error) {
	l, ok := h.Reviewed[subject]
	if !ok {
		return "", nil
	}
	return wantedChange(ctx, r, l)
}
