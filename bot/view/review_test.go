package view

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// reviewed are reviews in situations.
func reviewed() []struct {
	name string
	r    Review
} {
	used := Review{ID: "INC-42/RB-003", Subject: "RB-003", Title: "Kafka consumer lag grows", Owner: "tech lead", Incident: "INC-42", Severity: 1, Done: 5, Skipped: 1, Open: 2,
		Notes: []ReviewNote{
			{What: NoteSkipped, Number: 2, Step: "Add consumers", Text: incident.Text{Body: "Alpha has one consumer <!channel>"}},
			{What: NoteBlocked, Number: 1, Step: "Measure the lag", Text: incident.Text{Body: "the bastion host of Alpha"}, For: 35 * time.Minute},
			{What: NoteWaiting, Number: 4, Step: "Ask the supplier", Text: incident.Text{Digest: "gone"}, For: 3 * time.Hour},
			{What: NoteOver, Number: 1, Step: "Measure the lag", For: 12*time.Minute + 20*time.Second, Stated: 2 * time.Minute},
			{What: NoteFinding, Number: 3, Step: "Which partition?", Text: incident.Text{Body: "only partition 7 of Alpha grows"}},
		},
		Since: at(3, 0).AddDate(0, 0, -90), Incidents: 3, Usage: []ReviewStep{{Number: 1, Title: "Measure the lag", Done: 3, Blocked: 1, Median: "4.5"}, {Number: 2, Title: "Add consumers", Skipped: 2}, {Title: "Purge", Done: 1, Median: "1.0"}},
		Last: at(3, 0).AddDate(0, -2, 0), LastBy: lea, Change: "step 4 names the old cluster", Due: at(9, 0).AddDate(0, 0, 14), Next: "CTO"}
	hidden := used
	hidden.Private, hidden.Incident = true, ""
	elsewhere := used
	elsewhere.Elsewhere, elsewhere.Room = true, catalog.Room{ID: "C042", Name: "inc-20261121-kafka-lag"}
	late := used
	late.Overdue, late.Level, late.Next = true, 1, ""
	quarter := Review{ID: "2026-Q4/RB-000", Subject: "RB-000", Title: "No runbook fits", Owner: "incident commander", Since: at(3, 0).AddDate(0, 0, -90), Level: 1, Due: at(9, 0).AddDate(0, 0, 14), Next: "CTO"}
	return []struct {
		name string
		r    Review
	}{
		{"1 after an incident", used}, {"2 of a private incident", hidden}, {"2b not in its room", elsewhere}, {"3 overdue, the end of the chain", late}, {"4 a quarter, nobody holds the role", quarter},
		{"5 the policy", Review{ID: "2026-Q4/policy", Subject: incident.ReviewPolicy, Owner: "tech lead", Due: at(9, 0).AddDate(0, 0, 14), Next: "CTO"}},
		{"5b the policy, after an incident", Review{ID: "INC-7/policy", Subject: incident.ReviewPolicy, Incident: "INC-7", Severity: 2, Owner: "tech lead", Due: at(9, 0).AddDate(0, 0, 14), Next: "CTO"}},
		{"5c the policy, after a private incident", Review{ID: "INC-7/policy", Subject: incident.ReviewPolicy, Private: true, Owner: "tech lead", Due: at(9, 0).AddDate(0, 0, 14), Next: "CTO"}},
		{"6 the alert catalogue", Review{ID: "2026-Q4/alerts", Subject: incident.ReviewAlerts, Alerts: 13, Bare: []string{"DiskFull"}, Due: at(9, 0).AddDate(0, 0, 14), Next: "CTO"}},
		{"7 the access table", Review{ID: "2026-Q4/access", Subject: incident.ReviewAccess, Where: "https://wiki.example.com/access", Due: at(9, 0).AddDate(0, 0, 14)}},
	}
}

func TestReviewGoldens(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		v := Voice{Language: lang, Command: "/incident", Zone: tunis}
		for _, x := range reviewed() {
			c := v.ReviewCard(x.r)
			b.WriteString("### " + x.name + "\n" + reviewText(c) + "\n")
			checkCard(t, x.name+"."+lang, c)
			checkHarmless(t, x.name+"."+lang, c)
		}
		b.WriteString("### the list\n" + reviewText(v.ReviewsCard([]ReviewRow{{Subject: "RB-003", Title: "Kafka consumer lag grows", Owner: "tech lead", Asked: true, Due: at(9, 0), Late: 12}, {Subject: "policy", Owner: "CTO", Asked: true, Due: at(9, 0)}})) + "\n")
		golden(t, "reviews."+lang+".txt", b.String())
	}
}

// The card of a private incident says nothing that only its people may read, however long everything is, and stays inside Slack's limits.
func TestReviewOfAPrivateIncidentHidesItsTexts(t *testing.T) {
	r := reviewed()[1].r
	r.Severity, r.Change = 1, ""
	for range 40 {
		r.Notes = append(r.Notes, r.Notes[0])
		r.Usage = append(r.Usage, ReviewStep{Number: 1, Title: strings.Repeat("long ", 40), Done: 1, Median: "1.0"})
	}
	for _, lang := range catalog.Languages() {
		c := Voice{Language: lang, Zone: tunis}.ReviewCard(r)
		text := reviewText(c)
		for _, secret := range []string{"Alpha", "INC-42", "SEV-1"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: it says %q:\n%s", lang, secret, text)
			}
		}
		checkCard(t, lang, c)
	}
}

func reviewText(c Card) string {
	var b strings.Builder
	for _, x := range c.Blocks {
		switch x := x.(type) {
		case Section:
			b.WriteString(x.Text.Plain(tunis) + "\n")
		case Small:
			b.WriteString("  " + x.Text.Plain(tunis) + "\n")
		case Actions:
			for _, e := range x.Elements {
				if k, ok := e.(Button); ok {
					b.WriteString("[" + k.Label.Plain(tunis) + "] ")
				}
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
