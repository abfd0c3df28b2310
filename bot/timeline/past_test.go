package timeline_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/timeline"
)

// FuzzReadPast: whatever a file holds, it is past incidents with an id and a time, or refused as none.
func FuzzReadPast(f *testing.F) {
	f.Add([]byte(`{"id":"Q1","triggered":"2026-10-07T01:10:00Z","entries":[{"at":"2026-10-07T01:10:01Z","kind":"notified","who":"M","channel":"phone"}]}`))
	f.Add([]byte(`{"id":"","triggered":"0001-01-01T00:00:00Z"} [1]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		past, err := timeline.ReadPast(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, timeline.ErrPast) {
				t.Error(err)
			}
			return
		}
		for _, p := range past {
			if p.ID == "" || p.Triggered.IsZero() {
				t.Errorf("%+v", p)
			}
		}
	})
}
