package incident

import "testing"

func guidePolicy() *Policy {
	return &Policy{Guide: []GuideRule{
		{Severity: 1, TenantsAtLeast: 10, DataLoss: true, Breach: true}, {Severity: 2, Critical: true, SLOOver: 2, NoWorkaround: true},
		{Severity: 3, Degraded: true}, {Severity: 4, Otherwise: true},
	}}
}

// The figures of section 1.1: "\u2265 10 %" includes 10, "> 2x" excludes 2.
func TestTheGuideProposesAndSaysWhichRuleDecided(t *testing.T) {
	for _, c := range []struct {
		im   Impression
		sev  Severity
		rule string
	}{
		{Impression{Tenants: 30}, 1, "guide tenants 30 10"},
		{Impression{Tenants: 10}, 1, "guide tenants 10 10"},
		{Impression{Tenants: 9.9}, 4, "guide otherwise"},
		{Impression{DataLoss: true, Workaround: true}, 1, "guide data-loss"},
		{Impression{Breach: true}, 1, "guide breach"},
		{Impression{Critical: true, Tenants: 5}, 2, "guide critical"},
		{Impression{SLO: 2}, 4, "guide otherwise"},
		{Impression{SLO: 2.1}, 2, "guide slo 2.1 2"},
		{Impression{Degraded: true}, 2, "guide no-workaround"},
		{Impression{Degraded: true, Workaround: true}, 3, "guide degraded"},
		{Impression{Tenants: 0.5, Workaround: true}, 3, "guide degraded"},
		{Impression{}, 0, ""},
	} {
		if sev, rule := guidePolicy().Propose(c.im); sev != c.sev || rule != c.rule {
			t.Errorf("%+v: %v %q, want %v %q", c.im, sev, rule, c.sev, c.rule)
		}
	}
	if sev, rule := (&Policy{}).Propose(Impression{Breach: true}); sev != 0 || rule != "" {
		t.Errorf("without a guide: %v %q", sev, rule)
	}
}

func TestFiguresAsPeopleTypeThem(t *testing.T) {
	for in, want := range map[string]float64{"30": 30, "30 %": 30, " 2,5 x ": 2.5, "3\u00d7": 3, "0": 0, "100%": 100} {
		if f, err := ParseFigure(in, 100); err != nil || f != want {
			t.Errorf("%q: %v, %v", in, f, err)
		}
	}
	for _, in := range []string{"", "many", "-1", "101", "NaN", "inf", "1e9", "10 of 20"} {
		if f, err := ParseFigure(in, 100); err == nil {
			t.Errorf("%q is taken as %v", in, f)
		}
	}
}
