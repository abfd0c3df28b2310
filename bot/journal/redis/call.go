package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

const (
	readTries = 4
	readPause = 50 * time.Millisecond // doubled after each try
)

// passing reports whether a read may do better in a moment.
func passing(err error) bool {
	var op *net.OpError
	return goredis.IsLoadingError(err) || goredis.IsClusterDownError(err) || goredis.IsTryAgainError(err) || goredis.IsMasterDownError(err) ||
		goredis.IsMaxClientsError(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op)
}

// read runs f, again when the server is not ready.
func (s *Store) read(ctx context.Context, what string, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	pause := readPause
	for try := 1; ; try++ {
		err := f()
		if err == nil || errors.Is(err, goredis.Nil) {
			return err
		}
		if ctx.Err() != nil || try == readTries || !passing(err) {
			return s.wrap(what, err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return s.wrap(what, err)
		case <-timer.C:
		}
		pause *= 2
	}
}

// ask runs a script that reads.
func (s *Store) ask(ctx context.Context, what string, script *goredis.Script, args ...any) (out []string, err error) {
	err = s.read(ctx, what, func() (err error) {
		out, err = script.Run(ctx, s.client, []string{s.prefix}, args...).StringSlice()
		return err
	})
	return out, err
}

// tell runs a script that writes, once. The script's own refusals become errors.
func (s *Store) tell(ctx context.Context, what string, script *goredis.Script, args ...any) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, err := script.Run(ctx, s.client, []string{s.prefix}, args...).StringSlice()
	if err != nil {
		return nil, s.wrap(what, err)
	}
	return out, refusal(out)
}

// refusal is what a script says instead of "ok".
func refusal(out []string) error {
	switch {
	case len(out) == 5 && out[0] == "conflict":
		c := &journal.Conflict{What: out[1], Name: out[2], Owner: out[3]}
		if out[4] != "" {
			c.Outcome = json.RawMessage(out[4])
		}
		return c
	case len(out) == 1 && out[0] == "none":
		return journal.ErrNotFound
	case len(out) == 3 && out[0] == "foreign":
		return fmt.Errorf("settle %s: it is in lane %s, the lease is that of another", out[1], out[2])
	case len(out) == 3 && out[0] == "broken":
		return &journal.BrokenChain{Stream: journal.Stream(out[1]), Seq: number(out[2]), Why: "it does not follow the record before it"}
	case len(out) == 3 && out[0] == "ahead":
		return fmt.Errorf("commit refused: snapshot of %s is ahead of its log, which ends at %s", out[1], out[2])
	}
	return nil
}

func number(s string) int64 {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64) // a score may be written as a float
	return int64(f)
}

// micros is a time as scripts take it; the zero time is "".
func micros(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

func timeOf(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	return time.UnixMicro(number(s)).UTC()
}

// score orders streams; a double holds it exactly.
func score(s journal.Stream) string {
	return strconv.FormatInt(min(s.Number(), 1<<53), 10)
}
