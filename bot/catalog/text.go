package catalog

import "time"

// Text is what a person reads, before any chat's format: a run of spans. Data from outside travels in Plain spans and is escaped by
// whoever renders, so it can never become a mention or a link.
type Text []Span

// Span is one piece of a Text.
type Span struct {
	Kind Kind
	S    string    // the words; the name of a person; the URL of a Link's label is in URL
	ID   string    // Mention and Named: Slack user id; Channel: Slack channel id
	URL  string    // Link
	At   time.Time // Moment
	Form string    // Moment: Clock, DateClock
	Lang string    // Moment: language of the fallback ("en", "fr"), see ClockTime
}

// Kind says what a span is.
type Kind int

// The kinds of span.
const (
	Plain   Kind = iota // words; escaped
	Bold                // words, emphasised; escaped
	Code                // words in code face; escaped
	Block               // a copyable block of code; escaped
	Mention             // a person who must act: pinged
	Named               // a person, named without a ping
	Channel             // a link to a channel
	Link                // S as label of URL
	Moment              // a clock time in the reader's zone, fallback in the policy's
	Break               // a new line
)

// Forms of a Moment.
const (
	Clock     = "clock"      // 03:12
	DateClock = "date-clock" // 21 Nov 03:12
)
