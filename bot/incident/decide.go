package incident

import (
	"fmt"
	"time"
)

// Decide returns the events that an intent adds to an incident: none when it is no news, or a *Refusal when it cannot be. Any other
// error means that the intent makes no sense at all (a bug of the caller).
func Decide(s State, in Intent) ([]Event, error) {
	d := newDecider(s, in)
	if s.Seq > 0 {
		d.countHolidays()
		d.rebind()
	}
	if err := d.act(in.Act); err != nil {
		return nil, err
	}
	d.rebind()
	d.met()
	d.obligations()
	d.closes()
	return d.out, nil
}

// decider folds what it decides as it goes, so that a later event of the same step sees the earlier ones.
type decider struct {
	s   State
	in  Intent
	at  time.Time // when it happened
	now time.Time // when it is recorded
	out []Event
	// begun are the keys of the duties that this step has begun.
	begun []string
	// was is what the step found; wentOn that its runbook clocks which stood still have been moved.
	was    State
	wentOn bool
}

func newDecider(s State, in Intent) *decider {
	d := &decider{s: s, was: s, in: in, now: utc(in.Now)}
	if d.now.Before(s.RecordedAt) {
		d.now = s.RecordedAt
	}
	d.at = utc(in.At)
	// A fact from outside may be old, never from the future: its clock is wrong then, ours is what counts.
	if in.At.IsZero() || d.at.After(d.now) {
		d.at = d.now
	}
	return d
}

// add records a fact as said by the intent's actor at the intent's time.
func (d *decider) add(f Fact) { d.record(f, d.at, d.in.Actor, d.in.Via) }

// own records a consequence: something Tocsin itself did, now.
func (d *decider) own(f Fact) { d.record(f, d.now, Actor{System: SystemTocsin}, d.in.Via) }

func (d *decider) record(f Fact, at time.Time, a Actor, via Via) {
	d.wantRoom(f, a)
	e := Event{Seq: d.s.Seq + 1, At: at, RecordedAt: d.now, Actor: a, Via: via, Fact: f}
	p := d.s.Policy
	if isFreezing(f) {
		p = d.in.Policy
	}
	d.s = Evolve(d.s, e)
	d.s.Policy = p
	d.out = append(d.out, e)
	if isFreezing(f) { // what follows from it counts in the working time of today
		d.countHolidays()
	}
}

func (d *decider) rule() SeverityRule { return d.s.Policy.Rule(d.s.Severity) }

func (d *decider) act(a Act) error {
	if d.s.Seq == 0 {
		switch a := a.(type) {
		case Declare:
			return d.declare(a)
		case AlertsFired:
			return d.declareAlerts(a)
		case PagerTriggered:
			return d.declarePager(a)
		case Divide:
			return d.declarePart(a)
		}
		return fmt.Errorf("%T for an incident that does not exist", a)
	}
	switch a := a.(type) {
	case AlertsFired:
		return d.alerts(a)
	case PagerTriggered:
		return d.pagerTriggered(a)
	case PagerChanged:
		return d.pagerChanged(a)
	case PagerNote:
		return d.pagerNote(a)
	case Message:
		m := a.Message
		d.add(&m)
		return nil
	case EditMessage:
		m := a.Edit
		d.add(&m)
		return nil
	case DeleteMessage:
		m := a.Delete
		d.add(&m)
		return nil
	case Gap:
		g := a.Gap
		d.own(&g)
		return nil
	case Report:
		return d.report(a)
	case Late:
		p := a.Posts
		d.own(&p)
		return nil
	case Tick:
		d.keepHandOver() // first: whoever was rung for one that passes on now is free to be rung for what else is missed
		d.tick()
		d.remind()
		d.keepCalls()
		d.keepReaders()
		return nil
	case Note:
		if a.Text.Body == "" {
			return refuse(RefusedEmpty, "note")
		}
		d.add(&Noted{Text: a.Text})
		return nil
	case GiveReason:
		return d.giveReason(a)
	case Reopen:
		return d.reopen(a)
	case Close:
		return d.close(a)
	case Join:
		if !d.s.MaySee(d.in.Actor.Person) {
			return refuse(RefusedNotHere)
		}
		if d.in.Actor.Human() {
			d.add(&Joined{Who: d.in.Actor.Person})
		}
		return nil
	case Declare:
		return refuse(RefusedAlike, string(d.s.ID)) // routed here by the claim of its title
	}
	if is, err := d.obligationAct(a); is {
		return err
	}
	if is, err := d.privateAct(a); is {
		return err
	}
	if is, err := d.againStep(a); is {
		return err
	}
	if is, err := d.stepAct(a); is {
		return err
	}
	if !d.s.Open() {
		return &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	}
	switch a := a.(type) {
	case Absorb:
		return d.absorb(a)
	case Merge:
		d.merge(*d.in.Other)
		return nil
	case Split:
		d.split(d.s.PartOf(a.What), d.in.Other.ID)
		return nil
	case Ack:
		return d.ack(d.in.Actor.Person, "")
	case SetRole:
		return d.setRole(a)
	case SetSeverity:
		return d.setSeverity(a)
	case SetStatus:
		return d.setStatus(a)
	case Progress:
		return d.progress(a.Text)
	case Update:
		return d.update(a)
	case PageOut:
		return d.pageOut(a)
	case MoreTime:
		return d.moreTime()
	case Park:
		return d.park(a)
	case Resume:
		return d.resume()
	case HandOn:
		return d.handOn(a)
	case SendHelp:
		return d.sendHelp()
	case StartRunbook:
		return d.startRunbook(a.Runbook, "asked", a.Step)
	case SuggestRunbook:
		d.suggest([]Suggestion{a.Choice})
		return nil
	case Resolve:
		d.resolve(a.Text, "")
		return nil
	case Cancel:
		if a.Reason.Body == "" {
			return refuse(RefusedReasonNeeded, "cancel")
		}
		d.add(&CancelledFact{Reason: a.Reason})
		d.closePages(WhyCancelled, func(Page) bool { return true })
		return nil
	}
	return fmt.Errorf("no rule for %T", a)
}
