package catalog

import "strings"

// Rule is what decided a severity, as the log has it ("alert ApiErrorRateHigh", "label severity=critical", "declared by hand",
// "default", "unconfirmed-timeout"), in words; anything else stands as it is.
type Rule string

func (r Rule) spans(lang string) Text {
	switch r {
	case "", "declared by hand", "by hand":
		return Say(lang, "sev.rule.hand", nil)
	}
	if key := "sev.rule." + string(r); Has(key) {
		return Say(lang, key, nil)
	}
	for _, kind := range []struct{ prefix, key string }{{"alert ", "sev.rule.alert"}, {"label severity=", "sev.rule.label"}} {
		if name, ok := strings.CutPrefix(string(r), kind.prefix); ok {
			return Say(lang, kind.key, Args{"name": Words(name)})
		}
	}
	if t := guided(string(r), lang); t != nil {
		return t
	}
	return Words(r).spans(lang)
}

// guided words what the severity guide found: "guide tenants 30 10".
func guided(rule, lang string) Text {
	what, ok := strings.CutPrefix(rule, "guide ")
	if !ok {
		return nil
	}
	f := append(strings.Fields(what), "", "", "")
	if !Has("sev.rule.guide." + f[0]) {
		return nil
	}
	return Say(lang, "sev.rule.guide."+f[0], Args{"is": Words(figureIn(lang, f[1])), "limit": Words(figureIn(lang, f[2]))})
}

// figureIn writes a number as the language does: 2.5, 2,5.
func figureIn(lang, f string) string {
	if lang == French {
		return strings.Replace(f, ".", ",", 1)
	}
	return f
}
