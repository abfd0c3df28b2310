package sim

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// mark is the metadata by which the bot finds its posts again.
type mark struct {
	ID       incident.EffectID `json:"id"`
	Incident incident.ID       `json:"incident"`
}

// posts are the bot's marked messages of the whole workspace, by effect.
func (w *world) posts() map[incident.EffectID][]workspace.Message {
	out := map[incident.EffectID][]workspace.Message{}
	for _, ch := range w.sandbox.Workspace.Channels() {
		for _, m := range w.sandbox.Workspace.Messages(ch.ID) {
			if m.Metadata == nil {
				continue
			}
			var k mark
			if json.Unmarshal(m.Metadata.EventPayload, &k) == nil && k.ID != "" {
				out[k.ID] = append(out[k.ID], m)
			}
		}
	}
	return out
}

// healed checks what must hold once every fault is over and the bots had time to repair.
func (c *checks) healed() {
	w := c.w
	app := w.sandbox.App()
	posts := w.posts()
	known, when := map[incident.EffectID]incident.Owed{}, map[incident.EffectID]time.Time{}
	channels := map[string]incident.ID{}
	for _, t := range c.states() {
		s := t.state
		for id, o := range t.owed {
			known[id], when[id] = o, t.endedAt[id]
		}
		if s.Private != nil { // the rooms of before are its too
			for _, r := range s.Private.Old {
				channels[r.ID] = s.ID
			}
		}
		if s.RoomHeld { // its card in the alerts channel is all it has, and nothing when it went private as a duplicate
			c.hidden(s)
			continue
		}
		if s.ChannelID == "" {
			w.fault("I2: %s has no channel", s.ID)
			continue
		}
		if other, twice := channels[s.ChannelID]; twice {
			w.fault("I2: %s and %s share a channel", other, s.ID)
		}
		channels[s.ChannelID] = s.ID
		c.headline(s)
		c.hidden(s)
		if s.Open() {
			c.heard(t)
		}
	}
	for _, ch := range w.sandbox.Workspace.Channels() {
		if ch.Creator == app.BotUserID && ch.Kind == workspace.KindPublic && channels[ch.ID] == "" {
			w.fault("I2: the bot made the channel %s, which is nobody's", ch.Name)
		}
	}
	for id, list := range posts {
		o, recorded := known[id]
		if !recorded {
			w.fault("I2: somebody posted %s, which was never recorded", id)
			continue
		}
		there := 0
		for _, m := range list {
			if !m.Deleted {
				there++
			}
		}
		if there > 1 && !w.forgotten(when[id]) {
			w.fault("I2: %s stands %d times in Slack", id, there)
		}
		if len(list) > 1 {
			w.seen.some(SawRepaired, int64(len(list)-there))
			w.mu.Lock()
			excused := w.unsure[string(id)]
			w.mu.Unlock()
			if !excused {
				w.fault("I2: %s (%s) was posted %d times without a reason", id, o.Effect.Do, len(list))
			}
		}
	}
	c.claims()
	c.paged()
}

// headline checks that the card of a room is there, once.
func (c *checks) headline(s incident.State) {
	at, ok := s.Slots[incident.SlotHeadline]
	if !ok {
		if s.Open() {
			c.w.fault("I2: %s has no headline", s.ID)
		}
		return
	}
	m, ok := c.w.sandbox.Workspace.Message(at.Channel, at.TS)
	if !ok || m.Deleted {
		c.w.fault("I2: the headline of %s is gone", s.ID)
	}
}

// heard checks that everything people said in a room is on record, as it reads now. I6.
func (c *checks) heard(t *told) {
	for _, m := range c.w.sandbox.Workspace.Messages(t.state.ChannelID) {
		if m.BotID != "" || m.Deleted || m.Subtype != "" && m.Subtype != "thread_broadcast" || m.Ephemeral {
			continue
		}
		text, ok := t.messages[m.TS]
		switch {
		case !ok:
			c.w.fault("I6: %q (%s) of %s is not on record", m.Text, m.TS, t.state.ID)
		case text != m.Text:
			c.w.fault("I6: message %s of %s reads %q, on record is %q", m.TS, t.state.ID, m.Text, text)
		}
	}
}

// claims compares the claims with the logs. I3.
func (c *checks) claims() {
	j := c.w.journal()
	if j == nil {
		return
	}
	for _, t := range c.states() {
		s := t.state
		names := append(sortedKeys(t.claims), engine.ClaimName(s.ChannelName))
		if s.ChannelID != "" {
			names = append(names, engine.ClaimChannel(s.ChannelID))
		}
		if s.Private != nil { // what is asked there is asked of it
			for _, r := range s.Private.Old {
				names = append(names, engine.ClaimChannel(r.ID))
			}
		}
		owners, err := j.Claims(context.Background(), names)
		if err != nil {
			c.w.fault("claims cannot be read: %v", err)
			return
		}
		for _, n := range names {
			if owners[n] != string(s.ID) {
				c.w.fault("I3: the claim %s belongs to %q, not to %s", n, owners[n], s.ID)
			}
		}
	}
}

// paged compares PagerDuty with the logs: one page for each that was recorded, and none else. I2.
func (c *checks) paged() {
	w := c.w
	there := map[string]int{}
	for _, in := range w.sandbox.Pager.Incidents() {
		if strings.HasPrefix(in.DedupKey, installation+"/") {
			there[in.DedupKey]++
		}
	}
	known := map[string]bool{}
	for _, t := range c.states() {
		for dedup := range t.dedups {
			known[dedup] = true
		}
		for _, p := range t.state.Pages {
			// What was answered in Slack before PagerDuty took it need not have rung.
			if !p.Foreign && !p.SentAt.IsZero() && (p.Status == incident.PageSent || p.Status == incident.PageAnswered) && there[p.Dedup] == 0 {
				w.fault("I2: the page %s is on record as %s and PagerDuty knows nothing of it", p.Dedup, p.Status)
			}
			if n := there[p.Dedup]; n > 1 {
				w.mu.Lock()
				excused := w.unsure[string(t.pages[p.Key])]
				w.mu.Unlock()
				if !excused {
					w.fault("I2: the page %s rang %d times", p.Dedup, n)
				}
			}
		}
	}
	for _, dedup := range sortedKeys(there) {
		if !known[dedup] {
			w.fault("I2: PagerDuty has a page %s that was never recorded", dedup)
		}
	}
}

// over checks what must hold once every incident has ended.
func (c *checks) over() {
	w := c.w
	for _, t := range c.states() {
		if t.state.Open() {
			w.fault("%s could not be ended", t.state.ID)
		}
		for id, o := range t.owed {
			if _, ended := t.ended[id]; o.Effect.Facts() && !ended {
				w.fault("I1: at the end %s has not ended", id)
			}
		}
	}
	for _, in := range w.sandbox.Pager.Incidents() {
		if strings.HasPrefix(in.DedupKey, installation+"/") && !strings.Contains(in.DedupKey, "/"+incident.WhyObligation+"/") && in.Status != "resolved" {
			w.fault("I2: the page %s is %s after its incident has ended", in.DedupKey, in.Status)
		}
	}
	if j := w.journal(); j != nil {
		dead, err := j.DeadLetters(context.Background(), "", journal.MaxLimit)
		if err != nil {
			w.fault("dead letters cannot be read: %v", err)
		}
		for _, d := range dead {
			w.seen.count(SawDead)
			if id := incident.ID(d.Stream); id != "" {
				c.mu.Lock()
				o := c.told[id].owed[incident.EffectID(d.ID)]
				c.mu.Unlock()
				if o.Effect.Repeat == incident.AtMostOnce {
					continue // in doubt, and rightly not repeated
				}
			}
			w.fault("a dead letter: %s: %s", d.ID, d.Reason)
		}
	}
	for _, o := range w.sandbox.Workspace.Strange() {
		w.fault("an odd call of Slack: %s", o.What)
	}
	for _, o := range w.sandbox.Pager.Unexpected() {
		w.fault("an odd call of PagerDuty: %s %s", o.Op, o.Path)
	}
}

// secrets looks for what must never be written down. I9.
func (c *checks) secrets() {
	w := c.w
	list := []string{webhookSecret, alertToken, botToken, appToken, pagerToken}
	for _, key := range w.given {
		list = append(list, key)
	}
	all := w.logs.String()
	if j := w.journal(); j != nil {
		for _, t := range c.states() {
			records, _ := j.Records(context.Background(), stream(t.state.ID), 1, journal.MaxLimit)
			for _, r := range records {
				b, _ := json.Marshal(r)
				all += string(b)
				for _, x := range r.Texts {
					all += x.Body
				}
			}
		}
	}
	for _, s := range list {
		if strings.Contains(all, s) {
			w.fault("I9: a secret that begins with %.8s was written down", s)
		}
	}
	for _, url := range []string{"/response/", "/socket/"} {
		if strings.Contains(w.logs.String(), "127.0.0.1:80"+url) {
			w.fault("I9: a secret URL (%s) was logged", url)
		}
	}
}

// pending counts what is queued.
func (w *world) pending() int {
	j := w.journal()
	if j == nil {
		return -1
	}
	items, err := j.Pending(context.Background(), "", journal.MaxLimit)
	if err != nil {
		return -1
	}
	return len(items)
}

// heal lets the bots recover: leases run out, back-off ends, history is read, doubled posts are repaired. It jumps the clock in small
// strides, and returns when nothing is on its way, at the earliest after rounds of them.
func (w *world) heal(settle func(), rounds int) {
	for n := range 90 {
		time.Sleep(2500 * time.Millisecond)
		end := w.disturb()
		_ = w.sandbox.Advance(12500 * time.Millisecond)
		end()
		settle()
		w.checks.step()
		if n+1 >= rounds && w.pending() == 0 && w.sandbox.Workspace.Envelopes().Waiting == 0 {
			return
		}
	}
	w.fault("I1: %d effects are still on their way, %d events wait, long after every fault ended", w.pending(), w.sandbox.Workspace.Envelopes().Waiting)
}
