package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// later is a release with another policy in force and a parser that reads no policy of before; a ladder shorter than the one climbed.
type later struct{ levels int }

func (l later) Current() (*incident.Policy, []byte) {
	p, src := policy.Default()
	p.Digest, p.Ladder = "another", p.Ladder[:l.levels]
	return &p, src
}

func (later) Decode([]byte) (*incident.Policy, error) {
	return nil, errors.New("line 3: the key is gone")
}

// broken is a store whose blobs cannot be read just now, or are lost.
type broken struct {
	journal.Store
	err error
}

func (b broken) Blob(context.Context, string) ([]byte, error) { return nil, b.err }

// An incident opened under a policy that this release cannot read is loaded, escalates and ends by the policy in force, and is named once.
func TestAFrozenPolicyThatCannotBeRead(t *testing.T) {
	w := newWorld(t, nil)
	id := w.handle(declare("d", "checkout is down")).Incident
	frozen, err := w.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for name, store := range map[string]journal.Store{"a stricter parser": w.store, "lost": broken{w.store, journal.ErrNotFound}} {
		for levels := range len(frozen.Policy.Ladder) {
			named := map[incident.ID]int{}
			e := New(Options{Store: store, Clock: clock.New(), Policies: later{levels}, CacheSize: 1, Unreadable: func(id incident.ID, err error) {
				named[id]++
				if !strings.Contains(err.Error(), frozen.PolicyDigest[:12]) {
					t.Errorf("%s: %v does not name the policy", name, err)
				}
			}})
			s, err := e.State(t.Context(), id)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if s.Policy.Digest != "another" || s.PolicyDigest != frozen.PolicyDigest || incident.NextDue(s).IsZero() {
				t.Errorf("%s: policy %s for %s, next due %v", name, s.Policy.Digest, s.PolicyDigest, incident.NextDue(s))
			}
			e.cache.drop(id)
			if _, err := e.State(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if got := e.Stats().Unreadable; len(named) != 1 || named[id] != 1 || got != 1 {
				t.Errorf("%s: told %v, counted %d", name, named, got)
			}
		}
	}

	// A store that does not answer is no reason to take another policy.
	away := errors.New("no answer")
	e := New(Options{Store: broken{w.store, away}, Clock: clock.New(), Policies: later{1}})
	if _, err := e.State(t.Context(), id); !errors.Is(err, away) {
		t.Errorf("a store that does not answer: %v", err)
	}

	c := clock.New()
	e = New(Options{Store: w.store, Clock: c, Policies: later{2}})
	missed, raised := 0, 0
	for range 20 {
		s, err := e.State(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(max(0, incident.NextDue(s).Sub(c.Now())) + time.Second)
		out, err := e.Handle(t.Context(), Input{Act: incident.Tick{}, Via: incident.ViaClock, Actor: incident.Actor{System: incident.SystemTocsin}, Route: Route{ID: id}})
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range out.Events {
			switch ev.Fact.(type) {
			case *incident.Missed:
				missed++
			case *incident.LevelRaised, *incident.Paged:
				raised++
			}
		}
	}
	if missed == 0 || raised == 0 {
		t.Errorf("%d deadlines missed, %d times somebody was rung", missed, raised)
	}
	out, err := e.Handle(t.Context(), Input{Key: "r", Actor: sam, Via: incident.ViaSlack, Act: incident.Resolve{Text: incident.Say("over", 100)}, Route: Route{ID: id}})
	if err != nil || out.State.Status != incident.Resolved {
		t.Errorf("resolve: %s %v", out.State.Status, err)
	}
}
