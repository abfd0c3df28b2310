package timeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Line is one line of a timeline.
type Line struct {
	Seq        int64        // of the event
	At         time.Time    // when it happened
	RecordedAt time.Time    // when it was recorded
	Icon       string       // "", or one of the emoji with a meaning
	Text       catalog.Text // who did what, without the time
	Kind       string       // type of the fact
	Late       bool         // recorded more than LateAfter after it happened
	Indented   bool         // a reply in a thread

	place time.Time // where it stands among the others
	after int
}

// LateAfter is how much later than it happened a fact may be recorded without the timeline saying so.
const LateAfter = time.Minute

// shown says of every fact type whether a reader wants it; true includes those of which only some are shown.
var shown = map[string]bool{
	"declared": true, "alerts": true, "acknowledged": true, "role-set": true, "role-asked": true, "severity-set": true, "severity-reason": true, "status-set": true,
	"progress": true, "note": true, "update": true, "paged": true, "page-changed": true, "pager-seen": true, "level-raised": true, "warned": true,
	"missed": true, "more-time": true, "told": true, "runbook-started": true, "step": true, "resolved": true, "cancelled": true, "reopened": true,
	"message": true, "message-edited": true, "message-deleted": true, "gap": true, "channel-opened": true, "room-wanted": true, "joined": true, "late": true, "merged": true, "closed": true, "absorbed": true, "split-off": true, "parked": true, "resumed": true, "recovered": true, "impact-asked": true, "handed-on": true,
	"obligation-begun": true, "obligation-reminded": true, "obligation-taken": true, "obligation-ended": true, "notice-sent": true, "answered": true,
	"moment": true, "impact": true, "cadence": true, "captured": true, "frozen": true, "freeze-lifted": true, "lock-overridden": true, "hand-over-proposed": true, "hand-over-reminded": true, "hand-over-ended": true, "hand-over-suggested": true, "obligation-deferred": false, // the reminder itself is told
	"parameters": true, "runbooks-suggested": true,
	"private": true, "admitted": true, "attack-asked": true, "review-written": false, "step-reader-asked": true, "holidays": true, "obligation-moved": true,
	"step-opened": true, "step-again": true, "step-taken": true, "step-found": true, "step-blocked": true, "step-unblocked": true, "step-approval-asked": true, "step-approved": true,
	"step-awaits": true, "step-returned": true, "step-seconded": true, "step-help": true, "step-changed": true,
	"settled":       true,  // only what was refused for good
	"channel-taken": false, // the channel that opened is what matters
}

// Shown reports whether lines are made of a fact type, and whether that was decided at all.
func Shown(factType string) (yes, decided bool) {
	yes, decided = shown[factType]
	return yes, decided
}

// Lines returns what a reader wants to know of events, in the order it happened. language is "en" or "fr". Events may be a part of the
// log; what refers to an earlier part says less.
func Lines(events []incident.Event, language string) []Line { return lines(nil, events, language) }

func lines(policy *incident.Policy, events []incident.Event, language string) []Line {
	w := newWriter(events, catalog.Language(language))
	w.policy = policy
	var out []Line
	for i, e := range events {
		w.i = i
		icon, text := w.line(e)
		if len(text) == 0 {
			continue
		}
		l := Line{Seq: e.Seq, At: e.At, RecordedAt: e.RecordedAt, Icon: icon, Text: text, Kind: e.Fact.Type(), Late: e.RecordedAt.Sub(e.At) > LateAfter}
		if m, ok := e.Fact.(*incident.MessageSeen); ok {
			l.Indented = m.Thread != "" && m.Thread != m.TS
		}
		l.place, l.after = w.place(e)
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b Line) int {
		if c := a.place.Compare(b.place); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}

// place is the moment a fact stands at: its own, but what changes a message never stands before it. Slack gives the time of an edit in whole
// seconds, so that it may be earlier than that of a message written in the same second; and a change may be recorded first. after is 1 for
// what comes behind the rest of that moment.
func (w *writer) place(e incident.Event) (at time.Time, after int) {
	key := ""
	switch f := e.Fact.(type) {
	case *incident.MessageEdited:
		key = f.Channel + "/" + f.TS
	case *incident.MessageDeleted:
		key = f.Channel + "/" + f.TS
	default:
		return e.At, 0
	}
	if said, ok := w.messages[key]; ok && !e.At.After(said) {
		return said, 1
	}
	return e.At, 0
}

// writer words events with what the others tell about them.
type writer struct {
	lang     string
	events   []incident.Event
	i        int
	pages    map[string]incident.Page
	runbooks map[string]incident.RunbookRef
	names    map[string]string // Slack user id -> name
	messages map[string]time.Time
	changed  map[string]time.Time // message -> last edit
	deleted  map[string]time.Time
	missed   map[string]bool // deleted messages that were only found to be gone
	policy   *incident.Policy
	service  string          // of the incident, as far as the events say it
	rang     map[string]bool // pages that PagerDuty took
	never    map[string]bool // pages of which a line has said that they did not ring
	raised   incident.Event  // the last rise of the ladder
}

func newWriter(events []incident.Event, lang string) *writer {
	w := &writer{lang: lang, events: events, pages: map[string]incident.Page{}, runbooks: map[string]incident.RunbookRef{}, names: map[string]string{},
		messages: map[string]time.Time{}, changed: map[string]time.Time{}, deleted: map[string]time.Time{}, missed: map[string]bool{},
		rang: map[string]bool{}, never: map[string]bool{}}
	for _, e := range events {
		w.learn(e.Actor.Person)
		switch f := e.Fact.(type) {
		case *incident.Paged:
			w.pages[f.Page.Key] = f.Page
			w.learn(f.Page.Person)
			if p := f.Page; p.Foreign || p.Status == incident.PageSent || p.Status == incident.PageAnswered || !p.SentAt.IsZero() || p.Pager != "" {
				w.rang[p.Key] = true
			}
		case *incident.PageChanged:
			if f.Status == incident.PageSent || f.Status == incident.PageAnswered || f.Pager != "" || lateRing(f) {
				w.rang[f.Key] = true
			}
		case *incident.Declared:
			w.service = f.Service
		case *incident.RunbookStarted:
			w.runbooks[f.Runbook.ID] = f.Runbook
		case *incident.Acknowledged:
			w.learn(f.By)
		case *incident.RoleSet:
			w.learn(f.Who)
		case *incident.MessageSeen:
			w.messages[f.Channel+"/"+f.TS] = e.At
		case *incident.MessageEdited:
			if key := f.Channel + "/" + f.TS; e.At.After(w.changed[key]) { // they may be recorded in any order
				w.changed[key] = e.At
			}
		case *incident.MessageDeleted:
			w.deleted[f.Channel+"/"+f.TS] = e.At
			w.missed[f.Channel+"/"+f.TS] = f.Found
		}
	}
	return w
}

func (w *writer) learn(p incident.Person) {
	if p.Slack != "" && p.Name != "" {
		w.names[p.Slack] = p.Name
	}
}

func (w *writer) say(key string, args catalog.Args) catalog.Text {
	return catalog.Say(w.lang, key, args)
}

// person names somebody; a timeline calls nobody.
func (w *writer) person(p incident.Person) catalog.Arg {
	if p.Zero() {
		return catalog.Term("nobody")
	}
	name := cmp.Or(p.Name, w.names[p.Slack], p.Slack, p.Pager)
	return catalog.Person{Slack: p.Slack, Name: incident.Clip(name, 80)}
}

func (w *writer) people(list []incident.Person) catalog.List {
	var out catalog.List
	for _, p := range list {
		out = append(out, w.person(p))
	}
	return out
}

func (w *writer) actor(a incident.Actor) catalog.Arg {
	switch {
	case !a.Person.Zero():
		return w.person(a.Person)
	case catalog.Has("system." + a.System):
		return catalog.Term("system." + a.System)
	}
	return catalog.Term("system.unknown")
}

// text is free text; an erased one says so.
func (w *writer) text(t incident.Text) catalog.Arg {
	if t.Body == "" && t.Digest != "" {
		return catalog.Term("erased")
	}
	return catalog.Lines(t.Body)
}

// tail is ": what was said", or nothing.
func (w *writer) tail(t incident.Text) catalog.Text {
	if t.Empty() {
		return nil
	}
	return w.say("tl.text", catalog.Args{"text": w.text(t)})
}

func (w *writer) why(code string) catalog.Arg {
	if catalog.Has("why." + code) {
		return catalog.Term("why." + code)
	}
	return catalog.Words(incident.Clip(code, 100))
}

func (w *writer) target(key string) string { return w.policy.TargetTitle(key, w.lang) }

// rung names whom a page rings.
func (w *writer) rung(p incident.Page) catalog.Text {
	if p.Person.Zero() {
		return catalog.Of(w.lang, catalog.Words(w.target(p.Target)))
	}
	if p.Target == "" {
		return catalog.Of(w.lang, w.person(p.Person))
	}
	return w.say("person.as", catalog.Args{"who": w.person(p.Person), "title": catalog.Words(w.target(p.Target))})
}

func (w *writer) level(n int) catalog.Words {
	if p := w.policy; p != nil && n >= 1 && n <= len(p.Ladder) && p.Ladder[n-1].Name != "" {
		return catalog.Words(p.Ladder[n-1].Name)
	}
	return catalog.Words("L" + strconv.Itoa(n))
}

func emoji(s incident.Severity, lang string) string {
	if !s.Valid() {
		s = 0
	}
	return catalog.Word(lang, "emoji."+"sev"+strconv.Itoa(int(s)))
}

func sev(s incident.Severity) catalog.Severity { return catalog.Severity(s) }

func clock(t time.Time) catalog.Time { return catalog.Time{At: t} }

// line words one event; no words: it is not shown.
func (w *writer) line(e incident.Event) (icon string, text catalog.Text) {
	by := w.actor(e.Actor)
	switch f := e.Fact.(type) {
	case *incident.Declared:
		key := "tl.declared"
		if !e.Actor.Human() {
			key = "tl.declared.machine"
		}
		said := w.say(key, catalog.Args{"by": by, "id": catalog.Words(f.ID), "sev": sev(f.Severity), "rule": catalog.Rule(incident.Clip(f.Rule, 120)), "title": w.text(f.Title)})
		if f.Private {
			said = catalog.Join(" · ", said, w.say("tl.private.declared", nil))
		}
		if f.Held {
			said = catalog.Join("", said, w.say("tl.held", nil))
		}
		return emoji(f.Severity, w.lang), said
	case *incident.Privatized:
		key := "tl.private"
		switch f.Why {
		case incident.PrivateAttack:
			key = "tl.private.attack"
		case incident.PrivateMerged:
			return "🔒", w.say("tl.private.merged", catalog.Args{"with": catalog.Words(f.With)})
		}
		return "🔒", catalog.Join("", w.say(key, catalog.Args{"by": by}), w.tail(f.Reason))
	case *incident.Admitted:
		return "🔒", w.say("tl.admitted", catalog.Args{"by": by, "who": w.person(f.Who)})
	case *incident.ReviewWritten: // kept to be hidden, not to be told
		return "", nil
	case *incident.AttackAsked:
		return "", w.say("tl.attack-asked", catalog.Args{"alert": catalog.Words(incident.Clip(f.Alert, 60))})
	case *incident.AlertsSeen:
		key := "tl.alerts"
		if f.Set.Firing+f.Set.Truncated == 0 {
			key = "tl.alerts.over"
		}
		return "", w.awaited(f.Awaited, w.say(key, catalog.Args{"name": catalog.Words(f.Set.Name), "n": catalog.Int(f.Set.Firing + f.Set.Truncated)}))
	case *incident.Acknowledged:
		key := "tl.acknowledged"
		if e.Via == incident.ViaPagerDuty {
			key = "tl.acknowledged.phone"
		}
		return "✅", w.say(key, catalog.Args{"by": w.person(f.By)})
	case *incident.RoleSet:
		return "", w.role(e, f)
	case *incident.RoleAsked:
		if len(f.Who) == 0 {
			return "", nil
		}
		return "", w.say("tl.role.asked", catalog.Args{"who": w.people(f.Who), "role": role(f.Role)})
	case *incident.SeveritySet:
		return emoji(f.Severity, w.lang), w.severity(e, f)
	case *incident.SeverityReason:
		return "", w.say("tl.severity.reason", catalog.Args{"by": by, "sev": sev(f.Severity), "text": w.text(f.Reason)})
	case *incident.StatusSet:
		return "", catalog.Join("", w.say("tl.status", catalog.Args{"by": by, "status": status(f.Status), "was": status(f.Was)}), w.tail(f.Reason))
	case *incident.ProgressMade:
		if w.saidByStep(e, f) {
			return "", nil
		}
		return "✅", w.say("tl.progress", catalog.Args{"by": by, "text": w.text(f.Text)})
	case *incident.Noted:
		return "", w.say("tl.note", catalog.Args{"by": by, "text": w.text(f.Text)})
	case *incident.UpdatePosted:
		t := w.say("tl.update", catalog.Args{"by": by, "text": w.text(f.Text)})
		if !f.Next.IsZero() {
			t = catalog.Join("", t, w.say("tl.update.next", catalog.Args{"at": clock(f.Next)}))
		}
		return "", t
	case *incident.MergedInto:
		return "", w.say("tl.merged", catalog.Args{"by": by, "into": catalog.Words(f.Into)})
	case *incident.Absorbed:
		return "", w.say("tl.absorbed", catalog.Args{"by": by, "from": catalog.Words(f.From)})
	case *incident.SplitOff:
		return "", w.say("tl.split-off", catalog.Args{"by": by, "into": catalog.Words(f.Into), "name": catalog.Words(f.Name)})
	case *incident.Paged:
		return "📟", w.paged(f.Page)
	case *incident.PageChanged:
		return w.pageChanged(e, f)
	case *incident.PagerSeen:
		return "📟", w.awaited(f.Awaited, w.pager(f))
	case *incident.LevelRaised:
		return "⏱", w.raise(e, f)
	case *incident.Warned:
		if len(f.Who) == 0 {
			return "⏱", w.say("tl.warned.nobody", catalog.Args{"at": clock(f.Due)})
		}
		return "⏱", w.say("tl.warned", catalog.Args{"who": w.people(f.Who), "at": clock(f.Due)})
	case *incident.Missed:
		key := "tl.missed." + f.Name
		if !catalog.Has(key) {
			key = "tl.missed.other"
		}
		t := w.say(key, catalog.Args{"at": clock(f.Due), "name": catalog.Words(f.Name)})
		if f.Count > 1 && f.Name != incident.LadderEnd {
			t = catalog.Join("", t, w.say("tl.missed.count", catalog.Args{"n": catalog.Int(f.Count)}))
		}
		if len(f.Who) > 0 {
			t = catalog.Join("", t, w.say("tl.missed.asked", catalog.Args{"who": w.people(f.Who)}))
		}
		return "⏱", t
	case *incident.MoreTimeGiven:
		return "⏱", w.say("tl.more-time", catalog.Args{"by": by, "d": catalog.Duration(f.Add), "level": w.level(f.Level)})
	case *incident.Parked:
		return "⏱", catalog.Join("", w.say("tl.parked", catalog.Args{"by": by, "until": catalog.Time{At: f.Until, Form: catalog.DateClock}, "owner": w.person(f.Owner)}), w.tail(f.Reason))
	case *incident.Resumed:
		key := "tl.resumed." + f.Why
		if !catalog.Has(key) {
			key = "tl.resumed." + incident.ResumedAsked
		}
		return "⏱", w.say(key, catalog.Args{"by": by})
	case *incident.ImpactAsked:
		return "", w.say("tl.impact-asked", nil)
	case *incident.Recovered:
		return "✅", w.say("tl.recovered", nil)
	case *incident.HandedOn:
		return "📟", w.say("tl.handed-on", catalog.Args{"by": by, "who": w.person(f.Who)})
	case *incident.Told:
		var titles catalog.List
		for _, t := range f.Targets {
			titles = append(titles, catalog.Words(w.target(t)))
		}
		return "", w.say("tl.told", catalog.Args{"who": titles})
	case *incident.RunbookStarted:
		return "", w.runbook(e, f)
	case *incident.ParametersSet:
		return "", w.parameters(e, f)
	case *incident.RunbooksSuggested:
		return "", w.suggested(f)
	case *incident.ResolvedFact:
		key := "tl.resolved"
		if f.Why == "pagerduty" {
			key = "tl.resolved.pagerduty"
		}
		return "✅", catalog.Join("", w.say(key, catalog.Args{"by": by}), w.tail(f.Text))
	case *incident.ClosedFact:
		key := "tl.closed"
		if e.Actor.Human() {
			key = "tl.closed.by"
		}
		return "✅", catalog.Join("", w.say(key, catalog.Args{"by": by}), w.tail(f.Reason))
	case *incident.CancelledFact:
		return "", catalog.Join("", w.say("tl.cancelled", catalog.Args{"by": by}), w.tail(f.Reason))
	case *incident.Reopened:
		return "", catalog.Join("", w.say("tl.reopened", catalog.Args{"by": by}), w.tail(f.Reason))
	case *incident.MessageSeen:
		return "", w.message(e, f)
	case *incident.MessageEdited:
		args := catalog.Args{"by": by, "text": w.slack(f.Text)}
		if at, ok := w.messages[f.Channel+"/"+f.TS]; ok {
			args["of"] = clock(at)
			return "", w.say("tl.edited", args)
		}
		return "", w.say("tl.edited.unknown", args)
	case *incident.MessageDeleted:
		at, ok := w.messages[f.Channel+"/"+f.TS]
		switch {
		case ok && f.Found:
			return "", w.say("tl.deleted.found", catalog.Args{"of": clock(at)})
		case ok:
			return "", w.say("tl.deleted", catalog.Args{"by": by, "of": clock(at)})
		case f.Found:
			return "", w.say("tl.deleted.found.unknown", nil)
		}
		return "", w.say("tl.deleted.unknown", catalog.Args{"by": by})
	case *incident.GapSeen:
		return "⛔", w.say("tl.gap", catalog.Args{"from": clock(f.From), "to": clock(f.To), "why": catalog.Words(incident.Clip(f.Why, 200))})
	case *incident.RoomWanted:
		why := catalog.Term("room." + f.Why)
		if !catalog.Has("room." + f.Why) {
			why = catalog.Term("room.unknown")
		}
		return "", w.say("tl.room", catalog.Args{"why": why})
	case *incident.ChannelOpened:
		return "", w.say("tl.channel", catalog.Args{"room": catalog.Room{ID: f.Channel, Name: f.Name}})
	case *incident.Joined:
		return "", w.say("tl.joined", catalog.Args{"who": w.person(f.Who)})
	case *incident.Settled:
		if f.Outcome != incident.OutcomeDead {
			return "", nil
		}
		if f.Doubt {
			return "⛔", w.say(doubtful(f.Effect), catalog.Args{"who": w.people(f.Who)})
		}
		return "⛔", w.say("tl.settled.dead", catalog.Args{"what": catalog.Words(effectName(f.Effect)), "error": catalog.Words(incident.Clip(f.Error, 200))})
	case *incident.LatePosts:
		return "", w.say("tl.late", catalog.Args{"from": clock(f.From), "to": clock(f.To), "n": catalog.Int(len(f.Effects))})
	}
	if icon, text := w.step(e); len(text) > 0 {
		return icon, text
	}
	return w.obligation(e)
}

func role(r incident.Role) catalog.Arg {
	if r.Valid() {
		return catalog.Term("role." + string(r))
	}
	return catalog.Words(string(r))
}

func status(s incident.Status) catalog.Arg {
	if catalog.Has("status." + string(s)) {
		return catalog.Term("status." + string(s))
	}
	return catalog.Words(string(s))
}

func (w *writer) role(e incident.Event, f *incident.RoleSet) catalog.Text {
	args := catalog.Args{"by": w.actor(e.Actor), "who": w.person(f.Who), "was": w.person(f.Was), "role": role(f.Role)}
	switch {
	case f.Who.Zero():
		return w.say("tl.role.freed", args)
	case f.Acting:
		return w.say("tl.role.acting", args)
	case !f.Was.Zero() && !f.Was.Same(f.Who):
		return w.say("tl.role.handed", args)
	case e.Actor.Person.Same(f.Who) || !e.Actor.Human():
		return w.say("tl.role.taken", args)
	}
	return w.say("tl.role.given", args)
}

func (w *writer) severity(e incident.Event, f *incident.SeveritySet) catalog.Text {
	key := "tl.severity"
	switch {
	case f.Rule == incident.UnconfirmedTimeout:
		key = "tl.severity.timeout"
	case f.Severity == f.Was:
		key = "tl.severity.confirmed"
	}
	text := w.say(key, catalog.Args{"by": w.actor(e.Actor), "sev": sev(f.Severity), "was": sev(f.Was)})
	if !e.Actor.Human() && f.Rule != "" && f.Rule != incident.UnconfirmedTimeout {
		text = catalog.Join("", text, w.say("tl.severity.rule", catalog.Args{"rule": catalog.Rule(f.Rule)}))
	}
	if f.Asks && !w.reasonGiven(e.Seq) {
		text = catalog.Join("", text, w.say("tl.severity.missing", nil))
	}
	return catalog.Join("", text, w.tail(f.Reason))
}

// reasonGiven reports whether why the severity was raised by an event was said later.
func (w *writer) reasonGiven(seq int64) bool {
	for _, e := range w.events {
		if f, is := e.Fact.(*incident.SeverityReason); is && f.Of == seq {
			return true
		}
	}
	return false
}

func (w *writer) paged(p incident.Page) catalog.Text {
	args := catalog.Args{"who": w.rung(p), "why": w.why(p.Why), "by": w.person(p.By)}
	if f, is := w.raised.Fact.(*incident.LevelRaised); is && p.Why == f.Why && w.raised.RecordedAt.Equal(w.events[w.i].RecordedAt) {
		args["why"] = w.raisedWhy(f)
	}
	switch {
	case p.Foreign:
		return w.say("tl.paged.foreign", args)
	case !p.By.Zero():
		return w.say("tl.paged.by", args)
	case len(p.Along) > 0:
		var titles catalog.List
		for _, key := range p.Obligations() {
			title, _ := w.duty(key)
			titles = append(titles, title)
		}
		args["titles"] = titles
		return w.say("tl.paged.duties", args)
	case p.Obligation != "":
		title, begun := w.duty(p.Obligation)
		if begun != nil {
			args["title"], args["at"] = title, dateClock(begun.Due)
			return w.say("tl.paged.duty", args)
		}
	}
	return w.say("tl.paged", args)
}

func (w *writer) pageChanged(e incident.Event, f *incident.PageChanged) (string, catalog.Text) {
	p := w.pages[f.Key]
	if p.Key == "" {
		p.Target = f.Key
	}
	by := w.person(f.By)
	if f.By.Zero() {
		by = w.actor(e.Actor)
	}
	args := catalog.Args{"who": w.rung(p), "by": by, "error": catalog.Words(incident.Clip(f.Error, 200))}
	key := "tl.down." + f.Why
	if !catalog.Has(key) {
		key = "tl.down.other"
	}
	args["why"] = catalog.Term(key)
	switch {
	case f.Status == incident.PageOwed && f.Stuck:
		return "⛔", w.say("tl.page.stuck", args)
	case f.Status == incident.PageSent && f.Effect != "":
		return "📟", w.say("tl.page.rung", args)
	case lateRing(f):
		return "📟", w.say("tl.page.late", args)
	case f.Status == incident.PageClosed && !w.rang[f.Key] && (f.StandDown || f.Effect != ""):
		if w.never[f.Key] {
			return "", nil
		}
		w.never[f.Key] = true
		return "", w.say("tl.page.never", args)
	case f.Status == incident.PageAnswered && f.Effect != "":
		return "", nil // PagerDuty's word for the call came after the answer
	case f.Status == incident.PageAnswered:
		if w.acknowledgedNext(f.Key) {
			return "", nil // the acknowledgement itself is the next line
		}
		return "✅", w.say("tl.page.answered", args)
	case f.Status == incident.PageFailed:
		return "⛔", w.say("tl.page.failed", args)
	case f.Status == incident.PageClosed && f.Why == incident.WhyOnPager && !f.By.Zero():
		return "📟", w.say("tl.page.closed", args)
	case f.Status == incident.PageClosed && f.StandDown:
		return "📟", w.say("tl.page.stood-down", args)
	}
	return "", nil
}

// lateRing reports whether a call that was on its way when its page was closed came through after all: only the end of a ring's effect that
// PagerDuty took names why the page is over.
func lateRing(f *incident.PageChanged) bool {
	return f.Status == incident.PageClosed && f.Effect != "" && f.Why != ""
}

// acknowledgedNext reports whether the same step of the log records the acknowledgement that answers the page.
func (w *writer) acknowledgedNext(page string) bool {
	for _, e := range w.events[w.i+1:] {
		if !e.RecordedAt.Equal(w.events[w.i].RecordedAt) {
			return false
		}
		if a, ok := e.Fact.(*incident.Acknowledged); ok && a.Page == page {
			return true
		}
	}
	return false
}

// awaited adds to an alert that joined why it belongs here; empty: no runbook waited for it.
func (w *writer) awaited(runbook string, what catalog.Text) catalog.Text {
	if runbook == "" {
		return what
	}
	return w.say("tl.alerts.awaited", catalog.Args{"what": what, "runbook": catalog.Words(incident.Clip(runbook, 20))})
}

func (w *writer) pager(f *incident.PagerSeen) catalog.Text {
	number := "#" + strconv.FormatInt(f.Ref.Number, 10)
	if f.Ref.Number == 0 {
		number = f.Ref.ID
	}
	args := catalog.Args{"number": catalog.URL{Label: number, URL: f.Ref.URL}, "by": w.person(f.By), "status": catalog.Words(f.Ref.Status)}
	if key := "tl.pager." + f.Ref.Status; f.Ref.Status != "by" && catalog.Has(key) {
		args["status"] = catalog.Term(key)
	}
	if f.By.Zero() {
		return w.say("tl.pager", args)
	}
	return w.say("tl.pager.by", args)
}

// raisedWhy says why the ladder rose. That nobody acknowledged is true of the first level alone.
func (w *writer) raisedWhy(f *incident.LevelRaised) catalog.Arg {
	if f.Why == incident.WhyNotAcknowledged {
		switch name, level, _ := f.Failed(); name {
		case incident.DueAccept:
			return w.say("why.not-taken", catalog.Args{"level": w.level(level)})
		case incident.DueRestart:
			return catalog.Term("why.exhausted")
		}
	}
	return w.why(f.Why)
}

func (w *writer) raise(e incident.Event, f *incident.LevelRaised) catalog.Text {
	w.raised = e
	if f.Level == 1 && !f.Backup && f.Round <= 1 || f.Why == incident.WhyLowered {
		return nil // the incident began, or the ladder went back: what matters is said by the page or the severity
	}
	key := "tl.level"
	switch {
	case f.Why == incident.WhyHelp:
		key = "tl.level.help"
	case f.Backup:
		key = "tl.level.backup"
	}
	t := w.say(key, catalog.Args{"level": w.level(f.Level), "why": w.raisedWhy(f), "by": w.actor(w.helper(e, f))})
	if f.Round > 1 {
		t = catalog.Join("", t, w.say("tl.level.round", catalog.Args{"n": catalog.Int(f.Round)}))
	}
	return catalog.Join("", t, w.tail(f.Reason))
}

// helper is who sent for help: the raise is Tocsin's act. A log older than LevelRaised.By has the person on the pages recorded with it.
func (w *writer) helper(e incident.Event, f *incident.LevelRaised) incident.Actor {
	if !f.By.Zero() {
		return incident.Actor{Person: f.By}
	}
	for _, n := range w.events[w.i+1:] {
		if !n.RecordedAt.Equal(e.RecordedAt) {
			break
		}
		if p, ok := n.Fact.(*incident.Paged); ok && !p.Page.By.Zero() {
			return incident.Actor{Person: p.Page.By}
		}
	}
	return e.Actor
}

func (w *writer) runbook(e incident.Event, f *incident.RunbookStarted) catalog.Text {
	args := catalog.Args{"by": w.actor(e.Actor), "id": catalog.Words(f.Runbook.ID), "why": catalog.Words(incident.Clip(f.Why, 100))}
	if key := "tl.runbook." + f.Why; slices.Contains([]string{"asked", incident.ByAlert, incident.ByService, incident.ByGeneric}, f.Why) {
		args["why"] = catalog.Term(key)
	}
	if e.Actor.Human() {
		return w.say("tl.runbook", args)
	}
	return w.say("tl.runbook.machine", args)
}

func (w *writer) message(e incident.Event, f *incident.MessageSeen) catalog.Text {
	by := w.actor(e.Actor)
	if f.Bot != "" && e.Actor.Person.Zero() {
		by = catalog.Words(incident.Clip(f.Bot, 80))
	}
	words := catalog.Of(w.lang, w.slack(f.Text))
	for _, file := range f.Files {
		words = catalog.Join(" ", words, w.say("tl.message.file", catalog.Args{"file": catalog.URL{Label: incident.Clip(file.Name, 100), URL: file.URL}}))
	}
	if len(words) == 0 {
		words = w.say("tl.message.bare", nil)
	}
	t := w.say("tl.message", catalog.Args{"by": by, "text": words})
	key := f.Channel + "/" + f.TS
	if at, ok := w.changed[key]; ok {
		t = catalog.Join("", t, w.say("tl.message.edited", catalog.Args{"at": clock(at)}))
	}
	if at, ok := w.deleted[key]; ok {
		words := "tl.message.deleted"
		if w.missed[key] {
			words = "tl.message.found"
		}
		t = catalog.Join("", t, w.say(words, catalog.Args{"at": clock(at)}))
	}
	return t
}

// doubtful is how an effect of which nobody knows whether it was done is worded: by what it was to say, which its name ends in
// ("direct/warn/0").
func doubtful(id incident.EffectID) string {
	if parts := strings.Split(effectName(id), "/"); len(parts) > 1 && catalog.Has("tl.settled.doubt."+parts[1]) {
		return "tl.settled.doubt." + parts[1]
	}
	return "tl.settled.doubt"
}

// effectName is the last part of "INC-42/7/open-channel".
func effectName(id incident.EffectID) string {
	if parts := strings.SplitN(string(id), "/", 3); len(parts) == 3 {
		return parts[2]
	}
	return string(id)
}
