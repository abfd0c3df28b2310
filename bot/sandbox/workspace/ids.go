package workspace

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
)

// countedLocked makes the next id with a prefix, such as C0SBX0001.
func (w *Workspace) countedLocked(prefix string) string {
	for {
		w.counters[prefix]++
		id := fmt.Sprintf("%s0SBX%04d", prefix, w.counters[prefix])
		// An id that the options gave by hand is not given twice.
		if w.userByID[id] == nil && w.chanByID[id] == nil {
			return id
		}
	}
}

// secretLocked makes the next unguessable word of n characters.
func (w *Workspace) secretLocked(kind string, n int) string {
	w.counters["secret"]++
	var out strings.Builder
	for i := 0; out.Len() < n; i++ {
		m := hmac.New(sha256.New, w.secret[:])
		fmt.Fprintf(m, "%s/%d/%d", kind, w.counters["secret"], i)
		out.WriteString(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil)))
	}
	return out.String()[:n]
}

// uuidLocked makes the next envelope id, in the form of a UUID.
func (w *Workspace) uuidLocked() string {
	w.counters["uuid"]++
	m := hmac.New(sha256.New, w.secret[:])
	fmt.Fprintf(m, "uuid/%d", w.counters["uuid"])
	s := m.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", s[0:4], s[4:6], s[6:8], s[8:10], s[10:16])
}

// tsLocked makes the next timestamp: now, but after every earlier one.
func (w *Workspace) tsLocked() string {
	us := w.clock.Now().UnixMicro()
	if us <= w.lastTS {
		us = w.lastTS + 1
	}
	w.lastTS = us
	return formatTS(us)
}

func formatTS(us int64) string { return fmt.Sprintf("%d.%06d", us/1e6, us%1e6) }

// parseTS reads a timestamp argument, "1700000000.000100" or "1700000000", into
// microseconds.
func parseTS(s string) (int64, bool) {
	sec, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(sec, 10, 40)
	if err != nil {
		return 0, false
	}
	us := int64(n) * 1e6
	if frac == "" {
		return us, true
	}
	if len(frac) > 6 {
		frac = frac[:6]
	}
	f, err := strconv.ParseUint(frac, 10, 32)
	if err != nil {
		return 0, false
	}
	for i := len(frac); i < 6; i++ {
		f *= 10
	}
	return us + int64(f), true
}
