package incident

import (
	"slices"
	"time"
)

// DueReader is the name of the deadline by which somebody should have read a step that was asked to be read.
const DueReader = "reader"

// readWithin is how long those who were asked to read a step have before the commander is asked, too.
const readWithin = 5 * time.Minute

// ViewReader asks in the room, or the commander by direct message, that a second person read a step. Effect.Arg is the step as "RB-008/restore".
const ViewReader = "step-reader"

// ReaderAsked records that a second person was asked for who reads a step before it is run: by who works it, or, when nobody had in time, by
// Tocsin.
type ReaderAsked struct {
	Runbook string   `json:"runbook"`
	Step    string   `json:"step"`
	Who     []Person `json:"who,omitempty"`  // those who could, as far as is known; empty: whoever reads it
	Late    bool     `json:"late,omitempty"` // nobody had read it in time
}

// StepReader is a second person being asked for, once for a step and its values.
type StepReader struct {
	By   Person    `json:"by,omitzero"`
	At   time.Time `json:"at,omitzero"`
	Who  []Person  `json:"who,omitempty"`
	Late time.Time `json:"late,omitzero"` // when it was said that nobody had
}

// Type implements Fact.
func (*ReaderAsked) Type() string { return "step-reader-asked" }

// Texts implements Fact.
func (*ReaderAsked) Texts() []*Text { return nil }

// askReader asks those of the incident who could read a step before it is run: once, until it was read, given back, or has another value.
func (d *decider) askReader(at step) error {
	switch w := at.work; {
	case !w.Seconded.At.IsZero():
		return &Refusal{Code: RefusedSeconded, By: w.Seconded.By, Args: at.args(w.Seconded.At.Format(timeFormat))}
	case !w.Reader.At.IsZero():
		return &Refusal{Code: RefusedReaderAsked, By: w.Reader.By, Args: at.args(w.Reader.At.Format(timeFormat))}
	}
	d.add(&ReaderAsked{Runbook: at.run.Ref.ID, Step: at.id, Who: d.readers(at)})
	return nil
}

// readers are who could read a step: where it names roles that may do it, those who hold one of them; else who responds to the incident. Never
// who works it or asks.
func (d *decider) readers(at step) []Person {
	var who []Person
	add := func(people ...Person) {
		for _, p := range people {
			if !p.Zero() && p.Slack != "" && !p.Same(at.work.By) && !p.Same(d.in.Actor.Person) && len(who) < maxAsked && !slices.ContainsFunc(who, p.Same) {
				who = append(who, p)
			}
		}
	}
	for _, r := range at.rule.Who {
		for _, p := range d.s.RoleHolders(r, d.in.OnCall) {
			if d.s.MaySee(p) {
				add(p)
			}
		}
	}
	if len(at.rule.Who) > 0 && len(who) > 0 {
		return who
	}
	add(d.s.Roles[Commander].Who, d.s.Ladder.AcceptedBy)
	for _, p := range d.s.Pages {
		if p.Status == PageAnswered {
			add(p.Person)
		}
	}
	for _, run := range d.s.Runbooks {
		for _, w := range run.Work {
			add(w.By, w.Seconded.By)
		}
	}
	return who
}

// unread are the steps that somebody was asked to read and nobody has, with the moment at which the commander is asked.
func (s State) unread() []Deadline {
	var out []Deadline
	for _, run := range s.Runbooks {
		for _, w := range run.Work {
			if !s.unreadAt(run, w) {
				continue
			}
			out = append(out, keyed(Deadline{Name: DueReader, Due: laterOf(w.Reader.At, s.ResumedAt).Add(readWithin)}, run.Ref.ID, w.Step))
		}
	}
	return out
}

// readerOwed reports whether a step, as "RB-008/restore", still waits for a second person.
func (s State) readerOwed(arg string) bool {
	for _, run := range s.Runbooks {
		for _, w := range run.Work {
			if run.Ref.ID+"/"+w.Step != arg {
				continue
			}
			_, marked := run.Steps[w.Step]
			return !marked && s.StepWorkable(run.Ref.ID, w.Step) && slices.ContainsFunc(s.Locks(run.Ref.ID, w.Step, ""), func(l Lock) bool { return l.Kind == LockEyes })
		}
	}
	return false
}

// keepReaders asks the commander where nobody has read a step in time: unless they were asked already, or work it themselves.
func (d *decider) keepReaders() {
	var late []*ReaderAsked
	for _, run := range d.s.Runbooks {
		for _, w := range run.Work {
			due := laterOf(w.Reader.At, d.s.ResumedAt).Add(readWithin)
			if !d.s.unreadAt(run, w) || due.After(d.now) {
				continue
			}
			f := &ReaderAsked{Runbook: run.Ref.ID, Step: w.Step, Late: true}
			if c := d.s.Roles[Commander].Who; !c.Zero() && !c.Same(w.By) && !c.Same(w.Reader.By) && !slices.ContainsFunc(w.Reader.Who, c.Same) {
				f.Who = []Person{c}
			}
			late = append(late, f)
		}
	}
	for _, f := range late {
		d.own(f)
	}
}

// unreadAt reports whether a step waits for who was asked to read it, and nobody was told that nobody has.
func (s State) unreadAt(run RunbookRun, w StepWork) bool {
	return s.Open() && !s.Paused() && !w.Reader.At.IsZero() && w.Reader.Late.IsZero() && s.readerOwed(run.Ref.ID+"/"+w.Step)
}

// readerEvolve folds that a second person was asked for.
func (s *State) readerEvolve(e Event, f *ReaderAsked) {
	if f.Late {
		s.worked(f.Runbook, f.Step, Person{}).Reader.Late = e.RecordedAt
		return
	}
	s.worked(f.Runbook, f.Step, e.Actor.Person).Reader = StepReader{By: e.Actor.Person, At: e.At, Who: f.Who}
}

// wasRead lets a second person be asked for anew once one has given their word, whatever it was: it may not count for ever.
func (s *State) wasRead(e Event) {
	switch f := e.Fact.(type) {
	case *StepSeconded:
		s.worked(f.Runbook, f.Step, Person{}).Reader = StepReader{}
	case *StepReturned:
		s.worked(f.Runbook, f.Step, Person{}).Reader = StepReader{}
	}
}

// reread lets a second person be asked for anew: the step has other values now.
func (s *State) reread(parameter string) {
	for i := range s.Runbooks {
		run := &s.Runbooks[i]
		if !slices.Contains(run.Ref.Parameters, parameter) {
			continue
		}
		for j := range run.Work {
			run.Work[j].Reader = StepReader{}
		}
	}
}

// readerEffects says in the room who could read it; when nobody did, the commander is written to.
func (p *plan) readerEffects(f *ReaderAsked) {
	p.redrawRun(f.Runbook)
	arg := f.Runbook + "/" + f.Step
	if !f.Late {
		p.post(ViewReader, ClassUpdate, arg)
		return
	}
	for i, who := range f.Who {
		p.direct(ViewReader, i, who, arg, p.e.RecordedAt.Add(nudgeFor))
	}
}
