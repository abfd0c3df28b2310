package commands

import (
	"context"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/timeline"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// timelineMax is how many events are read for an answer; what is older than that is in show and export.
const timelineMax = 5000

var timelineVerb = Command{
	Name: "timeline", Aliases: []string{"history"}, Usage: "timeline [first|last]", Where: InRoom, Ended: true, Examples: []Example{{"timeline"}, {"timeline first"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		switch strings.ToLower(c.Args) {
		case "", "last", "latest", "fin":
			return c.timeline(ctx, -1, 0)
		case "first", "début", "debut":
			return c.timeline(ctx, 0, view.MaxTimelineLines)
		}
		return usage("usage.timeline", c.Args) // elsewhere "timeline <words>" adds them: here they would be lost without a word
	},
}

// timelineMore leads to earlier or later lines, in the place of those shown. Lines are in the order in which things happened, so a late one
// may stand before others that were seen: the numbers are those of lines, not of events.
var timelineMore = Button{view.ActionTimeline, func(ctx context.Context, c *Ask) (Reply, error) {
	from, to, ok := view.TimelinePage(c.Ref.Note)
	if !ok {
		return c.stale(), nil
	}
	r, err := c.timeline(ctx, from, to)
	r.Replace = err == nil && r.Card != nil
	return r, err
}}

// timeline shows a card of lines, from one up to another; from -1: the latest.
func (c *Ask) timeline(ctx context.Context, from, to int) (Reply, error) {
	first := max(1, c.State.Seq-timelineMax+1)
	events, err := c.desk.office.Events(ctx, c.State.ID, first, timelineMax)
	if err != nil {
		return Reply{}, err
	}
	lines := linesOf(c.State, events, c.Language)
	var others []timeline.Other
	for _, id := range c.State.Absorbed {
		of, err := c.desk.office.State(ctx, id)
		if err != nil {
			return Reply{}, err
		}
		told, err := c.desk.office.Events(ctx, id, max(1, of.Seq-timelineMax+1), timelineMax)
		if err != nil {
			return Reply{}, err
		}
		others = append(others, timeline.Other{ID: id, Lines: linesOf(of, told, c.Language)})
	}
	lines = timeline.Interleave(lines, c.Language, others...)
	total := len(lines)
	if from < 0 || from >= total { // what was there may have been folded since
		from, to = max(0, total-view.MaxTimelineLines), total
	}
	var shown []view.Line
	for _, l := range lines[from:min(to, total)] {
		shown = append(shown, view.Line{At: l.At, Icon: l.Icon, Text: l.Text, Indented: l.Indented})
	}
	return c.card(c.voice().TimelineCard(c.State.ID, c.State.Title.Body, shown, from, total)), nil
}
