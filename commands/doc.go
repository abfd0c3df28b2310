// Package commands is what people say to Tocsin and what it answers: the verbs of the slash command, the buttons, the forms. One file
// each; commands.go lists them by hand.
//
// It knows no chat: it gets a Call, a Click or a Submission and returns a Reply made of views. What it wants done it hands to an
// Office (the engine, behind a narrow interface), and that is committed when the Reply is returned.
//
// # Decisions
//
// A verb never guesses. An unknown word gets the nearest verb; a command outside an incident's channel asks which incident is meant, and
// so do free words that end in the id of another incident than the room's. Free text declares an incident only when it names a severity
// ("checkout is down sev1") and does not begin like a verb: a mistyped verb must not page anybody. "page" alone rings nobody.
//
// An answer says what was recorded in the words of the timeline ("CTO rung, asked for by Sam"), which costs one read of a few events.
// The alternative, a bare "recorded", leaves somebody at night in doubt whose phone rings now.
//
// A button acts once. Most of it is the core's (a second acknowledgement is a refusal); where the core would do it again (open anyway,
// ring the next level, "this incident was meant"), the act's key is made from the question that was asked or the stage the button was
// drawn at, so that a second press is the same input. Joining is the exception: whoever left comes back by the same button.
//
// An answer that carries what was typed carries it whole or offers no button: half a sentence in the log would be worse than typing again.
//
// What a button is about travels in its value and is data: it can name an incident, a step, a role, but never a person to be paged.
package commands
