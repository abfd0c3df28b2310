// Package page is the sandbox's web page: a calm chat in plain HTML, CSS and a little script of our own, embedded in the
// binary and served by [Handler].
//
// # What it guarantees
//
//   - No resource from elsewhere, no framework, no build step: what stands in static/ is what is served, under a content
//     security policy that allows scripts and styles from this origin and nothing else (no inline script, no eval, no
//     images, no frames).
//   - What people and bots wrote is data: the script builds elements and text nodes and never parses markup. A test
//     reads the scripts and refuses innerHTML and its kin. Links are made of http, https and mailto addresses only.
//     Images of messages show their alternative text, as nothing is loaded.
//   - It talks to the control API under "control/", relative to where it is served, and to nothing else, so whatever the
//     page does can be scripted.
//
// # How it is cut
//
// app.js reads, draws and acts; blocks.js renders Block Kit and collects forms; mrkdwn.js renders Slack's texts; dom.js
// builds nodes and keeps those whose content did not change, so that focus and half-typed text survive a redraw; time.js
// renders moments in the chosen person's zone.
//
// # Decisions that had alternatives
//
//   - Everything of a channel is read again when something changed in it, and compared by node: simpler than merging events, and
//     a local demo has thousands of messages at most.
//   - Unread marks live in the page, from the moment it was opened, for each person it plays: the workspace keeps none.
//   - What a person typed is drawn from its text, what an app sent from its blocks.
package page
