package view

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// secret is the title of the private incidents here: it must be read by nobody but those involved.
const secret = "canary-title"

// zoe is not part of it.
var zoe = incident.Person{Slack: "U0ZOE", Name: "Zoé"}

// closed is an incident that went private at 03:12, after it was announced and a page was sent.
func closed(st incident.State, why string) incident.State {
	return edited(st, func(s *incident.State) {
		s.Title = incident.Text{Body: secret}
		s.Private = &incident.Privacy{At: at(3, 12), By: incident.Actor{Person: lea}, Why: why, Seq: 9, Old: []incident.Room{{ID: "C0OLD", Name: "inc-20261121-" + secret}}}
		s.ChannelID, s.ChannelName = "C0NEW", "inc-20261121-private-42"
		s.Slots = map[string]incident.Posted{incident.SlotAnnouncement: {Channel: "C0INC", TS: "1.1"}, incident.SlotHeadline: {Channel: "C0NEW", TS: "2.2"}}
		s.Informed = []incident.Informed{{Who: zoe, Effect: "INC-42/5/direct/told/0", At: incident.Posted{Channel: "D1", TS: "1.2"}}, {Who: marc, Effect: "INC-42/6/direct/told/0", At: incident.Posted{Channel: "D2", TS: "1.3"}}}
		s.Pagers = []incident.PagerRef{{ID: "Q9"}}
		for i := range s.Pages {
			s.Pages[i].SentAt = s.Pages[i].At
		}
	})
}

func asking(st incident.State) incident.State {
	return edited(st, func(s *incident.State) { s.AttackAlert, s.Answers = "MassBiometricFailure", nil })
}

func privateScenes() []scene {
	drawn := func(view string, st func(string) incident.State, fact incident.Fact, effect incident.Effect) func(string) Source {
		return func(l string) Source {
			s := Source{State: st(l), Zone: tunis, Now: at(3, 20)}
			s.Deadlines = incident.Deadlines(s.State)
			effect.View = view
			s.Owed.Effect = effect
			if fact != nil {
				s.Event = incident.Event{Seq: 18, At: at(3, 20), RecordedAt: at(3, 20), Actor: tocsin, Fact: fact}
			}
			return s
		}
	}
	now := func(l string) incident.State { return closed(running(l), incident.PrivateAsked) }
	attacked := func(l string) incident.State { return closed(running(l), incident.PrivateAttack) }
	asked := func(l string) incident.State { return asking(running(l)) }
	answered := func(value string) func(string) incident.State {
		return func(l string) incident.State {
			return edited(asked(l), func(s *incident.State) {
				s.Answers = []incident.Answer{{Question: incident.QuestionAttack, Value: value, By: lea, At: at(3, 12)}}
			})
		}
	}
	told := incident.Effect{Do: incident.Direct, People: []incident.Person{zoe}}
	due := told
	due.Arg = "customer_notice"
	return []scene{
		{"private-headline", incident.ViewHeadline, drawn(incident.ViewHeadline, now, nil, incident.Effect{}), nil},
		{"private", incident.ViewPrivate, drawn(incident.ViewPrivate, now, nil, incident.Effect{Do: incident.Post, To: incident.ToIncident}), nil},
		{"private-attack", incident.ViewPrivate, drawn(incident.ViewPrivate, attacked, nil, incident.Effect{}), nil},
		{"private-hidden", incident.ViewHidden, drawn(incident.ViewHidden, now, nil, incident.Effect{Do: incident.Hide, Arg: "C0OLD"}), nil},
		{"private-hidden-told", incident.ViewHidden, drawn(incident.ViewHidden, now, nil, incident.Effect{Do: incident.Hide, Arg: "D1 1.2"}), nil},
		{"private-locked", incident.ViewLocked, drawn(incident.ViewLocked, now, nil, incident.Effect{Do: incident.LockRoom, Arg: "C0OLD"}), nil},
		{"private-lock-failed", incident.ViewLockFailed, drawn(incident.ViewLockFailed, now, &incident.Settled{Error: "conversations.archive: restricted_action"}, incident.Effect{Do: incident.Post, To: incident.ToIncident}), nil},
		{"private-roomless", incident.ViewRoomless, drawn(incident.ViewRoomless, now, nil, incident.Effect{Do: incident.Direct, People: []incident.Person{lea}}), nil},
		{"private-told", incident.ViewTold, drawn(incident.ViewTold, now, nil, told), nil},
		{"private-due", incident.ViewObligation, drawn(incident.ViewObligation, func(l string) incident.State { return owing(now(l), l) }, nil, due), nil},
		{"private-topic", incident.ViewTopic, drawn(incident.ViewTopic, now, nil, incident.Effect{Do: incident.SetTopic}), nil},
		{"attack", incident.ViewQuestion, drawn(incident.ViewQuestion, asked, nil, incident.Effect{Slot: incident.SlotQuestion(incident.QuestionAttack)}), nil},
		{"attack-no", incident.ViewQuestion, drawn(incident.ViewQuestion, answered(incident.AnswerNo), nil, incident.Effect{Slot: incident.SlotQuestion(incident.QuestionAttack)}), nil},
		{"attack-yes", incident.ViewQuestion, drawn(incident.ViewQuestion, answered(incident.AnswerYes), nil, incident.Effect{Slot: incident.SlotQuestion(incident.QuestionAttack)}), nil},
		{"attack-paged", incident.ViewPaged, drawn(incident.ViewPaged, asked, nil, incident.Effect{Do: incident.Direct, People: []incident.Person{lea}, Page: "L1/1/primary/U0LEA"}), nil},
	}
}

func privateRefusals() []*incident.Refusal {
	return []*incident.Refusal{
		{Code: incident.RefusedPrivate, By: lea, Args: []string{"2026-11-21T02:12:00Z"}}, {Code: incident.RefusedNotPrivate}, {Code: incident.RefusedInside, By: marc},
	}
}

func privateReplies() []reply {
	return []reply{
		{"private", func(v Voice) Card { return v.PrivateCard("INC-42") }},
		{"declared-private", func(v Voice) Card { return v.DeclaredCard(closed(running(v.Language), incident.PrivateDeclared), lea) }},
	}
}

// TestNothingPrivateIsReadOutside draws every view there is for everybody who may not read the incident, and for PagerDuty.
func TestNothingPrivateIsReadOutside(t *testing.T) {
	st := owing(closed(running("en"), incident.PrivateAsked), "en")
	st.Progress.Text, st.Outcome, st.Updates.Text = incident.Text{Body: secret}, incident.Text{Body: secret}, incident.Text{Body: secret}
	st.Service = secret
	st.Alerts = []incident.AlertSet{{Group: "g", Name: secret, Firing: 1, Summary: incident.Text{Body: secret}}}
	outside := []incident.Effect{
		{Do: incident.Post, To: incident.ToIncidents},
		{Do: incident.Post, To: "C0ELSEWHERE"},
		{Do: incident.Redraw, Slot: incident.SlotAnnouncement},
		{Do: incident.Redraw, Slot: "gone"},
		{Do: incident.Direct, People: []incident.Person{zoe}},
		{Do: incident.Direct},
		{Do: incident.Hide, Arg: "C0OLD"}, {Do: incident.Hide, Arg: "D1 1.2"}, {Do: incident.LockRoom, Arg: "C0OLD"},
	}
	for view := range views {
		for _, e := range outside {
			if (e.Do == incident.Hide) != (view == incident.ViewHidden) && e.Do == incident.Hide || (e.Do == incident.LockRoom) != (view == incident.ViewLocked) && e.Do == incident.LockRoom {
				continue // these draw one view each
			}
			e.View = view
			src := Source{State: st, Owed: incident.Owed{Effect: e}, Deadlines: incident.Deadlines(st), Now: at(3, 20),
				Event: incident.Event{Fact: &incident.UpdatePosted{Text: incident.Text{Body: secret}}}}
			c, err := Render(src)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(raw), secret) || len(c.Summary) == 0 {
				t.Errorf("%s by %s to %q%v: %s", view, e.Do, e.To, e.People, raw)
			}
		}
	}
	for _, lang := range []string{"en", "fr"} {
		want := map[string]string{"en": "Private incident, open Tocsin", "fr": "Incident privé, ouvrez Tocsin"}[lang]
		for _, p := range st.Pages {
			src := Source{State: st, Language: lang, Step: stepTwo}
			src.Owed.Effect.Page = p.Key
			if summary, body := PageText(src); summary != want || body != "" {
				t.Errorf("page in %s: %q, %q", lang, summary, body)
			}
		}
		for _, view := range []string{incident.ViewWarn, incident.ViewStandDown, "progress"} {
			src := Source{State: st, Language: lang}
			src.Owed.Effect.View = view
			if got := NoteText(src); got != want {
				t.Errorf("note %s in %s: %q", view, lang, got)
			}
		}
	}
	// Those involved are told what it is.
	c, err := Render(Source{State: st, Owed: incident.Owed{Effect: incident.Effect{Do: incident.Direct, View: incident.ViewWarn, People: []incident.Person{lea}}}})
	if raw, _ := json.Marshal(c); err != nil || !strings.Contains(string(raw), secret) {
		t.Errorf("to somebody involved: %s %v", raw, err)
	}
}

// TestAnAlertThatJoinsAPrivateIncidentIsNamedInItsRoomAlone lets an alert of its service join a private incident, which raises the severity: the
// people of the room read which alert it is, everybody who is told or rung from outside reads nothing of it.
func TestAnAlertThatJoinsAPrivateIncidentIsNamedInItsRoomAlone(t *testing.T) {
	for _, later := range []bool{false, true} {
		tr := newTranscript(t, "en")
		tr.by(tMarc, incident.Declare{Title: incident.Text{Body: secret}, Severity: 3, Private: !later, Service: "kyc-svc"})
		tr.until(2 * time.Minute)
		if later {
			tr.by(tMarc, incident.GoPrivate{})
		}
		tr.until(3 * time.Minute)
		next, events, err := incident.Apply(tr.st, incident.Intent{At: tr.now, Now: tr.now, Actor: incident.Actor{System: incident.SystemAlertmanager}, Via: incident.ViaAlertmanager, Policy: tr.policy, OnCall: tr.onCall,
			Act: incident.AlertsFired{Title: incident.Text{Body: "canary-alert fires"}, Set: incident.AlertSet{Group: "canary-group", Name: "AuditHashChainBroken", Firing: 1, StartsAt: tr.now, Digest: "d",
				Summary: incident.Text{Body: "canary-summary"}, Labels: []incident.Label{{Name: "service", Value: "kyc-svc"}}}}})
		if err != nil || next.Severity != 1 {
			t.Fatalf("%v, severity %d: the alert did not join", err, next.Severity)
		}
		inside, outside := 0, 0
		for _, e := range events {
			for _, f := range e.Effects {
				src := Source{State: next, Event: e, Deadlines: incident.Deadlines(next), Now: tr.now, Owed: incident.Owed{ID: incident.IDOf(next.ID, e.Seq, f), Incident: next.ID, Seq: e.Seq, Effect: f, Attempt: 1}}
				var said string
				switch {
				case f.Do == incident.Ring:
					summary, body := PageText(src)
					said = summary + body
				case f.View == "":
					continue
				default:
					c, err := Render(src)
					if err != nil {
						t.Fatal(err)
					}
					raw, err := json.Marshal(c)
					if err != nil {
						t.Fatal(err)
					}
					said = string(raw)
				}
				named := strings.Contains(said, "AuditHashChainBroken") || strings.Contains(said, "canary") || strings.Contains(said, "kyc-svc")
				if f.Do == incident.Ring || next.Outside(f) {
					outside++
					if named {
						t.Errorf("%s %s to %v: %s", f.Do, f.View, f.People, said)
					}
				} else if named {
					inside++
				}
			}
		}
		if inside == 0 || outside == 0 {
			t.Errorf("went private later: %v; %d cards name it inside, %d were looked at outside", later, inside, outside)
		}
	}
}
