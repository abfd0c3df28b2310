package incident

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of what a runbook's cards hold.
const (
	MaxOpenSteps = 4  // steps of one runbook that are open at a time
	maxCards     = 12 // cards of one runbook; after that a card whose step is done with is used again
)

// StepCard is a card of a runbook beside its first: a step that somebody works while another is worked.
type StepCard struct {
	N    int    `json:"n"`              // from 2 on
	Step string `json:"step,omitempty"` // empty: its step is done with
	Was  string `json:"was,omitempty"`  // the last step it showed
}

// StepWork is what happened about a step beside its mark.
type StepWork struct {
	Step     string      `json:"step"`
	Since    time.Time   `json:"since,omitzero"` // when it was first shown
	By       Person      `json:"by,omitzero"`    // who works it
	Reader   StepReader  `json:"reader,omitzero"`
	Blocked  StepBlock   `json:"blocked,omitzero"`
	Asked    ApprovalAsk `json:"asked,omitzero"`
	Approved Approval    `json:"approved,omitzero"`
	Awaits   StepAwait   `json:"awaits,omitzero"` // of older logs: it was done before a second person looked
	Seconded StepSecond  `json:"seconded,omitzero"`
	Help     StepCall    `json:"help,omitzero"`
	Changed  StepChange  `json:"changed,omitzero"` // what closed its locks again; zero: nothing did since they were opened
	Passed   bool        `json:"passed,omitempty"` // a finding led past it, and it has been on no card since
	Told     []StepTold  `json:"told,omitempty"`   // of the roles that it tells, those that were
	// Before are its marks of before, the oldest first, where it was opened again; Again is when that was last.
	Before []StepRun `json:"before,omitempty"`
	Again  time.Time `json:"again,omitzero"`
}

// StepBlock is what a step waits for.
type StepBlock struct {
	On    Text      `json:"on"`            // what
	Whom  Text      `json:"whom,omitzero"` // who can end it, in words
	By    Person    `json:"by,omitzero"`
	Since time.Time `json:"since,omitzero"`
}

// ApprovalAsk is a role being asked to approve a step.
type ApprovalAsk struct {
	By  Person    `json:"by,omitzero"`
	At  time.Time `json:"at,omitzero"`
	Who []Person  `json:"who,omitempty"` // who was written to
	// Digest is of the commands that they were asked to approve; empty: the log does not say.
	Digest string `json:"commands,omitempty"`
}

// Stands reports whether somebody was asked who holds the role still, and about the commands as they are now: whom it has passed to since is to be
// asked, too, and what changed since is to be read. commands is their digest.
func (a ApprovalAsk) Stands(holders []Person, commands string) bool {
	return !a.At.IsZero() && !moved(a.Digest, commands) && slices.ContainsFunc(a.Who, func(p Person) bool { return slices.ContainsFunc(holders, p.Same) })
}

// Approval is a role's word that a step may be done.
type Approval struct {
	By     Person    `json:"by,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Reason Text      `json:"reason,omitzero"`
	Digest string    `json:"commands,omitempty"` // of the commands it was given for; empty: the log does not say
}

// StepAwait is a step that somebody did and a second person has not confirmed.
type StepAwait struct {
	By   Person    `json:"by,omitzero"`
	At   time.Time `json:"at,omitzero"`
	Text Text      `json:"text,omitzero"`
	Next string    `json:"next,omitempty"`
	Led  bool      `json:"led,omitempty"` // as in StepMarked
}

// StepSecond is the second person's word that a step is to be run.
type StepSecond struct {
	By     Person    `json:"by,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Digest string    `json:"commands,omitempty"` // of the commands they read; empty: the log does not say
}

// StepCall is the last call for help with a step.
type StepCall struct {
	By    Person    `json:"by,omitzero"`
	At    time.Time `json:"at,omitzero"`
	Role  string    `json:"role,omitempty"`
	Who   Person    `json:"who,omitzero"` // who is rung; zero: whoever the pager reaches
	Round int       `json:"round,omitempty"`
}

// What holds a step.
const (
	LockApproval = "approval" // a role must approve it
	LockCapture  = "capture"  // the first-response capture must be filled
	LockEyes     = "eyes"     // a second person must read it first
)

// Lock is what keeps a step from being done.
type Lock struct {
	Kind string      // LockApproval, LockCapture, LockEyes
	Role string      // of an approval
	Ask  ApprovalAsk // zero: nobody has been asked
	// Reader is who was asked for to read it, of LockEyes; zero: nobody.
	Reader StepReader
}

// Locks are what keep a step from being done, in the order in which they are shown. Of a ref that does not freeze its steps' rules kind
// is the step's.
func (s State) Locks(runbook, step, kind string) []Lock {
	run, _ := s.Runbook(runbook)
	rule, frozen := run.Ref.Rule(step)
	if frozen {
		kind = rule.Kind
	}
	var out []Lock
	if w := run.Worked(step); rule.Approval != "" && w.Approved.At.IsZero() {
		out = append(out, Lock{Kind: LockApproval, Role: rule.Approval, Ask: w.Asked})
	}
	if s.Locked(kind) {
		out = append(out, Lock{Kind: LockCapture})
	}
	if w := run.Worked(step); rule.FourEyes && w.Seconded.At.IsZero() && w.Awaits.At.IsZero() {
		out = append(out, Lock{Kind: LockEyes, Reader: w.Reader})
	}
	return out
}

// Worked is what happened about a step beside its mark.
func (r RunbookRun) Worked(step string) StepWork {
	if i := slices.IndexFunc(r.Work, func(w StepWork) bool { return w.Step == step }); i >= 0 {
		return r.Work[i]
	}
	return StepWork{Step: step}
}

// CardOf is the number of the card on which a step is open: 1 for the runbook's first, 0 for none.
func (r RunbookRun) CardOf(step string) int {
	if step == "" {
		return 0
	}
	if step == r.Current {
		return 1
	}
	for _, l := range r.Beside {
		if l.Step == step {
			return l.N
		}
	}
	return 0
}

// On is the step that a card shows; empty: none.
func (r RunbookRun) On(card int) string {
	if card <= 1 {
		return r.Current
	}
	for _, l := range r.Beside {
		if l.N == card {
			return l.Step
		}
	}
	return ""
}

// OpenSteps are the steps that are on a card, the first card's first.
func (r RunbookRun) OpenSteps() []string {
	var out []string
	if r.Current != "" {
		out = append(out, r.Current)
	}
	for _, l := range r.Beside {
		if l.Step != "" {
			out = append(out, l.Step)
		}
	}
	return out
}

// BlockedSteps are the steps that wait for something, in the order of the runbook.
func (r RunbookRun) BlockedSteps() []StepWork {
	var out []StepWork
	for _, id := range r.Ref.Steps {
		if w := r.Worked(id); !w.Blocked.Since.IsZero() {
			out = append(out, w)
		}
	}
	return out
}

// StepWorkable reports whether a step may still be worked: while the incident is open, and after its resolution what outlives it.
func (s State) StepWorkable(runbook, step string) bool {
	if s.Open() {
		return true
	}
	run, ok := s.Runbook(runbook)
	if !ok || s.Status != Resolved && s.Status != Closed {
		return false
	}
	rule, _ := run.Ref.Rule(step)
	return rule.After || slices.ContainsFunc(run.Ref.Clocks, func(c RunbookClock) bool { return c.Step == step && c.outlives() })
}

// approvalOwed reports whether a step, as "RB-008/restore", still waits for its approval.
func (s State) approvalOwed(arg string) bool {
	run, id, open := s.stepOpen(arg)
	return open && run.Worked(id).Approved.At.IsZero()
}

// stepOpen is a step named as "RB-008/restore", and whether it is still to be done.
func (s State) stepOpen(arg string) (run RunbookRun, id string, open bool) {
	runbook, id, _ := strings.Cut(arg, "/")
	run, ok := s.Runbook(runbook)
	_, marked := run.Steps[id]
	return run, id, ok && !marked && s.StepWorkable(runbook, id)
}

// responderRoles are the roles of a runbook that are roles of the incident; the others are targets of the policy.
var responderRoles = map[string]Role{"incident_commander": Commander, "communications_lead": Comms, "scribe": Scribe}

// ResponderRole is the role of the incident that a runbook means by a name.
func ResponderRole(name string) (Role, bool) { r, is := responderRoles[name]; return r, is }

// RoleHolders are the people who hold a role that a runbook names: whoever holds that role of the incident, or is on call for the policy's
// target of that name, or for the one that the incident's service has instead.
func (s State) RoleHolders(role string, on OnCall) []Person {
	if r, is := responderRoles[role]; is {
		if h := s.Roles[r]; !h.Who.Zero() {
			return []Person{h.Who}
		}
		return nil
	}
	return on[s.target(role)].People
}

// step is a step that an act is about.
type step struct {
	run       RunbookRun
	i         int // its place
	id        string
	rule      StepRule
	work      StepWork
	mitigated bool
}

// args are the arguments of a refusal about the step.
func (at step) args(more ...string) []string {
	return append([]string{at.run.Ref.ID, strconv.Itoa(at.i + 1)}, more...)
}

// theStep finds the step an act is about, which must not be marked.
func (d *decider) theStep(runbook, id string) (step, error) {
	at, err := d.anyStep(runbook, id)
	if err != nil {
		return step{}, err
	}
	if m, marked := at.run.Steps[id]; marked {
		return step{}, &Refusal{Code: RefusedStepMarked, By: m.By, Args: []string{m.Mark, m.At.Format(timeFormat)}}
	}
	return at, nil
}

// anyStep finds the step an act is about, marked or not: people are told because of what was done, too.
func (d *decider) anyStep(runbook, id string) (step, error) {
	run, ok := d.s.Runbook(runbook)
	if !ok {
		return step{}, refuse(RefusedNoRunbook, runbook)
	}
	at := step{run: run, i: slices.Index(run.Ref.Steps, id), id: id, work: run.Worked(id), mitigated: d.s.Status == Mitigated || !d.s.Open()}
	if at.i < 0 {
		return step{}, refuse(RefusedNoStep, runbook, id)
	}
	at.rule, _ = run.Ref.Rule(id)
	return at, nil
}

// mayDo refuses a step that the actor may not do, or that is locked. drawn is the digest of the commands that they were shown; a step that
// wants somebody else's word is not done by what showed others than it has now.
func (d *decider) mayDo(at step, kind, drawn string) error {
	if len(at.rule.Who) > 0 && !slices.ContainsFunc(at.rule.Who, d.holds) {
		return &Refusal{Code: RefusedStepWho, By: d.firstHolder(at.rule.Who...), Args: at.args(d.targetsOf(at.rule.Who...)...)}
	}
	if at.rule.Guarded() {
		if err := d.asDrawn(at, drawn); err != nil {
			return err
		}
	}
	switch locks := d.s.Locks(at.run.Ref.ID, at.id, kind); {
	case len(locks) == 0 && at.work.Seconded.By.Same(d.in.Actor.Person):
		return &Refusal{Code: RefusedSecondDoes, By: at.work.Seconded.By, Args: at.args()}
	case len(locks) == 0:
		return nil
	case locks[0].Kind == LockApproval:
		return &Refusal{Code: RefusedUnapproved, By: d.firstHolder(locks[0].Role), Args: at.args(d.s.target(locks[0].Role))}
	case locks[0].Kind == LockEyes:
		return refuse(RefusedUnseconded, at.args()...)
	}
	return refuse(RefusedLocked, at.run.Ref.ID, at.id)
}

// targetsOf are roles that a runbook names, each as the incident's service has it.
func (d *decider) targetsOf(roles ...string) (out []string) {
	for _, r := range roles {
		out = append(out, d.s.target(r))
	}
	return out
}

// holds reports whether the actor holds a role.
func (d *decider) holds(role string) bool {
	return slices.ContainsFunc(d.s.RoleHolders(role, d.in.OnCall), d.in.Actor.Person.Same)
}

// firstHolder is somebody who holds one of some roles; zero: nobody is known to.
func (d *decider) firstHolder(roles ...string) Person {
	for _, r := range roles {
		if who := d.s.RoleHolders(r, d.in.OnCall); len(who) > 0 {
			return who[0]
		}
	}
	return Person{}
}

// stepAct carries out the acts about a runbook's steps; is reports whether it was one.
func (d *decider) stepAct(a Act) (is bool, err error) {
	var runbook, id string
	switch a := a.(type) {
	case MarkStep:
		runbook, id = a.Runbook, a.Step
	case OpenStep:
		runbook, id = a.Runbook, a.Step
	case TakeStep:
		runbook, id = a.Runbook, a.Step
	case FindStep:
		runbook, id = a.Runbook, a.Step
	case BlockStep:
		runbook, id = a.Runbook, a.Step
	case UnblockStep:
		runbook, id = a.Runbook, a.Step
	case AskApproval:
		runbook, id = a.Runbook, a.Step
	case RingApprover:
		runbook, id = a.Runbook, a.Step
	case ApproveStep:
		runbook, id = a.Runbook, a.Step
	case ConfirmStep:
		runbook, id = a.Runbook, a.Step
	case ReturnStep:
		runbook, id = a.Runbook, a.Step
	case HelpStep:
		runbook, id = a.Runbook, a.Step
	default:
		return false, nil
	}
	if !d.s.StepWorkable(runbook, id) {
		return true, &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	}
	at, err := d.theStep(runbook, id)
	if err != nil {
		return true, err
	}
	switch a := a.(type) {
	case MarkStep:
		return true, d.markStep(at, a)
	case OpenStep:
		return true, d.openStep(at, a.Card)
	case TakeStep:
		switch by := at.work.By; {
		case by.Same(d.in.Actor.Person):
			return true, refuse(RefusedStepYours, at.args()...)
		case by.Key() != a.From:
			return true, &Refusal{Code: RefusedStepTaken, By: by, Args: at.args()}
		}
		d.add(&StepTaken{Runbook: runbook, Step: id, Was: at.work.By})
		return true, nil
	case FindStep:
		if a.Text.Body == "" {
			return true, refuse(RefusedEmpty, "finding")
		}
		d.add(&StepFound{Runbook: runbook, Step: id, Text: a.Text})
		d.found(a.Text)
		return true, nil
	case BlockStep:
		return true, d.blockStep(at, a)
	case UnblockStep:
		if at.work.Blocked.Since.IsZero() {
			return true, refuse(RefusedNotBlocked, at.args()...)
		}
		d.add(&StepUnblocked{Runbook: runbook, Step: id, Since: at.work.Blocked.Since})
		return true, nil
	case AskApproval:
		return true, d.askApproval(at)
	case RingApprover:
		return true, d.ringApprover(at)
	case ApproveStep:
		return true, d.approveStep(at, a)
	case ConfirmStep:
		return true, d.confirmStep(at, a)
	case ReturnStep:
		return true, d.returnStep(at, a)
	case HelpStep:
		return true, d.helpStep(at)
	}
	return true, nil
}

// openStep puts a step on a card: on the one asked from, unless what is there is somebody else's, or waits for something. Then it gets a
// card of its own, so that two people can work two steps.
func (d *decider) openStep(at step, card int) error {
	if on := at.run.CardOf(at.id); on > 0 {
		return &Refusal{Code: RefusedStepOpen, By: at.work.By, Args: at.args()}
	}
	if card < 1 {
		card = 1
	}
	if here := at.run.On(card); here != "" {
		w := at.run.Worked(here)
		if !w.By.Zero() && !w.By.Same(d.in.Actor.Person) || w.waits() {
			card = 0
		}
	} else if card > 1 && at.run.Current == "" {
		card = 1
	}
	if card == 0 {
		if len(at.run.OpenSteps()) >= MaxOpenSteps {
			return refuse(RefusedTooMany, strconv.Itoa(MaxOpenSteps))
		}
		if card = 1; at.run.Current != "" {
			card = at.run.freeCard()
		}
	}
	d.add(&StepOpened{Runbook: at.run.Ref.ID, Step: at.id, Card: card})
	return nil
}

// waits reports whether a step must stay where it can be seen although nobody works it now.
func (w StepWork) waits() bool {
	return !w.Blocked.Since.IsZero() || !w.Awaits.At.IsZero() || !w.Asked.At.IsZero() && w.Approved.At.IsZero()
}

// freeCard is the number of a new card, or the first that is done with when there are enough.
func (r RunbookRun) freeCard() int {
	n := 2
	for _, l := range r.Beside {
		n = max(n, l.N+1)
	}
	if n <= maxCards {
		return n
	}
	for _, l := range r.Beside {
		if l.Step == "" {
			return l.N
		}
	}
	return n
}

func (d *decider) blockStep(at step, a BlockStep) error {
	since := d.at
	if !a.Since.IsZero() {
		since = utc(a.Since)
	}
	switch b := at.work.Blocked; {
	case a.On.Body == "":
		return refuse(RefusedReasonNeeded, "block")
	case since.After(d.now):
		return refuse(RefusedFuture)
	case !b.Since.IsZero():
		return &Refusal{Code: RefusedBlocked, By: b.By, Args: at.args(b.Since.Format(timeFormat))}
	}
	d.add(&StepBlocked{Runbook: at.run.Ref.ID, Step: at.id, On: a.On, Whom: a.Whom, Since: since})
	return nil
}

// askApproval writes to those who hold the role that must approve. Where none is needed, or it was given, and a second person is to read the
// step, it asks for them.
func (d *decider) askApproval(at step) error {
	role, w := at.rule.Approval, at.work
	who := d.s.RoleHolders(role, d.in.OnCall)
	switch {
	case at.rule.FourEyes && (role == "" || !w.Approved.At.IsZero()): // what is left to be asked for
		return d.askReader(at)
	case role == "":
		return refuse(RefusedNoApproval, at.args()...)
	case !w.Approved.At.IsZero():
		return &Refusal{Code: RefusedApproved, By: w.Approved.By, Args: at.args(w.Approved.At.Format(timeFormat))}
	case len(who) == 0:
		return refuse(RefusedNoHolder, at.args(d.s.target(role))...)
	case w.Asked.Stands(who, d.filled(at, "")):
		return &Refusal{Code: RefusedApprovalAsked, By: w.Asked.By, Args: at.args(w.Asked.At.Format(timeFormat))}
	}
	d.add(&ApprovalAsked{Runbook: at.run.Ref.ID, Step: at.id, Role: role, Who: slices.Clone(who[:min(len(who), maxAsked)]), Digest: d.filled(at, "")})
	return nil
}

// maxAsked is how many holders of one role are written to.
const maxAsked = 5

// ringApprover rings the role that was asked and has not answered.
func (d *decider) ringApprover(at step) error {
	w := at.work
	switch {
	case at.rule.Approval == "":
		return refuse(RefusedNoApproval, at.args()...)
	case !w.Approved.At.IsZero():
		return &Refusal{Code: RefusedApproved, By: w.Approved.By, Args: at.args(w.Approved.At.Format(timeFormat))}
	}
	_, err := d.callFor(at, at.rule.Approval, ForApproval)
	return err
}

func (d *decider) approveStep(at step, a ApproveStep) error {
	role, w := at.rule.Approval, at.work
	switch {
	case role == "":
		return refuse(RefusedNoApproval, at.args()...)
	case !d.holds(role):
		return &Refusal{Code: RefusedApprover, By: d.firstHolder(role), Args: at.args(d.s.target(role))}
	case !w.Approved.At.IsZero():
		return &Refusal{Code: RefusedApproved, By: w.Approved.By, Args: at.args(w.Approved.At.Format(timeFormat))}
	case a.Reason.Body == "":
		return refuse(RefusedReasonNeeded, "approve")
	}
	drawn := a.Drawn
	if drawn == "" && slices.ContainsFunc(w.Asked.Who, d.in.Actor.Person.Same) { // typed: what they were asked about is what they have read
		drawn = w.Asked.Digest
	}
	if err := d.asDrawn(at, drawn); err != nil {
		return err
	}
	d.add(&StepApproved{Runbook: at.run.Ref.ID, Step: at.id, Role: role, Reason: a.Reason, Digest: d.filled(at, a.Drawn)})
	return nil
}

// confirmStep is the second pair of eyes: never those of who works the step. They look before it is run; what an older log says was run before
// that is confirmed afterwards.
func (d *decider) confirmStep(at step, a ConfirmStep) error {
	aw := at.work.Awaits
	switch {
	case aw.At.IsZero():
		if no := d.s.MaySecond(at.run.Ref.ID, at.id, d.in.Actor.Person); no != nil {
			return no
		}
		if err := d.asDrawn(at, a.Drawn); err != nil {
			return err
		}
		d.add(&StepSeconded{Runbook: at.run.Ref.ID, Step: at.id, Text: a.Text, Digest: d.filled(at, a.Drawn)})
		return nil
	case !d.in.Actor.Human() || aw.By.Same(d.in.Actor.Person):
		return &Refusal{Code: RefusedSecond, By: aw.By, Args: at.args()}
	}
	d.leadOn(at, &StepMarked{Runbook: at.run.Ref.ID, Step: at.id, Mark: StepDone, Text: aw.Text, Next: at.onward(aw.Next), Since: at.work.Since, Doer: aw.By, Led: aw.Led}, aw.Next)
	return nil
}

// MaySecond is why somebody cannot be the second person who reads a step before it is run; nil: they can.
func (s State) MaySecond(runbook, step string, who Person) *Refusal {
	run, _ := s.Runbook(runbook)
	rule, _ := run.Ref.Rule(step)
	w, args := run.Worked(step), []string{runbook, strconv.Itoa(slices.Index(run.Ref.Steps, step) + 1)}
	switch sec := w.Seconded; {
	case !rule.FourEyes:
		return &Refusal{Code: RefusedNotAwaited, Args: args}
	case !sec.At.IsZero():
		return &Refusal{Code: RefusedSeconded, By: sec.By, Args: append(args, sec.At.Format(timeFormat))}
	case who.Zero() || w.By.Same(who):
		return &Refusal{Code: RefusedSecondWorks, By: w.By, Args: args}
	}
	return nil
}

// returnStep says that a step is not to be run as it stands, or was not done rightly: the word of a second person does not
// count any more. An approval does: who approved decided that it may be run, not how.
func (d *decider) returnStep(at step, a ReturnStep) error {
	switch {
	case at.work.Awaits.At.IsZero() && !at.rule.FourEyes:
		return refuse(RefusedNotAwaited, at.args()...)
	case a.Reason.Body == "":
		return refuse(RefusedReasonNeeded, "return")
	}
	d.add(&StepReturned{Runbook: at.run.Ref.ID, Step: at.id, Doer: at.work.Awaits.By, Reason: a.Reason})
	return nil
}

// helpStep rings the runbook's owner, once for a step and round.
func (d *decider) helpStep(at step) error {
	role, round := at.run.Ref.Owner, max(1, d.s.Ladder.Round)
	switch h := at.work.Help; {
	case role == "":
		return refuse(RefusedNoOwner, at.args()...)
	case h.Round == round:
		return &Refusal{Code: RefusedHelped, By: h.Who, Args: at.args(h.At.Format(timeFormat), d.s.target(h.Role))}
	}
	who, err := d.callFor(at, role, ForHelp)
	if err != nil {
		return err
	}
	d.add(&StepHelp{Runbook: at.run.Ref.ID, Step: at.id, Role: role, Who: who, Round: round})
	return nil
}

// callFor rings a role for a step: whom the incident's service has for it.
func (d *decider) callFor(at step, role, what string) (Person, error) {
	target := d.s.target(role)
	err := d.sendFor(Page{Target: target, Runbook: at.run.Ref.ID, Step: at.id, For: what}, Text{})
	p, _ := d.s.openPage(target)
	return p.Person, err
}
