package engine

import (
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// An announced holiday counts in an incident in flight as soon as it is recounted: its due time moves in the index, both ways, and its log tells
// the same. A new incident knows it from its declaration. Recounting again records nothing.
func TestAnAnnouncedHolidayIsCountedInFlight(t *testing.T) {
	w := newWorldUnder(t, nil, func(p *incident.Policy) {
		c := incident.Calendar{Zone: "UTC", Hours: map[time.Weekday][]incident.Hours{}}
		for d := time.Sunday; d <= time.Saturday; d++ { // every day, so that the day of the test does not matter
			c.Hours[d] = []incident.Hours{{From: 0, To: 24 * 60}}
		}
		p.Calendars, p.Calendar = map[string]incident.Calendar{"all": c}, "all"
		r := p.Severities[4]
		r.AckDays, r.NoLadder, r.CommanderWithin, r.FirstUpdate, r.UpdateEvery, r.ProgressEvery = 1, true, 0, 0, 0, 0
		p.Severities[4] = r
		if err := p.Bind(); err != nil {
			t.Fatal(err)
		}
	})
	ctx := t.Context()
	open := func(key string) incident.ID {
		in := declare(key, "disk of "+key)
		in.Act = incident.AlertsFired{Title: incident.Say("disk of "+key, 100), Set: incident.AlertSet{Group: key, Name: "DiskSlow", Firing: 1, Digest: "1", StartsAt: w.clock.Now()}}
		in.Route.Claims, in.Route.Take, in.Actor, in.Via = nil, nil, incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager
		id := w.handle(in).Incident
		w.handle(Input{Act: incident.SetSeverity{Severity: 4, Reason: incident.Say("a nuisance", 100)}, Actor: incident.Actor{Person: incident.Person{Slack: "U1"}}, Via: incident.ViaSlack, Route: Route{ID: id}})
		return id
	}
	take := func(id incident.ID) time.Time {
		t.Helper()
		s, err := New(w.o).State(ctx, id) // as the store has it
		if err != nil {
			t.Fatal(err)
		}
		var out time.Time
		for _, d := range incident.Deadlines(s) {
			if d.Name == incident.DueTake {
				out = d.Due
			}
		}
		if out.IsZero() {
			t.Fatalf("%s has no deadline to be taken: %+v", id, incident.Deadlines(s))
		}
		due, err := w.store.Due(ctx, out.AddDate(1, 0, 0), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range due {
			if x.Stream == journal.Stream(id) && !x.At.Equal(journal.Kept(incident.NextDue(s))) {
				t.Errorf("the index has %s, the log %s", x.At, incident.NextDue(s))
			}
		}
		return out
	}
	id := open("a")
	was := take(id)
	day := w.clock.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	calendars := []house.Calendar{{Name: "all", Default: true, Zone: time.UTC}}
	record := func(f house.Fact) {
		t.Helper()
		if _, err := w.RecordHouse(ctx, "", house.Intent{Fact: f, Calendars: calendars}); err != nil {
			t.Fatal(err)
		}
		if err := w.Recount(ctx); err != nil {
			t.Fatal(err)
		}
	}
	record(&house.HolidayAnnounced{Day: day, Name: "Aïd el-Fitr"})
	if got := take(id); !got.Equal(was.Add(24 * time.Hour)) {
		t.Errorf("due %s, was %s", got, was)
	}
	s, _ := w.State(ctx, id)
	if err := w.Recount(ctx); err != nil {
		t.Fatal(err)
	}
	if again, _ := w.State(ctx, id); again.Seq != s.Seq {
		t.Errorf("recounting recorded %d events", again.Seq-s.Seq)
	}
	events, err := w.Events(ctx, id, 1, 100)
	if err != nil || incident.Replay(events).HolidaysVersion == 0 {
		t.Errorf("the log does not tell: %v", err)
	}
	second := open("b")
	events, err = w.Events(ctx, second, 1, 2)
	if err != nil || len(events) != 2 || events[1].Fact.Type() != "holidays" {
		t.Errorf("a new incident does not know it: %v %v", events, err)
	}
	record(&house.HolidayWithdrawn{Day: day})
	if got := take(id); !got.Equal(was) {
		t.Errorf("taken back, due %s, was %s", got, was)
	}
}
