package view

import (
	"slices"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// planned is a minor alert that nobody has taken: it has its card and no room.
func planned(l string) incident.State {
	return edited(running(l), func(s *incident.State) {
		p := *s.Policy
		p.AlertsChannel = "ops-alerts"
		p.Severities = map[incident.Severity]incident.SeverityRule{4: {NoLadder: true, AckDays: 1, Room: incident.RoomWhenAccepted}}
		s.Policy = &p
		s.Title, s.Severity, s.Service, s.Rule = incident.Text{Body: "RNE balance below 50 TND"}, 4, "billing", "alert RneBalanceLow"
		s.AcknowledgedAt, s.AcknowledgedBy, s.Roles, s.Ladder, s.Pages, s.Told, s.Runbooks = time.Time{}, incident.Person{}, nil, incident.Ladder{}, nil, nil, nil
		s.Progress, s.ChannelID, s.RoomHeld = incident.Said{}, "", true
		s.Alerts = []incident.AlertSet{{Group: "g1", Name: "RneBalanceLow", Firing: 2, StartsAt: at(3, 6), Service: "billing", Summary: incident.Text{Body: "RNE balance below 50 TND"}}}
	})
}

func alertScenes() []scene {
	drawn := func(slot string, st func(string) incident.State, due ...incident.Deadline) func(string) Source {
		return func(l string) Source {
			s := Source{State: st(l), Zone: tunis, Now: at(3, 20), Deadlines: due}
			s.Owed.Effect = incident.Effect{View: incident.ViewAlert, Slot: slot, To: incident.ToAlerts}
			return s
		}
	}
	with := func(base func(string) incident.State, change func(*incident.State)) func(string) incident.State {
		return func(l string) incident.State { return edited(base(l), change) }
	}
	g1, take := incident.SlotAlert("g1"), incident.Deadline{Name: incident.DueTake, Due: at(27, 0), Next: "primary"}
	room := func(s *incident.State) { s.RoomHeld, s.ChannelID = false, "C042" }
	grouped := func(s *incident.State) { s.Alerts[0].Group = "g1" }
	return []scene{
		{name: "alert-planned", view: "alert", source: drawn(g1, planned, take)},
		{name: "alert-planned-no-deadline", view: "alert", source: drawn(g1, planned)},
		{name: "alert-planned-ladder", view: "alert", source: drawn(g1, planned, incident.Deadline{Name: incident.DueAck, Due: at(4, 6), Level: 1, Next: "secondary"})},
		{name: "alert-opening", view: "alert", source: drawn(g1, with(planned, func(s *incident.State) { s.RoomHeld = false }), take)},
		{name: "alert-taken", view: "alert", source: drawn(g1, with(planned, func(s *incident.State) {
			room(s)
			s.AcknowledgedAt, s.AcknowledgedBy = at(3, 12), lea
		}))},
		{name: "alert-overdue", view: "alert", source: drawn(g1, with(planned, room), take)},
		{name: "alert-recovered", view: "alert", source: drawn(g1, with(planned, func(s *incident.State) {
			s.Alerts[0].Firing, s.RecoveredAt = 0, at(3, 40)
		}), incident.Deadline{Name: incident.DueReview, Due: at(9, 0), Next: "primary"})},
		{name: "alert-noise", view: "alert", source: drawn(g1, with(planned, func(s *incident.State) {
			s.Status, s.EndedAt, s.Outcome = incident.Cancelled, at(3, 30), incident.Text{Body: "a load test"}
		}))},
		{name: "alert-resolved", view: "alert", source: drawn(g1, with(func(l string) incident.State { return over(l, incident.Resolved) }, func(s *incident.State) {
			grouped(s)
			s.Alerts[0].Firing = 0
		}))},
		{name: "alert-merged", view: "alert", source: drawn(g1, with(duplicate, grouped))},
		{name: "alert-severe", view: "alert", source: drawn(g1, with(running, grouped))},
		{name: "alert-page", view: "alert", source: drawn(incident.SlotPage, with(planned, func(s *incident.State) {
			s.Source, s.Alerts, s.Pagers = incident.SourcePage, nil, []incident.PagerRef{{ID: "Q1", Status: "triggered"}}
		}), take)},
		{name: "alert-gone", view: "alert", source: drawn(incident.SlotAlert("gone"), running)},
	}
}

func TestAnAlertsCardHasButtonsWhileThereIsNoRoom(t *testing.T) {
	actions := func(name string) (out []string) {
		for _, sc := range alertScenes() {
			if sc.name != name {
				continue
			}
			c, err := Render(sc.source("en"))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range c.Blocks {
				if row, is := b.(Actions); is {
					for _, e := range row.Elements {
						out = append(out, e.(Button).Action)
					}
				}
			}
		}
		return out
	}
	for name, want := range map[string][]string{
		"alert-planned": {ActionAck, ActionOpenCancel}, "alert-recovered": {ActionAck, ActionOpenResolve, ActionOpenCancel},
		"alert-opening": nil, "alert-taken": nil, "alert-severe": nil, "alert-noise": nil, "alert-merged": nil,
	} {
		if got := actions(name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
