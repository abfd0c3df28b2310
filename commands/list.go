package commands

import (
	"context"
	"strings"
)

var list = Command{
	Name: "list", Aliases: []string{"ls"}, Usage: "list [all]", Where: Anywhere, Examples: []Example{{"list"}, {"list all"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		all := strings.EqualFold(c.Args, "all") || strings.EqualFold(c.Args, "--all")
		if !all && c.Args != "" && !strings.EqualFold(c.Args, "open") {
			return usage("usage.list", c.Args)
		}
		rows, err := c.list(ctx, !all, 20)
		if err != nil {
			return Reply{}, err
		}
		return c.card(c.voice().ListCard(rows, all)), nil
	},
}
