package demo

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// TestPlay plays the whole incident in both languages: nothing may be missing, nothing may be too much.
func TestPlay(t *testing.T) {
	for lang, words := range map[string][]string{
		"en": {"── whose phone rang ──", "(deleted)", "acknowledged by phone", "Escalated to L3", "rolled back kyc-svc to 4.1"},
		"fr": {"✓ ", "Marc acquitte sur son téléphone", "── quel téléphone a sonné ──", "── chronologie ──", "(supprimé)", "(modifié)", "acquitt", "L3", "retour de kyc-svc en 4.1"},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			faults, err := Play(t.Context(), Options{Language: lang}, &out)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range faults {
				t.Error(f)
			}
			for _, w := range append(words, "Marc Lindqvist", "Amel Bensalem", "#inc-") {
				if !strings.Contains(out.String(), w) {
					t.Errorf("%q is not in the account", w)
				}
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}

func TestThePlayJudges(t *testing.T) {
	// A world in which the wrong phone rings: the secondary's key is the tech lead's.
	var out bytes.Buffer
	faults, err := play(t.Context(), Options{}, &out, func(given map[string]string) { given[secretOf(sandbox.TechLead)] = given[secretOf(sandbox.Secondary)] })
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) == 0 {
		t.Error("the wrong phone rang, and the play says that all is well")
	}
}

func TestTheDemoPolicy(t *testing.T) {
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	src, err := policyFor(s.Cast(), "fr", "Africa/Tunis")
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse("demo", src)
	if err != nil {
		t.Fatal(err)
	}
	if p.Language != "fr" || p.Zone != "Africa/Tunis" || len(p.Targets[sandbox.CTO].People) != 1 {
		t.Errorf("%+v", p)
	}
}

// TestEveryRunbookCanBeBegun: each alert that can be fired is one of a runbook, and every runbook that an alert chooses has one to try it with.
func TestEveryRunbookCanBeBegun(t *testing.T) {
	c, err := runbooks.Default()
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, a := range sandbox.Alerts() {
		if r, ok := c.ByAlert(a.Name, "en"); ok {
			tried[r.ID] = true
		} else if a.Name != "ApiErrorRateHigh" { // on purpose: nothing fits, the generic one is proposed
			t.Errorf("%s has no runbook", a.Name)
		}
	}
	for _, r := range c.All() {
		if len(r.Alerts) > 0 && !tried[r.ID] {
			t.Errorf("no alert can be fired for %s (%v)", r.ID, r.Alerts)
		}
	}
}
