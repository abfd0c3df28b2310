package timeline

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// parameters words what was filled in, with what stood there before.
func (w *writer) parameters(e incident.Event, f *incident.ParametersSet) catalog.Text {
	before := map[string]incident.Text{}
	for _, x := range w.events[:w.i] {
		if g, ok := x.Fact.(*incident.ParametersSet); ok {
			for _, v := range g.Values {
				before[v.Name] = v.Text
			}
		}
	}
	var list []catalog.Text
	for _, v := range f.Values {
		was, had := before[v.Name]
		args := catalog.Args{"name": catalog.Words(v.Name), "value": w.text(v.Text), "was": w.text(was)}
		key := "tl.parameters.value"
		switch {
		case v.Text.Empty():
			key = "tl.parameters.back"
		case had && !was.Empty():
			key = "tl.parameters.change"
		}
		list = append(list, w.say(key, args))
	}
	return w.say("tl.parameters", catalog.Args{"by": w.actor(e.Actor), "values": catalog.Join(", ", list...)})
}

// suggested words which runbooks were put forward, and why.
func (w *writer) suggested(f *incident.RunbooksSuggested) catalog.Text {
	var list catalog.List
	for _, c := range f.Choices {
		key := "suggest.by." + c.By
		if !catalog.Has(key) {
			key = "suggest.by.generic"
		}
		list = append(list, w.say("tl.suggested.one", catalog.Args{"runbook": catalog.Words(c.Runbook), "why": w.say(key, catalog.Args{"value": catalog.Words(c.Value)})}))
	}
	return w.say("tl.suggested", catalog.Args{"runbooks": list})
}
