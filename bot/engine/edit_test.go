package engine

import (
	"bytes"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// edited is the default after somebody made its SEV-2 ten times slower.
type edited struct{ src []byte }

func (e edited) Current() (*incident.Policy, []byte) {
	p, err := policy.Parse("edited.yaml", e.src)
	if err != nil {
		panic(err)
	}
	return p, e.src
}

func (edited) Decode(src []byte) (*incident.Policy, error) { return policy.Parse("frozen", src) }

// A policy edited while an incident runs changes nothing in flight, also after a restart; the next incident goes by the new one.
func TestAnEditedPolicyChangesNothingInFlight(t *testing.T) {
	w := newWorld(t, nil)
	id := w.handle(declare("d", "checkout is down")).Incident
	before, err := w.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	_, src := policy.Default()
	slow := bytes.ReplaceAll(src, []byte("ack_within: "), []byte("ack_within: 10"))
	slow = bytes.ReplaceAll(slow, []byte("accept_within: "), []byte("accept_within: 10"))
	e := New(Options{Store: w.store, Clock: clock.New(), Policies: edited{slow}})
	after, err := e.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if after.Policy.Digest != before.PolicyDigest || !incident.NextDue(after).Equal(incident.NextDue(before)) {
		t.Errorf("policy %.8s, next due %v; frozen %.8s, %v", after.Policy.Digest, incident.NextDue(after), before.PolicyDigest, incident.NextDue(before))
	}
	out, err := e.Handle(t.Context(), declare("e", "something else is down"))
	if err != nil {
		t.Fatal(err)
	}
	if out.State.PolicyDigest != policy.Digest(slow) {
		t.Errorf("the next incident is frozen under %.8s", out.State.PolicyDigest)
	}
	ack := func(s incident.State) time.Duration { return s.Policy.Rule(incident.SEV2).AckWithin }
	if ack(out.State) <= ack(after) {
		t.Errorf("acknowledged within %s after the edit, %s in flight", ack(out.State), ack(after))
	}
}
