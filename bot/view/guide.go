package view

import (
	"strconv"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// guideInputs are the questions of the severity guide; none when the policy has no guide.
func (src Source) guideInputs() []Block {
	s := src.said()
	if src.State.Policy == nil || len(src.State.Policy.Guide) == 0 {
		return nil
	}
	var facts []Option
	for _, f := range []string{GuideDataLoss, GuideBreach, GuideCritical, GuideDegraded, GuideWorkaround} {
		facts = append(facts, Option{Label: s.word("guide." + f), Value: f})
	}
	return []Block{
		Input{ID: InputTenants, Label: s.word("guide.tenants"), Optional: true, Field: TextField{Max: 10, Placeholder: s.word("guide.tenants.example")}},
		Input{ID: InputSLO, Label: s.word("guide.slo"), Optional: true, Field: TextField{Max: 10, Placeholder: s.word("guide.slo.example")}},
		Input{ID: InputFacts, Label: s.word("guide.facts"), Optional: true, Field: ChecksField{Options: facts}},
	}
}

// GuideForm asks what is known and proposes a severity from it.
func GuideForm(src Source) Form {
	s := src.said()
	f := src.form(FormGuide, "guide", nil)
	f.Blocks = append([]Block{src.subject()}, src.guideInputs()...)
	f.Blocks = append(f.Blocks, Small{s.word("guide.proposes")})
	return f
}

// ProposedForm is SeverityForm with what the guide proposes chosen, and the rule that decided; a human confirms. The rule comes back in
// the form's Ref.Note.
func ProposedForm(src Source, proposed incident.Severity, rule string) Form {
	s := src.said()
	f := SeverityForm(src)
	f.Ref.Note = clip(rule, 100)
	f.Submit = clipText(s.word("form.proposed.submit"), MaxFormTitle)
	for i, b := range f.Blocks {
		if in, is := b.(Input); is && in.ID == InputSeverity {
			choice, _ := in.Field.(ChoiceField)
			choice.Chosen = strconv.Itoa(int(proposed))
			in.Field = choice
			f.Blocks[i] = in
		}
		if in, is := b.(Input); is && in.ID == InputReason { // the rule that decided is one
			in.Optional = true
			f.Blocks[i] = in
		}
	}
	said := Section{Text: s.say("guide.proposed", catalog.Args{"emoji": sevEmoji(proposed), "sev": sev(proposed), "rule": catalog.Rule(clip(rule, 120))})}
	f.Blocks = append([]Block{f.Blocks[0], said}, f.Blocks[1:]...)
	return f
}
