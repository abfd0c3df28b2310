package main

import (
	"errors"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// TestExplainRefusesWhatItWouldIgnore: a flag that says nothing is refused, not read as if it were not there.
func TestExplainRefusesWhatItWouldIgnore(t *testing.T) {
	p, _ := policy.Default()
	if err := p.Bind(); err != nil {
		t.Fatal(err)
	}
	back, none := -4*time.Minute, time.Duration(0)
	for _, x := range []struct {
		want string
		c    policyExplainCmd
	}{
		{"explain.not-a-length", policyExplainCmd{Severity: "2", AckAfter: &back}},
		{"explain.not-a-length", policyExplainCmd{Severity: "2", For: &none}},
		{"explain.not-a-length", policyExplainCmd{Question: []string{"SEV-2"}, For: &back}},
		{"explain.no-severity", policyExplainCmd{Empty: []string{"primary"}}},
		{"explain.nothing-asked", policyExplainCmd{}},
	} {
		_, err := x.c.question(&p)
		if said, is := errors.AsType[*catalog.Said](err); !is || said.Key != x.want {
			t.Errorf("%+v: %v, want %s", x.c, err, x.want)
		}
	}
}
