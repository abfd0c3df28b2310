// Package journaltest is the conformance suite of the journal: what every store must do, in one place. A store's own tests call Run or
// RunInBubbles and Bench; what only that store has (files, sockets, scripts) it tests itself.
//
// # Decisions
//
// A Place and not an open store is what the suite gets, because durability can only be told by opening the same data again.
//
// Where time must pass the suite sleeps: virtually in a bubble, for a few hundred milliseconds against a real server. It never asserts that
// something happened within a time.
//
// The random plans are drawn outside the bubble and played inside (rapid inside a bubble panics), against a model that is a few maps.
package journaltest
