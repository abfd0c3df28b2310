package bot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

const alertmanagerToken = "ops-alerts-test"

// staffed is the default policy with Marc on call.
func staffed(src string) string {
	return strings.Replace(src, "\n  primary:\n", "\n  primary:\n    people: ["+marc+"]\n", 1)
}

// aday is staffed with a working day that is short and soon: Saturday is none, Sunday ends at 04:00.
func aday(src string) string {
	return strings.Replace(staffed(src), `hours: "09:00-18:00"`, `hours: "03:00-04:00", weekend: [saturday]`, 1)
}

func withToken(o *bot.Options) { o.AlertmanagerToken, o.PollEvery = alertmanagerToken, 10*time.Minute }

// alerts is what Alertmanager says of a group: so many of its alerts fire, all since the bubble's beginning.
func (h *hall) alerts(name, group string, firing int) {
	h.Helper()
	labels := map[string]string{"alertname": name, "service": "billing"}
	status, list := "firing", []map[string]any{}
	for i := range firing {
		list = append(list, map[string]any{"status": "firing", "labels": labels, "annotations": map[string]string{"summary": "RNE balance below 50 TND"}, "startsAt": "2000-01-01T00:00:00Z", "fingerprint": fmt.Sprintf("%s-%d", group, i)})
	}
	if firing == 0 {
		status = "resolved"
		list = append(list, map[string]any{"status": "resolved", "labels": labels, "startsAt": "2000-01-01T00:00:00Z", "endsAt": time.Now().UTC(), "fingerprint": group + "-0"})
	}
	body, err := json.Marshal(map[string]any{"version": "4", "groupKey": group, "status": status, "receiver": "tocsin", "groupLabels": labels, "commonLabels": labels,
		"commonAnnotations": map[string]string{"summary": "RNE balance below 50 TND"}, "externalURL": "http://alertmanager.example", "alerts": list})
	if err != nil {
		h.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/webhooks/alertmanager", strings.NewReader(string(body)))
	req.Header.Set("Authorization", "Bearer "+alertmanagerToken)
	rec := httptest.NewRecorder()
	h.HTTPHandler().ServeHTTP(rec, req)
	if rec.Code/100 != 2 {
		h.Fatalf("%d %s", rec.Code, rec.Body)
	}
	time.Sleep(5 * time.Second)
	synctest.Wait()
}

// cards are what the bot has said in the alerts channel.
func (h *hall) cards() []workspace.Message {
	return slices.DeleteFunc(h.box.Workspace.Messages("ops-alerts"), func(m workspace.Message) bool { return m.BotID == "" })
}

// card is the only one, with all that it says.
func (h *hall) card() (m workspace.Message, said string) {
	h.Helper()
	all := h.cards()
	if len(all) != 1 {
		h.Fatalf("%d messages in #ops-alerts: %+v", len(all), all)
	}
	return all[0], string(all[0].Blocks)
}

// rooms are the channels that the bot has made.
func (h *hall) rooms() []string {
	var out []string
	for _, c := range h.box.Workspace.Channels() {
		if strings.HasPrefix(c.Name, "inc-") {
			out = append(out, c.ID)
		}
	}
	return out
}

// button is a button of a message, by how its action begins.
func (h *hall) button(m workspace.Message, action string) string {
	h.Helper()
	var list []struct {
		Elements []struct {
			Action string `json:"action_id"`
		} `json:"elements"`
	}
	if err := json.Unmarshal(m.Blocks, &list); err != nil {
		h.Fatal(err)
	}
	for _, b := range list {
		for _, e := range b.Elements {
			if e.Action == action || strings.HasPrefix(e.Action, action+"/") || strings.HasPrefix(e.Action, action+".") || strings.HasPrefix(e.Action, action+":") {
				return e.Action
			}
		}
	}
	h.Fatalf("no button %s in %s", action, m.Blocks)
	return ""
}

func (h *hall) state(id incident.ID) incident.State {
	h.Helper()
	s, err := h.Engine().State(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

// strict is that nothing was strange to Slack, nothing is waiting, and nothing died.
func (h *hall) strict() {
	h.Helper()
	for _, s := range h.box.Workspace.Strange() {
		h.Errorf("Slack found it strange: %s", s.What)
	}
	dead, err := h.Journal().DeadLetters(h.Context(), "", 100)
	if err != nil || len(dead) > 0 {
		h.Errorf("dead letters: %v %v", dead, err)
	}
}

// A minor alert is one message in #ops-alerts, edited as the alert goes on; its button opens the room, with everything that taking it brings.
func TestAMinorAlertIsACardUntilSomebodyTakesIt(t *testing.T) {
	inHall(t, staffed, withToken, func(h *hall) {
		t := h.T
		h.alerts("RneBalanceLow", "g1", 1)
		m, said := h.card()
		if len(h.rooms()) != 0 || !strings.Contains(said, "1 alert fires") || !strings.Contains(said, "RNE balance below 50 TND") || !strings.Contains(said, "I take it") {
			t.Fatalf("rooms %v: %s", h.rooms(), said)
		}
		h.alerts("RneBalanceLow", "g1", 1)
		if now, _ := h.card(); now.TS != m.TS || now.Edits != m.Edits {
			t.Errorf("a repeat changed it: %d edits after %d", now.Edits, m.Edits)
		}
		h.alerts("RneBalanceLow", "g1", 3)
		if now, said := h.card(); now.TS != m.TS || !strings.Contains(said, "3 alerts fire") {
			t.Errorf("more of it: %s", said)
		}
		if len(h.rooms()) != 0 || len(h.box.Pager.Rings()) != 0 || len(h.direct("marc")) != 0 {
			t.Errorf("rooms %v, rings %v, %q", h.rooms(), h.box.Pager.Rings(), h.direct("marc"))
		}
		h.says("jonas", "list")
		if seen := h.box.Workspace.Ephemerals(h.as("jonas").ID(), "general"); !strings.Contains(string(seen[len(seen)-1].Blocks), "no room yet") {
			t.Errorf("the list: %s", seen[len(seen)-1].Blocks)
		}
		m, _ = h.card()
		if _, err := h.as("marc").Click(t.Context(), m.Channel, m.TS, h.button(m, "ack")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		rooms := h.rooms()
		if len(rooms) != 1 {
			t.Fatalf("rooms %v", rooms)
		}
		c, _ := h.box.Workspace.Channel(rooms[0])
		if !slices.Contains(c.Members, h.as("marc").ID()) {
			t.Errorf("Marc is not in it: %v", c.Members)
		}
		if s := h.state("INC-1"); s.RoomHeld || s.AcknowledgedBy.Slack != h.as("marc").ID() || s.Roles[incident.Commander].Who.Slack != h.as("marc").ID() {
			t.Errorf("%+v", s.Roles)
		}
		head := ""
		for _, m := range h.box.Workspace.Messages(rooms[0]) {
			head += string(m.Blocks)
		}
		if !strings.Contains(head, "RneBalanceLow") {
			t.Errorf("the room: %s", head)
		}
		if _, said := h.card(); !strings.Contains(said, "Taken by") || !strings.Contains(said, rooms[0]) || strings.Contains(said, "I take it") {
			t.Errorf("the card after it: %s", said)
		}
		h.strict()
	})
}

// Nobody takes it: on Saturday it is not yet late; at the close of the next working day its room opens with whoever was on call in it, told and not rung.
func TestAMinorAlertNobodyTakesOpensItsRoomInBusinessTime(t *testing.T) {
	inHall(t, aday, withToken, func(h *hall) {
		t := h.T
		h.alerts("RneBalanceLow", "g1", 1)
		h.jump(27 * time.Hour)
		h.until(28*time.Hour - time.Second) // Sunday 04:00
		if len(h.rooms()) != 0 || len(h.direct("marc")) != 0 {
			t.Fatalf("too early: %v %q", h.rooms(), h.direct("marc"))
		}
		h.until(28*time.Hour + 10*time.Second)
		rooms := h.rooms()
		if len(rooms) != 1 || len(h.direct("marc")) != 1 || len(h.box.Pager.Rings()) != 0 {
			t.Fatalf("rooms %v, told %q, rings %v", rooms, h.direct("marc"), h.box.Pager.Rings())
		}
		c, _ := h.box.Workspace.Channel(rooms[0])
		said := ""
		for _, m := range h.box.Workspace.Messages(rooms[0]) {
			said += string(m.Blocks)
		}
		if !slices.Contains(c.Members, h.as("marc").ID()) || !strings.Contains(said, "nobody has") {
			t.Errorf("in it %v: %s", c.Members, said)
		}
		if _, said := h.card(); !strings.Contains(said, rooms[0]) {
			t.Errorf("the card: %s", said)
		}
		h.strict()
	})
}

// It clears by itself: no room ever, and its card says so. Whoever looks at it ends it there.
func TestAMinorAlertThatClearsNeverHasARoom(t *testing.T) {
	inHall(t, aday, withToken, func(h *hall) {
		t := h.T
		h.alerts("RneBalanceLow", "g1", 1)
		h.until(time.Hour)
		h.alerts("RneBalanceLow", "g1", 0)
		if _, said := h.card(); !strings.Contains(said, "cleared by itself") {
			t.Errorf("the card: %s", said)
		}
		h.jump(27 * time.Hour)
		h.until(30 * time.Hour)
		if len(h.rooms()) != 0 {
			t.Fatalf("rooms %v", h.rooms())
		}
		m, _ := h.card()
		if _, err := h.as("marc").Click(t.Context(), m.Channel, m.TS, h.button(m, "open-cancel")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		forms := h.box.Workspace.Views(h.as("marc").ID())
		if len(forms) != 1 {
			t.Fatalf("%+v", forms)
		}
		if out, err := h.as("marc").Submit(t.Context(), forms[0].ID, map[string]map[string]any{"reason": {"reason": "a load test"}}); err != nil || len(out.Errors) > 0 {
			t.Fatalf("%v %v", err, out.Errors)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if _, said := h.card(); h.state("INC-1").Open() || !strings.Contains(said, "Cancelled") || !strings.Contains(said, "a load test") || strings.Contains(said, "I take it") {
			t.Errorf("the card after it: %s", said)
		}
		if len(h.rooms()) != 0 {
			t.Errorf("rooms %v", h.rooms())
		}
		h.strict()
	})
}

// The channel of alerts is not there: the room opens at once and the log says why.
func TestAMinorAlertWithoutItsChannelOpensARoom(t *testing.T) {
	lost := func(src string) string {
		return strings.Replace(staffed(src), "alerts_channel: ops-alerts", "alerts_channel: nowhere", 1)
	}
	inHall(t, lost, withToken, func(h *hall) {
		t := h.T
		h.alerts("RneBalanceLow", "g1", 1)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(h.rooms()) != 1 || len(h.cards()) != 0 {
			t.Fatalf("rooms %v, cards %v", h.rooms(), h.cards())
		}
		events, err := h.Engine().Events(t.Context(), "INC-1", 1, 100)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(events, func(e incident.Event) bool {
			f, is := e.Fact.(*incident.RoomWanted)
			return is && f.Why == incident.RoomNoCard
		}) {
			t.Error("the log does not say why")
		}
	})
}

// What is worse has a card beside its room; the variable wins over the policy's channel.
func TestEveryAlertHasItsCard(t *testing.T) {
	inHall(t, staffed, func(o *bot.Options) { withToken(o); o.AlertsChannel = "#general" }, func(h *hall) {
		t := h.T
		h.alerts("ApiHighLatencyP95", "g1", 1)
		if len(h.rooms()) != 1 || len(h.cards()) != 0 {
			t.Fatalf("rooms %v, %v", h.rooms(), h.cards())
		}
		var mine []string
		for _, m := range h.box.Workspace.Messages("general") {
			if m.BotID != "" {
				mine = append(mine, string(m.Blocks))
			}
		}
		if len(mine) != 1 || !strings.Contains(mine[0], h.rooms()[0]) || strings.Contains(mine[0], "I take it") {
			t.Errorf("%q", mine)
		}
		h.strict()
	})
}
