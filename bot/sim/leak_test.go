package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// canary is in every word of a private incident that could tell what it is: title, alert, service, label, progress, update.
const canary = "zebrafish"

// leak is a world in which one incident is private, and what is searched of it.
type leak struct {
	*world
	t     *testing.T
	id    incident.ID
	calls int // Slack calls made before it was private
	pages int // PagerDuty requests made before it was private
	heard []string
}

// leaks runs a story in a world of its own and searches every outlet at its end.
func leaks(t *testing.T, story func(l *leak)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w, err := newWorld(Plan{Store: StoreBolt, Replicas: 1}, Guards{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer w.close()
		r := &replica{w: w}
		w.replicas = []*replica{r}
		r.start()
		defer func() {
			r.end(true)
			w.wg.Wait()
			w.lives.Wait()
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := r.running().Listening(ctx); err != nil {
			t.Fatal(err)
		}
		l := &leak{world: w, t: t, id: "INC-1"}
		story(l)
		l.probe()
		l.wait(time.Minute)
		l.search()
	})
}

// wait lets time pass, and everything that follows settle.
func (l *leak) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (l *leak) who(handle string) workspace.Person { return l.sandbox.Workspace.As(handle) }

// does types a command and returns all that came back.
func (l *leak) does(handle, channel, text string) string {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	o, err := l.who(handle).Command(ctx, channel, "/incident", text)
	if err != nil {
		l.t.Fatalf("%s: %v", text, err)
	}
	l.wait(5 * time.Second)
	raw, err := json.Marshal(o)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(raw)
}

func (l *leak) state() incident.State {
	l.t.Helper()
	s, err := l.replicas[0].running().Engine().State(context.Background(), l.id)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

// room is the incident's present room.
func (l *leak) room() string {
	l.t.Helper()
	s := l.state()
	if s.ChannelID == "" {
		l.t.Fatalf("%s has no room: %v", l.id, s.Dead)
	}
	return s.ChannelID
}

// isPrivate notes that from here on nothing may be said.
func (l *leak) isPrivate() {
	l.calls, l.pages = 0, 0
	if all := l.sandbox.Workspace.Calls(0); len(all) > 0 {
		l.calls = all[len(all)-1].Seq
	}
	l.pages = len(l.sandbox.Pager.Calls())
}

// outsider is somebody with no part in any of the stories.
const outsider = "jonas"

// probe is an outsider trying everything.
func (l *leak) probe() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for _, text := range []string{
		"list", "list all", "INC-1", "INC-1 status", "INC-1 timeline", "INC-1 sev 3", "INC-1 ack", "INC-1 private add <@U0SBXJONAS>", "status INC-1", "ack", "resolve", "reopen", "help", "help private",
		"INC-1 duty", "INC-1 answer", "private", "declare customer vault leak sev4",
	} {
		l.heard = append(l.heard, text+": "+l.does(outsider, "general", text))
	}
	for _, old := range l.old() {
		if o, err := l.who(outsider).Command(ctx, old, "/incident", "status"); err == nil {
			raw, _ := json.Marshal(o)
			l.heard = append(l.heard, "status in the old room: "+string(raw))
		}
	}
	if err := l.who(outsider).OpenHome(""); err != nil {
		l.t.Log(err)
	}
	l.wait(5 * time.Second)
	if home, ok := l.sandbox.Workspace.Home(outsider); ok {
		raw, _ := json.Marshal(home)
		l.heard = append(l.heard, "home: "+string(raw))
	} else {
		l.t.Error("no Home page: nothing was searched")
	}
	raw, _ := json.Marshal(l.sandbox.Workspace.Ephemerals(outsider, ""))
	l.heard = append(l.heard, "ephemerals: "+string(raw))
}

func (l *leak) old() []string {
	var out []string
	if p := l.state().Private; p != nil {
		for _, r := range p.Old {
			out = append(out, r.ID)
		}
	}
	return out
}

// search looks for the canary wherever somebody who has no part in the incident can read.
func (l *leak) search() {
	t, s := l.t, l.state()
	t.Helper()
	if s.Private == nil || s.ChannelID == "" {
		t.Fatalf("%s is not private, or has no room: %+v", s.ID, s.Private)
	}
	found := func(where, what string) {
		if strings.Contains(strings.ToLower(what), canary) {
			t.Errorf("%s: %s", where, incident.Clip(what, 600))
		}
	}
	ws := l.sandbox.Workspace
	inside := map[string]bool{s.ChannelID: true} // conversations in which it may be named
	room := false
	for _, c := range ws.Channels() {
		if c.ID == s.ChannelID {
			room = true
			if c.Kind != workspace.KindPrivate || !strings.HasPrefix(c.Name, "inc-") || !strings.HasSuffix(c.Name, fmt.Sprintf("-private-%d", s.ID.Number())) {
				t.Errorf("the room is %s %q", c.Kind, c.Name)
			}
			if slices.Contains(c.Members, "U0SBXJONAS") {
				t.Error("an outsider is in the room")
			}
		}
		if c.Kind == workspace.KindIM {
			for _, m := range c.Members {
				if s.MaySee(incident.Person{Slack: m}) {
					inside[c.ID] = true
				}
			}
		}
		// Slack keeps a channel's former names; the new room says so.
		found("channel "+c.ID, c.Name+" "+c.Topic+" "+c.Purpose)
	}
	if !room {
		t.Error("there is no room")
	}
	for _, c := range ws.Channels() {
		if inside[c.ID] {
			continue
		}
		for _, m := range ws.Messages(c.ID) {
			if m.BotID == "" && m.User != l.sandbox.App().BotUserID || m.Subtype != "" {
				continue // people's own words, and Slack's lines about names and topics: the new room says that they stay
			}
			raw, _ := json.Marshal(m)
			found("message in "+c.ID, string(raw))
		}
	}
	posts := 0
	for _, c := range ws.Calls(0) {
		if c.Seq <= l.calls {
			continue
		}
		if inside[c.Args["channel"]] && strings.HasPrefix(c.Method, "chat.") {
			posts++
			continue
		}
		if c.Method == "views.publish" && s.MaySee(incident.Person{Slack: c.Args["user_id"]}) {
			continue
		}
		raw, _ := json.Marshal(c.Args)
		found("call "+c.Method, string(raw))
		found("error of "+c.Method, c.Error)
	}
	rings := 0
	for i, c := range l.sandbox.Pager.Calls() {
		if i < l.pages {
			continue
		}
		raw, _ := json.Marshal(c)
		found("PagerDuty request", string(raw))
		if bytes.Contains(raw, []byte("Private incident, open Tocsin")) {
			rings++
		}
	}
	for _, h := range l.heard {
		found("heard by an outsider", h)
	}
	found("logs", l.logs.String())
	for _, path := range []string{"/metrics", "/readyz", "/healthz"} {
		rec := httptest.NewRecorder()
		l.replicas[0].running().HTTPHandler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		found(path, rec.Body.String())
	}
	dead, err := l.replicas[0].running().Journal().DeadLetters(context.Background(), journal.Stream(s.ID), 100)
	if err != nil {
		t.Error(err)
	}
	for _, d := range dead {
		found("dead letter", d.Reason)
	}
	for _, e := range ws.Strange() {
		t.Errorf("Slack found it strange: %s", e.What)
	}
	if posts == 0 || rings == 0 || l.logs.String() == "" {
		t.Errorf("nothing to search: %d posts inside, %d pages", posts, rings)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.faults {
		t.Error(f)
	}
}

// goesOn is an hour and a half of work in a private incident, most of it silence: deadlines warn, the ladder climbs, updates are missed.
func (l *leak) goesOn(who string) {
	room := l.room()
	if err := l.sandbox.Pager.FailNext("POST /v2/enqueue", 1, 400); err != nil {
		l.t.Fatal(err)
	}
	l.does(who, room, "page tech_lead the "+canary+" again")
	l.does(who, room, "progress found the "+canary+" in the vault")
	l.does(who, room, "update the "+canary+" is contained")
	l.does(who, room, "note "+canary)
	l.does(who, room, "runbook RB-001")
	l.does(who, room, "role comms <@U0SBXNADIA>")
	l.does(who, room, "answer personal_data unknown")
	l.does(who, room, "sev 2 the "+canary+" is small")
	l.does(who, room, "sev 1 the "+canary+" has grown")
	if _, err := l.who(who).Post(room, "I see the "+canary); err != nil {
		l.t.Error(err)
	}
	l.wait(45 * time.Minute)
	l.does(who, room, "resolve the "+canary+" is gone")
	l.wait(30 * time.Minute)
	l.does(who, room, "reopen the "+canary+" is back")
	l.wait(10 * time.Minute)
}

// TestPrivateFromTheBeginning declares by hand.
func TestPrivateFromTheBeginning(t *testing.T) {
	leaks(t, func(l *leak) {
		l.isPrivate()
		answer := l.does("nadia", "general", "declare private: customer vault leak "+canary+" sev1")
		if !strings.Contains(answer, canary) {
			t.Errorf("whoever declared it is not told what they declared: %s", answer)
		}
		if got := l.does("nadia", "general", "list"); !strings.Contains(got, canary) {
			t.Errorf("whoever declared it does not see it in the list: %s", got)
		}
		l.goesOn("nadia")
		for _, m := range l.sandbox.Workspace.Messages("incidents") {
			if m.BotID != "" {
				t.Errorf("announced: %s", m.Text)
			}
		}
	})
}

// TestPrivateLater declares by hand, in the open, and makes it private half an hour later.
func TestPrivateLater(t *testing.T) {
	leaks(t, func(l *leak) {
		l.does("nadia", "general", "declare customer vault leak "+canary+" sev1")
		old := l.room()
		l.does("nadia", old, "update it began with a "+canary)
		l.does("nadia", old, "runbook RB-001")
		if _, err := l.who("nadia").Post(old, "have you seen the "+canary+"?"); err != nil {
			t.Fatal(err)
		}
		l.wait(20 * time.Minute)
		l.isPrivate()
		l.does("nadia", old, "private confirm it is about a "+canary)
		l.wait(2 * time.Minute)
		l.lockedRoom(old)
		l.goesOn("nadia")
		said := ""
		for _, m := range l.sandbox.Workspace.Messages(l.room()) {
			said += string(m.Blocks)
		}
		for _, want := range []string{"What stays visible", "can be read, searched", "pages sent to PagerDuty before", "delivered already"} {
			if !strings.Contains(said, want) {
				t.Errorf("the new room does not say %q", want)
			}
		}
		events, err := l.replicas[0].running().Engine().Events(context.Background(), l.id, 1, 5000)
		if err != nil {
			t.Fatal(err)
		}
		heard := 0
		for _, e := range events {
			if m, is := e.Fact.(*incident.MessageSeen); is && (m.Channel == old || m.Channel == l.room()) {
				heard++
			}
		}
		if heard != 2 {
			t.Errorf("%d messages of both rooms in the timeline; want 2", heard)
		}
	})
}

// TestADuplicateGoesPrivateWithIt: what was merged into an incident in the open says nothing any more when that one goes private.
func TestADuplicateGoesPrivateWithIt(t *testing.T) {
	leaks(t, func(l *leak) {
		l.does("nadia", "general", "declare vault leak "+canary+" sev1")
		old := l.room()
		l.does("nadia", "general", "declare the same "+canary+" seen by support sev3")
		dup := l.also("INC-2")
		l.does("nadia", dup.ChannelID, "update customers see the "+canary)
		l.does("nadia", "general", "INC-2 merge INC-1")
		if l.also("INC-2").Status != incident.Duplicate {
			t.Fatal("it is not merged")
		}
		l.wait(time.Minute)
		l.isPrivate()
		l.does("nadia", old, "private confirm it is about a "+canary)
		l.wait(2 * time.Minute)
		l.lockedRoom(old)
		c, ok := l.sandbox.Workspace.Channel(dup.ChannelID)
		if s := l.also("INC-2"); s.Private == nil || !ok || !c.Archived || c.Name != s.ChannelName+"-old" {
			t.Errorf("its duplicate's room: %+v", c)
		}
		said := ""
		for _, m := range l.sandbox.Workspace.Messages(l.room()) {
			said += string(m.Blocks)
		}
		if !strings.Contains(said, "Of INC-2 likewise") {
			t.Error("the new room does not say what stays visible of the duplicate")
		}
		for _, text := range []string{"INC-2", "INC-2 status", "INC-2 timeline", "INC-2 private add <@U0SBXJONAS>", "INC-2 reopen", "list all"} {
			l.heard = append(l.heard, text+": "+l.does(outsider, "general", text))
		}
		if got := l.does("nadia", "general", "INC-2 timeline"); !strings.Contains(got, canary) {
			t.Errorf("who is part of it cannot read it: %s", got)
		}
		l.does("nadia", l.room(), "page tech_lead the "+canary+" again")
		l.does("nadia", l.room(), "update the "+canary+" is contained")
	})
}

// also is the state of another incident.
func (l *leak) also(id incident.ID) incident.State {
	l.t.Helper()
	s, err := l.replicas[0].running().Engine().State(context.Background(), id)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

// lockedRoom checks that a room of before is given up.
func (l *leak) lockedRoom(id string) {
	l.t.Helper()
	c, ok := l.sandbox.Workspace.Channel(id)
	if !ok || !c.Archived || c.Name != fmt.Sprintf("%s-old", l.state().ChannelName) {
		l.t.Errorf("the old room: %+v", c)
	}
	last := ""
	for _, m := range l.sandbox.Workspace.Messages(id) {
		if m.Subtype == "" {
			last = m.Text
		}
	}
	if !strings.Contains(last, "This channel is given up") {
		l.t.Errorf("its last word is %q", last)
	}
}

// TestAttackMakesPrivate opens by an alert that asks whether it is an attack; whoever is rung answers yes in their direct message.
func TestAttackMakesPrivate(t *testing.T) {
	leaks(t, func(l *leak) {
		l.webhook("firing")
		l.wait(30 * time.Second)
		old := l.room()
		asked := ""
		for _, m := range l.sandbox.Workspace.Messages(old) {
			if strings.Contains(string(m.Blocks), "Is this an attack?") || strings.Contains(string(m.Blocks), "is this an attack?") {
				asked = m.TS
			}
		}
		if asked == "" {
			t.Fatal("the room is not asked")
		}
		dm, ts, action := l.asks("marc")
		l.isPrivate()
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		if _, err := l.who("marc").Click(ctx, dm, ts, action); err != nil {
			t.Fatal(err)
		}
		l.wait(2 * time.Minute)
		s := l.state()
		if s.Private == nil || s.Private.Why != incident.PrivateAttack || s.Private.By.Person.Slack != "U0SBXMARC" || s.Private.At.IsZero() {
			t.Fatalf("%+v", s.Private)
		}
		l.lockedRoom(old)
		l.webhook("firing")
		l.goesOn("marc")
		l.webhook("resolved")
		l.wait(5 * time.Minute)
	})
}

// TestAMinorAlertGoesPrivate: an alert that has nothing but its card in the alerts channel is made private. The card is blanked, and what the
// alert does afterwards is said nowhere but in the private room.
func TestAMinorAlertGoesPrivate(t *testing.T) {
	leaks(t, func(l *leak) {
		l.alert("RneBalanceLow", "firing")
		l.wait(30 * time.Second)
		if s := l.state(); !s.RoomHeld || !strings.Contains(l.carded(), canary) {
			t.Fatalf("held %v: %s", s.RoomHeld, l.carded())
		}
		l.isPrivate()
		l.does("marc", "general", "INC-1 private confirm it is about a "+canary)
		l.wait(2 * time.Minute)
		if got := l.carded(); strings.Contains(got, canary) || !strings.Contains(got, "INC-1 is private") {
			t.Errorf("its card: %s", got)
		}
		before := l.carded()
		l.alert("RneBalanceLow", "resolved")
		l.alert("RneBalanceLow", "firing")
		l.goesOn("marc")
		if got := l.carded(); got != before {
			t.Errorf("its card says more than before: %s", got)
		}
	})
}

// carded is all that the bot wrote in the alerts channel.
func (l *leak) carded() string {
	out := ""
	for _, m := range l.sandbox.Workspace.Messages("ops-alerts") {
		if m.BotID != "" {
			out += m.Text + string(m.Blocks) + string(m.TS)
		}
	}
	return out
}

// asks finds the question in somebody's direct messages, and the button that answers yes.
func (l *leak) asks(handle string) (channel, ts, action string) {
	l.t.Helper()
	u, _ := l.sandbox.Workspace.User(handle)
	for _, c := range l.sandbox.Workspace.Channels() {
		if c.Kind != workspace.KindIM || !slices.Contains(c.Members, u.ID) {
			continue
		}
		for _, m := range l.sandbox.Workspace.Messages(c.ID) {
			for _, a := range buttons(m.Blocks) {
				if strings.HasPrefix(a, "answer-yes") {
					return c.ID, m.TS, a
				}
			}
		}
	}
	l.t.Fatalf("%s is not asked by direct message", handle)
	return "", "", ""
}

// webhook sends what Alertmanager would, and searches the answer.
func (l *leak) webhook(status string) {
	l.t.Helper()
	l.alert("MassBiometricFailure", status)
}

// alert sends it of an alert's name.
func (l *leak) alert(name, status string) {
	l.t.Helper()
	labels := map[string]string{"alertname": name, "service": canary + "-svc", "tenant_id": canary}
	summary := map[string]string{"summary": canary + ": liveness fails in mass"}
	at := l.clock.Now().Format(time.RFC3339)
	one := map[string]any{"status": status, "labels": labels, "annotations": summary, "startsAt": at, "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "f1"}
	if status == "resolved" {
		one["endsAt"] = at
	}
	body, err := json.Marshal(map[string]any{"version": "4", "groupKey": "{}:{" + canary + "}", "status": status, "receiver": "tocsin", "groupLabels": labels, "commonLabels": labels,
		"commonAnnotations": summary, "externalURL": "https://alertmanager.example", "alerts": []any{one}})
	if err != nil {
		l.t.Fatal(err)
	}
	req, _ := http.NewRequestWithContext(l.t.Context(), http.MethodPost, "http://"+webhookHost+"/webhooks/alertmanager", bytes.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+alertToken)
	resp, err := (&http.Client{Transport: l.hooks}).Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		l.t.Fatalf("%s %v", resp.Status, err)
	}
	l.heard = append(l.heard, "answer to Alertmanager: "+string(answer))
}
