package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// links are the links of a card, as label and address.
func links(c Card) []string {
	var out []string
	for _, b := range c.Blocks {
		var t catalog.Text
		switch b := b.(type) {
		case Small:
			t = b.Text
		case Section:
			t = b.Text
		}
		for _, s := range t {
			if s.Kind == catalog.Link {
				out = append(out, s.S+" "+s.URL)
			}
		}
	}
	return out
}

// The headline names the team of the service and leads to its first three dashboards; what is no address of the web becomes no link, and words
// of the file stay words.
func TestTheHeadlineLeadsToTheDashboards(t *testing.T) {
	for _, lang := range catalog.Languages() {
		st := running(lang)
		p := *st.Policy
		p.Services = map[string]incident.Service{"checkout": {Key: "checkout", Team: "Payments <!channel>", Dashboards: []incident.Link{
			{Title: "Latency", URL: "https://grafana.example/d/1"}, {Title: "Run it", URL: "javascript:alert(1)"}, {Title: "Broken", URL: "https://x|<!channel>"},
			{Title: "Long", URL: "https://x/" + strings.Repeat("a", 600)}, {Title: "Errors <https://evil|here>", URL: "https://grafana.example/d/2?var=a&b"},
			{Title: "Pods", URL: "http://grafana.intern/d/3"}, {Title: "Fourth", URL: "https://grafana.example/d/4"},
		}}}
		st.Policy = &p
		card, err := Render(Source{State: st, Language: lang, Owed: incident.Owed{Effect: incident.Effect{View: incident.ViewHeadline}}})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"Latency https://grafana.example/d/1", "Errors <https://evil|here> https://grafana.example/d/2?var=a&b", "Pods http://grafana.intern/d/3"}
		if got := links(card); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
		team := false
		for _, b := range card.Blocks {
			if s, is := b.(Section); is {
				for _, x := range s.Text {
					team = team || x.Kind == catalog.Plain && strings.Contains(x.S, "checkout (Payments <!channel>)")
				}
			}
		}
		if !team {
			t.Errorf("%s: the team is not named: %+v", lang, card.Blocks[1])
		}
		// Of a private incident PagerDuty and the others hear neither.
		st.Private = &incident.Privacy{}
		title, body := PageText(Source{State: st, Language: lang, Owed: incident.Owed{Effect: incident.Effect{View: incident.ViewPage, Page: st.Pages[0].Key}}})
		if all := title + body; strings.Contains(all, "Payments") || strings.Contains(all, "grafana") {
			t.Errorf("%s: %q", lang, all)
		}
	}
}
