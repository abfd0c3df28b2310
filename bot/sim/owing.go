package sim

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// process is what the simulator keeps of an incident's process beside its clocks, from the facts alone.
type process struct {
	duties   map[string]*owing
	approved map[string]bool            // steps that a holder of the role let be done, as "RB-004/kill"
	seconded map[string]incident.Person // steps that a second person read, likewise
	captured bool                       // the first response was captured, or somebody overrode that
	asked    incident.Person            // to take command over
	askedDue time.Time
	holders  map[incident.Role]incident.Person
}

// owing is an obligation that runs.
type owing struct {
	fact incident.ObligationBegun
	next time.Time // reminded then, not before
}

func newProcess() process {
	return process{duties: map[string]*owing{}, approved: map[string]bool{}, seconded: map[string]incident.Person{}, holders: map[incident.Role]incident.Person{}}
}

// process checks an event against what the process promises, before it is taken in.
func (c *checks) process(t *told, id incident.ID, e incident.Event) {
	w, p := c.w, &t.process
	pol := w.policyOf(t.clocks.policy)
	switch f := e.Fact.(type) {
	case *incident.ObligationBegun:
		p.duties[f.Key] = &owing{*f, f.Next}
		c.dueRight(t, id, e, f.Key, f.Due)
	case *incident.ObligationMoved:
		if k := p.duties[f.Key]; k != nil {
			k.next = f.Next
			c.dueRight(t, id, e, f.Key, f.Due)
		}
	case *incident.ObligationDeferred:
		k := p.duties[f.Key]
		if k == nil {
			break
		}
		// What had no time of its own gets one when the incident is over.
		if absolute := k.fact.Legal || k.fact.Response; !k.next.IsZero() && (absolute || officeOf(pol, t.clocks.days).open(e.RecordedAt)) {
			w.fault("I4: event %d of %s puts %s off, which may be reminded of now", e.Seq, id, f.Key)
		}
		k.next = f.Next
	case *incident.ObligationReminded:
		k := p.duties[f.Key]
		switch {
		case k == nil:
			w.fault("I4: event %d of %s reminds of %s, which does not run", e.Seq, id, f.Key)
			return
		case e.RecordedAt.Before(k.next.Add(-tight)):
			w.fault("I4: event %d of %s reminds of %s %s too early", e.Seq, id, f.Key, k.next.Sub(e.RecordedAt))
		case !k.fact.Legal && !k.fact.Response && !(k.fact.Clock != "" && t.state.Open()) && !officeOf(pol, t.clocks.days).open(e.RecordedAt):
			w.fault("I4: event %d of %s reminds of %s at %s, when nobody works", e.Seq, id, f.Key, e.RecordedAt)
		}
		k.next = f.Next
	case *incident.ObligationEnded:
		delete(p.duties, f.Key)
	case *incident.Captured, *incident.LockOverridden:
		p.captured = true
	case *incident.RoleSet:
		p.holders[f.Role] = f.Who
	case *incident.StepApproved:
		rule := t.ruleOf(f.Runbook, f.Step)
		if rule.Approval == "" || rule.Approval != f.Role || !c.holds(p, f.Role, e.Actor.Person) {
			w.fault("I6: event %d of %s: %s approves %s/%s, which wants the word of %q", e.Seq, id, e.Actor.Person.Name, f.Runbook, f.Step, rule.Approval)
		}
		p.approved[f.Runbook+"/"+f.Step] = true
	case *incident.StepSeconded:
		p.seconded[f.Runbook+"/"+f.Step] = e.Actor.Person
	case *incident.StepChanged: // other commands than those that were approved and read
		if !f.Approver.Zero() {
			delete(p.approved, f.Runbook+"/"+f.Step)
		}
		if !f.Second.Zero() {
			delete(p.seconded, f.Runbook+"/"+f.Step)
		}
	case *incident.StepReturned:
		delete(p.seconded, f.Runbook+"/"+f.Step)
	case *incident.StepAgain:
		delete(p.seconded, f.Runbook+"/"+f.Step)
	case *incident.StepMarked:
		if f.Mark == incident.StepDone {
			c.unlocked(t, id, e, f.Runbook, f.Step)
			if rule := t.ruleOf(f.Runbook, f.Step); rule.FourEyes && (p.seconded[f.Runbook+"/"+f.Step].Zero() || p.seconded[f.Runbook+"/"+f.Step].Same(e.Actor.Person)) {
				w.fault("I6: event %d of %s: %s/%s is done and nobody else had read it", e.Seq, id, f.Runbook, f.Step)
			}
		}
	case *incident.HandOverProposed:
		p.asked, p.askedDue = f.To, f.Due
	case *incident.HandOverEnded:
		switch {
		case f.How == incident.HandOverAccepted && !(p.asked.Same(e.Actor.Person) && f.To.Same(p.asked)):
			w.fault("I6: event %d of %s: %s takes over what %s was asked to", e.Seq, id, e.Actor.Person.Name, p.asked.Name)
		case f.How == incident.HandOverExpired && e.RecordedAt.Before(p.askedDue):
			w.fault("I4: event %d of %s: a hand-over is over %s too early", e.Seq, id, p.askedDue.Sub(e.RecordedAt))
		}
		p.asked = incident.Person{}
	}
}

// ruleOf is what a runbook says of a step, as the log froze it.
func (t *told) ruleOf(runbook, step string) incident.StepRule {
	run, _ := t.state.Runbook(runbook)
	rule, _ := run.Ref.Rule(step)
	return rule
}

// holds reports whether somebody holds a role that a runbook names: one of the incident's, or a target's as the policy file names its people.
func (c *checks) holds(p *process, role string, who incident.Person) bool {
	if r, is := incident.ResponderRole(role); is {
		return p.holders[r].Same(who)
	}
	for _, m := range c.w.sandbox.Cast() {
		if m.Role == role && (incident.Person{Slack: m.SlackID}).Same(who) {
			return true
		}
	}
	return false
}

// unlocked checks that no lock opens without its key: the approval of the role, and the first-response capture.
func (c *checks) unlocked(t *told, id incident.ID, e incident.Event, runbook, step string) {
	rule := t.ruleOf(runbook, step)
	if rule.Approval != "" && !t.process.approved[runbook+"/"+step] {
		c.w.fault("I6: event %d of %s: %s/%s is done without the word of %s", e.Seq, id, runbook, step, rule.Approval)
	}
	if (rule.Kind == incident.KindReplay || rule.Kind == incident.KindDestructive) && !t.process.captured {
		c.w.fault("I6: event %d of %s: %s/%s (%s) is done before the first response was captured", e.Seq, id, runbook, step, rule.Kind)
	}
}

// dueRight checks when an obligation is due: clock time from what began it, absolute, or business days as the office says.
func (c *checks) dueRight(t *told, id incident.ID, e incident.Event, key string, due time.Time) {
	k := t.process.duties[key]
	pol := c.w.policyOf(t.clocks.policy)
	o, ok := pol.Obligation(k.fact.Of)
	if !ok || k.fact.Why == incident.BeginsAction || k.fact.Clock != "" || k.fact.Brought != "" {
		return
	}
	want := k.fact.From.Add(o.Within)
	if o.WithinDays > 0 {
		want = officeOf(pol, t.clocks.days).days(k.fact.From, o.WithinDays)
	}
	if d := due.Sub(want).Abs(); d > tight {
		c.w.fault("I4: event %d of %s: %s from %s is due %s, by the minutes %s", e.Seq, id, key, k.fact.From, due, want)
	}
}

// merged checks that what a duplicate owed is owed once: by the incident that it goes on as, and by nobody else.
func (c *checks) merged() {
	for _, id := range c.order {
		s := c.told[id].state
		if s.Merged == nil {
			continue
		}
		into := c.told[s.Merged.Into]
		if into == nil {
			c.w.fault("I3: %s goes on as %s, which does not exist", id, s.Merged.Into)
			continue
		}
		for _, d := range s.Duties {
			_, there := into.state.Duty(d.Key)
			switch {
			case d.Running():
				c.w.fault("I2: %s still owes %s, and goes on as %s", id, d.Key, s.Merged.Into)
			case d.How == incident.EndedMoved && d.Of != "" && d.Why != incident.BeginsAction && !there: // one of a corrective action gets a new number
				c.w.fault("I2: what %s owed (%s) is lost: %s does not have it", id, d.Key, s.Merged.Into)
			}
		}
	}
}

// maxRooms and roomsWithin are the default policy's limit on the rooms that monitoring opens.
const (
	maxRooms    = 5
	roomsWithin = 10 * time.Minute
)

// rush checks that monitoring opens so many rooms and one for the storm, however many groups fire.
func (c *checks) rush() {
	var at []time.Time
	for _, id := range c.order {
		t := c.told[id]
		if !t.alerted.IsZero() && t.state.Storm == nil {
			at = append(at, t.alerted)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	for i := maxRooms; i < len(at); i++ {
		if d := at[i].Sub(at[i-maxRooms]); d < roomsWithin {
			c.w.fault("I2: monitoring opened %d rooms within %s", maxRooms+1, d)
			return
		}
	}
}

var marker = regexp.MustCompile(`t\d+t$`)

// hidden checks that what a private incident is called stands nowhere but where those who have a part in it read.
func (c *checks) hidden(s incident.State) {
	canary := marker.FindString(s.Title.Body)
	if s.Private == nil || canary == "" {
		return
	}
	w, app := c.w, c.w.sandbox.App().BotUserID
	for _, ch := range w.sandbox.Workspace.Channels() {
		in := ch.ID == s.ChannelID
		if ch.Kind == workspace.KindIM {
			in = slices.ContainsFunc(ch.Members, func(m string) bool { return s.MaySee(incident.Person{Slack: m}) })
		}
		if in {
			continue
		}
		if strings.Contains(ch.Name+ch.Topic+ch.Purpose, canary) {
			w.fault("I9: %s is private, and the channel %s says what it is", s.ID, ch.Name)
		}
		for _, m := range w.sandbox.Workspace.Messages(ch.ID) {
			if m.Deleted || m.Subtype != "" || m.BotID == "" && m.User != app {
				continue
			}
			if strings.Contains(m.Text+string(m.Blocks), canary) {
				w.fault("I9: %s is private, and a message (%s) in %s says what it is: %s", s.ID, m.TS, ch.Name, incident.Clip(m.Text, 80))
			}
		}
	}
	for _, in := range w.sandbox.Pager.Incidents() {
		if in.Created.After(s.Private.At.Add(late)) && strings.Contains(in.Title, canary) {
			w.fault("I9: %s is private, and PagerDuty is told what it is: %s", s.ID, in.Title)
		}
	}
}
