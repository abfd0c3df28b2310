// Package view says what a card, a form or a page says, before any chat's format.
//
// It guarantees:
//   - Render is a function of its Source: no clock, no map order. What changed is in the state, so drawing twice draws the same.
//   - Words from outside (titles, alerts, findings, names) stand in Plain, Bold or Code spans and never become a mention, a link or a
//     button's name.
//   - A card mentions nobody but those who must act on it; everybody else is named. The headline and the announcement mention nobody:
//     they are edited in place, and an edit is not a way to call people.
//   - Every card keeps its promised size: a headline has at most 10 blocks, a topic and a purpose at most 250 characters, a page's
//     summary at most 1024, whatever was typed.
//
// Decisions that had alternatives:
//   - Views are chosen by the name recorded with the effect (Owed.Effect.View), not by its verb: a log outlives the code that wrote it,
//     and a name that this release does not know is an error the outbox can put on record.
//   - What a deadline leads to is worded from incident.Deadline.Next; nothing here computes a time or decides who is next.
//   - A page's words for the phone have their own functions (PageText, NoteText): they are heard, not seen, so they have no emoji, no
//     markup, and the first 60 characters must be enough.
//   - A runbook's step arrives filled (Step), as this package may not know how runbooks are stored.
package view
