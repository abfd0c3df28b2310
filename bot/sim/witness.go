package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// account is every log, a line a fact.
func (c *checks) account() (out []string) {
	j := c.w.journal()
	if j == nil {
		return nil
	}
	for _, t := range c.states() {
		events, err := engine.Events(context.Background(), j, t.state.ID, 1, journal.MaxLimit)
		if err != nil {
			return append(out, err.Error())
		}
		for _, e := range events {
			b, _ := json.Marshal(e.Fact)
			out = append(out, fmt.Sprintf("%s/%d %s %s %s %.300s", t.state.ID, e.Seq, e.RecordedAt.Format(time.TimeOnly), e.Actor.Person.Name+e.Actor.System, e.Fact.Type(), b))
		}
	}
	return out
}

// witness counts what an event shows to have happened; t is the incident with it.
func (c *checks) witness(t *told, e incident.Event) {
	saw := func(b Branch, when bool) {
		if when {
			c.w.seen.count(b)
		}
	}
	name := acted(e)
	saw(SawFrozen, name != "" && !c.w.rules.inForce(t.clocks.policy))
	saw(SawFirstPage, name == incident.DueFirstPage)
	saw(SawTakeLate, name == incident.DueTake)
	saw(SawReview, name == incident.DueReview)
	saw(SawParkOver, name == incident.DueParked)
	saw(SawUnrung, name == incident.DueRing)
	switch f := e.Fact.(type) {
	case *incident.Recovered:
		c.w.seen.count(SawRecovered)
	case *incident.Resumed:
		saw(SawFiresAgain, f.Why == incident.ResumedFiring)
	case *incident.Parked:
		c.w.seen.count(SawParked)
	case *incident.HandedOn:
		c.w.seen.count(SawHandedOn)
	case *incident.Reopened:
		saw(SawPagerBack, e.Via == incident.ViaPagerDuty)
		saw(SawRebased, t.refrozen)
	case *incident.RoleSet:
		saw(SawHandOver, !f.Who.Zero() && !f.Was.Zero() && !f.Who.Same(f.Was))
	case *incident.Paged:
		saw(SawAdoptedPage, f.Page.Foreign)
	case *incident.Declared:
		saw(SawStorm, f.Storm)
	case *incident.AlertsSeen:
		saw(SawStormTakes, f.New && t.state.Storm != nil)
	case *incident.SplitOff:
		c.w.seen.count(SawSplit)
	case *incident.MergedInto:
		c.w.seen.count(SawMerged)
	case *incident.ObligationBegun:
		saw(SawMoved, f.Brought != "")
	case *incident.ObligationReminded:
		c.w.seen.count(SawReminded)
	case *incident.ObligationEnded:
		saw(SawDutyDone, f.How == incident.EndedDone)
		saw(SawDutyDropped, f.How == incident.EndedDropped)
	case *incident.NoticeSent:
		c.w.seen.count(SawNotice)
	case *incident.Answered:
		c.w.seen.count(map[string]Branch{incident.AnswerYes: SawYes, incident.AnswerNo: SawNo, incident.AnswerUnknown: SawUnknown}[f.Value])
	case *incident.HandOverEnded:
		c.w.seen.count(map[string]Branch{incident.HandOverAccepted: SawAccepted, incident.HandOverDeclined: SawDeclined, incident.HandOverExpired: SawLapsed}[f.How])
	case *incident.StepMarked:
		saw(SawStepDone, f.Mark == incident.StepDone)
		saw(SawStepSkipped, f.Mark == incident.StepSkipped)
		rule := t.ruleOf(f.Runbook, f.Step)
		saw(SawUnlocked, f.Mark == incident.StepDone && rule.Approval != "")
	case *incident.StepFound:
		c.w.seen.count(SawStepFound)
	case *incident.StepBlocked:
		c.w.seen.count(SawStepBlocked)
	case *incident.StepHelp:
		c.w.seen.count(SawStepHelp)
	case *incident.StepApproved:
		c.w.seen.count(SawApproved)
	case *incident.HolidaysCounted:
		saw(SawHoliday, len(f.Days) > 0)
	case *incident.Privatized:
		saw(SawPrivate, f.Why != incident.PrivateDeclared)
	}
}

// covered counts the covers and swaps that the house's log has.
func (c *checks) covered() {
	j := c.w.journal()
	if j == nil {
		return
	}
	records, err := j.Records(context.Background(), journal.House, 1, journal.MaxLimit)
	if err != nil {
		c.w.fault("the house's log cannot be read: %v", err)
		return
	}
	for _, r := range records {
		if e, err := journal.DecodeHouse(r); err == nil && e.Fact.Type() == (&house.CoverSet{}).Type() {
			c.w.seen.count(SawCovered)
		}
	}
}
