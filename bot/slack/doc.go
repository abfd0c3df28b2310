// Package slack is the bot's side of Slack: Web API and Socket Mode on one edge, the engine's inputs and the outbox's effects on the other.
//
//	Client      the Web API: every call limited, timed out after 10 s, its failure a classified *Fault
//	Limits      token buckets per method and channel, by urgency, divided by replicas; rests after 429 shared
//	Performer   effects -> calls: look, do, repair
//	Receiver    two sockets -> keyed workers -> engine and commands; history after every absence
//	Directory   people by e-mail and by id
//	blocks/     cards and forms -> Block Kit (pure)
//
// # What it guarantees
//
//   - Commit first, acknowledge after. A command is answered within two seconds with what became of it, or with "not known yet" and the
//     outcome by response_url; an event is acknowledged only once the engine has committed it (Slack sends it again otherwise).
//   - The goroutine that reads a socket decodes an envelope's outside, puts it into a queue and does nothing else.
//   - Messages of one channel reach the engine in the order in which they arrived. Every queue has a limit; what does not fit is not
//     acknowledged, so that Slack repeats it.
//   - The same message by event, by a second envelope, by redelivery and by history has the same keys: it is one event.
//   - After every absence, of the process or of the sockets, history is read with the same keys, of open incidents and of those that ended within
//     the last week; what cannot be read is recorded as a gap. What is on record and no longer there is recorded as found deleted, but only
//     where the whole channel was read, and after Slack was asked for that very message.
//   - A change that is heard before its message brings the message along: nothing is on record as a change of nothing.
//   - An effect of which nobody knows whether it was done is looked for before it is repeated: channels by name, creator, age and mark, posts
//     by the effect's id in their metadata. Posts are at least once and repaired.
//   - No token, ticket, trigger or response URL is in an error or a log.
//
// # Decisions that had alternatives
//
// What travels on a socket has slack-go's types (socketmode.Request and Response, slackevents, SlashCommand, InteractionCallback); the connection
// is our own, some 200 lines over gorilla/websocket, opened with slack-go's apps.connections.open. Its socketmode.Client is not used. Read
// and tried in v0.35.0 against a local Slack, that client ends a connection at any disconnect frame without telling its user the reason and
// reconnects at once, without a pause (thousands of times in two seconds on too_many_websockets); what arrives after that frame is dropped;
// acknowledgements wait in a queue of the client and go out on whichever connection comes next; its reader stops, pings with it, while the user
// does not take events; an envelope that it cannot decode is
// handed over as bytes, and is not acknowledged unless its user digs its id out of them. A failed write of an
// acknowledgement it does report, but as one more event, and apart from the call that made it. Each is a few lines here: a socket that
// was told to go is drained while its successor is opened, an acknowledgement goes out on the envelope's own socket and says whether it
// was written, and pings are answered by the reader, which never waits.
//
// Messages, of events and of histories, are decoded by ourselves (see message): slack-go keeps a block of an unknown type as it is, but for an
// unknown element inside a context, actions or input block, or an unknown cell of a table, it refuses the whole message, and a page of
// history with it. A timeline must not have that hole. Interactions are decoded a second time without their blocks where it refuses them.
// Everything else of the Web API is slack-go's, behind Client.
//
// A token that Slack does not take is not a permanent fault of an effect: the effect waits, a minute at a time, until an operator has
// mended the token, because dying for it would lose the record of what was owed. A missing scope is permanent: it says what to add.
package slack
