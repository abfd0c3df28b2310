// Package pager is a strict local PagerDuty: it speaks the parts of the Events API v2, the REST API v2 and the webhooks v3
// that an incident bot uses, keeps the state a real account would keep, and says whose phone rang, when and why.
//
// # What it guarantees
//
//   - Every answer follows from state: an alert opens an incident, the incident is assigned to whoever is on call at the
//     current level of its escalation policy, and each of those people is notified by their own rules until somebody
//     acknowledges. Unacknowledged levels escalate after their delay.
//   - Time is the caller's [Clock]. Whatever fell due is worked off, in order and stamped with the moment it was due, before
//     any request, act or reading is served, so the log never goes back in time and a jump of an hour leaves the same
//     history as an hour of waiting. While [Pager.SetDown] holds nothing happens; what fell due meanwhile happens when
//     it ends, stamped then.
//   - [Pager.Rings] is the account of record for tests: one entry for each notification, with person, kind, reason, incident
//     and dedup key.
//   - It is strict where PagerDuty is: routing keys, severities, lengths, the From header, null priorities, paging limits,
//     rate limits. A request to a path it does not serve is answered 404 and kept in [Pager.Unexpected].
//   - Every list is bounded (see limits.go); the oldest goes first. No goroutine outlives [Pager.Close].
//
// # Operations
//
// Operation names, used by the fault switches and by [Call.Op], are the method and pattern, such as "POST /v2/enqueue" or
// "PUT /incidents/{id}"; [Operations] lists them.
//
// # Decisions that had alternatives
//
//   - An alert makes one incident (alert creation "create alerts and incidents", no grouping), so incident_key is the dedup
//     key. Grouping would make "the same page twice" ambiguous in tests.
//   - Due work is stamped with its due time rather than with the time of the jump: an outside service does not stop when the
//     bot's clock is moved by a lever.
//   - Latency ([Pager.SetSlow]) and the 5 s limit of a webhook delivery use real time, as they are measured against the bot's
//     call timeouts, which are real; retries of webhooks and everything about people use the Clock.
//   - Webhooks of one subscription are sent one after another: a failing one holds up those behind it, as PagerDuty does.
//     The back-off steps are not published; ours double from 15 s to one hour, for at most 48 hours.
//   - Times on the wire have whole seconds, as PagerDuty's do, so that a client which relies on finer order fails here too.
//   - An override that would begin in the past is refused, and the list of overrides names ids only where editable is asked for:
//     the reading of the published words that forgives a client least. One that has begun and is not over counts as editable,
//     since DELETE cuts it.
//
// Sources: developer.pagerduty.com (Events API v2 overview and alert events, REST API v2 errors, rate limits, incident
// creation, log entries, schedules and overrides, webhooks v3 overview and behaviour). Not published and therefore chosen: the
// exact shape of log-entry channels beyond their "type", the wording of validation errors, the agent of an incident that an
// integration triggered (here the service in log entries, the integration in webhooks).
package pager
