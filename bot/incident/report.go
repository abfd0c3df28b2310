package incident

import (
	"fmt"
	"slices"
	"strings"
)

// report takes what became of an effect.
func (d *decider) report(r Report) error {
	verb, err := verbOf(r.Effect)
	if err != nil {
		return err
	}
	name := effectName(r.Effect)
	switch {
	case verb == OpenChannel:
		return d.reportChannel(r)
	case verb == Ring:
		return d.reportRing(r, strings.TrimPrefix(name, string(Ring)+"/"))
	}
	d.own(&Settled{Effect: r.Effect, Outcome: r.Outcome, Slot: slotOf(name), Channel: r.Channel, TS: r.TS, Found: r.Found, Error: Clip(r.Error, 300), Attempt: r.Attempt, Doubt: r.Doubt, Who: r.Who})
	return nil
}

func (d *decider) reportChannel(r Report) error {
	switch {
	case r.Effect != d.s.ChannelEff || d.s.ChannelID != "":
		d.own(&Settled{Effect: r.Effect, Outcome: OutcomeOvertaken, Channel: r.Channel, Attempt: r.Attempt})
	case r.Taken:
		next := nextName(d.s.ChannelName)
		for n := 0; n < 1000 && d.in.NamesTaken != nil && d.in.NamesTaken(next); n++ {
			next = nextName(next)
		}
		d.own(&ChannelTaken{Name: d.s.ChannelName, Next: next, Effect: r.Effect})
	case r.Outcome == OutcomeDone && r.Channel != "":
		d.own(&ChannelOpened{Channel: r.Channel, Name: r.Name, Adopted: r.Found, Effect: r.Effect})
	default:
		d.own(&Settled{Effect: r.Effect, Outcome: r.Outcome, Error: Clip(r.Error, 300), Attempt: r.Attempt})
	}
	return nil
}

func (d *decider) reportRing(r Report, key string) error {
	p, ok := d.s.Page(key)
	if !ok {
		// A page long over, dropped from the state: the log is still told how its effect ended.
		d.own(&Settled{Effect: r.Effect, Outcome: r.Outcome, Error: Clip(r.Error, 300), Attempt: r.Attempt})
		return nil
	}
	f := &PageChanged{Key: key, Status: p.Status, Effect: r.Effect, Pager: r.Pager, URL: r.URL, Error: Clip(r.Error, 300)}
	switch r.Outcome {
	case OutcomeDone:
		f.Sent = true
		switch {
		case p.Status == PageOwed:
			f.Status = PageSent
		case p.Status == PageClosed:
			// The call was in flight when the page was closed: the phone rings, so it must be closed again, and the person told, unless
			// they were, or are rung for something else by now.
			f.StandDown, f.Why = !p.Person.Zero() && !p.Down && !d.rings(p.Person), d.overWhy()
		}
		d.own(f)
	case OutcomeDead:
		if p.Status == PageOwed {
			f.Status = PageFailed
		}
		d.own(f)
		if f.Status == PageFailed && p.Obligation != "" {
			d.refusedFor(p)
			return nil
		}
		if f.Status == PageFailed && d.s.Open() && !d.s.Paused() && d.stageDeaf() { // what rests waits for nobody
			d.raiseFrom(WhyPageFailed, "")
		}
	default: // overtaken, expired: it was never sent
		if p.Status == PageOwed {
			f.Status = PageClosed
		}
		d.own(f)
	}
	return nil
}

// rings reports whether a person has an open page.
func (d *decider) rings(who Person) bool {
	return slices.ContainsFunc(d.s.Pages, func(p Page) bool { return p.Outstanding() && p.Person.Same(who) })
}

// overWhy is why a page that just rang is not needed.
func (d *decider) overWhy() string {
	switch d.s.Status {
	case Resolved, Closed:
		return WhyResolved
	case Cancelled:
		return WhyCancelled
	case Duplicate:
		return WhyMerged
	case Mitigated:
		return WhyMitigated
	}
	return WhyTaken
}

// stageDeaf reports whether every page of the present, unaccepted stage was refused by the pager: waiting would reach nobody.
func (d *decider) stageDeaf() bool {
	l := d.s.Ladder
	if !l.AcceptedAt.IsZero() || l.Level == 0 || l.Exhausted {
		return false
	}
	return !slices.ContainsFunc(d.s.Pages, func(p Page) bool {
		return p.Level == l.Level && p.Round == l.Round && p.Outstanding() && p.At.Compare(l.Since) >= 0
	})
}

// effectName is the last part of "INC-42/7/name".
func effectName(id EffectID) string {
	parts := strings.SplitN(string(id), "/", 3)
	if len(parts) != 3 {
		return ""
	}
	return parts[2]
}

// verbOf reads the verb from an effect's name, which always begins with it.
func verbOf(id EffectID) (Verb, error) {
	verb, _, _ := strings.Cut(effectName(id), "/")
	if verb == "" {
		return "", fmt.Errorf("effect id %q is malformed; want INC-n/seq/name", id)
	}
	return Verb(verb), nil
}

// slotOf reads the slot from the name of a post: "post/headline", "post/step/RB-001".
func slotOf(name string) string {
	if slot, ok := strings.CutPrefix(name, string(Post)+"/"); ok && keptSlot(slot) {
		return slot
	}
	return ""
}

// keptSlot reports whether a post of that name is edited later and its place therefore kept.
func keptSlot(slot string) bool {
	return slot == SlotHeadline || slot == SlotAnnouncement || slot == SlotSuggest || strings.HasPrefix(slot, "step/") || strings.HasPrefix(slot, SlotQuestion("")) || isCard(slot)
}
