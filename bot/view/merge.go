package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// into names the incident that a duplicate goes on as.
func (src Source) into() catalog.Words {
	if m := src.State.Merged; m != nil {
		return catalog.Words(m.Into)
	}
	return ""
}

// mergedRoom is the room where a duplicate goes on.
func (src Source) mergedRoom() catalog.Text {
	m := src.State.Merged
	if m == nil {
		return nil
	}
	if m.Channel == "" {
		return catalog.Text{{S: "#" + m.Name}}
	}
	return catalog.Of(src.language(), catalog.Room{ID: m.Channel, Name: clip(m.Name, 80)})
}

// merged says in a duplicate's room where it goes on.
func merged(src Source) Card {
	s, st := src.said(), src.State
	if st.Merged == nil { // taken up again since
		text := s.say("merged.bare", catalog.Args{"id": catalog.Words(st.ID), "by": actor(src.Event.Actor)})
		return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
	}
	text := s.say("merged", catalog.Args{"id": catalog.Words(st.ID), "into": src.into(), "by": actor(src.Event.Actor), "room": src.mergedRoom()})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}, Small{s.say("merged.history", catalog.Args{"into": src.into()})}}}
}

// absorbed says that a duplicate came in.
func absorbed(src Source) Card {
	key := "absorbed"
	if src.Owed.Effect.Arg == "" {
		key = "absorbed.bare"
	}
	text := src.said().say(key, catalog.Args{"from": catalog.Words(src.Owed.Effect.Arg), "by": actor(src.Event.Actor)})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

// splitOff says which alerts are an incident of their own now.
func splitOff(src Source) Card {
	f, _ := src.Event.Fact.(*incident.SplitOff)
	if f == nil {
		f = &incident.SplitOff{Into: incident.ID(src.Owed.Effect.Arg)}
	}
	key := "split-off"
	if f.Into == "" || f.Name == "" {
		key = "split-off.bare"
	}
	text := src.said().say(key, catalog.Args{"into": catalog.Words(f.Into), "by": actor(src.Event.Actor), "n": catalog.Int(f.Groups), "name": catalog.Words(clip(f.Name, 100))})
	return Card{Summary: text, Blocks: []Block{Section{Text: text}}}
}

// stormButtons is how many services of a storm have a button that splits them off.
const stormButtons = 4

// splitButtons make an incident of its own of a service of a storm, the one with the most groups first.
func (src Source) splitButtons() []Element {
	st := src.State
	if st.Storm == nil || st.Private != nil || len(st.Storm.Services) < 2 {
		return nil
	}
	var out []Element
	for _, k := range stormKeys(st) {
		if len(out) == stormButtons {
			break
		}
		if p := st.PartOf(k); k != "" && len(p.Alerts)+len(p.Rest) > 0 {
			label := src.said().say("button.split", catalog.Args{"service": catalog.Words(clip(k, 40)), "n": catalog.Int(len(p.Alerts) + len(p.Rest))})
			out = append(out, Button{Action: ActionSplit, Label: clipText(label, 75), Value: src.ref(clip(k, 100))})
		}
	}
	return out
}

// DeclaredAnywayCard is DeclaredCard for an incident that was declared although another looks alike: if it turns out to be the same after
// all, a button ends it as a duplicate.
func (v Voice) DeclaredAnywayCard(st incident.State, by incident.Person, alike incident.ID) Card {
	c := v.DeclaredCard(st, by)
	c.add(Actions{[]Element{Button{Action: ActionMerge, Label: v.said().say("button.merge", catalog.Args{"into": catalog.Words(alike)}),
		Value: Ref{Incident: string(st.ID), Subject: string(alike), Seq: st.Seq}}}})
	return c
}
