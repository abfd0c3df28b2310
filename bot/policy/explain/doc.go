// Package explain answers what a policy does: who is rung and when, if a SEV-2 is declared on Saturday 23:50 and nobody moves?
//
// It knows no rule of its own. It declares an incident to the core (incident.Apply), ticks at every moment the core itself names
// (incident.NextDue), reports every effect as done, and writes down whom the effects reach. What it prints is therefore what would happen,
// for as long as Slack and PagerDuty answer; the package is pure, and the same policy, question and time give the same account.
//
// # Decisions
//
// Who is on call is not asked of anybody: a target's people stand as the policy names them, and a rotation read from a PagerDuty schedule
// stands for "whoever is on it". The account says so. A rotation can be declared empty, which is when a level's when_empty counts.
//
// A question is a sentence in English or French, or flags. Its words are looked for in any order; words that mean nothing here are passed
// over only when they are on a short list (a, if, quand ...), and any other refuses the question: half a question understood gives an
// answer to another one.
package explain
