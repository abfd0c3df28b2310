package timeline

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// RunbookUse is how one incident used one runbook.
type RunbookUse struct {
	Incident incident.ID
	Severity incident.Severity // that counts (State.Counts); zero: none was confirmed
	Private  bool              // its texts are for those who are part of the incident
	Runbook  string
	Digest   string // of the revision it used
	Owner    string // role, as that revision names it
	Started  time.Time
	Steps    []StepUse // every step of the revision, in its order
}

// StepUse is what became of a step.
type StepUse struct {
	ID      string
	Title   string // empty where the log does not freeze it
	Number  int    // from 1
	Minutes int    // how long it should take; 0: not said
	Mark    string // incident.StepDone, incident.StepSkipped; empty: neither
	// Took is from when the step was first shown until it was marked done. Timed says that both are known.
	Took     time.Duration
	Timed    bool
	Earlier  []StepUse       // the times before, where it was opened again: their marks, times and reasons
	Why      incident.Text   // of a skipped step
	Blocks   []StepWait      // in the order in which they began
	Findings []incident.Text // that named no next step
}

// StepWait is a time for which a step waited.
type StepWait struct {
	On   incident.Text
	Whom incident.Text
	From time.Time
	For  time.Duration // until it waited no longer, or until now
	Open bool          // it still waits
}

// Over reports whether the step took longer than it should.
func (s StepUse) Over() bool {
	return s.Timed && s.Minutes > 0 && s.Took > time.Duration(s.Minutes)*time.Minute
}

// Marks counts the steps of a use by what became of them.
func (u RunbookUse) Marks() (done, skipped, open int) {
	for _, s := range u.Steps {
		switch s.Mark {
		case incident.StepDone:
			done++
		case incident.StepSkipped:
			skipped++
		default:
			open++
		}
	}
	return done, skipped, open
}

// UsesOf reads from an incident's whole log how it used its runbooks, in the order they were started. What still waits has waited until now.
func UsesOf(st incident.State, events []incident.Event, now time.Time) []RunbookUse {
	var out []RunbookUse
	sev := st.Counts()
	step := func(runbook, id string) *StepUse {
		i := slices.IndexFunc(out, func(u RunbookUse) bool { return u.Runbook == runbook })
		if i < 0 {
			return nil
		}
		if j := slices.IndexFunc(out[i].Steps, func(s StepUse) bool { return s.ID == id }); j >= 0 {
			return &out[i].Steps[j]
		}
		return nil
	}
	awaits := map[string]incident.Event{} // what was done and waited for a second person, by runbook and step
	for _, e := range events {
		switch f := e.Fact.(type) {
		case *incident.RunbookStarted:
			u := RunbookUse{Incident: st.ID, Severity: sev, Private: st.Private != nil, Runbook: f.Runbook.ID, Digest: f.Runbook.Digest, Owner: f.Runbook.Owner, Started: e.At}
			for i, id := range f.Runbook.Steps {
				rule, _ := f.Runbook.Rule(id)
				u.Steps = append(u.Steps, StepUse{ID: id, Title: rule.Title, Number: i + 1, Minutes: rule.Minutes})
			}
			out = append(out, u)
		case *incident.StepAwaits:
			awaits[f.Runbook+"/"+f.Step] = e
		case *incident.StepReturned:
			delete(awaits, f.Runbook+"/"+f.Step)
		case *incident.StepMarked:
			s := step(f.Runbook, f.Step)
			if s == nil {
				break
			}
			s.Mark = f.Mark
			unblock(s, e.At)
			switch {
			case f.Mark == incident.StepSkipped:
				s.Why = f.Text
			case !f.Text.Empty() && !f.Led:
				s.Findings = append(s.Findings, f.Text)
			}
			if f.Mark == incident.StepDone && !f.Since.IsZero() {
				at := e.At
				if first, ok := awaits[f.Runbook+"/"+f.Step]; ok && !f.Doer.Zero() { // what the second person took is not the step's time
					at = first.At
				}
				s.Took, s.Timed = max(at.Sub(f.Since), 0), true
			}
		case *incident.StepAgain:
			if s := step(f.Runbook, f.Step); s != nil && s.Mark != "" {
				s.Earlier = append(s.Earlier, StepUse{ID: s.ID, Title: s.Title, Number: s.Number, Minutes: s.Minutes, Mark: s.Mark, Took: s.Took, Timed: s.Timed, Why: s.Why})
				s.Mark, s.Took, s.Timed, s.Why = "", 0, false, incident.Text{}
				delete(awaits, f.Runbook+"/"+f.Step)
			}
		case *incident.StepFound:
			if s := step(f.Runbook, f.Step); s != nil {
				s.Findings = append(s.Findings, f.Text)
			}
		case *incident.StepBlocked:
			if s := step(f.Runbook, f.Step); s != nil {
				s.Blocks = append(s.Blocks, StepWait{On: f.On, Whom: f.Whom, From: f.Since, Open: true})
			}
		case *incident.StepUnblocked:
			if s := step(f.Runbook, f.Step); s != nil {
				unblock(s, e.At)
			}
		}
	}
	for i := range out {
		for j := range out[i].Steps {
			for k := range out[i].Steps[j].Blocks {
				if b := &out[i].Steps[j].Blocks[k]; b.Open {
					b.For = max(now.Sub(b.From), 0)
				}
			}
		}
	}
	return out
}

// unblock ends what a step waits for.
func unblock(s *StepUse, at time.Time) {
	for i := range s.Blocks {
		if b := &s.Blocks[i]; b.Open {
			b.Open, b.For = false, max(at.Sub(b.From), 0)
		}
	}
}

// RunbookUsage is how often and how a runbook was used.
type RunbookUsage struct {
	Runbook   string
	Incidents int
	Last      time.Time // when it was last started
	Steps     []StepUsage
}

// StepUsage are the figures of one step.
type StepUsage struct {
	ID       string
	Title    string // in the newest revision used
	Number   int    // there; 0: that revision does not have it any more
	Minutes  int    // how long it should take there; 0: not said
	Done     int
	Skipped  int
	Blocked  int           // how often it waited for something
	Findings int           // that named no next step
	Over     int           // how often it took longer than it should, by the revision used
	Timed    int           // how many times are known
	Median   time.Duration // of them; of an even number the mean of the two in the middle
}

// UsageOf sums uses up, by runbook. A step keeps its figures through revisions as long as it keeps its id; steps that the newest revision
// used does not have come last.
func UsageOf(uses []RunbookUse) []RunbookUsage {
	uses = slices.Clone(uses)
	slices.SortStableFunc(uses, func(a, b RunbookUse) int { // the newest first: it says what steps there are
		if c := strings.Compare(a.Runbook, b.Runbook); c != 0 {
			return c
		}
		return b.Started.Compare(a.Started)
	})
	var out []RunbookUsage
	var took [][]time.Duration // of the last runbook's steps
	seen := map[incident.ID]bool{}
	for _, u := range uses {
		if n := len(out); n == 0 || out[n-1].Runbook != u.Runbook {
			finish(out, took)
			out, took = append(out, RunbookUsage{Runbook: u.Runbook, Last: u.Started}), nil
			clear(seen)
			for _, s := range u.Steps {
				out[len(out)-1].Steps = append(out[len(out)-1].Steps, StepUsage{ID: s.ID, Title: s.Title, Number: s.Number, Minutes: s.Minutes})
				took = append(took, nil)
			}
		}
		r := &out[len(out)-1]
		if !seen[u.Incident] {
			seen[u.Incident] = true
			r.Incidents++
		}
		for _, s := range u.Steps {
			i := slices.IndexFunc(r.Steps, func(x StepUsage) bool { return x.ID == s.ID })
			if i < 0 {
				i, r.Steps, took = len(r.Steps), append(r.Steps, StepUsage{ID: s.ID, Title: s.Title}), append(took, nil)
			}
			x := &r.Steps[i]
			x.Blocked += len(s.Blocks)
			x.Findings += len(s.Findings)
			for _, s := range append(slices.Clone(s.Earlier), s) {
				switch s.Mark {
				case incident.StepDone:
					x.Done++
				case incident.StepSkipped:
					x.Skipped++
				}
				if s.Over() {
					x.Over++
				}
				if s.Timed {
					took[i] = append(took[i], s.Took)
				}
			}
		}
	}
	finish(out, took)
	return out
}

// finish computes the medians of the last runbook.
func finish(out []RunbookUsage, took [][]time.Duration) {
	if len(out) == 0 {
		return
	}
	r := &out[len(out)-1]
	for i := range r.Steps {
		r.Steps[i].Timed, r.Steps[i].Median = len(took[i]), median(took[i])
	}
}

// median is zero of nothing.
func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	switch n := len(all); {
	case n == 0:
		return 0
	case n%2 == 1:
		return all[n/2]
	default:
		return (all[n/2-1] + all[n/2]) / 2
	}
}

// MedianMinutes is the median in minutes with one decimal, rounded half up and written with a point; empty when no time is known.
func (s StepUsage) MedianMinutes() string {
	if s.Timed == 0 {
		return ""
	}
	return strconv.FormatFloat(s.Median.Round(time.Minute/10).Minutes(), 'f', 1, 64)
}

// UsageCSV writes usage as a table with one row for each step: what stands in it is data, so names of columns are English. A title that
// a spreadsheet would take for a formula is kept from being one.
func UsageCSV(all []RunbookUsage) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"runbook", "incidents", "step", "id", "title", "done", "skipped", "blocked", "findings_without_next", "longer_than_stated", "median_minutes", "stated_minutes"}) // a Builder takes everything
	count := strconv.Itoa
	for _, r := range all {
		for _, s := range r.Steps {
			stated := ""
			if s.Minutes > 0 {
				stated = count(s.Minutes)
			}
			number := ""
			if s.Number > 0 {
				number = count(s.Number)
			}
			_ = w.Write([]string{r.Runbook, count(r.Incidents), number, s.ID, harmless(s.Title), count(s.Done), count(s.Skipped), count(s.Blocked), count(s.Findings), count(s.Over), s.MedianMinutes(), stated})
		}
	}
	w.Flush()
	return []byte(b.String())
}
