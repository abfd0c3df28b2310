// Package workspace is a strict, stateful Slack workspace that runs inside the
// process: the Web API, Socket Mode and response URLs that any Slack SDK can be
// pointed at, and a Go API with which a test, a demo page or a drill acts as the
// people in it and reads back what they would see.
//
// # What it guarantees
//
//   - One state, one lock. Every Web API call and every act of a person is one
//     atomic step; what a reader gets is a copy.
//   - It refuses what Slack refuses: scopes, membership, names, archived
//     channels, Block Kit limits, trigger lifetimes, view hashes, rate limits.
//     What Slack would accept but its documentation does not list (an unknown
//     argument, an ack nobody waits for) is let through and listed by
//     [Workspace.Strange], so that a test can fail on it.
//   - Timestamps are unique and strictly increasing in the whole workspace, at the
//     time of [Options.Clock], with six digits.
//   - Every queue, log and list has a limit; every goroutine belongs to the
//     Workspace and has ended when [Workspace.Close] returns. It works inside a
//     testing/synctest bubble, served over net.Pipe.
//   - It knows nothing of the bot: it imports the standard library and
//     gorilla/websocket only.
//
// # Decisions that had alternatives
//
//   - Two clocks. What Slack does by the calendar (timestamps, rate windows,
//     trigger ids, response URLs, redelivery after one and five minutes, the
//     delayed-delivery fault) follows the movable clock. What is network (pings,
//     the three seconds an app has to acknowledge, latency, a socket's life) runs in
//     real time: moving the demo's clock by five minutes must not time out a
//     command that is being answered at that moment. Inside a bubble both are the
//     bubble's time.
//   - A redelivered event has a new envelope_id and the same event_id. Slack's
//     trackers show both forms; the other one, the same envelope_id sent twice with
//     retry_attempt 0, is the fault [Faults.DuplicateNext].
//   - An event that happens while no socket is open counts its first attempt as
//     failed: it arrives with retry_attempt 1 when a socket opens, as reported of
//     Slack. It is kept until then, up to a limit.
//   - An acknowledgement is accepted on any connection of the app. What Slack does
//     is undocumented; [Faults.OwnSocketAcks] makes the workspace strict.
//   - action_id must be unique inside its block and block_id inside the message, as
//     Slack documents; the same action_id in two blocks is allowed.
//   - Ids of channels, users, messages and files are counted, so that a plan replays
//     to the same ids; tokens, tickets and URLs come from a secret (or from
//     [Options.Seed], when it must replay too).
//   - chat.update keeps blocks, attachments and metadata that the call leaves out,
//     as its reference page says.
//
// Not built: canvases, scheduled messages, external selects (block_suggestion),
// Slack Connect, Enterprise Grid, user tokens, dialogs. Those methods answer
// unknown_method, as an older Slack would.
package workspace
