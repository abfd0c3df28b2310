package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// ImpactText words figures and answers of an impact in one line; empty when nothing was said.
func ImpactText(i incident.Impact, language string) catalog.Text {
	s := said{catalog.Language(language)}
	var parts []catalog.Text
	for _, f := range i.Figures {
		if key := "impact." + f.Name; catalog.Has(key) {
			parts = append(parts, s.say(key, catalog.Args{"n": catalog.Int(f.Value)}))
		}
	}
	for key, t := range [2]incident.Touched{i.Customers, i.Regulators} {
		if t == incident.TouchedYes || t == incident.TouchedNo {
			parts = append(parts, s.say([2]string{"impact.customers", "impact.regulators"}[key], catalog.Args{"answer": catalog.Term("answer." + string(t))}))
		}
	}
	return join(" · ", parts...)
}

// captured is what the headline shows of impact, cadence and what is on hold.
func (src Source) captured() catalog.Text {
	s, st := src.said(), src.State
	var out catalog.Text
	if i := ImpactText(st.Impact, s.lang); len(i) > 0 {
		out = s.say("impact", catalog.Args{"impact": i})
	}
	if st.Cadence > 0 && st.Open() {
		out = join("\n", out, s.say("cadence", catalog.Args{"d": catalog.Duration(st.Cadence)}))
	}
	return join("\n", out, src.frozen(5))
}

// frozen lists what is on hold.
func (src Source) frozen(max int) catalog.Text {
	s := src.said()
	var list []catalog.Text
	for i, f := range src.State.Freezing() {
		if i == max {
			list = append(list, s.say("and-more", catalog.Args{"n": catalog.Int(len(src.State.Freezing()) - i)}))
			break
		}
		list = append(list, s.say("freeze.item", catalog.Args{"n": catalog.Int(f.N), "text": catalog.Words(line(f.Text, 120, s.lang)), "at": src.clock(f.At), "by": who(f.By)}))
	}
	if len(list) == 0 {
		return nil
	}
	return s.say("freeze.list", catalog.Args{"list": join(" · ", list...)})
}

// FreezesCard lists what is on hold.
func FreezesCard(src Source) Card {
	s := src.said()
	args := catalog.Args{"id": catalog.Words(src.State.ID), "command": catalog.Words(src.command())}
	list := src.frozen(incident.MaxFreezes)
	if len(list) == 0 {
		return one(s.say("freeze.none", args))
	}
	c := Card{Summary: list}
	c.add(Section{Text: list})
	c.add(Small{s.say("freeze.how", args)})
	return c
}

// CaptureForm asks for what must not be lost before anything is replayed or deleted, filled with what is known.
func CaptureForm(src Source) Form {
	s, st := src.said(), src.State
	f := src.form(FormCapture, "capture", nil)
	window := ""
	if c := st.Capture; !c.From.IsZero() {
		window = c.From.In(src.zone()).Format("2006-01-02 15:04") + "-" + c.To.In(src.zone()).Format("2006-01-02 15:04")
	}
	field := func(id string, t incident.Text) Block {
		return Input{ID: id, Label: s.word("form.capture." + id), Optional: true, Field: TextField{Lines: true, Max: incident.MaxFinding, Initial: incident.Clip(t.Body, incident.MaxFinding)}}
	}
	f.Blocks = []Block{src.subject(), Small{s.word("form.capture.why")},
		field(InputRequests, st.Capture.Requests), field(InputTraces, st.Capture.Traces), field(InputAffected, st.Capture.Tenants), field(InputOrganisations, st.Capture.Organisations),
		Input{ID: InputWindow, Label: s.word("form.capture.window"), Hint: s.say("form.capture.window.hint", src.zoneArg()), Optional: true, Field: TextField{Max: 60, Initial: window}},
		Input{ID: InputFreeze, Label: s.word("form.capture.freeze"), Optional: true, Field: TextField{Lines: true, Max: incident.MaxFinding}}}
	return f
}
