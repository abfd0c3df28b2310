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
	return Words(r).spans(lang)
}
