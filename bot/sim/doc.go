// Package sim runs bots against a local Slack, a local PagerDuty and a store, breaks what can break by a plan, and checks after every step
// that the promises of the design (I1 to I11) hold.
//
// A Plan is data: acts of people and of the outside, and faults, each at a millisecond. Run plays one. It is meant for a testing/synctest
// bubble: there a plan of minutes takes a fraction of a second, time moves only when nothing else can, and a goroutine left behind fails
// the bubble. What breaks a promise comes back as a list of violations; a plan that did is kept as JSON and played again for ever.
//
// # Decisions
//
// A replica dies, hangs or loses the store at its wires: everything it says goes over pipes of ours. A dead one cannot say a last word; a
// paused one is cut off, and what it was about to do it does when it wakes. (Freezing its connections instead would block calls that hold
// locks, and a bubble's time stands still while somebody waits for a lock.) Hooks of the outbox serve only to choose the moment.
//
// Leases, call timeouts and sockets use the bubble's time, everything of the domain the movable clock: a plan waits for the former and jumps
// the latter.
//
// Deadlines are reckoned twice: what the core says of the state before an event, and what the simulator reckons from the facts alone, by rules
// of its own (dues.go), so that a driver or a core that acts early is seen.
//
// A plan names the variants of the default policy it runs under (rules.go) and may edit the file midway: every incident is checked by the policy
// that its log names. Working time is reckoned minute by minute (office.go), so that the core's calendar is not its own judge.
//
// The process is checked from the facts too (owing.go): that obligations remind in working hours and never early, that what a duplicate owed is
// owed on, that no step is done without the word and the capture that unlock it, that a hand-over is accepted by whom it was offered to, that
// monitoring opens no more rooms than the policy lets it, and that what is private is named nowhere outside.
//
// Storms, merges, hand-overs, covers, obligations, steps, holidays and going private are walked by scenes, each played alone and without
// faults in every test run (TestScenes), where it must reach the branches that it is there for: none is left to chance. The ordinary random
// plans draw none of these scenes, so that a seed means the plan it always meant; -sim.process draws plans of the whole process in a long run.
//
// The checks read the store over a connection of their own that no fault touches, and fold the logs themselves: they share the core's
// Evolve with the bot and nothing else.
package sim
