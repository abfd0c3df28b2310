// Package intake is the door for machines: it takes Alertmanager's webhooks, mounts PagerDuty's handler, and answers health, readiness and
// metrics. Without an address nobody listens; Tocsin works without inbound ports.
//
// # What it guarantees
//
//   - 2xx only after the commit. What is not recorded gets 503, and Alertmanager sends it again.
//   - A body from somebody without the token is neither read nor logged. Every body is bounded.
//   - One input per change of an alert group, however often it is delivered: a body is the group's current set, and a set that the incident
//     has already is not even handed to the engine.
//   - What is authorised and cannot be read is kept as a dead letter and answered 202: sending it again would not make it readable.
//   - Everything in an alert is data: control characters and spoofing marks are removed, lengths bounded; whoever renders it escapes it.
//
// # How a delivery is known again
//
// Alertmanager repeats a group's notification (repeat_interval, every replica of a cluster, after its restart) and has no id for it. The
// transport key is therefore the group, a digest of everything in the body that tells two moments apart (fingerprints with start and end,
// how many were cut off), and the set the incident had before: the same change twice is one input, and a set that comes back later is a new
// one. While an incident of the group is over, an alert that is still the same firing one (same start) opens no second one for 24 hours;
// one that fires again does.
//
// # Decisions that had alternatives
//
//   - The group's identity is the hex SHA-256 of groupKey: what Alertmanager gives PagerDuty as dedup key for the same group, so that a page
//     and a webhook of one group meet in one incident.
//   - A name and service find an incident only where both are there: "InstanceDown" alone would throw unrelated hosts together. A page of
//     PagerDuty that knows no service may still find it by the name.
//   - A group that holds several alert names is named after the one that the policy's catalogue holds for worst; its "severity" label is the
//     worst among the firing alerts where they differ.
//   - Liveness asks nothing: a process that answers is alive. Readiness asks what it is given, and says why not.
//
// Sources: Alertmanager's webhook (version "4", captured from 0.25 and 0.34) and its notify package.
package intake
