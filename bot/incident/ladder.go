package incident

import (
	"fmt"
	"slices"
)

// raise moves the ladder to a level or its backup and rings everybody there.
func (d *decider) raise(level int, backup bool, round int, why, deadline string) {
	l, ok := d.s.level(level)
	if !ok {
		return
	}
	since := laterOf(d.s.Ladder.AcceptedAt, d.s.Progress.At, d.s.Ladder.Since, d.s.SeverityAt)
	d.own(&LevelRaised{Level: level, Backup: backup, Round: round, Why: why, Since: since, Deadline: deadline})
	targets := l.Targets
	if backup {
		targets = []string{l.Backup}
	}
	for _, t := range targets {
		// Already rung because the severity said so, and answered: then this level has accepted.
		if p, open := d.openPage(t); open && p.Why == WhySeverity {
			if p.Status == PageAnswered && d.s.Ladder.AcceptedAt.IsZero() {
				by := p.Person
				d.own(&Acknowledged{By: by, Page: p.Key})
			}
			continue
		} else if open && p.Status == PageAnswered && !p.Foreign && p.Round <= round && !laddered(p) {
			// They answered another call; this one is news to them.
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: why})
		}
		by := Person{}
		if why == WhyHelp {
			by = d.in.Actor.Person
		}
		d.pageTarget(t, level, round, why, by)
	}
}

// laddered reports whether a page was rung by the ladder, not for a role, an update or because somebody asked.
func laddered(p Page) bool {
	switch p.Why {
	case WhyAsked, WhyNoCommander, WhyUpdateMissed:
		return false
	}
	return true
}

// raiseFrom goes on from the present stage: to its backup when nobody of it accepted, else to the level above, else to the ladder's end.
func (d *decider) raiseFrom(why, deadline string) {
	l := d.s.Ladder
	if cur, ok := d.s.level(l.Level); ok && l.AcceptedAt.IsZero() && !l.Backup && cur.Backup != "" && why != WhyHelp {
		d.raise(l.Level, true, l.Round, why, deadline)
		return
	}
	if next := d.s.above(l.Level); next != 0 {
		d.raise(next, false, max(1, l.Round), why, deadline)
		return
	}
	d.own(&Missed{Deadline: deadline, Name: LadderEnd, Due: d.now, Count: l.Round})
}

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
	awaited := d.awaitsPage()
	if d.s.Ladder.Level == 0 {
		d.begin(WhyDetected)
	}
	var who Person
	if len(ref.Assigned) > 0 {
		who = ref.Assigned[0]
	}
	d.own(&Paged{Page: Page{
		Key: "pagerduty/" + ref.ID, Level: 1, Target: d.s.firstTarget(1), Round: max(1, d.s.Ladder.Round), Person: who, Dedup: ref.Key,
		Why: WhyDetected, Source: "pagerduty", SeenAt: d.now, At: d.at, Status: PageSent, Pager: ref.ID, URL: ref.URL, Foreign: true,
	}})
	if ref.Status == "acknowledged" && len(ref.Assigned) > 0 {
		_ = d.ack(who, "pagerduty/"+ref.ID)
		return
	}
	if awaited && !d.s.Ladder.AcceptedAt.IsZero() && d.s.Ladder.AcceptedBy.Same(who) { // they took it before their phone rang
		d.answerForeign(who)
	}
}

// begin puts the ladder on level 1 without ringing anybody: a page is there, or somebody took it before there was a ladder.
func (d *decider) begin(why string) {
	l := d.s.Ladder
	d.own(&LevelRaised{Level: 1, Round: l.Round + 1, Why: why})
	if !l.AcceptedAt.IsZero() {
		d.own(&Acknowledged{By: l.AcceptedBy})
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

func (d *decider) moreTime() error {
	l := d.s.Ladder
	switch {
	case d.rule().NoLadder:
		return refuse(RefusedNoLadder)
	case l.MoreTime > 0:
		return refuse(RefusedNoMoreTime, fmt.Sprint(l.Level))
	case l.AcceptedAt.IsZero() || d.s.Status == Mitigated:
		return refuse(RefusedNoDeadline)
	}
	if _, ok := ladderDeadline(d.s, d.rule()); !ok {
		return refuse(RefusedNoDeadline)
	}
	d.add(&MoreTimeGiven{Level: l.Level, Round: l.Round, Add: d.s.Policy.MoreTime})
	return nil
}

func (d *decider) sendHelp() error {
	switch {
	case d.rule().NoLadder:
		return refuse(RefusedNoLadder)
	case d.s.above(d.s.Ladder.Level) == 0:
		return refuse(RefusedLastLevel)
	}
	d.raiseFrom(WhyHelp, "")
	return nil
}

// tick decides whatever is due. Every deadline is acted on at most once, and what it leads to waits from now: after a long sleep one
// tick advances one level.
func (d *decider) tick() {
	done := map[string]bool{}
	for range 32 {
		var due *Deadline
		for _, dl := range Deadlines(d.s) {
			if !dl.Due.After(d.now) && !done[dl.Name] {
				due = &dl
				break
			}
			if !dl.WarnAt.IsZero() && !dl.WarnAt.After(d.now) && dl.Due.After(d.now) {
				d.own(&Warned{Deadline: dl.Key, Due: dl.Due, Who: d.warned(dl)})
			}
		}
		if due == nil {
			return
		}
		done[due.Name] = true
		switch due.Name {
		case DueFirstPage:
			d.raise(1, false, d.s.Ladder.Round+1, WhyDetected, due.Key)
			done[DueAck] = true
		case DueAck, DueAccept:
			d.raiseFrom(WhyNotAcknowledged, due.Key)
			d.ladderDone(done)
		case DueProgress:
			d.raiseFrom(WhyNoProgress, due.Key)
			d.ladderDone(done)
		case DueMitigate:
			d.raiseFrom(WhyNotMitigated, due.Key)
			d.ladderDone(done)
		case DueRestart:
			d.restart(due.Key)
			d.ladderDone(done)
		case DueConfirm:
			d.own(&SeveritySet{Severity: d.s.Severity, Was: d.s.Severity, Confirmed: true, Rule: "unconfirmed-timeout"})
			d.severityFollows()
		case DueCommander:
			n := d.s.Missed[DueCommander]
			target := d.s.commanderChain(n)
			d.own(&Missed{Deadline: due.Key, Name: DueCommander, Due: due.Due, Count: n + 1})
			d.pageTarget(target, d.levelOf(target), n+1, WhyNoCommander, Person{})
		case DueComms:
			d.own(&RoleAsked{Role: Comms, Who: d.in.OnCall[due.Next].People, Why: "nobody-answered"})
		case DueUpdate:
			n := d.s.Missed[DueUpdate]
			d.own(&Missed{Deadline: due.Key, Name: DueUpdate, Due: due.Due, Count: n + 1})
			if target := d.rule().CommsBackup; n >= 1 && target != "" {
				d.pageTarget(target, d.levelOf(target), n, WhyUpdateMissed, Person{})
			}
		}
	}
}

// ladderDone keeps one tick from advancing the ladder twice.
func (d *decider) ladderDone(done map[string]bool) {
	for _, n := range []string{DueFirstPage, DueAck, DueAccept, DueProgress, DueMitigate, DueRestart} {
		done[n] = true
	}
}

// restart walks the ladder again from level 1. The pages of the walk before are closed without a word, answered or not, and rung anew
// under the next round: who answered then has not brought it to an end.
func (d *decider) restart(deadline string) {
	for _, p := range slices.Clone(d.s.Pages) {
		if p.Outstanding() && !p.Foreign {
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyNotAcknowledged})
		}
	}
	d.raise(1, false, d.s.Ladder.Round+1, WhyNotAcknowledged, deadline)
}

// warned is who is told before a deadline passes: those it is about.
func (d *decider) warned(dl Deadline) []Person {
	var who []Person
	add := func(p Person) {
		if !p.Zero() && !slices.ContainsFunc(who, p.Same) {
			who = append(who, p)
		}
	}
	switch dl.Name {
	case DueUpdate:
		if h, ok := d.s.Roles[Comms]; ok {
			add(h.Who)
		} else if h, ok := d.s.Roles[Commander]; ok {
			add(h.Who)
		}
	case DueCommander:
		add(d.s.Ladder.AcceptedBy)
	case DueAck, DueAccept:
		for _, p := range d.s.Pages {
			if p.Level == d.s.Ladder.Level && p.Round == d.s.Ladder.Round && (p.Status == PageSent || p.Status == PageOwed) {
				add(p.Person)
			}
		}
	default:
		add(d.s.Ladder.AcceptedBy)
		if h, ok := d.s.Roles[Commander]; ok {
			add(h.Who)
		}
	}
	return who
}
