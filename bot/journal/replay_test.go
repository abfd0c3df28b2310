package journal_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// TestOldLogsStillReplay reads the logs kept of earlier states of the program: every event must still be understood, the chain must hold,
// and the state they tell must be one that the rest can work with. A log is added when what is recorded changes; none is ever edited.
func TestOldLogsStillReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/logs/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no old logs: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			end, err := journal.VerifyExport(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			var s incident.State
			lines := bufio.NewScanner(bytes.NewReader(raw))
			lines.Buffer(nil, 16<<20)
			for lines.Scan() {
				var l struct {
					Record *journal.Record  `json:"record"`
					Texts  []journal.Sealed `json:"texts"`
				}
				if err := json.Unmarshal(lines.Bytes(), &l); err != nil || l.Record == nil {
					continue // head and end
				}
				l.Record.Texts = l.Texts
				e, err := journal.DecodeIncident(*l.Record)
				if err != nil {
					t.Fatal(err)
				}
				s = incident.Evolve(s, e)
			}
			if s.Seq != end.Records || s.Status != incident.Resolved || s.ChannelID == "" || len(s.Pages) == 0 {
				t.Errorf("after %d records: %+v", end.Records, s)
			}
			p, _ := policy.Default()
			s.Policy = &p
			if d := incident.Deadlines(s); d != nil {
				t.Errorf("deadlines of what is over: %v", d)
			}
		})
	}
}
