// Package catalog holds every word a person reads, in English and French, and the small language those words are written in.
//
// It guarantees:
//   - Data from outside can become nothing but words: every argument is typed, and free text travels in Plain, Bold or Code spans that
//     the renderer of a chat escapes. A template has no way to make a mention out of a string.
//   - Say never fails. A key missing in a language falls back to English and then to the key itself; a missing argument shows its
//     name in braces. A test walks both languages, so neither can be released.
//   - The same arguments give the same Text: no clock, no environment, no map order.
//
// # The language of messages
//
//	{by}                                       an argument, by name
//	{n, plural one{# step} other{# steps}}     chosen by an Int; # is the number. In French 0 and 1 are "one"
//	*words*  `words`                           bold, code
//	a new line                                 a line break
//
// # Decisions
//
// Messages are Go tables with both languages of a message side by side, not a file per language: whoever changes one sees the other in
// the same line of the diff, a duplicate key does not compile, and nothing is parsed from disk at start. The price is that a
// translator edits Go; the tables hold nothing but strings, so the price is small.
//
// The preposition before a clock time falls away before a moment that says its day: messages are written for the clock time ("at {at}"),
// and "at yesterday 00:15" is nobody's language.
//
// French typography (no-break spaces before : ; ! ? % and inside « ») is applied when a message is read, not typed by its author:
// an invisible character that everybody must remember is one that somebody forgets. Units after a number get theirs too.
//
// A term that itself must be translated (a role, a status) is passed as Term, its key: no caller ever holds a word in one language
// while the sentence around it is in another.
package catalog
