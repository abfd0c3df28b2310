package incident

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The nights, years and days on which calendars go wrong, and the zones that see them. Every instant of these tests is a whole minute.
var turns = []string{
	"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", // Europe/Paris
	"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", // America/New_York
	"2026-12-31T23:00:00Z", "2028-02-29T00:00:00Z", "2028-12-31T12:00:00Z",
}

// weekPolicy is the tests' whole process in a zone that turns its clocks, with shifts that are worked while it does, or office hours.
func weekPolicy(rt *rapid.T, st *story) *Policy {
	process := withProcess(newStory(st.t)).policy
	p := dutyPolicy()
	p.Ladder, p.Severities, p.Services, p.ResumeWithin, p.Targets = process.Ladder, process.Severities, nil, process.ResumeWithin, process.Targets
	p.FirstPageWait = time.Minute
	hours := map[time.Weekday][]Hours{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		hours[d] = []Hours{{From: 9 * 60, To: 18 * 60}}
	}
	switch rapid.IntRange(0, 2).Draw(rt, "hours") {
	case 0:
		delete(hours, time.Saturday)
		delete(hours, time.Sunday)
	case 1: // a shop that works at night
		for d := range hours {
			hours[d] = []Hours{{From: 0, To: 3 * 60}, {From: 22 * 60, To: 24 * 60}}
		}
	case 2: // a pause, and a Sunday that begins soon after clocks were turned
		delete(hours, time.Saturday)
		for d := time.Monday; d <= time.Friday; d++ {
			hours[d] = []Hours{{From: 8*60 + 30, To: 12 * 60}, {From: 13 * 60, To: 17*60 + 30}}
		}
		hours[time.Sunday] = []Hours{{From: 4 * 60, To: 9 * 60}}
	}
	p.Calendars = map[string]Calendar{"office": {
		Zone: rapid.SampledFrom([]string{"Europe/Paris", "Europe/Paris", "America/New_York", "UTC"}).Draw(rt, "zone"), Hours: hours,
		Holidays: map[string]map[string]string{"01-01": {"en": "New Year"}, "2026-03-30": {"en": "a Monday"}},
	}}
	p.Calendar = "office"
	if err := p.Bind(); err != nil {
		rt.Fatal(err)
	}
	return p
}

// next is the first working minute at or after t, looked for minute by minute.
func (m minutes) next(t time.Time) time.Time {
	for !m.working(t) {
		t = t.Truncate(time.Minute).Add(time.Minute)
	}
	return t
}

// watch reckons from the facts alone what may happen when, by rules of its own: neither the state nor its deadlines are asked.
type watch struct {
	st   *story
	rt   *rapid.T
	p    *Policy
	slow minutes
	woke time.Time // the driver sleeps before it, and is awake since

	sev                                                                    Severity
	open, mitigated                                                        bool
	level, round                                                           int
	backup                                                                 bool
	why                                                                    string         // of the level
	pages                                                                  map[string]int // level, by key
	declared, stage, severe, resumed, accepted, progress, end, over, extra time.Time
	more                                                                   time.Duration
	parked                                                                 *Parked
	parkRound                                                              int // the round in which the ladder waits for who was to take up what was set aside, mitigated or not
	takeBase                                                               time.Time
	answered                                                               bool
	fired                                                                  map[stand]time.Duration // waited at each place since the waits last began in full: it stands still while nothing fires
	furthest                                                               stand                   // at which it cleared
	takeLeft                                                               *time.Duration          // of a business day, in working time, when it cleared
	duties                                                                 map[string]*kept
	aside                                                                  bool      // it is set aside
	still                                                                  time.Time // since when it was last paused
	advanced                                                               int       // levels, in this step
}

// stand is a place on the ladder.
type stand struct {
	level  int
	backup bool
}

func (a stand) below(b stand) bool {
	return a.level < b.level || a.level == b.level && !a.backup && b.backup
}

// within is how long the ladder waits at a place for somebody to take it.
func (w *watch) within(at stand) time.Duration {
	if at == (stand{level: 1}) {
		return w.p.Severities[w.sev].AckWithin
	}
	return w.p.Severities[w.sev].AcceptWithin
}

// anew lets every wait begin in full: somebody looked at it, or it is another wait.
func (w *watch) anew() { w.fired, w.furthest, w.takeLeft = map[stand]time.Duration{}, stand{}, nil }

// cleared counts what was waited at the place where the ladder stands. Nobody below it is waited for again.
func (w *watch) cleared(now time.Time) {
	if at := (stand{w.level, w.backup}); w.level > 0 && w.accepted.IsZero() && w.end.IsZero() {
		w.fired[at] += now.Sub(newest(w.stage, w.severe, w.resumed))
		if w.furthest.below(at) {
			w.furthest = at
		}
	}
	if w.p.Severities[w.sev].NoLadder && !w.answered {
		left := time.Duration(0)
		for due, m := w.takeDue(), now; m.Before(due); m = m.Add(time.Minute) {
			if w.slow.working(m) {
				left += time.Minute
			}
		}
		w.takeLeft = &left
	}
	w.over = now
}

// takeDue is when an incident without ladder is to be taken at the latest; zero when the minutes looked at do not say.
func (w *watch) takeDue() time.Time {
	if w.takeLeft == nil || !w.resumed.After(w.takeBase) {
		due, _ := w.slow.businessDays(newest(w.takeBase, w.resumed), w.p.Severities[w.sev].AckDays)
		return due
	}
	at := w.resumed
	for left := *w.takeLeft; left > 0; at = at.Add(time.Minute) {
		if w.slow.working(at) {
			left -= time.Minute
		}
	}
	return at
}

// kept is an obligation as the watch sees it.
type kept struct {
	ObligationBegun
	next  time.Time // reminded then
	moved time.Time // it went on then after it had stood still
	count int
}

func newest(ts ...time.Time) time.Time { return slices.MaxFunc(ts, time.Time.Compare) }

// due is when the ladder moves next; false when it waits for nothing.
func (w *watch) due() (time.Time, bool) {
	r := w.p.Severities[w.sev]
	waits := w.parkRound == w.round && w.accepted.IsZero()
	switch {
	case !w.open || w.parked != nil || r.NoLadder || w.mitigated && !waits || w.level == 0:
		return time.Time{}, false
	case !w.over.IsZero() && w.accepted.IsZero():
		return newest(newest(w.over, w.stage).Add(w.p.RestartEvery), w.severe), r.RingOn // at once, where the severity only now rings on
	case !w.end.IsZero():
		return newest(w.end, w.resumed).Add(w.p.RestartEvery), true
	case w.accepted.IsZero():
		at := stand{w.level, w.backup}
		left := w.within(at) - w.fired[at]
		if at.below(w.furthest) {
			left = 0
		}
		return newest(w.stage, w.severe, w.resumed).Add(max(0, left)), true
	case w.level > 2 || !w.over.IsZero() && !r.RingOn:
		return time.Time{}, false
	}
	base, within := newest(w.accepted, w.severe, w.resumed), r.RemediateWithin // the second level's wait is not moved by progress
	if w.level == 1 {
		if within = r.ProgressWithin; w.progress.After(w.accepted) {
			within = r.ProgressEvery
		}
		base = newest(base, w.progress)
	}
	if w.more > 0 && !w.extra.Before(base) {
		within += w.more
	}
	return base.Add(within), true
}

// exact checks that something that was due at a moment happens then: not before, and after it only when the driver slept.
func (w *watch) exact(e Event, what string, due time.Time) {
	if e.RecordedAt.Before(due) {
		w.rt.Fatalf("%s, event %d: %s before its time, %s", what, e.Seq, due.Sub(e.RecordedAt), due)
	}
	if at := newest(due, w.woke); e.RecordedAt.After(at) {
		w.rt.Fatalf("%s, event %d: %s after its time %s, and nobody slept", what, e.Seq, e.RecordedAt.Sub(at), due)
	}
}

// sees checks an event against what came before it, and takes it in.
func (w *watch) sees(e Event) {
	now := e.RecordedAt
	switch f := e.Fact.(type) {
	case *Declared:
		w.open, w.sev, w.severe, w.declared, w.takeBase = true, f.Severity, now, now, now
	case *Reopened:
		*w = watch{fired: map[stand]time.Duration{}, st: w.st, rt: w.rt, p: w.p, slow: w.slow, woke: w.woke, duties: w.duties, pages: w.pages, parkRound: -1, still: w.still, open: true, sev: w.sev, severe: now, takeBase: now, round: w.round, advanced: w.advanced}
	case *SeveritySet:
		if f.Severity != f.Was {
			w.sev, w.severe, w.takeBase = f.Severity, now, now
			w.anew()
		}
	case *StatusSet:
		if f.Status == Mitigated {
			w.mitigated, w.over, w.parkRound = true, time.Time{}, -1
		}
	case *ResolvedFact, *CancelledFact:
		for _, k := range w.duties { // what stood still goes on with what is left
			if w.stands(k) && k.next.Before(now) {
				k.next = now
			}
		}
		w.open, w.parked, w.aside = false, nil, false
	case *LevelRaised:
		w.raised(e, f)
	case *Missed:
		switch f.Name {
		case LadderEnd:
			due, waits := w.due()
			if !waits || f.Deadline == "" {
				w.rt.Fatalf("event %d: the ladder's end, and it waits for nothing", e.Seq)
			}
			w.exact(e, "the ladder's end", due)
			w.end, w.advanced = now, w.advanced+1
			w.anew()
		case DueTake: // a business day passed: as the minutes say
			if waits := w.parkRound == w.round && w.accepted.IsZero(); (w.answered || w.mitigated) && !waits || !w.p.Severities[w.sev].NoLadder {
				w.rt.Fatalf("event %d: said to be taken by nobody", e.Seq)
			}
			if due := w.takeDue(); !due.IsZero() {
				w.exact(e, "to be taken within business days", due)
			}
			w.takeBase = now
		}
	case *Acknowledged:
		if !w.over.IsZero() { // somebody looks at it: the clocks run
			w.over, w.resumed = time.Time{}, now
		}
		w.accepted, w.end, w.answered = now, time.Time{}, true
		w.anew()
		if n := w.pages[f.Page]; n > 0 && n < w.level && w.why == WhyNotAcknowledged { // somebody of a lower level answered late
			w.level, w.backup = n, false
		}
	case *ProgressMade:
		w.progress = now
	case *MoreTimeGiven:
		w.more, w.extra = f.Add, now
	case *Recovered:
		w.cleared(now)
	case *Parked:
		w.parked, w.aside = f, true
	case *Resumed:
		w.aside = false
		if f.Why == ResumedDue {
			if w.parked == nil {
				w.rt.Fatalf("event %d: its moment came and it was not set aside", e.Seq)
			}
			w.exact(e, "set aside until now", w.parked.Until)
		} else {
			w.parked = nil // who parked is not rung: somebody was quicker
		}
		w.over, w.resumed = time.Time{}, now
		if f.Why != ResumedFiring {
			w.anew()
		}
	case *Paged:
		w.paged(e, f.Page)
	case *ObligationBegun:
		w.begun(e, f)
	case *ObligationMoved:
		w.moved(e, f)
	case *ObligationDeferred:
		k := w.duties[f.Key]
		if w.absolute(k) || w.slow.working(now) {
			w.rt.Fatalf("event %d: %s is put off at a time of its own", e.Seq, f.Key)
		}
		if k.next = w.slow.next(now); !f.Next.Equal(k.next) {
			w.rt.Fatalf("event %d: %s is put off until %s, by the minutes %s", e.Seq, f.Key, f.Next, k.next)
		}
	case *ObligationReminded:
		w.reminded(e, f)
	case *ObligationEnded:
		delete(w.duties, f.Key)
	}
}

// paused reports whether the clocks of the response stand still: it was set aside, or it cleared and its severity does not ring on.
func (w *watch) paused() bool {
	return w.open && (w.aside || !w.over.IsZero() && !w.p.Severities[w.sev].RingOn)
}

// stands reports whether nobody is reminded of a duty now: it belongs to the response, which is paused.
func (w *watch) stands(k *kept) bool { return w.paused() && k.Response && !k.Legal }

// moved checks that a duty of the response goes on with what was left of it when it began to stand still. No day is announced here.
func (w *watch) moved(e Event, f *ObligationMoved) {
	k, now := w.duties[f.Key], e.RecordedAt
	if k == nil || f.Stood <= 0 || !k.Response || k.Legal {
		w.rt.Fatalf("event %d: %s moved, and nobody announced a day: %+v", e.Seq, f.Key, f)
	}
	since := newest(w.still, k.From, k.moved)
	if stood := now.Sub(since); f.Stood != stood {
		w.rt.Fatalf("event %d: %s stood still for %s, by the minutes %s", e.Seq, f.Key, f.Stood, stood)
	}
	if k.Due.After(since) {
		k.Due = k.Due.Add(f.Stood)
	}
	if k.next, k.moved = k.next.Add(f.Stood), now; !f.Next.Equal(k.next) || !f.Due.Equal(k.Due) {
		w.rt.Fatalf("event %d: %s is due %s and reminded of at %s, by the minutes %s and %s", e.Seq, f.Key, f.Due, f.Next, k.Due, k.next)
	}
}

func (w *watch) raised(e Event, f *LevelRaised) {
	if f.Deadline != "" && f.Why != WhyParked {
		due, waits := w.due()
		if !waits {
			w.rt.Fatalf("event %d: level %d is rung (%s), and the ladder waits for nothing: %+v", e.Seq, f.Level, f.Why, *w)
		}
		if f.Why == WhyNotAcknowledged && !w.accepted.IsZero() && w.end.IsZero() {
			w.rt.Fatalf("event %d: level %d is rung because nobody answered, and somebody took it at %s", e.Seq, f.Level, w.accepted)
		}
		w.exact(e, fmt.Sprintf("level %d", f.Level), due)
		if up := f.Level - w.level; f.Round == w.round && (up < 0 || up > 1+len(w.p.Ladder)/4 || up == 0 && !f.Backup) { // level 4 is nobody's to reach by time
			w.rt.Fatalf("event %d: from level %d to %d", e.Seq, w.level, f.Level)
		}
		w.advanced++
	}
	w.level, w.backup, w.round, w.why = f.Level, f.Backup, f.Round, f.Why
	w.stage, w.accepted, w.end, w.more = e.RecordedAt, time.Time{}, time.Time{}, 0
	if f.Why == WhyParked {
		w.parkRound = f.Round
	}
}

func (w *watch) paged(e Event, p Page) {
	w.pages[p.Key] = p.Level
	switch {
	case p.Why == WhyParked:
		if w.parked == nil || !p.Person.Same(w.parked.Owner) {
			w.rt.Fatalf("event %d: %s is rung for what %+v set aside", e.Seq, p.Person.Name, w.parked)
		}
		w.parked = nil // once
	case w.parked != nil && e.Via == ViaClock && p.Obligation == "": // people may send for somebody, time may not
		w.rt.Fatalf("event %d: %s is rung (%s) while it is set aside until %s", e.Seq, p.Target, p.Why, w.parked.Until)
	case !w.open && p.Obligation == "":
		w.rt.Fatalf("event %d: %s is rung (%s) after the end", e.Seq, p.Target, p.Why)
	}
}

func (w *watch) absolute(k *kept) bool { return k.Legal || k.Response }

func (w *watch) begun(e Event, f *ObligationBegun) {
	k := &kept{ObligationBegun: *f}
	w.duties[f.Key] = k
	o, ok := w.p.Obligation(f.Of)
	switch {
	case !ok || f.Why == BeginsAction:
	case o.WithinDays > 0:
		if due, ok := w.slow.businessDays(f.From, o.WithinDays); ok && !f.Due.Equal(due) {
			w.rt.Fatalf("event %d: %s is due %s, by the minutes %s", e.Seq, f.Key, f.Due.In(w.slow.zone), due.In(w.slow.zone))
		}
	case !f.Due.Equal(f.From.Add(o.Within)):
		w.rt.Fatalf("event %d: %s runs %s from %s, not %s", e.Seq, f.Key, f.Due.Sub(f.From), f.From, o.Within)
	}
	k.next = w.when(k, e.RecordedAt, e.RecordedAt, true)
	if !f.Next.Equal(k.next) {
		w.rt.Fatalf("event %d: %s is first reminded of at %s, by the minutes %s", e.Seq, f.Key, f.Next, k.next)
	}
}

// when is when a reminder comes after another one, or after its beginning: by its pace, never past the moments at which it changes, and in
// working time unless it is absolute.
func (w *watch) when(k *kept, last, now time.Time, first bool) time.Time {
	every, before, page := 24*time.Hour, time.Duration(0), time.Duration(0)
	if k.Legal {
		every = 4 * time.Hour
	}
	if o, ok := w.p.Obligation(k.Of); ok {
		every, before, page = o.Every, o.RemindBefore, o.PageBefore
	}
	at := last.Add(every)
	if first {
		if at = k.Due.Add(-before); !at.After(last) {
			at = k.Due
		}
	}
	for _, stop := range []time.Time{k.Due, k.Due.Add(-page)} {
		if (page > 0 || stop.Equal(k.Due)) && stop.After(last) && stop.Before(at) {
			at = stop
		}
		if first && k.Legal && (page > 0 || stop.Equal(k.Due)) && stop.After(k.From) && !stop.After(last) { // known late
			at = last
		}
	}
	if at = newest(at, now); w.absolute(k) {
		return at
	}
	return w.slow.next(at)
}

func (w *watch) reminded(e Event, f *ObligationReminded) {
	k, now := w.duties[f.Key], e.RecordedAt
	if k == nil {
		w.rt.Fatalf("event %d: reminded of %s, which does not run", e.Seq, f.Key)
	}
	if !w.absolute(k) && !w.slow.working(now) {
		w.rt.Fatalf("event %d: reminded of %s on %s, when nobody works", e.Seq, f.Key, now.In(w.slow.zone))
	}
	w.exact(e, "reminder of "+f.Key, k.next)
	if k.count++; f.Count != k.count {
		w.rt.Fatalf("event %d: reminder %d of %s is counted as %d", e.Seq, k.count, f.Key, f.Count)
	}
	if k.next = w.when(k, now, now, false); !f.Next.Equal(k.next) {
		w.rt.Fatalf("event %d: %s is next reminded of at %s, by the minutes %s", e.Seq, f.Key, f.Next, k.next)
	}
}

// waits checks that nothing that is due waits: the driver ticks until it sleeps.
func (w *watch) waits(now time.Time) {
	if due, runs := w.due(); runs && due.Before(now) && w.woke.Before(now) {
		w.rt.Fatalf("the ladder was due at %s, now it is %s: %+v", due, now, *w)
	}
	for key, k := range w.duties {
		if k.next.Before(now) && !w.stands(k) && w.woke.Before(now) {
			w.rt.Fatalf("%s was to be reminded of at %s, now it is %s", key, k.next, now)
		}
	}
	if w.parked != nil && w.parked.Until.Before(now) && w.woke.Before(now) {
		w.rt.Fatalf("set aside until %s, and now it is %s", w.parked.Until, now)
	}
}

// TestVirtualWeeks: people act and fall silent over weeks in which clocks are turned, years end and a day is leapt, and the driver sleeps now
// and then, for hours or days. What happens, and when, is reckoned a second time from the facts and minute by minute.
func TestVirtualWeeks(t *testing.T) {
	people := []Person{marc, ines, tomas, amel, lucie}
	rapid.Check(t, func(rt *rapid.T) {
		st := newStory(t)
		st.policy = weekPolicy(rt, st)
		turn, err := time.Parse(time.RFC3339, rapid.SampledFrom(turns).Draw(rt, "turn"))
		if err != nil {
			rt.Fatal(err)
		}
		st.now = turn.Add(-time.Duration(rapid.IntRange(0, 6*24*60).Draw(rt, "before")) * time.Minute)
		end := turn.Add(time.Duration(rapid.IntRange(1, 14).Draw(rt, "days")) * 24 * time.Hour)
		c := st.policy.Calendars["office"]
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			rt.Fatal(err)
		}
		w := &watch{fired: map[stand]time.Duration{}, st: st, rt: rt, p: st.policy, slow: minutes{c, zone}, woke: st.now, parkRound: -1, duties: map[string]*kept{}, pages: map[string]int{}}
		does := func(a Actor, via Via, act Act) {
			w.advanced = 0
			was := w.paused()
			ev, err := st.try(a, via, act)
			if _, no := err.(*Refusal); err != nil && !no {
				rt.Fatalf("%T: %v", act, err)
			}
			for _, e := range ev {
				w.sees(e)
			}
			if w.paused() && !was {
				w.still = st.now
			}
			if w.advanced > 1 {
				rt.Fatalf("one %T advances the ladder %d times", act, w.advanced)
			}
		}
		ticks := 0
		tick := func() { ticks++; does(Actor{System: SystemTocsin}, ViaClock, Tick{}) }
		until := func(to time.Time) { // awake
			for ticks < 300 {
				next := NextDue(st.s)
				if next.IsZero() || next.After(to) {
					st.now = to
					w.waits(to)
					return
				}
				st.now = newest(st.now, next)
				before := st.s.Seq
				if tick(); st.s.Seq == before {
					rt.Fatalf("due at %s, and a tick does nothing: %+v", next, Deadlines(st.s))
				}
				w.waits(st.now)
			}
			st.now, end = to, st.now // enough of it
			w.woke = to
		}
		sleep := func(d time.Duration) { // nobody ticks
			st.now = st.now.Add(d)
			w.woke = st.now
			tick()
			was := stand{w.level, w.backup}
			if tick(); w.advanced > 0 && !was.below(w.furthest) { // whom it was waited for in vain before it cleared are rung at once
				rt.Fatalf("a second tick right after the first goes on from %+v to level %d", was, w.level)
			}
		}
		who := func() Actor { return Actor{Person: rapid.SampledFrom(people).Draw(rt, "who")} }
		if rapid.Bool().Draw(rt, "alert") {
			does(Actor{System: SystemAlertmanager}, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Firing: 1, Digest: "1", StartsAt: st.now,
				Name: rapid.SampledFrom([]string{"ApiErrorRateHigh", "ApiHighLatencyP95", "AuditHashChainBroken", "RneBalanceLow"}).Draw(rt, "name")}})
		} else {
			does(who(), ViaSlack, Declare{Title: Say("checkout is down", MaxTitle), Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "severity"))})
		}
		if rapid.Bool().Draw(rt, "owes") { // what is left to be done when it is over falls on the days of the turn
			does(who(), ViaSlack, SetSeverity{Severity: SEV2, Reason: Say("so it is", 100)})
			does(who(), ViaSlack, Resolve{Text: Say("rolled back", 100)})
			until(newest(st.now, turn.Add(time.Duration(rapid.IntRange(-12, 72).Draw(rt, "around"))*time.Hour)))
		}
		for n := 0; n < 60 && st.now.Before(end); n++ {
			switch rapid.IntRange(0, 21).Draw(rt, "act") {
			case 0, 1, 2: // a silence
				until(st.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(rt, "minutes")) * time.Minute))
			case 3, 4:
				until(st.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour))
			case 5: // over the turn
				until(newest(st.now, turn.Add(time.Duration(rapid.IntRange(-3, 60).Draw(rt, "around"))*time.Hour)))
			case 6:
				sleep(time.Duration(rapid.IntRange(1, 600).Draw(rt, "asleep")) * time.Minute)
			case 7:
				sleep(time.Duration(rapid.IntRange(1, 5*24).Draw(rt, "asleep")) * time.Hour)
			case 8:
				does(who(), ViaSlack, Ack{})
			case 9:
				does(who(), ViaSlack, Progress{Text: Say("something was found out", 100)})
			case 10:
				does(who(), ViaSlack, MoreTime{})
			case 11:
				does(who(), ViaSlack, SendHelp{})
			case 12:
				does(who(), ViaSlack, SetSeverity{Severity: Severity(rapid.IntRange(1, 4).Draw(rt, "severity")), Reason: Say("so it is", 100)})
			case 13, 14: // until a whole minute, in the night of the turn as well
				to := st.now.Add(time.Duration(rapid.IntRange(30, 3*24*60).Draw(rt, "park")) * time.Minute)
				does(who(), ViaSlack, Park{Until: to, Owner: rapid.SampledFrom(people).Draw(rt, "owner")})
			case 15:
				does(who(), ViaSlack, Resume{})
			case 16:
				does(who(), ViaSlack, SetStatus{Status: Mitigated, Reason: Say("rolled back", 100)})
			case 17:
				does(who(), ViaSlack, Resolve{Text: Say("rolled back", 100)})
			case 18:
				does(who(), ViaSlack, Reopen{Reason: Say("it is back", 100)})
			case 19:
				a := AnswerQuestion{Question: "personal_data", Value: rapid.SampledFrom([]string{AnswerYes, AnswerNo, AnswerUnknown}).Draw(rt, "answer"), Reason: Say("because", 100)}
				does(who(), ViaSlack, a)
			case 20:
				owing := st.s.Owing()
				if len(owing) > 0 {
					key := owing[rapid.IntRange(0, len(owing)-1).Draw(rt, "duty")].Key
					does(who(), ViaSlack, rapid.SampledFrom([]Act{TakeDuty{Key: key}, EndDuty{Key: key, Text: Say("sent", 100)}, EndDuty{Key: key, Dropped: true, Text: Say("no need", 100)}}).Draw(rt, "what"))
				}
			case 21:
				if strings.HasPrefix(string(st.s.Source), SourceAlert) {
					n := rapid.IntRange(0, 1).Draw(rt, "firing")
					does(Actor{System: SystemAlertmanager}, ViaAlertmanager, AlertsFired{Title: Say("a", 10), Set: AlertSet{Group: "g", Firing: n, Digest: fmt.Sprint(n, st.now.Unix()), Name: "ApiErrorRateHigh"}})
				}
			}
		}
	})
}
