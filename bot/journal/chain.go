package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Hash returns the hash of a record: hex SHA-256 of the raw bytes of the hash before (none for the first record), 0x00, the stream's
// name, 0x00, the sequence number as 8 bytes big endian, and the body. It fails when prev is not a hash.
func Hash(prev string, s Stream, seq int64, body []byte) (string, error) {
	p, err := hex.DecodeString(prev)
	if err != nil || len(p) != 0 && len(p) != sha256.Size {
		return "", fmt.Errorf("%q is not a hash of the chain", prev)
	}
	h := sha256.New()
	h.Write(p)
	h.Write([]byte{0})
	h.Write([]byte(s))
	h.Write([]byte{0})
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(seq)))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// BrokenChain says at which record a log is not what was written.
type BrokenChain struct {
	Stream Stream
	Seq    int64 // of the first record that does not fit
	Why    string
}

// Error says where the chain breaks, and why.
func (b *BrokenChain) Error() string {
	return fmt.Sprintf("the log of %s is broken at record %d: %s", b.Stream, b.Seq, b.Why)
}

// Verify checks that records follow each other without a gap and that every hash is right; prev is the hash of the record before the
// first one, empty when the first one is number 1. The error is a *BrokenChain that names the first wrong record.
func Verify(records []Record, prev string) error {
	if len(records) == 0 {
		return nil
	}
	stream, want := records[0].Stream, records[0].Seq
	for _, r := range records {
		broken := func(format string, args ...any) error {
			return &BrokenChain{stream, want, fmt.Sprintf(format, args...)}
		}
		switch {
		case r.Stream != stream:
			return broken("a record of %s lies there", r.Stream)
		case r.Seq != want:
			return broken("record %d lies there", r.Seq)
		case (r.Seq == 1) != (prev == ""):
			return broken("the first record, and only the first, has no record before it")
		case r.Prev != prev:
			return broken("it follows hash %.12s, the record before it has %.12s", r.Prev, prev)
		}
		h, err := Hash(prev, r.Stream, r.Seq, r.Body)
		if err != nil {
			return broken("%v", err)
		}
		if h != r.Hash {
			return broken("its content hashes to %.12s, recorded is %.12s", h, r.Hash)
		}
		prev, want = r.Hash, want+1
	}
	return nil
}
