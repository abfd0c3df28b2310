package incident

import (
	"slices"
	"strings"
	"time"
)

// Obligation is something the policy wants done because of an incident, by a time: a notice to a customer, a post-mortem, a report to an
// authority. What begins it, whom it is asked of in turn and what ends it are data; the engine of it is the same for all.
type Obligation struct {
	Name  string            `json:"name"`  // "customer_notice"; also the key it is named by in the room
	Title map[string]string `json:"title"` // by language: "notice to the customers"
	// Severities it applies to, by the highest ever confirmed; empty: all.
	Severities []Severity `json:"severities,omitempty"`
	// Begins are what begins it, any of them: BeginsDeclared, BeginsConfirmed, BeginsMitigated, BeginsResolved, "personal_data=yes" (an
	// answer to a question, whatever it is about), "personal_data=yes:aml" (a yes about that, or one that says nothing of what), "moment fix-deployed", "done customer_notice" (another obligation met), BeginsAction.
	Begins []string `json:"begins"`
	// Within is clock time from what began it; WithinDays are business days instead. One of the two is set, but for BeginsAction.
	Within     time.Duration `json:"within,omitempty"`
	WithinDays int           `json:"within_days,omitempty"`
	// Response ends with the incident's response, at resolve; otherwise it lives on until it is done or dropped.
	Response bool `json:"response,omitempty"`
	// Legal clocks are absolute: they remind at night and on holidays, page in their last hours, and a cancellation
	// ends only those that nothing but the incident began: neither an answer nor what was sent already.
	Legal bool `json:"legal,omitempty"`
	// Law is where it is written, "GDPR art. 33(1)", where the policy says it in one language for all; Laws is the same by language.
	Law  string            `json:"law,omitempty"`
	Laws map[string]string `json:"laws,omitempty"`
	// Chain is who is reminded, in order: roles (commander, comms, scribe) and targets. Until it is due the first of them; each reminder
	// after that goes one further.
	Chain []string `json:"chain"`
	// Every is how long after a reminder the next one comes, without end.
	Every time.Duration `json:"every"`
	// RemindBefore is how long before it is due the first reminder comes; zero: when it is due.
	RemindBefore time.Duration `json:"remind_before,omitempty"`
	// PageBefore is how long before a legal clock ends the first target of the chain is rung; zero: nobody is.
	PageBefore time.Duration `json:"page_before,omitempty"`
	// To is who gets it, by language: an authority by name.
	To map[string]string `json:"to,omitempty"`
	// Notice is the name of the notice whose sending meets it; empty: somebody says that it is done.
	Notice string `json:"notice,omitempty"`
	// DoneBy is a moment whose recording meets it ("moment customers-notified"); empty: none.
	DoneBy string `json:"done_by,omitempty"`
}

// Question is something only a human can answer and on which obligations hang. It is asked once somebody commands and the severity is
// confirmed.
type Question struct {
	Name       string            `json:"name"` // "personal_data"
	Ask        map[string]string `json:"ask"`  // the question, by language
	Severities []Severity        `json:"severities,omitempty"`
	// Concerns are what a yes may be about, where different duties hang on it: personal data, money laundering. Empty: a yes is a yes.
	Concerns []Concern `json:"concerns,omitempty"`
	// Within is how long it may go unanswered before those of Chain are asked, in turn, Every so often.
	Within time.Duration `json:"within"`
	Chain  []string      `json:"chain"`
	Every  time.Duration `json:"every"`
}

// Concern is one of the things that a yes to a question may be about.
type Concern struct {
	Name  string            `json:"name"` // "gdpr", as Obligation.Begins writes it: "personal_data=yes:gdpr"
	Title map[string]string `json:"title"`
}

// What begins an obligation, beside answers, moments and other obligations.
const (
	BeginsDeclared  = "declared"
	BeginsConfirmed = "confirmed" // the severity counts as confirmed
	BeginsMitigated = "mitigated"
	BeginsResolved  = "resolved"
	BeginsAction    = "action" // begun by hand for every corrective action; the policy gives only chain and pace
	BeginsAsked     = "asked"  // a question's own: it was put
)

// Answers to a question.
const (
	AnswerYes     = "yes"
	AnswerNo      = "no"      // with the reason why
	AnswerUnknown = "unknown" // what hangs on it runs from detection
)

// Duty is an obligation as it runs for one incident.
type Duty struct {
	Key        string    `json:"key"`                // unique in the incident: the obligation's name, "answer-personal_data", "action-1"
	Of         string    `json:"of,omitempty"`       // name of the obligation; empty for a question
	Question   string    `json:"question,omitempty"` // the question it wants answered
	Legal      bool      `json:"legal,omitempty"`
	Response   bool      `json:"response,omitempty"`
	Why        string    `json:"why"` // what began it, as Obligation.Begins writes it
	From       time.Time `json:"from"`
	Due        time.Time `json:"due"`
	Next       time.Time `json:"next,omitzero"`  // next reminder
	Owner      Person    `json:"owner,omitzero"` // who took it
	Reminded   int       `json:"reminded,omitempty"`
	RemindedAt time.Time `json:"reminded_at,omitzero"`
	Overdue    int       `json:"overdue,omitempty"` // reminders given after it was due: how far up the chain it has gone
	Paged      int       `json:"paged,omitempty"`   // how many were rung for it
	Text       Text      `json:"text,omitzero"`     // of an action: what is to be done
	Clock      string    `json:"clock,omitempty"`   // the runbook's clock that it is: "RB-008/client-notice"
	What       string    `json:"what,omitempty"`    // of a clock: what is due
	When       string    `json:"when,omitempty"`    // of a clock: the condition that somebody has to confirm; empty: it applies
	Who        string    `json:"who,omitempty"`     // of a clock: the role that owes it, as the runbook names it
	Alert      string    `json:"alert,omitempty"`   // of a clock: the alert whose condition it counts from
	Again      bool      `json:"again,omitempty"`   // of a clock: it counts anew each time, and so does its condition
	How        string    `json:"how,omitempty"`     // EndedDone ...; empty while it runs
	Outcome    Text      `json:"outcome,omitzero"`  // evidence, or why it was dropped
	EndedAt    time.Time `json:"ended,omitzero"`
	EndedBy    Person    `json:"ended_by,omitzero"`
}

// Running reports whether it is still owed.
func (d Duty) Running() bool { return d.How == "" }

// How a duty ended.
const (
	EndedDone      = "done"
	EndedDropped   = "dropped"   // by a named person, with a reason
	EndedResponse  = "response"  // it belonged to the response, which is over
	EndedWithdrawn = "withdrawn" // what began it was taken back: the incident was reopened, the answer is no
)

// Answer is what somebody answered to a question.
type Answer struct {
	Question string    `json:"question"`
	Value    string    `json:"value"`
	Reason   Text      `json:"reason,omitzero"`
	By       Person    `json:"by,omitzero"`
	At       time.Time `json:"at"`
	Since    time.Time `json:"since"` // from when what hangs on it runs
	// Concerns are names of what a yes is about; empty: of anything the question asks, as before there was a choice.
	Concerns []string `json:"concerns,omitempty"`
}

// Begins reports whether an answer is what an obligation begins by, in the form that follows the question's name: "yes", "yes:aml", "unknown".
func (a Answer) Begins(value string) bool {
	want, concern, one := strings.Cut(value, ":")
	return a.Value == want && (!one || len(a.Concerns) == 0 || slices.Contains(a.Concerns, concern))
}

// Notice is evidence that something was sent: what, when, to whom, by whom.
type Notice struct {
	Name string    `json:"name"` // "customer", "authority"
	Text Text      `json:"text,omitzero"`
	By   Person    `json:"by,omitzero"`
	At   time.Time `json:"at"`
	To   Text      `json:"to,omitzero"` // who got it, by name or address
	// Runbook and Step are the step that it was sent for.
	Runbook string `json:"runbook,omitempty"`
	Step    string `json:"step,omitempty"`
}

// ObligationBegun starts a clock.
type ObligationBegun struct {
	Key      string    `json:"key"`
	Of       string    `json:"of,omitempty"`
	Question string    `json:"question,omitempty"`
	Legal    bool      `json:"legal,omitempty"`
	Response bool      `json:"response,omitempty"`
	Why      string    `json:"why"`
	From     time.Time `json:"from"`
	Due      time.Time `json:"due"`
	Next     time.Time `json:"next,omitzero"` // first reminder
	Owner    Person    `json:"owner,omitzero"`
	Text     Text      `json:"text,omitzero"`
	Brought  ID        `json:"brought,omitempty"` // the duplicate whose it was
	// Clock ... are of a runbook's clock, as in Duty; Due is zero where it has no time of its own.
	Clock string `json:"clock,omitempty"`
	What  string `json:"what,omitempty"`
	When  string `json:"when,omitempty"`
	Who   string `json:"who,omitempty"`
	Alert string `json:"alert,omitempty"`
	Again bool   `json:"again,omitempty"`
}

// ObligationReminded records that those whose turn it was were reminded.
type ObligationReminded struct {
	Key     string    `json:"key"`
	Due     time.Time `json:"due"`
	Overdue bool      `json:"overdue,omitempty"`
	Count   int       `json:"count"` // of reminders so far
	Asked   []string  `json:"asked,omitempty"`
	Who     []Person  `json:"who,omitempty"`
	Next    time.Time `json:"next"`
	Until   time.Time `json:"until,omitzero"` // not sent after this: the end of working time
	// Along are the other duties that were reminded of in the same moment: what this one has Tocsin write says them, too, and no message of
	// their own goes out. Each has a fact of its own, whose In is this one's key.
	Along []Reminder `json:"along,omitempty"`
	In    string     `json:"in,omitempty"`
}

// ObligationDeferred records that a reminder waits for working time.
type ObligationDeferred struct {
	Key  string    `json:"key"`
	Next time.Time `json:"next"`
}

// ObligationTaken records who sees to it.
type ObligationTaken struct {
	Key string `json:"key"`
	Who Person `json:"who"`
}

// ObligationEnded ends it: done with its evidence, or dropped with a reason by whoever the event names.
type ObligationEnded struct {
	Key  string `json:"key"`
	How  string `json:"how"`
	Text Text   `json:"text,omitzero"`
}

// NoticeSent is the evidence of a notice: the event names who said so and when.
type NoticeSent struct {
	Notice string `json:"notice"`
	Text   Text   `json:"text"` // what was sent, to whom where To does not say
	// To is who got it, by name or address; Reference where it can be found.
	To        Text `json:"to,omitzero"`
	Reference Text `json:"reference,omitzero"`
	// Runbook and Step are the step that it was sent for, Role whom the runbook means.
	Runbook string `json:"runbook,omitempty"`
	Step    string `json:"step,omitempty"`
	Role    string `json:"role,omitempty"`
	// How a role inside the company was told (TellWrite ...), Holders who held it, and Who of them Tocsin writes to for it.
	How     string   `json:"how,omitempty"`
	Holders []Person `json:"holders,omitempty"`
	Who     []Person `json:"who,omitempty"`
}

// Answered is an answer to a question of the policy.
type Answered struct {
	Question string    `json:"question"`
	Value    string    `json:"value"`
	Reason   Text      `json:"reason,omitzero"`
	Since    time.Time `json:"since"`
	Concerns []string  `json:"concerns,omitempty"` // what a yes is about
}

// AnswerQuestion answers a question of the policy.
type AnswerQuestion struct {
	Question string
	Value    string    // AnswerYes, AnswerNo, AnswerUnknown
	Reason   Text      // needed for no
	Since    time.Time // since when it was known; zero: now
	Concerns []string  // what a yes is about, by name; empty: not said
}

// TakeDuty takes an obligation: reminders go to whoever took it.
type TakeDuty struct{ Key string }

// EndDuty ends an obligation: done, with evidence, or dropped, with a reason.
type EndDuty struct {
	Key     string
	Dropped bool
	Text    Text
}

// SendNotice records that a notice was sent.
type SendNotice struct {
	Notice    string
	Text      Text // what was sent, to whom where To does not say
	To        Text
	Reference Text
	At        time.Time // when; zero: now
}

// AddAction adds a corrective action.
type AddAction struct {
	Owner Person
	Day   string // "2026-12-01"; due at the end of its working time
	Text  Text
}

func (AnswerQuestion) act() {}
func (TakeDuty) act()       {}
func (EndDuty) act()        {}
func (SendNotice) act()     {}
func (AddAction) act()      {}

// Type implements Fact.
func (*ObligationBegun) Type() string { return "obligation-begun" }

// Type implements Fact.
func (*ObligationReminded) Type() string { return "obligation-reminded" }

// Type implements Fact.
func (*ObligationDeferred) Type() string { return "obligation-deferred" }

// Type implements Fact.
func (*ObligationTaken) Type() string { return "obligation-taken" }

// Type implements Fact.
func (*ObligationEnded) Type() string { return "obligation-ended" }

// Type implements Fact.
func (*NoticeSent) Type() string { return "notice-sent" }

// Type implements Fact.
func (*Answered) Type() string { return "answered" }

// Texts implements Fact.
func (f *ObligationBegun) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (*ObligationReminded) Texts() []*Text { return nil }

// Texts implements Fact.
func (*ObligationDeferred) Texts() []*Text { return nil }

// Texts implements Fact.
func (*ObligationTaken) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *ObligationEnded) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *NoticeSent) Texts() []*Text { return []*Text{&f.Text, &f.To, &f.Reference} }

// Texts implements Fact.
func (f *Answered) Texts() []*Text { return []*Text{&f.Reason} }

// Bounds of what the state remembers of obligations; the log has everything.
const (
	MaxActions = 50 // running corrective actions of one incident
	maxDuties  = 120
	maxNotices = 40
)

// Obligation returns the policy's obligation of a name.
func (p *Policy) Obligation(name string) (Obligation, bool) {
	if p == nil {
		return Obligation{}, false
	}
	i := slices.IndexFunc(p.Obligations, func(o Obligation) bool { return o.Name == name })
	if i < 0 {
		return Obligation{}, false
	}
	return p.Obligations[i], true
}

// Question returns the policy's question of a name.
func (p *Policy) Question(name string) (Question, bool) {
	if p == nil {
		return Question{}, false
	}
	i := slices.IndexFunc(p.Questions, func(q Question) bool { return q.Name == name })
	if i < 0 {
		return Question{}, false
	}
	return p.Questions[i], true
}

// Obligated are the obligations that a notice meets, in the policy's order.
func (p *Policy) Obligated(notice string) []Obligation {
	var out []Obligation
	if p != nil && notice != "" {
		for _, o := range p.Obligations {
			if o.Notice == notice {
				out = append(out, o)
			}
		}
	}
	return out
}

// Notices are the names of the notices that meet an obligation of the policy, in its order.
func (p *Policy) Notices() []string {
	var out []string
	if p == nil {
		return nil
	}
	for _, o := range p.Obligations {
		if o.Notice != "" && !slices.Contains(out, o.Notice) {
			out = append(out, o.Notice)
		}
	}
	return out
}

// Duty returns the duty with a key.
func (s State) Duty(key string) (Duty, bool) {
	if i := s.dutyAt(key); i >= 0 {
		return s.Duties[i], true
	}
	return Duty{}, false
}

func (s State) dutyAt(key string) int {
	return slices.IndexFunc(s.Duties, func(d Duty) bool { return d.Key == key })
}

// Owing are the duties that still run, the earliest due first.
func (s State) Owing() []Duty {
	out := slices.DeleteFunc(slices.Clone(s.Duties), func(d Duty) bool { return !d.Running() })
	slices.SortStableFunc(out, func(a, b Duty) int {
		if a.Due.IsZero() != b.Due.IsZero() { // what has no time of its own comes last
			return b.Due.Compare(a.Due)
		}
		return a.Due.Compare(b.Due)
	})
	return out
}

// Answer returns what was last answered to a question.
func (s State) Answer(question string) (Answer, bool) {
	i := slices.IndexFunc(s.Answers, func(a Answer) bool { return a.Question == question })
	if i < 0 {
		return Answer{}, false
	}
	return s.Answers[i], true
}

// Notice returns the last notice of a name.
func (s State) Notice(name string) (Notice, bool) {
	for i := len(s.Notices) - 1; i >= 0; i-- {
		if s.Notices[i].Name == name {
			return s.Notices[i], true
		}
	}
	return Notice{}, false
}

// dutyTexts are the free texts of obligations, in a fixed order.
func (s *State) dutyTexts() []*Text {
	var out []*Text
	for i := range s.Duties {
		out = append(out, &s.Duties[i].Text, &s.Duties[i].Outcome)
	}
	for i := range s.Answers {
		out = append(out, &s.Answers[i].Reason)
	}
	for i := range s.Notices {
		out = append(out, &s.Notices[i].Text, &s.Notices[i].To)
	}
	for i := range s.Moments {
		out = append(out, &s.Moments[i].Note)
	}
	for i := range s.Freezes {
		out = append(out, &s.Freezes[i].Text)
	}
	for i := range s.Values {
		out = append(out, &s.Values[i].Text)
	}
	return append(out, &s.Capture.Requests, &s.Capture.Traces, &s.Capture.Tenants, &s.Capture.Organisations, &s.Override.Reason)
}

// obligationsEvolve folds the facts of obligations and of what else is captured about an incident.
func (s *State) obligationsEvolve(e Event) {
	switch f := e.Fact.(type) {
	case *ObligationBegun:
		d := Duty{Key: f.Key, Of: f.Of, Question: f.Question, Legal: f.Legal, Response: f.Response, Why: f.Why, From: f.From, Due: f.Due, Next: f.Next, Owner: f.Owner, Text: f.Text,
			Clock: f.Clock, What: f.What, When: f.When, Who: f.Who, Alert: f.Alert, Again: f.Again}
		if i := s.dutyAt(f.Key); i >= 0 { // withdrawn before
			s.Duties[i] = d
			s.apart(f.Key)
		} else {
			s.Duties = pruned(append(s.Duties, d), maxDuties, func(d Duty) bool { return !d.Running() && d.Why == BeginsAction })
		}
		if f.Why == BeginsAction {
			s.Actions++
		}
	case *ObligationReminded:
		if i := s.dutyAt(f.Key); i >= 0 {
			d := &s.Duties[i]
			d.Reminded, d.RemindedAt, d.Next = f.Count, e.RecordedAt, f.Next
			if f.Overdue {
				d.Overdue++
			}
		}
	case *ObligationDeferred:
		if i := s.dutyAt(f.Key); i >= 0 {
			s.Duties[i].Next = f.Next
		}
	case *ObligationMoved:
		if i := s.dutyAt(f.Key); i >= 0 {
			s.Duties[i].Due, s.Duties[i].Next = f.Due, f.Next
		}
	case *HolidaysCounted:
		s.Holidays, s.HolidaysVersion = f.Days, f.Version
	case *ObligationTaken:
		if i := s.dutyAt(f.Key); i >= 0 {
			s.Duties[i].Owner = f.Who
		}
	case *ObligationEnded:
		if i := s.dutyAt(f.Key); i >= 0 {
			d := &s.Duties[i]
			d.How, d.Outcome, d.EndedAt, d.EndedBy, d.Next = f.How, f.Text, e.At, e.Actor.Person, zeroTime
		}
	case *NoticeSent:
		s.Notices = append(s.Notices, Notice{Name: f.Notice, Text: f.Text, By: e.Actor.Person, At: e.At, To: f.To, Runbook: f.Runbook, Step: f.Step})
		s.toldEvolve(e, f)
		if n := len(s.Notices); n > maxNotices {
			s.Notices = s.Notices[n-maxNotices:]
		}
	case *Answered:
		a := Answer{Question: f.Question, Value: f.Value, Reason: f.Reason, By: e.Actor.Person, At: e.At, Since: f.Since, Concerns: f.Concerns}
		if i := slices.IndexFunc(s.Answers, func(a Answer) bool { return a.Question == f.Question }); i >= 0 {
			s.Answers[i] = a
		} else {
			s.Answers = append(s.Answers, a)
		}
	case *MomentMarked:
		s.Moments = append(s.Moments, Moment{Name: f.Name, At: e.At, By: e.Actor.Person, Note: f.Note})
	case *ParametersSet:
		s.parametersEvolve(e, f)
	case *RunbooksSuggested:
		s.suggestedEvolve(f)
	default:
		s.captureEvolve(e)
	}
}

// page is the page with a key, to be changed.
func (s *State) page(key string) *Page {
	for _, list := range [][]Page{s.Pages, s.DutyPages} {
		if i := slices.IndexFunc(list, func(p Page) bool { return p.Key == key }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

// unpaged takes a call that fell silent on pause off the count of those rung for its duties.
func (s *State) unpaged(p Page) {
	for _, key := range p.Obligations() {
		if i := s.dutyAt(key); i >= 0 {
			s.Duties[i].Paged = max(0, s.Duties[i].Paged-1)
		}
	}
}

// dutyPaged keeps a page for an obligation.
func (s *State) dutyPaged(p Page) {
	s.DutyPages = pruned(append(s.DutyPages, p), maxPages, func(p Page) bool { return !p.Outstanding() })
	for _, key := range p.Obligations() {
		if i := s.dutyAt(key); i >= 0 {
			s.Duties[i].Paged++
		}
	}
}
