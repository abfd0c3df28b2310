package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/runbooks"
)

type runbooksPlayCmd struct {
	runbooksDir
	ID  string   `arg:"" name:"id"`
	Set []string `placeholder:"NAME=VALUE" sep:"none"`
}

// About implements about.
func (*runbooksPlayCmd) About() string { return "cli.about.runbooks.play" }

// Examples implements examples.
func (*runbooksPlayCmd) Examples() []string {
	return []string{"tocsin runbooks play RB-003", "tocsin runbooks play RB-003 --language fr --set topic=aml.subjects"}
}

// Run walks a runbook with whoever sits at the terminal.
func (c *runbooksPlayCmd) Run(e *env) error {
	shelf := c.load(e)
	r, err := c.find(e, shelf, c.ID)
	if err != nil {
		return err
	}
	w := &walk{
		page: &page{e: e.in(r), to: e.out, policy: c.policy(), shelf: shelf, r: r}, clock: clock.New(), zone: bot.PolicyZone(c.Config), lines: make(chan string), over: make(chan struct{}),
		values: map[string]string{}, open: map[string]bool{}, done: map[string]mark{},
	}
	for _, s := range c.Set {
		if err := w.set(s); err != nil {
			return err
		}
	}
	defer close(w.over)
	go w.hear(e.stdin)
	w.run(e.ctx)
	return w.err
}

// walk is somebody's way through a runbook, and through those it leads to.
type walk struct {
	*page // the runbook one is in
	clock *clock.Clock
	zone  *time.Location
	lines chan string // typed
	over  chan struct{}

	values   map[string]string
	step     string
	since    time.Time // when the step was come to
	locked   bool
	captured bool
	open     map[string]bool // steps whose locks were opened, by key
	trail    []place
	done     map[string]mark
	account  []entry
	began    time.Time
	visited  []*runbooks.Runbook
}

type place struct {
	r    *runbooks.Runbook
	step string
}

// mark is what became of a step.
type mark struct{ skipped bool }

// entry is a line of the account.
type entry struct {
	at   time.Time
	text string
}

// hear passes on what is typed. Reading a terminal cannot be interrupted: after Ctrl-C the read ends with the process.
func (w *walk) hear(in io.Reader) {
	defer close(w.lines)
	for s := bufio.NewScanner(in); s.Scan(); {
		select {
		case w.lines <- s.Text():
		case <-w.over:
			return
		}
	}
}

// ask waits for a line; false at the end of the input.
func (w *walk) ask(ctx context.Context, key string, args catalog.Args) (string, bool) {
	fmt.Fprint(w.to, w.e.say(key, args), " ")
	select {
	case <-ctx.Done():
		return "", false
	case l, ok := <-w.lines:
		if !ok {
			w.blank()
		}
		return strings.TrimSpace(w.e.words(l)), ok
	}
}

func (w *walk) key(step string) string { return w.r.ID + "/" + step }

func (w *walk) run(ctx context.Context) {
	w.began = w.clock.Now()
	w.head()
	w.say("cli.play.help", nil)
	w.visited = []*runbooks.Runbook{w.r}
	more := w.come(ctx, w.r.Steps[0].ID)
	for more {
		line, ok := w.ask(ctx, "cli.play.prompt", nil)
		if !ok {
			break
		}
		more = w.act(ctx, line)
	}
	w.tell()
}

// come goes to a step and shows it; false at the end of the input.
func (w *walk) come(ctx context.Context, step string) bool {
	w.step, w.since = step, w.clock.Now()
	return w.show(ctx)
}

// show shows the step one is at: what it is, its locks, its values, its work.
func (w *walk) show(ctx context.Context) bool {
	s, _ := w.r.Step(w.step)
	w.announce(s)
	if ok := w.unlock(ctx, s); !ok {
		return false
	}
	if w.locked {
		w.say("cli.play.locked", nil)
		return true
	}
	for _, c := range s.Commands {
		for _, name := range c.Parameters() {
			if q, ok := w.r.Parameter(name); ok && w.fitting()[name] == "" {
				if !w.fill(ctx, q) {
					return false
				}
			}
		}
	}
	w.work(s, w.fitting())
	w.blank()
	return true
}

// fitting are the values that fit this runbook's parameters: another runbook may mean something else by a name.
func (w *walk) fitting() map[string]string {
	out := map[string]string{}
	for name, v := range w.values {
		if q, ok := w.r.Parameter(name); ok && q.Check(v) == nil {
			out[name] = v
		}
	}
	return out
}

// fill asks for a value until one fits or none is given.
func (w *walk) fill(ctx context.Context, q runbooks.Parameter) bool {
	for {
		v, ok := w.ask(ctx, "cli.play.value", catalog.Args{"name": catalog.Literal(q.Name), "what": catalog.Words(q.What), "fits": catalog.Words(q.InWords), "example": catalog.Words(q.Example)})
		if !ok || v == "" {
			return ok
		}
		err := w.give(q, v)
		if err == nil {
			return true
		}
		w.line(catalog.ErrorIn(w.e.lang, err))
	}
}

// give takes a value, or refuses it with the pattern in words.
func (w *walk) give(q runbooks.Parameter, v string) error {
	err := q.Check(v)
	if no, ok := errors.AsType[*runbooks.ValueError](err); ok {
		why := catalog.Say(w.e.lang, "fault.value."+string(no.Reason), catalog.Args{"words": catalog.Words(no.InWords), "example": catalog.Words(no.Example), "n": catalog.Int(runbooks.MaxValue)})
		return &catalog.Said{Key: "value.refused", Args: catalog.Args{"name": catalog.Literal(q.Name), "why": why}, Err: err}
	}
	if err == nil {
		w.values[q.Name] = v
	}
	return err
}

// set takes a name=value.
func (w *walk) set(text string) error {
	name, v, ok := strings.Cut(text, "=")
	if !ok {
		return &catalog.Said{Key: "usage.runbook.set", Args: catalog.Args{"word": catalog.Words(text)}}
	}
	name = strings.TrimSpace(name)
	q, ok := w.r.Parameter(name)
	if !ok {
		var known catalog.List
		for _, p := range w.r.Parameters {
			known = append(known, catalog.Words(p.Name))
		}
		if len(known) == 0 {
			known = catalog.List{catalog.Words("-")}
		}
		return &catalog.Said{Key: "cli.play.no-parameter", Args: catalog.Args{"id": catalog.Words(w.r.ID), "word": catalog.Words(name), "known": known}}
	}
	return w.give(q, strings.TrimSpace(v))
}

// unlock asks for what a step needs before it is shown; each answer is part of the account. A lock that gets no answer stays locked.
func (w *walk) unlock(ctx context.Context, s runbooks.Step) bool {
	w.locked = false
	if w.open[w.key(s.ID)] {
		return true
	}
	lock := func(key string, args catalog.Args) (more bool) {
		if w.locked {
			return true
		}
		answer, ok := w.ask(ctx, key, args)
		if !ok {
			return false
		}
		if w.locked = answer == ""; !w.locked {
			args["n"], args["id"], args["answer"] = catalog.Int(s.Number), catalog.Words(w.r.ID), catalog.Words(answer)
			w.note(key+".given", args)
		}
		return true
	}
	if (s.Kind == runbooks.Destructive || s.Kind == runbooks.Replay) && !w.captured {
		if !lock("cli.play.capture", catalog.Args{}) {
			return false
		}
		w.captured = !w.locked
	}
	if s.Approval != "" && !lock("cli.play.approval", catalog.Args{"role": catalog.Words(w.e.role(w.policy, s.Approval))}) {
		return false
	}
	if s.FourEyes && !lock("cli.play.four-eyes", catalog.Args{}) {
		return false
	}
	w.open[w.key(s.ID)] = !w.locked
	return true
}

// note writes into the account.
func (w *walk) note(key string, args catalog.Args) {
	w.account = append(w.account, entry{w.clock.Now(), w.e.say(key, args)})
}

// act does what was typed; false when the walk is over. Both languages are understood, whichever is spoken: nobody should look a verb up now.
func (w *walk) act(ctx context.Context, line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	s, _ := w.r.Step(w.step)
	n, err := strconv.Atoi(word)
	switch word = strings.ToLower(word); {
	case err == nil && rest == "":
		if n < 1 || n > len(s.Branches) {
			w.say("cli.play.no-finding", catalog.Args{"n": catalog.Int(n)})
			return true
		}
		return w.finish(ctx, s, s.Branches[n-1].Finding, &s.Branches[n-1])
	case word == "done" || word == "fait":
		return w.finish(ctx, s, rest, nil)
	case word == "skip" || word == "passer":
		if rest == "" {
			w.say("cli.play.why", nil)
			return true
		}
		w.done[w.key(s.ID)] = mark{skipped: true}
		w.note("cli.play.skipped", w.about(s, rest))
		return w.follow(ctx, w.r.Next(s.ID))
	case word == "note" && rest != "":
		w.note("cli.play.note", catalog.Args{"text": catalog.Words(rest)})
	case word == "back" || word == "retour":
		if len(w.trail) == 0 {
			w.say("cli.play.first", nil)
			return true
		}
		p := w.trail[len(w.trail)-1]
		w.trail = w.trail[:len(w.trail)-1]
		w.page.r = p.r
		return w.come(ctx, p.step)
	case word == "list" || word == "liste":
		w.list()
	case word == "go" || word == "aller":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > len(w.r.Steps) {
			w.say("cli.play.no-step", catalog.Args{"of": catalog.Int(len(w.r.Steps))})
			return true
		}
		return w.follow(ctx, w.r.Steps[n-1].ID)
	case word == "set":
		if err := w.set(rest); err != nil {
			w.line(catalog.ErrorIn(w.e.lang, err))
			return true
		}
		return w.show(ctx)
	case word == "show" || word == "voir":
		return w.show(ctx)
	case word == "quit" || word == "quitter":
		return false
	default:
		w.say("cli.play.help", nil)
	}
	return true
}

// about are the words of a step's line in the account.
func (w *walk) about(s runbooks.Step, text string) catalog.Args {
	return catalog.Args{"id": catalog.Words(w.r.ID), "step": catalog.Words(title(w.r, s)), "d": catalog.Duration(w.clock.Now().Sub(w.since)), "text": catalog.Words(text)}
}

// finish marks a step done and goes where its finding leads.
func (w *walk) finish(ctx context.Context, s runbooks.Step, finding string, b *runbooks.Branch) bool {
	if w.locked {
		w.say("cli.play.locked", nil)
		return true
	}
	next, to := w.r.Next(s.ID), w.r
	if b != nil {
		next = b.Step
		if b.Runbook != "" {
			r, ok := w.shelf.ByID(b.Runbook, w.r.Language)
			if !ok {
				w.say("cli.rb.unknown", catalog.Args{"id": catalog.Words(b.Runbook), "line": catalog.Literal("tocsin runbooks list")})
				return true
			}
			if to = r; next == "" {
				next = r.Steps[0].ID
			}
		}
	}
	w.done[w.key(s.ID)] = mark{}
	key := "cli.play.done"
	if finding != "" {
		key = "cli.play.done.found"
	}
	w.note(key, w.about(s, finding))
	w.trail = append(w.trail, place{w.r, s.ID})
	if next == "" {
		return false
	}
	if to != w.r {
		w.page.r = to
		if !slices.Contains(w.visited, to) {
			w.visited = append(w.visited, to)
		}
		w.blank()
		w.head()
	}
	return w.come(ctx, next)
}

// follow goes on to a step; "" is the end.
func (w *walk) follow(ctx context.Context, step string) bool {
	if step == "" {
		return false
	}
	w.trail = append(w.trail, place{w.r, w.step})
	return w.come(ctx, step)
}

// list prints every step of the runbook with what became of it.
func (w *walk) list() {
	for _, s := range w.r.Steps {
		sign := "·"
		if m, ok := w.done[w.key(s.ID)]; ok {
			sign = "✅"
			if m.skipped {
				sign = "–"
			}
		}
		if s.ID == w.step {
			sign = "→"
		}
		w.line("  " + sign + " " + title(w.r, s))
	}
}

// tell prints the account: what can be pasted into the incident.
func (w *walk) tell() {
	now := w.clock.Now()
	w.blank()
	w.say("cli.play.paste", nil)
	w.blank()
	first := w.visited[0]
	w.line(w.e.say("cli.play.account", catalog.Args{"id": catalog.Words(first.ID), "name": catalog.Words(first.Title), "digest": catalog.Words(first.Digest[:12]),
		"from": catalog.Words(w.began.In(w.zone).Format("2006-01-02 15:04 MST")), "d": catalog.Duration(now.Sub(w.began))}))
	for _, x := range w.account {
		w.line(x.at.In(w.zone).Format("15:04:05") + " " + x.text)
	}
	if len(w.account) == 0 {
		w.line(w.e.say("cli.play.nothing", nil))
	}
	var values catalog.List
	for _, name := range slices.Sorted(maps.Keys(w.values)) {
		values = append(values, catalog.Words(name+"="+w.values[name]))
	}
	if len(values) > 0 {
		w.line(w.e.say("cli.play.values", catalog.Args{"values": values}))
	}
	for _, r := range w.visited {
		w.page.r = r
		for _, s := range r.Steps {
			m, marked := w.done[w.key(s.ID)]
			if marked && !m.skipped {
				continue
			}
			if s.Phase == runbooks.After && !marked {
				w.line(w.e.say("cli.play.owed", catalog.Args{"id": catalog.Words(r.ID), "step": catalog.Words(title(r, s))}))
			}
			for _, c := range s.Clocks {
				w.clockLine(c)
			}
		}
	}
}

// clockLine is a deadline that is still to be kept.
func (w *walk) clockLine(c runbooks.Clock) {
	text := w.e.say("cli.rb.clock", catalog.Args{"what": catalog.Words(c.What), "due": w.due(c), "role": catalog.Words(w.e.role(w.policy, c.Who))})
	if c.When != "" {
		text += " " + strings.TrimSpace(w.e.say("cli.rb.clock.when", catalog.Args{"when": catalog.Words(c.When)}))
	}
	w.line(text)
}
