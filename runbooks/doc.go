// Package runbooks holds the runbooks themselves (Markdown, English and French), the strict loader that turns them into steps, the
// filling of their commands with an incident's values, and the linter.
//
// It guarantees:
//   - A runbook that parses is one a person can follow without a bot: the file is ordinary Markdown, and what GitHub shows (headings,
//     code blocks, links) is what this package read; a file on which the two would differ is refused.
//   - Parse is a function of its input alone. The same source gives the same Runbook and the same Digest, so an incident can keep a
//     revision by its digest and parse the stored source years later.
//   - Fill never lets a value leave its place. In shell the value stays one literal word, in SQL one string literal; a value that does
//     not fit its parameter's pattern is refused with the pattern in words, never repaired.
//   - What is wrong with a file, and what the linter finds, is said in the catalogue's words, English and French (In), with file, line and mend.
//   - Nothing here reads a clock, the environment or the file system: Load takes an fs.FS, Lint takes the date.
//
// Decisions that had alternatives:
//   - Step metadata (kind, minutes, approval, clocks) stands in the front matter keyed by step id, and what a person needs to act (the
//     command, what to look for, where to go next, warnings) stands in the body. Metadata in the body's comments would be invisible on
//     GitHub; prose in the front matter would be unreadable there.
//   - A step's id is an HTML anchor in its heading: invisible when rendered, stable when the title is reworded or a step is inserted,
//     and the target of ordinary links, so branches can be clicked on GitHub.
//   - A placeholder is {{name}}: pasted unfilled it names nothing and the command fails, where the customary <name> would be a
//     redirection in shell. It may not stand inside quotes, so there is one quoting rule for each language and no nesting to get wrong.
//   - The body is read by a line scanner of our own, which knows the line of everything it refuses, and is then compared with goldmark's
//     reading of the same text. Walking goldmark's tree alone loses the exact source of a block, and with it the digest of what is shown.
//   - legal, customer success, a tenant's officers, a customer and a regulator are told, and can neither approve a step nor be the only ones who
//     may do it: nobody who talks to the bot is them, so such a lock would have no key. The linter refuses it. The alternative, that anybody
//     attests "legal has approved", would be a key that everybody holds; who hears legal and answers for it (the CTO, the commander) is named
//     instead, and says so in the reason. A policy that gives legal people makes it a role like any other.
//   - Commands are parsed by what runs them, or its next of kin: mvdan.cc/sh for bash, Prometheus's own parser, PostgreSQL's own grammar as WebAssembly
//     (go-pgquery; the parsers written in Go know another dialect or a part). Together they add 6 MB to the binary and nothing to an idle bot;
//     PostgreSQL's takes three seconds to start, so Lint starts it only for SQL that is not ours. Prometheus's parser is of 0.306, the last whose module
//     does not ask for an unreleased commit of the socket library that Slack is heard through.
//   - Prose is kept as Markdown (Step.Prose, Step.Parts); Mrkdwn turns it into Slack's dialect and Plain into text. Both are pure.
package runbooks
