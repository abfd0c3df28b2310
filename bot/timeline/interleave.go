package timeline

import (
	"cmp"
	"slices"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Other is a duplicate whose history is read with that of the incident it went on as.
type Other struct {
	ID    incident.ID
	Lines []Line
}

// Interleave puts the lines of duplicates among an incident's own, in the order in which things happened, each under the name of the incident
// whose log holds it. Both logs stay what they are.
func Interleave(own []Line, language string, others ...Other) []Line {
	out := slices.Clone(own)
	for _, o := range others {
		for _, l := range o.Lines {
			l.Text = catalog.Join("", catalog.Say(catalog.Language(language), "tl.of", catalog.Args{"id": catalog.Words(o.ID)}), l.Text)
			out = append(out, l)
		}
	}
	if len(others) > 0 {
		slices.SortStableFunc(out, func(a, b Line) int { return cmp.Or(a.place.Compare(b.place), cmp.Compare(a.after, b.after)) })
	}
	return out
}
