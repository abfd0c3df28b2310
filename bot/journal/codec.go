package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

const saltSize = 16 // bytes

// EncodeIncident makes the records of events that follow each other, prev being the hash of the record before them (empty for event 1).
// Every text with a body is sealed anew: a salt of 128 bits from random, the digest of salt and body in Record.Body, salt and body in
// Record.Texts. A text that has a digest and no body (erased earlier, carried along) keeps its digest.
//
// The events handed in stay as they are. The second result is the same events as a reader of the log will see them, with digest and
// body in every text: these, not the ones handed in, are to be folded into the state.
func EncodeIncident(id incident.ID, events []incident.Event, prev string, random io.Reader) ([]Record, []incident.Event, error) {
	records := make([]Record, 0, len(events))
	sealed := make([]incident.Event, 0, len(events))
	for i, e := range events {
		if i > 0 && e.Seq != events[i-1].Seq+1 {
			return nil, nil, fmt.Errorf("encode %s: event %d does not follow event %d", id, e.Seq, events[i-1].Seq)
		}
		own, err := withOwnTexts(e)
		if err != nil {
			return nil, nil, fmt.Errorf("encode %s: %w", id, err)
		}
		texts, err := seal(own.Fact.Texts(), random)
		if err != nil {
			return nil, nil, fmt.Errorf("encode event %d of %s: %w", e.Seq, id, err)
		}
		r, err := chained(Stream(id), e.Seq, own, prev)
		if err != nil {
			return nil, nil, fmt.Errorf("encode event %d of %s: %w", e.Seq, id, err)
		}
		copied, err := readBack(r.Body, own)
		if err != nil {
			return nil, nil, fmt.Errorf("encode %s: %w", id, err)
		}
		r.Texts = texts
		records, sealed, prev = append(records, r), append(sealed, copied), r.Hash
	}
	return records, sealed, nil
}

// withOwnTexts returns an event whose texts can be sealed without e noticing. Mostly the texts are fields of the fact, and a copy of the
// fact has texts of its own; a fact that keeps one elsewhere is copied by way of JSON.
func withOwnTexts(e incident.Event) (incident.Event, error) {
	v := reflect.ValueOf(e.Fact)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return incident.Event{}, fmt.Errorf("event %d has no fact", e.Seq)
	}
	n := reflect.New(v.Type().Elem())
	n.Elem().Set(v.Elem())
	c := e
	c.Fact = n.Interface().(incident.Fact)
	theirs := e.Fact.Texts()
	for _, t := range c.Fact.Texts() {
		if slices.Contains(theirs, t) {
			b, err := json.Marshal(e)
			if err != nil {
				return incident.Event{}, err
			}
			return readBack(b, e)
		}
	}
	return c, nil
}

// readBack returns an event as it is read from its JSON, which shares no memory with e, with the texts of e.
func readBack(b []byte, e incident.Event) (incident.Event, error) {
	var c incident.Event
	if err := c.UnmarshalJSON(b); err != nil {
		return incident.Event{}, fmt.Errorf("event %d cannot be read back: %w", e.Seq, err)
	}
	from, to := e.Fact.Texts(), c.Fact.Texts()
	if len(from) != len(to) {
		return incident.Event{}, fmt.Errorf("event %d (%s) has %d texts, read back %d", e.Seq, e.Fact.Type(), len(from), len(to))
	}
	for i := range from {
		*to[i] = *from[i]
	}
	return c, nil
}

// seal gives every text that has a body a fresh salt and its digest.
func seal(texts []*incident.Text, random io.Reader) ([]Sealed, error) {
	var out []Sealed
	for _, t := range texts {
		// JSON holds no invalid UTF-8: what is stored must be what was hashed.
		if t.Body = strings.ToValidUTF8(t.Body, ""); t.Body == "" {
			continue
		}
		salt := make([]byte, saltSize)
		if _, err := io.ReadFull(random, salt); err != nil {
			return nil, fmt.Errorf("no randomness for a salt: %w", err)
		}
		t.Digest = digest(salt, t.Body)
		out = append(out, Sealed{Digest: t.Digest, Salt: hex.EncodeToString(salt), Body: t.Body})
	}
	return out, nil
}

func digest(salt []byte, body string) string {
	h := sha256.New()
	h.Write(salt)
	io.WriteString(h, body)
	return hex.EncodeToString(h.Sum(nil))
}

// Check reports whether the body is the one that was sealed.
func (t Sealed) Check() error {
	salt, err := hex.DecodeString(t.Salt)
	if err != nil || len(salt) != saltSize {
		return fmt.Errorf("the text %.12s has no proper salt", t.Digest)
	}
	if digest(salt, t.Body) != t.Digest {
		return fmt.Errorf("the text %.12s is not the one that was recorded", t.Digest)
	}
	return nil
}

// chained encodes what a record holds and closes the chain over it.
func chained(s Stream, seq int64, event json.Marshaler, prev string) (Record, error) {
	body, err := event.MarshalJSON() // directly: json.Marshal would read through and copy what it gives
	if err != nil {
		return Record{}, err
	}
	h, err := Hash(prev, s, seq, body)
	if err != nil {
		return Record{}, err
	}
	return Record{Stream: s, Seq: seq, Body: body, Prev: prev, Hash: h}, nil
}

// DecodeIncident returns the event of a record, with the bodies of its texts; an erased text has a digest and no body. A text that is
// not the one recorded is an error.
func DecodeIncident(r Record) (incident.Event, error) {
	fail := func(err error) (incident.Event, error) {
		return incident.Event{}, fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
	}
	var e incident.Event
	if err := e.UnmarshalJSON(r.Body); err != nil { // directly: json.Unmarshal would read it through once more before
		return fail(err)
	}
	if e.Seq != r.Seq {
		return fail(fmt.Errorf("it holds event %d", e.Seq))
	}
	bodies := make(map[string]string, len(r.Texts))
	for _, t := range r.Texts {
		if err := t.Check(); err != nil {
			return fail(err)
		}
		bodies[t.Digest] = t.Body
	}
	fill(e.Fact.Texts(), bodies)
	if len(bodies) > 0 {
		return fail(fmt.Errorf("%d texts lie beside it that it does not cite", len(bodies)))
	}
	return e, nil
}

// fill puts bodies into texts by digest, and takes those it used out of the map.
func fill(texts []*incident.Text, bodies map[string]string) {
	used := map[string]bool{}
	for _, t := range texts {
		if b, ok := bodies[t.Digest]; ok && t.Digest != "" {
			t.Body, used[t.Digest] = b, true
		}
	}
	for d := range used {
		delete(bodies, d)
	}
}

// worded is a fact of the house that has free texts.
type worded interface{ Texts() []*house.Text }

// EncodeHouse makes the records of house events that follow each other, prev being the hash of the record before them. Free texts are sealed
// with salts from random, in the facts themselves; no state holds them.
func EncodeHouse(events []house.Event, prev string, random io.Reader) ([]Record, error) {
	records := make([]Record, 0, len(events))
	for i, e := range events {
		if i > 0 && e.Seq != events[i-1].Seq+1 {
			return nil, fmt.Errorf("encode house: event %d does not follow event %d", e.Seq, events[i-1].Seq)
		}
		var texts []Sealed
		if f, ok := e.Fact.(worded); ok {
			for _, t := range f.Texts() {
				own := incident.Text{Body: t.Body}
				sealed, err := seal([]*incident.Text{&own}, random)
				if err != nil {
					return nil, fmt.Errorf("encode house event %d: %w", e.Seq, err)
				}
				t.Digest, t.Body, texts = own.Digest, own.Body, append(texts, sealed...)
			}
		}
		r, err := chained(House, e.Seq, e, prev)
		if err != nil {
			return nil, fmt.Errorf("encode house event %d: %w", e.Seq, err)
		}
		r.Texts = texts
		records, prev = append(records, r), r.Hash
	}
	return records, nil
}

// DecodeHouse returns the event of a record of the house log.
func DecodeHouse(r Record) (house.Event, error) {
	var e house.Event
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return house.Event{}, fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
	}
	if e.Seq != r.Seq {
		return house.Event{}, fmt.Errorf("record %d of %s holds event %d", r.Seq, r.Stream, e.Seq)
	}
	f, ok := e.Fact.(worded)
	if !ok {
		return e, nil
	}
	for _, t := range r.Texts {
		if err := t.Check(); err != nil {
			return house.Event{}, fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
		}
		for _, own := range f.Texts() {
			if own.Digest == t.Digest {
				own.Body = t.Body
			}
		}
	}
	return e, nil
}

// EncodeState makes a snapshot of an incident; its texts lie beside the body. A text with a body and no digest comes from an event that
// was not sealed, and is an error: it would be in the snapshot and in no log.
func EncodeState(s incident.State) (Snapshot, error) {
	var texts []Sealed
	for _, t := range s.Texts() {
		switch {
		case t.Body == "":
		case t.Digest == "":
			return Snapshot{}, fmt.Errorf("snapshot of %s at %d: a text was folded in before it was sealed", s.ID, s.Seq)
		default:
			texts = append(texts, Sealed{Digest: t.Digest, Body: t.Body})
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		return Snapshot{}, fmt.Errorf("snapshot of %s at %d: %w", s.ID, s.Seq, err)
	}
	return Snapshot{Seq: s.Seq, Body: b, Texts: texts}, nil
}

// DecodeState returns the state of a snapshot, without its policy.
func DecodeState(n Snapshot) (incident.State, error) {
	var s incident.State
	if err := json.Unmarshal(n.Body, &s); err != nil {
		return incident.State{}, fmt.Errorf("snapshot at %d: %w", n.Seq, err)
	}
	if s.Seq != n.Seq {
		return incident.State{}, fmt.Errorf("snapshot at %d of %s holds the state at %d", n.Seq, s.ID, s.Seq)
	}
	bodies := make(map[string]string, len(n.Texts))
	for _, t := range n.Texts {
		bodies[t.Digest] = t.Body
	}
	fill(s.Texts(), bodies)
	return s, nil
}

// EncodeHouseState makes a snapshot of the house.
func EncodeHouseState(s house.State) (Snapshot, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return Snapshot{}, fmt.Errorf("snapshot of the house at %d: %w", s.Seq, err)
	}
	return Snapshot{Seq: s.Seq, Body: b}, nil
}

// DecodeHouseState returns the house of a snapshot.
func DecodeHouseState(n Snapshot) (house.State, error) {
	var s house.State
	if err := json.Unmarshal(n.Body, &s); err != nil {
		return house.State{}, fmt.Errorf("snapshot of the house at %d: %w", n.Seq, err)
	}
	if s.Seq != n.Seq {
		return house.State{}, fmt.Errorf("snapshot of the house at %d holds the state at %d", n.Seq, s.Seq)
	}
	return s, nil
}
