package journal

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// An export is JSON Lines: a first line that names the stream, one line per record with its texts, and a last line that says how many
// records there are and the hash of the last one. Somebody who was told that hash can tell a forged export from a true one; somebody
// who was not can still tell that nothing inside was changed, left out or cut off.
//
//	{"export":{"format":"tocsin-log","version":1,"stream":"INC-1"}}
//	{"record":{"stream":"INC-1","seq":1,"body":{...},"prev":"","hash":"..."},"texts":[{"d":"...","s":"...","b":"..."}]}
//	{"end":{"stream":"INC-1","records":1,"hash":"..."}}
type exportLine struct {
	Export *exportHead `json:"export,omitempty"`
	Record *Record     `json:"record,omitempty"`
	Texts  []Sealed    `json:"texts,omitempty"`
	End    *ExportEnd  `json:"end,omitempty"`
}

type exportHead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Stream  Stream `json:"stream"`
}

// ExportEnd is the last line of an export.
type ExportEnd struct {
	Stream  Stream `json:"stream"`
	Records int64  `json:"records"`
	Hash    string `json:"hash"` // of the last record
}

const (
	exportFormat  = "tocsin-log"
	exportVersion = 1
	exportPage    = 200      // records of one read
	maxExportLine = 64 << 20 // bytes
)

// Export writes a stream's log as JSON Lines, verifying it on the way: a broken chain is an error and ends the export before the line that
// breaks it. The error wraps ErrNotFound when there is no such stream.
func Export(ctx context.Context, from Reader, s Stream, w io.Writer) error {
	out := bufio.NewWriter(w)
	if err := writeLine(out, exportLine{Export: &exportHead{exportFormat, exportVersion, s}}); err != nil {
		return fmt.Errorf("export %s: %w", s, err)
	}
	end := ExportEnd{Stream: s}
	for {
		page, err := from.Records(ctx, s, end.Records+1, exportPage)
		if err != nil {
			return fmt.Errorf("export %s: %w", s, err)
		}
		if err := Verify(page, end.Hash); err != nil {
			return fmt.Errorf("export %s: %w", s, err)
		}
		for _, r := range page {
			if err := writeLine(out, exportLine{Record: &r, Texts: r.Texts}); err != nil {
				return fmt.Errorf("export %s: %w", s, err)
			}
			end.Records, end.Hash = r.Seq, r.Hash
		}
		if len(page) < exportPage {
			break
		}
	}
	if end.Records == 0 {
		return fmt.Errorf("export %s: %w", s, ErrNotFound)
	}
	if err := writeLine(out, exportLine{End: &end}); err != nil {
		return fmt.Errorf("export %s: %w", s, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export %s: %w", s, err)
	}
	return nil
}

// writeLine writes one line. encoding/json compacts a RawMessage on its way out, which leaves the bodies we wrote as they are; a body that it
// would change cannot be exported truly, and is an error.
func writeLine(w io.Writer, l exportLine) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if l.Record != nil && !bytes.Contains(b, l.Record.Body) {
		return &BrokenChain{l.Record.Stream, l.Record.Seq, "its body is not canonical JSON and would not survive the export"}
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// VerifyExport reads an export and checks everything that can be checked without the store: the chain from the first record to the last
// line, every text against its digest, and that every text is cited by its record. It returns the last line.
func VerifyExport(r io.Reader) (ExportEnd, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxExportLine)
	var head *exportHead
	var last Record
	for n := 1; in.Scan(); n++ {
		var l exportLine
		d := json.NewDecoder(bytes.NewReader(in.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil {
			return ExportEnd{}, fmt.Errorf("line %d is not a line of an export: %w", n, err)
		}
		switch {
		case head == nil:
			if l.Export == nil || l.Export.Format != exportFormat {
				return ExportEnd{}, errors.New("this is not an export of a tocsin log: its first line does not say so")
			}
			if l.Export.Version != exportVersion {
				return ExportEnd{}, fmt.Errorf("the export is of version %d, this release reads version %d", l.Export.Version, exportVersion)
			}
			head = l.Export
		case l.Record != nil:
			if err := verifyLine(head.Stream, last, *l.Record, l.Texts); err != nil {
				return ExportEnd{}, fmt.Errorf("line %d: %w", n, err)
			}
			last = *l.Record
		case l.End != nil:
			if want := (ExportEnd{head.Stream, last.Seq, last.Hash}); *l.End != want {
				return ExportEnd{}, fmt.Errorf("line %d: the export ends with record %d, the last line says %d", n, want.Records, l.End.Records)
			}
			if in.Scan() {
				return ExportEnd{}, fmt.Errorf("line %d: the export goes on after its last line", n+1)
			}
			return *l.End, in.Err()
		default:
			return ExportEnd{}, fmt.Errorf("line %d is empty", n)
		}
	}
	if err := in.Err(); err != nil {
		return ExportEnd{}, fmt.Errorf("read export: %w", err)
	}
	return ExportEnd{}, fmt.Errorf("the export is cut off after record %d: its last line is missing", last.Seq)
}

func verifyLine(s Stream, before, r Record, texts []Sealed) error {
	if r.Stream != s {
		return fmt.Errorf("a record of %s in an export of %s", r.Stream, s)
	}
	if r.Seq != before.Seq+1 {
		return &BrokenChain{s, before.Seq + 1, fmt.Sprintf("record %d lies there", r.Seq)}
	}
	if err := Verify([]Record{r}, before.Hash); err != nil {
		return err
	}
	for _, t := range texts {
		if err := t.Check(); err != nil {
			return fmt.Errorf("record %d of %s: %w", r.Seq, s, err)
		}
		if !bytes.Contains(r.Body, []byte(`"`+t.Digest+`"`)) {
			return fmt.Errorf("record %d of %s does not cite the text %.12s beside it", r.Seq, s, t.Digest)
		}
	}
	return nil
}
