package incident

import (
	"fmt"
	"slices"
)

// pageTarget rings a target unless a page of theirs is open: nobody is rung twice for one thing.
func (d *decider) pageTarget(target string, level, round int, why string, by Person) {
	d.pageFor(Page{Target: target, Level: level, Round: round, Why: why, By: by})
}

// pageFor is pageTarget with what else the page says.
func (d *decider) pageFor(page Page) {
	target, round, why := page.Target, page.Round, page.Why
	t, ok := d.s.Policy.Targets[target]
	if !ok {
		return
	}
	before, may := d.callable(page, nil)
	if !may {
		return
	}
	roster := d.in.OnCall[target]
	var who Person
	if len(roster.People) > 0 {
		who = roster.People[0]
	}
	// The ladder and the severity are one thing: whoever is on both is rung by one.
	if bySeverity := why == WhySeverity; !who.Zero() && slices.ContainsFunc(d.s.Pages, func(p Page) bool {
		return p.Outstanding() && p.Round >= round && laddered(p) && (p.Why == WhySeverity) != bySeverity && p.Person.Same(who)
	}) && (bySeverity || laddered(Page{Why: why})) {
		return
	}
	for _, key := range before {
		d.own(&PageChanged{Key: key, Status: PageClosed, Why: why})
	}
	page.Person, page.Address, page.Source, page.SeenAt = who, t.Address.For(who), roster.Source, roster.SeenAt
	d.ring(page)
}

// callable reports whether a target may be rung for what page says: no call of theirs is open that is not over by then. Those that were
// answered for something else, or in an earlier round, are over, and before; closing are others that will be.
func (d *decider) callable(page Page, closing []string) (before []string, may bool) {
	for _, p := range d.s.Pages {
		news := p.Status == PageAnswered && !sameCall(p, page)
		switch {
		case p.Target != page.Target || !d.s.calls(p) || slices.Contains(closing, p.Key):
		case !news && (p.Round >= page.Round || p.Status != PageAnswered && !p.Foreign):
			return nil, false
		case !p.Foreign:
			before = append(before, p.Key)
		}
	}
	return before, true
}

// sameCall reports whether two pages are for one thing, so that who answered one has answered the other: the ladder's are, with the severity's,
// and those for one duty of the response. Rounds are counted by each for itself, and say nothing across them.
func sameCall(p, q Page) bool { return p.Why == q.Why || laddered(p) && laddered(q) }

// ring records that p is rung, under a key of its own.
func (d *decider) ring(p Page) {
	p.Key = d.unusedKey(pageKey(p.Level, p.Target, p.Round, p.Why, p.Person))
	p.Dedup, p.At, p.Status, p.Urgency = d.dedup(p.Key), d.now, PageOwed, d.urgency(p.Why)
	d.own(&Paged{Page: p})
}

// unusedKey is a page's key with a number after it where a page had it before: of a target sent for again in the same round after its page was
// closed, or of an obligation whose clock was armed anew. A key used twice would be taken for a call that is over already.
func (d *decider) unusedKey(base string) string {
	key := base
	for n := 2; ; n++ {
		if _, used := d.s.Page(key); !used {
			return key
		}
		key = fmt.Sprintf("%s.%d", base, n)
	}
}

// dedup is the dedup key of the page with a key.
func (d *decider) dedup(key string) string {
	return d.s.Installation + "/" + string(d.s.ID) + "/" + key
}

// pageKey is level/round/person as the dedup key wants them, with the target for people who read it.
func pageKey(level int, target string, round int, why string, who Person) string {
	person := who.Key()
	if person == "" {
		person = "any"
	}
	kind := fmt.Sprintf("L%d", level)
	if !laddered(Page{Why: why}) {
		kind = why
	}
	return fmt.Sprintf("%s/%d/%s/%s", kind, round, target, person)
}

// adopt takes a page that PagerDuty sent by itself as level 1's.
func (d *decider) adopt(ref PagerRef) {
	if ref.Status == "resolved" || slices.ContainsFunc(d.s.Pages, func(p Page) bool { return p.Pager == ref.ID }) {
		return
	}
	d.adoptAs("pagerduty/"+ref.ID, ref)
}

func (d *decider) adoptAs(key string, ref PagerRef) {
	awaited := d.awaitsPage()
	if d.s.Ladder.Level == 0 {
		d.begin(WhyDetected)
	}
	var who Person
	if len(ref.Assigned) > 0 {
		who = ref.Assigned[0]
	}
	d.own(&Paged{Page: Page{
		Key: key, Level: 1, Target: d.s.firstTarget(1), Round: max(1, d.s.Ladder.Round), Person: who, Dedup: ref.Key,
		Why: WhyDetected, Source: "pagerduty", SeenAt: d.now, At: d.at, Status: PageSent, Pager: ref.ID, URL: ref.URL, Foreign: true,
	}})
	if ref.Status == "acknowledged" && len(ref.Assigned) > 0 {
		_ = d.ack(who, key)
		return
	}
	if awaited && !d.s.Ladder.AcceptedAt.IsZero() && d.s.Ladder.AcceptedBy.Same(who) { // they took it before their phone rang
		d.answerForeign(who)
	}
}

// calls reports whether a page is open and, where it is PagerDuty's own, its incident is not resolved there: then nobody's phone rings for it,
// though it may trigger again.
func (s State) calls(p Page) bool {
	return p.Outstanding() && !(p.Foreign && slices.ContainsFunc(s.Pagers, func(r PagerRef) bool { return r.ID == p.Pager && r.Status == "resolved" }))
}

// openPage is the newest page of a target that calls.
func (s State) openPage(target string) (Page, bool) {
	for i := len(s.Pages) - 1; i >= 0; i-- {
		if p := s.Pages[i]; p.Target == target && s.calls(p) {
			return p, true
		}
	}
	return Page{}, false
}

// calling reports whether a page of a target calls.
func (s State) calling(target string) bool { _, ok := s.openPage(target); return ok }

// rungFor is the newest open page of a target, or of who is on call for it, of those that which names.
func (d *decider) rungFor(target string, which func(Page) bool) (Page, bool) {
	var who Person
	if people := d.in.OnCall[target].People; len(people) > 0 {
		who = people[0]
	}
	for i := len(d.s.Pages) - 1; i >= 0; i-- {
		if p := d.s.Pages[i]; d.s.calls(p) && which(p) && (p.Target == target || !who.Zero() && p.Person.Same(who)) {
			return p, true
		}
	}
	return Page{}, false
}

// closePages closes the outstanding pages that which names, and stands each person down once: not who was relieved before, nor who is still
// rung for something else or has answered it.
func (d *decider) closePages(why string, which func(Page) bool) {
	var told []Person
	for _, p := range d.s.Pages {
		if p.Outstanding() && !which(p) && !p.Person.Zero() {
			told = append(told, p.Person)
		}
	}
	for _, p := range slices.Clone(d.s.Pages) {
		if !p.Outstanding() || !which(p) {
			continue
		}
		down := !p.Down && !p.Person.Zero() && !p.Person.Same(d.in.Actor.Person) && !slices.ContainsFunc(told, p.Person.Same)
		if down {
			told = append(told, p.Person)
		}
		d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: why, StandDown: down})
	}
}

func (d *decider) pageOut(a PageOut) error {
	return d.sendFor(Page{Target: a.Target}, a.Reason)
}

// sendFor rings a target because somebody asked for it, for what p says.
func (d *decider) sendFor(p Page, reason Text) error {
	if _, ok := d.s.Policy.Targets[p.Target]; !ok {
		return refuse(RefusedUnknownTarget, append([]string{p.Target}, sortedKeys(d.s.Policy.Targets)...)...)
	}
	n := 1 // who answered may be sent for again, and again
	for _, q := range d.s.Pages {
		switch {
		case q.Target != p.Target:
		case d.s.calls(q) && q.Status != PageAnswered:
			return refuse(RefusedPageTwice, p.Target)
		case q.Why == WhyAsked:
			n = max(n, q.Round+1)
		}
	}
	if reason.Body != "" {
		d.add(&Noted{Text: reason})
	}
	p.Level, p.Round, p.Why, p.By = d.levelOf(p.Target), n, WhyAsked, d.in.Actor.Person
	d.pageFor(p)
	return nil
}
