// Package bolt is the embedded journal: one file, fsynced at every commit, no server to run.
//
// # Guarantees
//
// One process owns the data directory (an exclusive lock on the file). One goroutine writes. It takes every commit that waits into one bbolt
// transaction, one after the other, each seeing what those before it wrote; a commit whose expectations fail, fails alone. Nobody is
// answered before the transaction is on disk. Leases, lanes' waiting times, bucket pauses and replicas live in the owner's memory: with the
// owner they end, and tokens of the next owner are higher than all before. Attempts and items put off are on disk.
//
// A context that ends while a commit waits for its turn takes it out of the line, and nothing moves; one that ends after its turn came gives
// journal.ErrUnknown.
//
// # Files, in the data directory
//
//	tocsin.db      the file (0600)
//	tocsin.sock    where the owner answers reads (0600), see OpenReader; a path too long for a socket address moves to a private
//	               directory under os.TempDir
//	tocsin.owner   JSON: process id, host, start and socket of the owner, for the reader and for a clear error
//
// # Buckets
//
// A stream is written as its number in 8 bytes big endian (the house: the highest), so that streams lie in order of incident number.
// Numbers, sequence numbers and times (microseconds since 1970, sign bit flipped) are 8 bytes big endian.
//
//	meta        "format" "2", "counter" n, "epoch" n (openings so far, the high half of tokens)
//	log         stream seq -> prev (32 bytes, zero for the first), hash (32 bytes), body; where there are texts 0x00, JSON []journal.Sealed
//	erased      stream digest -> ""
//	snapshot    stream -> seq, length of body, body, JSON []journal.Sealed
//	row         stream -> JSON
//	open        stream -> "" (those whose row is open)
//	due         time stream -> ""
//	key         name -> expiry (0: none), outcome
//	claim       name -> owner
//	blob        digest -> 0x01, bytes
//	cursor      name -> value
//	item        n -> JSON journal.Item, n from the bucket's sequence
//	dead        n -> JSON journal.Dead
//	deadid      id -> n
//	deadof      stream n -> ""
//
// A file of format 1 kept texts in a bucket "text" (stream seq -> JSON []journal.Sealed), where they are still read and erased, and had the
// buckets "head" and "expiry" beside, which are removed when it is opened.
//
// # Decisions
//
// What a page holds is written whole, so every bucket a commit touches costs it a page or two. Where in the outbox an item lies and when a
// stream is due are therefore indexed in the owner's memory, filled when the file is opened, and not in buckets of their own: some
// 100 bytes for each, and fewer pages to write. For the same reason texts lie behind the record they belong to (an erasure writes the record
// without them), the head of a stream is its last record, and what expires when is found by looking through the keys, see Forget.
//
// Pauses and replicas have a lock of their own: whoever asks before each call whether to wait must not wait for a disk.
//
// No bbolt Batch: it waits for company, 10.8 ms where a transaction of one's own takes 0.7 ms. Taking what waits costs nobody a wait.
//
// The first memory map is 1 GiB of address space (not of memory): growing the map waits for every read in progress, and one long read stalled
// a commit for 6 s. Reads copy what they return and end.
//
// A reader without an owner opens the file for each question and closes it after: a `tocsin show` left open never keeps the bot from starting.
package bolt
