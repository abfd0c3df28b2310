package journaltest

import (
	"testing"
	"testing/synctest"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// A Place is where a store keeps its data. Calling it opens the store; calling it again, after Close, opens the same data.
type Place func() journal.Store

// A Maker makes an empty place for a test, and cleans up after it.
type Maker func(t *testing.T) Place

type test struct {
	name string
	run  func(f *fixture)
}

// Run runs the suite in real time.
func Run(t *testing.T, place Maker) { run(t, place, func(t *testing.T, f func(t *testing.T)) { f(t) }) }

// RunInBubbles runs each test of the suite in a synctest bubble of its own. The store must start no goroutine that a bubble cannot see through.
func RunInBubbles(t *testing.T, place Maker) {
	run(t, place, func(t *testing.T, f func(t *testing.T)) { synctest.Test(t, f) })
}

func run(t *testing.T, place Maker, in func(t *testing.T, f func(t *testing.T))) {
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) { c.run(open(t, place)) })
		})
	}
	t.Run("Model", func(t *testing.T) { modelTest(t, place, in) })
}

var tests = []test{
	{"CommitAndLoad", testCommitAndLoad},
	{"BodiesByteForByte", testBodies},
	{"LargeBodies", testLargeBodies},
	{"ExpectationsAreAtomic", testExpectations},
	{"ExpectationOrder", testExpectationOrder},
	{"MalformedIsRefused", testMalformed},
	{"ConcurrentCommitsFailAlone", testFailAlone},
	{"CounterHasNoGap", testCounter},
	{"Claims", testClaims},
	{"Keys", testKeys},
	{"KeysExpire", testKeysExpire},
	{"Cursors", testCursors},
	{"Blobs", testBlobs},
	{"Rows", testRows},
	{"Streams", testStreams},
	{"RecordsPaging", testRecordsPaging},
	{"Snapshots", testSnapshots},
	{"Erasure", testErasure},
	{"Due", testDue},
	{"DeadLetters", testDeadLetters},
	{"Outbox", testOutbox},
	{"Leases", testLeases},
	{"LeaseRunsOut", testLeaseRunsOut},
	{"OldTokenIsRefusedEverywhere", testFence},
	{"Take", testTake},
	{"Lanes", testLanes},
	{"Restore", testRestore},
	{"Pauses", testPauses},
	{"Replicas", testReplicas},
	{"EndedContext", testEndedContext},
	{"Reopen", testReopen},
	{"Closed", testClosed},
}
