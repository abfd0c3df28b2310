package incident

import (
	"slices"
	"time"
)

// Apply decides an intent and folds what follows: the new state and the events, each with the effects recorded with it. Of redraws of
// the same thing within one step only the last remains, since each renders from the state after all of them.
func Apply(s State, in Intent) (State, []Event, error) {
	events, err := Decide(s, in)
	if err != nil {
		return s, nil, err
	}
	policy := s.Policy
	for i := range events {
		s = Evolve(s, events[i])
		if policy == nil || isFreezing(events[i].Fact) {
			policy = in.Policy
		}
		s.Policy = policy
		events[i].Effects = Effects(s, events[i])
	}
	coalesce(events)
	return s, events, nil
}

// isFreezing reports whether a fact freezes the current policy into the incident.
func isFreezing(f Fact) bool {
	switch f.(type) {
	case *Declared, *Reopened:
		return true
	}
	return false
}

// coalesce drops a redraw or topic that a later event of the same step does again.
func coalesce(events []Event) {
	seen := map[string]bool{}
	for i := len(events) - 1; i >= 0; i-- {
		events[i].Effects = slices.DeleteFunc(events[i].Effects, func(e Effect) bool {
			if e.Do != Redraw && e.Do != SetTopic {
				return false
			}
			k := string(e.Do) + "/" + e.Slot
			if seen[k] {
				return true
			}
			seen[k] = true
			return false
		})
	}
}

// Replay folds a log from the beginning. The policy is not bound.
func Replay(events []Event) State {
	var s State
	for _, e := range events {
		s = Evolve(s, e)
	}
	return s
}

// Pages returns every page of a log, those of obligations too, in the order they were sent for, each as it ended. A state keeps the newest
// of them only.
func Pages(events []Event) []Page {
	var s State
	var keys []string
	last := map[string]Page{}
	for _, e := range events {
		s = Evolve(s, e)
		var key string
		switch f := e.Fact.(type) {
		case *Paged:
			key = f.Page.Key
		case *PageChanged:
			key = f.Key
		default:
			continue
		}
		p, kept := s.Page(key)
		if !kept {
			continue
		}
		if _, known := last[key]; !known {
			keys = append(keys, key)
		}
		last[key] = p
	}
	out := make([]Page, 0, len(keys))
	for _, key := range keys {
		out = append(out, last[key])
	}
	return out
}

// SettledBy returns the effect whose end an event records.
func SettledBy(e Event) (EffectID, bool) {
	var id EffectID
	switch f := e.Fact.(type) {
	case *Settled:
		id = f.Effect
	case *ChannelOpened:
		id = f.Effect
	case *ChannelTaken:
		id = f.Effect
	case *PageChanged:
		id = f.Effect
	}
	return id, id != ""
}

func laterOf(ts ...time.Time) time.Time {
	var l time.Time
	for _, t := range ts {
		if t.After(l) {
			l = t
		}
	}
	return l
}
