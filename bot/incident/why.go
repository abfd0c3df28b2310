package incident

// SeverityReason is why somebody raised the severity, said after they did: a rise is never held up by a form.
type SeverityReason struct {
	Of       int64    `json:"of"` // the event that raised it
	Severity Severity `json:"severity"`
	Reason   Text     `json:"reason"`
}

// GiveReason says why the severity was raised.
type GiveReason struct{ Reason Text }

func (GiveReason) act() {}

// Type implements Fact.
func (*SeverityReason) Type() string { return "severity-reason" }

// Texts implements Fact.
func (f *SeverityReason) Texts() []*Text { return []*Text{&f.Reason} }

// Refusals of reasons.
const (
	RefusedReasonLower = "reason-lower"    // Args[0] = the severity it was to be lowered to, as a command has it
	RefusedReasonGiven = "reason-not-owed" // nobody is asked for one
)

// reasonFor is what a person owes beside the severity they set: who lowers it says why, who raises it is asked afterwards.
func (d *decider) reasonFor(a SetSeverity) (asks bool, refused error) {
	if !d.in.Actor.Human() || a.Reason.Body != "" || a.Rule != "" {
		return false, nil
	}
	if d.s.Severity.Worse(a.Severity) {
		return false, refuse(RefusedReasonLower, a.Severity.String()[len("SEV-"):])
	}
	return a.Severity.Worse(d.s.Severity), nil
}

// giveReason keeps why the severity was raised. It is taken as long as it is missing, also when the incident is over.
func (d *decider) giveReason(a GiveReason) error {
	owed := d.s.ReasonOwed
	switch {
	case a.Reason.Body == "":
		return refuse(RefusedEmpty, "reason")
	case owed == nil:
		return refuse(RefusedReasonGiven)
	}
	d.add(&SeverityReason{Of: owed.Seq, Severity: owed.Severity, Reason: a.Reason})
	return nil
}

// ReasonOwed is a rise that nobody has given the reason of.
type ReasonOwed struct {
	Seq      int64    `json:"seq"` // of the event that raised it
	Severity Severity `json:"severity"`
	By       Person   `json:"by"`
}
