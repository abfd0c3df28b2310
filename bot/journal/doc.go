// Package journal is the contract of the store: logs of events, what follows from them, and what is on its way to the world. It holds
// the codecs and the hash chain as well; the stores are the packages bolt and redis, and journaltest is the one suite both pass.
//
// # Guarantees
//
//   - A Commit moves all or nothing, and its expectations hold at the moment it moves.
//   - Sequence numbers of a stream start at 1 and have no gap; a record that does not continue the chain of its stream is refused.
//   - What Commit acknowledged survives the death of the process, and of the machine where the store syncs (bolt always does; Redis as its
//     appendfsync says, see redis.Store.Check).
//   - The token of a Lease fences: Begin, Defer, DeferLane, Settle and a Commit that expects the lease change nothing once a newer lease
//     exists or the lease was released. A lease that merely ran out, and that nobody took, still counts: its work is nobody else's.
//   - An erased text does not come back, not with a later snapshot either (stores remember erased digests).
//
// # The chain
//
// The bytes of Record.Body are what json.Marshal made of our structs at the time of the commit. They are hashed, stored and returned as
// they are, and never encoded again: a later release that would write the same event differently reads the old bytes and leaves them.
// See Hash for what goes into a hash, and Verify.
//
// Free text is not in the chain, its digest is: SHA-256 of a 128-bit random salt followed by the text. The salt keeps a short text from being
// guessed from its digest after it was erased. Texts lie beside the record (Record.Texts). Erasing removes salt and body; the digest, and
// with it the chain, stays. Erasure is logical at once; a bolt page is overwritten when it is used again, a Redis append-only file when it is
// rewritten, and a backup when it is replaced.
//
// # Decisions
//
// EncodeIncident returns sealed copies beside the records and leaves the caller's events alone. The copies are decoded from JSON, so that
// whoever folds them into a state folds what a replay of the log will fold. The alternative, digests written into the caller's facts,
// would make a commit that is decided anew after a conflict carry the digests of the first try.
//
// A snapshot's texts carry no salt: the state knows digest and body only. They are a copy of what lies beside the records, which are the
// truth and are checked; a snapshot is a cache, compared with a replay by the auditor.
//
// Times are kept to the microsecond, in UTC. Streams are House or an incident's id; anything else is refused.
//
// A limit of zero or less gives nothing, one above MaxLimit is MaxLimit. Fewer results than the limit means that there are no more.
package journal
