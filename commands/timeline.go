package commands

import (
	"context"
	"strconv"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/view"
)

// timelineMax is how many events are read for an answer; what is older than that is in show and export.
const timelineMax = 5000

var timelineVerb = Command{
	Name: "timeline", Aliases: []string{"history"}, Usage: "timeline [last]", Where: InRoom, Ended: true, Examples: []Example{{"timeline"}, {"timeline last"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		switch strings.ToLower(c.Args) {
		case "":
			return c.timeline(ctx, 0)
		case "last", "latest", "fin":
			return c.timeline(ctx, -1)
		}
		return usage("usage.timeline", c.Args) // elsewhere "timeline <words>" adds them: here they would be lost without a word
	},
}

// timelineMore goes on at a line. Lines are in the order in which things happened, so a late one may stand before others that were seen:
// the number is that of a line, not of an event.
var timelineMore = Button{view.ActionTimeline, func(ctx context.Context, c *Ask) (Reply, error) {
	from, err := strconv.Atoi(c.Ref.Note)
	if err != nil || from < 0 {
		return c.stale(), nil
	}
	return c.timeline(ctx, from)
}}

// timeline shows a card of lines from a line on; -1: the last ones.
func (c *Ask) timeline(ctx context.Context, from int) (Reply, error) {
	first := max(1, c.State.Seq-timelineMax+1)
	events, err := c.desk.office.Events(ctx, c.State.ID, first, timelineMax)
	if err != nil {
		return Reply{}, err
	}
	lines := linesOf(c.State, events, c.Language)
	if from < 0 {
		from = max(0, len(lines)-view.MaxTimelineLines)
	}
	lines = lines[min(from, len(lines)):]
	next, more := 0, 0
	if len(lines) > view.MaxTimelineLines {
		next, more = from+view.MaxTimelineLines, len(lines)-view.MaxTimelineLines
		lines = lines[:view.MaxTimelineLines]
	}
	var shown []view.Line
	for _, l := range lines {
		shown = append(shown, view.Line{At: l.At, Icon: l.Icon, Text: l.Text, Indented: l.Indented})
	}
	return c.card(c.voice().TimelineCard(c.State.ID, c.State.Title.Body, shown, int64(next), more)), nil
}
