package main

import (
	"strings"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// languageOf is the language of what is printed: the flag --language, else TOCSIN_LANGUAGE, else the language of the policy file that
// --config or TOCSIN_CONFIG names, else English. It is looked for before the command line is read, because what is wrong with a command line
// is said in it too. chosen is what flag or environment asked for, empty when they did not.
func languageOf(args []string, lookup func(string) (string, bool)) (lang, chosen string) {
	for _, l := range []string{flagIn(args, "--language"), variable(lookup, "TOCSIN_LANGUAGE")} {
		if l == catalog.English || l == catalog.French {
			return l, l
		}
	}
	for _, path := range []string{flagIn(args, "--config"), variable(lookup, "TOCSIN_CONFIG")} {
		if l := bot.PolicyLanguage(path); l != "" {
			return l, ""
		}
	}
	return catalog.English, ""
}

// flagIn finds a flag's value in arguments that nobody has read yet; the last one counts.
func flagIn(args []string, name string) string {
	v := ""
	for i, a := range args {
		if a == "--" {
			break
		}
		if a == name && i+1 < len(args) {
			v = args[i+1]
		} else if after, ok := strings.CutPrefix(a, name+"="); ok {
			v = after
		}
	}
	return v
}

func variable(lookup func(string) (string, bool), name string) string {
	v, _ := lookup(name)
	return v
}
