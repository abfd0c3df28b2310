package incident

import (
	"slices"
	"strings"
	"time"
)

// How a role inside the company is told because of a step.
const (
	TellWrite = "write" // Tocsin writes to whoever holds it now
	TellRing  = "ring"  // and rings them, as the policy says they are rung
	TellSelf  = "self"  // somebody told them, and says so
)

// ViewStepTold tells somebody, by direct message, what a step of a runbook wants them to know.
const ViewStepTold = "step-told"

// ForTell is a page that a step of a runbook asks for: who is rung is to know of it.
const ForTell = "tell"

// TellStep tells roles inside the company what a step wants them to know. Who holds a role now the policy and the rotations say.
type TellStep struct {
	Runbook, Step string
	Roles         []string
	Text          Text
	How           string // TellWrite, TellRing, TellSelf
	Drawn         string // as in MarkStep
}

func (TellStep) act() {}

// Informs are the roles that a step tells inside the company, by people whom Tocsin can write to: neither those for whom there is a notice
// nor those who lead the incident and read its room.
func (r RunbookRef) Informs(step string) []string {
	rule, _ := r.Rule(step)
	return slices.DeleteFunc(slices.Clone(rule.Notify), func(role string) bool { _, leads := responderRoles[role]; return leads || noticeOf[role] != "" })
}

// Heard is when a role first heard of the incident from Tocsin, because of its severity or as somebody had it rung; rung says that it was by
// phone. A page that was closed before it rang told nobody. Zero and false: it has not.
func (s State) Heard(role string) (at time.Time, rung, heard bool) {
	key := s.target(role)
	for _, p := range s.Pages {
		if p.Target == key && p.Status != PageFailed && !p.unheard() && (!heard || p.At.Before(at)) {
			at, rung, heard = p.At, true, true
		}
	}
	if !heard && slices.Contains(s.Told, key) {
		at, heard = s.ToldAt[key], true
	}
	return at, rung, heard
}

// unheard reports whether a page was closed before any phone rang for it.
func (p Page) unheard() bool {
	return p.Status == PageClosed && !p.Foreign && p.SentAt.IsZero() && p.AnsweredAt.IsZero()
}

// Uninformed are the roles inside the company that a step tells and that have heard neither because of it nor because of the severity.
func (s State) Uninformed(runbook, step string) []string {
	run, _ := s.Runbook(runbook)
	return slices.DeleteFunc(run.Ref.Informs(step), func(role string) bool {
		_, told := run.Told(step, role)
		_, _, heard := s.Heard(role)
		return told || heard
	})
}

// tellStep writes to who holds the roles, or records that somebody told them. What locks the step locks it too.
func (d *decider) tellStep(a TellStep) error {
	at, err := d.anyStep(a.Runbook, a.Step)
	if err != nil {
		return err
	}
	run := at.run
	informs := run.Ref.Informs(a.Step)
	switch {
	case len(informs) == 0 || len(a.Roles) == 0:
		return refuse(RefusedTellsNobody, at.args()...)
	case a.How != TellWrite && a.How != TellRing && a.How != TellSelf:
		return refuse(RefusedEmpty, "tell-how")
	case !d.in.Actor.Human():
		return refuse(RefusedNotHere)
	case a.How != TellSelf && strings.TrimSpace(a.Text.Body) == "":
		return refuse(RefusedEmpty, "sent-to")
	case a.How != TellSelf && d.s.Status == Cancelled: // it was noise: nobody is to hear of it now
		return &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	case a.How == TellRing && !d.s.Open():
		return &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	}
	who := map[string][]Person{}
	for i, role := range a.Roles {
		if !slices.Contains(informs, role) || slices.Contains(a.Roles[:i], role) {
			return refuse(RefusedNoNotice, append([]string{role}, informs...)...)
		}
		if t, told := run.Told(a.Step, role); told {
			return &Refusal{Code: RefusedTold, By: t.By, Args: at.args(t.At.Format(timeFormat))}
		}
		people := d.s.RoleHolders(role, d.in.OnCall)
		who[role] = slices.Clone(people[:min(len(people), maxAsked)])
		if a.How != TellSelf && !slices.ContainsFunc(who[role], func(p Person) bool { return p.Slack != "" }) {
			return refuse(RefusedNobodyToTell, at.args(d.s.target(role))...)
		}
	}
	if err := d.mayDo(at, "", a.Drawn); err != nil {
		return err
	}
	var wrote []Person // who holds two of the roles reads it once
	for _, role := range a.Roles {
		f := &NoticeSent{Notice: role, Text: a.Text, Runbook: a.Runbook, Step: a.Step, Role: role, How: a.How, Holders: who[role]}
		if a.How != TellSelf {
			for _, p := range who[role] {
				if p.Slack != "" && !slices.ContainsFunc(wrote, p.Same) {
					wrote, f.Who = append(wrote, p), append(f.Who, p)
				}
			}
		}
		d.add(f)
	}
	if a.How != TellRing {
		return nil
	}
	var rung []Person // who holds two of the roles has one phone
	for _, role := range a.Roles {
		if d.s.RungBy(role) {
			if first := who[role]; len(first) > 0 {
				if slices.ContainsFunc(rung, first[0].Same) {
					continue
				}
				rung = append(rung, first[0])
			}
			if err := d.ignoreRefusal(d.sendFor(Page{Target: d.s.target(role), Runbook: a.Runbook, Step: a.Step, For: ForTell}, Text{})); err != nil {
				return err
			}
		}
	}
	return nil
}

// RungBy reports whether the policy says how a role is rung.
func (s State) RungBy(role string) bool {
	if s.Policy == nil {
		return false
	}
	t, known := s.Policy.Targets[s.target(role)]
	return known && t.Address != (Address{})
}
