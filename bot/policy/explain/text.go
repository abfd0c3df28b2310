package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func names[V any](m map[string]V) catalog.Arg {
	all := sorted(m)
	if len(all) == 0 {
		return catalog.Term("nobody")
	}
	return catalog.Words(strings.Join(all, ", "))
}

// Text is the account in words: what was understood and assumed, a table, a drawing. It ends in a line break.
func (a *Account) Text() string {
	var b strings.Builder
	for _, line := range a.head() {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	a.table(&b)
	b.WriteString("\n")
	for _, line := range a.tail() {
		b.WriteString(line + "\n")
	}
	a.draw(&b)
	return b.String()
}

func (a *Account) say(key string, args catalog.Args) string {
	return catalog.Say(a.lang, key, args).Plain(a.Zone)
}

// Day is a date with its weekday, in a language: "Saturday 28 Nov 2026".
func Day(t time.Time, lang string) string {
	date := strings.TrimSuffix(catalog.ClockTime(t, catalog.DateClock, lang, t.Location()), t.Format(" 15:04"))
	return catalog.Word(lang, "explain.day."+weekday(t)) + " " + date + t.Format(" 2006")
}

func weekday(t time.Time) string { return strings.ToLower(t.Weekday().String()) }

// head says what was understood, and what is assumed beside it.
func (a *Account) head() []string {
	q, at := a.Question, a.Question.At.In(a.Zone)
	how := a.say("explain.by-hand", catalog.Args{"sev": catalog.Severity(a.Severity)})
	if q.Alert != "" {
		args := catalog.Args{"sev": catalog.Severity(a.Severity), "alert": catalog.Words(q.Alert)}
		how = a.say("explain.by-alert", args)
		if _, known := a.policy.Alerts[q.Alert]; !known {
			key := "explain.by-alert.unknown"
			if near := nearest(q.Alert, sorted(a.policy.Alerts)); near != "" {
				key, args["near"] = "explain.by-alert.near", catalog.Words(near)
			}
			how = a.say(key, args)
		}
	}
	parts := []string{how}
	if q.Service != "" {
		key, args := "explain.of-service", catalog.Args{"service": catalog.Words(q.Service)}
		if team := a.policy.Services[q.Service].Team; team != "" {
			key, args["team"] = "explain.of-service.team", catalog.Words(team)
		}
		parts = append(parts, a.say(key, args))
	}
	when := Day(at, a.lang) + at.Format(" 15:04") + " (" + a.Zone.String() + ")"
	switch {
	case a.Holiday != "":
		when += ", " + a.say("explain.holiday", catalog.Args{"name": catalog.Words(a.Holiday)})
	case a.Hours && a.Outside:
		when += ", " + a.say("explain.outside", nil)
	case a.Hours:
		when += ", " + a.say("explain.inside", nil)
	}
	parts = append(parts, when)
	switch {
	case q.AckAfter <= 0:
		parts = append(parts, a.say("explain.silent", nil))
	case q.ProgressEvery > 0:
		parts = append(parts, a.say("explain.acked.progress", catalog.Args{"d": catalog.Duration(q.AckAfter), "every": catalog.Duration(q.ProgressEvery)}))
	default:
		parts = append(parts, a.say("explain.acked", catalog.Args{"d": catalog.Duration(q.AckAfter)}))
	}
	out := []string{a.say("explain.understood", catalog.Args{"what": catalog.Words(strings.Join(parts, "; "))})}
	if a.lang == catalog.French {
		out[0] = a.say("explain.understood", catalog.Args{"what": catalog.Words(strings.Join(parts, "\u00a0; "))})
	}
	if len(a.Rotas) > 0 {
		out = append(out, a.say("explain.rotas", catalog.Args{"targets": a.titles(a.Rotas)}))
	}
	for _, d := range a.Duties {
		key, args := "explain.on-duty", catalog.Args{"target": catalog.Words(a.title(d.Target)), "rotation": catalog.Words(d.Rotation), "who": catalog.Words(d.Person)}
		if d.Person == "" {
			key = "explain.off-duty"
		}
		out = append(out, a.say(key, args))
	}
	out = append(out, a.standIns()...)
	if len(q.Empty) > 0 {
		out = append(out, a.say("explain.empty", catalog.Args{"targets": a.titles(q.Empty)}))
	}
	if a.policy.LadderOwner == incident.LadderPagerDuty {
		out = append(out, a.say("explain.pagerduty", nil))
	}
	return out
}

// standIns say who would be rung for a rotation of which it is not known whether anybody is on it.
func (a *Account) standIns() []string {
	var out []string
	for _, l := range a.policy.Ladder {
		targets := l.Targets
		if own := l.Instead[a.Severity]; len(own) > 0 {
			targets = own
		}
		unknown := slices.DeleteFunc(slices.Clone(targets), func(t string) bool { return !slices.Contains(a.Rotas, t) })
		if l.WhenEmpty != "" && len(unknown) == len(targets) && !slices.Contains(targets, l.WhenEmpty) && !a.policy.Rule(a.Severity).NoLadder {
			out = append(out, a.say("explain.stand-in", catalog.Args{"targets": a.titles(unknown), "next": catalog.Words(a.title(l.WhenEmpty)), "level": catalog.Words(l.Name)}))
		}
	}
	return out
}

func (a *Account) titles(targets []string) catalog.Arg {
	var out catalog.List
	for _, t := range targets {
		out = append(out, catalog.Words(a.title(t)))
	}
	return out
}

// table prints the rows in columns.
func (a *Account) table(b *strings.Builder) {
	cols := []string{"time", "plus", "who", "channel", "urgency", "why"}
	var rows [][]string
	var head []string
	for _, c := range cols {
		head = append(head, a.say("explain.col."+c, nil))
	}
	rows = append(rows, head)
	day := a.Question.At.In(a.Zone).Format(time.DateOnly)
	for _, r := range a.Rows {
		at := r.At.In(a.Zone)
		clock := at.Format("15:04")
		if at.Format(time.DateOnly) != day {
			clock = a.say("explain.short."+weekday(at), nil) + " " + clock
		}
		urgency := "-"
		if r.Urgency != "" {
			urgency = a.say("explain.urgency."+r.Urgency, nil)
		}
		rows = append(rows, []string{clock, plus(r.At.Sub(a.Question.At)), catalog.Of(a.lang, r.Who).Plain(a.Zone), a.say("explain.channel."+r.Channel, nil), urgency, r.Why.Plain(a.Zone)})
	}
	width := make([]int, len(cols))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// plus is the time since the beginning, in minutes; seconds only where there are any.
func plus(d time.Duration) string {
	if s := d % time.Minute; s != 0 {
		return fmt.Sprintf("+%d:%02d", int(d/time.Minute), int(s/time.Second))
	}
	return fmt.Sprintf("+%d", int(d/time.Minute))
}

// pursued says of whom the response asks what it owes, in turn and without end.
func (a *Account) pursued() []string {
	s := incident.State{Policy: a.policy, Severity: a.Severity, Service: a.Question.Service}
	r := a.policy.Rule(a.Severity)
	var out []string
	for _, name := range []string{incident.DueCommander, incident.DueUpdate, incident.DueHandOver} {
		p, rings := s.Pursued(name)
		if name == incident.DueCommander && r.CommanderWithin <= 0 || name == incident.DueUpdate && r.FirstUpdate <= 0 || len(p.Chain) == 0 {
			continue
		}
		var chain catalog.List
		for _, key := range p.Chain {
			if role := incident.Role(key); role.Valid() {
				chain = append(chain, catalog.Term("role."+key))
				continue
			}
			chain = append(chain, catalog.Words(a.title(a.policy.Target(a.Question.Service, key))))
		}
		key := "explain.pursued"
		if mitigated := s; rings {
			mitigated.Status = incident.Mitigated
			if key = "explain.pursued.until"; ringsOn(mitigated, name) {
				key = "explain.pursued.rings"
			}
		}
		out = append(out, a.say(key, catalog.Args{"duty": catalog.Term("explain.owed." + name), "chain": chain, "every": catalog.Duration(p.Every)}))
	}
	return out
}

// ringsOn reports whether phones ring in a state for what the response owes.
func ringsOn(s incident.State, name string) bool {
	_, rings := s.Pursued(name)
	return rings
}

// tail says what comes after the last row.
func (a *Account) tail() []string {
	out := a.pursued()
	rung := slices.ContainsFunc(a.Rows, func(r Row) bool { return r.Channel == Phone || r.Channel == Both })
	if !rung {
		out = append(out, a.say("explain.nobody-rung", nil))
	}
	switch {
	case a.Again:
		out = append(out, a.say("explain.again", catalog.Args{"every": catalog.Duration(a.policy.RestartEvery)}))
	case a.Stopped:
		out = append(out, a.say("explain.stopped", nil))
	}
	if len(out) > 0 {
		out = append(out, "")
	}
	return out
}

// The marks of the drawing.
const (
	idle = '·'
	ring = '●'
	low  = '◦'
	told = '-'
	acts = '×'
)

// drawn is how wide the drawing's time is, in characters.
const drawn = 60

// draw shows the rows as a line for each person: a mark where their phone rings, a smaller one where they are written to.
func (a *Account) draw(b *strings.Builder) {
	if len(a.lanes) == 0 {
		return
	}
	var last time.Duration
	left := 0
	for _, r := range a.Rows {
		last = max(last, r.At.Sub(a.Question.At))
	}
	for _, l := range a.lanes {
		left = max(left, utf8.RuneCountInString(a.title(l)))
	}
	column := func(d time.Duration) int {
		if last <= 0 {
			return 0
		}
		return int(int64(d) * (drawn - 1) / int64(last))
	}
	for _, l := range a.lanes {
		line := []rune(strings.Repeat(string(idle), drawn))
		for _, r := range a.Rows {
			if r.Lane != l {
				continue
			}
			i := column(r.At.Sub(a.Question.At))
			switch {
			case r.Channel == Before:
			case r.Channel == Act:
				line[i] = acts
			case r.Channel != Direct && r.Urgency == "low":
				line[i] = low
			case r.Channel != Direct:
				line[i] = ring
			case line[i] == idle:
				line[i] = told
			}
		}
		title := a.title(l)
		b.WriteString(title + strings.Repeat(" ", left-utf8.RuneCountInString(title)+2) + string(line) + "\n")
	}
	a.scale(b, left+2, last)
	mark := func(r rune) catalog.Arg { return catalog.Words(string(r)) }
	b.WriteString(a.say("explain.legend", catalog.Args{"ring": mark(ring), "low": mark(low), "told": mark(told), "acts": mark(acts)}) + "\n")
}

// scale writes clock times under the drawing.
func (a *Account) scale(b *strings.Builder, left int, last time.Duration) {
	line := []rune(strings.Repeat(" ", left+drawn+12))
	free := 0
	for _, at := range []time.Duration{0, last / 4, last / 2, 3 * last / 4, last} {
		if last <= 0 && at > 0 {
			break
		}
		t := a.Question.At.Add(at.Round(time.Minute)).In(a.Zone)
		label := t.Format("15:04")
		if last >= 24*time.Hour {
			label = a.say("explain.short."+weekday(t), nil) + " " + label
		}
		i := left
		if last > 0 {
			i += int(int64(at) * (drawn - 1) / int64(last))
		}
		if i < free {
			continue
		}
		copy(line[i:], []rune(label))
		free = i + utf8.RuneCountInString(label) + 2
		if last <= 0 {
			break
		}
	}
	b.WriteString(strings.TrimRight(string(line), " ") + "\n")
}

// nearest is the name that a mistyped one may have meant: the one fewest letters away, at most a quarter of them; empty when none is.
func nearest(typed string, names []string) string {
	best, least := "", len(typed)/4+1
	for _, n := range names {
		if d := distance(strings.ToLower(typed), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is how many letters are added, dropped or changed between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
