package bolt

import (
	"testing"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := journal.Hash("", "INC-1", 1, []byte(`{}`))
	zero := int64(0)
	one := int64(1)
	_, err = s.Commit(t.Context(), journal.Commit{Expect: journal.Expect{Counter: &zero, Versions: map[journal.Stream]int64{"INC-1": 0}},
		Append: []journal.Record{{Stream: "INC-1", Seq: 1, Body: []byte(`{}`), Hash: h}}, Put: journal.Put{Counter: &one}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l, err := r.Load(t.Context(), "INC-1")
		if err != nil || l.Version != 1 || len(l.Records) != 1 || l.Counter != 1 {
			t.Fatal(l, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
