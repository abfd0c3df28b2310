// Package pagerduty is the way to PagerDuty and back: effects of the pager lane become events (Events API v2) and REST calls, webhooks and
// log entries become inputs of the engine.
//
// # What it guarantees
//
//   - Every page goes to its own address with its own dedup key. Repeating a call with the key is harmless; where it would not be (a page
//     that somebody resolved in between, a note), [Performer.Look] asks first.
//   - A page never waits for a look-up, a bucket or the REST API: the Events API alone is enough to ring. Text that cannot be rendered does
//     not stop it either.
//   - A failed call is a [*Fault] that says whether to repeat it, after how long, and whether it may have worked all the same. Tokens and
//     routing keys are in no error and in no log.
//   - One fact gives one event, whether it is heard of by webhook, by log entry, by both or several times.
//   - Our own pages coming back open nothing. Neither do those of another Tocsin on the same account, which would page each other without end.
//   - What is signed is never answered with a 4xx (but 413), what is not recorded never with a 2xx.
//
// # How a fact is known again
//
// A webhook's event id and a log entry's id are different ids of one fact. Each input carries its own id as transport key (Input.Key:
// "pd/event/<id>", "pd/log/<id>", "pd/open/<incident>/<status>/<time>") and a key of meaning (Input.Same): the PagerDuty incident, what
// happened, by whom, and the second it happened in. PagerDuty gives log entries in whole seconds and webhooks in milliseconds, so a fact
// carries two neighbouring seconds and two reports of it share at least one. Beyond that nothing is remembered here: the core ignores a
// status it has, which also takes care of events that overtake each other.
//
// # Whose page it is
//
// By its key: every Tocsin's dedup key is installation/INC-n/..., and incident_key or alert_key brings it back. Webhooks may lack the key;
// then it is asked for (1.5 s at most). Where there is no token or no answer, the title decides: our page texts begin with "SEV-n" and
// name "(INC-n)". What looks like a Tocsin's page and is none of ours opens nothing.
//
// # Decisions that had alternatives
//
//   - Incidents that PagerDuty had open before Tocsin first listened open nothing, or the first start on an old account would make a room
//     for each. The moment is kept as a cursor.
//   - A change of an unknown incident (its trigger was lost, or is late) opens one of ours, then takes the change. Resolving does not.
//   - When a webhook about a page older than two minutes arrives, what is true now is asked before a room is opened for it.
//   - The poller keeps its cursor two minutes back: entries appear late. Entries it has seen cost no store access.
//   - The client uses go-pagerduty for addresses, headers and events, and reads answers and errors itself: the library swallows context
//     errors, loses the Events API's words, always sends "priority": null and fails whole pages of log entries on fields nobody needs.
//   - SEV-1 and an unset severity are sent as critical, SEV-2 as error, SEV-3 as warning, SEV-4 as info. On a service with severity-based
//     urgency the last two ring nobody; a rotation that must be reachable for them needs a service with high urgency.
//   - Overrides of a schedule are known again by user, beginning and end, for a repeat must find the one whose answer was lost. One that should
//     begin at once begins at the next whole second, as PagerDuty takes none in the past, and counts as found wherever it began since
//     it was asked for. One that is gone when it is to be deleted is deleted.
//   - Acknowledging or resolving by REST is done in the name of PAGERDUTY_FROM and comes back as that person's act. The core has recorded
//     the act by then and ignores it. A user of its own for Tocsin is better, and check says so.
//
// Sources: developer.pagerduty.com (Events API v2; REST API v2: errors, rate limits, incidents, notes, log entries, on-calls; webhooks v3:
// overview, behaviour, verifying signatures).
package pagerduty
