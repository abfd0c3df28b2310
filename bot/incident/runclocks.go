package incident

import (
	"slices"
	"strings"
	"time"
)

// BeginsRunbook is what begins a duty that a runbook's clock is.
const BeginsRunbook = "runbook"

// Anchors of a runbook's clock, as package runbooks writes them.
const (
	anchorDetected    = "detected"
	anchorDeclared    = "declared"
	anchorMitigated   = "mitigated"
	anchorResolved    = "resolved"
	anchorStepStarted = "step-started"
	anchorStepDone    = "step-done"
	anchorParameter   = "parameter"
)

// runClock is a clock of a runbook in use.
type runClock struct {
	RunbookClock
	run RunbookRun
	key string // of the duty that it is
	of  string // the policy's obligation that asks for the same; empty: none does
	// sent is when the notice was sent that its name asks for; zero: it was not, or its name asks for none
	sent time.Time
}

// name says which clock of which runbook it is.
func (c runClock) name() string { return c.run.Ref.ID + "/" + c.ID }

// audiences are the words by which a clock and an obligation of the policy are told to ask for a notice to the same people.
var audiences = map[string]string{"client": "customer", "clients": "customer", "customer": "customer", "customers": "customer",
	"regulator": "authority", "regulators": "authority", "authority": "authority", "authorities": "authority", "aml": "aml"}

// audienceOf is the notice that a clock's name asks for; empty: none.
func audienceOf(id string) string {
	who, is := strings.CutSuffix(strings.ReplaceAll(id, "-", "_"), "_notice")
	if !is {
		return ""
	}
	return audiences[who]
}

// sameDuty is the policy's obligation that asks for what a runbook's clock asks for: one of its name, or one that the same notice meets
// ("client-notice" is the notice to the customer). They are one clock: nobody is to send a notice twice, or to rely on the other.
func (p *Policy) sameDuty(id string) (Obligation, bool) {
	if o, ok := p.Obligation(strings.ReplaceAll(id, "-", "_")); ok {
		return o, true
	}
	who := audienceOf(id)
	if who == "" || p == nil {
		return Obligation{}, false
	}
	i := slices.IndexFunc(p.Obligations, func(o Obligation) bool { return o.Notice == who })
	if i < 0 {
		return Obligation{}, false
	}
	return p.Obligations[i], true
}

// runClocks are the clocks of the runbooks in use, in their order.
func (s State) runClocks() []runClock {
	var out []runClock
	for _, run := range s.Runbooks {
		for _, c := range run.Ref.Clocks {
			x := runClock{RunbookClock: c, run: run, key: c.ID}
			if o, same := s.Policy.sameDuty(c.ID); same {
				x.key, x.of = o.Name, o.Name
			}
			if n, sent := s.Notice(audienceOf(c.ID)); sent {
				x.sent = n.At
			}
			out = append(out, x)
		}
	}
	return out
}

// ClockIs reports whether a duty is a runbook's clock: its own, or the policy's obligation for the same.
func (s State) ClockIs(c RunbookClock, d Duty) bool {
	if o, same := s.Policy.sameDuty(c.ID); same {
		return d.Key == o.Name
	}
	return d.Key == c.ID
}

// hasRunClocks reports whether a runbook in use carries a clock.
func (s State) hasRunClocks() bool {
	return slices.ContainsFunc(s.Runbooks, func(r RunbookRun) bool { return len(r.Ref.Clocks) > 0 })
}

// anchored is the moment a clock counts from; false while it is not known.
func (s State) anchored(c runClock) (time.Time, bool) {
	at := zeroTime
	switch c.Anchor {
	case anchorDetected:
		at = s.DetectedAt
	case anchorDeclared:
		at = s.DeclaredAt
	case anchorMitigated:
		at = s.MitigatedAt
	case anchorResolved:
		at = s.EndedAt
	case anchorStepStarted:
		at = c.run.startedAt(c.Ref)
	case anchorStepDone:
		if m := c.run.Steps[c.Ref]; m.Mark == StepDone {
			at = m.At
		}
	case anchorParameter:
		at = s.dateOf(c)
	default: // open: from when the runbook is in use
		at = c.run.At
	}
	if from, _ := s.spent(c); earlier(from, at) {
		at = from
	}
	if w := c.run.Worked(c.Step); c.bySteps() && !at.IsZero() { // doing the clock's own step again is one time more
		at = laterOf(at, w.Again)
	}
	return utc(at), !at.IsZero()
}

// spent is when the condition of an alert began that fires when time of a clock has passed already, the earliest of those that fire; zero: none
// does. Of an alert that PagerDuty alone told of, that is when PagerDuty opened its incident: it is told no earlier moment, and that one is late by
// no more than Alertmanager's group_wait. A clock that counts by a step counts anew each time the step is done once more: what the alert had used
// belongs to the first time.
func (s State) spent(c runClock) (from time.Time, alert string) {
	if c.bySteps() && c.run.rounds(c.Ref, c.Anchor == anchorStepStarted) > 1 {
		return zeroTime, ""
	}
	fires := func(name string, since time.Time) {
		for _, j := range c.Spent {
			if t := since.Add(-j.Within); name == j.Alert && !since.IsZero() && earlier(t, from) {
				from, alert = t, j.Alert
			}
		}
	}
	for _, a := range s.Alerts {
		if a.Firing > 0 {
			fires(a.Name, a.StartsAt)
		}
	}
	for _, p := range s.Pagers {
		if p.Status != "resolved" {
			fires(p.Alert, p.Since)
		}
	}
	return utc(from), alert
}

// rounds is how often a step was marked, or begun.
func (r RunbookRun) rounds(step string, begun bool) int {
	n := len(r.Worked(step).Before)
	if _, marked := r.Steps[step]; marked || begun {
		n++
	}
	return n
}

// bySteps reports whether a clock counts anew each time its anchor comes about.
func (c RunbookClock) bySteps() bool {
	return c.Anchor == anchorStepStarted || c.Anchor == anchorStepDone
}

// outlives reports whether a clock is owed beyond the response: an obligation, and one without a time of its own, which must be settled before
// the incident is closed.
func (c RunbookClock) outlives() bool { return c.Obligation || c.Open }

// dateOf is the date that a clock's parameter holds: what somebody gave, else what an alert says. What is no date, and what was erased, is
// none.
func (s State) dateOf(c runClock) time.Time {
	if v, given := s.Value(c.Ref); given {
		t, _ := s.parseDate(v.Text.Body)
		return t
	}
	for _, labels := range s.Labelled() {
		for _, l := range c.From {
			if t, ok := s.parseDate(labelOf(labels, l)); ok {
				return t
			}
		}
	}
	return zeroTime
}

// Undated are the parameters from whose date a clock of a runbook in use counts and which nothing says yet: until then its deadlines are not
// known. Empty for what is settled already.
func (s State) Undated(runbook string) []string {
	var out []string
	for _, c := range s.runClocks() {
		if c.run.Ref.ID != runbook || c.Anchor != anchorParameter || slices.Contains(out, c.Ref) {
			continue
		}
		if d, there := s.Duty(c.key); s.dateOf(c).IsZero() && !c.settled(zeroTime) && !(there && d.Clock == c.name()) {
			out = append(out, c.Ref)
		}
	}
	return out
}

// Labelled are the labels, and the details, of what the incident is about: of its alert groups, then of PagerDuty's own incidents, each in the order they came.
func (s State) Labelled() [][]Label {
	var out [][]Label
	for _, a := range s.Alerts {
		out = append(out, a.Labels)
		if len(a.Details) > 0 {
			out = append(out, a.Details)
		}
	}
	for _, p := range s.Pagers {
		if len(p.Labels) > 0 {
			out = append(out, p.Labels)
		}
	}
	return out
}

// parseDate reads a day, which begins where the policy's business time is, or a moment.
func (s State) parseDate(v string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, strings.TrimSpace(v), s.working().Zone()); err == nil {
			return utc(t), true
		}
	}
	return zeroTime, false
}

// settled reports whether a clock's step was done after the clock's moment: for one that counts by steps, after that; else ever. A clock of
// the step it counts from begins with its being done. Where the step tells people outside, it is done when all of them were told: that
// somebody went on is no evidence.
func (c runClock) settled(from time.Time) bool {
	if !c.sent.IsZero() && (!c.bySteps() || !utc(c.sent).Before(from)) {
		return true
	}
	if roles := c.run.Ref.SettledBy(c.RunbookClock); len(roles) > 0 {
		if audience := audienceOf(c.ID); audience != "" && audience != NoticeTo(RoleCustomer) {
			return false // an authority's notice is looked for above: "the regulator" who was told may have been another
		}
		at, told := c.run.toldAll(c.Step, roles)
		return told && (!c.bySteps() || !utc(at).Before(from))
	}
	m := c.run.Steps[c.Step]
	switch {
	case m.Mark != StepDone:
		return false
	case c.bySteps() && c.Ref == c.Step && c.Anchor == anchorStepDone:
		return utc(m.At).After(from)
	case c.bySteps():
		return !utc(m.At).Before(from)
	}
	return true
}

// due is when a clock ends that counts from a moment; zero: it has no time of its own.
func (c runClock) due(from time.Time) time.Time {
	switch {
	case c.Open:
		return zeroTime
	case c.Before:
		return utc(from.Add(-c.Offset))
	}
	return utc(from.Add(c.Offset))
}

// policyAsks reports whether the policy has a question on whose answer the same obligation hangs, and whether it was answered so.
func (d *decider) policyAsks(c runClock) (asks, applies bool) {
	o, _ := d.s.Policy.Obligation(c.of)
	for _, why := range o.Begins {
		name, value, is := strings.Cut(why, "=")
		q, known := d.s.Policy.Question(name)
		if !is || !known || len(q.Severities) > 0 && !slices.Contains(q.Severities, d.s.counts()) {
			continue
		}
		a, answered := d.s.Answer(name)
		asks, applies = true, applies || answered && a.Begins(value)
	}
	return asks, applies
}

// refused reports whether somebody said that a clock's condition does not hold, this time.
func (s State) refused(c runClock, from time.Time) bool {
	a, ok := s.Answer(c.key)
	return c.When != "" && ok && a.Value == AnswerNo && (!c.bySteps() || !a.At.Before(from))
}

// Applies reports whether somebody confirmed the condition of a duty, or it has none.
func (s State) Applies(x Duty) bool {
	a, ok := s.Answer(x.Key)
	return x.When == "" || ok && a.Value == AnswerYes && (!x.Again || !a.At.Before(x.From))
}

// runs is what a clock's duty is now; false while there is none: its moment has not come, its step is done, its condition does not hold.
func (d *decider) runs(c runClock) (Duty, bool) {
	from, ok := d.s.anchored(c)
	if !ok || d.s.Status == Cancelled || d.s.Status == Duplicate || !c.outlives() && !d.s.Open() || c.settled(from) || d.s.refused(c, from) {
		return Duty{}, false
	}
	x := Duty{Key: c.key, Of: c.of, Why: BeginsRunbook, From: from, Due: c.due(from), Response: !c.outlives(),
		Clock: c.name(), What: c.What, When: c.When, Who: c.Who, Again: c.bySteps()}
	if t, alert := d.s.spent(c); t.Equal(from) {
		x.Alert = alert
	}
	if c.of != "" {
		o, _ := d.s.Policy.Obligation(c.of)
		x.Legal, x.Response = o.Legal, o.Response
		if asks, applies := d.policyAsks(c); c.When != "" && asks {
			if !applies {
				return Duty{}, false // the policy's question decides, and asks by itself
			}
			x.When = ""
		}
	}
	return x, true
}

// runbookClocks begins the clocks of the runbooks in use, arms anew what counts by steps, and lets of two clocks for one duty the earlier
// count.
func (d *decider) runbookClocks() {
	for _, c := range d.s.runClocks() {
		x, ok := d.runs(c)
		if !ok {
			continue
		}
		old, there := d.s.Duty(c.key)
		switch {
		case !there:
		case old.Running() && old.Clock == x.Clock:
			if old.From.Equal(x.From) || !c.bySteps() && c.Anchor != anchorParameter && x.Alert == "" && !x.From.After(old.From) {
				continue
			}
			if old.Alert != "" && x.From.After(old.From) && !c.run.Worked(c.Step).Again.After(old.From) {
				continue // the alert is over, the time it had used is not given back
			}
			if x.Owner = old.Owner; c.of != "" && old.Due.Before(x.Due) {
				continue // the policy's own clock ends before
			}
		case old.Running():
			if !earlier(x.Due, old.Due) {
				continue
			}
			x.Owner, x.Why = old.Owner, old.Why // what it hangs on stays
			if old.When == "" {
				x.When = ""
			}
		case d.s.owedAgain(old):
		case old.How == EndedResponse && d.s.Open() && x.Due.After(d.now): // reopened in time
		case c.bySteps() && old.Clock == x.Clock && x.From.After(old.From): // counts anew
		default:
			continue
		}
		d.rearmed(old)
		d.begin1(d.sooner(x))
	}
}

// asked is the duty of a key as the runbooks in use ask for it by themselves, the earliest where several do; ok is false where none does.
func (d *decider) asked(key string) (x Duty, ok bool) {
	for _, c := range d.s.runClocks() {
		if c.key != key {
			continue
		}
		if y, runs := d.runs(c); runs && (!ok || earlier(y.Due, x.Due)) {
			x, ok = y, true
		}
	}
	return x, ok
}

// askedAnyway is the same for a duty that an answer would end. One that was brought with a duplicate stays as it is: its runbook is in use
// there.
func (d *decider) askedAnyway(x Duty) (Duty, bool) {
	if y, ok := d.asked(x.Key); ok {
		return y, true
	}
	id, _, _ := strings.Cut(x.Clock, "/")
	_, used := d.s.Runbook(id)
	return x, x.Why == BeginsRunbook && !used
}

// sooner is a duty that is about to begin, with the time of the runbook's clock for the same that ends before it, where one does. What it
// hangs on and who sees to it stay.
func (d *decider) sooner(x Duty) Duty {
	y, ok := d.asked(x.Key)
	if !ok || !earlier(y.Due, x.Due) {
		return x
	}
	y.Why, y.Owner = x.Why, x.Owner
	if x.When == "" {
		y.When = ""
	}
	return y
}

// earlier reports whether a duty's time ends before another's. What has no time of its own ends last.
func earlier(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// rearmed closes what rings for a duty that begins anew, but for the calls that ring for others, too: for those that run they go on.
func (d *decider) rearmed(old Duty) {
	for _, p := range slices.Clone(d.s.DutyPages) {
		if p.about(old.Key) && p.Outstanding() && !d.s.ringsBut(p, old.Key) {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyObligation})
		}
	}
}

// runbookEnds ends duties whose step was done, whose condition does not hold, or whose moment was taken back; ended reports whether it
// ended this one.
func (d *decider) runbookEnds(x Duty) (ended bool) {
	if !x.Running() || x.Question != "" {
		return false
	}
	for _, c := range d.s.runClocks() {
		if c.key != x.Key {
			continue
		}
		from, known := d.s.anchored(c)
		switch {
		case known && c.settled(from) && (!c.bySteps() || c.name() == x.Clock):
			d.endDuty(x, EndedDone, d.s.evidence(c), d.in.Actor.Human())
			return true
		case c.name() != x.Clock:
		case !known && (c.Anchor == anchorMitigated || c.Anchor == anchorResolved || c.Anchor == anchorParameter && !d.erased(c)):
			d.endDuty(x, EndedWithdrawn, Text{}, false)
			return true
		case known && x.When != "" && d.s.refused(c, from):
			a, _ := d.s.Answer(c.key)
			d.endDuty(x, EndedWithdrawn, a.Reason, true)
			return true
		}
	}
	// Of a runbook that another incident uses: it was merged into this one.
	if a, ok := d.s.Answer(x.Key); ok && x.When != "" && a.Value == AnswerNo && (!x.Again || !a.At.Before(x.From)) {
		d.endDuty(x, EndedWithdrawn, a.Reason, true)
		return true
	}
	return false
}

// erased reports whether a clock's date was given and is not to be read any more: then it stays as it was armed.
func (d *decider) erased(c runClock) bool {
	v, given := d.s.Value(c.Ref)
	return given && v.Text.Body == "" && v.Text.Digest != ""
}

// openClocks lets what has no time of its own be asked for once the incident is over: until then the room sees it.
func (d *decider) openClocks() {
	if d.s.Open() {
		return
	}
	for _, x := range slices.Clone(d.s.Duties) {
		if x.Running() && x.Clock != "" && x.Due.IsZero() && x.Next.IsZero() {
			d.own(&ObligationDeferred{Key: x.Key, Next: utc(d.s.workingFrom(d.now.Add(time.Hour)))})
		}
	}
}

// startedAt is when a step was first put in front of somebody; zero: it has not been.
func (r RunbookRun) startedAt(step string) time.Time {
	if m, marked := r.Steps[step]; marked {
		if !m.Since.IsZero() {
			return m.Since
		}
		return m.At
	}
	for _, w := range r.Work {
		if w.Step == step && !w.Since.IsZero() {
			return w.Since
		}
	}
	if r.Current != step {
		return zeroTime
	}
	at := r.At
	for _, m := range r.Steps {
		at = laterOf(at, m.At)
	}
	return at
}

// roleKey is what the policy and the incident call a role that a runbook names.
func (s State) roleKey(role string) string {
	if r, is := ResponderRole(role); is {
		return string(r)
	}
	return s.target(role)
}

// clockPace is how a runbook's clock is pursued, where the policy has no obligation that says so: by who owes it, the commander, then up
// the ladder. What is owed for long is reminded of before; a retry is due when it is due.
func (s State) clockPace(x Duty) pace {
	var chain []string
	add := func(key string) {
		if key != "" && !slices.Contains(chain, key) {
			chain = append(chain, key)
		}
	}
	add(s.roleKey(x.Who))
	add(string(Commander))
	for n := 1; n != 0; n = s.above(n) {
		for _, t := range s.targets(n) {
			add(t)
		}
	}
	p := pace{chain: chain, every: 24 * time.Hour}
	if span := x.Due.Sub(x.From); !x.Due.IsZero() && span > 0 {
		p.every = min(max(span/6, 15*time.Minute), 24*time.Hour)
		if !x.Response {
			p.remindBefore = min(span/4, 24*time.Hour)
		}
	}
	return p
}

// ringsFor reports whether somebody is rung for a runbook's clock that was missed: once they were reminded, while the incident runs and
// is not paused, and nobody has taken it. What depends on a condition rings nobody before it is confirmed.
func (s State) ringsFor(x Duty, overdue bool) bool {
	return x.Clock != "" && x.Of == "" && s.Open() && !s.Paused() && overdue && x.Overdue > 0 && x.Owner.Zero() && s.Applies(x)
}

// askAtOnce is from how far ahead on a clock's condition is asked when the clock begins; a shorter one is asked when it is due, for nobody
// knows before whether "queued for more than 2 hours" will be true.
const askAtOnce = 12 * time.Hour

// ledToClock takes a finding for the answer that it is: one of a step whose doing a clock counts from, which leads to the step that settles the
// clock, says that the clock's condition holds ("IDES is down" → "retry in 2 hours"). Nobody is asked what they have just said.
func (d *decider) ledToClock(at step, a MarkStep) {
	if !a.Led {
		return
	}
	for _, c := range d.s.runClocks() {
		if c.run.Ref.ID != at.run.Ref.ID || c.Anchor != anchorStepDone || c.Ref != at.id || c.Step != a.Next || c.When == "" || c.of != "" {
			continue
		}
		if _, runs := d.runs(c); runs {
			d.add(&Answered{Question: c.key, Value: AnswerYes, Since: d.at})
		}
	}
}

// answerClock takes the word of somebody on a clock's condition.
func (d *decider) answerClock(x Duty, a AnswerQuestion) error {
	was, answered := d.s.Answer(x.Key)
	answered = answered && (!x.Again || !was.At.Before(x.From))
	switch {
	case a.Value != AnswerYes && a.Value != AnswerNo:
		return refuse(RefusedBadAnswer, a.Value)
	case a.Value == AnswerNo && a.Reason.Body == "":
		return refuse(RefusedReasonNeeded, "answer")
	case answered && was.Value == a.Value:
		return &Refusal{Code: RefusedAnswered, By: was.By, Args: []string{was.Value, was.At.Format(timeFormat)}}
	case !x.Running() && x.How != EndedWithdrawn:
		return &Refusal{Code: RefusedDutyEnded, By: x.EndedBy, Args: []string{x.Key, x.How, x.EndedAt.Format(timeFormat)}}
	}
	d.add(&Answered{Question: x.Key, Value: a.Value, Reason: a.Reason, Since: d.at})
	return nil
}
