package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// letters keeps what came in, was authorised, and could not be read, and says so in the log, where operators are alerted from.
type letters struct {
	store journal.Store
	clock *clock.Clock
	log   zerolog.Logger
	count func()
}

// File keeps a body as a dead letter. The same body is kept once.
func (l *letters) File(ctx context.Context, source, reason string, body []byte) error {
	sum := sha256.Sum256(body)
	id := "input/" + source + "/" + hex.EncodeToString(sum[:8])
	raw, err := json.Marshal(string(body))
	if err != nil {
		return err
	}
	_, err = l.store.Commit(ctx, journal.Commit{Put: journal.Put{Bury: []journal.Dead{{ID: id, At: l.clock.Now(), Reason: reason, Body: raw}}}})
	if err != nil {
		return fmt.Errorf("keep an unreadable input of %s: %w", source, err)
	}
	l.log.Error().Str("source", source).Str("dead_letter", id).Str("reason", reason).Msg("an authorised input could not be read; it is kept as a dead letter: look at what sends it")
	if l.count != nil {
		l.count()
	}
	return nil
}

// cursors are the journal's, under the names the adapters use.
type cursors struct{ store journal.Store }

func (c cursors) Get(ctx context.Context, name string) (string, error) {
	return c.store.Cursor(ctx, name)
}
func (c cursors) Set(ctx context.Context, name, value string) error {
	return c.store.SetCursor(ctx, name, value)
}
