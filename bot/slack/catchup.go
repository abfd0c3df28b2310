package slack

import (
	"cmp"
	"context"
	"fmt"
	"maps"
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
	maxOlder       = 30   // threads without a new reply that are read again, the latest first
	maxOpen        = 2000 // incidents looked at
	maxEnded       = 200  // of those that ended lately
	readAfterEnd   = 7 * 24 * time.Hour
	catchAgain     = 15 * time.Second
	maxPatience    = 20
	settleFirst    = time.Second // events that come with the reconnection are cheaper than reading
	cursorEvery    = 30 * time.Second
)

// wantHistory asks for history to be read.
func (r *Receiver) wantHistory() {
	if r.o.NoCatchUp {
		return
	}
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
			anew, err := r.catchAfter(ctx, wait)
			if err != nil {
				return
			}
			if anew {
				wait = catchAgain / 2
			}
		}
		r.mu.Lock()
		r.st.Catching = false
		r.mu.Unlock()
	}
}

// catchAfter waits before history is read again; anew is true when somebody asked for it meanwhile: a socket that opens says that Slack is back,
// whatever the wait had grown to. The first of the wait is kept in any case.
func (r *Receiver) catchAfter(ctx context.Context, wait time.Duration) (anew bool, err error) {
	if err := r.o.Clock.Sleep(ctx, catchAgain); err != nil {
		return false, err
	}
	reached, stop := r.o.Clock.At(r.o.Clock.Now().Add(wait - catchAgain))
	defer stop()
	select {
	case <-r.catch:
		return true, nil
	case <-reached:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// CatchUp reads the history of every open incident's channel since it was last read, threads included, and hands in what it finds with the keys
// that the events have: what is known already adds nothing. Then the channels of incidents that ended lately are read the same way, behind
// everything else: the talk after the end belongs to them. What Slack refuses to show is recorded as a gap. An error means that it was not
// read whole and should be tried again.
func (r *Receiver) CatchUp(ctx context.Context) error {
	open, err := r.o.List.List(ctx, true, maxOpen)
	if err != nil {
		return fmt.Errorf("list the open incidents: %w", err)
	}
	all, err := r.o.List.List(ctx, false, maxOpen)
	if err != nil {
		return fmt.Errorf("list the incidents that ended lately: %w", err)
	}
	rows, since := open, r.o.Clock.Now().Add(-readAfterEnd)
	for _, row := range all {
		if !row.Open && row.Ended.After(since) && len(rows) < len(open)+maxEnded {
			rows = append(rows, row)
		}
	}
	var first error
	for _, row := range rows {
		class := incident.ClassUpdate
		if !row.Open {
			class = incident.ClassCosmetic
		}
		for _, channel := range []string{row.Channel, row.Former} { // what was said in the room of before belongs to it, too
			if row.Channel = channel; channel == "" {
				continue
			}
			if err := r.catchUp(WithClass(ctx, class), row); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if first == nil {
					first = fmt.Errorf("%s: %w", row.ID, err)
				}
			}
		}
	}
	return first
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
	// What is on record is read before the channel is: what is written meanwhile is not taken for missing.
	known, err := r.onRecord(ctx, row)
	if err != nil {
		return err
	}
	c, err := r.collect(ctx, row.Channel, formatTS(begin), formatTS(since), known)
	if f := classify("", err); f != nil {
		if !f.Permanent() {
			return err
		}
		c = reading{missing: f.Code}
	}
	if c.missing != "" {
		from := since
		if at, ok := parseTS(cursor); ok && at.After(from) {
			from = at
		}
		if err := r.gap(ctx, row, from, start, c.missing); err != nil {
			return err
		}
	}
	slices.SortStableFunc(c.news, func(a, b message) int { return compareTS(a.TS, b.TS) })
	for _, m := range c.news {
		if err := r.handIn(ctx, row.Channel, m); err != nil {
			return err
		}
	}
	if err := r.handInMissing(ctx, row.Channel, c, known); err != nil {
		return err
	}
	if err := r.o.Cursors.SetCursor(ctx, name, formatTS(start)); err != nil {
		return fmt.Errorf("keep the cursor of %s: %w", row.Channel, err)
	}
	return nil
}

// reading is what a channel's history showed.
type reading struct {
	news    []message       // not on record, or changed since
	missing string          // why something may be missing from it; "": nothing
	whole   bool            // the channel was read to its beginning, nothing cut or hidden
	shown   map[string]bool // every message and reply that is there, by ts
	oldest  string          // ts of the oldest message of the channel
	threads map[string]bool // threads read whole, by ts of the parent
}

// collect reads a channel from begin on and returns the messages and replies that are not on record as they read now. The whole channel is
// walked, because a reply or an edit shows only on the old message it belongs to. Replies written since are missing when they cannot be
// read; of the older threads some are read again, because Slack shows neither the edit nor the deletion of a reply anywhere else.
func (r *Receiver) collect(ctx context.Context, channel, begin, since string, known map[string]*recorded) (reading, error) {
	c := reading{whole: true, shown: map[string]bool{}, threads: map[string]bool{}}
	page := ""
	var threads []string
	older := map[string]string{} // parent -> its latest reply
	for ts, k := range known {
		if k.thread != "" && !k.gone && laterTS(ts, older[k.thread]) {
			older[k.thread] = ts
		}
	}
	for n := 0; ; n++ {
		p, err := r.patient(ctx, func() (pageOf, error) { return r.o.Client.history(ctx, channel, begin, "", page, false) })
		if err != nil {
			return reading{}, err
		}
		if p.Unread > 0 {
			c.missing = fmt.Sprintf("%d messages could not be read", p.Unread)
		}
		c.whole = c.whole && p.Unread == 0 && !p.Limited
		for _, m := range p.Messages {
			c.oldest = m.TS
			c.see(m, known)
			switch {
			case m.ReplyCount == 0:
			case !laterTS(m.LatestReply, since):
				older[m.TS] = m.LatestReply
			case len(threads) == maxThreads:
				c.missing = fmt.Sprintf("more than %d threads", maxThreads)
			default:
				threads = append(threads, m.TS)
			}
		}
		if page = p.Next; page == "" {
			break
		}
		if n+1 == maxHistory {
			c.whole = false
			if laterTS(c.oldest, since) {
				c.missing = fmt.Sprintf("more than %d messages", maxHistory*200)
			}
			break
		}
	}
	for _, thread := range threads {
		delete(older, thread)
		whole, err := r.thread(ctx, channel, thread, known, &c)
		if err != nil {
			return reading{}, err
		}
		if !whole {
			c.missing = fmt.Sprintf("more than %d replies", maxReplies*200)
		}
	}
	again := slices.SortedFunc(maps.Keys(older), func(a, b string) int { return cmp.Or(compareTS(older[b], older[a]), cmp.Compare(a, b)) })
	for _, thread := range again[:min(len(again), maxOlder)] {
		if _, err := r.thread(WithClass(ctx, incident.ClassCosmetic), channel, thread, known, &c); err != nil {
			return reading{}, err
		}
	}
	return c, nil
}

// see takes a message of a history into account.
func (c *reading) see(m message, known map[string]*recorded) {
	if !deleted(m) {
		c.shown[m.TS] = true
	}
	switch k := known[m.TS]; {
	case deleted(m):
		if k == nil || !k.gone {
			c.news = append(c.news, m)
		}
	case k == nil, m.Edited != nil && !k.edits[m.Edited.TS]:
		c.news = append(c.news, m)
	}
}

// thread reads a thread; whole is false when it has more replies than are read.
func (r *Receiver) thread(ctx context.Context, channel, thread string, known map[string]*recorded, c *reading) (whole bool, err error) {
	page := ""
	for range maxReplies {
		p, err := r.patient(ctx, func() (pageOf, error) { return r.o.Client.replies(ctx, channel, thread, "", page) })
		if CodeOf(err) == "thread_not_found" { // deleted, and all its replies with it
			c.threads[thread] = true
			return true, nil
		}
		if err != nil {
			return false, err
		}
		for _, m := range p.Messages {
			if m.TS != thread {
				c.see(m, known)
			}
		}
		c.whole = c.whole && p.Unread == 0 && !p.Limited
		if page = p.Next; page == "" {
			c.threads[thread] = true
			return true, nil
		}
	}
	return false, nil
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

// handIn gives a message of a history to the engine, and its edit when the message itself was known.
func (r *Receiver) handIn(ctx context.Context, channel string, m message) error {
	m.Channel = channel
	if deleted(m) {
		return r.give(ctx, r.gone(channel, m.TS, ""), m.TS+"/deleted")
	}
	ins := r.inputs(m, true)
	if len(ins) == 0 {
		return nil
	}
	out, err := r.record(ctx, withKey(ins[0], "slack/history/"+channel+"/"+m.TS))
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
	return r.give(ctx, r.edit(channel, m), m.TS+"/"+m.Edited.TS)
}

func withKey(in engine.Input, key string) engine.Input {
	in.Key = key
	return in
}

func (r *Receiver) give(ctx context.Context, ins []engine.Input, key string) error {
	for _, in := range ins {
		out, err := r.o.Engine.Handle(ctx, withKey(in, "slack/history/"+in.Route.Channel+"/"+key))
		if err != nil {
			return fmt.Errorf("record a change in %s: %w", in.Route.Channel, err)
		}
		if out.First > 0 && !out.Duplicate {
			r.count(func(s *Status) *int64 { return &s.CaughtUp })
		}
	}
	return nil
}

// gap records that a stretch of history could not be read.
func (r *Receiver) gap(ctx context.Context, row engine.Row, from, to time.Time, why string) error {
	r.count(func(s *Status) *int64 { return &s.Gaps })
	key := "gap/" + row.Channel + "/" + formatTS(from)
	if !row.Open { // nobody waits for what is said there: the same reason is told once
		key = "gap/" + row.Channel + "/ended/" + why
	}
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
