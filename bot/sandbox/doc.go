// Package sandbox joins a strict local Slack (package workspace), a strict local PagerDuty (package pager), a web page
// (package page) and a control API on one clock, with a cast of people who exist in both under the same e-mail address.
// It knows nothing of the bot: any Slack SDK and any PagerDuty client can be pointed at it.
//
// # Where things are
//
//	/api/, /socket/, /response/, /upload/, /files/   Slack: the base URL for an SDK is http://host/api/
//	/pagerduty/                                      PagerDuty: REST and Events API base URL is http://host/pagerduty
//	/control/                                        the control API; GET /control/ lists it, as JSON or HTML
//	/                                                the page
//
// # The control API
//
// Bodies and answers are JSON. A person ({who}) is given by Slack id, handle, e-mail, PagerDuty id or role key
// (primary, secondary, tech_lead, cto, ceo, compliance_officer); a conversation by id or name. A refusal is
// {"error": "..."} in the words of the system that refused, with status 400 (refused), 403 (cross-site), 404 (no such
// thing), 409 (the app or PagerDuty is down). Acts that an app must answer (commands, clicks, submissions) return when it
// has, with the outcome; they do not fail when it has not: "status" says so.
//
// The endpoints are in [Endpoints], which is also what GET /control/ shows. GET /control/events is a stream of
// server-sent events, one JSON object each: {"source": "slack|pagerduty|clock", "kind", "channel", "ts", "user",
// "incident_id", "clock"}. It is a hint to read again, and may skip some when the reader is slow; a "resync" says so.
//
// # Access
//
// Whoever reaches the listener can act as anybody: binding it to the loopback interface is the caller's job. A web page
// elsewhere must not reach it through a visitor's browser: requests that a browser marks as cross-site or cross-origin
// are refused, and so is a Host header that is neither localhost, an IP address nor in [Options.Hosts] (DNS rebinding).
//
// # Decisions that had alternatives
//
//   - The routing keys are fixed, not generated: a policy file can name them, and they ring nobody's real phone. The Slack
//     tokens and the PagerDuty token are generated unless given.
//   - Each of the six people of the ladder has a service, an escalation policy of one level with one target, and a routing
//     key of their own, so that a page to one address can ring exactly one phone. The production service has the ladder
//     of an ordinary team: the primary on call, then the secondary.
//   - Moving the clock forward is one step for everything: what fell due in PagerDuty is stamped when it was due, and the
//     bot sees one tick, as after a suspended machine.
package sandbox
