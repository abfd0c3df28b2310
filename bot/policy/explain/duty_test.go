package explain

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// A rotation that the policy file keeps is named with who has it at that moment, and changes hands while nobody moves; where nobody has it,
// whoever stands in is rung.
func TestARotationOfThePolicyNamesItsPerson(t *testing.T) {
	p, _ := policy.Default()
	if err := p.Bind(); err != nil {
		t.Fatal(err)
	}
	p.Targets = map[string]incident.Target{}
	def, _ := policy.Default()
	for key, target := range def.Targets {
		target.Schedule = ""
		if key == "primary" || key == "executive" {
			target.Rotation = key + "-weekly"
		}
		p.Targets[key] = target
	}
	saturday := time.Date(2026, 11, 28, 22, 50, 0, 0, time.UTC)
	change := saturday.Add(5 * time.Minute)
	q := Question{Severity: 1, At: saturday, OnDuty: func(rotation string, at time.Time) string {
		switch {
		case rotation != "primary-weekly": // nobody is the executive on call
			return ""
		case at.Before(change):
			return "lea@x.example"
		}
		return "marc@x.example"
	}}
	a, err := Explain(&p, q, "en")
	if err != nil {
		t.Fatal(err)
	}
	text := a.Text()
	for _, want := range []string{"by the rotation primary-weekly: lea@x.example", "by the rotation executive-weekly", "Nobody is on call then", "(lea@x.example)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, r := range a.Rows { // level 3 is the CTO, whose phone the severity has rung
		if r.Lane == "executive" {
			t.Errorf("nobody is the executive on call, and a phone rings: %+v", r)
		}
	}
	if !strings.Contains(text, "(marc@x.example)") { // the ladder begins again after the change
		t.Errorf("who takes the duty over is not rung\n%s", text)
	}
	q.OnDuty = nil // nothing is known: then who stands in is said
	if a, err = Explain(&p, q, "en"); err != nil || !strings.Contains(a.Text(), "Were nobody on call then") {
		t.Errorf("%v\n%s", err, a.Text())
	}
}
