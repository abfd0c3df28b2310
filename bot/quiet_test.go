package bot_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/commands"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// night is an incident of the default policy that begins on a Friday night with its runbook, as the engine gives it, and in which everything is
// carried out at once and nobody moves.
type quietNight struct {
	t      *testing.T
	p      *incident.Policy
	refs   []incident.RunbookRef
	onCall incident.OnCall
	s      incident.State
	begun  time.Time
	now    time.Time
	posts  []string // by the bot in channels: rooms, announcements, #ops-alerts
	direct int
}

func (n *quietNight) do(who incident.Actor, via incident.Via, act incident.Act) {
	n.t.Helper()
	next, events, err := incident.Apply(n.s, incident.Intent{At: n.now, Now: n.now, Actor: who, Via: via, Act: act, Policy: n.p, Number: 42, OnCall: n.onCall, Runbooks: n.refs})
	if err != nil {
		n.t.Fatalf("%T at %s: %v", act, n.now.Sub(n.begun), err)
	}
	n.s = next
	var reports []incident.Report
	for _, e := range events {
		for _, f := range e.Effects {
			o := incident.Owed{ID: incident.IDOf(n.s.ID, e.Seq, f), Incident: n.s.ID, Seq: e.Seq, At: e.RecordedAt, Effect: f, Attempt: 1}
			if !incident.StillOwed(n.s, o) {
				continue
			}
			rep := incident.Report{Effect: o.ID, Outcome: incident.OutcomeDone, Attempt: 1, Channel: "C0ROOM", TS: fmt.Sprintf("%d.%d", e.Seq, len(reports))}
			switch f.Do {
			case incident.OpenChannel:
				rep.Name = f.Arg
			case incident.Ring:
				rep.Pager = "Q" + f.Page
			case incident.Direct:
				n.direct++
			case incident.Post:
				where := "room"
				if f.To != incident.ToIncident {
					where, rep.Channel = f.To, "C0"+strings.ToUpper(f.To)
				}
				n.posts = append(n.posts, fmt.Sprintf("%6s %-9s %s %s", n.now.Sub(n.begun), where, f.View, f.Arg))
			}
			if f.Facts() {
				reports = append(reports, rep)
			}
		}
	}
	for _, r := range reports {
		n.do(incident.Actor{System: incident.SystemTocsin}, incident.ViaOutbox, r)
	}
}

// until lets the clock go on, up to so long after the beginning.
func (n *quietNight) until(d time.Duration) {
	n.t.Helper()
	for range 1000 {
		next := incident.NextDue(n.s)
		if next.IsZero() || next.After(n.begun.Add(d)) {
			n.now = n.begun.Add(d)
			return
		}
		if next.After(n.now) {
			n.now = next
		}
		n.do(incident.Actor{System: incident.SystemTocsin}, incident.ViaClock, incident.Tick{})
	}
	n.t.Fatalf("the clock does not get on at %s", n.now.Sub(n.begun))
}

// TestTheBotIsQuiet counts what Tocsin posts while nobody moves, for every alert of the catalogue with the runbook that starts by itself, and
// for what people declare: at most 8 posts in the first 15 minutes of a SEV-1 or SEV-2, at most 5 in the first hour of a SEV-3 or SEV-4. Every
// post to a channel counts: those in the incident's room, its announcement, and its card in #ops-alerts. Edits of a message do not, and direct
// messages are counted beside.
func TestTheBotIsQuiet(t *testing.T) {
	all, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	def, _ := policy.Default()
	for _, lang := range []string{"en", "fr"} {
		p := def
		p.Language = lang
		if err := p.Bind(); err != nil {
			t.Fatal(err)
		}
		if len(p.Alerts) < 13 {
			t.Fatalf("%d alerts in the catalogue", len(p.Alerts))
		}
		begins := slices.Sorted(maps.Keys(p.Alerts))
		for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
			begins = append(begins, sev.String())
		}
		for _, begin := range begins {
			n := &quietNight{t: t, p: &p, begun: time.Date(2026, 11, 20, 23, 50, 0, 0, time.UTC), onCall: incident.OnCall{}}
			n.now = n.begun
			for i, target := range slices.Sorted(maps.Keys(p.Targets)) {
				who := incident.Person{Slack: fmt.Sprint("U0", i), Pager: fmt.Sprint("P0", i), Name: target}
				n.onCall[target] = incident.Roster{People: []incident.Person{who}, Source: "policy", SeenAt: n.begun}
			}
			if _, ok := p.Alerts[begin]; ok {
				r, ok := all.ByAlert(begin, lang)
				if !ok { // as the engine chooses
					if r, ok = all.Generic(lang); !ok {
						t.Fatalf("%s has no runbook", begin)
					}
				}
				n.refs = []incident.RunbookRef{commands.RefOf(r)}
				n.do(incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, incident.AlertsFired{Title: incident.Text{Body: begin + " on kyc-svc"},
					Set: incident.AlertSet{Group: "g", Name: begin, Firing: 1, StartsAt: n.begun, Digest: "d", Labels: []incident.Label{{Name: "service", Value: "kyc-svc"}}}})
				if len(n.s.Runbooks) != 1 {
					t.Errorf("%s: its runbook did not start", begin)
				}
			} else {
				sev := incident.Severity(slices.Index(begins, begin) - len(p.Alerts) + 1)
				n.do(incident.Actor{Person: incident.Person{Slack: "U0NADIA", Name: "Nadia"}}, incident.ViaSlack, incident.Declare{Title: incident.Text{Body: "checkout is down"}, Severity: sev})
			}
			in, most := time.Hour, 5
			if n.s.Severity <= incident.SEV2 {
				in, most = 15*time.Minute, 8
			}
			n.until(in)
			t.Logf("%s %-28s %s: %d posts in channels (at most %d) and %d direct messages in the first %s", lang, begin, n.s.Severity, len(n.posts), most, n.direct, in)
			if len(n.posts) > most || len(n.posts) == 0 {
				t.Errorf("%s: %d posts in the first %s, at most %d are read\n%s", begin, len(n.posts), in, most, strings.Join(n.posts, "\n"))
			}
		}
	}
}
