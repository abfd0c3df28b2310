package incident

import (
	"slices"
	"time"
)

// Reviews says after which incidents a runbook is reviewed, by when, and who is asked in turn. Empty fields have the defaults of ReviewRule.
type Reviews struct {
	After      []Severity    `json:"after,omitempty"`       // of an incident that used it, by the severity that counts; default SEV-1, SEV-2
	WithinDays int           `json:"within_days,omitempty"` // business days from the ask; default 10
	Every      time.Duration `json:"every,omitempty"`       // once it is overdue, from one of the chain to the next; default 24 h
	Chain      []string      `json:"chain,omitempty"`       // targets after the owner; default those of the ladder above its first level
	PerDay     int           `json:"per_day,omitempty"`     // how many a quarter asks of one owner on one business day; default 5
	// Owners are the targets that review what is no runbook, by subject: "policy", "alerts", "access". Default the first of the chain, of the
	// access table the last.
	Owners map[string]string `json:"owners,omitempty"`
	// Where is where the access table is kept: an address or a few words.
	Where string `json:"where,omitempty"`
}

// What is reviewed beside the runbooks: after the same incidents, and each quarter.
const (
	ReviewPolicy = "policy" // the policy file
	ReviewAlerts = "alerts" // the alert catalogue
	ReviewAccess = "access" // who may reach which tool
)

// ReviewSubjects are they, in the order in which they are asked.
var ReviewSubjects = []string{ReviewPolicy, ReviewAlerts, ReviewAccess}

// ReviewRule is what the policy says of reviews, with what it leaves open filled in. It is a function of the policy alone, so that a frozen one
// means what it meant.
func (p *Policy) ReviewRule() Reviews {
	var r Reviews
	if p != nil {
		r = p.Reviews
	}
	if len(r.After) == 0 {
		r.After = []Severity{SEV1, SEV2}
	}
	if r.WithinDays == 0 {
		r.WithinDays = 10
	}
	if r.Every == 0 {
		r.Every = 24 * time.Hour
	}
	if r.PerDay == 0 {
		r.PerDay = 5
	}
	if len(r.Chain) == 0 && p != nil {
		for i, l := range p.Ladder {
			if l.On != "" || i == 0 && len(p.Ladder) > 1 {
				continue
			}
			for _, t := range l.Targets {
				if !slices.Contains(r.Chain, t) {
					r.Chain = append(r.Chain, t)
				}
			}
		}
	}
	owners := map[string]string{}
	for _, s := range ReviewSubjects {
		switch n := len(r.Chain); {
		case r.Owners[s] != "":
			owners[s] = r.Owners[s]
		case n > 0 && s == ReviewAccess:
			owners[s] = r.Chain[n-1]
		case n > 0:
			owners[s] = r.Chain[0]
		}
	}
	r.Owners = owners
	return r
}

// ReviewChain is who is asked for a review in turn: its owner, then the chain.
func (r Reviews) ReviewChain(owner string) []string {
	var out []string
	for _, t := range append([]string{owner}, r.Chain...) {
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// Counts is the severity that counts for what an incident leaves behind: the highest ever confirmed, or the present one where none has to be
// confirmed; zero where none counts.
func (s State) Counts() Severity { return s.counts() }

// WorkingTime is the business time of those who work for no incident, announced holidays in it: the default calendar's, else office hours in
// the policy's zone.
func (p *Policy) WorkingTime(days AnnouncedDays) *BusinessTime {
	if b := p.BusinessTimeWith("", days); b != nil {
		return b
	}
	zone := ""
	if p != nil {
		zone = p.Zone
	}
	return officeTime(zone).With(slices.DeleteFunc(slices.Clone(days.Days), func(a Announced) bool { return a.Calendar != "" }))
}

// reviews has the runbooks that an incident used reviewed, when it is resolved, and with them what decided who was rung by what and who could
// reach what: the policy, the alert catalogue and the access table.
func (p *plan) reviews() {
	if !slices.Contains(p.s.Policy.ReviewRule().After, p.s.counts()) {
		return
	}
	ask := func(subject string) {
		p.add(Effect{Name: string(AskReview) + "/" + subject, Do: AskReview, Lane: LaneHouse, Class: ClassCosmetic, Repeat: Idempotent, Arg: subject})
	}
	for _, r := range p.s.Runbooks {
		ask(r.Ref.ID)
	}
	for _, s := range ReviewSubjects {
		ask(s)
	}
}

// ReviewWritten records that somebody was asked for a review because of this incident, by a message that says what happened in it. It is kept
// to be hidden if the incident goes private.
type ReviewWritten struct {
	Subject string `json:"subject"` // a runbook's id, or ReviewPolicy ...
	Who     Person `json:"who"`
	At      Posted `json:"at"` // where the message stands
}

// WriteReview records it. Tocsin makes it once the message was sent.
type WriteReview struct {
	Subject string
	Who     Person
	At      Posted
}

func (WriteReview) act() {}

// Type implements Fact.
func (*ReviewWritten) Type() string { return "review-written" }

// Texts implements Fact.
func (*ReviewWritten) Texts() []*Text { return nil }
