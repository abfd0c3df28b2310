package timeline

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// A finding of a step is progress, recorded with it: it stands in the timeline once. Progress of the same words that somebody records later is
// another.
func TestAFindingStandsOnce(t *testing.T) {
	when := time.Date(2026, 11, 21, 2, 7, 0, 0, time.UTC)
	sam := incident.Actor{Person: incident.Person{Slack: "USAM", Name: "Sam"}}
	text := incident.Say("only partition 7 grows", 100)
	ev := func(seq int64, after time.Duration, f incident.Fact) incident.Event {
		return incident.Event{Seq: seq, At: when.Add(after), RecordedAt: when.Add(after), Actor: sam, Fact: f}
	}
	for name, f := range map[string]incident.Fact{
		"done":  &incident.StepMarked{Runbook: "RB-003", Step: "lag", Mark: incident.StepDone, Text: text},
		"found": &incident.StepFound{Runbook: "RB-003", Step: "lag", Text: text},
		"waits": &incident.StepAwaits{Runbook: "RB-003", Step: "lag", Text: text},
	} {
		events := []incident.Event{ev(1, 0, f), ev(2, 0, &incident.ProgressMade{Text: text}), ev(3, time.Minute, &incident.ProgressMade{Text: text}), ev(4, 2*time.Minute, &incident.Noted{Text: text})}
		for _, lang := range []string{"en", "fr"} {
			lines := Lines(events, lang)
			var seqs []int64
			for _, l := range lines {
				if strings.Contains(l.Text.Plain(time.UTC), "partition 7") {
					seqs = append(seqs, l.Seq)
				}
			}
			if len(seqs) != 3 || seqs[0] != 1 || seqs[1] != 3 || seqs[2] != 4 {
				t.Errorf("%s %s: said by events %v", name, lang, seqs)
			}
		}
	}
}
