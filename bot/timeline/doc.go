// Package timeline turns the log of an incident into what people read of it: lines, an export in Markdown, text for a terminal, figures.
//
// It guarantees:
//   - Every fact type is decided on: it is shown, or it is deliberately not (Shown). A new fact that nobody decided on fails a test.
//   - Lines stand in the order things happened (Slack's time, PagerDuty's time), not in the order they were recorded; what was recorded
//     more than a minute later says so. Equal times keep the order of the log.
//   - What was said stays: an edited message shows its first words, that it was changed and when, and the change is a line of its own. A
//     deleted one stays and says that it was deleted. Erased texts say that they were erased.
//   - A figure that is not known is nil, never zero, and every figure has its definition in words beside it.
//   - The output is a function of its arguments: no clock, no map order.
//
// Decisions that had alternatives:
//   - Slack's own tokens in a message (<@U…>, <#C…|name>, <!channel>, <https://…|label>) are read here and become names and links. The log
//     keeps the message as Slack sent it, so a better reading later still finds everything.
//   - A page accepted by PagerDuty, a taken channel name and a settled effect are bookkeeping and not shown, except where they failed for
//     good: the account is of the incident, not of the bot.
package timeline
