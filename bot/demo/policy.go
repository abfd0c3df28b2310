package demo

import (
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// secretOf is the name under which the default policy looks for a target's routing key.
func secretOf(role string) string {
	if role == sandbox.Primary {
		return policy.FirstLevelKey
	}
	return policy.FirstLevelKey + "_" + strings.ToUpper(role)
}

// policyFor is the default policy with the cast in it: the same figures, the people's e-mail addresses, their zone and language.
func policyFor(cast []sandbox.Member, language, zone string) ([]byte, error) {
	_, src := policy.Default()
	text := string(src)
	put := func(old, new string) error {
		if strings.Count(text, old) != 1 {
			return &catalog.Said{Key: "demo.wrong.policy", Args: catalog.Args{"line": catalog.Quoted(old)}}
		}
		text = strings.Replace(text, old, new, 1)
		return nil
	}
	if err := put("\ninstallation: tocsin\n", "\ninstallation: demo\n"); err != nil {
		return nil, err
	}
	if err := put("\nzone: UTC\n", "\nzone: "+zone+"\n"); err != nil {
		return nil, err
	}
	if err := put("\nlanguage: en\n", "\nlanguage: "+language+"\n"); err != nil {
		return nil, err
	}
	for _, m := range cast {
		if m.Role == "" {
			continue
		}
		head := "\n  " + m.Role + ":\n    title:"
		if err := put(head, "\n  "+m.Role+":\n    people: ["+m.Email+"]\n    title:"); err != nil {
			return nil, err
		}
	}
	return []byte(text), nil
}
