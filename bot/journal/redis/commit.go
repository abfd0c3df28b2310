package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

const (
	keepOp     = "120000" // ms
	void       = "void"
	askTimeout = 2 * time.Second
)

// instructions are the arguments of commit.lua.
type instructions []any

func (in *instructions) add(name string, args ...any) {
	*in = append(append(*in, name, len(args)), args...)
}

// Commit implements journal.Store.
func (s *Store) Commit(ctx context.Context, c journal.Commit) (journal.Committed, error) {
	if err := c.Check(); err != nil {
		return journal.Committed{}, err
	}
	if err := ctx.Err(); err != nil {
		return journal.Committed{}, err
	}
	body, err := compile(c)
	if err != nil {
		return journal.Committed{}, fmt.Errorf("commit refused: %w", err)
	}
	for try := 1; ; try++ {
		id := rand.Text()
		leases, err := s.commit(ctx, id, body)
		if errors.Is(err, errVoid) && try == 1 {
			continue // a connection that had died of old age: now it is certain that nothing happened
		}
		if err != nil {
			return journal.Committed{}, err
		}
		return committed(leases, c.Put.Take)
	}
}

// errVoid says that a commit's answer was lost, and that it did not and will not happen.
var errVoid = errors.New("the connection was lost; nothing was recorded")

// commit runs the script under an id. When the answer is lost it asks for it.
func (s *Store) commit(ctx context.Context, id string, body instructions) (leases string, err error) {
	out, err := commitScript.Run(ctx, s.client, []string{s.prefix}, append([]any{id, keepOp}, body...)...).StringSlice()
	if err == nil {
		if err := refusal(out); err != nil {
			return "", err
		}
		if len(out) == 2 && (out[0] == "ok" || out[0] == "seen" && out[1] != void) {
			return out[1], nil
		}
		return "", fmt.Errorf("redis %s: commit: unexpected answer of %d parts", s.where, len(out))
	}
	if !sent(err) {
		return "", s.wrap("commit, nothing was recorded", err)
	}
	if ctx.Err() != nil {
		return "", fmt.Errorf("%w: %w", journal.ErrUnknown, s.wrap("commit", err))
	}
	asking, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, asked := askScript.Run(asking, s.client, []string{s.prefix}, id, keepOp).Text()
	switch {
	case asked != nil:
		return "", fmt.Errorf("%w: %w", journal.ErrUnknown, s.wrap("commit", err))
	case answer == void:
		return "", fmt.Errorf("%w: %w", errVoid, s.wrap("commit", err))
	}
	return answer, nil
}

// sent reports whether a commit that failed may have reached the server and be carried out there. The server's own refusals come before
// the first write; what failed before a connection was there was not sent.
func sent(err error) bool {
	var refused goredis.Error
	if errors.As(err, &refused) || errors.Is(err, goredis.ErrClosed) || errors.Is(err, goredis.ErrPoolTimeout) || errors.Is(err, goredis.ErrPoolExhausted) {
		return false
	}
	var op *net.OpError
	return !errors.As(err, &op) || op.Op != "dial"
}

func committed(leases string, take *journal.Take) (journal.Committed, error) {
	var rows [][3]string
	if err := json.Unmarshal([]byte(leases), &rows); err != nil {
		return journal.Committed{}, fmt.Errorf("%w: leases of the commit: %w", journal.ErrUnknown, err)
	}
	var out journal.Committed
	for _, r := range rows {
		out.Leases = append(out.Leases, journal.Lease{Lane: r[0], Owner: take.Owner, Token: number(r[1]), Until: timeOf(r[2])})
	}
	slices.SortFunc(out.Leases, func(a, b journal.Lease) int { return strings.Compare(a.Lane, b.Lane) })
	return out, nil
}

// compile writes a commit as instructions.
func compile(c journal.Commit) (instructions, error) {
	var in instructions
	last := expectations(&in, c)
	for stream, n := range c.Put.Snapshots {
		end, ok := last[stream]
		switch {
		case n.Seq < 0 || ok && n.Seq > end:
			return nil, fmt.Errorf("snapshot of %s at %d, its log ends at %d", stream, n.Seq, end)
		case !ok:
			in.add("upto", string(stream), n.Seq)
		}
	}
	in = append(in, "write")
	if err := writeLog(&in, c.Append); err != nil {
		return nil, err
	}
	if err := writePut(&in, c.Put); err != nil {
		return nil, err
	}
	return in, writeOutbox(&in, c.Put)
}

// expectations returns where the appended streams end.
func expectations(in *instructions, c journal.Commit) map[journal.Stream]int64 {
	e := c.Expect
	for _, name := range e.Absent {
		in.add("absent", name)
	}
	if e.Lease != nil {
		in.add("lease", e.Lease.Lane, strconv.FormatInt(e.Lease.Token, 10))
	}
	for _, stream := range slices.Sorted(maps.Keys(e.Versions)) {
		in.add("version", string(stream), e.Versions[stream])
	}
	if e.Counter != nil {
		in.add("counter", *e.Counter)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Claims)) {
		in.add("claim", name, e.Claims[name])
	}
	last := map[journal.Stream]int64{}
	for _, r := range c.Append {
		if _, ok := last[r.Stream]; !ok {
			in.add("continues", string(r.Stream), r.Seq, r.Prev)
		}
		last[r.Stream] = r.Seq
	}
	return last
}

var noPrev = strings.Repeat("0", 64)

func writeLog(in *instructions, records []journal.Record) error {
	for _, r := range records {
		prev, texts := r.Prev, ""
		if prev == "" {
			prev = noPrev
		}
		if len(r.Texts) > 0 {
			b, err := json.Marshal(r.Texts)
			if err != nil {
				return err
			}
			texts = string(b)
		}
		in.add("log", string(r.Stream), score(r.Stream), r.Seq, prev+r.Hash+string(r.Body), r.Hash, texts)
	}
	return nil
}

func writePut(in *instructions, p journal.Put) error {
	if p.Counter != nil {
		in.add("counter", *p.Counter)
	}
	for _, k := range p.Keys {
		ms := int64(0)
		if k.TTL > 0 {
			ms = max(1, k.TTL.Milliseconds())
		}
		in.add("key", k.Name, string(k.Outcome), ms)
	}
	for name, owner := range p.Claims {
		in.add("claim", name, owner)
	}
	for stream, n := range p.Snapshots {
		args := []any{string(stream), n.Seq, string(n.Body)}
		for _, t := range n.Texts {
			b, err := json.Marshal(t)
			if err != nil {
				return err
			}
			args = append(args, t.Digest, string(b))
		}
		in.add("snap", args...)
	}
	for stream, row := range p.Rows {
		if row == nil {
			in.add("norow", string(stream))
			continue
		}
		open, err := journal.RowOpen(row)
		if err != nil {
			return err
		}
		flag := "0"
		if open {
			flag = "1"
		}
		in.add("row", string(stream), score(stream), flag, string(row))
	}
	for stream, at := range p.Due {
		in.add("due", string(stream), micros(at))
	}
	for digest, b := range p.Blobs {
		in.add("blob", digest, b)
	}
	for name, value := range p.Cursors {
		in.add("cursor", name, value)
	}
	for _, d := range p.Bury {
		d.At = journal.Kept(d.At)
		b, err := json.Marshal(dead{d.ID, d.Stream, d.At, d.Reason, string(d.Body)})
		if err != nil {
			return err
		}
		in.add("bury", d.ID, string(d.Stream), string(b))
	}
	for _, e := range p.Erase {
		in.add("erase", string(e.Stream), e.Seq)
	}
	return nil
}

// writeOutbox settles, takes and queues, in that order.
func writeOutbox(in *instructions, p journal.Put) error {
	for _, id := range p.Settle {
		in.add("settle", id)
	}
	if p.Take != nil {
		in.add("take", p.Take.Owner, p.Take.TTL.Microseconds())
		seen := map[string]bool{}
		for _, it := range p.Outbox {
			if !seen[it.Lane] {
				in.add("lane", it.Lane)
			}
			seen[it.Lane] = true
		}
	}
	for _, it := range p.Outbox {
		args, err := itemArgs(it)
		if err != nil {
			return err
		}
		in.add("item", args...)
	}
	return nil
}

// kept is an item as it is stored: its body as text, so that its bytes stay; what changes lies beside it.
type kept struct {
	After string `json:"after,omitempty"`
	Class int    `json:"class,omitempty"`
	Body  string `json:"body"`
}

// dead is a dead letter as it is stored.
type dead struct {
	ID     string         `json:"id"`
	Stream journal.Stream `json:"stream,omitempty"`
	At     time.Time      `json:"at"`
	Reason string         `json:"reason"`
	Body   string         `json:"body,omitempty"`
}

func itemArgs(it journal.Item) ([]any, error) {
	b, err := json.Marshal(kept{it.After, it.Class, string(it.Body)})
	if err != nil {
		return nil, err
	}
	return []any{it.ID, it.Lane, string(b), it.Attempts, micros(it.NotBefore), it.LastError}, nil
}
