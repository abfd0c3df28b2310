package incident

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DueObligation is the name of every deadline of an obligation; Deadline.Duty says which.
const DueObligation = "obligation"

// WhyObligation is why somebody is rung for an obligation, and why such a page is closed when it has ended.
const WhyObligation = "obligation"

// Deadlines returns what must happen by when, sorted by due time and then by key; nil when no policy is bound. Those of the response end
// with it, those of obligations live on until each is done or dropped.
func Deadlines(s State) []Deadline {
	if s.Policy == nil {
		return nil
	}
	out := append(append(append(responses(s), handOvers(s)...), s.unread()...), s.untakenCalls()...)
	for _, d := range s.Duties {
		if d.Running() && !(d.Due.IsZero() && d.Next.IsZero()) && !s.stands(d) {
			due := d.Due
			if due.IsZero() { // it has no time of its own, and is asked for
				due = d.Next
			}
			out = append(out, Deadline{Name: DueObligation, Key: fmt.Sprintf("%s/%s/%d/%d", DueObligation, d.Key, d.Reminded, d.Next.UnixMilli()), Due: due, Remind: d.Next, Duty: d.Key})
		}
	}
	return sorted(out)
}

// sorted puts deadlines in the order of their due times.
func sorted(list []Deadline) []Deadline {
	slices.SortFunc(list, func(a, b Deadline) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Key, b.Key)) })
	return list
}

// moments at which a tick would do something because of a deadline.
func (d Deadline) moments() []time.Time {
	if d.Name == DueObligation {
		return []time.Time{d.Remind}
	}
	return []time.Time{d.Due, d.WarnAt}
}

// pace is how a duty is pursued.
type pace struct {
	chain                           []string
	every, remindBefore, pageBefore time.Duration
}

// pace looks a duty's pace up in the policy. A policy frozen anew may no longer know it: the commander is asked then.
func (s State) pace(d Duty) pace {
	p := pace{chain: []string{string(Commander)}, every: 24 * time.Hour}
	if d.Clock != "" {
		p = s.clockPace(d)
	}
	if d.Legal {
		p.every = 4 * time.Hour
	}
	if q, ok := s.Policy.Question(d.Question); ok {
		p.chain, p.every = q.Chain, q.Every
	}
	if o, ok := s.Policy.Obligation(d.Of); ok {
		p.chain, p.every, p.remindBefore, p.pageBefore = o.Chain, o.Every, o.RemindBefore, o.PageBefore
	}
	if p.every <= 0 {
		p.every = 24 * time.Hour
	}
	p.chain = slices.Clone(p.chain)
	for i, key := range p.chain { // each as the incident's service has it
		p.chain[i] = s.target(key)
	}
	return p
}

// absolute duties remind at any hour: legal clocks, what belongs to the response, and a runbook's clocks while the incident runs. While it is
// paused, what a runbook owes beyond the response goes on in working time.
func (s State) absolute(d Duty) bool {
	return d.Legal || d.Response || d.Clock != "" && s.Open() && !s.Paused()
}

// counts is the severity that counts for duties: the highest ever confirmed, or the present one where none has to be confirmed.
func (s State) counts() Severity {
	if !s.Policy.Rule(s.Severity).NeedsConfirm && s.Severity.Worse(s.Highest) {
		return s.Severity
	}
	return s.Highest
}

// obligations begins and ends what follows from what was just decided. It looks at the state alone, so nothing depends on which act led
// there.
func (d *decider) obligations() {
	if len(d.out) == 0 || d.s.Policy == nil || len(d.s.Policy.Obligations)+len(d.s.Policy.Questions)+len(d.s.Duties) == 0 && !d.s.hasRunClocks() {
		return
	}
	d.goOn()
	for range 8 { // one may end another, or begin it; each is begun once at most, so that it comes to rest
		n := len(d.out)
		d.endObligations()
		d.beginObligations()
		d.runbookClocks()
		d.openClocks()
		if len(d.out) == n {
			return
		}
	}
}

func (d *decider) beginObligations() {
	p := d.s.Policy
	applies := func(sevs []Severity) bool { return len(sevs) == 0 || slices.Contains(sevs, d.s.counts()) }
	// The first commander is asked. Where the incident was over before anybody commanded it, whoever reads its room is: the law does not
	// mind who was in charge.
	if _, led := d.s.Roles[Commander]; led && d.s.Open() || d.s.Status == Resolved && d.s.Merged == nil {
		for _, q := range p.Questions {
			key := "answer-" + q.Name
			old, there := d.s.Duty(key)
			if _, answered := d.s.Answer(q.Name); there && !d.s.owedAgain(old) || answered || d.s.counts() == 0 || !applies(q.Severities) {
				continue
			}
			d.begin1(Duty{Key: key, Question: q.Name, Legal: true, Why: BeginsAsked, From: d.now, Due: d.now.Add(q.Within)})
		}
	}
	for _, o := range p.Obligations {
		old, there := d.s.Duty(o.Name)
		if there && !d.s.owedAgain(old) && !old.Running() || o.Response && !d.s.Open() || !applies(o.Severities) || d.s.ruledOut(o) {
			continue
		}
		for _, why := range o.Begins {
			from, ok := d.begunBy(why)
			if !ok {
				continue
			}
			due := from.Add(o.Within)
			if o.WithinDays > 0 {
				due = d.s.addDays(from, o.WithinDays)
			}
			if old.Running() && there && !(answers(why) && from.Before(old.From) && (old.Due.IsZero() || due.Before(old.Due))) {
				break // a corrected answer makes a clock run from earlier, never from later
			}
			d.rearmed(old)
			d.begin1(d.sooner(Duty{Key: o.Name, Of: o.Name, Legal: o.Legal, Response: o.Response, Why: why, From: from, Due: due, Owner: old.Owner}))
			break
		}
	}
}

// owedAgain reports whether a duty that has ended may begin anew: its ground was taken back, or it went to another incident and this one
// goes on after all.
func (s State) owedAgain(x Duty) bool {
	return x.How == EndedWithdrawn || x.How == EndedMoved && s.Open()
}

// ruledOut reports whether an obligation that an answer may begin was answered no, and begun by nothing that was answered. So one that runs
// from the declaration until somebody knows ("declared", and the answers) ends with that answer.
func (s State) ruledOut(o Obligation) bool {
	no := false
	for _, why := range o.Begins {
		q, value, is := strings.Cut(why, "=")
		if a, answered := s.Answer(q); is && answered {
			if a.Begins(value) {
				return false
			}
			no = no || a.Value == AnswerNo || len(a.Concerns) > 0 // or yes, about something else
		}
	}
	return no
}

// answers reports whether it is an answer to a question that begins an obligation.
func answers(why string) bool { return strings.Contains(why, "=") }

// begin1 records that a duty begins, with its first reminder: once in a step, whatever the policy and the runbooks want of each other.
func (d *decider) begin1(x Duty) {
	if slices.Contains(d.begun, x.Key) {
		return
	}
	d.begun = append(d.begun, x.Key)
	x.From = utc(x.From)
	if !x.Due.IsZero() {
		x.Due = utc(x.Due)
	}
	f := &ObligationBegun{Key: x.Key, Of: x.Of, Question: x.Question, Legal: x.Legal, Response: x.Response, Why: x.Why, From: x.From, Due: x.Due,
		Owner: x.Owner, Text: x.Text, Clock: x.Clock, What: x.What, When: x.When, Who: x.Who, Alert: x.Alert, Again: x.Again}
	if !x.Due.IsZero() {
		f.Next = d.reminder(x, true)
	}
	if x.Why == BeginsAction {
		d.add(f)
		return
	}
	d.own(f)
}

// begunBy reports whether what begins an obligation has happened, and when.
func (d *decider) begunBy(why string) (time.Time, bool) {
	s := d.s
	if q, value, is := strings.Cut(why, "="); is {
		a, ok := s.Answer(q)
		return a.Since, ok && a.Begins(value)
	}
	if s.Status == Cancelled { // it was none
		return zeroTime, false
	}
	if name, is := strings.CutPrefix(why, "done "); is {
		x, ok := s.Duty(name)
		return x.EndedAt, ok && x.How == EndedDone
	}
	if name, is := strings.CutPrefix(why, "moment "); is {
		return s.momentAt(name)
	}
	switch why {
	case BeginsDeclared:
		return s.DeclaredAt, true
	case BeginsConfirmed:
		return d.now, s.counts() != 0
	case BeginsMitigated:
		return s.MitigatedAt, !s.MitigatedAt.IsZero()
	case BeginsResolved:
		return s.EndedAt, s.Status == Resolved || s.Status == Closed
	}
	return zeroTime, false
}

// endObligations ends those that were met, that belonged to the response, or whose ground is gone. A no takes back what the answer alone
// began: what a runbook in use asks for by itself (RB-008: the customer is told within 24 h, whatever the data were) is owed by that runbook,
// and runs on by its time.
func (d *decider) endObligations() {
	for _, x := range slices.Clone(d.s.Duties) {
		o, _ := d.s.Policy.Obligation(x.Of)
		q, _, answer := strings.Cut(x.Why, "=")
		followed := strings.HasPrefix(x.Why, "done ") || strings.HasPrefix(x.Why, "moment ")
		a, answered := d.s.Answer(q)
		sent, was := d.s.Notice(o.Notice)
		_, marked := d.s.momentAt(strings.TrimPrefix(o.DoneBy, "moment "))
		no := x.Running() && (answer && answered && (a.Value == AnswerNo || len(a.Concerns) > 0 && d.s.ruledOut(o)) || !answer && d.s.ruledOut(o))
		own, asked := Duty{}, false
		if no && d.s.ruledOut(o) {
			if own, asked = d.askedAnyway(x); asked {
				no = false
			}
		}
		switch {
		case x.How != EndedWithdrawn && (x.Why == BeginsResolved && d.s.Status != Resolved && d.s.Status != Closed || x.Why == BeginsMitigated && d.s.MitigatedAt.IsZero()):
			d.endDuty(x, EndedWithdrawn, Text{}, false)
		case d.runbookEnds(x):
		case !x.Running():
		case x.Question != "":
			_, answered := d.s.Answer(x.Question)
			switch {
			case answered:
				d.endDuty(x, EndedDone, Text{}, true)
			case d.s.Status == Cancelled:
				d.endDuty(x, EndedWithdrawn, d.s.Outcome, true)
			}
		case no && answer:
			d.endDuty(x, EndedWithdrawn, a.Reason, true)
		case no:
			d.endDuty(x, EndedWithdrawn, Text{}, true)
		case o.Notice != "" && was:
			d.endDuty(x, EndedDone, sent.Text, true)
		case o.DoneBy != "" && marked:
			d.endDuty(x, EndedDone, Text{}, true)
		case d.s.Status == Cancelled && !(x.Legal && (answer || followed)):
			// Whoever cancels says that there was nothing, until it is reopened. A legal clock that an answer began, or that follows what was
			// sent already, is dropped by an answer or by name only.
			how := EndedWithdrawn
			if x.Why == BeginsAction {
				how = EndedDropped // nothing begins it anew but a person
			}
			d.endDuty(x, how, d.s.Outcome, true)
		case x.Response && !d.s.Open():
			d.endDuty(x, EndedResponse, Text{}, false)
		case asked && x.Why != BeginsRunbook && !own.Due.Equal(x.Due): // the answer's time is gone, the runbook's counts
			own.Owner = x.Owner
			d.rearmed(x)
			d.begin1(own)
		}
	}
}

// endDuty records the end of a duty and closes what rings for it.
func (d *decider) endDuty(x Duty, how string, text Text, said bool) {
	f := &ObligationEnded{Key: x.Key, How: how, Text: text}
	if said {
		d.add(f)
	} else {
		d.own(f)
	}
	for _, p := range slices.Clone(d.s.DutyPages) {
		if p.about(x.Key) && p.Outstanding() && !d.s.ringsOn(p) {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyObligation, StandDown: !p.Person.Zero() && !p.Person.Same(d.in.Actor.Person)})
		}
	}
}

// reminder is when a duty is next reminded of, counted from now. Every reminder falls on working time, but for legal clocks and the
// response.
func (d *decider) reminder(x Duty, first bool) time.Time { return d.reminderAfter(x, d.now, first) }

// reminderAfter is the same counted from another moment, when it was last reminded of or began; never before now.
func (d *decider) reminderAfter(x Duty, last time.Time, first bool) time.Time {
	p := d.s.pace(x)
	at := last.Add(p.every)
	if first {
		at = x.Due
		if before := x.Due.Add(-p.remindBefore); before.After(last) {
			at = before
		}
	}
	var stops []time.Time
	if !x.Due.IsZero() {
		stops = append(stops, x.Due)
	}
	if x.Legal && p.pageBefore > 0 {
		stops = append(stops, x.Due.Add(-p.pageBefore))
	}
	for _, t := range stops {
		if t.After(last) && t.Before(at) {
			at = t
		}
		if first && t.After(x.From) && !t.After(last) { // it was known late: what was to happen by now happens at once
			at = last
		}
	}
	if at.Before(d.now) {
		at = d.now
	}
	if !d.s.absolute(x) {
		at = d.s.workingFrom(at)
	}
	return utc(at)
}

// turn is whose turn it is: who took the duty, else the first of the chain; once it is overdue one further with every reminder. A step of
// the chain that names nobody is passed over.
func (d *decider) turn(x Duty, overdue bool) (asked []string, who []Person) {
	add := func(p Person) {
		if !p.Zero() && !slices.ContainsFunc(who, p.Same) {
			who = append(who, p)
		}
	}
	if add(x.Owner); len(who) > 0 && !overdue {
		return nil, who
	}
	step := 0
	if overdue {
		step = x.Overdue
		if x.Reminded > x.Overdue {
			step++ // the first of them was reminded before it was due
		}
	}
	chain := d.s.pace(x).chain
	for i := min(step, len(chain)-1); i >= 0 && i < len(chain); i++ {
		n := len(who)
		if h, held := d.s.Roles[Role(chain[i])]; held {
			add(h.Who)
		}
		if r := d.in.OnCall[chain[i]]; len(r.People) > 0 {
			add(r.People[0])
		}
		if len(who) > n || i == len(chain)-1 {
			return []string{chain[i]}, who
		}
	}
	return nil, who
}

// dutyPager takes what somebody did in PagerDuty with a page for an obligation: answering it is taking the obligation, closing it is not
// meeting it.
func (d *decider) dutyPager(a PagerChanged) bool {
	i := slices.IndexFunc(d.s.DutyPages, func(p Page) bool { return a.Pager != "" && p.Pager == a.Pager || a.Dedup != "" && p.Dedup == a.Dedup })
	if i < 0 {
		return false
	}
	p := d.s.DutyPages[i]
	if a.Pager != "" && p.Pager == "" {
		d.own(&PageChanged{Key: p.Key, Status: p.Status, Pager: a.Pager, URL: a.URL})
	}
	if !p.Outstanding() {
		return true
	}
	who := a.By
	if p.Person.Same(who) {
		who = p.Person
	}
	switch {
	case a.Status == "acknowledged" && p.Status != PageAnswered && !who.Zero():
		d.own(&PageChanged{Key: p.Key, Status: PageAnswered, By: who})
		for _, key := range p.Obligations() {
			if x, ok := d.s.Duty(key); ok && x.Running() && !x.Owner.Same(who) {
				d.add(&ObligationTaken{Key: x.Key, Who: who})
			}
		}
	case a.Status == "resolved":
		d.own(&PageChanged{Key: p.Key, Status: PageClosed, By: who, Why: WhyOnPager})
	}
	return true
}

// obligationAct carries out the acts about obligations, which are legal when the incident is over, too; is reports whether it was one.
func (d *decider) obligationAct(a Act) (is bool, err error) {
	if err := d.mergedAct(a); err != nil {
		return true, err
	}
	switch a := a.(type) {
	case AnswerQuestion:
		return true, d.answer(a)
	case TakeDuty:
		return true, d.takeDuty(a)
	case EndDuty:
		return true, d.finishDuty(a)
	case SendNotice:
		return true, d.sendNotice(a)
	case SentStep:
		return true, d.sentStep(a)
	case TellStep:
		return true, d.tellStep(a)
	case AddAction:
		return true, d.addAction(a)
	case MarkMoment:
		return true, d.markMoment(a)
	case RecordImpact:
		return true, d.recordImpact(a)
	case SetCadence:
		return true, d.setCadence(a)
	case CaptureFirst:
		return true, d.capture(a)
	case FreezeOperation:
		return true, d.freeze(a)
	case LiftFreeze:
		return true, d.lift(a)
	case OverrideLock:
		return true, d.override(a)
	case SetParameters:
		return true, d.setParameters(a)
	case ProposeHandOver, AcceptHandOver, DeclineHandOver:
		return true, d.handOverAct(a)
	}
	return false, nil
}

func (d *decider) answer(a AnswerQuestion) error {
	if a.Question == QuestionAttack {
		return d.answerAttack(a)
	}
	if x, ok := d.s.Duty(a.Question); ok && x.When != "" {
		return d.answerClock(x, a)
	}
	q, ok := d.s.Policy.Question(a.Question)
	if !ok {
		args := []string{a.Question}
		for _, q := range d.s.Policy.Questions {
			args = append(args, q.Name)
		}
		return refuse(RefusedNoQuestion, args...)
	}
	since := d.at
	var about []string // in the policy's order, each once
	for _, c := range q.Concerns {
		if a.Value == AnswerYes && slices.Contains(a.Concerns, c.Name) {
			about = append(about, c.Name)
		}
	}
	for _, name := range a.Concerns {
		if !slices.Contains(about, name) {
			return refuse(RefusedBadAnswer, a.Value+" "+name)
		}
	}
	switch a.Value {
	case AnswerYes:
		if !a.Since.IsZero() {
			since = utc(a.Since)
		}
	case AnswerUnknown: // nobody knows: the clock runs as if it had been so from the beginning
		since = d.s.DetectedAt
	case AnswerNo:
		if a.Reason.Body == "" {
			return refuse(RefusedReasonNeeded, "answer")
		}
	default:
		return refuse(RefusedBadAnswer, a.Value)
	}
	if since.After(d.now) {
		return refuse(RefusedFuture)
	}
	if was, ok := d.s.Answer(a.Question); ok && was.Value == a.Value && slices.Equal(was.Concerns, about) && (a.Value != AnswerYes || a.Since.IsZero()) {
		return &Refusal{Code: RefusedAnswered, By: was.By, Args: []string{was.Value, was.At.Format(timeFormat)}}
	}
	d.add(&Answered{Question: a.Question, Value: a.Value, Reason: a.Reason, Since: since, Concerns: about})
	return nil
}

// duty finds the running duty of a key, for somebody who wants to do something with it.
func (d *decider) duty(key string) (Duty, error) {
	x, ok := d.s.Duty(key)
	if !ok {
		args := []string{key}
		for _, r := range d.s.Owing() {
			args = append(args, r.Key)
		}
		return x, refuse(RefusedNoDuty, args...)
	}
	if !x.Running() {
		return x, &Refusal{Code: RefusedDutyEnded, By: x.EndedBy, Args: []string{x.Key, x.How, x.EndedAt.Format(timeFormat)}}
	}
	return x, nil
}

func (d *decider) takeDuty(a TakeDuty) error {
	x, err := d.duty(a.Key)
	switch {
	case err != nil:
		return err
	case !d.in.Actor.Human():
		return refuse(RefusedNotHere)
	case x.Owner.Same(d.in.Actor.Person):
		return &Refusal{Code: RefusedDutyTaken, By: x.Owner, Args: []string{x.Key}}
	}
	d.add(&ObligationTaken{Key: x.Key, Who: d.in.Actor.Person})
	return nil
}

func (d *decider) finishDuty(a EndDuty) error {
	x, err := d.duty(a.Key)
	switch {
	case err != nil:
		return err
	case x.Question != "":
		return refuse(RefusedAnswerIt, x.Question)
	case !d.in.Actor.Human():
		return refuse(RefusedNotHere)
	case a.Dropped && a.Text.Body == "":
		return refuse(RefusedReasonNeeded, "drop")
	case a.Dropped:
		d.endDuty(x, EndedDropped, a.Text, true)
		return nil
	case a.Text.Body == "" && x.Why != BeginsAction:
		return refuse(RefusedEmpty, "evidence")
	}
	d.endDuty(x, EndedDone, a.Text, true)
	return nil
}

// KnownNotices are the notices there is a draft for, beside those of the policy.
var KnownNotices = []string{"customer", "authority", "legal", "customer_success", "tenant_compliance", "tenant_dpo"}

func (d *decider) sendNotice(a SendNotice) error {
	known := slices.Clone(KnownNotices)
	for _, n := range d.s.Policy.Notices() {
		if !slices.Contains(known, n) {
			known = append(known, n)
		}
	}
	switch {
	case !slices.Contains(known, a.Notice):
		return refuse(RefusedNoNotice, append([]string{a.Notice}, known...)...)
	case !d.in.Actor.Human():
		return refuse(RefusedNotHere)
	case a.Text.Body == "" && a.To.Body == "":
		return refuse(RefusedEmpty, "notice")
	case a.At.After(d.now):
		return refuse(RefusedFuture)
	case !a.At.IsZero() && a.At.Before(d.s.DetectedAt):
		return refuse(RefusedBeforeDetection, d.s.DetectedAt.Format(timeFormat))
	}
	at := d.at
	if !a.At.IsZero() {
		at = utc(a.At)
	}
	d.record(&NoticeSent{Notice: a.Notice, Text: a.Text, To: a.To, Reference: a.Reference}, at, d.in.Actor, d.in.Via)
	return nil
}

// maxActionAhead bounds how far ahead a corrective action may be due.
const maxActionAhead = 2 * 366 * 24 * time.Hour

func (d *decider) addAction(a AddAction) error {
	running := 0
	for _, x := range d.s.Duties {
		if x.Running() && x.Why == BeginsAction {
			running++
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, a.Day, d.s.working().Zone())
	switch {
	case a.Text.Body == "":
		return refuse(RefusedEmpty, "action")
	case a.Owner.Zero():
		return refuse(RefusedEmpty, "owner")
	case err != nil:
		return refuse(RefusedBadDate, a.Day)
	case running >= MaxActions:
		return refuse(RefusedTooMany, fmt.Sprint(MaxActions))
	}
	due := d.s.closing(day)
	if !due.After(d.now) || due.Sub(d.now) > maxActionAhead {
		return refuse(RefusedBadDate, a.Day)
	}
	of := ""
	for _, o := range d.s.Policy.Obligations {
		if slices.Contains(o.Begins, BeginsAction) {
			of = o.Name
			break
		}
	}
	d.begin1(Duty{Key: fmt.Sprintf("action-%d", d.s.Actions+1), Of: of, Why: BeginsAction, From: d.at, Due: due, Owner: a.Owner, Text: a.Text})
	return nil
}
