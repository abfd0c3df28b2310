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
