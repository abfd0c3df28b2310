package incident

import (
	"fmt"
	"slices"
)

// pageTarget rings a target unless a page of theirs is open: nobody is rung twice for one thing.
func (d *decider) pageTarget(target string, level, round int, why string, by Person) {
	t, ok := d.s.Policy.Targets[target]
	if !ok {
		return
	}
	var before []string // answered in an earlier round: rung anew, they are over
	for _, p := range d.s.Pages {
		switch {
		case p.Target != target || !p.Outstanding():
		case p.Round >= round || p.Status != PageAnswered && !p.Foreign:
			return
		case !p.Foreign:
			before = append(before, p.Key)
		}
	}
	for _, key := range before {
		d.own(&PageChanged{Key: key, Status: PageClosed, Why: why})
	}
	roster := d.in.OnCall[target]
	var who Person
	if len(roster.People) > 0 {
		who = roster.People[0]
	}
	key := pageKey(level, target, round, why, who)
	for n := 2; ; n++ { // a target sent for again in the same round, after its page was closed
		if _, used := d.s.Page(key); !used {
			break
		}
		key = fmt.Sprintf("%s.%d", pageKey(level, target, round, why, who), n)
	}
	d.own(&Paged{Page: Page{
		Key: key, Level: level, Target: target, Round: round, Person: who, Address: t.Address,
		Dedup: d.s.Installation + "/" + string(d.s.ID) + "/" + key,
		Why:   why, By: by, Source: roster.Source, SeenAt: roster.SeenAt, At: d.now, Status: PageOwed,
	}})
}

// pageKey is level/round/person as the dedup key wants them, with the target for people who read it.
func pageKey(level int, target string, round int, why string, who Person) string {
	person := who.Key()
	if person == "" {
		person = "any"
	}
	kind := fmt.Sprintf("L%d", level)
	if why == WhyNoCommander || why == WhyUpdateMissed || why == WhyAsked {
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

func (d *decider) openPage(target string) (Page, bool) {
	for i := len(d.s.Pages) - 1; i >= 0; i-- { // the newest
		if p := d.s.Pages[i]; p.Target == target && p.Outstanding() {
			return p, true
		}
	}
	return Page{}, false
}

func (d *decider) pageOpen(target string) bool { _, ok := d.openPage(target); return ok }

// closePages closes the outstanding pages that which names, and stands each person down once.
func (d *decider) closePages(why string, which func(Page) bool) {
	var told []Person
	for _, p := range slices.Clone(d.s.Pages) {
		if !p.Outstanding() || !which(p) {
			continue
		}
		down := !p.Person.Zero() && !p.Person.Same(d.in.Actor.Person) && !slices.ContainsFunc(told, p.Person.Same)
		if down {
			told = append(told, p.Person)
		}
		d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: why, StandDown: down})
	}
}

func (d *decider) pageOut(a PageOut) error {
	if _, ok := d.s.Policy.Targets[a.Target]; !ok {
		return refuse(RefusedUnknownTarget, append([]string{a.Target}, sortedKeys(d.s.Policy.Targets)...)...)
	}
	open, is := d.openPage(a.Target)
	if is && open.Status != PageAnswered {
		return refuse(RefusedPageTwice, a.Target)
	}
	n := 1
	switch { // who answered hours ago may be sent for again
	case is && open.Foreign:
		n = open.Round + 1
	case is:
		d.own(&PageChanged{Key: open.Key, Status: PageClosed, Why: WhyAsked})
	}
	for _, p := range d.s.Pages {
		if p.Target == a.Target && p.Why == WhyAsked {
			n++
		}
	}
	if a.Reason.Body != "" {
		d.add(&Noted{Text: a.Reason})
	}
	d.pageTarget(a.Target, d.levelOf(a.Target), n, WhyAsked, d.in.Actor.Person)
	return nil
}
