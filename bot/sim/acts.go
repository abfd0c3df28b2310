package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// acts carry operations out; i is the operation's number in its plan.
var acts = map[Act]func(w *world, i int, op Op){
	Declare: (*world).declare, Message: (*world).message, Edit: (*world).edit, Delete: (*world).remove, Reply: (*world).reply, Command: (*world).command,
	Note: (*world).note, Click: (*world).click, Squat: (*world).squat, Alert: (*world).alert, Clear: (*world).alert, Again: (*world).again,
	Fire: (*world).fire, PhoneAck: (*world).phone, PhoneEnd: (*world).phone, PhoneSay: (*world).phone, PhoneBack: (*world).phone, Advance: (*world).advance,
	Twin: (*world).twin, AlertBoth: (*world).alertBoth, Relieve: (*world).relieve, FillIn: (*world).fillIn, Home: (*world).home, Reconf: (*world).reconf,
	Storm: (*world).storm, Split: (*world).split, Merge: (*world).merge, Press: (*world).press,

	SlackDown:    func(w *world, _ int, op Op) { w.during(op, w.slack().Down) },
	SocketDown:   func(w *world, _ int, op Op) { w.during(op, w.slack().SocketDown) },
	SlackSlow:    (*world).slow,
	SlackLimited: (*world).limited,
	SlackAfter500: func(w *world, _ int, op Op) {
		w.blip()
		w.slack().DoThenFail(method(op), max(1, op.N))
	},
	SlackAfterCut: func(w *world, _ int, op Op) {
		w.blip()
		w.slack().DoThenCut(method(op), max(1, op.N))
	},
	SlackHTML: func(w *world, _ int, op Op) {
		w.blip()
		w.slack().HTMLNext(method(op), max(1, op.N))
	},
	Slack500: func(w *world, _ int, op Op) {
		w.blip()
		w.slack().StatusNext(method(op), max(1, op.N), http.StatusInternalServerError)
	},
	HalfOpen:    func(w *world, _ int, _ Op) { w.slack().HalfOpen() },
	DropSockets: func(w *world, _ int, _ Op) { w.slack().DropSockets() },
	Refresh:     func(w *world, _ int, _ Op) { w.slack().Disconnect(workspace.ReasonRefresh) },
	Duplicate:   func(w *world, _ int, op Op) { w.slack().DuplicateNext(max(1, op.N)) },
	Lose:        func(w *world, _ int, op Op) { w.slack().LoseNext(max(1, op.N)) },

	PagerDown: func(w *world, _ int, op Op) { w.during(op, w.sandbox.Pager.SetDown) },
	PagerAfter500: func(w *world, i int, op Op) {
		w.blip()
		w.must(i, w.sandbox.Pager.FailAfterNext("POST /v2/enqueue", max(1, op.N), http.StatusInternalServerError))
	},
	Pager500: func(w *world, i int, op Op) {
		w.blip()
		w.must(i, w.sandbox.Pager.FailNext("*", max(1, op.N), http.StatusServiceUnavailable))
	},
	PagerHold:    func(w *world, _ int, op Op) { w.during(op, w.sandbox.Pager.HoldWebhooks) },
	PagerTwice:   func(w *world, _ int, op Op) { w.during(op, w.sandbox.Pager.DuplicateWebhooks) },
	PagerReorder: func(w *world, _ int, op Op) { w.during(op, w.sandbox.Pager.ReorderWebhooks) },

	StoreDown: func(w *world, _ int, op Op) { w.during(op, w.store.setDown) },
	StoreSlow: func(w *world, _ int, op Op) {
		w.doubtAll(op.duration())
		w.during(op, func(on bool) {
			if w.store.setSlow(0); on {
				w.store.setSlow(time.Duration(op.N) * time.Millisecond)
			}
		})
	},
	StoreLose: func(w *world, _ int, op Op) {
		w.blip()
		w.store.mu.Lock()
		w.store.lose += max(1, op.N)
		w.store.mu.Unlock()
	},
	LoseDue: (*world).loseDue,
	Crash:   func(w *world, _ int, op Op) { w.replica(op).crash(op.duration()) },
	Pause:   func(w *world, _ int, op Op) { w.replica(op).pause(op.duration()) },
	CrashScript: func(w *world, _ int, op Op) {
		r := w.replica(op)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.bot == nil {
			return
		}
		wr := r.wire
		wr.mu.Lock()
		defer wr.mu.Unlock()
		wr.scripts, wr.fatal = max(1, op.N), func() {
			wr.kill()
			w.wg.Go(func() { r.crash(op.duration()) })
		}
	},
	CrashBefore: arm, CrashAfter: arm, PauseLooked: arm, PauseBefore: arm, PauseAfter: arm,
}

func arm(w *world, _ int, op Op) {
	r := w.replica(op)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.armed) < 8 {
		r.armed = append(r.armed, armed{op.Do, op.Text, op.duration()})
	}
}

func (w *world) slack() *workspace.Faults { return w.sandbox.Workspace.Faults() }

func (w *world) replica(op Op) *replica { return w.replicas[abs(op.Replica)%len(w.replicas)] }

func abs(n int) int { return max(n, -n) }

func method(op Op) string {
	if op.Text == "" {
		return workspace.AllMethods
	}
	return op.Text
}

// during switches a fault on for the operation's time.
func (w *world) during(op Op, set func(bool)) {
	end := w.disturb()
	set(true)
	w.later(op.duration(), func() {
		set(false)
		end()
	})
}

// blip notes a disturbance that lasts as long as what it spoils.
func (w *world) blip() { w.disturb()() }

func (w *world) slow(_ int, op Op) {
	end := w.disturb()
	w.doubtAll(op.duration() + time.Duration(op.N)*time.Millisecond)
	w.slack().Slow(time.Duration(op.N) * time.Millisecond)
	w.later(op.duration(), func() {
		w.slack().Slow(0)
		end()
	})
}

func (w *world) limited(_ int, op Op) {
	end := w.disturb()
	w.slack().RateLimit(method(op), 3*time.Second)
	w.later(op.duration(), func() {
		w.slack().RateLimit(method(op), 0)
		end()
	})
}

// must notes a fault of the plan itself.
func (w *world) must(i int, err error) {
	if err != nil {
		w.fault("operation %d of the plan cannot be carried out: %v", i, err)
	}
}

// member is who acts.
func (w *world) member(op Op) sandbox.Member {
	cast := w.sandbox.Cast()
	return cast[abs(op.Who)%len(cast)]
}

func (w *world) as(op Op) workspace.Person { return w.sandbox.Workspace.As(w.member(op).SlackID) }

// room is the incident meant, once it has a room; false without.
func (w *world) room(op Op) (incident.State, bool) {
	list := w.checks.rooms()
	if len(list) == 0 {
		return incident.State{}, false
	}
	return list[len(list)-1-abs(op.Incident)%len(list)], true
}

// timeout bounds an act of a person; they all end by themselves before.
const timeout = time.Minute

var subjects = []string{"checkout refuses cards", "nightly export hangs", "sign-in loops forever", "biometric queue is stuck", "ledger totals differ", "webhooks arrive twice", "reports show yesterday", "images are blank"}

func (w *world) title(n int) string {
	return fmt.Sprintf("%s t%dt", subjects[n%len(subjects)], n)
}

func (w *world) declare(i int, op Op) {
	w.mu.Lock()
	title := w.title(w.titles)
	w.titles++
	w.mu.Unlock()
	w.checks.said(i, title)
	w.typed(i, op, "incidents", "declare "+title+" "+op.Text, title)
}

// squat takes the name that the next declared incident wants.
func (w *world) squat(_ int, op Op) {
	w.mu.Lock()
	title := w.title(w.titles)
	w.mu.Unlock()
	_, _ = w.as(op).CreateChannel(incident.ChannelName(w.clock.Now(), title), false)
}

// typed types a command. words, when given, are what must be in the log when the answer does not say otherwise.
func (w *world) typed(i int, op Op, channel, text, words string) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	_ = w.as(op).Join(channel)
	o, err := w.as(op).Command(ctx, channel, "/incident", text)
	if err == nil && words != "" {
		w.checks.answered(i, text, words, o)
	}
}

func (w *world) command(i int, op Op) {
	if s, ok := w.room(op); ok {
		w.typed(i, w.inside(op, s), s.ChannelID, op.Text, "")
	}
}

func (w *world) note(i int, op Op) {
	if s, ok := w.room(op); ok {
		words := fmt.Sprintf("remark r%dr", i)
		w.checks.said(i, words)
		w.typed(i, w.inside(op, s), s.ChannelID, "note "+words, words)
	}
}

func (w *world) message(i int, op Op) {
	s, ok := w.room(op)
	if !ok {
		return
	}
	op = w.inside(op, s)
	_ = w.as(op).Join(s.ChannelID)
	m, err := w.as(op).Post(s.ChannelID, fmt.Sprintf("message m%dm", i))
	if err == nil {
		w.mu.Lock()
		w.last[abs(op.Who)%8] = s.ChannelID + "|" + m.TS
		w.mu.Unlock()
	}
}

func (w *world) lastOf(op Op) (channel, ts string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Cut(w.last[abs(op.Who)%8], "|")
}

func (w *world) edit(i int, op Op) {
	if ch, ts, ok := w.lastOf(op); ok {
		_ = w.as(op).Edit(ch, ts, fmt.Sprintf("edited e%de", i))
	}
}

func (w *world) remove(_ int, op Op) {
	if ch, ts, ok := w.lastOf(op); ok {
		_ = w.as(op).Delete(ch, ts)
	}
}

func (w *world) reply(i int, op Op) {
	w.mu.Lock()
	ch, ts, ok := strings.Cut(w.last[abs(op.N)%8], "|")
	w.mu.Unlock()
	if ok {
		_ = w.as(op).Join(ch)
		_, _ = w.as(op).Reply(ch, ts, fmt.Sprintf("reply p%dp", i))
	}
}

// click presses a button on the headline, or on a step's card.
func (w *world) click(_ int, op Op) {
	s, ok := w.room(op)
	if !ok {
		return
	}
	op = w.inside(op, s)
	_ = w.as(op).Join(s.ChannelID)
	for _, slot := range sortedKeys(s.Slots) {
		at := s.Slots[slot]
		m, ok := w.sandbox.Workspace.Message(at.Channel, at.TS)
		if !ok || m.Deleted {
			continue
		}
		for _, id := range buttons(m.Blocks) {
			if strings.HasPrefix(id, op.Text) {
				ctx, cancel := context.WithTimeout(context.Background(), timeout)
				defer cancel()
				_, _ = w.as(op).Click(ctx, at.Channel, at.TS, id)
				return
			}
		}
	}
}

type button struct {
	Type     string `json:"type"`
	ActionID string `json:"action_id"`
}

func buttons(raw json.RawMessage) (out []string) {
	var blocks []struct {
		Elements  []button `json:"elements"`
		Accessory button   `json:"accessory"`
	}
	_ = json.Unmarshal(raw, &blocks)
	for _, b := range blocks {
		for _, e := range append(b.Elements, b.Accessory) {
			if e.Type == "button" {
				out = append(out, e.ActionID)
			}
		}
	}
	return out
}

// alert sends what Alertmanager would, and again until it is taken.
func (w *world) alert(_ int, op Op) { w.deliver(w.body(op)) }

// alertBoth sends it twice at once, as two instances of Alertmanager do that do not hear each other.
func (w *world) alertBoth(_ int, op Op) {
	body := w.body(op)
	w.wg.Go(func() { w.deliver(body) })
	w.deliver(body)
}

// body is what Alertmanager says.
func (w *world) body(op Op) []byte {
	list := plannedAlerts()
	a := list[abs(op.N)%len(list)]
	status := "firing"
	if op.Do == Clear {
		status = "resolved"
	}
	body := w.group(a.Name, a.Service, a.Summary, "", status)
	w.mu.Lock()
	w.sent = body
	w.mu.Unlock()
	return body
}

func (w *world) again(int, Op) {
	w.mu.Lock()
	body := w.sent
	w.mu.Unlock()
	if body != nil {
		w.deliver(body)
	}
}

// deliver posts a body as Alertmanager does: again every five seconds until it gets a 2xx.
func (w *world) deliver(body []byte) {
	client := &http.Client{Transport: w.hooks, Timeout: 10 * time.Second}
	for range 40 {
		req, _ := http.NewRequest(http.MethodPost, "http://"+webhookHost+"/webhooks/alertmanager", bytes.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+alertToken)
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode/100 == 2 {
				return
			}
			if resp.StatusCode/100 == 4 {
				w.fault("Alertmanager got %s", resp.Status)
				return
			}
		}
		time.Sleep(5 * time.Second)
	}
	w.fault("Alertmanager's body was not taken in %d tries", 40)
}

// fire is PagerDuty's own page.
func (w *world) fire(_ int, op Op) {
	list := plannedAlerts()
	_, _ = w.sandbox.FireAlert(list[abs(op.N)%len(list)].Name)
}

// relieve is the monitoring telling PagerDuty that it is over.
func (w *world) relieve(_ int, op Op) {
	list := plannedAlerts()
	_ = w.sandbox.Pager.Clear(list[abs(op.N)%len(list)].Name)
}

// phone does something on the person's phone about the newest page that is theirs.
func (w *world) phone(i int, op Op) {
	me := w.member(op).PagerDutyID
	all := w.sandbox.Pager.Incidents()
	for n := len(all) - 1; n >= 0; n-- {
		in := all[n]
		if over := in.Status == "resolved"; op.Do != PhoneSay && over != (op.Do == PhoneBack) {
			continue
		}
		if op.Do == PhoneBack { // nobody's any more
			if strings.HasPrefix(in.DedupKey, installation+"/") {
				continue // one of ours
			}
			_ = w.sandbox.Pager.Reopen(me, in.ID)
			return
		}
		for _, a := range in.Assignees {
			if a.ID != me {
				continue
			}
			switch op.Do {
			case PhoneAck:
				_ = w.sandbox.Pager.Acknowledge(me, in.ID)
			case PhoneEnd:
				_ = w.sandbox.Pager.Resolve(me, in.ID)
			case PhoneSay:
				words := fmt.Sprintf("progress found out f%df", i)
				w.checks.said(i, fmt.Sprintf("f%df", i))
				_ = w.sandbox.Pager.AddNote(me, in.ID, words)
			}
			return
		}
	}
}

// deafFor is how far the clock may jump while a socket is half open. The bots notice such a socket within a minute of real time; that days
// of the clock pass in that minute happens in simulations only. It is long enough for Slack to give up repeating an event.
const deafFor = 8 * time.Minute

// advance jumps the clock.
func (w *world) advance(_ int, op Op) {
	d := op.duration()
	deaf := false
	for _, c := range w.sandbox.Workspace.Connections() {
		deaf = deaf || c.HalfOpen
	}
	w.mu.Lock()
	if !deaf {
		w.deaf = 0
	}
	if deaf {
		d = min(d, deafFor-w.deaf)
		w.deaf += d
	}
	w.mu.Unlock()
	end := w.disturb()
	_ = w.sandbox.Advance(d)
	end()
}

// loseDue makes the index forget an incident; the auditor must find out.
func (w *world) loseDue(i int, op Op) {
	s, ok := w.room(op)
	j := w.journal()
	if !ok || j == nil {
		return
	}
	w.checks.corrupted()
	_ = j.SetDue(context.Background(), stream(s.ID), s.Seq, time.Time{})
}

// plannedAlerts are the alerts that plans name by their place. The sandbox may learn more of them; a kept plan means what it meant.
func plannedAlerts() []sandbox.NamedAlert { return sandbox.Alerts()[:6] }
