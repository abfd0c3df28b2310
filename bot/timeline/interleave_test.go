package timeline

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

func TestADuplicatesHistoryStandsAmongTheSurvivors(t *testing.T) {
	at := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	noted := func(minute int, words ...string) (out []incident.Event) {
		for i, w := range words {
			when := at.Add(time.Duration(minute+10*i) * time.Minute)
			out = append(out, incident.Event{Seq: int64(i + 1), At: when, RecordedAt: when, Actor: by(lea), Fact: &incident.Noted{Text: incident.Text{Body: w}}})
		}
		return out
	}
	own, other := noted(0, "one", "three"), noted(5, "two", "four")
	list := Interleave(Lines(own, "en"), "en", Other{ID: "INC-43", Lines: Lines(other, "en")})
	got := PlainLines(list, "en", time.UTC)
	at1, at2, at3, at4 := strings.Index(got, "one"), strings.Index(got, "INC-43 · Léa Martin notes: two"), strings.Index(got, "three"), strings.Index(got, "four")
	if at1 < 0 || at2 < at1 || at3 < at2 || at4 < at3 || strings.Count(got, "INC-43") != 2 {
		t.Errorf("interleaved:\n%s", got)
	}
	st := incident.State{ID: "INC-43", Status: incident.Duplicate, Merged: &incident.Merged{Into: "INC-42"}}
	if md := Markdown(st, other, "en", time.UTC); !strings.Contains(md, "duplicate of INC") || strings.Contains(md, "Time to acknowledge") {
		t.Errorf("a duplicate's figures:\n%s", md)
	}
}
