package incident

import (
	"fmt"
	"slices"
	"time"
)

// EndedMoved is how an obligation of a duplicate ends: it goes on with the incident that the duplicate goes on as. Two rooms that are asked for
// one notice would send two, or each rely on the other; and nobody reads the room of a duplicate any more.
const EndedMoved = "moved"

// moveObligations ends what a duplicate owes; the other half of the merge goes on with it.
func (d *decider) moveObligations() {
	for _, x := range d.s.Owing() {
		how := EndedMoved
		if x.Response {
			how = EndedResponse
		}
		d.endDuty(x, how, Text{}, false)
	}
}

// takeOver goes on with what a duplicate owes: its clocks run from when they began there, so that none of the two is later than it was.
func (d *decider) takeOver(from State) {
	for _, a := range from.Answers {
		was, ok := d.s.Answer(a.Question)
		if ok && was.Value == AnswerYes && a.Value == AnswerYes && len(was.Concerns) > 0 && !slices.Equal(was.Concerns, a.Concerns) {
			// One room knows of one thing, the other of another: both are concerned.
			both := Answered{Question: a.Question, Value: AnswerYes, Reason: was.Reason, Since: was.Since}
			if a.Since.Before(both.Since) {
				both.Since = a.Since
			}
			if len(a.Concerns) > 0 {
				both.Concerns = slices.Compact(slices.Sorted(slices.Values(slices.Concat(was.Concerns, a.Concerns))))
			}
			d.record(&both, a.At, Actor{Person: a.By}, d.in.Via)
			continue
		}
		// A no of one room does not end a clock that the other's answer began.
		if a.Question != QuestionAttack && (!ok || was.Value == AnswerNo && a.Value != AnswerNo) {
			d.record(&Answered{Question: a.Question, Value: a.Value, Reason: a.Reason, Since: a.Since, Concerns: a.Concerns}, a.At, Actor{Person: a.By}, d.in.Via)
		}
	}
	for _, x := range from.Owing() {
		if _, answered := d.s.Answer(x.Question); x.Response || x.Question != "" && answered {
			continue
		}
		if x.Why == BeginsAction {
			x.Key = fmt.Sprintf("action-%d", d.s.Actions+1)
		}
		switch mine, there := d.s.Duty(x.Key); {
		case there && mine.Running() && !x.Due.Before(mine.Due):
			continue
		case there && mine.Running() && !mine.Owner.Zero():
			x.Owner = mine.Owner
		case there && (mine.How == EndedDone || mine.How == EndedDropped): // it was seen to here
			continue
		}
		x.Reminded, x.Overdue, x.Paged = 0, 0, 0
		var next time.Time
		if !x.Due.IsZero() {
			next = d.reminder(x, true)
		}
		d.rearmed(x)
		d.own(&ObligationBegun{Key: x.Key, Of: x.Of, Question: x.Question, Legal: x.Legal, Why: x.Why, From: x.From, Due: x.Due,
			Next: next, Owner: x.Owner, Text: x.Text, Brought: from.ID, Clock: x.Clock, What: x.What, When: x.When, Who: x.Who, Alert: x.Alert, Again: x.Again})
	}
	for _, f := range from.Freezing() {
		if len(d.s.Freezing()) < MaxFreezes {
			_ = d.freeze(FreezeOperation{f.Text}) // refuses nothing but what was just looked at
		}
	}
}

// actionsRunning counts the corrective actions that are not done.
func (s State) actionsRunning() int {
	return len(slices.DeleteFunc(s.Owing(), func(x Duty) bool { return x.Why != BeginsAction }))
}

// mergedAct refuses what would begin something in a duplicate: it belongs to the incident that the duplicate goes on as.
func (d *decider) mergedAct(a Act) error {
	if d.s.Merged == nil || len(d.s.Owing()) > 0 {
		return nil
	}
	switch a.(type) {
	case AnswerQuestion, SendNotice, SentStep, TellStep, AddAction, FreezeOperation, CaptureFirst:
		return refuse(RefusedMerged, string(d.s.Merged.Into))
	}
	return nil
}
