package incident

import (
	"fmt"
	"strconv"
	"strings"
)

// Impression is what people can say of an incident before anybody knows what is wrong. What is zero was not said.
type Impression struct {
	Tenants    float64 // percent of tenants for whom the service is down
	SLO        float64 // how many times over the SLO it is
	DataLoss   bool    // confirmed
	Breach     bool    // of security, active
	Critical   bool    // a critical function is impossible
	Degraded   bool    // partly
	Workaround bool    // there is one
}

// Empty reports whether nothing was said.
func (im Impression) Empty() bool { return im == Impression{} }

// GuideRule says what makes a severity. Any one of its conditions does.
type GuideRule struct {
	Severity       Severity `json:"severity"`
	TenantsAtLeast float64  `json:"tenants_at_least,omitempty"` // percent; the figure itself counts
	SLOOver        float64  `json:"slo_over,omitempty"`         // times; the figure itself does not count
	DataLoss       bool     `json:"data_loss,omitempty"`
	Breach         bool     `json:"breach,omitempty"`
	Critical       bool     `json:"critical,omitempty"`
	// NoWorkaround: degraded, and nothing else to use meanwhile.
	NoWorkaround bool `json:"no_workaround,omitempty"`
	Degraded     bool `json:"degraded,omitempty"`
	Otherwise    bool `json:"otherwise,omitempty"`
}

// RuleGuide is what every Rule of a severity begins with that the guide proposed.
const RuleGuide = "guide "

// Propose returns the worst severity of which a condition holds, and the rule that decided, as data: "guide tenants 30 10". It is zero
// when the policy has no guide or nothing was said.
func (p *Policy) Propose(im Impression) (Severity, string) {
	if p == nil || im.Empty() {
		return 0, ""
	}
	for sev := SEV1; sev <= SEV4; sev++ {
		for _, g := range p.Guide {
			if g.Severity != sev {
				continue
			}
			if rule := g.holds(im); rule != "" {
				return sev, RuleGuide + rule
			}
		}
	}
	return 0, ""
}

func (g GuideRule) holds(im Impression) string {
	switch {
	case g.DataLoss && im.DataLoss:
		return "data-loss"
	case g.Breach && im.Breach:
		return "breach"
	case g.TenantsAtLeast > 0 && im.Tenants >= g.TenantsAtLeast:
		return "tenants " + figure(im.Tenants) + " " + figure(g.TenantsAtLeast)
	case g.Critical && im.Critical:
		return "critical"
	case g.SLOOver > 0 && im.SLO > g.SLOOver:
		return "slo " + figure(im.SLO) + " " + figure(g.SLOOver)
	case g.NoWorkaround && im.Degraded && !im.Workaround:
		return "no-workaround"
	case g.Degraded && (im.Degraded || im.Workaround):
		return "degraded"
	case g.Otherwise:
		return "otherwise"
	}
	return ""
}

func figure(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// ParseFigure reads a number as people type it: "30", "30 %", "2,5", "3x".
func ParseFigure(s string, max float64) (float64, error) {
	t := strings.TrimSpace(strings.ToLower(s))
	t = strings.TrimSpace(strings.TrimRight(t, "%x× \u00a0\u202f"))
	f, err := strconv.ParseFloat(strings.Replace(t, ",", ".", 1), 64)
	if err != nil || !(f >= 0 && f <= max) {
		return 0, fmt.Errorf("%q is not a number from 0 to %s", Clip(s, 40), figure(max))
	}
	return f, nil
}
