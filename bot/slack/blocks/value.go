package blocks

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/view"
)

// refPrefix begins the block_id of a block whose menu carries a Ref.
const refPrefix = "ref:"

// encodeRef writes ref as JSON of at most max bytes, leaving out of its Note what does not fit; ok is false when it does not fit without.
func encodeRef(ref view.Ref, max int) (s string, ok bool) {
	for {
		b, err := json.Marshal(ref) // a struct of strings and a number; it cannot fail
		if err == nil && len(b) <= max {
			return string(b), true
		}
		if ref.Note == "" {
			return "", false
		}
		r := []rune(ref.Note)
		ref.Note = string(r[:len(r)/2])
	}
}

// ParseValue reads the Ref of a button's value or of a form's private_metadata. What comes back from Slack may have been drawn by an
// older release, so unknown fields are ignored; empty is the zero Ref.
func ParseValue(s string) (view.Ref, error) {
	var ref view.Ref
	if s == "" {
		return ref, nil
	}
	if err := json.Unmarshal([]byte(s), &ref); err != nil {
		return view.Ref{}, fmt.Errorf("read what a button is about: %w", err)
	}
	return ref, nil
}

// ParseBlockID reads the Ref that the block of a menu carries; false when the block carries none.
func ParseBlockID(id string) (view.Ref, bool) {
	s, ok := strings.CutPrefix(id, refPrefix)
	if !ok {
		return view.Ref{}, false
	}
	if i := strings.LastIndexByte(s, '}'); i >= 0 {
		s = s[:i+1]
	}
	ref, err := ParseValue(s)
	return ref, err == nil
}

// Action returns the name of the action that an action_id stands for, without the suffix that made it unique.
func Action(id string) string {
	name, n, ok := strings.Cut(id, "~")
	if !ok {
		return id
	}
	if _, err := strconv.Atoi(n); err != nil {
		return id
	}
	return name
}
