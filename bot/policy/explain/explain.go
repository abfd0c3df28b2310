package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Question is what is to be explained.
type Question struct {
	Severity incident.Severity // 0: the alert's, or the policy's default
	Alert    string            // an alert begins it; empty: a person declares it
	Service  string
	At       time.Time     // when it begins
	AckAfter time.Duration // how long after it began whoever was rung first acknowledges; 0: nobody ever does
	// ProgressEvery is how often progress is recorded after the acknowledgement; 0: never.
	ProgressEvery time.Duration
	Empty         []string // rotations nobody is on
	// Holidays are the days that were announced after the policy was written.
	Holidays incident.AnnouncedDays
	// OnDuty tells by address who has the duty of a rotation that the policy file keeps, at a moment; empty: nobody. nil: it is not known.
	OnDuty func(rotation string, at time.Time) string
	// For is how much is told; 0: until the ladder begins again, at most a week, or two hours once somebody has it.
	For time.Duration
}

// Channels of a row.
const (
	Phone  = "phone"
	Direct = "direct"
	Both   = "both" // the phone rings and a direct message comes beside it
	Post   = "post"
	Act    = "act"    // what somebody does, as the question has it
	Before = "before" // nothing: the ladder comes to somebody whose phone rang before
)

// Row is one thing that reaches somebody.
type Row struct {
	At      time.Time
	Who     catalog.Arg // the target or the channel
	Lane    string      // what the drawing calls it: a target's key, or "" for posts and acts
	Channel string      // Phone ...
	Urgency string      // "high", "low"; empty where nothing rings
	Why     catalog.Text
}

// Account is what a policy does.
type Account struct {
	Question Question
	Severity incident.Severity // that it began with
	Zone     *time.Location
	Outside  bool   // it begins outside working hours
	Holiday  string // the name of the holiday it begins on, in the language asked for
	Hours    bool   // the policy has working hours
	Rows     []Row
	Rotas    []string // targets whose people are not in the policy
	Duties   []Duty   // who has the duty of the policy file's rotations when it begins
	Again    bool     // the ladder began again
	Stopped  bool     // the time asked for was over, or there was too much to tell
	policy   *incident.Policy
	lang     string
	lanes    []string
}

// Duty is a target that is a rotation of the policy file, and who has it; Person is empty while nobody has.
type Duty struct{ Target, Rotation, Person string }

// Limits of an account.
const (
	maxRows   = 200
	maxTicks  = 5000
	week      = 7 * 24 * time.Hour
	afterwork = 2 * time.Hour
)

// Explain runs the process of a policy, whose calendars are bound, over a question. Words are in lang. The error is a *catalog.Said.
func Explain(p *incident.Policy, q Question, lang string) (*Account, error) {
	zone := p.Location()
	if q.Service != "" && p.Services[q.Service].Key == "" {
		return nil, refusal("explain.no-service", catalog.Args{"service": catalog.Words(q.Service), "known": names(p.Services)})
	}
	for _, key := range q.Empty {
		if _, ok := p.Targets[key]; !ok {
			return nil, refusal("explain.no-target", catalog.Args{"target": catalog.Words(key), "known": names(p.Targets)})
		}
	}
	a := &Account{Question: q, Zone: zone, policy: p, lang: lang}
	if b := p.BusinessTimeWith(q.Service, q.Holidays); b != nil {
		a.Hours, a.Outside = true, !b.Working(q.At)
		if name, is := b.Holiday(q.At, lang); is {
			a.Holiday = name
		}
	}
	a.duties()
	w := &world{a: a, q: q, now: q.At}
	if err := w.run(); err != nil {
		return nil, err
	}
	return a, nil
}

func refusal(key string, args catalog.Args) error { return &catalog.Said{Key: key, Args: args} }

// duties finds out of whom it is known who is on call, and of whom it is not.
func (a *Account) duties() {
	for _, key := range sorted(a.policy.Targets) {
		switch t := a.policy.Targets[key]; {
		case slices.Contains(a.Question.Empty, key), len(t.People) > 0:
		case t.Rotation != "" && a.Question.OnDuty != nil:
			a.Duties = append(a.Duties, Duty{key, t.Rotation, a.Question.OnDuty(t.Rotation, a.Question.At)})
		default:
			a.Rotas = append(a.Rotas, key)
		}
	}
}

// people are who is on call at a moment, as far as the policy says.
func (a *Account) people(at time.Time) incident.OnCall {
	out := incident.OnCall{}
	for key, t := range a.policy.Targets {
		people := t.People
		switch {
		case slices.Contains(a.Question.Empty, key):
			continue
		case len(people) > 0:
		case slices.Contains(a.Rotas, key):
			out[key] = incident.Roster{Source: "rota", People: []incident.Person{{Slack: "U" + key, Pager: "P" + key, Name: key}}}
			continue
		default:
			if who := a.Question.OnDuty(t.Rotation, at); who != "" {
				people = []string{who}
			}
		}
		r := incident.Roster{Source: "policy"}
		for _, mail := range people { // one human being on two targets is one phone
			r.People = append(r.People, incident.Person{Slack: "U" + mail, Pager: "P" + mail, Name: mail})
		}
		if len(people) > 0 {
			out[key] = r
		}
	}
	return out
}

// world is one incident running in virtual time, where everything that is sent arrives at once.
type world struct {
	a      *Account
	q      Question
	s      incident.State
	now    time.Time
	onCall incident.OnCall
	posts  int  // sent so far
	acked  bool // the person of the question has acknowledged
	byHand bool
}

// declarer is who declares an incident by hand: nobody who is on call.
var declarer = incident.Person{Slack: "U!", Name: "!"}

func (w *world) run() error {
	if err := w.begin(); err != nil {
		return err
	}
	w.a.Severity = w.s.Severity
	if w.q.Severity != 0 && w.q.Severity != w.s.Severity {
		return refusal("explain.other-severity", catalog.Args{"alert": catalog.Words(w.q.Alert), "is": catalog.Severity(w.s.Severity), "asked": catalog.Severity(w.q.Severity)})
	}
	limit := w.q.For
	switch {
	case limit > 0:
	case w.q.AckAfter > 0:
		limit = w.q.AckAfter + afterwork
	case w.byHand && w.s.Policy.Rule(w.s.Severity).NoLadder: // who declared it has it
		limit = afterwork
	default:
		limit = week
	}
	end := w.q.At.Add(limit)
	for range maxTicks {
		next, act := incident.NextDue(w.s), incident.Act(incident.Tick{})
		if at, a := w.next(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next, act = at, a
		}
		switch {
		case next.IsZero():
			return nil
		case next.After(end) || len(w.a.Rows) >= maxRows:
			w.a.Stopped = true
			return nil
		}
		if next.After(w.now) {
			w.now = next
		}
		if err := w.step(act); err != nil {
			return err
		}
		if w.q.For == 0 && w.over() {
			return nil
		}
	}
	w.a.Stopped = true
	return nil
}

// over reports whether what follows only repeats what was told.
func (w *world) over() bool {
	if w.s.Ladder.Round > 1 {
		w.a.Again = true
		return true
	}
	return w.s.Missed[incident.DueTake] > 0
}

func (w *world) begin() error {
	title := incident.Say("explain", 20)
	if w.q.Alert == "" {
		w.byHand = true
		return w.apply(incident.Actor{Person: declarer}, incident.ViaSlack, incident.Declare{Title: title, Severity: w.q.Severity, Service: w.q.Service})
	}
	set := incident.AlertSet{Group: "explain", Name: w.q.Alert, Firing: 1, Digest: "1", StartsAt: w.now}
	if w.q.Service != "" {
		set.Labels = append(set.Labels, incident.Label{Name: "service", Value: w.q.Service})
	}
	return w.apply(incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, incident.AlertsFired{Title: title, Set: set})
}

// next is what the person of the question does next.
func (w *world) next() (time.Time, incident.Act) {
	switch {
	case w.q.AckAfter <= 0:
	case !w.acked:
		return w.q.At.Add(w.q.AckAfter), incident.Ack{}
	case w.q.ProgressEvery > 0:
		from := w.s.Ladder.AcceptedAt
		if w.s.Progress.At.After(from) {
			from = w.s.Progress.At
		}
		return from.Add(w.q.ProgressEvery), incident.Progress{Text: incident.Say("progress, as the question has it", 100)}
	}
	return time.Time{}, nil
}

func (w *world) step(act incident.Act) error {
	if _, tick := act.(incident.Tick); tick {
		return w.apply(incident.Actor{System: incident.SystemTocsin}, incident.ViaClock, act)
	}
	who, target := w.rungFirst()
	key := "explain.act.progress"
	if _, ack := act.(incident.Ack); ack {
		w.acked = true
		key = "explain.act.ack"
	}
	w.a.Rows = append(w.a.Rows, Row{At: w.now, Who: w.person(who, target), Lane: target, Channel: Act, Why: catalog.Say(w.a.lang, key, nil)})
	return w.apply(incident.Actor{Person: who}, incident.ViaSlack, act)
}

// rungFirst is whoever the first page of the ladder rang.
func (w *world) rungFirst() (incident.Person, string) {
	for _, p := range w.s.Pages {
		if p.Why == incident.WhyDetected {
			return p.Person, p.Target
		}
	}
	for _, t := range w.a.policy.Ladder[0].Targets {
		if r := w.onCall[t]; len(r.People) > 0 {
			return r.People[0], t
		}
	}
	return declarer, ""
}

// apply hands an act to the core, writes down whom its effects reach, and reports them as done.
func (w *world) apply(by incident.Actor, via incident.Via, act incident.Act) error {
	w.onCall = w.a.people(w.now)
	s, events, err := incident.Apply(w.s, incident.Intent{At: w.now, Now: w.now, Actor: by, Via: via, Act: act, Policy: w.a.policy, Number: 1, OnCall: w.onCall, Holidays: w.q.Holidays})
	if err != nil {
		return fmt.Errorf("explain: the core refuses %T: %w", act, err)
	}
	w.s = s
	if w.s.Policy == nil {
		w.s.Policy = w.a.policy
	}
	for _, e := range events {
		for _, ef := range e.Effects {
			w.seen(e, ef)
		}
		if _, is := e.Fact.(*incident.ImpactAsked); is && !slices.ContainsFunc(e.Effects, func(ef incident.Effect) bool { return ef.Do == incident.Post }) { // the headline asks
			w.add(Row{At: w.now, Who: catalog.Term("explain.room"), Channel: Post, Why: catalog.Say(w.a.lang, "explain.post."+incident.ViewImpactAsk, nil)})
		}
		if f, is := e.Fact.(*incident.LevelRaised); is && f.Why != incident.WhyParked {
			w.notAgain(f)
		}
	}
	for _, e := range events {
		for _, ef := range e.Effects {
			if err := w.settle(incident.IDOf(w.s.ID, e.Seq, ef), ef); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) settle(id incident.EffectID, ef incident.Effect) error {
	if !ef.Facts() {
		return nil
	}
	r := incident.Report{Effect: id, Outcome: incident.OutcomeDone, Attempt: 1}
	switch ef.Do {
	case incident.OpenChannel:
		r.Channel, r.Name = "C1", ef.Arg
	case incident.Post, incident.Direct:
		w.posts++
		r.Channel, r.TS = "C1", fmt.Sprint(w.posts)
	case incident.Ring:
		w.posts++
		r.Pager = fmt.Sprintf("Q%d", w.posts)
	}
	return w.apply(incident.Actor{System: incident.SystemTocsin}, incident.ViaOutbox, r)
}

// seen writes an effect down, when it reaches somebody.
func (w *world) seen(e incident.Event, ef incident.Effect) {
	switch ef.Do {
	case incident.Ring:
		p, ok := w.s.Page(ef.Page)
		if !ok {
			return
		}
		row := Row{At: w.now, Who: w.person(p.Person, p.Target), Lane: p.Target, Channel: Phone, Urgency: "high", Why: w.whyRung(p)}
		if p.Urgency == incident.UrgencyLow {
			row.Urgency = "low"
		}
		w.add(row)
	case incident.Direct:
		if ef.View == incident.ViewPaged { // beside the page
			if p, ok := w.s.Page(ef.Page); ok {
				for i := len(w.a.Rows) - 1; i >= 0; i-- {
					if r := &w.a.Rows[i]; r.Channel == Phone && r.Lane == p.Target && r.At.Equal(w.now) {
						r.Channel = Both
						return
					}
				}
			}
		}
		for _, who := range ef.People {
			target := w.targetOf(who, e)
			w.add(Row{At: w.now, Who: w.person(who, target), Lane: target, Channel: Direct, Why: w.whyTold(e, ef)})
		}
	case incident.Post:
		key := "explain.post." + ef.View
		if !catalog.Has(key) {
			key = "explain.post.other"
		}
		var to catalog.Arg = catalog.Term("explain.room")
		var args catalog.Args
		switch ef.To {
		case incident.ToIncidents:
			to = catalog.Term("explain.incidents")
		case incident.ToAlerts:
			to = catalog.Term("explain.alerts")
			if name := w.a.policy.AlertsChannel; strings.ToLower(name) == name { // else it is an id
				to = catalog.Words("#" + name)
			}
			if d, ok := w.s.RoomDue(); ok {
				key, args = "explain.post.alert.held", catalog.Args{"at": catalog.Words(catalog.ClockTime(d.Due, catalog.DateClock, w.a.lang, w.a.Zone))}
			}
		}
		w.add(Row{At: w.now, Who: to, Channel: Post, Why: catalog.Say(w.a.lang, key, args)})
	}
}

// notAgain writes down who belongs to the stage that the ladder comes to and is not rung, because their phone rang before.
func (w *world) notAgain(f *incident.LevelRaised) {
	var before []incident.Page
	for _, t := range w.s.StageTargets(f.Level, f.Backup) {
		for _, p := range slices.Backward(w.s.Pages) {
			if p.Target != t || !p.Outstanding() {
				continue
			}
			if !p.At.Before(w.now) {
				return
			}
			before = append(before, p)
			break
		}
	}
	for _, p := range before {
		level := w.a.policy.Ladder[f.Level-1].Name
		w.add(Row{At: w.now, Who: w.person(p.Person, p.Target), Lane: p.Target, Channel: Before,
			Why: catalog.Say(w.a.lang, "explain.why.before", catalog.Args{"level": catalog.Words(level), "at": catalog.Words(catalog.ClockTime(p.At, catalog.Clock, w.a.lang, w.a.Zone))})})
	}
}

// add keeps a row, once.
func (w *world) add(r Row) {
	for _, x := range w.a.Rows {
		if x.At.Equal(r.At) && x.Channel == r.Channel && x.Lane == r.Lane && slices.Equal(catalog.Of(w.a.lang, x.Who), catalog.Of(w.a.lang, r.Who)) && slices.Equal(x.Why, r.Why) {
			return
		}
	}
	if r.Lane != "" && !slices.Contains(w.a.lanes, r.Lane) {
		w.a.lanes = append(w.a.lanes, r.Lane)
	}
	w.a.Rows = append(w.a.Rows, r)
}

// person names somebody by what they are, and by name where the policy has one.
func (w *world) person(who incident.Person, target string) catalog.Arg {
	if who == declarer {
		return catalog.Term("explain.declarer")
	}
	title := w.a.title(target)
	if strings.Contains(who.Name, "@") {
		return catalog.Say(w.a.lang, "person.as", catalog.Args{"who": catalog.Words(title), "title": catalog.Words(who.Name)})
	}
	return catalog.Words(title)
}

func (a *Account) title(target string) string {
	if target == "" {
		return catalog.Word(a.lang, "explain.declarer")
	}
	return a.policy.TargetTitle(target, a.lang)
}

// targetOf is what somebody is rung or told as.
func (w *world) targetOf(who incident.Person, e incident.Event) string {
	if told, is := e.Fact.(*incident.Told); is {
		for _, t := range told.Targets {
			if w.is(who, t) {
				return t
			}
		}
	}
	for _, p := range w.s.Pages {
		if p.Person.Same(who) {
			return p.Target
		}
	}
	for _, t := range sorted(w.onCall) {
		if w.is(who, t) {
			return t
		}
	}
	return ""
}

func (w *world) is(who incident.Person, target string) bool {
	return slices.ContainsFunc(w.onCall[target].People, who.Same)
}

// whyRung says why a phone rings.
func (w *world) whyRung(p incident.Page) catalog.Text {
	key := "why." + p.Why
	if !catalog.Has(key) {
		key = "why.asked"
	}
	why := catalog.Say(w.a.lang, key, nil)
	if level, ok := w.level(p); ok {
		return catalog.Say(w.a.lang, "explain.why.level", catalog.Args{"level": catalog.Words(level), "why": why})
	}
	return why
}

// level names the stage a page belongs to, where the ladder rang it.
func (w *world) level(p incident.Page) (string, bool) {
	switch p.Why {
	case incident.WhySeverity, incident.WhyNoCommander, incident.WhyUpdateMissed, incident.WhyHandOver, incident.WhyAsked, incident.WhyObligation:
		return "", false
	}
	if p.Level < 1 || p.Level > len(w.a.policy.Ladder) {
		return "", false
	}
	name := w.a.policy.Ladder[p.Level-1].Name
	if w.s.Backup(p.Level) == p.Target {
		name = catalog.Say(w.a.lang, "check.pd.backup", catalog.Args{"level": catalog.Words(name)}).Plain(nil)
	}
	return name, true
}

// impactRung is whom the question whether customers are touched has rung when nobody answers it: all of its level at once.
func (w *world) impactRung(d incident.Deadline) catalog.List {
	if d.Name != incident.DueImpact {
		return nil
	}
	var all catalog.List
	for _, t := range w.s.StageTargets(d.Level, false) {
		all = append(all, catalog.Words(w.a.title(t)))
	}
	return all
}

// whyTold says why somebody is written to.
func (w *world) whyTold(e incident.Event, ef incident.Effect) catalog.Text {
	if ef.View == incident.ViewWarn {
		for _, d := range incident.Deadlines(w.s) {
			if d.Key != ef.Arg {
				continue
			}
			at := catalog.Words(catalog.ClockTime(d.Due, catalog.Clock, w.a.lang, w.a.Zone))
			if d.Name == incident.DueUpdate || d.Next == "" {
				key := "explain.warn." + d.Name
				if !catalog.Has(key) {
					key = "explain.warn.end"
				}
				return catalog.Say(w.a.lang, key, catalog.Args{"at": at})
			}
			if all := w.impactRung(d); len(all) > 1 {
				return catalog.Say(w.a.lang, "explain.warn.next.many", catalog.Args{"at": at, "next": all})
			}
			args := catalog.Args{"at": at, "next": catalog.Words(w.a.title(d.Next))}
			if p, rung := w.s.RungAlready(d); rung {
				args["since"] = catalog.Words(catalog.ClockTime(p.At, catalog.Clock, w.a.lang, w.a.Zone))
				return catalog.Say(w.a.lang, "explain.warn.passes", args)
			}
			return catalog.Say(w.a.lang, "explain.warn.next", args)
		}
	}
	if f, is := e.Fact.(*incident.Told); is && f.Why == incident.DueTake {
		return catalog.Say(w.a.lang, "explain.direct.take", nil)
	}
	key := "explain.direct." + ef.View
	if !catalog.Has(key) {
		key = "explain.direct.other"
	}
	return catalog.Say(w.a.lang, key, nil)
}
