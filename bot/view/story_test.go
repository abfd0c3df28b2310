package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// TestEveryEffectOfANightCanBeDrawn drives the real core through a night nobody wishes for and draws whatever it asks to be said.
// Run it with -v to read the night.
func TestEveryEffectOfANightCanBeDrawn(t *testing.T) {
	for _, lang := range catalog.Languages() {
		drawn := map[string]int{}
		var st incident.State
		p := policy(lang)
		p.MoreTime, p.FirstPage = 15*time.Minute, incident.FirstPageTocsin
		for key, target := range p.Targets {
			target.Address.RoutingKey = "KEY_" + strings.ToUpper(key)
			p.Targets[key] = target
		}
		roster := func(who incident.Person) incident.Roster {
			return incident.Roster{People: []incident.Person{who}, Source: "test", SeenAt: at(3, 0)}
		}
		ceo := incident.Person{Slack: "U0CEO", Name: "Viktor"}
		onCall := incident.OnCall{"primary": roster(lea), "secondary": roster(marc), "tech_lead": roster(nadia), "cto": roster(ceo), "ceo": roster(ceo), "compliance": roster(olga)}
		do := func(now time.Time, who incident.Actor, via incident.Via, act incident.Act) {
			t.Helper()
			next, events, err := incident.Apply(st, incident.Intent{At: now, Now: now, Actor: who, Via: via, Act: act, Policy: p, Number: 42, OnCall: onCall,
				Runbooks: []incident.RunbookRef{{ID: "RB-001", Digest: "d", Language: lang, Steps: []string{"which", "traces", "db"}}}})
			if err != nil {
				t.Fatalf("%T at %s: %v", act, now, err)
			}
			st = next
			for _, e := range events {
				for _, f := range e.Effects {
					src := Source{State: st, Event: e, Deadlines: incident.Deadlines(st), Zone: tunis, Now: now, Step: stepTwo,
						Owed: incident.Owed{ID: incident.IDOf(st.ID, e.Seq, f), Incident: st.ID, Seq: e.Seq, At: e.RecordedAt, Effect: f, Attempt: 1}}
					show(t, src, lang, drawn)
				}
			}
		}
		tick := func(h, m int) { do(at(h, m), tocsin, incident.ViaClock, incident.Tick{}) }
		do(at(3, 7), incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, incident.AlertsFired{Title: incident.Text{Body: "Checkout is down"},
			Set: incident.AlertSet{Group: "g", Name: "ApiErrorRateHigh", Firing: 3, StartsAt: at(3, 6), Labels: []incident.Label{{Name: "service", Value: "checkout"}}}})
		do(at(3, 7), by(lea), incident.ViaSlack, incident.SetSeverity{Severity: 1, Reason: incident.Text{Body: "30 % of tenants"}})
		do(at(3, 7), tocsin, incident.ViaOutbox, incident.Report{Effect: st.ChannelEff, Outcome: incident.OutcomeDone, Channel: "C042", Name: st.ChannelName})
		do(at(3, 7), tocsin, incident.ViaOutbox, incident.Report{Effect: effectOf(st, "post/headline"), Outcome: incident.OutcomeDone, Channel: "C042", TS: "1.1"})
		tick(3, 10)
		tick(3, 12)
		do(at(3, 13), by(lea), incident.ViaSlack, incident.Ack{})
		tick(3, 25)
		tick(3, 28)
		do(at(3, 29), by(nadia), incident.ViaSlack, incident.SetRole{Role: incident.Comms, Who: nadia})
		do(at(3, 30), by(nadia), incident.ViaSlack, incident.Ack{})
		do(at(3, 31), by(nadia), incident.ViaSlack, incident.Update{Text: incident.Text{Body: "Payments fail."}})
		do(at(3, 32), by(lea), incident.ViaSlack, incident.SetRole{Role: incident.Commander})
		tick(3, 40)
		tick(3, 58)
		tick(4, 1)
		tick(4, 35)
		for m := range 40 {
			tick(4+(36+m)/60, (36+m)%60)
		}
		do(at(6, 0), by(lea), incident.ViaSlack, incident.SetSeverity{Severity: 2, Reason: incident.Text{Body: "fewer tenants"}})
		do(at(6, 1), by(lea), incident.ViaSlack, incident.Resolve{Text: incident.Text{Body: "rolled back"}})
		do(at(6, 2), by(lea), incident.ViaSlack, incident.Reopen{Reason: incident.Text{Body: "it is back"}})
		do(at(6, 3), by(lea), incident.ViaSlack, incident.Cancel{Reason: incident.Text{Body: "a load test"}})
		do(at(6, 4), tocsin, incident.ViaSlack, incident.Late{Posts: incident.LatePosts{From: at(3, 20), To: at(3, 50), Effects: []incident.EffectID{"INC-42/9/post/update"}}})
		for _, want := range []string{"headline", "announcement", "topic", "purpose", "step", "page", "escalation", "warn", "standdown", "told", "role-ask", "severity", "update", "update-missed", "commander-missing", "ladder-end", "resolved", "cancelled", "reopened", "late"} {
			if drawn[want] == 0 {
				t.Errorf("%s: this night never asked for %q", lang, want)
			}
		}
	}
}

// effectOf is the id of the newest effect of a name: the core numbers events, a test follows.
func effectOf(st incident.State, name string) incident.EffectID {
	return incident.IDOf(st.ID, st.Seq, incident.Effect{Name: name})
}

// show draws what an effect asks for and holds it to what every card promises.
func show(t *testing.T, src Source, lang string, drawn map[string]int) {
	t.Helper()
	f := src.Owed.Effect
	if f.View == "" {
		return
	}
	drawn[f.View]++
	to := f.To
	for _, p := range f.People {
		to += " " + nameOf(p)
	}
	head := lang + " " + src.Now.In(tunis).Format("15:04") + " " + f.Name + " -> " + to
	switch {
	case f.View == incident.ViewPage:
		summary, body := PageText(src)
		t.Logf("%s\n%s\n%s", head, summary, body)
	case f.Do == incident.NotePage:
		note := NoteText(src)
		if note == "" {
			t.Errorf("%s: an empty note", head)
		}
		t.Logf("%s\n%s", head, note)
	default:
		c, err := Render(src)
		if err != nil {
			t.Fatal(err)
		}
		if f.View != incident.ViewTopic && f.View != incident.ViewPurpose {
			checkCard(t, head, c)
		}
		checkRead(t, head, c)
		t.Logf("%s\n%s", head, Plain(c, tunis))
	}
}

// checkRead refuses what would read as a fault: an argument or a time that is not there, a rung nobody, a key instead of words.
func checkRead(t *testing.T, name string, c Card) {
	t.Helper()
	for _, x := range texts(c) {
		s := x.Plain(tunis)
		if i := slices.IndexFunc(x, func(p catalog.Span) bool {
			return p.Kind == catalog.Moment && p.At.Year() < 2026 || p.Kind != catalog.Block && leftover.MatchString(p.S)
		}); i >= 0 || strings.Contains(s, "–, ") || strings.Contains(s, " by –") || strings.Contains(s, "since –") || strings.Contains(s, "  .") || strings.Contains(s, "the  is") {
			t.Errorf("%s reads %q", name, s)
		}
	}
}
