package commands

import (
	"testing"
	"time"
)

// A day of the week that is today means today as long as what is said of it is still to come or under way, for a cover and for parking alike;
// once it is over, it means the next.
func TestTodaysNameMeansToday(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	const layout = "2006-01-02 15:04 -0700"
	sunday := func(h, m int) time.Time { return time.Date(2026, 10, 25, h, m, 0, 0, paris) } // the clocks were turned back that night
	for _, c := range []struct {
		now          time.Time
		in, from, to string
	}{
		{sunday(10, 0), "sunday 18:00-22:00", "2026-10-25 18:00 +0100", "2026-10-25 22:00 +0100"},
		{sunday(10, 0), "dimanche 18h 22h", "2026-10-25 18:00 +0100", "2026-10-25 22:00 +0100"},
		{sunday(10, 0), "18h 22h", "2026-10-25 18:00 +0100", "2026-10-25 22:00 +0100"},
		{sunday(10, 0), "jusqu'à 22h", "2026-10-25 10:00 +0100", "2026-10-25 22:00 +0100"},
		{sunday(10, 0), "18:00 2h", "2026-10-25 18:00 +0100", "2026-10-25 20:00 +0100"},           // for two hours
		{sunday(10, 0), "12h", "2026-10-25 10:00 +0100", "2026-10-25 22:00 +0100"},                // for twelve
		{sunday(19, 0), "sunday 18:00-22:00", "2026-10-25 18:00 +0100", "2026-10-25 22:00 +0100"}, // the rest of it
		{sunday(19, 0), "Sunday 18:00 monday 09:00", "2026-10-25 18:00 +0100", "2026-10-26 09:00 +0100"},
		{sunday(22, 0), "sunday 18:00-22:00", "2026-11-01 18:00 +0100", "2026-11-01 22:00 +0100"},
		{sunday(1, 0).Add(-2 * time.Hour), "sunday 18:00-22:00", "2026-10-25 18:00 +0100", "2026-10-25 22:00 +0100"}, // Saturday night
	} {
		from, to, ok := spanOf(c.in, c.now, paris)
		if !ok || from.In(paris).Format(layout) != c.from || to.In(paris).Format(layout) != c.to {
			t.Errorf("%s, %q: %s to %s, %t", c.now.Format(layout), c.in, from.In(paris).Format(layout), to.In(paris).Format(layout), ok)
		}
	}
	for _, c := range []struct {
		now      time.Time
		in, want string
	}{
		{sunday(10, 0), "sunday 18:00", "2026-10-25 18:00 +0100"}, {sunday(10, 0), "dimanche 18h", "2026-10-25 18:00 +0100"}, {sunday(18, 0), "sunday 18:00", "2026-11-01 18:00 +0100"},
		{sunday(19, 0), "sunday 18:00", "2026-11-01 18:00 +0100"}, {sunday(19, 0), "monday 09:00", "2026-10-26 09:00 +0100"},
	} {
		at, rest, ok := whenOf(c.in, c.now, paris)
		if !ok || rest != "" || at.In(paris).Format(layout) != c.want {
			t.Errorf("%s, %q: %s %q %t", c.now.Format(layout), c.in, at.In(paris).Format(layout), rest, ok)
		}
	}
	inWorld(t, "fr", func(w *world) {
		s := w.declare("paiement indisponible")
		w.say(sam, room(s.ID), "ack")
		r := w.say(sam, room(s.ID), "park jusqu'à 18h <@U0TECH|tech> le fournisseur répond ce soir")
		if p := w.state(s.ID).Parked; p == nil || p.Until.In(w.engine.Policy().Location()).Format("15:04") != "18:00" {
			t.Errorf("%+v: %s", p, text(r))
		}
	})
	// A day alone, of a swap: today, as its turn runs.
	if from, to, _, ok := daysOf("sunday", sunday(10, 0), paris); !ok || from.Format(time.DateOnly) != "2026-10-25" || to.Format(time.DateOnly) != "2026-10-26" {
		t.Errorf("%s to %s, %t", from, to, ok)
	}
}
