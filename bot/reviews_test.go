package bot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	hs "github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// reviewing is a world whose bots ask for reviews, with time that can be moved on.
type reviewing struct {
	*bubble
	b *bot.Bot
}

// jump moves the clock to a moment and lets what is due then happen.
func (w *reviewing) jump(at time.Time) {
	w.t.Helper()
	d := at.Sub(w.clock.Now())
	if d < 0 {
		w.t.Fatalf("it is %s already", w.clock.Now())
	}
	w.clock.Advance(d)
	after(20 * time.Second)
}

// books are the reviews of runbooks that are asked for.
func books(h hs.State) []hs.Review {
	return slices.DeleteFunc(slices.Clone(h.Reviews), func(r hs.Review) bool { return !strings.HasPrefix(r.Subject, "RB-") })
}

// others are the subjects beside runbooks of which a review is asked for because of an incident, in the order of their names.
func others(h hs.State, id string) []string {
	var out []string
	for _, r := range h.Reviews {
		if r.Incident == id && !strings.HasPrefix(r.Subject, "RB-") {
			out = append(out, r.Subject)
		}
	}
	slices.Sort(out)
	return out
}

// asked are the direct messages of somebody that ask for the review of a runbook, whole.
func (w *reviewing) asked(role string) []workspace.Message {
	return slices.DeleteFunc(w.askedAll(role), func(m workspace.Message) bool { return !strings.Contains(m.Text, "RB-") })
}

// askedAll are those that ask for any.
func (w *reviewing) askedAll(role string) []workspace.Message {
	w.t.Helper()
	var out []workspace.Message
	for _, c := range w.sandbox.Workspace.Channels() {
		if c.Kind != workspace.KindIM || !slices.Contains(c.Members, w.as(role).ID()) {
			continue
		}
		for _, m := range w.sandbox.Workspace.Messages(c.ID) {
			if strings.Contains(m.Text, "To review:") || strings.Contains(m.Text, "Review overdue:") {
				out = append(out, m)
			}
		}
	}
	return out
}

func whole(t *testing.T, m workspace.Message) string {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// click presses a button on somebody's message, in their direct channel with the bot.
func (w *reviewing) click(role string, m workspace.Message, action string) {
	w.t.Helper()
	for _, c := range w.sandbox.Workspace.Channels() {
		if c.Kind == workspace.KindIM && slices.Contains(c.Members, w.as(role).ID()) {
			for _, x := range w.sandbox.Workspace.Messages(c.ID) {
				if x.TS == m.TS {
					if _, err := w.as(role).Click(w.t.Context(), c.ID, m.TS, action); err != nil {
						w.t.Fatal(err)
					}
					after(2 * time.Second)
					return
				}
			}
		}
	}
	w.t.Fatalf("no such message of %s", role)
}

func (w *reviewing) says(role, channel, text string) {
	w.t.Helper()
	if _, err := w.as(role).Command(w.t.Context(), channel, "/incident", text); err != nil {
		w.t.Fatal(err)
	}
	after(2 * time.Second)
}

func (w *reviewing) log() hs.State {
	w.t.Helper()
	after(3 * time.Second) // the engine reads it anew then
	h, err := w.b.Engine().House(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// inReading runs a test in one, which begins on Saturday 2000-01-01.
func inReading(t *testing.T, edit func(string) string, test func(w *reviewing)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, edit)
		defer w.end()
		o := w.options()
		o.PagerAPIToken, o.SecondSocket = "", 0 // nothing is polled
		r := &reviewing{w, w.start(o)}
		test(r)
		w.stop(r.b)
	})
}

func day(d, h, m int) time.Time { return time.Date(2000, 1, d, h, m, 0, 0, time.UTC) }

// resolved declares a SEV-2, walks two steps of RB-003 and resolves it.
func (w *reviewing) resolved(words string) (room string) {
	w.t.Helper()
	w.says(sandbox.Primary, "general", "declare "+words+" sev2")
	for _, c := range w.sandbox.Workspace.Channels() {
		if c.Kind != workspace.KindIM && strings.HasPrefix(c.Name, "inc-") {
			room = c.ID
		}
	}
	if room == "" {
		w.t.Fatal("no room")
	}
	w.says(sandbox.Primary, room, "runbook RB-003")
	after(3 * time.Minute)
	w.says(sandbox.Primary, room, "step block RB-003 1 the bastion host of Alpha")
	after(4 * time.Minute)
	w.says(sandbox.Primary, room, "step done RB-003 1 only partition 7 of Alpha grows")
	w.says(sandbox.Primary, room, "step skip RB-003 2 Alpha has one consumer")
	w.says(sandbox.Primary, room, "resolve rolled back")
	after(time.Minute)
	return room
}

// After a SEV-2 that used a runbook its owner is asked in working hours, with what happened; unanswered, the next of the chain is; a review
// ends it, and the list shows the date.
func TestReviewAfterAnIncident(t *testing.T) {
	inReading(t, nil, func(w *reviewing) {
		w.resolved("kafka lag grows")
		h := w.log()
		list := books(h)
		if len(list) != 1 || list[0].ID != "INC-1/RB-003" || !slices.Equal(others(h, "INC-1"), []string{"access", "alerts", "policy"}) {
			t.Fatalf("reviews: %+v", h.Reviews)
		}
		r := list[0]
		if r.Next != day(3, 9, 0) || r.Due != day(17, 9, 0) { // Monday, and ten business days later
			t.Errorf("asked %s, due %s", r.Next, r.Due)
		}
		owner, next := r.Owner(), r.Chain[1:]
		if owner != sandbox.TechLead && owner != sandbox.Primary || len(next) == 0 {
			t.Fatalf("the chain is %v", r.Chain)
		}
		w.jump(day(2, 12, 0)) // Sunday
		if got := w.asked(owner); len(got) > 0 {
			t.Errorf("asked on a Sunday: %s", got[0].Text)
		}
		w.jump(day(3, 9, 5))
		got := w.asked(owner)
		if len(got) != 1 {
			t.Fatalf("asked %d times on Monday", len(got))
		}
		said := ""
		for _, m := range w.askedAll(owner) {
			said += whole(t, m)
		}
		if !strings.Contains(said, "To review: the policy") || !strings.Contains(said, "INC-1 (SEV-2) is resolved. Was it right there") {
			t.Errorf("the policy is not reviewed with it: %s", said)
		}
		text := whole(t, got[0])
		for _, want := range []string{"RB-003", "INC-1", "SEV-2", "the bastion host of Alpha", "Alpha has one consumer", "only partition 7 of Alpha grows", "skipped 1", "median", "Needs change"} {
			if !strings.Contains(text, want) {
				t.Errorf("the message does not say %q: %s", want, text)
			}
		}
		w.click(owner, got[0], "review-later")
		if list := books(w.log()); list[0].Next.Truncate(time.Minute) != day(4, 9, 5) {
			t.Errorf("put off until %s", list[0].Next)
		}
		w.jump(day(4, 9, 10))
		if got := w.asked(owner); len(got) != 1 { // the answer took the first message's place
			t.Errorf("asked %d times on Tuesday", len(got))
		}
		before := 0
		for _, n := range next {
			before += len(w.asked(n))
		}
		w.jump(day(16, 12, 0))
		w.jump(day(17, 9, 10))
		late := w.asked(next[0])
		if before != 0 || len(late) != 1 || !strings.Contains(late[0].Text, "Review overdue") {
			t.Fatalf("before %d, then %d messages to %s", before, len(late), next[0])
		}
		s, err := w.b.Engine().State(t.Context(), "INC-1")
		if err != nil {
			t.Fatal(err)
		}
		if has := func(role string) bool {
			return slices.ContainsFunc(s.Insiders(), incident.Person{Slack: w.as(role).ID()}.Same)
		}; !has(owner) || has(next[0]) {
			t.Fatalf("%s is to be part of it, %s not: the test shows nothing", owner, next[0])
		}
		if text := whole(t, late[0]); !strings.Contains(text, "Skipped: 2") || !strings.Contains(text, "What people wrote stands in") || strings.Contains(text, "Alpha") {
			t.Errorf("who is not in the room reads figures, and where the words stand: %s", text)
		}
		state := func() bot.ReviewState {
			t.Helper()
			cat, err := bot.Runbooks("")
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range bot.ReviewStates(w.log(), cat, w.b.Policy(), w.clock.Now()) {
				if s.Subject == "RB-003" {
					return s
				}
			}
			return bot.ReviewState{}
		}
		if s := state(); !s.Asked || s.Late != 1 {
			t.Errorf("the list has %+v", s)
		}
		w.click(next[0], late[0], "review-done")
		if h := w.log(); len(books(h)) != 0 || len(others(h, "INC-1")) != 3 || h.Reviewed["RB-003"].Who.Slack != w.as(next[0]).ID() || h.Reviewed["RB-003"].Digest == "" {
			t.Errorf("after the review: %+v %+v", h.Reviews, h.Reviewed)
		}
	})
}

// An incident goes private after its reviews were asked for: what names it is hidden where it stands, but for those who have a part in it, and
// the review can be answered all the same.
func TestAReviewIsHiddenWhenItsIncidentGoesPrivate(t *testing.T) {
	inReading(t, nil, func(w *reviewing) {
		room := w.resolved("kafka lag grows")
		r := books(w.log())[0]
		owner, next := r.Owner(), r.Chain[1]
		w.jump(day(3, 9, 5))
		w.jump(day(16, 12, 0))
		w.jump(day(17, 9, 10))
		if len(w.asked(next)) != 1 || !strings.Contains(whole(t, w.asked(next)[0]), "INC-1") {
			t.Fatalf("%s is to be asked", next)
		}
		theirs := len(w.askedAll(owner))
		w.says(sandbox.Primary, room, "private confirm names of customers were read")
		after(time.Minute)
		for _, c := range w.sandbox.Workspace.Channels() {
			if c.Kind != workspace.KindIM || !slices.Contains(c.Members, w.as(next).ID()) {
				continue
			}
			hidden := 0
			for _, m := range w.sandbox.Workspace.Messages(c.ID) {
				if text := whole(t, m); strings.Contains(text, "asked for a review after an incident that is private now") {
					hidden++
				} else if strings.Contains(m.Text, "Review overdue") || strings.Contains(m.Text, "To review") {
					t.Errorf("%s still reads %s", next, text)
				}
			}
			if hidden == 0 {
				t.Errorf("nothing of %s is hidden", next)
			}
		}
		if n := len(w.askedAll(owner)); n != theirs {
			t.Errorf("%d of the %d messages of %s, who is part of it, are left", n, theirs, owner)
		}
		// One that was under way when it went private is hidden as it arrives.
		s, err := w.b.Engine().State(t.Context(), "INC-1")
		if err != nil || s.Private == nil {
			t.Fatalf("%+v %v", s.Private, err)
		}
		w.says(next, "general", "review RB-003 done")
		if len(books(w.log())) != 0 {
			t.Error("it cannot be answered any more")
		}
	})
}

// A quarter turns while two replicas run, one of which was just restarted: everything is asked once, a few a day of each owner, in working hours,
// and answered by a click or a command, with a change that stays listed.
func TestTheQuarterAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		store, err := bolt.Open(t.TempDir(), bolt.Options{Clock: w.clock.Now, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		o := w.options()
		o.PagerAPIToken, o.SecondSocket, o.Store = "", 0, store
		two := o
		two.Owner = "other"
		r := &reviewing{w, w.start(o)}
		other := w.start(two)
		r.jump(time.Date(2000, 3, 31, 23, 0, 0, 0, time.UTC))
		w.stop(other)
		r.jump(time.Date(2000, 4, 1, 0, 1, 0, 0, time.UTC)) // a Saturday
		other = w.start(two)
		after(time.Minute)
		h := r.log()
		cat, err := bot.Runbooks("")
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]int{}
		for _, x := range h.Reviews {
			ids[x.ID]++
			if !x.Next.After(time.Date(2000, 4, 3, 8, 59, 0, 0, time.UTC)) {
				t.Errorf("%s is asked %s", x.ID, x.Next)
			}
		}
		if want := len(cat.IDs()) + 3; len(ids) != want || len(h.Reviews) != want || ids["2000-Q2/RB-003"] != 1 || ids["2000-Q2/access"] != 1 {
			t.Fatalf("%d asks of %d subjects, want %d: %v", len(h.Reviews), len(ids), want, ids)
		}
		r.jump(time.Date(2000, 4, 3, 9, 5, 0, 0, time.UTC))
		got := r.askedAll(sandbox.TechLead)
		seen := map[string]int{}
		for _, m := range got {
			seen[m.Text]++
		}
		if len(got) == 0 || len(got) > 5 || len(seen) != len(got) {
			t.Fatalf("the tech lead is asked %d times on one morning: %v", len(got), seen)
		}
		if !strings.Contains(whole(t, got[0]), "A quarter has begun") {
			t.Errorf("%s", whole(t, got[0]))
		}
		r.says(sandbox.TechLead, "general", "review policy change SEV-2 tells the wrong people")
		r.says(sandbox.Primary, "general", "review access done") // not theirs
		h = r.log()
		if l := h.Reviewed["policy"]; l.How != hs.ReviewChange || len(h.ReviewsOf("policy")) != 0 || len(h.ReviewsOf("access")) != 1 {
			t.Errorf("policy: %+v, access: %+v", l, h.ReviewsOf("access"))
		}
		wanted, err := bot.ReviewWanted(t.Context(), store, h, "policy")
		if err != nil || wanted != "SEV-2 tells the wrong people" {
			t.Errorf("%q %v", wanted, err)
		}
		w.stop(other)
		w.stop(r.b)
	})
}

// Of a private incident the owner, who is not part of it, reads figures without title, number or words; whoever is part of it reads all. An
// incident that never was worse than SEV-3 asks nobody.
func TestReviewOfAPrivateIncident(t *testing.T) {
	alone := func(text string) string { return strings.Replace(text, "    page_at_once: [tech_lead]\n", "", 1) }
	inReading(t, alone, func(w *reviewing) {
		w.says(sandbox.Primary, "general", "declare minor thing sev3")
		room := ""
		for _, c := range w.sandbox.Workspace.Channels() {
			if c.Kind != workspace.KindIM && strings.HasPrefix(c.Name, "inc-") {
				room = c.ID
			}
		}
		w.says(sandbox.Primary, room, "runbook RB-003")
		w.says(sandbox.Primary, room, "resolve it went away")
		after(time.Minute)
		if h := w.log(); len(h.Reviews) != 0 {
			t.Errorf("a SEV-3 asks for %+v", h.Reviews)
		}
		w.says(sandbox.Secondary, "general", "declare private: Alpha leaks passwords sev2")
		for _, c := range w.sandbox.Workspace.Channels() {
			if c.Kind != workspace.KindIM && c.ID != room && slices.Contains(c.Members, w.as(sandbox.Secondary).ID()) && strings.HasPrefix(c.Name, "inc-") {
				room = c.ID
			}
		}
		w.says(sandbox.Secondary, room, "runbook RB-003")
		w.says(sandbox.Secondary, room, "step skip RB-003 1 Alpha has one consumer")
		w.says(sandbox.Secondary, room, "step done RB-003 2 partition 7 of Alpha")
		w.says(sandbox.Secondary, room, "resolve passwords changed")
		after(time.Minute)
		h := w.log()
		list := books(h)
		if len(list) != 1 || list[0].ID != "INC-2/RB-003" || !list[0].Private || len(others(h, "INC-2")) != 3 {
			t.Fatalf("%+v", h.Reviews)
		}
		s, err := w.b.Engine().State(t.Context(), "INC-2")
		if err != nil {
			t.Fatal(err)
		}
		w.jump(day(3, 9, 5))
		owner := list[0].Owner()
		got := w.asked(owner)
		if len(got) != 1 {
			t.Fatalf("%s is asked %d times", owner, len(got))
		}
		text := whole(t, got[0])
		for _, m := range w.askedAll(owner) {
			if x := whole(t, m); strings.Contains(x, "Alpha") || strings.Contains(x, "password") || strings.Contains(x, "SEV-2") {
				t.Errorf("the owner reads %s", x)
			}
		}
		if s.MaySee(incident.Person{Slack: w.as(owner).ID()}) {
			t.Fatal("the owner is part of the incident: the test shows nothing")
		}
		for _, secret := range []string{"Alpha", "password", "SEV-2", "consumer ·", "partition 7"} {
			if strings.Contains(text, secret) {
				t.Errorf("the owner reads %q: %s", secret, text)
			}
		}
		if !strings.Contains(text, "a private incident") || !strings.Contains(text, "Skipped: 1") {
			t.Errorf("%s", text)
		}
	})
}

// What people recorded counts beside what the file says, the later of them; what is asked for shows until it is reviewed.
func TestReviewStates(t *testing.T) {
	cat, err := bot.Runbooks("")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := policy.Default()
	r, _ := cat.ByID("RB-003", "en")
	state := func(h hs.State, now time.Time) bot.ReviewState {
		for _, s := range bot.ReviewStates(h, cat, &p, now) {
			if s.Subject == "RB-003" {
				return s
			}
		}
		t.Fatal("not listed")
		return bot.ReviewState{}
	}
	next := r.ReviewedOn.AddDate(0, 0, r.ReviewEvery)
	if s := state(hs.State{}, next.Add(-time.Hour)); !s.Last.Equal(r.ReviewedOn) || s.Late != 0 || !s.Due.Equal(next) {
		t.Errorf("by the file: %+v", s)
	}
	if s := state(hs.State{}, next.Add(50*time.Hour)); s.Late != 2 {
		t.Errorf("overdue by the file: %+v", s)
	}
	said := hs.Reviewed{At: next.Add(24 * time.Hour), How: hs.ReviewFine, Seq: 3}
	h := hs.State{Reviewed: map[string]hs.Reviewed{"RB-003": said}}
	if s := state(h, next.Add(50*time.Hour)); s.Late != 0 || !s.Last.Equal(said.At) || s.Seq != 3 {
		t.Errorf("recorded later: %+v", s)
	}
	said.At = r.ReviewedOn.Add(-time.Hour)
	h.Reviewed["RB-003"] = said
	if s := state(h, next.Add(-time.Hour)); !s.Last.Equal(r.ReviewedOn) {
		t.Errorf("the file is later: %+v", s)
	}
	h.Reviews = []hs.Review{{ID: "a/RB-003", Subject: "RB-003", Due: next.Add(-240 * time.Hour)}}
	if s := state(h, next.Add(-245*time.Hour)); !s.Asked || s.Late != 0 || !s.Due.Equal(next.Add(-240*time.Hour)) {
		t.Errorf("asked: %+v", s)
	}
	if s := state(h, next.Add(-time.Hour)); s.Late != 9 {
		t.Errorf("asked and overdue: %+v", s)
	}
}
