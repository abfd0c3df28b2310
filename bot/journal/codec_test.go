package journal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

var t0 = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// noise is a source of randomness that repeats, so that tests see the same salts.
type noise struct{ n byte }

func (z *noise) Read(p []byte) (int, error) {
	for i := range p {
		z.n++
		p[i] = z.n
	}
	return len(p), nil
}

func events() []incident.Event {
	at := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Second) }
	who := incident.Actor{Person: incident.Person{Slack: "U1"}}
	return []incident.Event{
		{Seq: 1, At: at(0), RecordedAt: at(1), Actor: who, Via: incident.ViaSlack, Fact: &incident.Declared{ID: "INC-1",
			Title: incident.Say("checkout is <down> & \"out\"", 200), Source: incident.SourceHand, DetectedAt: at(0), Channel: "inc-x", Policy: "p",
			Alerts: []incident.AlertSet{{Group: "g", Summary: incident.Say("too many 5xx", 200)}, {Group: "h"}}},
			Effects: []incident.Effect{{Name: "open-channel", Do: incident.OpenChannel, Lane: incident.LaneSlack, Repeat: incident.Findable}}},
		{Seq: 2, At: at(2), RecordedAt: at(2), Actor: who, Via: incident.ViaSlack, Fact: &incident.Noted{Text: incident.Say("é 漢字 🚨", 200)}},
		{Seq: 3, At: at(3), RecordedAt: at(3), Actor: who, Via: incident.ViaSlack, Fact: &incident.RoleSet{Role: "commander", Who: incident.Person{Slack: "U1"}}},
	}
}

func encode(t *testing.T) ([]journal.Record, []incident.Event) {
	t.Helper()
	records, sealed, err := journal.EncodeIncident("INC-1", events(), "", &noise{})
	if err != nil {
		t.Fatal(err)
	}
	return records, sealed
}

func TestHashIsWhatTheDocSays(t *testing.T) {
	prev := strings.Repeat("ab", 32)
	raw, _ := hex.DecodeString(prev)
	in := append(raw, 0)
	in = append(in, "INC-7"...)
	in = append(in, 0)
	in = binary.BigEndian.AppendUint64(in, 9)
	in = append(in, `{"a":1}`...)
	want := sha256.Sum256(in)
	got, err := journal.Hash(prev, "INC-7", 9, []byte(`{"a":1}`))
	if err != nil || got != hex.EncodeToString(want[:]) {
		t.Fatalf("Hash = %s, %v; want %x", got, err, want)
	}
	if _, err := journal.Hash("abc", "INC-7", 9, nil); err == nil {
		t.Fatal("a prev that is no hash was taken")
	}
}

func TestEncodeSealsEveryTextAndLeavesTheCallersEventsAlone(t *testing.T) {
	in := events()
	records, sealed, err := journal.EncodeIncident("INC-1", in, "", &noise{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(events(), in); diff != "" {
		t.Errorf("the caller's events changed:\n%s", diff)
	}
	if err := journal.Verify(records, ""); err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		for j, text := range in[i].Fact.Texts() {
			if text.Body != "" && bytes.Contains(r.Body, []byte(text.Body)) {
				t.Errorf("record %d holds text %q in its body", r.Seq, text.Body)
			}
			got := sealed[i].Fact.Texts()[j]
			if got.Body != text.Body || (got.Digest == "") != (text.Body == "") {
				t.Errorf("sealed event %d, text %d: %+v", r.Seq, j, *got)
			}
		}
		e, err := journal.DecodeIncident(r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sealed[i], e); diff != "" {
			t.Errorf("event %d read back differs from the sealed one:\n%s", r.Seq, diff)
		}
	}
	if records[0].Texts[0].Salt == records[0].Texts[1].Salt || len(records[0].Texts[0].Salt) != 32 {
		t.Errorf("salts %q and %q: want two different ones of 128 bits", records[0].Texts[0].Salt, records[0].Texts[1].Salt)
	}
	in[0].Fact.(*incident.Declared).Alerts[0].Name = "changed later"
	if sealed[0].Fact.(*incident.Declared).Alerts[0].Name != "" {
		t.Error("the sealed event shares memory with the caller's")
	}
}

func TestSealMakesInvalidUTF8Storable(t *testing.T) {
	records, sealed, err := journal.EncodeIncident("INC-1", []incident.Event{{Seq: 2, Fact: &incident.Noted{Text: incident.Text{Body: "a\xffb"}}}},
		strings.Repeat("00", 32), &noise{})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(records[0].Texts)
	if err != nil {
		t.Fatal(err)
	}
	records[0].Texts = nil
	if err := json.Unmarshal(stored, &records[0].Texts); err != nil {
		t.Fatal(err)
	}
	e, err := journal.DecodeIncident(records[0])
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Fact.Texts()[0].Body, sealed[0].Fact.Texts()[0].Body; got != want || got != "ab" {
		t.Errorf("read back %q, sealed %q", got, want)
	}
}

func TestErasedTextReadsAsDigestWithoutBody(t *testing.T) {
	records, _ := encode(t)
	records[0].Texts = nil
	if err := journal.Verify(records, ""); err != nil {
		t.Fatalf("erasure broke the chain: %v", err)
	}
	e, err := journal.DecodeIncident(records[0])
	if err != nil {
		t.Fatal(err)
	}
	title := e.Fact.(*incident.Declared).Title
	if title.Body != "" || title.Digest == "" || title.Empty() {
		t.Errorf("erased title is %+v", title)
	}
	// Carried along into a new event, it stays what it is.
	again, _, err := journal.EncodeIncident("INC-1", []incident.Event{{Seq: 4, Fact: &incident.Noted{Text: title}}}, records[2].Hash, &noise{})
	if err != nil {
		t.Fatal(err)
	}
	if len(again[0].Texts) != 0 || !bytes.Contains(again[0].Body, []byte(title.Digest)) {
		t.Errorf("an erased text carried along became %s with %d texts", again[0].Body, len(again[0].Texts))
	}
}

func TestDecodeRefusesForgedTexts(t *testing.T) {
	for name, forge := range map[string]func(r *journal.Record){
		"body":    func(r *journal.Record) { r.Texts[0].Body += "!" },
		"salt":    func(r *journal.Record) { r.Texts[0].Salt = strings.Repeat("0", 32) },
		"no salt": func(r *journal.Record) { r.Texts[0].Salt = "" },
		"foreign": func(r *journal.Record) {
			other, _, _ := journal.EncodeIncident("INC-2", []incident.Event{{Seq: 1, Fact: &incident.Noted{Text: incident.Text{Body: "x"}}}}, "", &noise{77})
			r.Texts = append(r.Texts, other[0].Texts...)
		},
	} {
		records, _ := encode(t)
		forge(&records[0])
		_, err := journal.DecodeIncident(records[0])
		if err == nil || !strings.Contains(err.Error(), "record 1 of INC-1") {
			t.Errorf("forged %s: %v", name, err)
		}
	}
}

func TestVerifyNamesTheFirstBrokenRecord(t *testing.T) {
	for name, c := range map[string]struct {
		seq    int64
		change func(r []journal.Record) []journal.Record
	}{
		"body": {2, func(r []journal.Record) []journal.Record { r[1].Body = append(bytes.Clone(r[1].Body), ' '); return r }},
		"left": {2, func(r []journal.Record) []journal.Record { return append(r[:1], r[2]) }},
		"swapped": {1, func(r []journal.Record) []journal.Record {
			r[0], r[1] = r[1], r[0]
			r[0].Seq, r[1].Seq = 1, 2
			return r
		}},
		"stream": {3, func(r []journal.Record) []journal.Record { r[2].Stream = "INC-2"; return r }},
		"rehashed": {3, func(r []journal.Record) []journal.Record {
			r[1].Body = json.RawMessage(`{}`)
			r[1].Hash, _ = journal.Hash(r[1].Prev, r[1].Stream, 2, r[1].Body)
			return r
		}},
		"prev": {2, func(r []journal.Record) []journal.Record { r[1].Prev = r[2].Prev; return r }},
		"hash": {3, func(r []journal.Record) []journal.Record { r[2].Hash = r[1].Hash; return r }},
	} {
		records, _ := encode(t)
		err := journal.Verify(c.change(records), "")
		var broken *journal.BrokenChain
		if !errors.As(err, &broken) || broken.Seq != c.seq {
			t.Errorf("%s: %v; want broken at %d", name, err, c.seq)
		}
	}
	records, _ := encode(t)
	if err := journal.Verify(records[1:], records[0].Hash); err != nil {
		t.Errorf("the tail of a log: %v", err)
	}
	if err := journal.Verify(records[1:], ""); err == nil {
		t.Error("a log that begins with record 2 was taken for whole")
	}
}

func TestSnapshotKeepsTextsBeside(t *testing.T) {
	_, sealed := encode(t)
	d := sealed[0].Fact.(*incident.Declared)
	s := incident.State{ID: "INC-1", Seq: 3, Title: d.Title, Alerts: d.Alerts, Updates: incident.Said{Text: incident.Text{Digest: "erased"}}}
	n, err := journal.EncodeState(s)
	if err != nil {
		t.Fatal(err)
	}
	if n.Seq != 3 || bytes.Contains(n.Body, []byte("checkout")) || len(n.Texts) != 2 {
		t.Fatalf("snapshot %d %s with %d texts", n.Seq, n.Body, len(n.Texts))
	}
	back, err := journal.DecodeState(n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Errorf("state read back differs:\n%s", diff)
	}
	if _, err := journal.EncodeState(incident.State{Seq: 1, Title: incident.Text{Body: "not sealed"}}); err == nil {
		t.Error("a text that is in no log went into a snapshot")
	}
	n.Seq = 4
	if _, err := journal.DecodeState(n); err == nil {
		t.Error("a snapshot of another moment was taken")
	}
}

func TestHouseRoundTrip(t *testing.T) {
	in := []house.Event{
		{Seq: 1, At: t0, RecordedAt: t0, Fact: &house.RosterSeen{Target: "primary", People: []house.Person{{Slack: "U1"}}, Source: "pd"}},
		{Seq: 2, At: t0, RecordedAt: t0, Fact: &house.DutyDone{Duty: "audit", Slot: t0}},
	}
	records, err := journal.EncodeHouse(in, "", strings.NewReader(strings.Repeat("salt", 100)))
	if err != nil {
		t.Fatal(err)
	}
	if err := journal.Verify(records, ""); err != nil {
		t.Fatal(err)
	}
	var s house.State
	for i, r := range records {
		e, err := journal.DecodeHouse(r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in[i], e); diff != "" {
			t.Error(diff)
		}
		s = house.Evolve(s, e)
	}
	n, err := journal.EncodeHouseState(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := journal.DecodeHouseState(n)
	if err != nil || cmp.Diff(s, back) != "" {
		t.Errorf("%v %s", err, cmp.Diff(s, back))
	}
}

// log is a journal.Reader of one log.
type log struct {
	journal.Reader
	records []journal.Record
}

func (l log) Records(_ context.Context, _ journal.Stream, from int64, limit int) ([]journal.Record, error) {
	r := l.records[min(int(from-1), len(l.records)):]
	return r[:min(limit, len(r))], nil
}

func export(t *testing.T, records []journal.Record) string {
	t.Helper()
	var b bytes.Buffer
	if err := journal.Export(t.Context(), log{records: records}, "INC-1", &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExportVerifiesOffline(t *testing.T) {
	records, _ := encode(t)
	out := export(t, records)
	end, err := journal.VerifyExport(strings.NewReader(out))
	if want := (journal.ExportEnd{Stream: "INC-1", Records: 3, Hash: records[2].Hash}); err != nil || end != want {
		t.Fatalf("%+v, %v; want %+v", end, err, want)
	}
	records[1].Texts = nil // erased
	if _, err := journal.VerifyExport(strings.NewReader(export(t, records))); err != nil {
		t.Errorf("after erasure: %v", err)
	}
	lines := strings.SplitAfter(out, "\n")
	for name, forged := range map[string]string{
		"cut off":   strings.Join(lines[:3], ""),
		"left out":  lines[0] + lines[1] + lines[3] + lines[4],
		"text":      strings.Replace(out, "too many", "too few", 1),
		"person":    strings.Replace(out, "U1", "U2", 1),
		"no head":   strings.Join(lines[1:], ""),
		"goes on":   out + lines[1],
		"not JSON":  strings.Replace(out, "{", "", 1),
		"new field": strings.Replace(out, `{"record":{`, `{"record":{"x":1,`, 1),
		"end":       strings.Replace(out, `"records":3`, `"records":2`, 1),
	} {
		if _, err := journal.VerifyExport(strings.NewReader(forged)); err == nil {
			t.Errorf("%s: taken for a true export", name)
		}
	}
	if err := journal.Export(t.Context(), log{}, "INC-9", &bytes.Buffer{}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("export of nothing: %v", err)
	}
	records[0].Body = append(records[0].Body, ' ')
	if err := journal.Export(t.Context(), log{records: records}, "INC-1", &bytes.Buffer{}); err == nil {
		t.Error("a broken log was exported")
	}
}

func FuzzVerifyExport(f *testing.F) {
	records, _, err := journal.EncodeIncident("INC-1", events(), "", &noise{})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := journal.Export(context.Background(), log{records: records}, "INC-1", &b); err != nil {
		f.Fatal(err)
	}
	good := b.String()
	f.Add(good)
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		end, err := journal.VerifyExport(strings.NewReader(s))
		if err == nil && end.Hash == records[2].Hash && end.Records != 3 {
			t.Fatalf("an export of %d records has the hash of one of 3", end.Records)
		}
	})
}

func FuzzDecodeIncident(f *testing.F) {
	records, _, err := journal.EncodeIncident("INC-1", events(), "", &noise{})
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range records {
		f.Add(r.Seq, []byte(r.Body))
	}
	f.Fuzz(func(t *testing.T, seq int64, body []byte) {
		e, err := journal.DecodeIncident(journal.Record{Stream: "INC-1", Seq: seq, Body: body})
		if err == nil && (e.Fact == nil || e.Seq != seq) {
			t.Fatalf("decoded %+v", e)
		}
		journal.DecodeState(journal.Snapshot{Seq: seq, Body: body})
		journal.DecodeHouse(journal.Record{Stream: journal.House, Seq: seq, Body: body})
	})
}
