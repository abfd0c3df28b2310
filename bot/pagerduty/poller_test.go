package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// story is what happens to a page of monitoring, and storyActs what must come of it however it is heard of.
func (w *world) story() string {
	f := w.fire(keyProd, "c0ffee", "Disk full")
	w.settle(20 * time.Second)
	w.must(w.pager.Acknowledge("PMARC", f.IncidentID))
	w.settle(20 * time.Second)
	w.must(w.pager.AddNote("PINES", f.IncidentID, "+15"))
	w.settle(20 * time.Second)
	w.must(w.pager.Reassign("PMARC", f.IncidentID, "PINES"))
	w.settle(90 * time.Second)
	w.must(w.pager.Resolve("PINES", f.IncidentID))
	w.settle(3 * time.Minute)
	return f.IncidentID
}

var storyActs = []string{
	`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`,
	`INC-1 changed to acknowledged by "Marc D." dedup=""`,
	`INC-1 note by "Ines": +15`,
	`INC-1 changed to triggered by "" dedup=""`,
	`INC-1 changed to resolved by "Ines" dedup=""`,
}

func TestTheSameStoryByPollByWebhookAndByBoth(t *testing.T) {
	for name, s := range map[string]setup{"poll": {poll: true}, "webhook": {webhooks: true}, "both": {webhooks: true, poll: true}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, s, func(w *world) {
				w.story()
				// A reassignment leaves the incident triggered since then, which the net under the log reports once more as a state: no news
				// for the core. Nothing else may come twice.
				got := w.brain.acts()
				again := `INC-1 changed to triggered by "" dedup=""`
				if len(got) == 6 && got[3] == again && got[4] == again {
					got = append(got[:4:4], got[5])
				}
				if strings.Join(got, "\n") != strings.Join(storyActs, "\n") {
					t.Errorf("taken in:\n%s", strings.Join(w.brain.acts(), "\n"))
				}
			})
		})
	}
}

func TestTheTwoTimesOfAFactMeet(t *testing.T) {
	at := time.Date(2026, 11, 21, 3, 7, 12, 999e6, time.UTC)
	share := func(a, b change) bool {
		for _, x := range a.meaning() {
			for _, y := range b.meaning() {
				if x == y {
					return true
				}
			}
		}
		return false
	}
	agent := &ref{ID: "PMARC", Type: "user_reference"}
	ack := func(at time.Time, who *ref) change {
		return change{kind: kindAcknowledged, at: at, agent: who, inc: incident.PagerRef{ID: "Q1"}}
	}
	for name, c := range map[string]struct {
		b    change
		want bool
	}{
		"the log's whole second":   {ack(at.Truncate(time.Second), agent), true},
		"rounded up":               {ack(at.Add(time.Millisecond), agent), true},
		"a second before":          {ack(at.Add(-time.Second), agent), true},
		"later, after a time-out":  {ack(at.Add(2*time.Second), agent), false},
		"somebody else's":          {ack(at, &ref{ID: "PINES", Type: "user_reference"}), false},
		"another incident's":       {change{kind: kindAcknowledged, at: at, agent: agent, inc: incident.PagerRef{ID: "Q2"}}, false},
		"another kind's":           {change{kind: kindResolved, at: at, agent: agent, inc: incident.PagerRef{ID: "Q1"}}, false},
		"by a machine, not by him": {ack(at, &ref{ID: "PS", Type: "service_reference"}), false},
	} {
		if got := share(ack(at, agent), c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	note := func(s string) change {
		return change{kind: kindNote, at: at, note: s, inc: incident.PagerRef{ID: "Q1"}}
	}
	long := strings.Repeat("word ", 100)
	if !share(note(long), note(long[:200])) || share(note("+15"), note("mitigated")) {
		t.Error("notes are not told apart by their words")
	}
}

func TestWhatWasOpenBeforeTocsinCameOpensNothing(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		old := w.fire(keyProd, "old", "An old one")
		w.settle(time.Hour)
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		w.inbound.bornAt(w.ctx)
		w.settle(time.Minute)
		w.must(w.pager.Acknowledge("PMARC", old.IncidentID))
		w.fire(keyLead, "new", "A new one")
		w.must(p.Poll(w.ctx))
		w.must(p.ReconcileOpen(w.ctx))
		w.wantActs(`INC-1 triggered triggered "A new one" alert= assigned=Tomás/`)
	})
}

func TestAnAbsenceIsCaughtUpAndWhatIsOverMeanwhileOpensNothing(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.inbound.bornAt(w.ctx)
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		w.must(p.Poll(w.ctx))
		known := w.fire(keyProd, "known", "Known before")
		w.must(p.Poll(w.ctx))
		// The process is away for five hours.
		w.settle(time.Hour)
		w.must(w.pager.Acknowledge("PMARC", known.IncidentID))
		over := w.fire(keyProd, "over", "Came and went")
		w.settle(time.Hour)
		w.must(w.pager.Resolve("PMARC", over.IncidentID))
		still := w.fire(keyProd, "still", "Still there")
		w.must(w.pager.Acknowledge("PMARC", still.IncidentID))
		w.settle(3 * time.Hour)
		p, err = w.inbound.Poller(PollOptions{}) // a new process with the same store
		w.must(err)
		w.must(p.Poll(w.ctx))
		w.must(p.ReconcileOpen(w.ctx))
		w.wantActs(
			`INC-1 triggered triggered "Known before" alert= assigned=Marc D./U1`,
			`INC-1 changed to acknowledged by "Marc D." dedup=""`,
			`INC-2 triggered triggered "Still there" alert= assigned=Marc D./U1`,
			`INC-2 changed to acknowledged by "Marc D." dedup=""`,
		)
		offers := w.brain.offer
		w.must(p.Poll(w.ctx))
		w.must(p.ReconcileOpen(w.ctx))
		if w.brain.offer != offers {
			t.Errorf("nothing happened, %d inputs all the same", w.brain.offer-offers)
		}
	})
}

func TestALongAbsenceIsReadInSpansThatFit(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.inbound.bornAt(w.ctx)
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		w.must(p.Poll(w.ctx))
		f := w.fire(keyProd, "k", "Disk full")
		for n := range logPages*pageSize + 500 {
			w.must(w.pager.AddNote("PINES", f.IncidentID, fmt.Sprintf("note %d", n))) // to 2000 on one incident
			if n == 1500 {
				w.settle(3 * time.Hour)
				f = w.fire(keyLead, "k2", "Disk full too")
			}
			if n%100 == 0 {
				w.settle(time.Minute)
			}
		}
		w.settle(time.Minute)
		for range 40 { // its own budget of calls makes it stop now and then; it goes on where it was
			if err = p.Poll(w.ctx); err == nil {
				break
			}
			w.settle(max(fault(t, err).RetryAfter(), time.Second))
		}
		w.must(err)
		notes := 0
		for _, in := range w.brain.took {
			if _, ok := in.Act.(incident.PagerNote); ok {
				notes++
			}
		}
		if want := logPages*pageSize + 500; notes != want {
			t.Errorf("%d of %d notes", notes, want)
		}
	})
}

func TestAnOutageIsRecordedOnceAndNothingIsLost(t *testing.T) {
	bubble(t, setup{poll: true}, func(w *world) {
		start := w.clock.Now()
		w.settle(20 * time.Second)
		w.pager.SetDown(true)
		w.settle(10 * time.Minute)
		w.pager.SetDown(false)
		w.fire(keyProd, "c0ffee", "Disk full")
		w.settle(2 * time.Minute)
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`)
		if len(w.brain.houses) != 1 {
			t.Fatalf("house: %+v", w.brain.houses)
		}
		away := w.brain.houses[0].Fact.(*house.Away)
		if away.What != "pagerduty" || !away.From.Equal(start.Add(16*time.Second)) || away.To.Sub(start) < 10*time.Minute || away.To.Sub(start) > 12*time.Minute {
			t.Errorf("away %+v, start %v", away, start)
		}
		if n := strings.Count(w.logs.String(), "cannot be read; polling goes on"); n != 1 {
			t.Errorf("said %d times that PagerDuty cannot be read", n)
		}
		if calls := len(w.pager.Calls()); calls > 40 {
			t.Errorf("%d calls in 12 minutes, most of them against a PagerDuty that is down", calls)
		}
	})
}

func TestReadinessTellsThatPagerDutyIsNotHeard(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		ctx, cancel := context.WithCancel(w.ctx)
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		w.settle(time.Minute)
		w.pager.SetDown(true)
		w.settle(time.Minute)
		w.must(p.Probe(w.ctx))
		w.settle(3 * time.Minute)
		if err := p.Probe(w.ctx); err == nil || !strings.Contains(err.Error(), "has not answered since") {
			t.Errorf("%v", err)
		}
		w.pager.SetDown(false)
		w.settle(2 * time.Minute)
		w.must(p.Probe(w.ctx))
		cancel()
		<-done
	})
}

func TestA429PausesThePoller(t *testing.T) {
	bubble(t, setup{poll: true}, func(w *world) {
		w.pager.SetRateLimited(true)
		w.settle(8 * time.Second)
		calls := len(w.pager.Calls())
		w.pager.SetRateLimited(false)
		w.fire(keyProd, "c0ffee", "Disk full")
		w.settle(29 * time.Second)
		if got := len(w.pager.Calls()) - calls; got != 0 {
			t.Errorf("%d calls within the 30 s that PagerDuty asked for", got)
		}
		w.settle(time.Minute)
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`)
	})
}

func TestAStoreThatIsDownLosesNothing(t *testing.T) {
	bubble(t, setup{poll: true}, func(w *world) {
		w.settle(time.Minute)
		w.brain.mu.Lock()
		w.brain.down = errors.New("the store does not answer")
		w.brain.mu.Unlock()
		w.letters.down = errors.New("the store does not answer")
		f := w.fire(keyProd, "c0ffee", "Disk full")
		w.must(w.pager.Acknowledge("PMARC", f.IncidentID))
		w.settle(time.Hour)
		w.brain.mu.Lock()
		w.brain.down = nil
		w.brain.mu.Unlock()
		w.settle(time.Minute)
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`, `INC-1 changed to acknowledged by "Marc D." dedup=""`)
	})
}

func TestOneEntryThatCannotBeRecordedDoesNotStopTheRest(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.inbound.bornAt(w.ctx)
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		w.must(p.Poll(w.ctx))
		w.brain.down = errors.New("decide PagerTriggered: it makes no sense")
		w.fire(keyProd, "c0ffee", "Disk full")
		for n := range maxStuck - 1 {
			if err := p.Poll(w.ctx); err == nil || len(w.letters.filed) != 0 {
				t.Fatalf("round %d: %v, %d dead letters", n, err, len(w.letters.filed))
			}
		}
		w.must(p.Poll(w.ctx))
		if len(w.letters.filed) != 1 || !strings.Contains(w.letters.filed[0], "makes no sense") {
			t.Errorf("dead letters %q", w.letters.filed)
		}
	})
}

func TestReconcileFindsWhatTheLogDidNotTell(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.inbound.bornAt(w.ctx)
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		f := w.fire(keyProd, "c0ffee", "Disk full")
		w.must(p.ReconcileOpen(w.ctx))
		w.settle(time.Minute)
		w.must(w.pager.Acknowledge("PINES", f.IncidentID))
		w.must(p.ReconcileOpen(w.ctx))
		w.settle(time.Minute)
		w.must(w.pager.Resolve("PINES", f.IncidentID))
		w.must(p.ReconcileOpen(w.ctx))
		w.must(p.ReconcileOpen(w.ctx))
		want := []string{
			`INC-1 triggered triggered "Disk full" alert= assigned=Marc D./U1`, `INC-1 changed to acknowledged by "Ines" dedup=""`, `INC-1 changed to resolved by "Ines" dedup=""`,
		}
		w.wantActs(want...)
		w.must(p.Poll(w.ctx)) // and the log, late, tells nothing new
		w.wantActs(want...)
	})
}

func TestLateEntriesAreReadInOrderAndOnce(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	entry := func(id, typ string, at time.Time) string {
		return fmt.Sprintf(`{"id":%q,"type":%q,"created_at":%q,"agent":{"id":"PMARC","type":"user_reference","summary":"Marc"},
			"incident":{"id":"Q1","title":"Disk full","status":"acknowledged","incident_key":"c0ffee","created_at":%q}}`, id, typ, at.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	var since []string
	bubble(t, setup{}, func(w *world) {
		h := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/log_entries" {
				http.NotFound(rw, r)
				return
			}
			since = append(since, r.URL.Query().Get("since"))
			// Not the newest first, as PagerDuty promises, and an entry of no use among them.
			_, _ = fmt.Fprintf(rw, `{"more":false,"log_entries":[%s,7,%s,%s]}`,
				entry("R1", "trigger_log_entry", now), entry("R2", "acknowledge_log_entry", now.Add(time.Second)), entry("R3", "notify_log_entry", now))
		})
		c, err := NewClient(ClientOptions{APIURL: "http://pd", Token: apiToken, Transport: direct{h}, Clock: w.clock})
		w.must(err)
		w.inbound.o.Client = c
		w.inbound.born = now
		p, err := w.inbound.Poller(PollOptions{})
		w.must(err)
		cursor := w.clock.Now().Add(-time.Hour)
		w.must(w.cursors.Set(w.ctx, cursorLog, cursor.Format(time.RFC3339Nano)))
		w.must(p.Poll(w.ctx))
		if want := cursor.Add(-overlap).Format(time.RFC3339); len(since) != 1 || since[0] != want {
			t.Errorf("read since %q, want %s", since, want)
		}
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=`, `INC-1 changed to acknowledged by "Marc D." dedup=""`)
		offers := w.brain.offer
		w.must(p.Poll(w.ctx))
		if w.brain.offer != offers {
			t.Error("entries that were read are handed in again")
		}
	})
}

func TestPollingNeedsAToken(t *testing.T) {
	bubble(t, setup{noToken: true}, func(w *world) {
		if _, err := w.inbound.Poller(PollOptions{}); err == nil || !strings.Contains(err.Error(), "PAGERDUTY_API_TOKEN") {
			t.Errorf("%v", err)
		}
	})
}

func TestAReceivedEntryOfNoShapeHidesNoOther(t *testing.T) {
	for name, raw := range map[string]string{
		"channel of no type": `{"id":"R1","type":"acknowledge_log_entry","channel":{"type":null},"created_at":"2026-01-01T00:00:00Z","incident":{"id":"Q1"}}`,
		"numeric conference": `{"id":"R1","type":"resolve_log_entry","incident":{"id":"Q1","conference_bridge":{"conference_number":1000}},"event_details":{"n":1}}`,
		"number as text":     `{"id":"R1","type":"resolve_log_entry","created_at":7,"incident":{"id":"Q1","incident_number":"9"}}`,
		"summary no text":    `{"id":"R1","type":"annotate_log_entry","channel":{"type":"note","summary":{"a":1}}}`,
	} {
		var e wireLogEntry
		if err := json.Unmarshal([]byte(raw), &e); err != nil || e.ID != "R1" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheWebhookAnswersBeforePagerDutyGivesUp(t *testing.T) {
	bubble(t, setup{}, func(w *world) {
		w.pager.SetSlow(time.Minute) // every look-up runs into its limit
		start := time.Now()
		if got := w.post(trigger("E1", "QMON", "Disk full", w.clock.Now())); got != 202 {
			t.Errorf("%d", got)
		}
		if d := time.Since(start); d > webhookTime {
			t.Errorf("after %v", d)
		}
		synctest.Wait()
		w.wantActs(`INC-1 triggered triggered "Disk full" alert= assigned=`)
	})
}
