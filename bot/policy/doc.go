// Package policy reads the process a company promises, from one YAML file, into an incident.Policy. It is pure: the same bytes give the
// same policy, the same digest and the same faults in the same order, on every machine.
//
// # What it guarantees
//
// Nothing is guessed and nothing is dropped: an unknown key, a key written twice, a second document, an alias, a bare number where a
// duration belongs, all are refused. All faults of a file are reported at once, each with file, line, field and what to write instead, in English
// or French.
// A value is quoted in a fault only where it cannot be a secret: what stands in an address is never repeated.
//
// A policy that came through Parse can be carried out: every target a level, a severity or a backup names exists and has an address of
// its own, no two targets ring one phone, every severity is there, and no deadline is missing that the ladder needs in order to move.
// What is legal but probably not meant (nobody known to be on call for a target, the secondary is the primary) comes from Findings
// as a warning.
//
// # Decisions
//
// A file stands alone. Nothing is inherited from the embedded default, because the digest of a file pins what an incident was promised,
// and a newer release with another default would change that behind the digest's back. The few scalars that may be left out (see
// policy.go) have values fixed by the file's version number.
//
// The tree is walked by hand instead of being decoded into a struct: that is what gives every fault its line and its mend, and reports
// all of them where a decoder stops early or speaks of Go types.
//
// Durations are clock time, "24h" included. SEV-4's answer time is one business day in the runbooks; business time is not part of the
// policy's language yet, so the default says 24h, which on a Friday is stricter than what was promised and never laxer.
//
// deploy/policy.schema.json, for editors, is written by a test from what the reader says of itself while it reads (shape.go): a new field
// is shown once in example.yaml, and "go test ./bot/policy -run Schema -update" writes the schema anew. The schema knows shapes only.
//
// The one thing read beside the bytes is the time zone database, to refuse a zone that does not exist.
package policy
