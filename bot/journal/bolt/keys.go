package bolt

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// The buckets, see the package's doc.
var (
	bMeta     = []byte("meta")
	bLog      = []byte("log")
	bErased   = []byte("erased")
	bSnapshot = []byte("snapshot")
	bRow      = []byte("row")
	bOpen     = []byte("open")
	bDue      = []byte("due")
	bKey      = []byte("key")
	bClaim    = []byte("claim")
	bBlob     = []byte("blob")
	bCursor   = []byte("cursor")
	bItem     = []byte("item")
	bDead     = []byte("dead")
	bDeadID   = []byte("deadid")
	bDeadOf   = []byte("deadof")
)

var buckets = [][]byte{bMeta, bLog, bErased, bSnapshot, bRow, bOpen, bDue, bKey, bClaim, bBlob, bCursor, bItem, bDead, bDeadID, bDeadOf}

// Buckets of files of format 1: the texts are still read there, the others said nothing that is not in the log and the keys.
var (
	bText1 = []byte("text")
	gone1  = [][]byte{[]byte("head"), []byte("expiry")}
)

var (
	kFormat  = []byte("format")
	kCounter = []byte("counter")
	kEpoch   = []byte("epoch")
	none     = []byte{}
	zero     = []byte{0}
)

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func num(b []byte) uint64 {
	if len(b) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func streamKey(s journal.Stream) []byte { return u64(uint64(s.Number())) }

func streamOf(k []byte) journal.Stream { return journal.StreamOf(int64(num(k))) }

func recordKey(s journal.Stream, seq int64) []byte {
	return binary.BigEndian.AppendUint64(streamKey(s), uint64(seq))
}

func erasedKey(s journal.Stream, digest string) []byte { return append(streamKey(s), digest...) }

// timeKey orders as times do, also before 1970.
func timeKey(t time.Time) []byte { return u64(uint64(t.UnixMicro()) ^ 1<<63) }

func timeOf(k []byte) time.Time { return time.UnixMicro(int64(num(k) ^ 1<<63)).UTC() }

func dueKey(t time.Time, s journal.Stream) []byte { return append(timeKey(t), s...) }

func deadOfKey(s journal.Stream, n uint64) []byte {
	return binary.BigEndian.AppendUint64(streamKey(s), n)
}

// rawHash is a hash as 32 bytes; the empty one is all zero.
func rawHash(h string) []byte {
	b, err := hex.DecodeString(h)
	if err != nil || len(b) != 32 {
		return make([]byte, 32)
	}
	return b
}

func hexHash(b []byte) string {
	for _, c := range b {
		if c != 0 {
			return hex.EncodeToString(b)
		}
	}
	return ""
}

// after is the least key greater than all that begin with a stream's.
func after(stream []byte) []byte { return u64(num(stream) + 1) }
