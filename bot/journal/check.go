package journal

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Limits of a commit and of reads. They bound what one input can make the store hold at once; all are far above what the engine asks for.
const (
	MaxLimit   = 10_000   // results of one read
	MaxName    = 2048     // bytes of a key, claim, lane, id or cursor name
	MaxBody    = 16 << 20 // bytes of one body, blob or snapshot
	MaxRecords = 1000     // records of one commit
)

// Number is the n of the stream "INC-n"; House comes after every incident. Zero: not the name of a stream.
func (s Stream) Number() int64 {
	if s == House {
		return math.MaxInt64
	}
	if n := incident.ID(s).Number(); n > 0 && incident.NewID(n) == incident.ID(s) {
		return n
	}
	return 0
}

// StreamOf is the stream with a number, the inverse of Stream.Number.
func StreamOf(n int64) Stream {
	if n == math.MaxInt64 {
		return House
	}
	return Stream(incident.NewID(n))
}

// Bound returns the limit a read obeys: at least 0, at most MaxLimit.
func Bound(limit int) int { return max(0, min(limit, MaxLimit)) }

// Kept is a time as stores keep it: UTC, to the microsecond.
func Kept(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Round(0).Truncate(time.Microsecond)
}

// RowOpen reports whether a row is that of an open incident: its field "open" is true.
func RowOpen(row json.RawMessage) (bool, error) {
	var r struct {
		Open bool `json:"open"`
	}
	err := json.Unmarshal(row, &r)
	return r.Open, err
}

// Check reports what makes a commit one that no store can take: a stream that is none, records that do not follow each other or whose
// hash is wrong, a name that is empty or too long, a body that is not JSON. Stores call it before anything else, so that what passes
// can only fail by an expectation or by the medium.
func (c Commit) Check() error {
	if err := c.Expect.check(); err != nil {
		return fmt.Errorf("commit refused: %w", err)
	}
	if err := checkAppend(c.Append); err != nil {
		return fmt.Errorf("commit refused: %w", err)
	}
	if err := c.Put.check(); err != nil {
		return fmt.Errorf("commit refused: %w", err)
	}
	return nil
}

func (e Expect) check() error {
	for s, v := range e.Versions {
		if s.Number() == 0 || v < 0 {
			return fmt.Errorf("version %d of %q expected, which is no stream", v, s)
		}
	}
	for name := range e.Claims {
		if err := checkName("claim", name); err != nil {
			return err
		}
	}
	for _, name := range e.Absent {
		if err := checkName("key", name); err != nil {
			return err
		}
	}
	if e.Lease != nil {
		return checkName("lane", e.Lease.Lane)
	}
	return nil
}

// checkAppend checks each stream's records among themselves; whether they continue the stream is the store's to say.
func checkAppend(records []Record) error {
	if len(records) > MaxRecords {
		return fmt.Errorf("%d records in one commit, the limit is %d", len(records), MaxRecords)
	}
	last := map[Stream]Record{}
	for _, r := range records {
		if r.Stream.Number() == 0 {
			return fmt.Errorf("%q is no stream", r.Stream)
		}
		if err := checkBody("record", string(r.Stream), r.Body); err != nil {
			return err
		}
		prev := r.Prev
		if before, ok := last[r.Stream]; ok {
			if prev = before.Hash; r.Seq != before.Seq+1 {
				return &BrokenChain{r.Stream, before.Seq + 1, fmt.Sprintf("record %d follows record %d", r.Seq, before.Seq)}
			}
		}
		if r.Seq < 1 {
			return &BrokenChain{r.Stream, r.Seq, "sequence numbers start at 1"}
		}
		if err := Verify([]Record{r}, prev); err != nil {
			return err
		}
		for _, t := range r.Texts {
			if err := t.Check(); err != nil {
				return fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
			}
		}
		last[r.Stream] = r
	}
	return nil
}

func (p Put) check() error {
	if p.Counter != nil && *p.Counter < 0 {
		return fmt.Errorf("counter %d", *p.Counter)
	}
	for _, k := range p.Keys {
		if err := checkName("key", k.Name); err != nil {
			return err
		}
		if k.TTL < 0 {
			return fmt.Errorf("key %s lives %s", k.Name, k.TTL)
		}
		if k.Outcome != nil {
			if err := checkBody("outcome of key", k.Name, k.Outcome); err != nil {
				return err
			}
		}
	}
	for name, owner := range p.Claims {
		if err := checkName("claim", name); err != nil {
			return err
		}
		if len(owner) > MaxName {
			return fmt.Errorf("the owner of claim %s is %d bytes long", name, len(owner))
		}
	}
	for s, n := range p.Snapshots {
		if s.Number() == 0 {
			return fmt.Errorf("snapshot of %q, which is no stream", s)
		}
		if err := checkBody("snapshot of", string(s), n.Body); err != nil {
			return err
		}
	}
	for s, row := range p.Rows {
		if s.Number() == 0 || s == House {
			return fmt.Errorf("row of %q, which is no incident", s)
		}
		if row == nil {
			continue
		}
		if err := checkBody("row of", string(s), row); err != nil {
			return err
		}
		if _, err := RowOpen(row); err != nil {
			return fmt.Errorf("row of %s: %w", s, err)
		}
	}
	for s := range p.Due {
		if s.Number() == 0 {
			return fmt.Errorf("due time of %q, which is no stream", s)
		}
	}
	for digest, b := range p.Blobs {
		if err := checkName("blob", digest); err != nil {
			return err
		}
		if len(b) > MaxBody {
			return fmt.Errorf("blob %s is %d bytes long, the limit is %d", digest, len(b), MaxBody)
		}
	}
	if err := CheckItems(p.Outbox); err != nil {
		return err
	}
	if p.Take != nil && (p.Take.Owner == "" || len(p.Take.Owner) > MaxName || p.Take.TTL <= 0) {
		return fmt.Errorf("lanes taken by %q for %s", p.Take.Owner, p.Take.TTL)
	}
	for _, id := range p.Settle {
		if err := checkName("effect", id); err != nil {
			return err
		}
	}
	for _, d := range p.Bury {
		if err := checkName("dead letter", d.ID); err != nil {
			return err
		}
		if d.Stream != "" && d.Stream.Number() == 0 {
			return fmt.Errorf("dead letter %s of %q, which is no stream", d.ID, d.Stream)
		}
		if d.Body != nil {
			if err := checkBody("dead letter", d.ID, d.Body); err != nil {
				return err
			}
		}
	}
	for name, value := range p.Cursors {
		if err := CheckCursor(name, value); err != nil {
			return err
		}
	}
	for _, e := range p.Erase {
		if e.Stream.Number() == 0 || e.Seq < 1 {
			return fmt.Errorf("erase record %d of %q, which is no stream", e.Seq, e.Stream)
		}
	}
	return nil
}

// CheckItems reports what makes items ones that no store can take.
func CheckItems(items []Item) error {
	seen := make(map[string]bool, len(items))
	for _, it := range items {
		if err := checkName("effect", it.ID); err != nil {
			return err
		}
		if err := checkName("lane", it.Lane); err != nil {
			return err
		}
		if err := checkBody("effect", it.ID, it.Body); err != nil {
			return err
		}
		if seen[it.ID] {
			return fmt.Errorf("effect %s is there twice", it.ID)
		}
		seen[it.ID] = true
	}
	return nil
}

// CheckCursor reports what makes a cursor one that no store can take.
func CheckCursor(name, value string) error {
	if len(value) > MaxBody {
		return fmt.Errorf("cursor %s is %d bytes long, the limit is %d", name, len(value), MaxBody)
	}
	return checkName("cursor", name)
}

func checkName(what, name string) error {
	if name == "" || len(name) > MaxName {
		return fmt.Errorf("a %s has a name of %d bytes; it takes 1 to %d", what, len(name), MaxName)
	}
	return nil
}

func checkBody(what, name string, b []byte) error {
	if len(b) > MaxBody {
		return fmt.Errorf("%s %s is %d bytes long, the limit is %d", what, name, len(b), MaxBody)
	}
	if !json.Valid(b) {
		return fmt.Errorf("%s %s is not JSON", what, name)
	}
	return nil
}
