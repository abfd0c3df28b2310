package commands

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

var (
	sevWord   = regexp.MustCompile(`(?i)^(?:sev[-_ ]?|p)([1-4])$`)
	mention   = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(?:\|([^>]*))?>$`)
	incidentN = regexp.MustCompile(`(?i)^(?:inc-|#)([0-9]{1,15})$`)
)

// severityOf reads a severity as people write it: "1", "sev1", "SEV-1", "p1".
func severityOf(s string) (incident.Severity, bool) {
	if m := sevWord.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if len(s) == 1 && s[0] >= '1' && s[0] <= '4' {
		return incident.Severity(s[0] - '0'), true
	}
	return 0, false
}

// severityWord is a word without the signs that stand around a severity in a sentence: "SEV1:", "(sev-2)".
func severityWord(s string) string { return strings.Trim(s, "()[]:,;.!–—-") }

// takeSeverity takes a severity word ("sev1", never a bare digit) out of a sentence, from its end or its beginning, also written in two
// words ("sev 1").
func takeSeverity(s string) (rest string, sev incident.Severity) {
	w := strings.Fields(s)
	n := len(w)
	is := func(i int) bool { return i >= 0 && i < n && sevWord.MatchString(severityWord(w[i])) }
	two := func(i int) bool { // "sev 1" in two words from i on
		return i >= 0 && i+1 < n && strings.EqualFold(strings.TrimLeft(w[i], "(["), "sev") && sevWord.MatchString("sev"+severityWord(w[i+1]))
	}
	switch {
	case two(n - 2):
		sev, _ = severityOf(severityWord(w[n-1]))
		w = w[:n-2]
	case is(n - 1):
		sev, _ = severityOf(severityWord(w[n-1]))
		w = w[:n-1]
	case is(0):
		sev, _ = severityOf(severityWord(w[0]))
		w = w[1:]
	case two(0):
		sev, _ = severityOf(severityWord(w[1]))
		w = w[2:]
	}
	rest = strings.Join(w, " ")
	if sev != 0 {
		rest = strings.TrimSpace(strings.Trim(rest, ",;–—-"))
	}
	return rest, sev
}

var (
	people   = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|([^<>|]*))?>`)
	channels = regexp.MustCompile(`<#([CG][A-Z0-9]+)(?:\|([^<>|]*))?>`)
)

// plainWords is free text with people and channels as they are read: who is named in a remark is not called.
func plainWords(s string) string {
	named := func(sign string, re *regexp.Regexp) func(string) string {
		return func(m string) string {
			p := re.FindStringSubmatch(m)
			if p[2] != "" {
				return sign + p[2]
			}
			return sign + p[1]
		}
	}
	s = people.ReplaceAllStringFunc(s, named("@", people))
	return channels.ReplaceAllStringFunc(s, named("#", channels))
}

// say is free text that somebody typed behind a verb.
func say(s string, max int) incident.Text { return incident.Say(plainWords(s), max) }

// personOf reads a mention as Slack sends it: <@U123|name>.
func personOf(s string) (incident.Person, bool) {
	m := mention.FindStringSubmatch(s)
	if m == nil {
		return incident.Person{}, false
	}
	return incident.Person{Slack: m[1], Name: m[2]}, true
}

// incidentOf reads an incident's id in the middle of a command: "INC-42" or "#42", never a bare number.
func incidentOf(s string) (incident.ID, bool) {
	if !incidentN.MatchString(s) {
		return "", false
	}
	id, err := incident.ParseID(s)
	return id, err == nil
}

// nearest returns the candidates that a mistyped word may have meant, best first, at most three.
func nearest(word string, candidates []string) []string {
	type hit struct {
		name string
		d    int
	}
	word = strings.ToLower(word)
	limit := 1 + utf8.RuneCountInString(word)/3
	var hits []hit
	for _, c := range candidates {
		d := distance(word, c)
		if strings.HasPrefix(c, word) && len(word) >= 2 {
			d = 0
		}
		if d <= limit {
			hits = append(hits, hit{c, d})
		}
	}
	for i := 1; i < len(hits); i++ { // few: an insertion sort that keeps the order of equals
		for j := i; j > 0 && hits[j].d < hits[j-1].d; j-- {
			hits[j], hits[j-1] = hits[j-1], hits[j]
		}
	}
	var out []string
	for _, h := range hits[:min(3, len(hits))] {
		out = append(out, h.name)
	}
	return out
}

// mistyped reports whether a word that begins a sentence is so near to a verb that the sentence must not be taken for an incident. It
// is stricter than nearest: "db is down sev1" declares, although "db" is one letter from "rb".
func mistyped(word string, candidates []string) bool {
	word = strings.ToLower(word)
	for _, c := range candidates {
		n := utf8.RuneCountInString(c)
		if d := distance(word, c); n >= 4 && d <= 1 || n >= 7 && d <= 2 {
			return true
		}
	}
	return false
}

// distance is the number of letters to change, add, drop or swap (the optimal string alignment distance).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 40 {
		x = x[:40]
	}
	before, prev := []int(nil), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur := make([]int, len(y)+1)
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev = prev, cur
	}
	return prev[len(y)]
}

// alike reports whether two titles look like the same incident: most of their meaningful words are shared.
func alike(a, b string) bool {
	if strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " ")) {
		return true
	}
	x, y := meaning(a), meaning(b)
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	shared := 0
	for w := range x {
		if y[w] {
			shared++
		}
	}
	small := min(len(x), len(y))
	return shared*3 >= small*2 && (shared >= 2 || small == 1 && max(len(x), len(y)) <= 2)
}

// meaningKey is equal for titles that say the same: their meaningful words in any order, or where there are none all of it.
func meaningKey(title string) string {
	if words := slices.Sorted(maps.Keys(meaning(title))); len(words) > 0 {
		return strings.Join(words, " ")
	}
	return strings.ToLower(strings.Join(strings.Fields(title), " "))
}

// stop are words that say nothing of what an incident is about.
var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("is are the a an on in of for to and or down slow broken failing fails failed error errors not does again incident problem issue " +
		"est sont le la les un une des du de en sur pour et ou ne pas panne erreur erreurs probleme lent indisponible hs") {
		m[w] = true
	}
	return m
}()

func meaning(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Split(incident.Slug(s), "-") {
		if len(w) > 1 && !stop[w] {
			out[w] = true
		}
	}
	return out
}
