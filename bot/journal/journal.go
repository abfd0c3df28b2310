package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Stream names a log: an incident's id ("INC-42") or House.
type Stream string

// House is the stream of what belongs to no incident.
const House Stream = "house"

// Record is one entry of a log as it is stored.
type Record struct {
	Stream Stream          `json:"stream"`
	Seq    int64           `json:"seq"`  // from 1, no gap
	Body   json.RawMessage `json:"body"` // the event's canonical JSON, with digests in place of texts
	Prev   string          `json:"prev"` // hex hash of the record before; empty for the first
	Hash   string          `json:"hash"` // see Chain
	Texts  []Sealed        `json:"-"`    // stored beside the log, never in the chain
}

// Sealed is a free text whose digest is in the chain. Erasing it removes salt and body together.
type Sealed struct {
	Digest string `json:"d"` // hex SHA-256 of salt bytes followed by body bytes
	Salt   string `json:"s"` // hex, 128 bits
	Body   string `json:"b"`
}

// Commit is everything that follows from one input, moved all or nothing.
type Commit struct {
	Expect Expect
	Append []Record // of one stream or several; each stream's records contiguous and in order
	Put    Put
}

// Expect names every version the commit read. Any mismatch fails the whole commit with a *Conflict and changes nothing. When several
// expectations fail, the conflict names the first in this order: Absent, Lease, Versions, Counter, Claims; an input that was there before is
// told so, whatever else has changed since. Records that do not continue their stream are a conflict "version" also when Versions is
// silent about it.
type Expect struct {
	Versions map[Stream]int64  // Seq of the stream's last record; 0: the stream does not exist
	Counter  *int64            // number of incidents so far
	Claims   map[string]string // claim -> owner ("" = free)
	Absent   []string          // keys that must not be there
	Lease    *Lease            // must still be the lane's newest lease, by token (it may have run out, if nobody took the lane)
}

// Put is what the commit writes beside the logs.
type Put struct {
	Counter   *int64
	Keys      []Key             // one that is there already is replaced
	Claims    map[string]string // claim -> owner; "" releases
	Snapshots map[Stream]Snapshot
	Rows      map[Stream]json.RawMessage // the row for lists, its field "open" true while the incident runs; nil value removes
	Due       map[Stream]time.Time       // next due time; zero removes
	Blobs     map[string][]byte          // by digest; an existing one is left alone
	Outbox    []Item                     // new effects
	Take      *Take                      // lease the lanes of Outbox to the committer in the same step
	Settle    []string                   // ids of effects that are over, of any lane; done before Outbox
	Bury      []Dead                     // dead letters; one with the same id is replaced
	Cursors   map[string]string
	Erase     []Erasure // texts to be erased, from the snapshot too; done last, and for good
}

// Take asks for the leases of the lanes that new effects go to. A lane held by somebody else stays theirs. In a lane that is got, the
// new items, all of them, start with one attempt begun, so that no second commit is needed before they are carried out.
type Take struct {
	Owner string
	TTL   time.Duration
}

// Committed is what a commit gave.
type Committed struct {
	Leases []Lease // of the lanes taken, by lane
}

// Key remembers an input and what came of it.
type Key struct {
	Name    string
	Outcome json.RawMessage
	TTL     time.Duration // zero: kept
}

// Snapshot is a state at a sequence number.
type Snapshot struct {
	Seq   int64           `json:"seq"`
	Body  json.RawMessage `json:"body"`
	Texts []Sealed        `json:"texts,omitempty"`
}

// Erasure removes the texts of one record.
type Erasure struct {
	Stream Stream
	Seq    int64
}

// Item is an effect on its way.
type Item struct {
	ID        string          `json:"id"`   // "INC-42/7/open-channel"
	Lane      string          `json:"lane"` // "INC-42|slack"
	After     string          `json:"after,omitempty"`
	Class     int             `json:"class"`
	NotBefore time.Time       `json:"not_before,omitzero"`
	Attempts  int             `json:"attempts"` // begun so far
	LastError string          `json:"last_error,omitempty"`
	Body      json.RawMessage `json:"body"` // incident.Owed
}

// Dead is an effect that was refused for good, or an input that could not be read.
type Dead struct {
	ID     string          `json:"id"` // effect id, or "input/…"
	Stream Stream          `json:"stream,omitempty"`
	At     time.Time       `json:"at"`
	Reason string          `json:"reason"`
	Body   json.RawMessage `json:"body,omitempty"`
}

// Lease is the right to work a lane until a moment. Its token grows with every new holder and fences reports of earlier ones.
type Lease struct {
	Lane  string    `json:"lane"`
	Owner string    `json:"owner"`
	Token int64     `json:"token"`
	Until time.Time `json:"until"` // by the store's clock, real time
}

// LaneState is a lane with work.
type LaneState struct {
	Lane      string
	Waiting   int
	NotBefore time.Time // the lane as a whole waits until then
	Holder    string    // empty: free
}

// DueAt is a stream with its next due time.
type DueAt struct {
	Stream Stream
	At     time.Time
}

// Loaded is a stream as it stands.
type Loaded struct {
	Version  int64 // Seq of the last record, 0 when there is none
	Snapshot *Snapshot
	Records  []Record // after the snapshot, in order, with Texts
	Counter  int64    // number of incidents so far, read in the same step
}

// Conflict says which expectation failed. The input is decided anew on what is there now.
type Conflict struct {
	What    string          // "version", "counter", "claim", "key", "lease"
	Name    string          // stream, claim, key or lane
	Owner   string          // claim: who holds it
	Outcome json.RawMessage // key: what came of the input the first time
}

// Error says which expectation failed.
func (c *Conflict) Error() string {
	return fmt.Sprintf("commit conflict: %s %s (owner %q)", c.What, c.Name, c.Owner)
}

// Errors of a store.
var (
	// ErrNotFound is returned for a blob that is not there, and for an item that is over or in another lane.
	ErrNotFound = errors.New("not found")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("journal closed")
	// ErrUnknown says that the store cannot tell whether the commit happened (a connection lost while waiting). The caller asks by key.
	ErrUnknown = errors.New("commit outcome unknown")
)

// Reader is what reading needs; the CLI gets one of these, also while a bot is running on the same data.
type Reader interface {
	// Load returns a stream's newest snapshot and the records after it, and the counter, as of one moment.
	Load(ctx context.Context, s Stream) (Loaded, error)
	// Records returns up to limit records from seq on, in order, with Texts.
	Records(ctx context.Context, s Stream, from int64, limit int) ([]Record, error)
	// Streams returns up to limit stream names after a name, in order of incident number, House last.
	Streams(ctx context.Context, after Stream, limit int) ([]Stream, error)
	// Rows returns up to limit rows, newest incident first, before a stream (empty: from the newest). open: only those whose row is open.
	Rows(ctx context.Context, open bool, before Stream, limit int) ([]json.RawMessage, error)
	// Blob returns a blob by digest, or ErrNotFound.
	Blob(ctx context.Context, digest string) ([]byte, error)
	// Pending returns up to limit items of a lane, or of all lanes when lane is empty, oldest first.
	Pending(ctx context.Context, lane string, limit int) ([]Item, error)
	// DeadLetters returns up to limit dead letters of a stream, or of all when it is empty, oldest first.
	DeadLetters(ctx context.Context, s Stream, limit int) ([]Dead, error)
	// Now returns the store's clock: Redis TIME, on bolt the owner's clock (its Options.Clock).
	Now(ctx context.Context) (time.Time, error)
	Close() error
}

// Store is the whole contract. One conformance suite (journaltest) holds for every implementation.
type Store interface {
	Reader

	// Commit moves everything or nothing. A *Conflict or any other error but ErrUnknown means that nothing moved.
	Commit(ctx context.Context, c Commit) (Committed, error)
	// Key returns what came of an input.
	Key(ctx context.Context, name string) (json.RawMessage, bool, error)
	// Claims returns the owners of claims; a free one is absent from the result.
	Claims(ctx context.Context, names []string) (map[string]string, error)
	// Cursor returns a cursor's value, "" when there is none.
	Cursor(ctx context.Context, name string) (string, error)
	// SetCursor keeps a cursor outside a commit.
	SetCursor(ctx context.Context, name, value string) error

	// Due returns up to limit streams whose due time is not after until, earliest first.
	Due(ctx context.Context, until time.Time, limit int) ([]DueAt, error)
	// NextDue returns the earliest due time, zero when nothing is due ever.
	NextDue(ctx context.Context) (time.Time, error)
	// SetDue corrects a due time (the auditor), if the stream still has the version; *Conflict "version" otherwise. Zero removes.
	SetDue(ctx context.Context, s Stream, version int64, at time.Time) error

	// Lanes returns up to limit lanes with items waiting, those longest untouched first.
	Lanes(ctx context.Context, limit int) ([]LaneState, error)
	// Lease takes a lane for owner, if it is free or its lease ran out or is owner's own; false when another holds it.
	// A new holder gets a higher token; the same holder keeps its token and gets a new Until.
	Lease(ctx context.Context, lane, owner string, ttl time.Duration) (Lease, bool, error)
	// Release gives a lane up early, if the lease is still the newest.
	Release(ctx context.Context, l Lease) error
	// Begin records the start of an attempt; *Conflict "lease" when the lease is not the newest any more, ErrNotFound when the item is over.
	Begin(ctx context.Context, l Lease, id string) (attempt int, err error)
	// Defer puts an item off, with the error that made it so; fenced like Begin.
	Defer(ctx context.Context, l Lease, id string, notBefore time.Time, reason string) error
	// DeferLane puts a whole lane off; fenced like Begin.
	DeferLane(ctx context.Context, l Lease, notBefore time.Time) error
	// Settle ends items of the lease's lane that add no event, those that are over already too; fenced like Begin.
	Settle(ctx context.Context, l Lease, ids []string) error
	// Restore puts back items that a lost outbox forgot (the auditor); existing ones are left alone.
	Restore(ctx context.Context, items []Item) error

	// Pause makes every replica wait with a bucket (a rate limit answered 429) until a moment, never shorter than it waits already;
	// Paused tells, zero when there is nothing to wait for.
	Pause(ctx context.Context, bucket string, until time.Time) error
	Paused(ctx context.Context, bucket string) (time.Time, error)

	// Alive records that a replica lives; Replicas counts those that did within ttl.
	Alive(ctx context.Context, owner string, ttl time.Duration) error
	Replicas(ctx context.Context) (int, error)

	// Forget removes up to limit of what is over (expired keys, pauses, replicas, leases nobody took for ten minutes) and says how many.
	Forget(ctx context.Context, limit int) (int, error)
	// Ping says whether the store answers and can keep what it is given; the error says what to mend.
	Ping(ctx context.Context) error
}
