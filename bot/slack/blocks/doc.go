// Package blocks turns what the views say (view.Card, view.Form, catalog.Text) into Slack's Block Kit and mrkdwn. It is pure.
//
// # What it guarantees
//
//   - Data from outside (Plain, Bold, Code and Block spans, names, labels) can never become a mention, a link, a quote or formatting.
//   - What it returns passes [Check] for every input: Slack's limits, documented and found out, are kept by shortening and splitting,
//     never by refusing. Buttons outlive words: when a card has too many blocks, paragraphs go first.
//   - The same input gives the same bytes.
//
// # Limits
//
// From https://docs.slack.dev/reference/block-kit: 50 blocks a message, 100 a view; header 150, section 3000, 10 fields of 2000, button
// text 75 and value 2000, 100 options of 75, action_id, block_id and callback_id 255, view title 24, private_metadata 3000. Beside them
// a message whose texts come to more than about 13,200 characters is refused (msg_blocks_too_long; not documented). Lengths are
// counted in UTF-16 units, which is never less than what Slack counts, and after escaping.
//
// # Decisions
//
// Formatting characters in data (* _ ~ and the backtick) are replaced by look-alikes, and only where Slack would format: a pair on one
// line with word boundaries outside. The alternative, a zero-width space, changes copied text as well and is treated by some clients
// as the very boundary that lets formatting start. What is to be copied travels in Code and Block spans, which are not touched.
//
// All mrkdwn objects are verbatim: otherwise Slack looks for URLs and names in data and links them.
//
// A button carries its view.Ref in its value. A menu has no value of its own; its Ref is the block_id of its block, so a menu that
// carries a different Ref than another menu of the same row gets a row of its own. Forms carry theirs in private_metadata.
package blocks
