package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/slack"
)

// askAgain is how long somebody whom Slack does not know is not asked for again: an address changes when a person changes it.
const askAgain = time.Hour

// maxMisses bounds how many addresses are remembered as unknown.
const maxMisses = 1000

// onCallTrouble is what is wrong with who is on call, as of the latest reading.
type onCallTrouble struct {
	mu     sync.Mutex
	found  []error             // nil: nothing
	told   string              // what the log was told last
	misses map[string]missedAt // by e-mail address
}

type missedAt struct {
	err   error
	until time.Time
}

func (t *onCallTrouble) missed(email string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.misses[email]
	switch {
	case !ok:
		return nil
	case !now.Before(m.until):
		delete(t.misses, email)
		return nil
	}
	return m.err
}

func (t *onCallTrouble) miss(email string, err error, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.misses == nil || len(t.misses) >= maxMisses {
		t.misses = map[string]missedAt{}
	}
	t.misses[email] = missedAt{err, now.Add(askAgain)}
}

func (t *onCallTrouble) set(found []error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found = found
}

func (t *onCallTrouble) get() []error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.found
}

// refreshRosters reads who is on call for every target and records what changed. It is a duty: pages never wait for it. What could not
// be read stays as it was last seen. The error is what a later reading may mend by itself; what only a person can mend is in b.onCall, with
// the rest.
func (b *Bot) refreshRosters(ctx context.Context) error {
	if _, err := b.engine.House(ctx); err != nil {
		return err
	}
	passing, lasting := b.readRosters(ctx, slices.Sorted(maps.Keys(b.Policy().Targets))...)
	more, lastingly := b.readRotations(ctx)
	passing, lasting = append(passing, more...), append(lasting, lastingly...)
	b.readComing(ctx)
	if ctx.Err() == nil { // what was cut short says nothing
		b.onCall.set(append(passing, lasting...))
	}
	b.rostersRead.Store(true)
	return errors.Join(passing...)
}

// readRosters reads who is on call for some targets and records what changed. One reading at a time: who was asked before a change must not
// record it after.
func (b *Bot) readRosters(ctx context.Context, targets ...string) (passing, lasting []error) {
	select {
	case b.duties.reading <- struct{}{}:
		defer func() { <-b.duties.reading }()
	case <-ctx.Done():
		return []error{ctx.Err()}, nil
	}
	before, err := b.engine.House(ctx)
	if err != nil {
		return []error{err}, nil
	}
	asked := b.clock.Now()
	seen, err := b.pager.RostersOf(ctx, b.Policy(), targets...)
	for _, e := range each(err) {
		if f, ok := errors.AsType[*pagerduty.Fault](e); ok && f.Permanent() {
			lasting = append(lasting, e)
		} else {
			passing = append(passing, e)
		}
	}
	var read []string
	for _, target := range slices.Sorted(maps.Keys(seen)) {
		r := seen[target]
		for i, p := range r.People {
			if p.Email == "" {
				continue
			}
			if p.Pager == "" && b.pager.HasToken() {
				lasting = append(lasting, trouble("oncall.no-pager", target, p.Email, nil))
			}
			if p.Slack != "" {
				continue
			}
			found, err := b.slackOf(ctx, target, p)
			switch {
			case err == nil:
				r.People[i] = found
			case permanent(err):
				lasting = append(lasting, trouble("oncall.no-slack", target, p.Email, err))
				r.People[i] = b.lastSeen(ctx, target, p)
			default:
				passing = append(passing, trouble("oncall.slack-silent", target, p.Email, err))
				r.People[i] = b.lastSeen(ctx, target, p)
			}
		}
		events, err := b.engine.RecordHouse(ctx, "", house.Intent{Fact: &r})
		if err != nil {
			passing = append(passing, err)
			continue
		}
		if len(events) > 0 {
			b.offerCommand(ctx, target, before.Rosters[target], r, events[0].Seq)
		}
		read = append(read, target)
		for _, p := range r.People {
			b.duties.keep(p)
		}
	}
	if len(read) > 0 {
		if err := b.engine.NoteRostersRead(ctx, read...); err != nil {
			passing = append(passing, err)
		}
		b.duties.mu.Lock()
		for _, target := range read {
			b.duties.asked[target] = asked
		}
		b.duties.mu.Unlock()
	}
	return passing, lasting
}

// slackOf completes a person by their Slack account. Somebody whom Slack did not know is not asked for again for askAgain.
func (b *Bot) slackOf(ctx context.Context, target string, p house.Person) (house.Person, error) {
	if err := b.onCall.missed(p.Email, b.clock.Now()); err != nil {
		return p, err
	}
	known, err := b.people.ByEmail(ctx, p.Email)
	if err != nil {
		if permanent(err) {
			b.onCall.miss(p.Email, err, b.clock.Now())
		}
		return p, err
	}
	p.Slack = known.Slack
	if p.Name == "" {
		p.Name = known.Name
	}
	return p, nil
}

// trouble words what is wrong with one person of a roster.
func trouble(key, target, email string, cause error) error {
	return &catalog.Said{Key: key, Err: cause, Args: catalog.Args{"target": catalog.Words(target), "mail": catalog.Words(email), "why": catalog.Cause{Err: cause}}}
}

// permanent reports whether an answer of Slack stays the same until a person mends something.
func permanent(err error) bool {
	f, ok := errors.AsType[*slack.Fault](err)
	return ok && f.Permanent()
}

// each takes a joined error apart.
func each(err error) []error {
	if err == nil {
		return nil
	}
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()
	}
	return []error{err}
}

// tellOnCall tells the log what is wrong with who is on call, once for every change.
func (b *Bot) tellOnCall() {
	found := b.onCall.get()
	marks, words := make([]string, len(found)), make([]string, len(found))
	for i, err := range found {
		marks[i], words[i] = mark(err), err.Error()
	}
	now := strings.Join(marks, "\n")
	b.onCall.mu.Lock()
	was := b.onCall.told
	b.onCall.told = now
	b.onCall.mu.Unlock()
	switch {
	case now == was:
	case now == "":
		b.log.Info().Msg("nothing is wrong any more with who is on call")
	default:
		b.log.Warn().Strs("found", words).Msg("not all of those on call can be reached as they should; this is said once, and stands in /readyz")
	}
}

// mark is a finding without what differs from one try to the next (ports, waits).
func mark(err error) string {
	if s, ok := errors.AsType[*catalog.Said](err); ok {
		return fmt.Sprint(s.Key, " ", s.Args["target"], " ", s.Args["mail"])
	}
	if f, ok := errors.AsType[*pagerduty.Fault](err); ok {
		return fmt.Sprint(f.Op, " ", f.Status, " ", f.Code)
	}
	return err.Error()
}

// maxTold is how many findings /readyz names.
const maxTold = 3

// staleAfter is how old a reading may be before /readyz says so: several runs of the duty were missed.
const staleAfter = 10 * time.Minute

// onCallReady says what is wrong with who is on call, nil when nothing is.
func (b *Bot) onCallReady(ctx context.Context) error {
	if !b.rostersRead.Load() {
		return &catalog.Said{Key: "oncall.unread"}
	}
	found := b.onCall.get()
	if n := len(found); n > maxTold {
		found = append(slices.Clone(found[:maxTold]), &catalog.Said{Key: "oncall.more", Args: catalog.Args{"n": catalog.Int(n - maxTold)}})
	}
	var oldest time.Time
	for target, at := range b.engine.RostersRead(ctx) {
		if _, ok := b.Policy().Targets[target]; ok && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
	}
	if !oldest.IsZero() && b.clock.Now().Sub(oldest) > staleAfter {
		found = append(slices.Clone(found), &catalog.Said{Key: "oncall.stale", Args: catalog.Args{"at": catalog.Words(oldest.In(b.Policy().Location()).Format("2006-01-02 15:04 MST"))}})
	}
	return errors.Join(found...)
}

// lastSeen is what the house knows of a person from before, when Slack cannot be asked now.
func (b *Bot) lastSeen(ctx context.Context, target string, p house.Person) house.Person {
	h, err := b.engine.House(ctx)
	if err != nil {
		return p
	}
	for _, q := range h.Rosters[target].People {
		if q.Email == p.Email {
			if p.Pager != "" {
				q.Pager = p.Pager
			}
			return q
		}
	}
	return p
}
