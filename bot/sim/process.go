package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// storm is monitoring that says of many services at once that something is wrong: six and N groups more, each of a service of its own, by
// both instances of Alertmanager in turn.
func (w *world) storm(_ int, op Op) {
	for n := range 6 + abs(op.N) {
		body := w.group(fmt.Sprintf("Storm%d", n), fmt.Sprintf("storm-svc-%d", n), fmt.Sprintf("Storm of service %d", n), "warning", "firing")
		w.wg.Go(func() { w.deliver(body) })
		time.Sleep(70 * time.Millisecond)
	}
}

// group is what Alertmanager says of one group.
func (w *world) group(name, service, summary, severity, status string) []byte {
	now := w.clock.Now().Format(time.RFC3339)
	labels := map[string]string{"alertname": name, "service": service}
	if severity != "" {
		labels["severity"] = severity
	}
	one := map[string]any{"status": status, "labels": labels, "annotations": map[string]string{"summary": summary}, "startsAt": now, "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "f" + name}
	if status == "resolved" {
		one["endsAt"] = now
	}
	body, _ := json.Marshal(map[string]any{
		"version": "4", "groupKey": fmt.Sprintf(`{}:{alertname="%s"}`, name), "status": status, "receiver": "tocsin", "groupLabels": map[string]string{"alertname": name},
		"commonLabels": labels, "commonAnnotations": map[string]string{"summary": summary}, "externalURL": "https://alertmanager.example", "alerts": []any{one},
	})
	return body
}

// split makes an incident of its own of a part of the newest one that has several.
func (w *world) split(i int, op Op) {
	list := w.checks.rooms()
	for n := len(list) - 1; n >= 0; n-- {
		s := list[n]
		if parts := s.Parts(); s.Open() && len(s.Alerts)+len(s.Rest) > 1 {
			w.typed(i, w.inside(op, s), s.ChannelID, "split "+parts[abs(op.N)%len(parts)], "")
			return
		}
	}
}

// merge says of an incident that it is a duplicate of another.
func (w *world) merge(i int, op Op) {
	list := w.checks.rooms()
	s, ok := w.room(op)
	if !ok || len(list) < 2 {
		return
	}
	into := list[abs(op.N)%len(list)]
	if into.ID == s.ID {
		into = list[(abs(op.N)+1)%len(list)]
	}
	w.typed(i, w.inside(op, s), s.ChannelID, "merge "+string(into.ID), "")
}

// press presses the newest button of somebody's direct messages whose action begins with Text.
func (w *world) press(_ int, op Op) {
	me := w.as(op)
	type at struct{ channel, ts, action string }
	var newest at
	for _, c := range w.sandbox.Workspace.Channels() {
		if c.Kind != workspace.KindIM || !slices.Contains(c.Members, me.ID()) {
			continue
		}
		for _, m := range w.sandbox.Workspace.Messages(c.ID) {
			if m.Deleted || m.TS < newest.ts {
				continue
			}
			if i := slices.IndexFunc(buttons(m.Blocks), func(id string) bool { return strings.HasPrefix(id, op.Text) }); i >= 0 {
				newest = at{c.ID, m.TS, buttons(m.Blocks)[i]}
			}
		}
	}
	if newest.ts == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	_, _ = me.Click(ctx, newest.channel, newest.ts, newest.action)
}

// inside lets somebody who has a part in a private incident act in the place of somebody who has none: who stands outside can do nothing
// there.
func (w *world) inside(op Op, s incident.State) Op {
	for n, m := range w.sandbox.Cast() {
		if s.MaySee(incident.Person{Slack: w.member(op).SlackID}) {
			return op
		}
		if s.MaySee(incident.Person{Slack: m.SlackID}) {
			op.Who = n
			return op
		}
	}
	return op
}
