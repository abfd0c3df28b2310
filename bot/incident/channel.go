package incident

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxChannel is Slack's limit of a channel name (conversations.create).
const maxChannel = 80

// channelName is the first free name for a title: "inc-20261121-checkout-is-down", then "-2" and so on.
func (d *decider) channelName(title string) string {
	return d.freeName(ChannelName(d.now.In(d.in.Policy.Location()), title))
}

// freeName is a name, or what of it with a suffix is free.
func (d *decider) freeName(base string) string {
	name := base
	for n := 2; d.in.NamesTaken != nil && d.in.NamesTaken(name) && n < 1000; n++ {
		name = Suffixed(base, n)
	}
	return name
}

// ChannelName is "inc-YYYYMMDD-short-name": the date of t in its own zone, and the title transliterated to what Slack allows in a
// name ([a-z0-9_-], at most 80 characters). A title with nothing to transliterate (only emoji, another script) gives "incident".
func ChannelName(t time.Time, title string) string {
	slug := Slug(title)
	if slug == "" {
		slug = "incident"
	}
	name := "inc-" + t.Format("20060102") + "-" + slug
	return cutName(name, maxChannel)
}

// Suffixed is name with "-n", still within Slack's limit.
func Suffixed(name string, n int) string {
	suffix := "-" + strconv.Itoa(n)
	return cutName(name, maxChannel-len(suffix)) + suffix
}

// nextName is the name tried after one was taken by somebody else.
func nextName(name string) string {
	i := strings.LastIndexByte(name, '-')
	if isPrivateName(name) {
		return Suffixed(name, 2) // the number is the incident's
	}
	// "inc-20261121-x-2" has a suffix of ours; a bare date or a word has not.
	if i > len("inc-20060102") {
		if n, err := strconv.Atoi(name[i+1:]); err == nil && n >= 2 && n < 1000 {
			return Suffixed(name[:i], n+1)
		}
	}
	return Suffixed(name, 2)
}

// NamesAfter are some names that may be tried when a name is taken, for who wants to look them up at once. One that already ends in a
// number is counted on for n names, and may also be given suffixes of its own.
func NamesAfter(name string, n int) []string {
	next := nextName(name)
	out := []string{next}
	for len(out) < n {
		next = nextName(next)
		out = append(out, next)
	}
	if out[0] != Suffixed(name, 2) {
		for i := 2; i < n; i++ {
			out = append(out, Suffixed(name, i))
		}
	}
	return out
}

// shortName is how much of a title goes into a channel name; people read it in a side bar.
const shortName = 40

// Slug transliterates words to [a-z0-9-], at most shortName long, cut at a word.
func Slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range s {
		for _, c := range plain(r) {
			if c == '-' {
				dash = b.Len() > 0
				continue
			}
			if dash {
				b.WriteByte('-')
				dash = false
			}
			b.WriteRune(c)
		}
		if b.Len() > 4*shortName {
			break
		}
	}
	out := b.String()
	if len(out) <= shortName {
		return out
	}
	cut := strings.LastIndexByte(out[:shortName+1], '-')
	if cut < shortName/2 {
		cut = shortName
	}
	return strings.Trim(out[:cut], "-")
}

func cutName(s string, max int) string {
	if len(s) > max {
		s = s[:max]
	}
	return strings.Trim(s, "-")
}

// plain is one character in [a-z0-9-], several for a ligature, "-" for what separates, nothing for what is dropped.
func plain(r rune) string {
	r = unicode.ToLower(r)
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return string(r)
	case r == '\'' || r == '’' || r == 'ʼ' || unicode.Is(unicode.Mn, r) || r == 0x200d:
		return ""
	}
	if t, ok := translit[r]; ok {
		return t
	}
	return "-"
}

// translit maps the Latin letters with marks, and those of Greek and Cyrillic, to plain ones. The standard library has no
// decomposition table, and this package imports nothing else.
var translit = buildTranslit()

func buildTranslit() map[rune]string {
	m := map[rune]string{
		'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ħ': "h", 'ŋ': "n", 'ĳ': "ij",
		'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n",
		'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
		'ά': "a", 'έ': "e", 'ή': "i", 'ί': "i", 'ό': "o", 'ύ': "y", 'ώ': "o",
		'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i", 'к': "k", 'л': "l",
		'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh",
		'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya", 'і': "i", 'ї': "i", 'є': "ie", 'ґ': "g",
		'€': "eur", '&': "-and-", '@': "-at-", '%': "-percent-",
	}
	for base, marked := range map[string]string{
		"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭįǐ", "j": "ĵ", "k": "ķ",
		"l": "ĺļľ", "n": "ñńņň", "o": "òóôõöōŏőǒ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűųǔ", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range marked {
			m[r] = base
		}
	}
	return m
}
