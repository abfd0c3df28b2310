package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var help = Command{
	Name: "help", Aliases: []string{"?"}, Usage: "help [verb]", Where: Anywhere, Examples: []Example{{"help"}, {"help sev"}},
}

// helpRun is help's Run; it walks the list that help itself is in.
func helpRun(_ context.Context, c *Ask) (Reply, error) {
	if c.Args != "" {
		if v, ok := c.desk.verbs[strings.ToLower(c.Args)]; ok {
			return c.card(c.voice().HelpVerbCard(EntryOf(v, c.Language))), nil
		}
		return c.card(c.voice().UnknownVerbCard(c.Args, nearest(c.Args, c.desk.names), "")), nil
	}
	var entries []view.HelpEntry
	for _, v := range Verbs() {
		entries = append(entries, EntryOf(v, c.Language))
	}
	card := c.voice().HelpCard(entries)
	card.Blocks = append(card.Blocks, view.Small{Text: catalog.Say(c.Language, "help.where", catalog.Args{"command": catalog.Words(c.desk.command)})})
	return c.card(card), nil
}

// EntryOf is a verb's entry in the help, in a language.
func EntryOf(v Command, language string) view.HelpEntry {
	e := view.HelpEntry{Usage: v.Usage, Short: catalog.Word(language, "help."+v.Name), Aliases: v.Aliases, Who: "anyone"}
	if len(v.Examples) > 0 {
		e.Example = plainWords(v.Examples[0].In) // "@tech": nobody types the mention that a chat makes of it
	}
	return e
}
