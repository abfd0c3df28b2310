package view

import (
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// unmarked are the moments every company has that are not recorded yet, in the order they usually come.
func (src Source) unmarked() []string {
	return slices.DeleteFunc([]string{incident.FixDeployed, incident.CustomersNotified}, func(name string) bool {
		return slices.ContainsFunc(src.State.Moments, func(m incident.Moment) bool { return m.Name == name })
	})
}

// momentsInput offers to record moments with an update; nil when all are recorded.
func (src Source) momentsInput() []Block {
	s := src.said()
	var options []Option
	for _, name := range src.unmarked() {
		options = append(options, Option{Label: capital(catalog.Of(s.lang, momentName(name))), Value: name})
	}
	if len(options) == 0 {
		return nil
	}
	return []Block{Input{ID: InputMoments, Label: s.word("form.update.moments"), Hint: s.word("form.update.moments.hint"), Optional: true, Field: ChecksField{Options: options}}}
}

// maxOverflow is how many options an overflow menu takes (docs.slack.dev, overflow menu element).
const maxOverflow = 5

// momentOptions fills what is left of the headline's menu with the moments that are not recorded yet.
func (src Source) momentOptions(left int) []Option {
	actions := map[string]string{incident.FixDeployed: ActionFixDeployed, incident.CustomersNotified: ActionCustomersNotified}
	var out []Option
	for _, name := range src.unmarked() {
		if len(out) < left {
			out = append(out, Option{Label: capital(catalog.Of(src.language(), momentName(name))), Value: actions[name]})
		}
	}
	return out
}
