package view

import (
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// MaxFormTitle is how many characters a form's title, submit and close may have (docs.slack.dev, views).
const MaxFormTitle = 24

// maxText is how many characters a field of words takes (docs.slack.dev, plain-text input).
const maxText = 3000

// form begins a form about the source's incident.
func (src Source) form(id, key string, args catalog.Args) Form {
	s := src.said()
	return Form{ID: id, Title: clipText(s.say("form."+key+".title", args), MaxFormTitle), Submit: clipText(s.word("form."+key+".submit"), MaxFormTitle),
		Close: s.word("form.close"), Ref: src.ref("")}
}

// subject is the small line that says which incident a form is about: at night two rooms look alike.
func (src Source) subject() Block {
	s, st := src.said(), src.State
	return Small{s.say("warn.title", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "title": catalog.Words(src.title(150)), "room": src.room()})}
}

// DeclareForm asks what is wrong; nothing but the title is needed. title is what the person typed already, note comes back in Ref.Note.
func DeclareForm(language string, policy *incident.Policy, title, note string) Form {
	src := Source{Language: catalog.Language(language), State: incident.State{Policy: policy}}
	s := src.said()
	f := src.form(FormDeclare, "declare", nil)
	f.Ref = Ref{Note: clip(note, 500)}
	f.Blocks = []Block{
		Input{ID: InputTitle, Label: s.word("form.declare.what"), Field: TextField{Min: 1, Max: incident.MaxTitle, Initial: clip(title, incident.MaxTitle), Placeholder: s.word("form.declare.what.example")}},
		Input{ID: InputSeverity, Label: s.word("form.declare.severity"), Hint: s.word("form.declare.severity.hint"), Optional: true, Field: ChoiceField{Options: src.severities(true), Menu: false}},
	}
	// What does not fit beside a choice stands whole below it.
	guide := src.guide(func(definition string) bool { return clipWords(definition, maxHint) != clip(definition, maxDefinition) })
	if len(guide) > 0 {
		f.Blocks = append(f.Blocks, Small{guide})
	}
	f.Blocks = append(f.Blocks, Input{ID: InputService, Label: s.word("form.declare.service"), Optional: true, Field: TextField{Max: 80}})
	f.Blocks = append(f.Blocks, Input{ID: InputPrivate, Label: s.word("form.declare.private"), Optional: true,
		Field: ChecksField{Options: []Option{{Label: s.word("form.declare.private.tick"), Value: Yes, Hint: s.word("form.declare.private.hint")}}}})
	f.Blocks = append(f.Blocks, src.guideInputs()...)
	f.Blocks = append(f.Blocks, Small{src.declareFollows()})
	return f
}

// TickPrivate makes the form that declares an incident ask about the word "private" somebody typed: the box is ticked to begin with, and a line
// says why and what to do where the word belongs to what is wrong.
func TickPrivate(f *Form, language string) {
	for i, b := range f.Blocks {
		if in, is := b.(Input); is && in.ID == InputPrivate {
			boxes, _ := in.Field.(ChecksField)
			boxes.Chosen = []string{Yes}
			in.Field = boxes
			f.Blocks[i] = in
		}
	}
	f.Blocks = append([]Block{Section{Text: catalog.Say(catalog.Language(language), "form.declare.private.typed", nil)}}, f.Blocks...)
}

// declareFollows says what a declaration brings about: whose phone rings depends on who declares and how bad it is.
func (src Source) declareFollows() catalog.Text {
	s, p := src.said(), src.State.Policy
	out := s.word("form.declare.follows")
	if p == nil {
		return out
	}
	var quiet catalog.List
	for v := incident.SEV1; v <= incident.SEV4; v++ {
		if p.Rule(v).NoLadder {
			quiet = append(quiet, sev(v))
		}
	}
	if first := src.titles(src.State.StageTargets(1, false)); len(first) > 0 && len(quiet) < 4 {
		out = join(" ", out, s.say("form.declare.rung", catalog.Args{"who": catalog.Either(first)}))
	}
	for v := incident.SEV1; v <= incident.SEV4; v++ {
		if now := src.titles(p.Rule(v).PageAtOnce); len(now) > 0 {
			out = join(" ", out, s.say("form.declare.at-once", catalog.Args{"sev": sev(v), "who": now}))
		}
	}
	if len(quiet) > 0 {
		out = join(" ", out, s.say("form.declare.quiet", catalog.Args{"sev": quiet}))
	}
	return out
}

// titles are what targets are called, at most maxNamed of them.
func (src Source) titles(targets []string) catalog.List {
	var out catalog.List
	for i, t := range targets {
		if i == maxNamed {
			break
		}
		if title := clip(src.target(t), 60); title != "" {
			out = append(out, catalog.Words(title))
		}
	}
	return out
}

// ProgressForm asks what was found or ruled out.
func ProgressForm(src Source) Form {
	s := src.said()
	f := src.form(FormProgress, "progress", nil)
	f.Blocks = []Block{src.subject(), Input{ID: InputText, Label: s.word("form.progress.what"),
		Field: TextField{Lines: true, Min: incident.MinProgress, Max: incident.MaxFinding, Placeholder: s.word("form.progress.example")}}}
	if d, ok := src.named(incident.DueProgress); ok {
		f.Blocks = append(f.Blocks, Small{src.deadline(d)})
	}
	return f
}

// SeverityForm asks how bad it is, with the policy's own definitions beside the choice.
func SeverityForm(src Source) Form {
	s, st := src.said(), src.State
	f := src.form(FormSeverity, "severity", catalog.Args{"id": catalog.Words(st.ID)})
	chosen := ""
	if st.Severity.Valid() {
		chosen = strconv.Itoa(int(st.Severity))
	}
	f.Blocks = []Block{src.subject(), Section{Text: src.guide(func(string) bool { return true })},
		Input{ID: InputSeverity, Label: s.word("form.severity.which"), Field: ChoiceField{Options: src.severities(false), Chosen: chosen}},
		Input{ID: InputReason, Label: s.word("form.reason"), Field: TextField{Max: incident.MaxReason}}}
	return f
}

// WhyForm asks for the reason of a rise that was made without one.
func WhyForm(src Source) Form {
	s := src.said()
	f := src.form(FormWhy, "why", nil)
	f.Blocks = []Block{src.subject(), Input{ID: InputReason, Label: s.word("form.reason"), Field: TextField{Lines: true, Max: incident.MaxReason}}}
	return f
}

// maxHint is how many characters stand beside an option (docs.slack.dev, option object), maxDefinition how many of a definition are shown.
const (
	maxHint       = 75
	maxDefinition = 400
)

// guide words the definitions of the severities that want it, one per line.
func (src Source) guide(wanted func(definition string) bool) catalog.Text {
	var guide catalog.Text
	for v := incident.SEV1; v <= incident.SEV4; v++ {
		d := src.definition(v)
		if !wanted(d) {
			continue
		}
		key, args := "form.severity.guide.bare", catalog.Args{"emoji": sevEmoji(v), "sev": sev(v)}
		if strings.TrimSpace(d) != "" {
			key, args["definition"] = "form.severity.guide", catalog.Words(clip(d, maxDefinition))
		}
		guide = join("\n", guide, src.said().say(key, args))
	}
	return guide
}

// definition is what a severity means, in the language of the reader or else in English.
func (src Source) definition(v incident.Severity) string {
	d := src.State.Policy.Rule(v).Definition
	if t := d[src.language()]; t != "" {
		return t
	}
	return d[catalog.English]
}

// severities are the four, worst first, each with as much of what it means as fits beside it, unless the form says so elsewhere: nothing
// is to be read twice.
func (src Source) severities(defined bool) []Option {
	var out []Option
	for v := incident.SEV1; v <= incident.SEV4; v++ {
		o := Option{Label: join(" ", catalog.Of(src.language(), sevEmoji(v)), catalog.Of(src.language(), sev(v))), Value: strconv.Itoa(int(v))}
		if defined {
			o.Hint = catalog.Of(src.language(), catalog.Words(clipWords(src.definition(v), maxHint)))
		}
		out = append(out, o)
	}
	return out
}

// UpdateForm asks for a status update and when the next one comes.
func UpdateForm(src Source) Form {
	s := src.said()
	f := src.form(FormUpdate, "update", nil)
	var next []Option
	for _, m := range []int{15, 30, 60, 120, 240} {
		next = append(next, Option{Label: catalog.Of(s.lang, catalog.Duration(minutes(m))), Value: strconv.Itoa(m)})
	}
	f.Blocks = []Block{src.subject(),
		Input{ID: InputText, Label: s.word("form.update.what"), Field: TextField{Lines: true, Min: 1, Max: maxText, Placeholder: s.word("form.update.example")}},
		Input{ID: InputNext, Label: s.word("form.update.next"), Hint: s.word("form.update.next.rule"), Optional: true, Field: ChoiceField{Options: next, Menu: true}}}
	f.Blocks = append(f.Blocks, src.momentsInput()...)
	return f
}

// ResolveForm asks what ended it; the answer may stay empty.
func ResolveForm(src Source) Form {
	f := src.ending(FormResolve, "resolve", InputText, true)
	if held := src.frozen(headlineHeld); len(held) > 0 {
		f.Blocks = append(f.Blocks, Section{Text: join("\n", held, src.said().say("form.resolve.held", catalog.Args{"command": catalog.Words(src.command())}))})
	}
	return f
}

// CancelForm asks why it is no incident; the answer is needed.
func CancelForm(src Source) Form {
	return src.ending(FormCancel, "cancel", InputReason, false)
}

// ReopenForm asks what is back; the answer may stay empty.
func ReopenForm(src Source) Form {
	return src.ending(FormReopen, "reopen", InputReason, true)
}

func (src Source) ending(id, key, input string, optional bool) Form {
	s := src.said()
	f := src.form(id, key, catalog.Args{"id": catalog.Words(src.State.ID)})
	least := 1
	if optional {
		least = 0
	}
	f.Blocks = []Block{src.subject(),
		Input{ID: input, Label: s.word("form." + key + ".what"), Optional: optional, Field: TextField{Lines: true, Min: least, Max: incident.MaxReason}},
		Small{s.word("form." + key + ".follows")}}
	return f
}

// FindingForm asks what a step found and where that leads. src.Step is the step; its Ref comes back.
func FindingForm(src Source) Form {
	s := src.said()
	f := src.form(FormFinding, "finding", nil)
	f.Blocks = src.stepSubject()
	f.Blocks = append(f.Blocks, Input{ID: InputText, Label: s.word("form.finding.what"), Hint: src.lookFor(), Field: TextField{Lines: true, Min: 1, Max: incident.MaxFinding, Placeholder: src.example("form.finding.example")}})
	st := src.Step
	if st == nil {
		return f
	}
	f.Ref = src.stepRef("")
	run, _ := src.State.Runbook(st.Runbook)
	stay := Option{Label: s.word("form.finding.stay"), Value: BranchStay}
	options := []Option{{Label: s.word("form.finding.next"), Value: BranchNone}, stay}
	if len(st.Branches) > 0 {
		options[0].Label = s.word("form.finding.none")
	}
	if len(src.State.Locks(st.Runbook, st.ID, st.Kind)) > 0 || !run.Worked(st.ID).Awaits.At.IsZero() {
		options = []Option{stay} // it cannot be done now
	} else {
		for i, b := range st.Branches {
			if i == stepBranches {
				break
			}
			options = append(options, src.branchOption(b))
		}
	}
	f.Blocks = append(f.Blocks, Input{ID: InputBranch, Label: s.word("form.finding.branch"), Field: ChoiceField{Options: options, Chosen: options[0].Value}})
	return f
}

// SkipForm asks why a step is skipped, and where to go on: a step that is locked, or was decided against, may have findings that lead past what
// follows it. src.Step is the step; its Ref comes back.
func SkipForm(src Source) Form {
	s := src.said()
	f := src.form(FormSkip, "skip", nil)
	if src.Step != nil {
		f.Ref = src.stepRef("")
	}
	f.Blocks = append(src.stepSubject(), Input{ID: InputReason, Label: s.word("form.skip.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason, Placeholder: src.example("form.skip.example")}})
	if src.Step == nil || len(src.Step.Branches) == 0 {
		return f
	}
	options := []Option{{Label: s.word("form.finding.none"), Value: BranchNone}}
	for i, b := range src.Step.Branches {
		if i < stepBranches {
			options = append(options, src.branchOption(b))
		}
	}
	f.Blocks = append(f.Blocks, Input{ID: InputBranch, Label: s.word("form.skip.branch"), Field: ChoiceField{Options: options, Chosen: options[0].Value}})
	return f
}

// example is what somebody might write of a step of this kind.
func (src Source) example(key string) catalog.Text {
	if src.Step != nil && catalog.Has(key+"."+src.Step.Kind) {
		key += "." + src.Step.Kind
	}
	return src.said().word(key)
}

// lookFor is what the step says to look for, beneath the field that asks what was found.
func (src Source) lookFor() catalog.Text {
	if src.Step == nil || src.Step.LookFor == "" {
		return nil
	}
	plain := strings.NewReplacer("`", "", "*", "").Replace(src.Step.LookFor)
	return src.said().say("form.finding.hint", catalog.Args{"text": catalog.Words(clip(strings.Join(strings.Fields(plain), " "), 300))})
}

func (src Source) stepSubject() []Block {
	out := []Block{src.subject()}
	if st := src.Step; st != nil {
		out = append(out, Section{Text: src.said().say("form.step", catalog.Args{"runbook": catalog.Words(clip(st.Runbook, 40)), "n": catalog.Int(st.Number), "of": catalog.Int(st.Of), "name": catalog.Words(clip(st.Name, 200))})})
	}
	return out
}

// RoleForm asks who holds a role; role is the one chosen to begin with, zero: the commander.
func RoleForm(src Source, role incident.Role) Form {
	s := src.said()
	f := src.form(FormRole, "role", nil)
	if !role.Valid() {
		role = incident.Commander
	}
	var options []Option
	for _, r := range incident.Roles {
		options = append(options, Option{Label: clipText(capital(s.say("form.role.holder", catalog.Args{"role": catalog.Term("role." + string(r)), "who": plainWho(src.State.Roles[r].Who)})), 75), Value: string(r)})
	}
	f.Blocks = []Block{src.subject(),
		Input{ID: InputRole, Label: s.word("form.role.which"), Field: ChoiceField{Options: options, Chosen: string(role)}},
		Input{ID: InputPerson, Label: s.word("form.role.who"), Hint: s.word("form.role.empty"), Optional: true, Field: PersonField{}}}
	return f
}

// RunbookChoice is a runbook that can be started.
type RunbookChoice struct {
	ID, Title string
	Started   bool   // in use here already
	By, Value string // why it fits (incident.Suggestion); empty: it is only on the shelf
}

// RunbookForm offers runbooks, at most 100 (docs.slack.dev, select menu). With none to offer it says so.
func RunbookForm(src Source, choices []RunbookChoice, trouble error) Form {
	s := src.said()
	f := src.form(FormRunbook, "runbook", nil)
	var options []Option
	for _, c := range choices {
		if len(options) == 100 {
			break
		}
		o := Option{Label: clipText(s.say("form.runbook.option", catalog.Args{"id": catalog.Words(clip(c.ID, 20)), "name": catalog.Words(clip(c.Title, 75))}), 75), Value: c.ID}
		if c.By != "" {
			o.Hint = clipText(suggestedBy(s, incident.Suggestion{By: c.By, Value: c.Value}), maxHint)
		}
		if c.Started {
			o.Hint = s.word("form.runbook.started")
		}
		options = append(options, o)
	}
	f.Blocks = []Block{src.subject()}
	if trouble != nil {
		f.Blocks = append(f.Blocks, Small{s.say("form.runbook.trouble", catalog.Args{"why": catalog.Lines(clipLines(catalog.ErrorIn(s.lang, trouble), 600, 5))})})
	}
	if len(options) == 0 {
		f.Blocks = append(f.Blocks, Section{Text: s.word("form.runbook.none")})
		return f
	}
	f.Blocks = append(f.Blocks, Input{ID: InputRunbook, Label: s.word("form.runbook.which"), Field: ChoiceField{Options: options, Menu: true}})
	return f
}
