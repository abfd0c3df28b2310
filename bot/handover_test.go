package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// blocks is everything the bot wrote to somebody directly, blocks and all.
func (h *hall) blocks(handle string) string {
	h.Helper()
	var all strings.Builder
	for _, c := range h.box.Workspace.Channels() {
		if c.Kind != workspace.KindIM {
			continue
		}
		for _, id := range c.Members {
			if id != h.as(handle).ID() {
				continue
			}
			for _, m := range h.box.Workspace.Messages(c.ID) {
				all.WriteString(m.Text + "\n" + string(m.Blocks) + "\n")
			}
		}
	}
	return all.String()
}

// Who comes on call is told what is open, and nothing of a private incident.
func TestThePassingDutyNamesNoPrivateIncident(t *testing.T) {
	inHall(t, rotating, nil, func(h *hall) {
		h.says("nadia", "declare private: zebrafish sev3")
		h.says("nadia", "declare pelican sev3")
		h.until(time.Hour + 2*time.Second)
		got := h.blocks("ines")
		if !strings.Contains(got, "You are on call from") || !strings.Contains(got, "pelican") {
			h.Errorf("ines was told %s", got)
		}
		if strings.Contains(got, "zebrafish") || strings.Contains(got, "INC-1") {
			h.Errorf("ines was told of the private incident: %s", got)
		}
	})
}

// Command is offered to who comes on call in PagerDuty's own schedule, too.
func TestPagerDutysScheduleOffersCommand(t *testing.T) {
	scheduled := func(src string) string {
		return strings.Replace(src, "\n  primary:\n", "\n  primary:\n    schedule: "+sandbox.PrimaryScheduleID+"\n", 1)
	}
	inHall(t, scheduled, nil, func(h *hall) {
		h.until(time.Minute)
		h.says("nadia", "declare pelican sev3")
		h.says("marc", "INC-1 lead @me")
		h.until(10 * time.Minute)
		if err := h.box.Pager.SetOnCall(sandbox.PrimaryScheduleID, "PINESH2"); err != nil {
			h.Fatal(err)
		}
		h.until(17 * time.Minute) // rosters are read every five minutes or so; who is asked has a quarter of an hour
		s, err := h.Engine().State(h.Context(), "INC-1")
		if err != nil || s.HandOver.To.Slack != "U0SBXINES" || s.HandOver.Why != incident.HandOverRotation {
			h.Errorf("hand-over %+v (%v), commander %+v, on call %s", s.HandOver, err, s.Roles[incident.Commander], h.on("primary"))
		}
	})
}
