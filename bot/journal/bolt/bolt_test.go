package bolt_test

import (
	"testing"

	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/journal/journaltest"
)

func TestConformance(t *testing.T) {
	journaltest.RunInBubbles(t, func(t *testing.T) journaltest.Place {
		dir := t.TempDir()
		return func() journal.Store {
			s, err := bolt.Open(dir, bolt.Options{NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}
