package commands

import (
	"context"
	"strconv"

	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// timelineMax is how many events are read for an answer; what is older than that is in show and export.
const timelineMax = 5000

var timelineVerb = Command{
	Name: "timeline", Aliases: []string{"history"}, Usage: "timeline", Where: InRoom, Examples: []Example{{"timeline"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) { return c.timeline(ctx, 0) },
}

// timelineMore goes on at a line. Lines are in the order in which things happened, so a late one may stand before others that were seen:
// the number is that of a line, not of an event.
var timelineMore = Button{view.ActionTimeline, func(ctx context.Context, c *Ask) (Reply, error) {
	from, err := strconv.Atoi(c.Ref.Note)
	if err != nil || from < 0 {
		from = 0
	}
	return c.timeline(ctx, from)
}}

func (c *Ask) timeline(ctx context.Context, from int) (Reply, error) {
	first := max(1, c.State.Seq-timelineMax+1)
	events, err := c.desk.office.Events(ctx, c.State.ID, first, timelineMax)
	if err != nil {
		return Reply{}, err
	}
	lines := timeline.LinesOf(c.State, events, c.Language)
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
