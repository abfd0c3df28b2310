package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Subjects of ActionTouched.
const (
	TouchedCustomers  = "customers"
	TouchedRegulators = "regulators"
	TouchedNeither    = "neither"
)

// impactAsk asks whether customers or regulators are touched. It mentions the commander: they must find out.
func impactAsk(src Source) Card {
	s, st := src.said(), src.State
	var text catalog.Text
	if h := st.Roles[incident.Commander].Who; !h.Zero() {
		text = s.say("impact-ask.who", catalog.Args{"who": pinged(h)})
	} else {
		text = s.word("impact-ask")
	}
	c := Card{Summary: text}
	if st.Rule == incident.UnconfirmedTimeout && st.Confirmed { // the severity and the question are one post
		sev := severityPost(Source{State: st, Deadlines: src.Deadlines, Zone: src.Zone, Now: src.Now, Command: src.Command, Owed: src.Owed})
		c.Summary, c.Blocks = join(" ", sev.Summary, text), sev.Blocks
	}
	if d, ok := src.named(incident.DueImpact); ok {
		text = join("\n", text, s.say("impact-ask.else", catalog.Args{"at": src.clock(d.Due), "next": src.impactTargets()}))
	}
	c.add(Section{Text: text})
	if st.Open() && st.Impact.Touched() == incident.TouchedUnknown {
		c.add(Actions{src.touchedButtons()})
	}
	return c
}

// impactBlocks ask the question in the headline, as long as it is open and nobody answered.
func (src Source) impactBlocks() []Block {
	d, ok := src.named(incident.DueImpact)
	if !ok || src.State.Impact.Touched() != incident.TouchedUnknown {
		return nil
	}
	s := src.said()
	text := join("\n", s.word("impact-ask"), s.say("impact-ask.else", catalog.Args{"at": src.clock(d.Due), "next": src.impactTargets()}))
	return []Block{Section{Text: text}, Actions{src.touchedButtons()}}
}

// touchedButtons answer the question.
func (src Source) touchedButtons() []Element {
	s := src.said()
	return []Element{
		Button{Action: ActionTouched, Label: s.word("button.touched.customers"), Value: src.ref(TouchedCustomers)},
		Button{Action: ActionTouched, Label: s.word("button.touched.regulators"), Value: src.ref(TouchedRegulators)},
		Button{Action: ActionTouched, Label: s.word("button.touched.neither"), Value: src.ref(TouchedNeither)},
	}
}

// impactTargets names who is rung for the customers' sake.
func (src Source) impactTargets() catalog.List {
	var out catalog.List
	if p := src.State.Policy; p != nil {
		for i, l := range p.Ladder {
			if l.On != incident.LevelOnImpact {
				continue
			}
			for _, t := range src.State.StageTargets(i+1, false) {
				out = append(out, catalog.Words(clip(src.target(t), 60)))
			}
		}
	}
	return out
}
