package incident

import (
	"strconv"
	"strings"
)

// Failed returns what the ladder rose for: the name of the deadline that passed (DueAck, DueAccept, ...) and the level it was of. ok is
// false when no deadline had it rise: help was sent for, or a page refused.
func (f *LevelRaised) Failed() (name string, level int, ok bool) {
	name, rest, _ := strings.Cut(f.Deadline, "/")
	n, _, _ := strings.Cut(rest, "/")
	level, err := strconv.Atoi(n)
	return name, level, err == nil
}
