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
			err = fmt.Errorf("end of the play: %w", e)
		}
	}()
	if err := d.Start(ctx); err != nil {
		return nil, err
	}
	p := &player{Demo: d, ctx: ctx, out: out, begun: d.Clock.Now()}
	p.zone, _ = time.LoadLocation(d.o.Zone)
	fmt.Fprintln(out, "One incident, by itself, on a clock that is moved. (A page in a browser, to do it by hand: tocsin demo)")
	p.act()
	p.settle()
	p.judge()
	p.print()
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

func (p *player) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// step does something and waits until what must follow is there. What follows is awaited in real time: nothing here depends on how long
// a machine takes, only a machine that never gets there fails.
func (p *player) step(name string, do func() error, then func() bool) {
	if p.broken {
		return
	}
	if do != nil {
		if err := do(); err != nil {
			p.fault("%s: %v", name, err)
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
			p.fault("%s: what must follow did not", name)
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
		return fmt.Errorf("%s %s: %s %s", p.o.Command, text, o.Status, o.Detail)
	}
	return nil
}

// click presses the first button of an action on a message of the room.
func (p *player) click(role, channel, ts, action string) error {
	o, err := p.as(role).Click(p.ctx, channel, ts, action)
	if err != nil {
		return err
	}
	if o.Status != workspace.Acked {
		return fmt.Errorf("click %s: %s %s", action, o.Status, o.Detail)
	}
	return nil
}

// act is the play: a page in the night, the wrong first guess, a lead who does not answer, a CTO who does, and a quiet end.
func (p *player) act() {
	const m = time.Minute
	var runbook workspace.Message
	p.step("a page opens the room", func() error { _, err := p.Sandbox.FireAlert("ApiHighLatencyP95"); return err }, func() bool {
		s := p.state()
		p.room = s.ChannelID
		_, head := s.Slots[incident.SlotHeadline]
		_, step := s.Slots[incident.SlotStep("RB-001")]
		return p.room != "" && head && step && p.rang(sandbox.Primary) == 1 && p.told(sandbox.TechLead, "INC-1")
	})
	p.until(2 * m)
	p.step("Marc acknowledges on his phone and commands", func() error {
		return p.Sandbox.Pager.Acknowledge(p.pdID(sandbox.Primary), p.openPage(sandbox.Primary))
	}, func() bool {
		h := p.state().Roles[incident.Commander]
		return h.Acting && h.Who.Pager == p.pdID(sandbox.Primary)
	})
	p.step("people talk, and it becomes the timeline", func() error {
		if err := p.as(sandbox.Secondary).Join(p.room); err != nil {
			return err
		}
		a, err := p.as(sandbox.Primary).Post(p.room, "kyc-svc looks slow since the deploy of 02:50")
		if err != nil {
			return err
		}
		if err := p.as(sandbox.Primary).Edit(p.room, a.TS, "kyc-svc looks slow since the deploy of 02:40"); err != nil {
			return err
		}
		if _, err := p.as(sandbox.Secondary).Reply(p.room, a.TS, "I see it too, P95 at 1.2 s"); err != nil {
			return err
		}
		b, err := p.as(sandbox.Secondary).Post(p.room, "wrong window, sorry")
		if err != nil {
			return err
		}
		return p.as(sandbox.Secondary).Delete(p.room, b.TS)
	}, func() bool {
		return p.count("message") >= 3 && p.count("message-edited") == 1 && p.count("message-deleted") == 1
	})
	p.step("Ines takes the communications", func() error {
		head := p.state().Slots[incident.SlotHeadline]
		return p.clickRole(sandbox.Secondary, head, incident.Comms)
	}, func() bool { return p.state().Roles[incident.Comms].Who.Slack == p.as(sandbox.Secondary).ID() })
	p.until(4 * m)
	p.step("the first runbook step is done, the next one follows", func() error {
		at := p.state().Slots[incident.SlotStep("RB-001")]
		runbook, _ = p.Sandbox.Workspace.Message(at.Channel, at.TS)
		return p.click(sandbox.Primary, at.Channel, at.TS, view.ActionStepDone)
	}, func() bool {
		run, _ := p.state().Runbook("RB-001")
		now, _ := p.Sandbox.Workspace.Message(runbook.Channel, runbook.TS)
		return len(run.Steps) == 1 && string(now.Blocks) != string(runbook.Blocks)
	})
	p.until(5 * m)
	p.step("it is worse than thought: SEV-2, the tech lead is rung, the CTO is told", func() error {
		return p.command(sandbox.Primary, "sev 2 KYC is impossible for a third of the tenants")
	}, func() bool { return p.rang(sandbox.TechLead) == 1 && p.told(sandbox.CTO, "INC-1") })
	p.until(17*m + 30*time.Second)
	p.step("three minutes before, Marc is warned", nil, func() bool { return p.count("warned") >= 1 && p.told(sandbox.Primary, "INC-1") })
	p.until(20*m + 10*time.Second)
	p.step("no progress: level 2, whose phone rings already", nil, func() bool { return p.state().Ladder.Level == 2 })
	p.until(35*m + 30*time.Second)
	p.step("the tech lead did not take it: the CTO is rung", nil, func() bool { return p.state().Ladder.Level == 3 && p.rang(sandbox.CTO) == 1 })
	p.step("the CTO takes it on her phone", func() error {
		return p.Sandbox.Pager.Acknowledge(p.pdID(sandbox.CTO), p.openPage(sandbox.CTO))
	}, func() bool { return !p.state().Ladder.AcceptedAt.IsZero() })
	p.step("Ines posts an update", func() error {
		return p.command(sandbox.Secondary, "update KYC fails for a third of the tenants; we are rolling back")
	}, func() bool { return p.state().Updates.Count == 1 })
	p.until(40 * m)
	p.step("Slack goes down; deadlines go on", func() error { p.deaf = true; p.Sandbox.Workspace.Faults().Down(true); return nil }, func() bool { return !p.Bot.Hears() })
	p.step("a note on the phone counts as progress", func() error {
		return p.Sandbox.Pager.AddNote(p.pdID(sandbox.CTO), p.ownPage(sandbox.CTO), "progress rolled back kyc-svc to 4.1")
	}, func() bool { return p.state().Progress.Count == 1 })
	p.until(43 * m)
	p.step("Slack is back", func() error { p.Sandbox.Workspace.Faults().Down(false); p.deaf = false; return nil }, p.Bot.Hears)
	p.step("and heard again", func() error { _, err := p.as(sandbox.Primary).Post(p.room, "back again"); return err }, func() bool { return p.said("back again") })
	p.until(46 * m)
	p.step("mitigated, then resolved", func() error {
		if err := p.command(sandbox.Primary, "status mitigated rolled back to 4.1"); err != nil {
			return err
		}
		return p.command(sandbox.Primary, "resolve the deploy of 02:40 held database connections; rolled back")
	}, func() bool { return p.state().Status == incident.Resolved })
	p.step("everybody who was rung is stood down, every page is closed", nil, func() bool {
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
		return fmt.Errorf("there is no headline")
	}
	for _, b := range buttonsOf(msg.Blocks) {
		if strings.HasPrefix(b.action, view.ActionTakeRole) && strings.Contains(b.value, `"`+string(role)+`"`) {
			return p.click(who, head.Channel, head.TS, b.action)
		}
	}
	return fmt.Errorf("the headline offers no %s to take", role)
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
		p.fault("read the log: %v", err)
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
				p.fault("the phone of the %s rang %d times, not %d", role, n, want[role])
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
				p.fault("a message calls everybody: %q", m.Text)
			}
		}
	}
	if rooms != 1 {
		p.fault("%d incident channels, not 1", rooms)
	}
	for _, o := range p.Sandbox.Workspace.Strange() {
		p.fault("an odd call of Slack: %v", o)
	}
	for _, c := range p.Sandbox.Pager.Unexpected() {
		p.fault("an odd call of PagerDuty: %v", c)
	}
	if dead, err := p.Bot.Journal().DeadLetters(p.ctx, "", 10); err != nil || len(dead) > 0 {
		p.fault("dead letters: %v %v", dead, err)
	}
	if pending, err := p.Bot.Journal().Pending(p.ctx, "", 10); err != nil || len(pending) > 0 {
		p.fault("left undone at the end: %v %v", pending, err)
	}
	if rows, err := p.Bot.Engine().List(p.ctx, false, 10); err != nil || len(rows) != 1 {
		p.fault("%d incidents, not 1 (%v)", len(rows), err)
	}
	records, err := p.Bot.Journal().Records(p.ctx, journal.Stream("INC-1"), 1, 10000)
	if err != nil {
		p.fault("read the log: %v", err)
	} else if err := journal.Verify(records, ""); err != nil {
		p.fault("the hash chain: %v", err)
	}
}

// print shows the transcript, the phones and the timeline.
func (p *player) print() {
	s := p.state()
	fmt.Fprintf(p.out, "\n── #%s ──\n", s.ChannelName)
	p.transcript(p.room)
	fmt.Fprintln(p.out, "\n── whose phone rang ──")
	for _, r := range p.Sandbox.Pager.Rings() {
		if r.Kind == "phone" {
			fmt.Fprintf(p.out, "%s  %-16s %s\n", r.At.In(p.zone).Format("15:04:05"), r.Person.Name, r.Title)
		}
	}
	fmt.Fprintln(p.out, "\n── timeline ──")
	fmt.Fprint(p.out, timeline.Text(s, p.events(), catalog.Language(p.o.Language), p.zone))
}
