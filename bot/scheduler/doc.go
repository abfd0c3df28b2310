// Package scheduler makes things happen in time: the deadlines of incidents, the recurring duties of the house, and the audit of what is
// derived from the logs. It decides nothing. A deadline that has come is handed to the engine as a Tick, and the core says what it means,
// so an index that is wrong can never page anybody.
//
// # What it guarantees
//
// While the store answers, a stream whose due time has come is ticked within a second at the latest, and otherwise within milliseconds
// (Stats holds how late each tick reached the engine). A tick that found nothing due means that the index was wrong; it is corrected on
// the spot. A stream that cannot be ticked does not keep the others waiting and is tried again every second.
//
// A duty's run belongs to a slot, a moment of its schedule in UTC. Slots are derived from what is recorded, never counted in memory: a
// restart neither doubles nor loses one, neither does another replica, nor a night on which the clocks change. Slots missed while nobody
// ran are made up for by one run, of the newest. A run that failed is tried again; a run that a crash cut short is run again.
//
// # How it is woken
//
// robfig/cron wakes the driver, and does nothing else: one one-shot entry at the earliest due time, replaced whenever that changes, and
// one entry every second as a net. Adding to cron costs O(n) and firing O(n log n); with two entries it costs nothing, and the ordered
// index of the store carries the hundred thousand.
//
// cron runs on real time, deadlines on the movable clock. The one-shot's moment is the due time minus the clock's offset, computed when
// it is set; because the clock may be moved afterwards, the driver also waits on the clock itself for the same moment. That wakes it when
// an Advance reaches the due time or comes nearer to it, and tells a player of demos what is waited for next. Whichever comes first wakes
// the driver; being woken twice is the same as once, because the driver asks the store what is due.
//
// # Decisions
//
// A Tick carries no key: the state says whether anything is due, and a key made of incident and due time would suppress the second tick
// that a long sleep needs (one tick advances one level).
//
// A duty is guarded by a lease named after it, which is kept after the run and not released: a replica that would take it next finds the
// run on record, also when what it knows of the house is some seconds old.
//
// Duties whose runs are part of the account (rosters, reminders) are recorded in the house log. Housekeeping every few seconds would
// only fill that log: its slots are kept in a cursor. What each replica must do for itself is kept in memory.
package scheduler
