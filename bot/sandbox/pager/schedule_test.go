package pager

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PagerDuty/go-pagerduty"
	"pgregory.net/rapid"
)

func at(clock string) time.Time {
	t, err := time.Parse(time.RFC3339, "2000-01-"+clock+":00Z")
	if err != nil {
		panic(err)
	}
	return t
}

// override makes one by the real client.
func (w *world) override(schedule, user, from, to string) (*pagerduty.Override, error) {
	return w.api.CreateOverrideWithContext(context.Background(), schedule, pagerduty.Override{
		Start: at(from).Format(time.RFC3339), End: at(to).Format(time.RFC3339), User: pagerduty.APIObject{ID: user, Type: "user_reference"}})
}

// entries are the shifts of a schedule between two moments, by the real client.
func (w *world) entries(schedule, from, to string) string {
	w.t.Helper()
	s, err := w.api.GetScheduleWithContext(context.Background(), schedule, pagerduty.GetScheduleOptions{Since: at(from).Format(time.RFC3339), Until: at(to).Format(time.RFC3339), TimeZone: "UTC"})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range s.FinalSchedule.RenderedScheduleEntries {
		out = append(out, fmt.Sprintf("%s %s-%s", e.User.Summary, e.Start[8:16], e.End[8:16]))
	}
	return strings.Join(out, ", ")
}

// An override is on call in every answer while it lasts, in rings too; deleted, it never was, and one that runs ends at once.
func TestOverridesByTheRealClient(t *testing.T) {
	ctx := context.Background()
	bubble(t, nil, func(w *world) {
		o, err := w.override("PSCHED1", "PTOM", "01T02:00", "01T04:00")
		if err != nil || o.ID == "" || o.User.ID != "PTOM" || o.Start != "2000-01-01T02:00:00Z" || o.End != "2000-01-01T04:00:00Z" {
			t.Fatalf("%+v %v", o, err)
		}
		w.want(w.entries("PSCHED1", "01T00:00", "02T00:00"), "Marc 01T00:00-01T02:00, Tomás 01T02:00-01T04:00, Marc 01T04:00-02T00:00")
		w.want(w.entries("PSCHED1", "01T03:00", "01T03:30"), "Tomás 01T03:00-01T03:30")
		list := func(o pagerduty.ListOverridesOptions) []pagerduty.Override {
			t.Helper()
			all, err := w.api.ListOverridesWithContext(ctx, "PSCHED1", o)
			if err != nil {
				t.Fatal(err)
			}
			return all.Overrides
		}
		span := pagerduty.ListOverridesOptions{Since: at("01T03:00").Format(time.RFC3339), Until: at("01T05:00").Format(time.RFC3339)}
		if got := list(span); len(got) != 1 || got[0].ID != "" || got[0].Start != "2000-01-01T03:00:00Z" || got[0].End != "2000-01-01T04:00:00Z" {
			t.Errorf("without editable an answer names no id and is cut: %+v", got)
		}
		span.Editable, span.Overflow = true, true
		if got := list(span); len(got) != 1 || got[0].ID != o.ID || got[0].Start != "2000-01-01T02:00:00Z" {
			t.Errorf("%+v", got)
		}
		if got := list(pagerduty.ListOverridesOptions{Since: at("01T04:00").Format(time.RFC3339), Until: at("01T05:00").Format(time.RFC3339), Editable: true}); len(got) != 0 {
			t.Errorf("its end is not in it: %+v", got)
		}
		time.Sleep(2*time.Hour - time.Second)
		w.want(w.p.OnCall("PEPROD", 1)[0].Name, "Marc")
		time.Sleep(time.Second)
		w.want(w.p.OnCall("PEPROD", 1)[0].Name, "Tomás")
		w.fire(keyProd, "k1")
		w.want(w.rang(0), "Tomás push, Tomás phone")
		on, err := w.api.ListOnCallsWithContext(ctx, pagerduty.ListOnCallOptions{ScheduleIDs: []string{"PSCHED1"}})
		if err != nil || len(on.OnCalls) != 1 || on.OnCalls[0].User.ID != "PTOM" || on.OnCalls[0].Start != "2000-01-01T02:00:00Z" || on.OnCalls[0].End != "2000-01-01T04:00:00Z" {
			t.Errorf("%+v %v", on, err)
		}
		// One made later lies upon it.
		over, err := w.override("PSCHED1", "PINES", "01T03:00", "01T05:00")
		if err != nil {
			t.Fatal(err)
		}
		w.want(w.entries("PSCHED1", "01T02:00", "01T06:00"), "Tomás 01T02:00-01T03:00, Ines 01T03:00-01T05:00, Marc 01T05:00-01T06:00")
		if err := w.api.DeleteOverrideWithContext(ctx, "PSCHED1", over.ID); err != nil {
			t.Fatal(err)
		}
		w.want(w.entries("PSCHED1", "01T02:00", "01T06:00"), "Tomás 01T02:00-01T04:00, Marc 01T04:00-01T06:00")
		time.Sleep(30 * time.Minute)
		if status, _, _ := w.do("DELETE", "/schedules/PSCHED1/overrides/"+o.ID, ""); status != 200 { // the library leaves this answer's body open
			t.Fatal(status)
		}
		w.want(w.entries("PSCHED1", "01T02:00", "01T06:00"), "Tomás 01T02:00-01T02:30, Marc 01T02:30-01T06:00")
		w.want(w.p.OnCall("PEPROD", 1)[0].Name, "Marc")
		for id, want := range map[string]int{over.ID: 404, o.ID: 400, "QNONE": 404} { // gone, in the past now, never there
			var api pagerduty.APIError
			if err := w.api.DeleteOverrideWithContext(ctx, "PSCHED1", id); !errors.As(err, &api) || api.StatusCode != want {
				t.Errorf("delete %s: %v, want %d", id, err, want)
			}
		}
		if got := w.p.Overrides("PSCHED1"); len(got) != 1 || !got[0].To.Equal(at("01T02:30")) {
			t.Errorf("%+v", got)
		}
	})
}

// What PagerDuty refuses is refused, and leaves nothing.
func TestBadOverridesAreRefused(t *testing.T) {
	bubble(t, nil, func(w *world) {
		time.Sleep(time.Hour)
		const path = "/schedules/PSCHED1/overrides"
		one := func(start, end, user string) string {
			return fmt.Sprintf(`{"override":{"start":%q,"end":%q,"user":%s}}`, start, end, user)
		}
		const tom, from, to = `{"id":"PTOM","type":"user_reference"}`, "2000-01-01T02:00:00Z", "2000-01-01T04:00:00Z"
		for name, c := range map[string]struct {
			method, path, body string
			status, code       int
		}{
			"no such schedule":      {"POST", "/schedules/PNONE/overrides", one(from, to, tom), 404, 3004},
			"no user":               {"POST", path, one(from, to, "null"), 400, 2001},
			"an unknown user":       {"POST", path, one(from, to, `{"id":"PNONE","type":"user_reference"}`), 400, 2001},
			"a user of no type":     {"POST", path, one(from, to, `{"id":"PTOM"}`), 400, 2001},
			"no start":              {"POST", path, one("", to, tom), 400, 2001},
			"ends before it begins": {"POST", path, one(to, from, tom), 400, 2001},
			"of no length":          {"POST", path, one(to, to, tom), 400, 2001},
			"in the past":           {"POST", path, one("2000-01-01T00:00:00Z", "2000-01-01T00:30:00Z", tom), 400, 2001},
			"begins in the past":    {"POST", path, one("2000-01-01T00:59:59Z", to, tom), 400, 2001},
			"nothing asked for":     {"POST", path, `{}`, 400, 2001},
			"no JSON":               {"POST", path, `{`, 400, 2001},
			"list without a span":   {"GET", path, "", 400, 2001},
			"list without an end":   {"GET", path + "?since=2000-01-01", "", 400, 2001},
			"list backwards":        {"GET", path + "?since=2000-01-02&until=2000-01-01", "", 400, 2004},
			"list of a year":        {"GET", path + "?since=2000-01-01&until=2001-01-01", "", 400, 2005},
			"list of no schedule":   {"GET", "/schedules/PNONE/overrides?since=2000-01-01&until=2000-01-02", "", 404, 3004},
			"delete of no schedule": {"DELETE", "/schedules/PNONE/overrides/Q", "", 404, 3004},
			"render of a year":      {"GET", "/schedules/PSCHED1?since=2000-01-01&until=2001-01-01", "", 400, 2005},
		} {
			status, m, _ := w.do(c.method, c.path, c.body)
			fault, _ := m["error"].(map[string]any)
			if status != c.status || fault == nil || fault["code"] != float64(c.code) {
				t.Errorf("%s: %d %v, want %d and code %d", name, status, m, c.status, c.code)
			}
		}
		if got := w.p.Overrides("PSCHED1"); len(got) != 0 {
			t.Errorf("left %+v", got)
		}
		// Times without an offset are in the schedule's zone; several at once are answered one by one.
		body := `{"overrides":[{"start":"2000-01-01T12:00:00","end":"2000-01-01T13:00:00","user":` + tom + `},{"start":"x","end":"y","user":` + tom + `}]}`
		resp, err := w.http.Do(w.request("POST", path, body))
		if err != nil || resp.StatusCode != 201 {
			t.Fatalf("%v %v", resp, err)
		}
		_ = resp.Body.Close()
		if got := w.p.Overrides("PSCHED1"); len(got) != 1 || !got[0].From.Equal(at("01T11:00")) {
			t.Errorf("%+v", got)
		}
	})
}

// Whatever overrides lie upon each other, the shifts of a stretch are without gap, and each moment is the one's whose override was made last.
func TestRenderedShiftsAreWhoIsOnCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := at("01T00:00")
		p := &Pager{loc: time.UTC, overrides: map[string][]*override{}}
		for _, id := range []string{"A", "B", "C", "D"} {
			p.users = append(p.users, &User{ID: id, Name: id})
		}
		s := &Schedule{ID: "S", Users: []string{"A", "B"}, Start: start, Turn: 5 * time.Hour}
		if rapid.Bool().Draw(t, "one") {
			s.Users = s.Users[:1]
		}
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			from := rapid.IntRange(0, 30).Draw(t, "from")
			to := from + rapid.IntRange(1, 12).Draw(t, "long")
			p.overrides["S"] = append(p.overrides["S"], &override{Override{UserID: rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "who"), From: start.Add(time.Duration(from) * time.Hour), To: start.Add(time.Duration(to) * time.Hour)}})
		}
		last := start
		for _, e := range p.rendered(s, start, start.Add(40*time.Hour), false, time.UTC)["rendered_schedule_entries"].([]any) {
			m := e.(map[string]any)
			from, _ := time.Parse(time.RFC3339, m["start"].(string))
			to, _ := time.Parse(time.RFC3339, m["end"].(string))
			if !from.Equal(last) || !to.After(from) {
				t.Fatalf("from %s to %s after %s", from, to, last)
			}
			last = to
			for at := from; at.Before(to); at = at.Add(time.Hour) {
				want, _, _ := p.ownTurn(s, at)
				for _, o := range p.overrides["S"] {
					if !o.From.After(at) && o.To.After(at) {
						want = o.UserID
					}
				}
				if got := m["user"].(map[string]any)["id"]; got != want {
					t.Fatalf("at %s %s is on call, not %s", at, got, want)
				}
			}
		}
		if !last.Equal(start.Add(40 * time.Hour)) {
			t.Fatalf("it ends %s", last)
		}
	})
}

func TestOverridesAreBounded(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for i := range maxOverrides {
			from := at("01T01:00").Add(time.Duration(i) * time.Hour)
			if _, err := w.api.CreateOverrideWithContext(context.Background(), "PSCHED1", pagerduty.Override{Start: from.Format(time.RFC3339), End: from.Add(time.Hour).Format(time.RFC3339), User: pagerduty.APIObject{ID: "PTOM", Type: "user"}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.override("PSCHED1", "PTOM", "01T02:00", "01T03:00"); err == nil {
			t.Error("one more was taken")
		}
		time.Sleep(2 * time.Hour) // the first is over
		if _, err := w.override("PSCHED1", "PTOM", "01T03:00", "01T04:00"); err != nil {
			t.Error(err)
		}
		if got := w.p.Overrides("PSCHED1"); len(got) != maxOverrides || got[0].From.Equal(at("01T01:00")) {
			t.Errorf("%d kept, the first from %s", len(got), got[0].From)
		}
		if s, m, _ := w.do("GET", "/schedules/PSCHED1/overrides?"+url.Values{"since": {"2000-01-01"}, "until": {"2000-01-20"}, "editable": {"true"}}.Encode(), ""); s != 200 || len(m["overrides"].([]any)) != maxOverrides {
			t.Errorf("%d", s)
		}
	})
}

// A turn that is nobody's is a gap: no entry and nobody on call, and an incident goes to the next level that has somebody.
func TestATurnThatIsNobodysIsAGap(t *testing.T) {
	bubble(t, func(o *Options) {
		o.EscalationPolicies[0].Levels[0].Targets = []Target{{ScheduleID: "PSCHED2"}}
	}, func(w *world) {
		if err := w.p.SetRotation("PSCHED2", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), 24*time.Hour, "PMARC", "", "PTOM"); err != nil {
			t.Fatal(err)
		}
		w.want(w.entries("PSCHED2", "01T00:00", "05T00:00"), "Marc 01T00:00-02T00:00, Tomás 03T00:00-04T00:00, Marc 04T00:00-05T00:00")
		w.fire(keyProd, "a")
		w.want(w.rang(0), "Marc push, Marc phone")
		time.Sleep(24 * time.Hour)
		before := len(w.p.Rings())
		w.fire(keyProd, "b")
		w.want(w.rang(before), "Ines push, Ines phone")
		if _, m, _ := w.do("GET", "/oncalls?schedule_ids[]=PSCHED2", ""); len(m["oncalls"].([]any)) != 0 {
			t.Errorf("on call in the gap: %v", m)
		}
	})
}
