package catalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The languages.
const (
	English = "en"
	French  = "fr"
)

// Languages lists the languages every message has.
func Languages() []string { return []string{English, French} }

// Language returns l when the catalogue speaks it ("fr", "fr-CA"), else English.
func Language(l string) string {
	if len(l) >= 2 && (l[:2] == "fr" || l[:2] == "FR") && (len(l) == 2 || l[2] == '-' || l[2] == '_') {
		return French
	}
	return English
}

// Has reports whether there is a message under key.
func Has(key string) bool {
	_, ok := messages[key]
	return ok
}

// Say words a message. A key the language lacks is said in English; a key nobody knows is said as itself, so that a fault is seen and
// nothing is lost. An argument that is not there shows its name in braces.
func Say(lang, key string, args Args) Text {
	m, ok := messages[key]
	if !ok {
		return Text{{S: oneLine(key)}}
	}
	lang = Language(lang)
	t := m[lang]
	if t == nil {
		lang, t = English, m[English]
	}
	if t == nil {
		return Text{{S: key}}
	}
	return join(fill(nil, t, lang, args, ""))
}

// Of words one argument alone.
func Of(lang string, a Arg) Text {
	if a == nil {
		return nil
	}
	return join(a.spans(Language(lang)))
}

// Word is Say for a message that is one run of words and takes no arguments that need more: a button's label in plain form.
func Word(lang, key string) string { return Say(lang, key, nil).Plain(nil) }

func fill(out Text, nodes []node, lang string, args Args, count string) Text {
	for _, n := range nodes {
		switch n.kind {
		case nodeWords:
			out = append(out, Span{Kind: n.face, S: n.s})
		case nodeBreak:
			out = append(out, Span{Kind: Break})
		case nodeCount:
			out = append(out, Span{Kind: n.face, S: count})
		case nodeArg:
			a := args[n.s]
			if a == nil {
				out = append(out, Span{Kind: n.face, S: "{" + n.s + "}"})
				continue
			}
			spans := a.spans(lang)
			if len(spans) == 1 && spans[0].Kind == Moment && spans[0].Form == DateClock {
				out = withoutAt(out, lang)
			}
			for _, s := range spans {
				if s.Kind == Plain {
					s.Kind = n.face
				}
				out = append(out, s)
			}
		case nodePlural:
			i, ok := args[n.s].(Int)
			if !ok {
				out = append(out, Span{Kind: n.face, S: "{" + n.s + "}"})
				continue
			}
			branch := n.other
			if one(lang, int(i)) {
				branch = n.one
			}
			out = fill(out, branch, lang, args, strconv.Itoa(int(i)))
		}
	}
	return out
}

// withoutAt drops the preposition that stands before a clock time and not before a day: "mitigated at 00:15", "mitigated 21 Nov 00:15",
// "mitigated yesterday 00:15" where the chat says so.
func withoutAt(t Text, lang string) Text {
	at := " at "
	if lang == French {
		at = " à "
	}
	if n := len(t) - 1; n >= 0 && t[n].Kind <= Code && !(n > 0 && t[n].S == at && t[n-1].Kind == Moment) { // "de … à …" is a span of time
		if words, is := strings.CutSuffix(t[n].S, at); is {
			t[n].S = words + " "
		}
	}
	return t
}

// one is the plural rule: English has "one" for 1, French for 0 and 1 (and their negatives, which nobody counts to).
func one(lang string, n int) bool { return n == 1 || n == -1 || n == 0 && lang == French }

// join makes neighbours of plain, bold or code words one span, so that equal messages are equal values however they were put together.
func join(t Text) Text {
	var out Text
	for _, s := range t {
		if s.Kind <= Code && s.S == "" {
			continue
		}
		if n := len(out); n > 0 && s.Kind <= Code && out[n-1].Kind == s.Kind {
			out[n-1].S += s.S
			continue
		}
		out = append(out, s)
	}
	if !slices.ContainsFunc(out, hollow) {
		return out
	}
	for i := range out {
		if hollow(out[i]) {
			out[i].Kind = Plain
		}
	}
	return join(out)
}

// hollow reports whether a span emphasises nothing: a full stop alone, left behind an argument that cannot be bold, would show as "*.*".
func hollow(s Span) bool {
	return s.Kind == Bold && !strings.ContainsFunc(s.S, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r) })
}

// Join puts texts behind each other with sep between those that say something.
func Join(sep string, parts ...Text) Text {
	var out Text
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		if len(out) > 0 && sep != "" {
			out = append(out, separator(sep)...)
		}
		out = append(out, p...)
	}
	return join(out)
}

func separator(sep string) Text {
	if sep == "\n" {
		return Text{{Kind: Break}}
	}
	return Text{{S: sep}}
}

// Keys are the keys of all messages, sorted.
func Keys() []string { return slices.Sorted(maps.Keys(messages)) }
