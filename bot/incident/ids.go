package incident

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ID names an incident for people and for the log: "INC-42".
type ID string

// NewID returns the id of incident number n.
func NewID(n int64) ID { return ID("INC-" + strconv.FormatInt(n, 10)) }

// ParseID reads an id as a person types it: "INC-42", "inc-42", "#42" or "42".
func ParseID(s string) (ID, error) {
	t := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "INC-")
	n, err := strconv.ParseInt(strings.TrimPrefix(t, "#"), 10, 64)
	if err != nil || n < 1 {
		return "", fmt.Errorf("%q is not an incident; write it as INC-42", s)
	}
	return NewID(n), nil
}

// Number returns the n of "INC-n", 0 when the id is malformed.
func (id ID) Number() int64 {
	n, _ := strconv.ParseInt(strings.TrimPrefix(string(id), "INC-"), 10, 64)
	return n
}

// Person is a human being as the outside names them. Any of the ids may be missing.
type Person struct {
	Slack string `json:"slack,omitempty"` // Slack user id, "U…" or "W…"
	Pager string `json:"pager,omitempty"` // PagerDuty user id, "P…"
	Name  string `json:"name,omitempty"`  // what to call them where they are named without a mention
}

// Key is the stable name of a person in dedup keys and maps: the Slack id, else "pd:"+PagerDuty id, else "name:"+name.
func (p Person) Key() string {
	switch {
	case p.Slack != "":
		return p.Slack
	case p.Pager != "":
		return "pd:" + p.Pager
	case p.Name != "":
		return "name:" + p.Name
	}
	return ""
}

// Zero reports whether nobody is meant.
func (p Person) Zero() bool { return p.Slack == "" && p.Pager == "" && p.Name == "" }

// Same reports whether p and q are the same human being: they share a Slack id or a PagerDuty id.
func (p Person) Same(q Person) bool {
	return p.Slack != "" && p.Slack == q.Slack || p.Pager != "" && p.Pager == q.Pager ||
		p.Slack == "" && q.Slack == "" && p.Pager == "" && q.Pager == "" && p.Name != "" && p.Name == q.Name
}

// Actor is who did something: a person, or one of our machines.
type Actor struct {
	Person Person `json:"person,omitzero"`
	System string `json:"system,omitempty"` // SystemTocsin, SystemAlertmanager, SystemPagerDuty; empty for a person
}

// The machines that act.
const (
	SystemTocsin       = "tocsin"
	SystemAlertmanager = "alertmanager"
	SystemPagerDuty    = "pagerduty"
)

// Human reports whether a person acted.
func (a Actor) Human() bool { return a.System == "" && !a.Person.Zero() }

// Via is the way by which a fact reached us.
type Via string

// The ways in.
const (
	ViaSlack        Via = "slack"
	ViaPagerDuty    Via = "pagerduty"
	ViaAlertmanager Via = "alertmanager"
	ViaClock        Via = "clock" // a deadline passed
	ViaOutbox       Via = "outbox"
	ViaCLI          Via = "cli"
)

// Text is a piece of free text written by a person or a machine outside. Only its digest goes into the hash chain; the body lies in
// the journal's text table and is empty once erased.
type Text struct {
	Digest string `json:"d,omitempty"` // hex SHA-256 of salt and body, set when sealed
	Body   string `json:"-"`
}

// Say makes a Text of s, with control characters removed and its length bounded to max runes.
func Say(s string, max int) Text { return Text{Body: Clip(s, max)} }

// Empty reports whether there is no text at all (an erased text is not empty: its digest remains).
func (t Text) Empty() bool { return t.Body == "" && t.Digest == "" }

// Clip removes control characters except newline and tab, trims blanks, and shortens to max runes, ending in "…" where it cut.
func Clip(s string, max int) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || r == '\t' || r >= 0x20 && r != 0x7f && r != 0xfffd && !bidiControl(r) {
			b.WriteRune(r)
		}
	}
	t := strings.TrimSpace(b.String())
	if max <= 0 {
		return t
	}
	r := []rune(t)
	if len(r) <= max {
		return t
	}
	return strings.TrimSpace(string(r[:max-1])) + "…"
}

// bidiControl are the characters that can make text read other than it is written (Unicode TR 36, "bidirectional text spoofing").
func bidiControl(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}

// Limits of what comes from outside, in runes.
const (
	MaxTitle   = 200
	MaxReason  = 500
	MaxFinding = 1000
	MaxMessage = 40000 // Slack's own limit of a message
)

// utc drops what a time carries beside its instant, so that equal instants are equal values and encode alike.
func utc(t time.Time) time.Time { return t.UTC().Round(0).Truncate(time.Microsecond) }
