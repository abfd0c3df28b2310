package pagerduty

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
)

// A plan's gaps and who shares it, from shifts written "A 0-2": somebody from one hour to another.
func TestAPlansGapsAndWhoSharesIt(t *testing.T) {
	begin := time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		users, shifts string // of 10 hours
		gaps, sharing string
	}{
		{"A B", "A 0-5, B 5-10", "", "A B"},
		{"A B", "", "0-10", "A B"},
		{"A B", "A 1-5, B 6-9", "0-1 5-6 9-10", "A B"},
		{"A", "A 0-0", "", "A"},                                  // without end
		{"A B", "A 0-6, B 4-10", "", "A B"},                      // they overlap
		{"A B", "A 0-8, B 2-4", "8-10", "A B"},                   // one lies within the other
		{"A B C", "A 0-2, B 2-4, A 4-6, B 6-10", "", "A B"},      // turns come round and C's never does
		{"A B C", "A 0-6, B 6-10", "", "A B C"},                  // C's is further ahead
		{"A B C", "A 0-2, A 2-6, B 6-10", "", "A B C"},           // one turn in two pieces comes round no more than one
		{"", "A 0-2, B 2-4, A 4-10", "", "A B"},                  // PagerDuty names no users
		{"A B", "A 0-2, X 2-3, A 3-4, B 4-6, A 6-10", "", "A B"}, // X by an override
	} {
		p := Plan{Users: strings.Fields(c.users)}
		for _, one := range strings.Split(c.shifts, ", ") {
			var who string
			var from, to int
			if n, _ := fmt.Sscanf(one, "%s %d-%d", &who, &from, &to); n != 3 {
				continue
			}
			s := Shift{From: hour(from), To: hour(to), Who: house.Person{Pager: who}}
			if to == 0 {
				s.To = time.Time{}
			}
			p.Shifts = append(p.Shifts, s)
		}
		var gaps []string
		for _, g := range p.Gaps(begin, hour(10)) {
			gaps = append(gaps, fmt.Sprintf("%d-%d", int(g.From.Sub(begin).Hours()), int(g.To.Sub(begin).Hours())))
		}
		if got := strings.Join(gaps, " "); got != c.gaps {
			t.Errorf("%s: gaps %q, want %q", c.shifts, got, c.gaps)
		}
		if got := p.Sharing(); !slices.Equal(got, strings.Fields(c.sharing)) {
			t.Errorf("%s of %s: shared by %q, want %q", c.shifts, c.users, got, c.sharing)
		}
	}
}
