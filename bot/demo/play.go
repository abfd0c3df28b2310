package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Play runs one whole incident on the movable clock, prints the channel's transcript, whose phone rang when and the timeline, and returns
// what was not as expected. An error means that it could not be played.
func Play(ctx context.Context, o Options, out io.Writer) (faults []string, err error) {
	return play(ctx, o, out, nil)
}

// play is Play in a world whose routing keys a test may have changed. What must follow is waited for only briefly then.
func play(ctx context.Context, o Options, out io.Writer, keys func(map[string]string)) (faults []string, err error) {
	d, err := New(o)
	if err != nil {
		return nil, err
	}
	d.keys = keys
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		if e := d.Stop(end); e != nil && err == nil {
			err = &catalog.Said{Key: "demo.end", Args: catalog.Args{"why": catalog.Cause{Err: e}}, Err: e}
		}
	}()
	if err := d.Start(ctx); err != nil {
		return nil, err
	}
	p := &player{Demo: d, ctx: ctx, out: out, begun: d.Clock.Now()}
	p.zone, _ = time.LoadLocation(d.o.Zone)
	p.print("demo.begin", nil)
	p.act()
	p.settle()
	p.judge()
	p.account()
	return p.faults, nil
}

// player drives the people of the demo and remembers what was not as expected.
type player struct {
	*Demo
	ctx    context.Context
	out    io.Writer
	zone   *time.Location
	begun  time.Time
	faults []string
	room   string // id of the incident's channel
	broken bool   // a step did not happen: the rest is not played
	deaf   bool   // Slack is down: what is on its way there stays on its way
}

// say words a message in the language of the play.
func (p *player) say(key string, args catalog.Args) string {
	return catalog.Say(p.o.Language, key, args).Plain(p.zone)
}

func (p *player) print(key string, args catalog.Args) { fmt.Fprintln(p.out, p.say(key, args)) }

// rule begins a part of the account.
func (p *player) rule(key string, args catalog.Args) {
	fmt.Fprintf(p.out, "\n── %s ──\n", p.say(key, args))
}

// fault keeps that something was not as expected; what it was stands under demo.wrong in the catalogue.
func (p *player) fault(key string, args catalog.Args) {
	p.faults = append(p.faults, p.say("demo.wrong."+key, args))
}

// seen is whatever was found, as an argument.
func seen(v ...any) catalog.Arg { return catalog.Words(fmt.Sprintln(v...)) }

// step does something and waits until what must follow is there. What follows is awaited in real time: nothing here depends on how long
// a machine takes, only a machine that never gets there fails.
func (p *player) step(key string, do func() error, then func() bool) {
	if p.broken {
		return
	}
	name := p.say(key, nil)
	if do != nil {
		if err := do(); err != nil {
			p.fault("step", catalog.Args{"step": catalog.Words(name), "why": catalog.Cause{Err: err}})
			p.broken = true
			return
		}
	}
	patience := 30 * time.Second
	if p.keys != nil {
		patience = 3 * time.Second
	}
	limit := time.Now().Add(patience)
	for !then() {
		if time.Now().After(limit) || p.ctx.Err() != nil {
			fmt.Fprintf(p.out, "✗ %s  %s\n", p.Clock.Now().In(p.zone).Format("15:04:05"), name)
			p.fault("follow", catalog.Args{"step": catalog.Words(name)})
			p.broken = true
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	fmt.Fprintf(p.out, "✓ %s  %s\n", p.Clock.Now().In(p.zone).Format("15:04:05"), name)
	p.settle()
}

// quiet is for how long nothing may move before the world counts as settled, in real time.
const quiet = 20 * time.Millisecond

// settle waits until nothing is on its way.
func (p *player) settle() {
	last, since := "", time.Now()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit) && p.ctx.Err() == nil; {
		s := p.Sandbox.Workspace.Envelopes()
		now := fmt.Sprint(len(p.Sandbox.Workspace.Calls(0)), len(p.Sandbox.Pager.Calls()), s, p.Bot.Idle())
		if now != last || !p.Bot.Idle() && !p.deaf {
			last, since = now, time.Now()
		} else if time.Since(since) > quiet {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// stride is how far the clock moves at a time when nothing is due.
const stride = 30 * time.Second

// until moves the clock to an offset from the beginning.
func (p *player) until(offset time.Duration) {
	target := p.begun.Add(offset)
	for !p.broken && p.ctx.Err() == nil {
		now := p.Clock.Now()
		if !now.Before(target) {
			return
		}
		// Small strides, as in life, and exactly to whatever is due on the way.
		to := now.Add(stride)
		if due, err := p.Bot.Journal().NextDue(p.ctx); err == nil && due.After(now) && due.Before(to) {
			to = due
		}
		if to.After(target) {
			to = target
		}
		_ = p.Sandbox.Advance(to.Sub(now))
		p.settle()
	}
}

func (p *player) as(role string) workspace.Person {
	m, _ := p.Sandbox.Member(role)
	return p.Sandbox.Workspace.As(m.SlackID)
}

func (p *player) state() incident.State {
	s, err := p.Bot.Engine().State(p.ctx, "INC-1")
	if err != nil {
		return incident.State{}
	}
	return s
}

// message returns the newest message of a conversation whose text or blocks contain words.
func (p *player) message(channel, words string) (workspace.Message, bool) {
	all := p.Sandbox.Workspace.Messages(channel)
	for i := len(all) - 1; i >= 0; i-- {
		if m := all[i]; !m.Deleted && (strings.Contains(m.Text, words) || strings.Contains(string(m.Blocks), words)) {
			return m, true
		}
	}
	return workspace.Message{}, false
}

// told reports whether the bot wrote to somebody directly, with words in it.
func (p *player) told(role, words string) bool {
	m, _ := p.Sandbox.Member(role)
	for _, c := range p.Sandbox.Workspace.Channels() {
		if c.Kind == "im" && slices.Contains(c.Members, m.SlackID) {
			if _, ok := p.message(c.ID, words); ok {
				return true
			}
		}
	}
	return false
}

// rang counts how often somebody's phone rang.
func (p *player) rang(role string) int {
	m, _ := p.Sandbox.Member(role)
	n := 0
	for _, r := range p.Sandbox.Pager.Rings() {
		if r.Person.ID == m.PagerDutyID && r.Kind == "phone" {
			n++
		}
	}
	return n
}

// openPage is the open PagerDuty incident that rings somebody.
func (p *player) openPage(role string) string {
	m, _ := p.Sandbox.Member(role)
	for _, i := range p.Sandbox.Pager.Incidents() {
		for _, a := range i.Assignees {
			if a.ID == m.PagerDutyID && i.Status == "triggered" {
				return i.ID
			}
		}
	}
	return ""
}

func (p *player) pdID(role string) string { m, _ := p.Sandbox.Member(role); return m.PagerDutyID }

// command types a slash command into the room and expects the answer of a bot that recorded it.
func (p *player) command(role, text string) error {
	o, err := p.as(role).Command(p.ctx, p.room, p.o.Command, text)
	if err != nil {
		return err
	}
	if o.Status != workspace.Acked {
		return unanswered(p.o.Command+" "+text, o)
	}
	return nil
}

// unanswered says that an act was not taken by the bot.
func unanswered(what string, o workspace.Outcome) error {
	return &catalog.Said{Key: "demo.wrong.unanswered", Args: catalog.Args{"what": catalog.Words(what), "status": catalog.Words(fmt.Sprint(o.Status)), "detail": catalog.Words(o.Detail)}}
}

// click presses the first button of an action on a message of the room.
func (p *player) click(role, channel, ts, action string) error {
	o, err := p.as(role).Click(p.ctx, channel, ts, action)
	if err != nil {
		return err
	}
	if o.Status != workspace.Acked {
		return unanswered(action, o)
	}
	return nil
}

// act is the play: a page in the night, the wrong first guess, a lead who does not answer, a CTO who does, and a quiet end.
func (p *player) act() {
	const m = time.Minute
	var runbook workspace.Message
	p.step("demo.step.page", func() error { _, err := p.Sandbox.FireAlert("ApiHighLatencyP95"); return err }, func() bool {
		s := p.state()
		p.room = s.ChannelID
		_, head := s.Slots[incident.SlotHeadline]
		_, step := s.Slots[incident.SlotStep("RB-001")]
		return p.room != "" && head && step && p.rang(sandbox.Primary) == 1 && p.told(sandbox.TechLead, "INC-1")
	})
	p.until(2 * m)
	p.step("demo.step.ack", func() error {
		return p.Sandbox.Pager.Acknowledge(p.pdID(sandbox.Primary), p.openPage(sandbox.Primary))
	}, func() bool {
		h := p.state().Roles[incident.Commander]
		return h.Acting && h.Who.Pager == p.pdID(sandbox.Primary)
	})
	p.step("demo.step.talk", func() error {
		if err := p.as(sandbox.Secondary).Join(p.room); err != nil {
			return err
		}
		a, err := p.as(sandbox.Primary).Post(p.room, p.say("demo.say.slow", nil))
		if err != nil {
			return err
		}
		if err := p.as(sandbox.Primary).Edit(p.room, a.TS, p.say("demo.say.slow2", nil)); err != nil {
			return err
		}
		if _, err := p.as(sandbox.Secondary).Reply(p.room, a.TS, p.say("demo.say.too", nil)); err != nil {
			return err
		}
		b, err := p.as(sandbox.Secondary).Post(p.room, p.say("demo.say.sorry", nil))
		if err != nil {
			return err
		}
		return p.as(sandbox.Secondary).Delete(p.room, b.TS)
	}, func() bool {
		return p.count("message") >= 3 && p.count("message-edited") == 1 && p.count("message-deleted") == 1
	})
	p.step("demo.step.comms", func() error {
		head := p.state().Slots[incident.SlotHeadline]
		return p.clickRole(sandbox.Secondary, head, incident.Comms)
	}, func() bool { return p.state().Roles[incident.Comms].Who.Slack == p.as(sandbox.Secondary).ID() })
	p.until(4 * m)
	p.step("demo.step.runbook", func() error {
		at := p.state().Slots[incident.SlotStep("RB-001")]
		runbook, _ = p.Sandbox.Workspace.Message(at.Channel, at.TS)
		return p.click(sandbox.Primary, at.Channel, at.TS, view.ActionStepDone)
	}, func() bool {
		run, _ := p.state().Runbook("RB-001")
		now, _ := p.Sandbox.Workspace.Message(runbook.Channel, runbook.TS)
		return len(run.Steps) == 1 && string(now.Blocks) != string(runbook.Blocks)
	})
	p.until(5 * m)
	p.step("demo.step.worse", func() error {
		return p.command(sandbox.Primary, "sev 2 "+p.say("demo.say.worse", nil))
	}, func() bool { return p.rang(sandbox.TechLead) == 1 && p.told(sandbox.CTO, "INC-1") })
	p.until(17*m + 30*time.Second)
	p.step("demo.step.warned", nil, func() bool { return p.count("warned") >= 1 && p.told(sandbox.Primary, "INC-1") })
	p.until(20*m + 10*time.Second)
	p.step("demo.step.level2", nil, func() bool { return p.state().Ladder.Level == 2 })
	p.until(35*m + 30*time.Second)
	p.step("demo.step.level3", nil, func() bool { return p.state().Ladder.Level == 3 && p.rang(sandbox.CTO) == 1 })
	p.step("demo.step.cto", func() error {
		return p.Sandbox.Pager.Acknowledge(p.pdID(sandbox.CTO), p.openPage(sandbox.CTO))
	}, func() bool { return !p.state().Ladder.AcceptedAt.IsZero() })
	p.step("demo.step.update", func() error {
		return p.command(sandbox.Secondary, "update "+p.say("demo.say.update", nil))
	}, func() bool { return p.state().Updates.Count == 1 })
	p.until(40 * m)
	p.step("demo.step.down", func() error { p.deaf = true; p.Sandbox.Workspace.Faults().Down(true); return nil }, func() bool { return !p.Bot.Hears() })
	p.step("demo.step.note", func() error {
		return p.Sandbox.Pager.AddNote(p.pdID(sandbox.CTO), p.ownPage(sandbox.CTO), "progress "+p.say("demo.say.progress", nil))
	}, func() bool { return p.state().Progress.Count == 1 })
	p.until(43 * m)
	p.step("demo.step.back", func() error { p.Sandbox.Workspace.Faults().Down(false); p.deaf = false; return nil }, p.Bot.Hears)
	p.step("demo.step.heard", func() error { _, err := p.as(sandbox.Primary).Post(p.room, p.say("demo.say.back", nil)); return err }, func() bool { return p.said(p.say("demo.say.back", nil)) })
	p.until(46 * m)
	p.step("demo.step.resolve", func() error {
		if err := p.command(sandbox.Primary, "status mitigated "+p.say("demo.say.mitigated", nil)); err != nil {
			return err
		}
		return p.command(sandbox.Primary, "resolve "+p.say("demo.say.resolved", nil))
	}, func() bool { s := p.state().Status; return s == incident.Resolved || s == incident.Closed })
	p.step("demo.step.stooddown", nil, func() bool {
		for _, i := range p.Sandbox.Pager.Incidents() {
			if i.Status != "resolved" {
				return false
			}
		}
		return p.standDowns(sandbox.TechLead) == 1 && p.standDowns(sandbox.CTO) == 1
	})
	p.until(60 * m)
}

// clickRole presses the button that takes a role on the headline.
func (p *player) clickRole(who string, head incident.Posted, role incident.Role) error {
	msg, ok := p.Sandbox.Workspace.Message(head.Channel, head.TS)
	if !ok {
		return &catalog.Said{Key: "demo.wrong.headline"}
	}
	for _, b := range buttonsOf(msg.Blocks) {
		if strings.HasPrefix(b.action, view.ActionTakeRole) && strings.Contains(b.value, `"`+string(role)+`"`) {
			return p.click(who, head.Channel, head.TS, b.action)
		}
	}
	return &catalog.Said{Key: "demo.wrong.take", Args: catalog.Args{"role": catalog.Term("role." + string(role))}}
}

func (p *player) ownPage(role string) string {
	for _, pg := range p.state().Pages {
		if pg.Person.Pager == p.pdID(role) && pg.Pager != "" {
			return pg.Pager
		}
	}
	return ""
}

// events are those of the one incident.
func (p *player) events() []incident.Event {
	ev, err := p.Bot.Engine().Events(p.ctx, "INC-1", 1, 10000)
	if err != nil {
		p.fault("log", catalog.Args{"why": catalog.Cause{Err: err}})
	}
	return ev
}

// said reports whether a message of these words is in the log.
func (p *player) said(words string) bool {
	return slices.ContainsFunc(p.events(), func(e incident.Event) bool {
		f, ok := e.Fact.(*incident.MessageSeen)
		return ok && f.Text.Body == words
	})
}

func (p *player) count(fact string) int {
	n := 0
	for _, e := range p.events() {
		if e.Fact.Type() == fact {
			n++
		}
	}
	return n
}

// standDowns counts the direct stand-downs somebody got.
func (p *player) standDowns(role string) int {
	m, _ := p.Sandbox.Member(role)
	n := 0
	for _, e := range p.events() {
		for _, f := range e.Effects {
			if f.View == incident.ViewStandDown && f.Do == incident.Direct && len(f.People) == 1 && f.People[0].Slack == m.SlackID {
				n++
			}
		}
	}
	return n
}

// judge looks at everything nobody asked for.
func (p *player) judge() {
	want := map[string]int{sandbox.Primary: 1, sandbox.Secondary: 0, sandbox.TechLead: 1, sandbox.CTO: 1, sandbox.CEO: 0, sandbox.ComplianceOfficer: 0}
	if !p.broken {
		for _, role := range []string{sandbox.Primary, sandbox.Secondary, sandbox.TechLead, sandbox.CTO, sandbox.CEO, sandbox.ComplianceOfficer} {
			if n := p.rang(role); n != want[role] {
				p.fault("phone", catalog.Args{"role": catalog.Words(role), "n": catalog.Int(n), "want": catalog.Int(want[role])})
			}
		}
	}
	rooms := 0
	for _, c := range p.Sandbox.Workspace.Channels() {
		if strings.HasPrefix(c.Name, "inc-") {
			rooms++
		}
		for _, m := range p.Sandbox.Workspace.Messages(c.ID) {
			if len(m.Broadcasts) > 0 {
				p.fault("everybody", catalog.Args{"text": catalog.Quoted(m.Text)})
			}
		}
	}
	if rooms != 1 {
		p.fault("rooms", catalog.Args{"n": catalog.Int(rooms)})
	}
	for _, o := range p.Sandbox.Workspace.Strange() {
		p.fault("slack", catalog.Args{"what": seen(o)})
	}
	for _, c := range p.Sandbox.Pager.Unexpected() {
		p.fault("pager", catalog.Args{"what": seen(c)})
	}
	if dead, err := p.Bot.Journal().DeadLetters(p.ctx, "", 10); err != nil || len(dead) > 0 {
		p.fault("dead", catalog.Args{"what": seen(dead, err)})
	}
	if pending, err := p.Bot.Journal().Pending(p.ctx, "", 10); err != nil || len(pending) > 0 {
		p.fault("undone", catalog.Args{"what": seen(pending, err)})
	}
	if rows, err := p.Bot.Engine().List(p.ctx, false, 10); err != nil || len(rows) != 1 {
		p.fault("incidents", catalog.Args{"n": catalog.Int(len(rows))})
	}
	records, err := p.Bot.Journal().Records(p.ctx, journal.Stream("INC-1"), 1, 10000)
	if err != nil {
		p.fault("log", catalog.Args{"why": catalog.Cause{Err: err}})
	} else if err := journal.Verify(records, ""); err != nil {
		p.fault("chain", catalog.Args{"why": catalog.Cause{Err: err}})
	}
}

// account shows the transcript, the phones and the timeline.
func (p *player) account() {
	s := p.state()
	p.rule("demo.room", catalog.Args{"name": catalog.Words(s.ChannelName)})
	p.transcript(p.room)
	p.rule("demo.phones", nil)
	for _, r := range p.Sandbox.Pager.Rings() {
		if r.Kind == "phone" {
			fmt.Fprintf(p.out, "%s  %-16s %s\n", r.At.In(p.zone).Format("15:04:05"), r.Person.Name, r.Title)
		}
	}
	p.rule("demo.timeline", nil)
	fmt.Fprint(p.out, timeline.Text(s, p.events(), catalog.Language(p.o.Language), p.zone))
}
