package incident

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Bounds of what is recorded of something that was sent.
const (
	MaxNotice    = 3000 // characters of the text
	MaxSentTo    = 200  // of whom it went to
	MaxReference = 120  // of a number or an address under which it can be found
)

// StepTold is a role that was told because of a step.
type StepTold struct {
	Role string    `json:"role"` // as the runbook names it
	By   Person    `json:"by,omitzero"`
	At   time.Time `json:"at"`
}

// RoleRegulator, RoleAMLAuthority and RoleCustomer are whom a runbook may tell beside roles: an authority, that of the fight against money
// laundering, and a customer, for whom there is nobody to ring.
const (
	RoleRegulator    = "regulator"
	RoleAMLAuthority = "aml_authority"
	RoleCustomer     = "customer"
)

// noticeOf are the notices by which roles outside the team are told; there is a draft for each.
var noticeOf = map[string]string{"legal": "legal", "customer_success": "customer_success", "tenant_compliance_officer": "tenant_compliance", "tenant_dpo": "tenant_dpo",
	RoleCustomer: "customer", RoleRegulator: noticeAuthority, RoleAMLAuthority: "aml"}

// noticeAuthority is the notice to the data protection authority.
const noticeAuthority = "authority"

// Regimes are the rules whose notices have a draft of their own, beside that to the data protection authority: a notice of the policy whose name
// begins with one of them ("nis2_early") is of that regime.
var Regimes = []string{"aml", "nis2", "dora", "sec"}

// RegimeOf is the regime of a notice; empty: none.
func RegimeOf(notice string) string {
	if r, _, _ := strings.Cut(notice, "_"); slices.Contains(Regimes, r) {
		return r
	}
	return ""
}

// RunbookRoles are the roles that a runbook may name beside the policy's targets: those of the incident, and those whom a notice tells.
func RunbookRoles() []string { return append(sortedKeys(responderRoles), sortedKeys(noticeOf)...) }

// NoticeTo is the notice by which a role is told.
func NoticeTo(role string) string {
	if n, ok := noticeOf[role]; ok {
		return n
	}
	return role
}

// NoticeTo is the notice by which a role is told in this incident. "The regulator" is the data protection authority; where the answers said that
// its notice is not owed and another regime's is, it is that one: what one authority got is no evidence that another did.
func (s State) NoticeTo(role string) string {
	if role != RoleRegulator {
		return NoticeTo(role)
	}
	other := ""
	for _, d := range s.Duties {
		o, _ := s.Policy.Obligation(d.Of)
		switch {
		case o.Notice == noticeAuthority && d.How != EndedWithdrawn:
			return noticeAuthority
		case other == "" && d.Running() && RegimeOf(o.Notice) != "":
			other = o.Notice
		}
	}
	return cmp.Or(other, noticeAuthority)
}

// colleagues are roles outside the team and inside the company.
var colleagues = []string{"legal", "customer_success"}

// Tells are the roles that a step tells and that have no phone of the bot's: a person tells them and says so. Of a ref that does not freeze
// it, none.
func (r RunbookRef) Tells(step string) []string {
	rule, _ := r.Rule(step)
	return slices.DeleteFunc(slices.Clone(rule.Notify), func(role string) bool { return noticeOf[role] == "" })
}

// SettledBy are the roles whose having been told settles a clock: those outside the company that its step tells, of a notice to the customer
// or to an authority only those it is for. None: doing the step settles it.
func (r RunbookRef) SettledBy(c RunbookClock) []string {
	audience := audienceOf(c.ID)
	return slices.DeleteFunc(r.Tells(c.Step), func(role string) bool {
		authority := role == RoleRegulator || role == RoleAMLAuthority
		switch {
		case slices.Contains(colleagues, role):
			return true
		case audience == "":
			return false
		case audience == NoticeTo(RoleCustomer): // the customer itself, or its officers
			return authority
		}
		return NoticeTo(role) != audience
	})
}

// Told is when a role was last told because of a step; false: nobody has said so.
func (r RunbookRun) Told(step, role string) (StepTold, bool) {
	list := r.Worked(step).Told
	if i := slices.IndexFunc(list, func(t StepTold) bool { return t.Role == role }); i >= 0 {
		return list[i], true
	}
	return StepTold{}, false
}

// Untold are the roles that a step tells and of whom nobody has said that they were.
func (r RunbookRun) Untold(step string) []string {
	return slices.DeleteFunc(r.Ref.Tells(step), func(role string) bool { _, told := r.Told(step, role); return told })
}

// SentStep says that what a step tells was sent: to whom, when, where it can be found. It is the evidence, and settles the step's clocks once
// everybody was told whom they ask for.
type SentStep struct {
	Runbook, Step string
	Roles         []string // that were told; empty: all that were not yet
	Text          Text     // what was sent
	To            Text     // who got it, by name or address
	Reference     Text
	At            time.Time // zero: now
	// Done marks the step once nobody is left to be told, with the finding that leads to Next.
	Done    bool
	Finding Text
	Next    string
	Drawn   string // as in MarkStep
}

func (SentStep) act() {}

// sentStep records a notice for each role that was told. What locks the step locks it too: a message cannot be taken back.
func (d *decider) sentStep(a SentStep) error {
	at, err := d.anyStep(a.Runbook, a.Step)
	if err != nil {
		return err
	}
	run := at.run
	roles, when := slices.Clone(a.Roles), d.at
	if len(roles) == 0 {
		roles = run.Untold(a.Step)
	}
	if !a.At.IsZero() {
		when = utc(a.At)
	}
	switch tells := run.Ref.Tells(a.Step); {
	case len(tells) == 0:
		return refuse(RefusedTellsNobody, at.args()...)
	case len(roles) == 0:
		last, _ := run.Told(a.Step, tells[len(tells)-1])
		return &Refusal{Code: RefusedTold, By: last.By, Args: at.args(last.At.Format(timeFormat))}
	case a.Next != "" && a.Next != NextNone && !slices.Contains(run.Ref.Steps, a.Next):
		return refuse(RefusedNoStep, a.Runbook, a.Next)
	case !d.in.Actor.Human():
		return refuse(RefusedNotHere)
	case strings.TrimSpace(a.To.Body) == "":
		return refuse(RefusedEmpty, "sent-to")
	case when.After(d.now):
		return refuse(RefusedFuture)
	case when.Before(d.s.DetectedAt):
		return refuse(RefusedBeforeDetection, d.s.DetectedAt.Format(timeFormat))
	}
	for i, role := range roles {
		if !slices.Contains(run.Ref.Tells(a.Step), role) || slices.Contains(roles[:i], role) {
			return refuse(RefusedNoNotice, append([]string{role}, run.Untold(a.Step)...)...)
		}
		if t, told := run.Told(a.Step, role); told {
			return &Refusal{Code: RefusedTold, By: t.By, Args: at.args(t.At.Format(timeFormat))}
		}
	}
	if err := d.mayDo(at, "", a.Drawn); err != nil {
		return err
	}
	for _, role := range roles {
		d.record(&NoticeSent{Notice: d.s.NoticeTo(role), Text: a.Text, To: a.To, Reference: a.Reference, Runbook: a.Runbook, Step: a.Step, Role: role}, when, d.in.Actor, d.in.Via)
	}
	run, _ = d.s.Runbook(a.Runbook)
	if _, marked := run.Steps[a.Step]; !a.Done || marked || len(run.Untold(a.Step)) > 0 || !d.s.StepWorkable(a.Runbook, a.Step) || !run.Worked(a.Step).Awaits.At.IsZero() {
		return nil
	}
	now, err := d.theStep(a.Runbook, a.Step)
	if err != nil {
		return err
	}
	return d.markStep(now, MarkStep{Runbook: a.Runbook, Step: a.Step, Mark: StepDone, Text: a.Finding, Next: a.Next, Led: a.Finding.Body != "", Drawn: a.Drawn})
}

// toldEvolve keeps whom a step has told.
func (s *State) toldEvolve(e Event, f *NoticeSent) {
	if f.Runbook == "" {
		return
	}
	w := s.worked(f.Runbook, f.Step, e.Actor.Person)
	t := StepTold{Role: f.Role, By: e.Actor.Person, At: e.At}
	if i := slices.IndexFunc(w.Told, func(x StepTold) bool { return x.Role == f.Role }); i >= 0 {
		w.Told[i] = t
		return
	}
	w.Told = append(w.Told, t)
}

// toldAll is when the last of some roles was told because of a step; false while one was not.
func (r RunbookRun) toldAll(step string, roles []string) (time.Time, bool) {
	var last time.Time
	for _, role := range roles {
		t, ok := r.Told(step, role)
		if !ok {
			return zeroTime, false
		}
		last = laterOf(last, t.At)
	}
	return last, len(roles) > 0
}

// evidence is where it can be seen that a clock was met: whom its step's last notice went to, or the notice that its name asks for.
func (s State) evidence(c runClock) Text {
	said := func(n Notice) Text {
		if n.To.Empty() {
			return n.Text
		}
		return n.To
	}
	for i := len(s.Notices) - 1; i >= 0; i-- {
		if n := s.Notices[i]; n.Runbook == c.run.Ref.ID && n.Step == c.Step {
			return said(n)
		}
	}
	if c.sent.IsZero() {
		return Text{}
	}
	n, _ := s.Notice(audienceOf(c.ID))
	return said(n)
}
