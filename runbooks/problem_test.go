package runbooks

import "testing"

// TestProblemWords: a finding about the whole catalogue has no file, and says so by saying nothing.
func TestProblemWords(t *testing.T) {
	for _, c := range []struct {
		p    Problem
		want string
	}{
		{Problem{File: "a.md", Line: 3, Field: "alerts", Message: "twice", Mend: "drop one"}, "a.md:3: alerts: twice; drop one"},
		{Problem{File: "a.md", Message: "empty"}, "a.md: empty"},
		{Problem{Field: "alert-without-runbook", Message: "no runbook claims X"}, "alert-without-runbook: no runbook claims X"},
	} {
		if got := c.p.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
