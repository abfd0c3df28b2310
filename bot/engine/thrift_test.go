package engine

import (
	"context"
	"reflect"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// spy remembers the latest commit.
type spy struct {
	journal.Store
	last journal.Commit
}

func (s *spy) Commit(ctx context.Context, c journal.Commit) (journal.Committed, error) {
	s.last = c
	return s.Store.Commit(ctx, c)
}

// Every page a commit touches is written and waited for: what is there already is not written again, and what changed always is.
func TestACommitWritesOnlyWhatChanged(t *testing.T) {
	w := newWorld(t, nil)
	s := &spy{Store: w.store}
	w.Engine = New(Options{Store: s, Clock: clock.New(), Policies: policies{}, Owner: "r1"})
	id := w.handle(declare("d", "checkout is down")).Incident
	stream := journal.Stream(id)
	wrote := func() (row, snapshot bool) {
		_, row = s.last.Put.Rows[stream]
		_, snapshot = s.last.Put.Snapshots[stream]
		return row, snapshot
	}
	if row, snapshot := wrote(); !row || !snapshot {
		t.Errorf("a declaration: row %v, snapshot %v", row, snapshot)
	}
	for _, c := range []struct {
		name          string
		act           incident.Act
		row, snapshot bool
	}{
		{"a note is in the log alone", incident.Note{Text: incident.Say("seen again", 100)}, false, false},
		{"progress is no news for lists", incident.Progress{Text: incident.Say("it is the database", 100)}, false, true},
		{"a status is", incident.SetStatus{Status: incident.Identified}, true, true},
		{"a severity is", incident.SetSeverity{Severity: 1}, true, true},
		{"a commander is", incident.SetRole{Role: incident.Commander, Who: incident.Person{Slack: "UKIM", Name: "Kim"}}, true, true},
		{"an end is", incident.Resolve{Text: incident.Say("restarted", 100)}, true, true},
	} {
		out := w.handle(Input{Key: c.name, Actor: sam, Via: incident.ViaSlack, Act: c.act, Route: Route{ID: id}})
		if out.First == 0 {
			t.Fatalf("%s: nothing happened, %+v", c.name, out.Refusal)
		}
		if row, snapshot := wrote(); row != c.row || snapshot != c.snapshot {
			t.Errorf("%s: row %v, snapshot %v", c.name, row, snapshot)
		}
		// Whoever starts on the store now sees the same.
		other := New(Options{Store: w.store, Clock: clock.New(), Policies: policies{}})
		got, err := other.State(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		mem := out.State
		mem.Policy, got.Policy = nil, nil
		if !reflect.DeepEqual(mem, got) {
			t.Errorf("%s: from the store:\n%+v\nin memory:\n%+v", c.name, got, mem)
		}
		rows, err := other.List(context.Background(), false, 1)
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		want := RowOf(out.State)
		want.Seq = rows[0].Seq
		if !reflect.DeepEqual(rows[0], want) {
			t.Errorf("%s: the list shows\n%+v, want\n%+v", c.name, rows[0], want)
		}
	}
}
