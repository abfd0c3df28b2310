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
