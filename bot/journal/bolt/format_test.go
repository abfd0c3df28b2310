package bolt

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// formatOne lays out a file that a release with format 1 wrote: one incident of the demo, from its page to its end.
func formatOne(t *testing.T) (dir string) {
	t.Helper()
	f, err := os.Open("testdata/format1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFilesOfFormatOneGoOn: what the first format wrote is read as it is by a reader, opens, is continued, and its texts can be erased.
func TestFilesOfFormatOneGoOn(t *testing.T) {
	ctx, dir := t.Context(), formatOne(t)
	whole := journal.ExportEnd{Stream: "INC-1", Records: 64, Hash: "75af2b6d0dc154cca3d9dc40f1b22fe5373b02f40d43cde78d3319576f72a117"}
	export := func(r journal.Reader) []byte {
		t.Helper()
		var out bytes.Buffer
		if err := journal.Export(ctx, r, "INC-1", &out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := export(r)
	r.Close()
	if end, err := journal.VerifyExport(bytes.NewReader(before)); err != nil || end != whole {
		t.Fatalf("a reader exports %+v, %v", end, err)
	}

	s, err := Open(dir, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	if got := export(s); !bytes.Equal(got, before) {
		t.Error("opened, the log reads otherwise")
	}
	l, err := s.Load(ctx, "INC-1")
	if err != nil || l.Version != whole.Records || l.Counter != 1 || l.Snapshot == nil {
		t.Fatalf("%+v %v", l, err)
	}
	if all, err := s.Streams(ctx, "", 10); err != nil || !slices.Equal(all, []journal.Stream{"INC-1", journal.House}) {
		t.Errorf("streams %v %v", all, err)
	}
	if items, err := s.Pending(ctx, "", 10); err != nil || len(items) != 0 {
		t.Errorf("%d items, %v", len(items), err)
	}
	s.db.View(func(tx *bbolt.Tx) error {
		for _, name := range gone1 {
			if tx.Bucket(name) != nil {
				t.Errorf("the bucket %s is still there, and nothing keeps it true", name)
			}
		}
		return nil
	})

	body := json.RawMessage(`{"more":true}`)
	h, err := journal.Hash(whole.Hash, "INC-1", 65, body)
	if err != nil {
		t.Fatal(err)
	}
	text := journal.Sealed{Salt: "000102030405060708090a0b0c0d0e0f", Body: "a word more"}
	salt, _ := hex.DecodeString(text.Salt)
	sum := sha256.Sum256(append(salt, text.Body...))
	text.Digest = hex.EncodeToString(sum[:])
	next := journal.Record{Stream: "INC-1", Seq: 65, Body: body, Prev: whole.Hash, Hash: h, Texts: []journal.Sealed{text}}
	if _, err := s.Commit(ctx, journal.Commit{Expect: journal.Expect{Versions: map[journal.Stream]int64{"INC-1": 64}}, Append: []journal.Record{next}}); err != nil {
		t.Fatal(err)
	}
	records, err := s.Records(ctx, "INC-1", 1, 100)
	if err != nil || len(records) != 65 || len(records[64].Texts) != 1 || records[64].Texts[0] != text {
		t.Fatalf("%d records, %v", len(records), err)
	}
	if err := journal.Verify(records, ""); err != nil {
		t.Error(err)
	}
	var old journal.Record
	for _, r := range records[:64] {
		if len(r.Texts) > 0 {
			old = r
		}
	}
	if old.Seq == 0 {
		t.Fatal("no old record has a text")
	}
	erased := []journal.Erasure{{Stream: "INC-1", Seq: old.Seq}, {Stream: "INC-1", Seq: 65}}
	if _, err := s.Commit(ctx, journal.Commit{Put: journal.Put{Erase: erased}}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // now, and opened once more
		for _, e := range erased {
			got, err := s.Records(ctx, "INC-1", e.Seq, 1)
			if err != nil || len(got) != 1 || got[0].Texts != nil || got[0].Hash != records[e.Seq-1].Hash || !bytes.Equal(got[0].Body, records[e.Seq-1].Body) {
				t.Errorf("record %d after its texts were erased: %+v %v", e.Seq, got, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(dir, Options{NoSync: true}); err != nil {
			t.Fatal(err)
		}
	}
}
