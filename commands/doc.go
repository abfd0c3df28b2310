// Package commands is what people say to Tocsin and what it answers: the verbs of the slash command, the buttons, the forms. One file
// each; commands.go lists them by hand.
//
// It knows no chat: it gets a Call, a Click or a Submission and returns a Reply made of views. What it wants done it hands to an
// Office (the engine, behind a narrow interface), and that is committed when the Reply is returned.
//
// # Decisions
//
// A verb never guesses. An unknown word gets the nearest verb; a command outside an incident's channel asks which incident is meant.
// Free text declares an incident only when it names a severity ("checkout is down sev1"): a mistyped verb must not page anybody.
//
// What a button is about travels in its value and is data: it can name an incident, a step, a role, but never a person to be paged.
package commands
