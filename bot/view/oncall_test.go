package view

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// What people are told of their duties, and what the answers about duties show, in both languages.
func TestDutiesAsTheyAreShown(t *testing.T) {
	sam, lea := incident.Person{Slack: "U0SAM", Name: "Sam"}, incident.Person{Slack: "U0LEA", Name: "Léa"}
	title := map[string]string{"en": "on-call engineer", "fr": "ingénieur d'astreinte"}
	leg := CoverLeg{Of: sam, By: lea, From: at(18, 0), To: at(22, 0)}
	own := Cover{N: 7, Title: title, Key: "primary", Legs: []CoverLeg{leg}}
	with := func(change func(*Cover)) Cover { c := own; change(&c); return c }
	down := errors.New("PagerDuty: override schedule PSCHED: no answer: EOF")
	row := Row{ID: "INC-42", Title: "Checkout is down", Severity: incident.SEV1, Status: incident.Investigating}
	long := with(func(c *Cover) {
		c.Pager, c.Legs = true, nil
		for i := range 12 {
			c.Legs = append(c.Legs, CoverLeg{Of: sam, By: lea, From: at(9, 0).AddDate(0, 0, i), To: at(17, 0).AddDate(0, 0, i)})
		}
	})
	cards := []struct {
		name string
		card func(v Voice) Card
	}{
		{"cover", func(v Voice) Card { return v.CoverCard(own, []incident.Person{lea}, nil) }},
		{"cover-pager", func(v Voice) Card {
			return v.CoverCard(with(func(c *Cover) { c.Pager = true }), []incident.Person{lea}, nil)
		}},
		{"cover-waits", func(v Voice) Card {
			return v.CoverCard(with(func(c *Cover) { c.Pager, c.Waits = true, true }), nil, down)
		}},
		{"cover-many-legs", func(v Voice) Card { return v.CoverCard(long, nil, nil) }},
		{"covers", func(v Voice) Card {
			return v.CoversCard([]Cover{own, with(func(c *Cover) { c.N, c.Pager = 8, true }), with(func(c *Cover) { c.N, c.Pager, c.Waits = 9, true, true }),
				with(func(c *Cover) { c.N, c.Pager, c.Waits, c.Off = 10, true, true, true })})
		}},
		{"covers-none", func(v Voice) Card { return v.CoversCard(nil) }},
		{"oncall", func(v Voice) Card {
			return v.OnCallCard([]OnCall{
				{Key: "primary", Title: title, People: []incident.Person{lea}, Until: at(22, 0), Next: sam, Cover: 7, Turn: sam, Source: OnCallByPager, ReadAt: at(18, 0)},
				{Key: "secondary", People: []incident.Person{sam}, Since: at(9, 0), Source: OnCallByFile, ReadAt: at(18, 0)},
				{Key: "cto", Source: OnCallByPeople},
				{Key: "executive", People: []incident.Person{sam}, Source: OnCallByPager, ReadAt: at(9, 0), Unread: true},
			})
		}},
		{"oncall-none", func(v Voice) Card { return v.OnCallCard(nil) }},
	}
	for _, n := range []Notice{
		{What: "covers", By: sam}, {What: "covered", By: incident.Person{Slack: "U0PRIM", Name: "Marc"}}, {What: "uncover", By: sam}, {What: "stands", By: sam}, {What: "lifted", By: sam},
		{What: "not-taken", By: sam, Why: errors.New("PagerDuty: override schedule PSCHED: answered 403")}, {What: "not-taken", By: sam},
		{What: "incoming"}, {What: "outgoing", Open: []Row{row}},
	} {
		n.Cover, n.Leg = own, leg
		name := "notice-" + n.What
		if n.Why != nil {
			name += "-why"
		}
		cards = append(cards, struct {
			name string
			card func(v Voice) Card
		}{name, func(v Voice) Card { return v.NoticeCard(n) }})
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		for _, c := range cards {
			card := c.card(Voice{Language: lang, Command: "/incident"})
			checkCard(t, c.name+"."+lang, card)
			b.WriteString("== " + c.name + "\n" + Plain(card, paris) + "\n")
		}
		golden(t, "duties."+lang+".txt", b.String())
	}
}
