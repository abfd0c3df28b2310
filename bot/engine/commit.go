package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// snapshotEvery is after how many events that change nothing but counters (messages, notes) a snapshot is taken all the same.
const snapshotEvery = 64

// commit puts together everything that follows from an input.
func (e *Engine) commit(ctx context.Context, in Input, w way, before, after incident.State, events []incident.Event, records []journal.Record, counter int64, claims []string, out Outcome) (journal.Commit, error) {
	stream := journal.Stream(after.ID)
	c := journal.Commit{
		Expect: journal.Expect{Versions: map[journal.Stream]int64{stream: before.Seq}, Claims: map[string]string{}},
		Append: records,
		Put:    journal.Put{Claims: map[string]string{}, Blobs: map[string][]byte{}},
	}
	if before.Seq == 0 {
		next := counter + 1
		c.Expect.Counter, c.Put.Counter = &counter, &next
	}
	if in.Lease != nil && !e.o.Faults.NoFence {
		c.Expect.Lease = in.Lease
	}
	for read, seq := range w.read { // what was looked at and passed by has not changed since
		c.Expect.Versions[read] = seq
	}
	if err := e.putKeys(&c, in, out); err != nil {
		return c, err
	}
	if err := e.putClaims(ctx, &c, in.Route, w, before, after, events, claims); err != nil {
		return c, err
	}
	e.putBlobs(&c, events, after)

	for _, ev := range events {
		for _, eff := range ev.Effects {
			item, err := itemOf(after.ID, ev, eff)
			if err != nil {
				return c, err
			}
			c.Put.Outbox = append(c.Put.Outbox, item)
		}
		if id, ok := incident.SettledBy(ev); ok {
			c.Put.Settle = append(c.Put.Settle, string(id))
			if f, ok := ev.Fact.(*incident.Settled); ok && f.Outcome == incident.OutcomeDead {
				c.Put.Bury = append(c.Put.Bury, journal.Dead{ID: string(id), Stream: stream, At: ev.RecordedAt, Reason: f.Error})
			}
			if f, ok := ev.Fact.(*incident.PageChanged); ok && f.Status == incident.PageFailed {
				c.Put.Bury = append(c.Put.Bury, journal.Dead{ID: string(id), Stream: stream, At: ev.RecordedAt, Reason: f.Error})
			}
		}
	}
	if len(c.Put.Outbox) > 0 && e.o.Owner != "" {
		c.Put.Take = &journal.Take{Owner: e.o.Owner, TTL: e.o.LeaseTTL}
	}
	if quiet(events) && after.Seq/snapshotEvery == before.Seq/snapshotEvery {
		return c, nil
	}
	snap, err := journal.EncodeState(after)
	if err != nil {
		return c, fmt.Errorf("snapshot of %s: %w", after.ID, err)
	}
	c.Put.Snapshots = map[journal.Stream]journal.Snapshot{stream: snap}
	if row := RowOf(after); before.Seq == 0 || !sameRow(RowOf(before), row) {
		raw, err := json.Marshal(row)
		if err != nil {
			return c, err
		}
		c.Put.Rows = map[journal.Stream]json.RawMessage{stream: raw}
	}
	c.Put.Due = map[journal.Stream]time.Time{stream: incident.NextDue(after)}
	return c, nil
}

// sameRow compares two rows but for Seq: a list that shows nothing new is not written again. Moments that are equal and written differently
// count as different, which costs a write and nothing else.
func sameRow(a, b Row) bool {
	a.Seq, b.Seq = 0, 0
	return a == b
}

// quiet reports whether events change nothing that a list, a deadline or a decision looks at.
func quiet(events []incident.Event) bool {
	for _, ev := range events {
		switch f := ev.Fact.(type) {
		case *incident.MessageSeen, *incident.MessageEdited, *incident.MessageDeleted, *incident.GapSeen:
		case *incident.Noted:
			if f.Answer != "" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (e *Engine) putKeys(c *journal.Commit, in Input, out Outcome) error {
	if e.o.Faults.NoDedupe {
		return nil
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	if in.Key != "" {
		c.Expect.Absent = append(c.Expect.Absent, in.Key)
		c.Put.Keys = append(c.Put.Keys, journal.Key{Name: in.Key, Outcome: raw, TTL: keyTTL})
	}
	for _, k := range in.Same {
		c.Expect.Absent = append(c.Expect.Absent, k)
		c.Put.Keys = append(c.Put.Keys, journal.Key{Name: k, Outcome: raw})
	}
	return nil
}

// putClaims takes and releases what follows from the events. What the incident holds already is left alone; a PagerDuty incident that
// another one holds stays there.
func (e *Engine) putClaims(ctx context.Context, c *journal.Commit, r Route, w way, before, after incident.State, events []incident.Event, claims []string) error {
	owner := string(after.ID)
	take := func(name string) {
		c.Expect.Claims[name] = ""
		c.Put.Claims[name] = owner
	}
	if follow := ClaimsOf(events); len(follow) > 0 {
		held, err := e.o.Store.Claims(ctx, follow)
		if err != nil {
			return fmt.Errorf("look up claims: %w", err)
		}
		for _, name := range follow {
			if held[name] != owner && (held[name] == "" || !strings.HasPrefix(name, ClaimPager(""))) {
				take(name)
			}
		}
	}
	reopened := before.Seq > 0 && !before.Open() && after.Open()
	for _, name := range claims {
		if contains(after.Claims, name) && (reopened || !contains(before.Claims, name)) {
			take(name)
			if from, passes := w.passes[name]; passes {
				c.Expect.Claims[name] = from
			}
		}
	}
	if r.Over != "" {
		held, err := e.o.Store.Claims(ctx, r.Take)
		if err != nil {
			return fmt.Errorf("look up claims: %w", err)
		}
		for _, name := range r.Take {
			if _, taken := c.Put.Claims[name]; taken && held[name] == string(r.Over) {
				c.Expect.Claims[name] = string(r.Over)
			}
		}
	}
	switch {
	case before.Seq > 0 && before.Open() && after.Status == incident.Duplicate: // what it held passes on
	case before.Seq > 0 && before.Open() && !after.Open():
		return e.release(ctx, c, after, endingOf(after))
	case before.Seq > 0 && before.Private == nil && after.Private != nil:
		return e.release(ctx, c, after, titlesOf(after))
	}
	return nil
}

// release gives up the alerts and the title of an incident that ended, or the title of one that went private: nobody who declares the same is
// led to it. One that was reopened may not hold all it ever took: while it was over, another incident could take them, and keeps them.
func (e *Engine) release(ctx context.Context, c *journal.Commit, s incident.State, names []string) error {
	if len(names) == 0 {
		return nil
	}
	held, err := e.o.Store.Claims(ctx, names)
	if err != nil {
		return fmt.Errorf("look up claims: %w", err)
	}
	for _, name := range names {
		if held[name] == string(s.ID) {
			c.Expect.Claims[name] = string(s.ID)
			c.Put.Claims[name] = ""
			if strings.HasPrefix(name, ClaimAlert("")) { // it may be taken up again by the same group
				c.Put.Claims[claimWas(name)] = string(s.ID)
			}
		}
	}
	return nil
}

// endingOf are the claims of an incident that end with it.
func endingOf(s incident.State) []string {
	var out []string
	for _, name := range s.Claims {
		if releasable(name) && !(s.Private != nil && strings.HasPrefix(name, titleClaim)) {
			out = append(out, name)
		}
	}
	return out
}

// titlesOf are the claims of an incident on what its title says. A private one gives them up and takes none.
func titlesOf(s incident.State) []string {
	var out []string
	for _, name := range s.Claims {
		if strings.HasPrefix(name, titleClaim) {
			out = append(out, name)
		}
	}
	return out
}

// ClaimsOf are the claims that follow from facts alone: the channel's name and id, the dedup keys of our pages, PagerDuty's incidents.
func ClaimsOf(events []incident.Event) []string {
	var out []string
	add := func(name string) {
		if !contains(out, name) {
			out = append(out, name)
		}
	}
	for _, ev := range events {
		switch f := ev.Fact.(type) {
		case *incident.Declared:
			add(ClaimName(f.Channel))
		case *incident.ChannelTaken:
			add(ClaimName(f.Next))
		case *incident.Privatized:
			add(ClaimName(f.Channel))
		case *incident.ChannelOpened:
			add(ClaimChannel(f.Channel))
		case *incident.Paged:
			if !f.Page.Foreign {
				add(ClaimDedup(f.Page.Dedup))
			}
		case *incident.PageChanged:
			if f.Pager != "" && f.Status != incident.PageFailed {
				add(ClaimPager(f.Pager))
			}
		}
	}
	return out
}

// releasable reports whether a claim ends with the incident: an alert that fires again, or a title declared again, opens a new one.
func releasable(name string) bool {
	return strings.HasPrefix(name, "alert/") || strings.HasPrefix(name, "alertname/") || strings.HasPrefix(name, titleClaim) || strings.HasPrefix(name, "service/") || name == ClaimStorm
}

func nameOf(claim string) (string, bool) { return strings.CutPrefix(claim, "name/") }

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// putBlobs stores what the events cite for the first time: the policy and runbook revisions.
func (e *Engine) putBlobs(c *journal.Commit, events []incident.Event, after incident.State) {
	for _, ev := range events {
		switch f := ev.Fact.(type) {
		case *incident.Declared, *incident.Reopened:
			if p, src := e.o.Policies.Current(); p.Digest == after.PolicyDigest {
				c.Put.Blobs[p.Digest] = src
			}
		case *incident.RunbookStarted:
			if e.o.Library != nil {
				if src, ok := e.o.Library.Source(f.Runbook.Digest); ok {
					c.Put.Blobs[f.Runbook.Digest] = src
				}
			}
		}
	}
}

// itemOf makes an outbox item of a recorded effect.
func itemOf(id incident.ID, ev incident.Event, eff incident.Effect) (journal.Item, error) {
	o := incident.Owed{ID: incident.IDOf(id, ev.Seq, eff), Incident: id, Seq: ev.Seq, At: ev.RecordedAt, Effect: eff}
	body, err := json.Marshal(o)
	if err != nil {
		return journal.Item{}, fmt.Errorf("encode effect %s: %w", o.ID, err)
	}
	return journal.Item{ID: string(o.ID), Lane: LaneOf(id, eff.Lane), After: string(eff.After), Class: int(eff.Class), Body: body}, nil
}

// ItemOf makes the outbox item of an effect recorded with an event; the auditor restores lost ones with it.
func ItemOf(id incident.ID, ev incident.Event, eff incident.Effect) (journal.Item, error) {
	return itemOf(id, ev, eff)
}

// LaneOf names a lane: the incident and the target.
func LaneOf(id incident.ID, l incident.Lane) string { return string(id) + "|" + string(l) }

// RowOf is an incident's row in a list.
func RowOf(s incident.State) Row {
	r := Row{
		ID: s.ID, Title: s.Title.Body, Severity: s.Severity, Confirmed: s.Confirmed, Status: s.Status, Open: s.Open(), Service: s.Service,
		Channel: s.ChannelID, Name: s.ChannelName, Commander: s.Roles[incident.Commander].Who, Declared: s.DeclaredAt, Ended: s.EndedAt, Seq: s.Seq,
		Source:  s.Source,
		Private: s.Private != nil,
		Awaits:  s.AwaitsAlerts(),
	}
	if s.RoomHeld { // what is claimed is no channel yet
		r.Name = ""
	}
	if r.Private && len(s.Private.Old) > 0 {
		r.Former = s.Private.Old[0].ID
	}
	return r
}

// free returns those of the offered claims that nobody holds. A new incident expects every claim that would have routed the input
// elsewhere, held or not: if somebody takes it in between, the commit fails and the input goes there.
//
// An incident that is taken up again offers to itself what it gave up when it ended.
func (e *Engine) free(ctx context.Context, in Input, w way, s incident.State) ([]string, error) {
	r, id := in.Route, s.ID
	if takesUp(in.Act) && s.Seq > 0 && !s.Open() {
		r.Take = append(endingOf(s), r.Take...)
	}
	switch {
	case w.storm || s.Storm != nil:
		r.Take = stormy(r.Take)
		if id == "" {
			r.Take = append(r.Take, ClaimStorm)
		}
	case id == "":
		r.Take = append(append([]string{}, r.Take...), r.Joins...)
	}
	if len(r.Take) == 0 {
		return nil, nil
	}
	owners, err := e.o.Store.Claims(ctx, r.Take)
	if err != nil {
		return nil, fmt.Errorf("look up claims: %w", err)
	}
	var out []string
	for _, n := range r.Take {
		if owners[n] == "" || owners[n] == string(r.Over) || owners[n] == w.passes[n] || id == "" && contains(r.Claims, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// stormy are the claims that a storm takes of those offered: its groups, and no names or services, or it would be everything for good.
func stormy(take []string) []string {
	var out []string
	for _, n := range take {
		if strings.HasPrefix(n, ClaimAlert("")) || strings.HasPrefix(n, ClaimPager("")) {
			out = append(out, n)
		}
	}
	return out
}

// takesUp reports whether an act may take an incident up again that is over.
func takesUp(a incident.Act) bool {
	switch a := a.(type) {
	case incident.Reopen, incident.AlertsFired, incident.PagerTriggered:
		return true
	case incident.PagerChanged:
		return a.Again
	}
	return false
}
