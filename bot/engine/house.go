package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// houseFor is how long the house is used without reading it again: another replica may have seen a new roster.
const houseFor = 2 * time.Second

// House implements Reader.
func (e *Engine) House(ctx context.Context) (house.State, error) {
	if err := e.houseLock.lock(ctx); err != nil {
		return house.State{}, fmt.Errorf("wait for the house: %w", err)
	}
	defer e.houseLock.unlock()
	return e.houseLocked(ctx, false)
}

// HouseNow is House with what other replicas recorded until this moment: for who is about to act on it in the world.
func (e *Engine) HouseNow(ctx context.Context) (house.State, error) {
	if err := e.houseLock.lock(ctx); err != nil {
		return house.State{}, fmt.Errorf("wait for the house: %w", err)
	}
	defer e.houseLock.unlock()
	return e.houseLocked(ctx, true)
}

func (e *Engine) houseLocked(ctx context.Context, anew bool) (house.State, error) {
	now := e.o.Clock.Now()
	if !anew && !e.houseAt.IsZero() && now.Sub(e.houseAt) < houseFor {
		return e.house, nil
	}
	l, err := e.o.Store.Load(ctx, journal.House)
	if err != nil {
		return house.State{}, fmt.Errorf("load the house: %w", err)
	}
	var s house.State
	tip := ""
	if l.Snapshot != nil {
		if s, err = journal.DecodeHouseState(*l.Snapshot); err != nil {
			return house.State{}, fmt.Errorf("read the snapshot of the house: %w", err)
		}
	}
	for _, r := range l.Records {
		if r.Seq <= s.Seq {
			continue
		}
		ev, err := journal.DecodeHouse(r)
		if err != nil {
			return house.State{}, err
		}
		s, tip = house.Evolve(s, ev), r.Hash
	}
	if tip == "" && s.Seq > 0 {
		last, err := e.o.Store.Records(ctx, journal.House, s.Seq, 1)
		if err != nil || len(last) == 0 {
			return house.State{}, fmt.Errorf("read the last record of the house: %w", err)
		}
		tip = last[0].Hash
	}
	e.house, e.houseTip, e.houseAt = s, tip, now
	return s, nil
}

// HandleHouse implements Handler.
func (e *Engine) HandleHouse(ctx context.Context, key string, in house.Intent) error {
	_, err := e.RecordHouse(ctx, key, in)
	return err
}

// RecordHouse is HandleHouse for who must know whether it was they who recorded something: it returns the events that this call added, none
// when there was nothing to record or the key was used before.
func (e *Engine) RecordHouse(ctx context.Context, key string, in house.Intent) ([]house.Event, error) {
	if err := e.houseLock.lock(ctx); err != nil {
		return nil, fmt.Errorf("wait for the house: %w", err)
	}
	defer e.houseLock.unlock()
	for i := range tries {
		s, err := e.houseLocked(ctx, i > 0)
		if err != nil {
			return nil, err
		}
		in.Now = e.o.Clock.Now()
		events, err := house.Decide(s, in)
		if err != nil || len(events) == 0 {
			return nil, err
		}
		records, err := journal.EncodeHouse(events, e.houseTip, e.o.Random)
		if err != nil {
			return nil, err
		}
		after := s
		for _, ev := range events {
			after = house.Evolve(after, ev)
		}
		snap, err := journal.EncodeHouseState(after)
		if err != nil {
			return nil, err
		}
		c := journal.Commit{
			Expect: journal.Expect{Versions: map[journal.Stream]int64{journal.House: s.Seq}},
			Append: records,
			Put:    journal.Put{Snapshots: map[journal.Stream]journal.Snapshot{journal.House: snap}},
		}
		if key != "" {
			c.Expect.Absent = []string{key}
			c.Put.Keys = []journal.Key{{Name: key, Outcome: []byte("{}"), TTL: keyTTL}}
		}
		_, err = e.o.Store.Commit(ctx, c)
		var conflict *journal.Conflict
		switch {
		case err == nil:
			e.house, e.houseTip, e.houseAt = after, records[len(records)-1].Hash, e.o.Clock.Now()
			return events, nil
		case errors.As(err, &conflict) && conflict.What == "key":
			return nil, nil
		case !errors.As(err, &conflict):
			e.houseAt = time.Time{}
			return nil, fmt.Errorf("record %s of the house: %w", in.Fact.Type(), err)
		}
	}
	return nil, fmt.Errorf("record %s of the house: %w", in.Fact.Type(), ErrBusy)
}

// OnCall is who is on call for each target, as the house last saw it.
func (e *Engine) OnCall(ctx context.Context) (incident.OnCall, error) {
	h, err := e.House(ctx)
	if err != nil {
		return nil, err
	}
	read := e.RostersRead(ctx)
	out := incident.OnCall{}
	for target, r := range h.Rosters {
		roster := incident.Roster{Source: r.Source, SeenAt: r.SeenAt}
		if at := read[target]; at.After(roster.SeenAt) {
			roster.SeenAt = at
		}
		for _, p := range r.People {
			roster.People = append(roster.People, incident.Person{Slack: p.Slack, Pager: p.Pager, Name: p.Name})
		}
		out[target] = roster
	}
	return out, nil
}

// AnnouncedDays are the announced holidays of a house, as incidents take them.
func AnnouncedDays(h house.State) incident.AnnouncedDays {
	out := incident.AnnouncedDays{Version: h.HolidaysSeq}
	for _, d := range h.Holidays {
		out.Days = append(out.Days, incident.Announced{Day: d.Day, Name: d.Name, Calendar: d.Calendar})
	}
	return out
}

// Recount hands every incident that has a deadline a tick, so that each counts the days that were announced since it last looked, and its due
// time moves at once. Those that count them already are left as they are. The error joins what could not be done; the rest was.
func (e *Engine) Recount(ctx context.Context) error {
	h, err := e.House(ctx)
	if err != nil {
		return err
	}
	if h.HolidaysSeq == 0 { // nothing was ever announced
		return nil
	}
	due, err := e.o.Store.Due(ctx, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), journal.MaxLimit)
	if err != nil {
		return fmt.Errorf("read which incidents have deadlines: %w", err)
	}
	var errs []error
	for _, d := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, err := e.Handle(ctx, Input{Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaClock, Act: incident.Tick{}, Route: Route{ID: incident.ID(d.Stream)}})
		if err != nil && !errors.Is(err, journal.ErrNotFound) && len(errs) < 5 {
			errs = append(errs, fmt.Errorf("count the announced holidays in %s: %w", d.Stream, err))
		}
	}
	return errors.Join(errs...)
}
