package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
)

// The sources of a roster, as the house log names them.
const sourcePolicy = "policy"

// duties is what is known of who is on call beside the rosters: the ids behind e-mail addresses, and the shifts PagerDuty announced.
type duties struct {
	recording sync.Mutex // of rotations, one at a time

	changed chan struct{} // has room for one: somebody agreed on a cover
	pager   chan struct{} // the same, of one over a PagerDuty schedule
	reading chan struct{} // held by who reads rosters
	asking  chan struct{} // held by who asks PagerDuty for overrides

	mu     sync.Mutex
	ids    map[string]house.Person // by e-mail address
	noUser map[string]time.Time    // whom PagerDuty did not know, until when they are not asked for again
	coming map[string]coming       // by target, of PagerDuty schedules
	asked  map[string]time.Time    // by target, when its roster was last read
	again  map[string]retry        // by cover, what PagerDuty owes an answer to
}

// coming is what PagerDuty said of a schedule's shifts.
type coming struct {
	shifts []house.Shift
	at     time.Time // when it was asked
}

func newDuties() *duties {
	return &duties{
		changed: make(chan struct{}, 1), pager: make(chan struct{}, 1), reading: make(chan struct{}, 1), asking: make(chan struct{}, 1),
		ids: map[string]house.Person{}, noUser: map[string]time.Time{}, coming: map[string]coming{}, asked: map[string]time.Time{}, again: map[string]retry{},
	}
}

// maxIdentities bounds how many people's ids are kept.
const maxIdentities = 5000

func (d *duties) keep(p house.Person) {
	if p.Email == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ids) >= maxIdentities {
		clear(d.ids)
	}
	old := d.ids[p.Email]
	if p.Slack == "" {
		p.Slack = old.Slack
	}
	if p.Pager == "" {
		p.Pager = old.Pager
	}
	if p.Name == "" {
		p.Name = old.Name
	}
	d.ids[p.Email] = p
}

// rotas are the rotations of the policy file with covers, by key. A rotation that does not bind was refused with the file.
func (b *Bot) rotas(covers []house.Cover) map[string]*house.Rota {
	out := map[string]*house.Rota{}
	for key, r := range b.policies.file.Rotations {
		if a, err := r.Bind(covers); err == nil {
			out[key] = a
		}
	}
	return out
}

// rotating are the targets that a rotation of the policy file fills, sorted.
func (b *Bot) rotating() []string {
	p := b.Policy()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.Targets)), func(t string) bool { return p.Targets[t].Rotation == "" })
}

// rotationRosters are the rosters of the policy's rotations as of now, people by what is known of them without asking anybody.
func (b *Bot) rotationRosters(ctx context.Context, now time.Time) (map[string]house.RosterSeen, error) {
	targets := b.rotating()
	if len(targets) == 0 {
		return nil, nil
	}
	h, err := b.engine.House(ctx)
	if err != nil {
		return nil, err
	}
	rotas, out := b.rotas(h.Covers), map[string]house.RosterSeen{}
	for _, target := range targets {
		if a := rotas[b.Policy().Targets[target].Rotation]; a != nil {
			s := a.At(now)
			out[target] = house.RosterSeen{Target: target, People: []house.Person{b.known(h, s.Person)}, Source: sourcePolicy, Since: s.From.UTC()}
		}
	}
	return out, nil
}

// known is a person by e-mail address, with the ids that were ever found for it.
func (b *Bot) known(h house.State, email string) house.Person {
	b.duties.mu.Lock()
	p, ok := b.duties.ids[email]
	b.duties.mu.Unlock()
	if ok && p.Slack != "" {
		return p
	}
	for _, target := range slices.Sorted(maps.Keys(h.Rosters)) {
		for _, q := range h.Rosters[target].People {
			if q.Email == email && q.Slack != "" {
				if q.Pager == "" {
					q.Pager = p.Pager
				}
				return q
			}
		}
	}
	p.Email = email
	return p
}

// whoIs completes a person by asking Slack and PagerDuty for what is not known yet. The errors say what could not be found.
func (b *Bot) whoIs(ctx context.Context, target, email string) (house.Person, error) {
	b.duties.mu.Lock()
	p, until := b.duties.ids[email], b.duties.noUser[email]
	b.duties.mu.Unlock()
	p.Email = email
	var errs []error
	now := b.clock.Now()
	if p.Pager == "" && b.pager.HasToken() && !now.Before(until) {
		u, found, err := b.pager.UserByEmail(ctx, email)
		switch {
		case err != nil:
			errs = append(errs, err)
		case found:
			p.Pager = u.Pager
			if p.Name == "" {
				p.Name = u.Name
			}
		default:
			b.duties.mu.Lock()
			if len(b.duties.noUser) >= maxIdentities {
				clear(b.duties.noUser)
			}
			b.duties.noUser[email] = now.Add(askAgain)
			b.duties.mu.Unlock()
		}
	}
	if p.Pager == "" && b.pager.HasToken() && len(errs) == 0 {
		errs = append(errs, trouble("oncall.no-pager", target, email, nil))
	}
	if p.Slack == "" {
		q, err := b.slackOf(ctx, target, p)
		switch {
		case err == nil:
			p = q
		case permanent(err):
			errs = append(errs, trouble("oncall.no-slack", target, email, err))
		default:
			errs = append(errs, trouble("oncall.slack-silent", target, email, err))
		}
	}
	b.duties.keep(p)
	return p, errors.Join(errs...)
}

// learnRotating finds out who the people of the rotations are, before their turn comes: at a hand-over nobody has to be asked then.
func (b *Bot) learnRotating(ctx context.Context) []error {
	var out []error
	asked := map[string]bool{}
	for _, target := range b.rotating() {
		r := b.policies.file.Rotations[b.Policy().Targets[target].Rotation]
		people := slices.Clone(r.People)
		for _, o := range r.Overrides {
			people = append(people, o.Person)
		}
		for _, email := range people {
			if asked[email] || ctx.Err() != nil {
				continue
			}
			asked[email] = true
			if _, err := b.whoIs(ctx, target, email); err != nil {
				out = append(out, each(err)...)
			}
		}
	}
	return out
}

const (
	lookAgain   = time.Minute // another replica may have recorded a cover
	lookRetry   = 5 * time.Second
	shiftsEvery = 5 * time.Minute
	shiftsAhead = 35 * 24 * time.Hour
)

// keepRotations records who is on call by the policy's rotations at the moment a duty passes, and reminds people before. Every replica does:
// what one recorded, the others find done.
func (b *Bot) keepRotations(ctx context.Context) error {
	if !b.rostersRead.Load() { // the first reading learns who people are
		_ = b.clock.Sleep(ctx, lookRetry)
	}
	for ctx.Err() == nil {
		reached, stop := b.clock.At(b.passDuties(ctx))
		select {
		case <-ctx.Done():
		case <-reached:
		case <-b.duties.changed:
		}
		stop()
	}
	return nil
}

// dutyChanged wakes keepRotations.
func (b *Bot) dutyChanged() {
	select {
	case b.duties.changed <- struct{}{}:
	default:
	}
}

// passDuties records who is on call now and tells people what is about to change. It returns when to look again: at the next change or
// reminder, in a minute at the latest.
func (b *Bot) passDuties(ctx context.Context) time.Time {
	now := b.clock.Now()
	next := now.Add(lookAgain)
	if err := b.recordRotations(ctx); err != nil {
		if ctx.Err() == nil {
			b.log.Warn().Err(err).Msg("who is on call by the rotations is not recorded; trying again")
		}
		next = now.Add(lookRetry)
	}
	if at := b.remind(ctx, now); !at.IsZero() && at.Before(next) {
		next = at
	}
	return next
}

// recordRotations records who is on call by the rotations at this moment, where it changed. One call at a time: who computed a roster before
// a hand-over must not record it after.
func (b *Bot) recordRotations(ctx context.Context) error {
	b.duties.recording.Lock()
	defer b.duties.recording.Unlock()
	before, err := b.engine.House(ctx)
	if err != nil {
		return err
	}
	seen, err := b.rotationRosters(ctx, b.clock.Now())
	if err != nil || len(seen) == 0 {
		return err
	}
	targets := slices.Sorted(maps.Keys(seen))
	for _, target := range targets {
		r := seen[target]
		if sameRoster(before.Rosters[target], r) {
			continue
		}
		events, err := b.engine.RecordHouse(ctx, "", house.Intent{Fact: &r})
		if err != nil {
			return err
		}
		if len(events) > 0 {
			b.offerCommand(ctx, target, before.Rosters[target], r, events[0].Seq)
		}
	}
	return b.engine.NoteRostersRead(ctx, targets...)
}

// offerCommand proposes the incidents that whoever went off call commands to who came on. A hand-over is asked for once for each
// entry of the house log, whose number seq is, and an incident that is over or has another commander by now refuses it; either is fine.
func (b *Bot) offerCommand(ctx context.Context, target string, old house.Roster, r house.RosterSeen, seq int64) {
	if len(old.People) != 1 || len(r.People) != 1 || old.Source != r.Source || old.People[0].Email == r.People[0].Email || r.People[0].Slack == "" {
		return
	}
	off, on := incidentPerson(old.People[0]), incidentPerson(r.People[0])
	rows, err := b.engine.List(ctx, true, maxOffered)
	if err != nil {
		b.log.Warn().Err(err).Str("target", target).Msg("a duty passed and no hand-over is proposed: the open incidents could not be read")
		return
	}
	for _, row := range rows {
		if !row.Commander.Same(off) {
			continue
		}
		in := engine.Input{Key: fmt.Sprintf("handover/%s/%s/%d", row.ID, target, seq), Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaClock,
			Act: incident.ProposeHandOver{To: on, Why: incident.HandOverRotation}, Route: engine.Route{ID: row.ID}}
		if _, err := b.engine.Handle(ctx, in); err != nil {
			b.log.Warn().Err(err).Str("incident", string(row.ID)).Msg("a duty passed and the hand-over of command is not proposed; `/incident handover` does it by hand")
		}
	}
}

// maxOffered is how many open incidents are looked at when a duty passes.
const maxOffered = 200

// readRotations learns who the people of the rotations are, those on call first, and records who is. The errors are told apart as those of
// refreshRosters are.
func (b *Bot) readRotations(ctx context.Context) (passing, lasting []error) {
	if len(b.rotating()) == 0 {
		return nil, nil
	}
	sort := func(errs []error) {
		for _, e := range errs {
			if s, ok := errors.AsType[*catalog.Said](e); ok && s.Key != "oncall.slack-silent" {
				lasting = append(lasting, e)
				continue
			}
			if f, ok := errors.AsType[*pagerduty.Fault](e); ok && f.Permanent() {
				lasting = append(lasting, e)
				continue
			}
			passing = append(passing, e)
		}
	}
	seen, err := b.rotationRosters(ctx, b.clock.Now())
	sort(each(err))
	for _, target := range slices.Sorted(maps.Keys(seen)) {
		if p := seen[target].People[0]; p.Slack == "" || p.Pager == "" && b.pager.HasToken() {
			_, _ = b.whoIs(ctx, target, p.Email) // what is wrong is told of below, with the others
		}
	}
	sort(each(b.recordRotations(ctx)))
	sort(b.learnRotating(ctx))
	return passing, lasting
}

func sameRoster(old house.Roster, r house.RosterSeen) bool {
	return old.Source == r.Source && slices.Equal(old.People, r.People)
}

// shifts are a target's shifts from the one that holds from on, up to to: by its rotation and covers, or as PagerDuty announced them. None:
// nobody says.
func (b *Bot) shifts(h house.State, target string, from, to time.Time) []house.Shift {
	t := b.Policy().Targets[target]
	if t.Rotation != "" {
		a := b.rotas(h.Covers)[t.Rotation]
		if a == nil {
			return nil
		}
		out, err := a.Shifts(from, to)
		if err != nil {
			return nil
		}
		return out
	}
	b.duties.mu.Lock()
	defer b.duties.mu.Unlock()
	var out []house.Shift
	for _, s := range b.duties.coming[target].shifts {
		if (s.To.IsZero() || s.To.After(from)) && s.From.Before(to) {
			out = append(out, s)
		}
	}
	return house.Covered(out, h.Covers, t.Schedule)
}

// readComing asks PagerDuty for the shifts of its schedules, each every five minutes.
func (b *Bot) readComing(ctx context.Context) {
	if !b.pager.HasToken() {
		return
	}
	now, p := b.clock.Now(), b.Policy()
	for _, target := range slices.Sorted(maps.Keys(p.Targets)) {
		b.duties.mu.Lock()
		last := b.duties.coming[target].at
		b.duties.mu.Unlock()
		if p.Targets[target].Schedule != "" && now.Sub(last) >= shiftsEvery && ctx.Err() == nil {
			_ = b.readShifts(ctx, target) // what was announced stays; the roster's reading says what is wrong
		}
	}
}

// readShifts asks PagerDuty for the shifts of one of its schedules.
func (b *Bot) readShifts(ctx context.Context, target string) error {
	now := b.clock.Now()
	shifts, err := b.askShifts(ctx, target, now, now.Add(shiftsAhead))
	if err != nil {
		return err
	}
	b.duties.mu.Lock()
	defer b.duties.mu.Unlock()
	if b.duties.coming[target].at.After(now) {
		return nil // somebody asked later
	}
	b.duties.coming[target] = coming{shifts, now}
	return nil
}

// askShifts is who is on call for a target between two moments, as PagerDuty says now.
func (b *Bot) askShifts(ctx context.Context, target string, from, to time.Time) ([]house.Shift, error) {
	found, err := b.pager.Shifts(ctx, b.Policy().Targets[target].Schedule, from, to)
	if err != nil {
		return nil, err
	}
	var out []house.Shift
	for _, s := range found {
		b.duties.keep(s.Who)
		if n := len(out) - 1; n >= 0 && out[n].Person == s.Who.Email && out[n].To.Equal(s.From) {
			out[n].To = s.To
			continue
		}
		out = append(out, house.Shift{Rotation: target, From: s.From, To: s.To, Person: s.Who.Email, Turn: s.Who.Email})
	}
	return out, nil
}

// nextChange is the first shift after t of somebody else than who is on call at t.
func nextChange(shifts []house.Shift, t time.Time) (now, next house.Shift, ok bool) {
	for _, s := range shifts {
		switch {
		case !s.From.After(t) && (s.To.IsZero() || s.To.After(t)):
			now = s
		case s.From.After(t) && s.Person != now.Person:
			return now, s, now.Person != ""
		}
	}
	return now, house.Shift{}, false
}
