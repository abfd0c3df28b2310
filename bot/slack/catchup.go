package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Reading history.
const (
	cursorPrefix = "slack/history/"
	// overlap is read again before every cursor: Slack repeats what was not acknowledged for a little over six minutes, so what is older
	// than that and not recorded will not come by itself.
	overlap = 10 * time.Minute
	// beforeDeclared is how far before its declaration a channel can have begun by Slack's clock.
	beforeDeclared = time.Minute
	maxHistory     = 25 // pages of 200 messages of a channel
	maxReplies     = 10 // pages of 200 replies of a thread
	maxThreads     = 200
	maxOpen        = 2000 // incidents looked at
	catchAgain     = 15 * time.Second
	maxPatience    = 20
	settleFirst    = time.Second // events that come with the reconnection are cheaper than reading
	cursorEvery    = 30 * time.Second
)

// wantHistory asks for history to be read.
func (r *Receiver) wantHistory() {
	select {
	case r.catch <- struct{}{}:
	default:
	}
}

// catchUpLoop reads history whenever it is asked for, until it has been read whole.
func (r *Receiver) catchUpLoop(ctx context.Context) {
	for {
		select {
		case <-r.catch:
		case <-ctx.Done():
			return
		}
		if !sleep(ctx, settleFirst) {
			return
		}
		r.mu.Lock()
		r.st.Catching, r.clean = true, true // anything missed from here on takes it back
		r.mu.Unlock()
		for wait := catchAgain; ; wait = min(2*wait, 5*time.Minute) {
			err := r.CatchUp(ctx)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			r.o.Log.Warn().Err(err).Msg("slack: history could not be read; trying again")
			if r.o.Clock.Sleep(ctx, wait) != nil {
				return
			}
		}
		r.mu.Lock()
		r.st.Catching = false
		r.mu.Unlock()
	}
}

// CatchUp reads the history of every open incident's channel since it was last read, threads included, and hands in what it finds with the keys
// that the events have: what is known already adds nothing. What Slack refuses to show is recorded as a gap. An error means that it was not
// read whole and should be tried again.
func (r *Receiver) CatchUp(ctx context.Context) error {
	rows, err := r.o.List.List(ctx, true, maxOpen)
	if err != nil {
		return fmt.Errorf("list the open incidents: %w", err)
	}
	var first error
	for _, row := range rows {
		if row.Channel == "" {
			continue
		}
		if err := r.catchUp(WithClass(ctx, incident.ClassUpdate), row); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if first == nil {
				first = fmt.Errorf("%s: %w", row.ID, err)
			}
		}
	}
	return first
}

// found is something to hand in, by Slack's time.
type found struct {
	at string
	m  message
}

// catchUp reads one channel.
func (r *Receiver) catchUp(ctx context.Context, row engine.Row) error {
	start := r.o.Clock.Now()
	name := cursorPrefix + row.Channel
	cursor, err := r.o.Cursors.Cursor(ctx, name)
	if err != nil {
		return fmt.Errorf("read the cursor of %s: %w", row.Channel, err)
	}
	begin := row.Declared.Add(-beforeDeclared)
	since := begin
	if at, ok := parseTS(cursor); ok && at.Add(-overlap).After(begin) {
		since = at.Add(-overlap)
	}
	news, missing, err := r.collect(ctx, row.Channel, formatTS(begin), formatTS(since))
	if f := classify("", err); f != nil {
		if !f.Permanent() {
			return err
		}
		missing = f.Code
	}
	if missing != "" {
		from := since
		if at, ok := parseTS(cursor); ok && at.After(from) {
			from = at
		}
		if err := r.gap(ctx, row, from, start, missing); err != nil {
			return err
		}
	}
	slices.SortStableFunc(news, func(a, b found) int {
		switch {
		case laterTS(a.at, b.at):
			return 1
		case laterTS(b.at, a.at):
			return -1
		}
		return 0
	})
	for _, n := range news {
		if err := r.handIn(ctx, row.Channel, n.m); err != nil {
			return err
		}
	}
	if err := r.o.Cursors.SetCursor(ctx, name, formatTS(start)); err != nil {
		return fmt.Errorf("keep the cursor of %s: %w", row.Channel, err)
	}
	return nil
}

// collect reads a channel from begin on and returns the messages and replies that are new or edited since a moment. The whole channel is
// walked, because a reply or an edit shows only on the old message it belongs to. missing says why something after since may be missing.
func (r *Receiver) collect(ctx context.Context, channel, begin, since string) (news []found, missing string, err error) {
	page := ""
	var threads []string
	for n := 0; ; n++ {
		p, err := r.patient(ctx, func() (pageOf, error) { return r.o.Client.history(ctx, channel, begin, "", page, false) })
		if err != nil {
			return nil, "", err
		}
		if p.Unread > 0 {
			missing = fmt.Sprintf("%d messages could not be read", p.Unread)
		}
		last := ""
		for _, m := range p.Messages {
			last = m.TS
			if fresh(m, since) {
				news = append(news, found{m.TS, m})
			}
			if m.ReplyCount > 0 && laterTS(m.LatestReply, since) && len(threads) < maxThreads {
				threads = append(threads, m.TS)
			}
		}
		if page = p.Next; page == "" {
			break
		}
		if n+1 == maxHistory {
			if laterTS(last, since) {
				missing = fmt.Sprintf("more than %d messages", maxHistory*200)
			}
			break
		}
	}
	for _, thread := range threads {
		page := ""
		for n := 0; n < maxReplies; n++ {
			// Slack counts edits of replies nowhere on the parent, so the whole thread is read.
			p, err := r.patient(ctx, func() (pageOf, error) { return r.o.Client.replies(ctx, channel, thread, "", page) })
			if CodeOf(err) == "thread_not_found" {
				break // deleted meanwhile
			}
			if err != nil {
				return nil, "", err
			}
			for _, m := range p.Messages {
				if m.TS != thread && fresh(m, since) {
					news = append(news, found{m.TS, m})
				}
			}
			if page = p.Next; page == "" {
				break
			}
		}
	}
	return news, missing, nil
}

// patient reads a page, waiting as long as the only trouble is our own budget or Slack's: history may be long, and nothing waits for it.
func (r *Receiver) patient(ctx context.Context, read func() (pageOf, error)) (pageOf, error) {
	for try := 0; ; try++ {
		p, err := read()
		f := classify("", err)
		if f == nil || f.Code != CodeRateLimited || try == maxPatience {
			return p, err
		}
		if r.o.Clock.Sleep(ctx, max(f.RetryAfter(), time.Second)) != nil {
			return p, err
		}
	}
}

// fresh reports whether a message or its latest edit is later than since.
func fresh(m message, since string) bool {
	return laterTS(m.TS, since) || m.Edited != nil && laterTS(m.Edited.TS, since)
}

// handIn gives a message of a history to the engine, and its edit when the message itself was known.
func (r *Receiver) handIn(ctx context.Context, channel string, m message) error {
	m.Channel = channel
	if m.SubType == "tombstone" {
		return r.give(ctx, r.gone(channel, m.TS, ""), m.TS, true)
	}
	ins := r.inputs(m, true)
	if len(ins) == 0 {
		return nil
	}
	if m.Edited != nil {
		// When the message is news, it is news as edited: the edit's own event, should it still come, adds nothing.
		ins[0].Same = append(ins[0].Same, editKey(channel, m))
	}
	out, err := r.o.Engine.Handle(ctx, withKey(ins[0], "slack/history/"+channel+"/"+m.TS))
	if err != nil {
		return fmt.Errorf("record a message of %s: %w", channel, err)
	}
	if out.First > 0 && !out.Duplicate {
		r.count(func(s *Status) *int64 { return &s.CaughtUp })
		return nil // it is new to us as it reads now
	}
	if m.Edited == nil {
		return nil
	}
	return r.give(ctx, r.edit(channel, m), m.TS+"/"+m.Edited.TS, true)
}

func withKey(in engine.Input, key string) engine.Input {
	in.Key = key
	return in
}

func (r *Receiver) give(ctx context.Context, ins []engine.Input, key string, counted bool) error {
	for _, in := range ins {
		out, err := r.o.Engine.Handle(ctx, withKey(in, "slack/history/"+in.Route.Channel+"/"+key))
		if err != nil {
			return fmt.Errorf("record a change in %s: %w", in.Route.Channel, err)
		}
		if counted && out.First > 0 && !out.Duplicate {
			r.count(func(s *Status) *int64 { return &s.CaughtUp })
		}
	}
	return nil
}

// gap records that a stretch of history could not be read.
func (r *Receiver) gap(ctx context.Context, row engine.Row, from, to time.Time, why string) error {
	r.count(func(s *Status) *int64 { return &s.Gaps })
	key := "gap/" + row.Channel + "/" + formatTS(from)
	_, err := r.o.Engine.Handle(ctx, engine.Input{
		Key: "slack/" + key, Same: []string{key}, At: to, Actor: incident.Actor{System: incident.SystemTocsin}, Via: incident.ViaSlack,
		Act:   incident.Gap{Gap: incident.GapSeen{Channel: row.Channel, From: from, To: to, Why: incident.Clip(strings.TrimSpace(why), 200)}},
		Route: engine.Route{ID: row.ID},
	})
	if err != nil {
		return fmt.Errorf("record a gap of %s: %w", row.Channel, err)
	}
	return nil
}

// cursorLoop moves the cursors on while nothing is being missed, so that a restart need not read from the beginning. It waits in real
// time: a demo's jumping clock has no need of it.
func (r *Receiver) cursorLoop(ctx context.Context) {
	for sleep(ctx, cursorEvery) {
		r.moveCursors(ctx)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	<-r.work.Done() // what is being recorded at the end counts
	r.moveCursors(end)
}

func (r *Receiver) moveCursors(ctx context.Context) {
	r.mu.Lock()
	if !r.clean || r.st.Catching {
		r.mu.Unlock()
		return
	}
	seen := r.seen
	r.seen = map[string]string{}
	r.mu.Unlock()
	for _, channel := range sortedKeys(seen) {
		if err := r.o.Cursors.SetCursor(ctx, cursorPrefix+channel, seen[channel]); err != nil {
			r.o.Log.Warn().Err(err).Str("channel", channel).Msg("slack: a cursor could not be kept; more history is read after a restart")
		}
	}
}
