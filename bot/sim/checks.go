package sim

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func stream(id incident.ID) journal.Stream { return journal.Stream(id) }

// late is how much later than its moment something may happen while nothing is wrong.
const late = time.Minute

// checks fold the logs as they grow and look whether the promises hold.
type checks struct {
	w *world

	mu       sync.Mutex
	told     map[incident.ID]*told
	order    []incident.ID
	words    map[string]int // how often words of a plan's own are on record
	planned  map[string]int // those words, and the operation they come from
	promises []promise
	repair   func() // set while the due index is known to be wrong
	doubted  time.Time
	recent   []call
}

// told is what a log says.
type told struct {
	state    incident.State
	hash     string
	owed     map[incident.EffectID]incident.Owed // recorded
	ended    map[incident.EffectID]string        // with its outcome
	endedAt  map[incident.EffectID]time.Time     //
	messages map[string]string                   // newest text by ts
	seen     map[string]bool                     // messages, by ts
	edited   map[string]string                   // newest edit, by ts
	removed  map[string]bool
	edits    map[string]bool
	dedups   map[string]time.Time // of our pages, when they were recorded
	pages    map[string]incident.EffectID
	gaps     int
	claims   map[string]bool // taken by what is recorded and not given up since
	clocks   clocks
	process  process
	alerted  time.Time // monitoring opened it, with a room, at that time
	refrozen bool      // taken up again under another policy than before
	changed  bool      // since the last step
}

// promise is a command that was acknowledged as done.
type promise struct {
	op    int
	text  string
	words string
}

// call is a call of an effect.
type call struct {
	id incident.EffectID
	at time.Time // the bubble's
}

func newChecks(w *world) *checks {
	return &checks{w: w, told: map[incident.ID]*told{}, words: map[string]int{}, planned: map[string]int{}}
}

// rooms are the incidents that have a room, oldest first.
func (c *checks) rooms() (out []incident.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.order {
		if s := c.told[id].state; s.ChannelID != "" {
			out = append(out, s)
		}
	}
	return out
}

func (c *checks) states() (out []*told) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.order {
		out = append(out, c.told[id])
	}
	return out
}

// said announces words of an operation's own.
func (c *checks) said(op int, words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.planned[words] = op
}

// corrupted notes that the due index was damaged on purpose.
func (c *checks) corrupted() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.repair == nil {
		c.repair = c.w.disturb()
	}
}

// answered notes how a command was answered: unless the answer says otherwise, what it said must be on record.
func (c *checks) answered(op int, text, words string, o workspace.Outcome) {
	if o.Status != workspace.Acked || len(o.Errors) > 0 {
		return
	}
	said := ""
	if o.Message != nil {
		said = o.Message.Text + string(o.Message.Blocks)
	}
	for _, v := range o.Views {
		said += string(v.Blocks)
	}
	for _, no := range []string{"Not known", "Not recorded", "alike", "looks like"} {
		if strings.Contains(said, no) {
			if no == "alike" {
				c.w.seen.count(SawAlike)
			}
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.promises = append(c.promises, promise{op, text, words})
}

// doubtful notes that an effect's call may be made twice, and rightly so.
func (w *world) doubtful(e incident.Owed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unsure[string(e.ID)] = true
}

// doubtAll notes that calls now in flight, and those of the next d, may outlive whoever made them.
func (w *world) doubtAll(d time.Duration) {
	now := time.Now()
	c := w.checks
	c.mu.Lock()
	if end := now.Add(d + 15*time.Second); end.After(c.doubted) {
		c.doubted = end
	}
	recent := slices.Clone(c.recent)
	c.mu.Unlock()
	for _, r := range recent {
		if now.Sub(r.at) < 15*time.Second {
			w.doubtful(incident.Owed{ID: r.id})
		}
	}
}

// begins is asked when an attempt has looked and is about to call: I5.
func (c *checks) begins(e incident.Owed) {
	if e.Effect.Do != incident.Ring && e.Effect.Repeat != incident.AtMostOnce || e.Effect.View == incident.ViewObligation ||
		strings.HasPrefix(e.Effect.Page, incident.WhyObligation+"/") { // obligations are no response: they live on
		return
	}
	j := c.w.journal()
	if j == nil {
		return
	}
	events, err := engine.Events(context.Background(), j, e.Incident, 1, journal.MaxLimit)
	if err != nil {
		return
	}
	s := incident.Replay(events)
	grace := time.Second
	if since, quiet := c.w.calmSince(c.w.clock.Now()); !quiet || c.w.clock.Now().Sub(since) < late {
		grace = 30 * time.Second // reading the state, the lease, the look: each may have taken its time
	}
	if !s.Open() && c.w.clock.Now().Sub(s.EndedAt) > grace {
		c.w.fault("I5: %s is attempted %s after %s had ended", e.ID, c.w.clock.Now().Sub(s.EndedAt), s.ID)
	}
}

// calls is asked right before a call: whoever makes it must hold the lane. I8.
func (c *checks) calls(e incident.Owed, owner string) {
	now := time.Now()
	c.mu.Lock()
	c.recent = append(c.recent, call{e.ID, now})
	if len(c.recent) > 200 {
		c.recent = c.recent[100:]
	}
	doubt := now.Before(c.doubted)
	c.mu.Unlock()
	if doubt {
		c.w.doubtful(e)
	}
	j := c.w.journal()
	if j == nil {
		return
	}
	lanes, err := j.Lanes(context.Background(), journal.MaxLimit)
	if err != nil {
		return
	}
	lane := engine.LaneOf(e.Incident, e.Effect.Lane)
	for _, l := range lanes {
		if l.Lane == lane && l.Holder != owner {
			c.w.fault("I8: %s calls for %s, but %s is held by %q", owner, e.ID, lane, l.Holder)
			return
		}
	}
	items, err := j.Pending(context.Background(), lane, journal.MaxLimit)
	if err == nil && !slices.ContainsFunc(items, func(it journal.Item) bool { return it.ID == string(e.ID) }) {
		c.w.fault("I8: %s calls for %s, which has ended", owner, e.ID)
	}
}

// step reads what is new and checks what must hold at every moment.
func (c *checks) step() {
	j := c.w.journal()
	if j == nil {
		return
	}
	ctx := context.Background()
	if err := c.read(ctx, j); err != nil {
		if !errors.Is(err, journal.ErrClosed) {
			c.w.fault("the log cannot be read: %v", err)
		}
		return
	}
	if err := c.derived(ctx, j); err != nil && !errors.Is(err, journal.ErrClosed) {
		c.w.fault("what is derived cannot be read: %v", err)
	}
	c.inTime()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.merged()
	c.rush()
	for _, p := range c.promises {
		if c.words[p.words] == 0 {
			c.w.fault("I6: operation %d (%s) was acknowledged and is not on record", p.op, p.text)
		}
	}
	c.promises = nil
	for words, n := range c.words {
		if n > 1 {
			c.w.fault("I11: %q is on record %d times", words, n)
			c.words[words] = 1
		}
	}
}

// read folds the records that are new.
func (c *checks) read(ctx context.Context, j journal.Store) error {
	streams, err := j.Streams(ctx, "", journal.MaxLimit)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	want := int64(1)
	for _, s := range streams {
		if s == journal.House {
			continue
		}
		if s.Number() != want {
			c.w.fault("I7: %s comes after INC-%d", s, want-1)
		}
		want++
		id := incident.ID(s)
		t := c.told[id]
		if t == nil {
			t = &told{
				owed: map[incident.EffectID]incident.Owed{}, ended: map[incident.EffectID]string{}, endedAt: map[incident.EffectID]time.Time{}, messages: map[string]string{}, seen: map[string]bool{}, edited: map[string]string{}, removed: map[string]bool{},
				edits: map[string]bool{}, dedups: map[string]time.Time{}, pages: map[string]incident.EffectID{}, claims: map[string]bool{}, process: newProcess(),
			}
			c.told[id] = t
			c.order = append(c.order, id)
		}
		records, err := j.Records(ctx, s, t.state.Seq+1, journal.MaxLimit)
		if err != nil {
			return err
		}
		if err := journal.Verify(records, t.hash); err != nil {
			c.w.fault("I7: %v", err)
			return nil
		}
		t.changed = len(records) > 0
		for _, r := range records {
			e, err := journal.DecodeIncident(r)
			if err != nil {
				return err
			}
			c.event(t, id, e)
			t.hash = r.Hash
		}
	}
	return nil
}

// event checks one event against what came before it.
func (c *checks) event(t *told, id incident.ID, e incident.Event) {
	w := c.w
	before := t.state
	if e.Seq != before.Seq+1 {
		w.fault("I7: event %d of %s follows %d", e.Seq, id, before.Seq)
	}
	if e.RecordedAt.Before(before.RecordedAt) {
		w.fault("I7: time goes back at %s/%d", id, e.Seq)
	}
	for _, f := range e.Effects {
		eff := incident.IDOf(id, e.Seq, f)
		t.owed[eff] = incident.Owed{ID: eff, Incident: id, Seq: e.Seq, At: e.RecordedAt, Effect: f}
		if f.Do == incident.Ring {
			t.pages[f.Page] = eff
		}
	}
	if eff, ok := incident.SettledBy(e); ok {
		if _, recorded := t.owed[eff]; !recorded {
			w.fault("I1: %s ends %s, which was never recorded", e.Fact.Type(), eff)
		}
		if was, twice := t.ended[eff]; twice {
			w.fault("I8: %s ended twice (%s before; event %d)", eff, was, e.Seq)
		}
		t.ended[eff], t.endedAt[eff] = e.Fact.Type(), e.RecordedAt
	}
	switch f := e.Fact.(type) {
	case *incident.Declared:
		c.count(f.Title.Body)
		if (e.Via == incident.ViaAlertmanager || e.Via == incident.ViaPagerDuty) && !f.Held {
			t.alerted = e.RecordedAt
		}
	case *incident.Noted:
		c.count(f.Text.Body)
	case *incident.ProgressMade:
		c.count(f.Text.Body)
	case *incident.UpdatePosted:
		c.count(f.Text.Body)
	case *incident.StepMarked:
		c.count(f.Text.Body)
	case *incident.MessageSeen:
		if t.seen[f.TS] {
			w.fault("I11: message %s of %s is on record twice", f.TS, id)
		}
		t.seen[f.TS] = true
		if _, edited := t.messages[f.TS]; !edited { // the edit may be heard first
			t.messages[f.TS] = f.Text.Body
		}
	case *incident.MessageEdited:
		if t.edits[f.TS+"/"+f.EditTS] {
			w.fault("I11: the edit %s of message %s is on record twice", f.EditTS, f.TS)
		}
		t.edits[f.TS+"/"+f.EditTS] = true
		if f.EditTS > t.edited[f.TS] { // Slack repeats what it could not deliver in any order; its timestamps here are of one length
			t.edited[f.TS], t.messages[f.TS] = f.EditTS, f.Text.Body
		}
	case *incident.MessageDeleted:
		if t.removed[f.TS] {
			w.fault("I11: the deletion of message %s is on record twice", f.TS)
		}
		t.removed[f.TS] = true
	case *incident.GapSeen:
		t.gaps++
	case *incident.ChannelOpened:
		if before.ChannelID != "" {
			w.fault("I2: %s has a second channel %s", id, f.Channel)
		}
		if f.Adopted {
			w.seen.count(SawAdopted)
		}
	case *incident.ChannelTaken:
		w.seen.count(SawTaken)
	case *incident.LatePosts:
		w.seen.count(SawCatchUp)
	case *incident.Settled:
		if f.Found {
			w.seen.count(SawFound)
		}
	case *incident.Paged:
		if !f.Page.Foreign {
			if _, twice := t.dedups[f.Page.Dedup]; twice {
				w.fault("I2: %s is paged twice", f.Page.Dedup)
			}
			t.dedups[f.Page.Dedup] = e.RecordedAt
			if !before.Open() && before.Seq > 0 && f.Page.Obligation == "" {
				w.fault("I5: %s is paged after the end", f.Page.Dedup)
			}
		}
	case *incident.LevelRaised:
		c.kept(t, e, before, f.Deadline)
	case *incident.Missed:
		c.kept(t, e, before, f.Deadline)
	}
	c.claim(t, e)
	c.notBefore(t, id, e)
	c.process(t, id, e)
	was := t.clocks.policy
	t.clocks.fold(e, w.policyOf(was))
	t.refrozen = t.refrozen || was != "" && was != t.clocks.policy
	t.state = incident.Evolve(t.state, e)
	if t.state.Policy = w.policyOf(t.clocks.policy); t.state.Policy == nil || t.state.PolicyDigest != t.clocks.policy {
		w.fault("I3: event %d of %s: it goes by a policy (%.12s) that is not the one on record (%.12s), or that nobody wrote", e.Seq, id, t.state.PolicyDigest, t.clocks.policy)
	}
	c.witness(t, e)
}

// claim follows what an incident holds: what it took is recorded with the fact that took it, alerts and titles end with the incident.
func (c *checks) claim(t *told, e incident.Event) {
	var took []string
	switch f := e.Fact.(type) {
	case *incident.Declared:
		took = f.Claims
	case *incident.AlertsSeen:
		took = f.Claims
	case *incident.PagerSeen:
		took = f.Claims
	case *incident.Reopened:
		took = f.Claims
	case *incident.Absorbed:
		took = f.Claims
	case *incident.Privatized: // nobody who declares the same is told of it
		for name := range t.claims {
			if strings.HasPrefix(name, "title/") {
				delete(t.claims, name)
			}
		}
	case *incident.SplitOff:
		for _, name := range f.Claims {
			delete(t.claims, name)
		}
	case *incident.ResolvedFact, *incident.CancelledFact, *incident.MergedInto:
		if m, is := f.(*incident.MergedInto); is {
			for _, name := range m.Claims {
				delete(t.claims, name)
			}
		}
		for name := range t.claims {
			if kind, _, _ := strings.Cut(name, "/"); kind == "alert" || kind == "alertname" || kind == "title" || kind == "service" || kind == "storm" {
				delete(t.claims, name)
			}
		}
	}
	for _, name := range took {
		for _, other := range c.told { // PagerDuty's incident passes on from one that is over for long
			delete(other.claims, name)
		}
		t.claims[name] = true
	}
}

var own = regexp.MustCompile(`[trf]\d+[trf]`)

// count counts words of a plan's own that are on record.
func (c *checks) count(body string) {
	for _, m := range own.FindAllString(body, -1) {
		for words := range c.planned {
			if strings.HasSuffix(words, m) && (len(words) == len(m) || words[len(words)-len(m)-1] == ' ') {
				c.words[words]++
			}
		}
	}
}

// kept checks that a deadline was not acted on before its time, nor late without a reason. I4.
func (c *checks) kept(t *told, e incident.Event, before incident.State, key string) {
	if key == "" {
		return
	}
	id := before.ID
	all := incident.Deadlines(before)
	if strings.HasPrefix(key, incident.DueParked+"/") { // over with the event before, which says that the clocks run again
		all = []incident.Deadline{{Key: key, Due: t.clocks.parked}}
	}
	i := slices.IndexFunc(all, func(d incident.Deadline) bool { return d.Key == key })
	if i < 0 {
		if f, ok := e.Fact.(*incident.Missed); !ok || f.Name != incident.LadderEnd {
			c.w.fault("I4: event %d of %s (%s) follows from a deadline %s that does not run", e.Seq, id, e.Fact.Type(), key)
		}
		return
	}
	due := all[i].Due
	if e.RecordedAt.Before(due) {
		c.w.fault("I4: event %d of %s comes %s before its deadline %s", e.Seq, id, due.Sub(e.RecordedAt), key)
	}
	if since, _ := c.w.calmSince(e.RecordedAt); since.After(due) {
		due = since
	}
	if d := e.RecordedAt.Sub(due); d > late {
		c.w.fault("I4: event %d of %s comes %s after its deadline %s", e.Seq, id, d, key)
	}
}

// derived compares what the store keeps beside the logs with what they say. I1, I3.
func (c *checks) derived(ctx context.Context, j journal.Store) error {
	items, err := j.Pending(ctx, "", journal.MaxLimit)
	if err != nil {
		return err
	}
	waiting := map[string]bool{}
	for _, it := range items {
		waiting[it.ID] = true
	}
	due, err := j.Due(ctx, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), journal.MaxLimit)
	if err != nil {
		return err
	}
	index := map[journal.Stream]time.Time{}
	for _, d := range due {
		index[d.Stream] = d.At
	}
	rows, err := engine.List(ctx, j, false, journal.MaxLimit)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	right := true
	for _, id := range c.order {
		t := c.told[id]
		for eff, o := range t.owed {
			if _, over := t.ended[eff]; over {
				if waiting[string(eff)] {
					c.w.fault("I1: %s has ended and is still queued", eff)
				}
			} else if o.Effect.Facts() && !waiting[string(eff)] {
				c.w.fault("I1: %s has neither ended nor is it queued", eff)
				t.ended[eff] = "reported"
			}
		}
		want := journal.Kept(incident.NextDue(t.state))
		if !index[stream(id)].Equal(want) {
			if right = false; c.repair == nil {
				c.w.fault("I3: the due index has %s for %s, the log %s", index[stream(id)], id, want)
			}
		}
		if !t.changed {
			continue
		}
		i := slices.IndexFunc(rows, func(r engine.Row) bool { return r.ID == id })
		if i < 0 || !sameRow(rows[i], engine.RowOf(t.state)) {
			c.w.fault("I3: the row of %s is not as its log says", id)
		}
		if err := c.snapshot(ctx, j, t); err != nil {
			return err
		}
	}
	if right && c.repair != nil {
		c.repair()
		c.repair = nil
		c.w.seen.count(SawRebuilt)
	}
	for it := range waiting {
		id, _, _ := strings.Cut(it, "/")
		if t := c.told[incident.ID(id)]; t == nil {
			c.w.fault("I1: %s is queued and belongs to nothing", it)
		} else if _, recorded := t.owed[incident.EffectID(it)]; !recorded {
			c.w.fault("I1: %s is queued and was never recorded", it)
		}
	}
	return nil
}

func sameRow(a, b engine.Row) bool {
	a.Seq, b.Seq = 0, 0
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// snapshot compares the state that loading gives with the one that the log gives.
func (c *checks) snapshot(ctx context.Context, j journal.Store, t *told) error {
	l, err := j.Load(ctx, stream(t.state.ID))
	if err != nil || l.Snapshot == nil {
		return err
	}
	have, err := journal.DecodeState(*l.Snapshot)
	if err != nil {
		return err
	}
	for _, r := range l.Records {
		if r.Seq <= have.Seq {
			continue
		}
		e, err := journal.DecodeIncident(r)
		if err != nil {
			return err
		}
		have = incident.Evolve(have, e)
	}
	x, err := journal.EncodeState(have)
	if err != nil {
		return err
	}
	y, err := journal.EncodeState(t.state)
	if err != nil {
		return err
	}
	if !bytes.Equal(x.Body, y.Body) {
		c.w.fault("I3: loading %s gives another state than its log", t.state.ID)
	}
	return nil
}

// inTime checks that nothing due waits while nothing is wrong. I4.
func (c *checks) inTime() {
	now := c.w.clock.Now()
	since, quiet := c.w.calmSince(now)
	if !quiet || now.Sub(since) <= late {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.order {
		s := c.told[id].state
		if due := incident.NextDue(s); !due.IsZero() && now.Sub(laterOf(due, since)) > late {
			c.w.fault("I4: %s is due since %s and nothing happens", id, now.Sub(due))
		}
		for _, p := range s.Pages {
			if p.Status == incident.PageOwed && !p.Foreign && s.Open() && now.Sub(laterOf(p.At, since)) > late {
				c.w.fault("I4: the page %s is owed since %s and not sent", p.Dedup, now.Sub(p.At))
			}
		}
	}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
