// Package engine is the only writer. Handle takes an input, finds the incident it is about, lets the pure core decide, and commits
// everything that follows in one atomic step: the input's key with its outcome, the events with their recorded effects, the snapshot,
// claims, the row for lists, the next due time, and the new effects, leased to this process. When it returns, it is committed.
//
// # What it guarantees
//
// The same input twice gives one set of events and the same outcome (by Input.Key in transport, by Input.Same for the fact itself).
// Incident numbers have no gap: the number is read with the load and expected at commit. A claim that another incident holds routes
// the input there. A conflict with another writer is decided anew on what is there now, a bounded number of times.
//
// A merge, a split, and going private with what was merged into it, are one commit on all incidents concerned.
//
// # Decisions
//
// States are cached with their version and never trusted: the commit expects the version, and a conflict drops the cache entry. Inputs
// of one incident wait for each other inside a process, because deciding in parallel only makes conflicts.
//
// Claims are written into the facts that take them, so that they can be rebuilt from the log; ending an incident releases the claims of
// its alerts, so that an alert that fires again opens a new incident, unless the policy has its own taken up
// again so soon after the end.
//
// An incident keeps the policy it was frozen with. Where that is lost or a stricter release cannot read it, the policy in force counts
// instead, and Options.Unreadable and Stats say so: deadlines run on, by other rules, and the log keeps the digest of the right one.
//
// Refusals and inputs that change nothing are not remembered by key: asked again, they get the answer of the moment.
package engine
