package commands

import (
	"context"
	"strconv"

	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// timelinePage is how many events one answer covers; a card holds 50 blocks.
const timelinePage = 200

var timelineVerb = Command{
	Name: "timeline", Aliases: []string{"history"}, Usage: "timeline", Where: InRoom, Examples: []Example{{"timeline"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) { return c.timeline(ctx, 1) },
}

var timelineMore = Button{view.ActionTimeline, func(ctx context.Context, c *Ask) (Reply, error) {
	from, err := strconv.ParseInt(c.Ref.Note, 10, 64)
	if err != nil || from < 1 {
		from = 1
	}
	return c.timeline(ctx, from)
}}

func (c *Ask) timeline(ctx context.Context, from int64) (Reply, error) {
	events, err := c.desk.office.Events(ctx, c.State.ID, from, timelinePage)
	if err != nil {
		return Reply{}, err
	}
	lines := timeline.Lines(events, c.Language)
	next, more := int64(0), 0
	if len(lines) > view.MaxTimelineLines {
		next, more = lines[view.MaxTimelineLines].Seq, len(lines)-view.MaxTimelineLines
		lines = lines[:view.MaxTimelineLines]
	} else if n := len(events); n > 0 && events[n-1].Seq < c.State.Seq {
		next, more = events[n-1].Seq+1, int(c.State.Seq-events[n-1].Seq)
	}
	var shown []view.Line
	for _, l := range lines {
		shown = append(shown, view.Line{At: l.At, Icon: l.Icon, Text: l.Text, Indented: l.Indented})
	}
	return c.card(c.voice().TimelineCard(c.State.ID, c.State.Title.Body, shown, next, more)), nil
}
