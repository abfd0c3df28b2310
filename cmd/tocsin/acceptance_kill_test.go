package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// ledger is what the world was promised: every input that was acknowledged, to be found again at the end.
type ledger struct {
	mu       sync.Mutex
	declared map[string]bool   // titles -> acknowledged as recorded
	answers  map[string]string // titles -> what the answer said
	notes    map[string]string // note -> room
	messages map[string]string // text -> room
	alerts   []string          // alert names fired at PagerDuty
	acked    []string          // PagerDuty incidents acknowledged by phone
	asked    int               // commands sent
	unsure   int               // commands that were not acknowledged as recorded
}

func newLedger() *ledger {
	return &ledger{declared: map[string]bool{}, answers: map[string]string{}, notes: map[string]string{}, messages: map[string]string{}}
}

// act does one random thing to a world whose bots may be dying.
func (l *ledger) act(w *world, r *rand.Rand, n int, declare bool) {
	recorded := func(o outcome, err error) bool {
		ok := err == nil && o.Status == "ok" && !strings.Contains(o.words(), "ot recorded") && !strings.Contains(o.words(), "ot known yet")
		l.mu.Lock()
		defer l.mu.Unlock()
		l.asked++
		if !ok {
			l.unsure++
		}
		return ok
	}
	var rooms []channel
	var all []channel
	if w.try("GET", "/control/channels", nil, &all) == nil {
		for _, c := range all {
			if strings.HasPrefix(c.Name, "inc-") && slices.Contains(c.Members, w.member(sandbox.Primary).SlackID) {
				rooms = append(rooms, c)
			}
		}
	}
	kind := r.IntN(10)
	switch {
	case declare && kind < 5:
		title := word(n) + " " + word(n+7)
		o, err := w.command([]string{"nadia", "primary"}[r.IntN(2)], "general", "declare "+title+" sev2")
		if err == nil && strings.Contains(o.words(), "alike") {
			w.t.Logf("not declared, because it looks alike: %s", title)
			return
		}
		ok := recorded(o, err)
		l.mu.Lock()
		l.declared[title], l.answers[title] = ok, o.words()
		l.mu.Unlock()
	case declare:
		name := "Drill" + word(n)
		var fired obj
		if err := w.try("POST", "/control/pages/fire", obj{"target": sandbox.ProductionKey, "event": obj{"summary": "page " + word(n), "severity": "error", "source": "test", "dedup_key": "alert/" + name,
			"custom_details": obj{"alertname": name, "service": "svc-" + word(n), "severity": "error"}}}, &fired); err == nil {
			l.mu.Lock()
			l.alerts = append(l.alerts, "page "+word(n))
			l.mu.Unlock()
		}
	case len(rooms) == 0:
	case kind < 5:
		room := rooms[r.IntN(len(rooms))]
		text := fmt.Sprintf("message %d, %s", n, word(n))
		if w.try("POST", "/control/people/primary/messages", obj{"channel": room.ID, "text": text}, nil) == nil {
			l.mu.Lock()
			l.messages[text] = room.ID
			l.mu.Unlock()
		}
	case kind < 7:
		room := rooms[r.IntN(len(rooms))]
		text := fmt.Sprintf("note %d, %s", n, word(n))
		if recorded(w.command("primary", room.ID, "note "+text)) {
			l.mu.Lock()
			l.notes[text] = room.ID
			l.mu.Unlock()
		}
	case kind < 8:
		recorded(w.command("primary", rooms[r.IntN(len(rooms))].ID, "ack"))
	default:
		var p pages
		if w.try("GET", "/control/pages", nil, &p) != nil {
			return
		}
		for _, i := range p.Incidents {
			if i.Status == "triggered" && len(i.Assignees) > 0 && i.Assignees[0].ID == w.member(sandbox.Primary).PagerDutyID {
				if w.try("POST", "/control/pages/"+i.ID+"/acknowledge", obj{"as": "primary"}, nil) == nil {
					l.mu.Lock()
					l.acked = append(l.acked, i.ID)
					l.mu.Unlock()
				}
				return
			}
		}
	}
}

// word spells a number, so that no two titles look alike to the bot.
func word(n int) string {
	names := []string{"amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "heath", "indigo", "juniper"}
	s := ""
	for _, d := range strconv.Itoa(n) {
		s += names[d-'0']
	}
	return s
}

// judge reads everything back and holds what was promised: with reader as the environment of the command line.
func (l *ledger) judge(w *world, reader []string) {
	t := w.t
	t.Helper()
	list := func() []string {
		out, errs, code := tocsin(t, reader, "list", "--all")
		if code != 0 {
			t.Fatalf("list: %d %s", code, errs)
		}
		return regexp.MustCompile(`(?m)^INC-\d+`).FindAllString(out, -1)
	}
	exports := map[string]string{}
	read := func() map[string]shown {
		all := map[string]shown{}
		for _, id := range list() {
			all[id] = show(t, reader, id)
		}
		return all
	}
	// Everything that was promised arrives, in its own time: redelivery, catch-up, polling, repair.
	var all map[string]shown
	lost := func() []string {
		var out []string
		all = read()
		titles, byRoom := map[string]int{}, map[string]string{}
		for id, s := range all {
			titles[s.Title]++
			b, _ := json.Marshal(s.Events)
			byRoom[s.State.ChannelID] += string(b)
			if s.State.ChannelID == "" {
				out = append(out, id+" has no room")
			}
		}
		for title, ok := range l.declared {
			if n := titles[title]; n > 1 || ok && n == 0 {
				out = append(out, fmt.Sprintf("%q was acknowledged (%v) and is there %d times; the answer was %.400s", title, ok, n, l.answers[title]))
			}
		}
		for _, name := range l.alerts {
			if n := titles[name]; n != 1 {
				out = append(out, fmt.Sprintf("the page %q has %d incidents", name, n))
			}
		}
		for _, m := range []map[string]string{l.messages, l.notes} {
			for text, room := range m {
				if n := strings.Count(byRoom[room], `"`+text+`"`); n != 1 {
					out = append(out, fmt.Sprintf("%q is in the log %d times", text, n))
				}
			}
		}
		for _, pd := range l.acked {
			found := false
			for _, s := range all {
				b, _ := json.Marshal(s.State)
				if bytes.Contains(b, []byte(`"`+pd+`"`)) {
					found = true
					if s.State.AcknowledgedAt.IsZero() && s.State.Open() {
						out = append(out, fmt.Sprintf("%s was acknowledged by phone and %s does not know it", pd, s.State.ID))
					}
				}
			}
			if !found {
				out = append(out, fmt.Sprintf("%s was acknowledged by phone and no incident knows it", pd))
			}
		}
		slices.Sort(out)
		return out
	}
	end := time.Now().Add(90 * time.Second)
	for len(lost()) > 0 && time.Now().Before(end) {
		time.Sleep(time.Second)
	}
	for _, x := range lost() {
		t.Errorf("%s", x)
	}

	// One channel each, and no other.
	rooms := w.rooms()
	if len(rooms) != len(all) {
		t.Errorf("%d channels for %d incidents", len(rooms), len(all))
	}
	heads := func() (out []string) {
		for id, s := range all {
			n := 0
			for _, m := range w.messages(s.State.ChannelID) {
				if m.Pinned && !m.Deleted {
					n++
				}
			}
			if n != 1 {
				out = append(out, fmt.Sprintf("%s has %d pinned headlines", id, n))
			}
		}
		return out
	}
	for end := time.Now().Add(90 * time.Second); len(heads()) > 0 && time.Now().Before(end); {
		time.Sleep(time.Second)
	}
	for _, x := range heads() {
		t.Errorf("%s", x)
	}

	// No second page of a round: a dedup key is one incident of PagerDuty and one ring of each phone.
	p := w.pages()
	keys, rings := map[string]int{}, map[string]int{}
	for _, i := range p.Incidents {
		keys[i.DedupKey]++
	}
	for _, r := range p.Rings {
		if r.Kind == "phone" {
			rings[r.DedupKey+" "+r.Person.Name]++
		}
	}
	for key, n := range keys {
		if n > 1 {
			t.Errorf("%d pages with the dedup key %s", n, key)
		}
	}
	for key, n := range rings {
		if n > 1 {
			t.Errorf("rung %d times: %s", n, key)
		}
	}
	// Every declared SEV-2 rang the tech lead, once.
	for id, s := range all {
		if s.State.Severity != incident.SEV2 {
			continue
		}
		n := 0
		for key := range rings {
			if strings.Contains(key, "/"+id+"/L2/1/tech_lead/") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s rang the tech lead %d times, not once", id, n)
		}
	}

	// The account verifies, and nothing was given up.
	doubt := 0
	for id, s := range all {
		out, errs, code := tocsin(t, reader, "export", id)
		if code != 0 {
			t.Errorf("export %s: %s", id, errs)
			continue
		}
		exports[id] = out
		if _, err := journal.VerifyExport(strings.NewReader(out)); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		for _, d := range s.Dead {
			// A nudge is sent at most once: one whose sender died in the middle of it is on record, and not sent again.
			if strings.Contains(string(d.ID), "/direct/") && strings.HasPrefix(d.Reason, "in doubt") {
				doubt++
				continue
			}
			t.Errorf("%s could not be done: %s", d.ID, d.Reason)
		}
	}
	w.noOdd()
	for id, out := range exports {
		w.noSecret("the export of "+id, out)
	}
	t.Logf("%d incidents, %d commands (%d without an acknowledgement that it was recorded), %d messages, %d notes, %d pages fired, %d acknowledged by phone, %d phones rung, %d nudges in doubt",
		len(all), l.asked, l.unsure, len(l.messages), len(l.notes), len(l.alerts), len(l.acked), len(rings), doubt)
}

// rounds is how often the bot is killed: few in an ordinary run, TOCSIN_ACCEPTANCE_ROUNDS in a long one.
func rounds(t *testing.T) int {
	t.Helper()
	v := os.Getenv("TOCSIN_ACCEPTANCE_ROUNDS")
	if v == "" {
		return 12
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("TOCSIN_ACCEPTANCE_ROUNDS is %q, not a number of rounds", v)
	}
	return n
}

// TestKilledAtRandomMoments ends the bot with SIGKILL while people and machines act, starts it again, and so on: no acknowledged input is
// lost, no room is opened twice, nobody is rung twice for the same thing, and the account verifies.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("TOCSIN_ACCEPTANCE_SEED"); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("TOCSIN_ACCEPTANCE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, "--no-rate-limits")
	data := filepath.Join(w.dir, "data")
	env := w.env("TOCSIN_DATA_DIR=" + data)
	reader := bare("TOCSIN_DATA_DIR="+data, "TOCSIN_CONFIG="+w.config)
	w.do("POST", "/control/faults/slack", obj{"slow": "10ms"}, nil) // as far away as the real ones are near: calls are in flight when the bot dies
	w.do("POST", "/control/faults/pagerduty", obj{"slow": "10ms"}, nil)
	l := newLedger()
	var logs strings.Builder
	n := 0
	count := rounds(t)
	begun := time.Now()
	for round := range count {
		var bot *process
		if round == 0 {
			bot = w.serve("bot", env) // the people on call are read once; later the journal knows them
		} else {
			bot = start(t, fmt.Sprintf("bot of round %d", round), binary, env, "serve")
		}
		// Some rounds die before they can hear anybody, most in the middle of work.
		life := time.Duration(r.IntN(int(1200 * time.Millisecond)))
		var wg sync.WaitGroup
		stop := time.Now().Add(life)
		if round > 0 && r.IntN(4) > 0 {
			await(t, 40*time.Second, "the bot hears Slack", func() bool { return strings.Contains(bot.output(), "a socket is open") || bot.ended() })
			stop = time.Now().Add(life)
		}
		for actor := range 3 {
			n++
			seeded := rand.New(rand.NewPCG(seed, uint64(n)))
			first, number := actor == 0 && (round < 12 || round%6 == 0), n*100
			wg.Go(func() {
				for time.Now().Before(stop) {
					number++
					l.act(w, seeded, number, first)
					first = false
					time.Sleep(time.Duration(seeded.IntN(int(60 * time.Millisecond))))
				}
			})
		}
		time.Sleep(time.Until(stop))
		// The kill falls into a burst, so that some input is between its arrival and its commit, its commit and its acknowledgement.
		for i := range 10 {
			n++
			seeded, number := rand.New(rand.NewPCG(seed, uint64(n))), n*100
			wg.Go(func() {
				time.Sleep(time.Duration(seeded.IntN(int(8 * time.Millisecond))))
				l.act(w, seeded, number, i == 0 && (round < 12 || round%6 == 3))
			})
		}
		time.Sleep(time.Duration(4+r.IntN(60)) * time.Millisecond)
		bot.kill()
		wg.Wait()
		logs.WriteString(bot.output())
	}
	t.Logf("%d rounds took %v", count, time.Since(begun).Round(time.Second))
	bot := w.serve("the last bot", env)
	l.judge(w, reader)
	bot.stop()
	w.noSecret("the bots' logs", logs.String()+bot.output())
	if strings.Contains(logs.String(), "panic") {
		t.Error("a bot panicked")
	}
}
