package bot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// hall is a whole bot with a policy of its own, beside a local Slack and PagerDuty, in a bubble that begins on Saturday 2000-01-01 00:00 UTC.
type hall struct {
	*testing.T
	*bot.Bot
	box   *sandbox.Sandbox
	clock *clock.Clock
	logs  *logLines // warnings and worse
	world *bubble
	o     bot.Options
}

// inHall runs a test in one. source is written from the default policy.
func inHall(t *testing.T, source func(string) string, options func(*bot.Options), test func(h *hall)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ *sandbox.Sandbox, text string) string { return source(text) })
		defer w.end()
		o := w.options()
		o.IncidentsChannel, o.SecondSocket, o.PollEvery, o.Log = "", 0, 20*time.Second, zerolog.New(w.logs).Level(zerolog.WarnLevel)
		if options != nil {
			options(&o)
		}
		h := &hall{T: t, Bot: w.start(o), box: w.sandbox, clock: w.clock, logs: w.logs, world: w, o: o}
		test(h)
		w.stop(h.Bot)
	})
}

// until sleeps until a moment after the bubble's beginning, and for an instant more, in which what was due then happens.
func (h *hall) until(d time.Duration) {
	h.Helper()
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d)
	left := at.Sub(h.clock.Now())
	if left < 0 {
		h.Fatalf("it is %s already", h.clock.Now())
	}
	time.Sleep(left)
	synctest.Wait()
}

// jump moves the clock to a moment after the bubble's beginning: what would be looked at every few seconds until then is looked at once.
func (h *hall) jump(d time.Duration) {
	h.clock.Advance(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Sub(h.clock.Now()))
	synctest.Wait()
}

// on is who is on call for a target, as the log has it, by address.
func (h *hall) on(target string) string {
	h.Helper()
	s, err := h.Engine().House(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	var out []string
	for _, p := range s.Rosters[target].People {
		out = append(out, strings.SplitN(p.Email, ".", 2)[0]+"/"+p.Slack+"/"+p.Pager)
	}
	return strings.Join(out, " ")
}

func (h *hall) as(handle string) workspace.Person {
	u, ok := h.box.Workspace.User(handle)
	if !ok {
		h.Fatalf("nobody is called %s", handle)
	}
	return h.box.Workspace.As(u.ID)
}

// type types a command in #general and returns what the person sees.
func (h *hall) says(handle, text string) string {
	h.Helper()
	out, err := h.as(handle).Command(h.Context(), "general", "/incident", text)
	if err != nil {
		h.Fatal(err)
	}
	synctest.Wait()
	_ = out
	seen := h.box.Workspace.Ephemerals(h.as(handle).ID(), "general")
	if len(seen) == 0 {
		return ""
	}
	return seen[len(seen)-1].Text
}

// direct are the direct messages somebody got from the bot.
func (h *hall) direct(handle string) []string {
	h.Helper()
	var out []string
	for _, c := range h.box.Workspace.Channels() {
		if c.Kind != workspace.KindIM || !slices.Contains(c.Members, h.as(handle).ID()) {
			continue
		}
		for _, m := range h.box.Workspace.Messages(c.ID) {
			out = append(out, m.Text)
		}
	}
	return out
}

const (
	marc  = "marc.lindqvist@vitakyc.example"
	ines  = "ines.haddad@vitakyc.example"
	tomas = "tomas.rey@vitakyc.example"
	jonas = "jonas.weber@vitakyc.example"
	amel  = "amel.bensalem@vitakyc.example"
)

// rotating is the default policy with its first level and the backup kept in the file: Saturday 02:00 the duty passes from Marc to Ines, and
// the backup from Jonas to Marc.
func rotating(src string) string {
	return strings.NewReplacer(
		"\n  primary:\n", "\n  primary:\n    rotation: first\n    address: {on_call: true, service: PSVPROD}\n",
		"\n  secondary:\n", "\n  secondary:\n    rotation: second\n",
	).Replace(src) + `
handover_reminder: 1h
rotations:
  first:
    zone: UTC
    start: 1999-12-25
    handover: saturday 02:00
    weeks: 1
    people: [` + marc + `, ` + ines + `, ` + tomas + `]
  second:
    zone: UTC
    start: 1999-12-25
    handover: saturday 02:00
    weeks: 1
    people: [` + jonas + `, ` + marc + `, ` + ines + `]
`
}

// The duty passes at the second, with everything that is needed to ring the next person, and both are told before.
func TestADutyPassesAtItsTime(t *testing.T) {
	inHall(t, rotating, nil, func(h *hall) {
		synctest.Wait()
		want := func(first, second string) {
			h.Helper()
			if a, b := h.on("primary"), h.on("secondary"); a != first || b != second {
				h.Errorf("%s: primary %s, secondary %s; want %s, %s", time.Now().UTC(), a, b, first, second)
			}
		}
		const m, i, j = "marc/U0SBXMARC/PMARCL1", "ines/U0SBXINES/PINESH2", "jonas/U0SBXJONAS/PJONASW"
		want(m, j)
		h.until(time.Hour - time.Second)
		if got := h.direct("ines"); len(got) != 0 {
			h.Errorf("reminded too early: %q", got)
		}
		h.until(time.Hour + 2*time.Second)
		for who, texts := range map[string][]string{
			"ines": {"You are on call from"}, "jonas": {"passes to Marc Lindqvist"}, "marc": {"passes to Ines Haddad", "You are on call from"}, "tomas": nil,
		} {
			got := h.direct(who)
			if len(got) != len(texts) {
				h.Errorf("%s was told %q", who, got)
				continue
			}
			for _, text := range texts {
				if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, text) }) {
					h.Errorf("%s was told %q, not %q", who, got, text)
				}
			}
		}
		h.until(2*time.Hour - time.Millisecond)
		want(m, j)
		h.until(2 * time.Hour)
		want(i, m)
		h.until(2*time.Hour + 10*time.Minute)
		if got := h.direct("ines"); len(got) != 1 {
			h.Errorf("reminded again: %q", got)
		}
		s, err := h.Engine().House(h.Context())
		if err != nil || !s.Rosters["primary"].Since.Equal(time.Date(2000, 1, 1, 2, 0, 0, 0, time.UTC)) || s.Rosters["primary"].Source != "policy" {
			h.Errorf("%+v (%v)", s.Rosters["primary"], err)
		}
		// The page rings the phone of who is on call now, whatever PagerDuty's own schedule says.
		h.says("nadia", "declare checkout is down sev2")
		time.Sleep(10 * time.Second)
		var rung []string
		for _, n := range h.box.Pager.Rings() {
			rung = append(rung, n.Person.ID)
		}
		if !slices.Contains(rung, "PINESH2") || slices.Contains(rung, "PMARCL1") {
			h.Errorf("phones that rang: %v", rung)
		}
		if h.logs.String() != "" {
			h.Errorf("logged: %s", h.logs)
		}
	})
}

// A cover begins and ends at the second, the person covering is told at once, and what is called off is back at once.
func TestACoverBeginsAndEnds(t *testing.T) {
	inHall(t, rotating, nil, func(h *hall) {
		h.until(2*time.Hour + time.Minute)
		if got := h.says("ines", "cover @me 03:00-04:00 <@U0SBXJONAS|jonas>"); !strings.Contains(got, "Jonas Weber is on call for Ines Haddad") {
			h.Errorf("answered %q", got)
		}
		time.Sleep(time.Second)
		if got := h.direct("jonas"); len(got) != 2 || !strings.Contains(got[1], "Ines Haddad gave you a duty") {
			h.Errorf("Jonas was told %q", got)
		}
		before := len(h.direct("ines"))
		want := func(who string) {
			h.Helper()
			if got := h.on("primary"); !strings.HasPrefix(got, who+"/U0SBX") {
				h.Errorf("%s: %s is on call, want %s", time.Now().UTC(), got, who)
			}
		}
		h.until(3*time.Hour - time.Millisecond)
		want("ines")
		h.until(3 * time.Hour)
		want("jonas")
		if got := h.says("nadia", "who"); !strings.Contains(got, "On call") {
			h.Errorf("%q", got)
		}
		h.until(4*time.Hour - time.Millisecond)
		want("jonas")
		h.until(4 * time.Hour)
		want("ines")
		if got := h.direct("ines"); len(got) != before+1 { // the end is more than an hour after the agreement was made
			h.Errorf("Ines was told %q", got)
		}
		// At once, and called off at once.
		h.says("tomas", "cover <@U0SBXINES|ines> until 06:00 @me")
		want("tomas")
		s, err := h.Engine().House(h.Context())
		if err != nil || len(s.Covers) != 2 {
			h.Fatalf("%+v %v", s.Covers, err)
		}
		n := strings.TrimPrefix(s.Covers[1].ID, "cover-")
		h.says("ines", "uncover "+n)
		want("ines")
		time.Sleep(time.Second)
		if got := h.direct("tomas"); len(got) != 1 || !strings.Contains(got[0], "called cover "+n+" off") {
			h.Errorf("Tomás was told %q", got)
		}
		if got := h.says("ines", "uncover "+n); !strings.Contains(got, "is over since") {
			h.Errorf("%q", got)
		}
		if h.logs.String() != "" {
			h.Errorf("logged: %s", h.logs)
		}
	})
}

// What the month asked of people is counted from the logs while the bot runs: hours as they were served, pages that rang, who answered.
func TestTheReportOfAMonth(t *testing.T) {
	inHall(t, rotating, nil, func(h *hall) {
		h.until(2*time.Hour + time.Minute)
		h.says("ines", "cover @me 03:00-04:00 <@U0SBXJONAS|jonas>")
		h.until(3*time.Hour + 10*time.Minute)
		h.says("nadia", "declare checkout is down sev2")
		time.Sleep(10 * time.Second)
		for _, in := range h.box.Pager.Incidents() {
			if err := h.box.Pager.Acknowledge("PJONASW", in.ID); err != nil {
				h.Error(err)
			}
		}
		// Who commands goes off call at 04:00: command is offered to who comes.
		h.says("jonas", "INC-1 lead @me")
		h.until(4*time.Hour + time.Second)
		if s, err := h.Engine().State(h.Context(), "INC-1"); err != nil || s.HandOver.To.Slack != "U0SBXINES" || s.HandOver.Why != incident.HandOverRotation {
			h.Errorf("hand-over %+v (%v)", s.HandOver, err)
		}
		h.until(5 * time.Hour)
		file := filepath.Join(t.TempDir(), "policy.yaml")
		_, src := policy.Default()
		if err := os.WriteFile(file, []byte(rotating(string(src))), 0o600); err != nil {
			h.Fatal(err)
		}
		got, err := bot.OnCallReport(h.Context(), h.Journal(), file, "2000-01")
		if err != nil {
			h.Fatal(err)
		}
		var b strings.Builder
		for _, r := range got.Rows {
			fmt.Fprintf(&b, "%s %s %s pages %d answered %d outside %d at night %d\n", r.Rotation, strings.SplitN(r.Person, ".", 2)[0], r.OnCall, r.Pages, r.Interventions, r.Outside, r.NightPages)
		}
		for _, want := range []string{"primary ines 2h0m0s", "primary jonas 1h0m0s pages 1 answered 1 outside 1 at night 1\n", "primary marc 2h0m0s pages 0", "secondary jonas 2h0m0s pages 0", "secondary marc 3h0m0s"} {
			if !strings.Contains(b.String(), want) {
				h.Errorf("got:\n%swithout %q", b.String(), want)
			}
		}
		list, err := bot.OnCallList(h.Context(), h.Journal(), file, 4)
		if err != nil || len(list) == 0 || list[0].Target != "primary" || list[0].People[0].Email != ines || len(list[0].Next) != 4 || list[0].Next[0].Person != tomas {
			h.Errorf("%+v %v", list, err)
		}
	})
}
