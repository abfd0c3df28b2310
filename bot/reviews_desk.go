package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// reviewDesk is what is to be reviewed, as the desk sees it.
type reviewDesk struct{ b *Bot }

var _ commands.Reviews = (*reviewDesk)(nil)

// Reviews implements commands.Reviews.
func (d *reviewDesk) Reviews(ctx context.Context, language string) ([]view.ReviewRow, error) {
	h, err := d.b.engine.House(ctx)
	if err != nil {
		return nil, err
	}
	var out []view.ReviewRow
	for _, s := range ReviewStates(h, d.b.library.catalogue.Load(), d.b.Policy(), d.b.clock.Now()) {
		if s.Asked || s.Late > 0 {
			out = append(out, view.ReviewRow{Subject: s.Subject, Title: d.title(s.Subject, language), Owner: d.b.Policy().TargetTitle(s.Owner, language), Last: s.Last, Change: s.Change, Asked: s.Asked, Due: s.Due, Late: s.Late})
		}
	}
	slices.SortStableFunc(out, func(a, b view.ReviewRow) int {
		if c := cmp.Compare(b.Late, a.Late); c != 0 {
			return c
		}
		return a.Due.Compare(b.Due)
	})
	return out, nil
}

func (d *reviewDesk) title(subject, language string) string {
	if r, ok := d.b.library.ByID(subject, language); ok {
		return r.Title
	}
	return ""
}

// Review implements commands.Reviews.
func (d *reviewDesk) Review(ctx context.Context, a commands.ReviewAnswer) (commands.ReviewResult, *house.Refusal, error) {
	b := d.b
	h, err := b.engine.House(ctx)
	if err != nil {
		return commands.ReviewResult{}, nil, err
	}
	out := commands.ReviewResult{Subject: a.Subject, Title: d.title(a.Subject, a.Language)}
	book, known := b.library.ByID(a.Subject, b.Policy().Language)
	open := h.ReviewsOf(a.Subject)
	if !known && len(open) == 0 && !slices.Contains(incident.ReviewSubjects, a.Subject) {
		return commands.ReviewResult{Unknown: true}, nil, nil
	}
	rule, owner, digest := b.Policy().ReviewRule(), "", ""
	if known {
		owner, digest = book.Owner, book.Digest
	} else {
		owner = rule.Owners[a.Subject]
	}
	by := house.Person{Slack: a.Who.Slack, Pager: a.Who.Pager, Name: a.Who.Name}
	in := house.Intent{At: a.At, ReviewChain: rule.ReviewChain(owner)}
	if in.Reviewers, err = d.holders(ctx, open, in.ReviewChain); err != nil {
		return out, nil, err
	}
	var facts []house.Fact
	if a.How != commands.ReviewLater {
		facts = append(facts, &house.ReviewEnded{ID: a.ID, Subject: a.Subject, How: a.How, Text: house.Text{Body: a.Text}, Who: by, Digest: digest})
	} else {
		now, work := b.clock.Now(), b.workingTime(h)
		out.Until = work.next(work.days(now, 1))
		for _, r := range open {
			if a.ID == "" || r.ID == a.ID {
				facts = append(facts, &house.ReviewPut{ID: r.ID, Who: by, Until: out.Until})
			}
		}
		if len(facts) == 0 {
			facts = append(facts, &house.ReviewPut{ID: cmp.Or(a.ID, "/"+a.Subject), Who: by, Until: out.Until})
		}
	}
	for i, f := range facts {
		key := a.Key
		if i > 0 && key != "" {
			key += "/" + f.Type() + "/" + strconv.Itoa(i)
		}
		in.Fact = f
		_, err := b.engine.RecordHouse(ctx, key, in)
		if no, ok := errors.AsType[*house.Refusal](err); ok {
			return out, no, nil
		}
		if err != nil {
			return out, nil, err
		}
	}
	if a.How == commands.ReviewLater {
		if h, err = b.engine.House(ctx); err != nil {
			return out, nil, err
		}
		for _, r := range h.ReviewsOf(a.Subject) { // nobody puts it off beyond its time
			if r.ID == a.ID || a.ID == "" {
				out.Until = r.Next
			}
		}
	}
	return out, nil, nil
}

// holders are all who hold a role of the chains of some reviews.
func (d *reviewDesk) holders(ctx context.Context, open []house.Review, chain []string) ([]house.Person, error) {
	on, err := d.b.engine.OnCall(ctx)
	if err != nil {
		return nil, err
	}
	var out []house.Person
	for _, r := range append(slices.Clone(open), house.Review{Chain: chain}) {
		for i := range r.Chain {
			for _, p := range d.b.reviewers(ctx, r, on, i) {
				out = append(out, house.Person{Slack: p.Slack, Pager: p.Pager, Name: p.Name})
			}
		}
	}
	return out, nil
}
