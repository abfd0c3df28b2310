package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

// scheduled is the default policy with its first level filled by PagerDuty's schedule, which is Marc's alone.
func scheduled(src string) string {
	return strings.Replace(src, "\n  primary:\n", "\n  primary:\n    schedule: "+sandbox.PrimaryScheduleID+"\n", 1) + "\nhandover_reminder: 20m\n"
}

// rungOf declares an incident and says whose phone the first level rang.
func (h *hall) rungOf(title string) string {
	h.Helper()
	before := len(h.box.Pager.Rings())
	h.says("nadia", "declare "+title+" sev2")
	time.Sleep(5 * time.Second)
	var out []string
	for _, r := range h.box.Pager.Rings()[before:] {
		if who := strings.ToLower(strings.Fields(r.Person.Name)[0]); r.Kind == pager.Phone && r.ServiceID == "PSVPRIM" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	rows, err := h.Engine().List(h.Context(), true, 5)
	if err != nil || len(rows) != 1 {
		h.Fatalf("%d open (%v): %+v", len(rows), err, rows)
	}
	h.says("nadia", string(rows[0].ID)+" cancel only to hear who is rung") // or its ladder goes on for hours
	return strings.Join(out, " ")
}

// overrides are those of PagerDuty's schedule, "PINESH2 01:00-02:00".
func (h *hall) overrides() string {
	var out []string
	for _, o := range h.box.Pager.Overrides(sandbox.PrimaryScheduleID) {
		out = append(out, fmt.Sprintf("%s %s-%s", o.UserID, o.From.Format("15:04:05"), o.To.Format("15:04:05")))
	}
	return strings.Join(out, ", ")
}

func (h *hall) want(got, want string) {
	h.Helper()
	if got != want {
		h.Errorf("%s: got %q, want %q", time.Now().UTC().Format("15:04:05.000"), got, want)
	}
}

// lastCover is the number of the cover agreed on last, as people type it.
func (h *hall) lastCover() string {
	h.Helper()
	s, err := h.Engine().House(h.Context())
	if err != nil || len(s.Covers) == 0 {
		h.Fatal(s.Covers, err)
	}
	return strings.TrimPrefix(s.Covers[len(s.Covers)-1].ID, "cover-")
}

// shown is everything on the card that answers a command.
func (h *hall) shown(handle, text string) string {
	h.Helper()
	h.says(handle, text)
	seen := h.box.Workspace.Ephemerals(h.as(handle).ID(), "general")
	return string(seen[len(seen)-1].Blocks)
}

const (
	marcOn  = "marc/U0SBXMARC/PMARCL1"
	inesOn  = "ines/U0SBXINES/PINESH2"
	jonasOn = "jonas/U0SBXJONAS/PJONASW"
)

// A cover over PagerDuty's schedule rings who covers during it and nobody else's phone, neither before nor after, and called off it is as if it
// never was. The roster follows at the second, and the answers say who has it for whom.
func TestACoverOverAPagerDutySchedule(t *testing.T) {
	inHall(t, scheduled, nil, func(h *hall) {
		h.until(time.Minute)
		h.want(h.on("primary"), marcOn)
		if got := h.says("marc", "cover @me 01:00-02:00 <@U0SBXINES|ines>"); !strings.Contains(got, "Ines Haddad is on call for Marc Lindqvist") {
			t.Errorf("answered %q", got)
		}
		h.want(h.overrides(), "PINESH2 01:00:00-02:00:00")
		time.Sleep(time.Second)
		if got := h.direct("ines"); len(got) != 1 || !strings.Contains(got[0], "Marc Lindqvist gave you a duty") {
			t.Errorf("Ines was told %q", got)
		}
		h.want(h.on("primary"), marcOn)
		h.want(h.rungOf("checkout is down"), "marc")
		// Once only: the same hour is not given away twice.
		if got := h.says("marc", "cover @me 01:30-03:00 <@U0SBXJONAS|jonas>"); !strings.Contains(got, "gave") || !strings.Contains(got, "already (cover") {
			t.Errorf("answered %q", got)
		}
		h.until(time.Hour - time.Millisecond)
		h.want(h.on("primary"), marcOn)
		h.until(time.Hour)
		h.want(h.on("primary"), inesOn)
		h.want(h.rungOf("payments fail"), "ines")
		for _, want := range []string{"*on-call engineer*: Ines Haddad", "for Marc Lindqvist, cover " + h.lastCover(), "PagerDuty, read"} {
			if got := h.shown("nadia", "oncall"); !strings.Contains(got, want) {
				t.Errorf("%q is not in %s", want, got)
			}
		}
		if got := h.shown("nadia", "covers"); !strings.Contains(got, "Ines Haddad for Marc Lindqvist") || !strings.Contains(got, "override in PagerDuty") {
			t.Errorf("%s", got)
		}
		h.until(2*time.Hour - time.Millisecond)
		h.want(h.on("primary"), inesOn)
		if got := h.direct("marc"); !slices.ContainsFunc(got, func(s string) bool {
			return strings.Contains(s, "You are on call from") && strings.Contains(s, "Before you: Ines")
		}) {
			t.Errorf("Marc was not reminded: %q", got)
		}
		h.until(2 * time.Hour)
		h.want(h.on("primary"), marcOn)
		h.want(h.rungOf("mail is late"), "marc")
		// At once, by somebody else, and called off at once.
		h.says("tomas", "cover <@U0SBXMARC|marc> until 06:00 <@U0SBXJONAS|jonas>")
		time.Sleep(time.Second)
		synctest.Wait()
		h.want(h.on("primary"), jonasOn)
		h.want(h.rungOf("search is empty"), "jonas")
		n := h.lastCover()
		if got := h.says("jonas", "uncover "+n); !strings.Contains(got, "Cover "+n+" is called off, and its override in PagerDuty is deleted") {
			t.Errorf("answered %q", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		h.want(h.on("primary"), marcOn)
		h.want(h.rungOf("login loops"), "marc")
		if got := h.says("jonas", "uncover "+n); !strings.Contains(got, "is over since") {
			t.Errorf("%q", got)
		}
		if got := h.direct("marc"); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "called cover "+n+" off") }) {
			t.Errorf("Marc was told %q", got)
		}
		if log := h.logs.String(); log != "" {
			t.Errorf("logged %s", log)
		}
		if bad := h.box.Pager.Unexpected(); len(bad) > 0 {
			t.Errorf("%+v", bad)
		}
	})
}

const makeOverride, deleteOverride = "POST /schedules/{id}/overrides", "DELETE /schedules/{id}/overrides/{override}"

// calls counts what was asked of PagerDuty.
func (h *hall) calls(op string) (n int) {
	for _, c := range h.box.Pager.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// quietly drops the warnings that a test brings about.
func (h *hall) quietly(words ...string) {
	h.Helper()
	for line := range strings.Lines(h.logs.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) }) {
			h.Errorf("logged %s", line)
		}
	}
}

const retried = "trying again until it does"

// While PagerDuty does not answer, what people agree on is recorded, said to be missing there, and made or deleted when it answers again; who
// agreed on it is told then. Until it is done the old phone is the one that is named.
func TestPagerDutyIsAwayWhenACoverIsAgreedOn(t *testing.T) {
	inHall(t, scheduled, nil, func(h *hall) {
		h.until(time.Minute)
		h.box.Pager.SetDown(true)
		if got := h.says("marc", "cover @me until 06:00 <@U0SBXINES|ines>"); !strings.Contains(got, "is recorded and not in PagerDuty yet") {
			t.Errorf("answered %q", got)
		}
		if got := h.shown("marc", "covers"); !strings.Contains(got, "not in PagerDuty yet") {
			t.Errorf("listed %s", got)
		}
		h.until(3 * time.Minute)
		h.want(h.on("primary"), marcOn)
		if got := h.direct("ines"); len(got) != 0 {
			t.Errorf("Ines was told before it stands: %q", got)
		}
		h.box.Pager.SetDown(false)
		h.until(5 * time.Minute)
		h.want(h.on("primary"), inesOn)
		if got := h.box.Pager.Overrides(sandbox.PrimaryScheduleID); len(got) != 1 || got[0].UserID != "PINESH2" || !got[0].To.Equal(time.Date(2000, 1, 1, 6, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", got)
		}
		for who, want := range map[string]string{"ines": "gave you a duty", "marc": "stands in PagerDuty now"} {
			if got := h.direct(who); len(got) != 1 || !strings.Contains(got[0], want) {
				t.Errorf("%s was told %q", who, got)
			}
		}
		h.box.Pager.SetDown(true)
		n := h.lastCover()
		if got := h.says("marc", "uncover "+n); !strings.Contains(got, "still stands in PagerDuty") || !strings.Contains(got, "Ines Haddad is rung") {
			t.Errorf("answered %q", got)
		}
		h.want(h.on("primary"), inesOn)
		h.box.Pager.SetDown(false)
		// Once more, by hand: it is tried at once.
		if got := h.says("marc", "uncover "+n); !strings.Contains(got, "its override in PagerDuty is deleted") {
			t.Errorf("answered %q", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		h.want(h.on("primary"), marcOn)
		h.quietly(retried, "not all of those on call", "poll", "pagerduty")
	})
}

// An answer that is lost makes no second override, and neither does a restart in between.
func TestAnOverrideIsMadeOnce(t *testing.T) {
	inHall(t, scheduled, nil, func(h *hall) {
		fail := func(op string, n, status int) {
			t.Helper()
			if err := h.box.Pager.FailAfterNext(op, n, status); err != nil {
				t.Fatal(err)
			}
		}
		h.until(time.Minute)
		fail(makeOverride, 1, 502) // it is done, and the answer is lost
		if got := h.says("marc", "cover @me 01:00-02:00 <@U0SBXINES|ines>"); !strings.Contains(got, "not in PagerDuty yet") {
			t.Errorf("answered %q", got)
		}
		h.until(2 * time.Minute)
		h.want(h.overrides(), "PINESH2 01:00:00-02:00:00")
		if n := h.calls(makeOverride); n != 1 {
			t.Errorf("asked %d times", n)
		}
		// At once, where the beginning is another for each attempt; and the process is gone before it can look.
		fail(makeOverride, 1, 0)
		h.says("marc", "cover @me until 00:30 <@U0SBXJONAS|jonas>")
		h.world.stop(h.Bot)
		h.until(3 * time.Minute)
		h.Bot = h.world.start(h.o)
		h.until(4 * time.Minute)
		h.want(h.overrides(), "PINESH2 01:00:00-02:00:00, PJONASW 00:02:00-00:30:00")
		h.want(h.on("primary"), jonasOn)
		if n := h.calls(makeOverride); n != 2 {
			t.Errorf("asked %d times", n)
		}
		// A delete whose answer is lost is done when the override is gone.
		fail(deleteOverride, 1, 502)
		if got := h.says("marc", "uncover "+h.lastCover()); !strings.Contains(got, "still stands in PagerDuty") {
			t.Errorf("answered %q", got)
		}
		h.until(5 * time.Minute)
		h.want(h.on("primary"), marcOn)
		if got := h.shown("marc", "covers"); strings.Contains(got, "Jonas") {
			t.Errorf("still listed: %s", got)
		}
		h.quietly(retried, "not all of those on call")
	})
}

// What PagerDuty refuses is said and leaves nothing; what somebody deleted there counts as deleted; somebody it does not know cannot cover.
func TestWhatPagerDutyRefusesOfACover(t *testing.T) {
	inHall(t, scheduled, nil, func(h *hall) {
		h.until(time.Minute)
		if err := h.box.Pager.FailNext(makeOverride, 1, 403); err != nil {
			t.Fatal(err)
		}
		if got := h.says("marc", "cover @me 01:00-02:00 <@U0SBXINES|ines>"); !strings.Contains(got, "PagerDuty refused the override") {
			t.Errorf("answered %q", got)
		}
		if got := h.says("marc", "covers"); !strings.Contains(got, "No cover or swap is agreed on") {
			t.Errorf("listed %q", got)
		}
		if got := h.says("marc", "cover @me 01:00-02:00 nobody@vitakyc.example"); !strings.Contains(got, "PagerDuty has no user with the address") {
			t.Errorf("answered %q", got)
		}
		if got := h.says("marc", "cover <@U0SBXINES|ines> 01:00-02:00 <@U0SBXJONAS|jonas>"); !strings.Contains(got, "has no duty") || !strings.Contains(got, "Marc Lindqvist has") {
			t.Errorf("answered %q", got)
		}
		if got := h.says("marc", "cover @me 1999-12-31 10:00 1999-12-31 11:00 <@U0SBXJONAS|jonas>"); !strings.Contains(got, "that is over since") {
			t.Errorf("answered %q", got)
		}
		h.want(h.overrides(), "")
		h.says("marc", "cover @me until 02:00 <@U0SBXINES|ines>")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		h.want(h.on("primary"), inesOn)
		if err := h.box.Pager.RemoveOverride(sandbox.PrimaryScheduleID, h.box.Pager.Overrides(sandbox.PrimaryScheduleID)[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := h.says("marc", "uncover "+h.lastCover()); !strings.Contains(got, "was gone from PagerDuty already") {
			t.Errorf("answered %q", got)
		}
		h.want(h.on("primary"), marcOn)
		h.quietly()
	})
}

// Two replicas, of which any may be asked, make one override and tell people once; the one that was not asked follows.
func TestTwoReplicasMakeOneOverride(t *testing.T) {
	inHall(t, scheduled, nil, func(h *hall) {
		o := h.o
		o.Owner, o.Store = "other", h.Journal()
		other := h.world.start(o)
		h.until(time.Minute)
		if err := h.box.Pager.FailNext(makeOverride, 2, 503); err != nil {
			t.Fatal(err)
		}
		h.says("marc", "cover @me 01:00-02:00 <@U0SBXINES|ines>")
		h.until(10 * time.Minute)
		h.want(h.overrides(), "PINESH2 01:00:00-02:00:00")
		if got := h.direct("ines"); len(got) != 1 {
			t.Errorf("Ines was told %q", got)
		}
		h.until(time.Hour)
		h.want(h.on("primary"), inesOn)
		h.says("ines", "uncover "+h.lastCover())
		h.until(time.Hour + time.Minute)
		h.want(h.on("primary"), marcOn)
		s, err := other.Engine().House(h.Context())
		if err != nil || s.Rosters["primary"].People[0].Pager != "PMARCL1" {
			t.Errorf("%+v %v", s.Rosters["primary"], err)
		}
		h.world.stop(other)
		h.quietly(retried)
	})
}

// What is wrong with PagerDuty's schedules in the coming weeks stands where people ask who is on call: a time that is nobody's, and the backup
// being the first.
func TestOnCallNamesAGapAndABackupWhoIsTheFirst(t *testing.T) {
	both := func(src string) string {
		return strings.Replace(scheduled(src), "\n  secondary:\n", "\n  secondary:\n    schedule: "+sandbox.SecondaryScheduleID+"\n", 1)
	}
	inHall(t, both, nil, func(h *hall) {
		h.until(time.Minute)
		if got := h.shown("nadia", "oncall"); strings.Contains(got, "⛔") {
			t.Errorf("nothing is wrong: %s", got)
		}
		begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		for id, users := range map[string][]string{sandbox.PrimaryScheduleID: {"PMARCL1", "PINESH2", "", "PJONASW", "PTOMASR"}, sandbox.SecondaryScheduleID: {"PINESH2", "PTOMASR", "PVIKTOR", "PJONASW", "PMARCL1"}} {
			if err := h.box.Pager.SetRotation(id, begin, 7*24*time.Hour, users...); err != nil {
				t.Fatal(err)
			}
		}
		h.until(10 * time.Minute)
		got := h.shown("nadia", "oncall")
		at := func(day int) string { return fmt.Sprintf("<!date^%d^", begin.AddDate(0, 0, day).Unix()) }
		for _, want := range []string{"⛔ nobody from " + at(14), "⛔ the same person as *on-call engineer* from " + at(21)} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not in %s", want, got)
			}
		}
		if n := strings.Count(got, "⛔"); n != 2 {
			t.Errorf("%d things are wrong: %s", n, got)
		}
	})
}
