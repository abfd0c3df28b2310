package incident

import (
	"fmt"
	"slices"
	"time"
)

// pagerTriggered joins an incident of PagerDuty's own: its page is one of level 1's.
func (d *decider) pagerTriggered(a PagerTriggered) error {
	if slices.ContainsFunc(d.s.Pagers, func(r PagerRef) bool { return r.ID == a.Ref.ID }) {
		return nil
	}
	if !d.s.Open() && (a.Ref.Status == "resolved" || !d.s.TakesUp(d.now)) {
		return nil
	}
	seen := func() {
		f := &PagerSeen{Ref: a.Ref, Claims: d.claims(), Relabelled: len(a.Ref.Labels) > 0 && d.s.fillsCommands()}
		// What Alertmanager told of already is known, with the reason.
		if !slices.ContainsFunc(d.s.Alerts, func(x AlertSet) bool { return x.Name == a.AlertName }) {
			if f.Awaited = d.awaitedBy(a.AlertName, a.Ref.Labels, a.Ref.Status != "resolved"); f.Awaited != "" {
				f.Alert = Clip(a.AlertName, 100)
			}
		}
		d.add(f)
	}
	if a.Ref.Status == "resolved" {
		seen()
		return nil // heard of when it was over: it rings nobody
	}
	worse := func() bool { return d.member(d.s.Policy.alertSeverity(a.AlertName, a.Severity)) }
	page := func() { d.adopt(a.Ref) } // it is level 1's, so nobody else is rung for that
	if d.s.quieted() && !(d.s.Status == Mitigated && !d.at.After(d.s.MitigatedAt)) {
		d.takeUp(func() { seen(); worse() }, page)
		return nil
	}
	seen()
	page()
	if worse() {
		d.severityMoved()
	}
	return nil
}

// pagerChanged takes what somebody did in PagerDuty, with one of our pages or with an incident of its own.
func (d *decider) pagerChanged(a PagerChanged) error {
	if d.dutyPager(a) {
		return nil
	}
	i := len(d.s.Pages) - 1 // the newest: what triggers again has a page for each time
	for ; i >= 0; i-- {
		if p := d.s.Pages[i]; a.Pager != "" && p.Pager == a.Pager || a.Dedup != "" && p.Dedup == a.Dedup {
			break
		}
	}
	if i < 0 {
		return nil
	}
	p := d.s.Pages[i]
	if a.Again && p.Foreign && !(d.s.Open() && d.s.Status != Mitigated && p.Outstanding()) {
		return d.pagerAgain(p, a)
	}
	if a.Pager != "" && p.Pager == "" {
		d.own(&PageChanged{Key: p.Key, Status: p.Status, Pager: a.Pager, URL: a.URL})
	}
	if a.Status == "triggered" && p.Status == PageClosed && !p.Foreign && p.Pager != "" && a.Pager != "" && a.Pager != p.Pager {
		// A call that was on its way when the page was closed came through after all and opened another incident there: somebody's phone
		// rings for nothing. It is closed again, and they are told.
		d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: d.overWhy(), Pager: a.Pager, URL: a.URL, StandDown: !p.Person.Zero()})
		return nil
	}
	if p.Status == PageClosed || p.Status == PageFailed || !d.s.Open() {
		return nil
	}
	who := a.By
	if p.Person.Same(a.By) { // we may know more of them than PagerDuty does
		who = p.Person
	}
	switch a.Status {
	case "acknowledged":
		if p.Status == PageAnswered || who.Zero() {
			return nil
		}
		return d.ignoreRefusal(d.ack(who, p.Key))
	case "triggered": // unacknowledged, or given to somebody else: it rings again
		// What is older than the answer is its beginning, heard late: by the poll after the webhook.
		if p.Status == PageAnswered && !d.at.Before(p.AnsweredAt) {
			d.own(&PageChanged{Key: p.Key, Status: PageSent})
		}
		if a.Again && p.Foreign {
			seen := func() { d.pagerIs(p.Pager, "triggered") }
			if d.s.quieted() { // it had cleared with nobody answering
				d.takeUp(seen, func() {}) // the page is there, and rings
			} else {
				seen()
			}
		}
	case "resolved":
		switch {
		case who.Zero(): // by monitoring: the alert is over, which is news but no decision
			if p.Foreign {
				d.pagerIs(p.Pager, "resolved")
			} else { // PagerDuty gave up on a page of ours: it rings nobody, and must not be in the way of the next
				d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyOnPager})
			}
		case p.Level == 1 && p.Why == WhyDetected || who.Same(d.s.Ladder.AcceptedBy) || who.Same(d.s.Roles[Commander].Who):
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, By: who, Why: WhyOnPager})
			d.resolve(Text{}, SystemPagerDuty)
		default: // they closed their own page: that answers it, and says nothing of the incident
			if p.Status != PageAnswered {
				if err := d.ignoreRefusal(d.ack(who, p.Key)); err != nil {
					return err
				}
			}
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, By: who, Why: WhyOnPager})
		}
	}
	return nil
}

// AgainWithin is how long after its end an incident is taken up again by PagerDuty's own incident that triggers again; later it is another one.
const AgainWithin = 24 * time.Hour

// pagerAgain takes up again what an incident of PagerDuty's own began: it was resolved there and triggers again, so somebody's phone rings,
// and that page is level 1's. What is older than our end is a straggler.
func (d *decider) pagerAgain(p Page, a PagerChanged) error {
	switch {
	case d.s.Open() && d.s.Status == Mitigated && !d.at.After(d.s.MitigatedAt), !d.s.Open() && !d.at.After(d.s.EndedAt):
		return nil
	case !d.s.Open() && d.now.Sub(d.s.EndedAt) >= AgainWithin:
		return refuse(RefusedOver, string(d.s.Status))
	}
	ref := PagerRef{ID: p.Pager, URL: p.URL, Key: p.Dedup}
	if i := slices.IndexFunc(d.s.Pagers, func(r PagerRef) bool { return r.ID == p.Pager }); i >= 0 {
		ref = d.s.Pagers[i]
	}
	ref.Status, ref.Assigned = "triggered", a.Assigned
	if !ref.Since.IsZero() {
		ref.Since = d.at // what it is about began again
	}
	seen := func() { d.add(&PagerSeen{Ref: ref}) }
	page := func() {
		if p, _ := d.s.Page(p.Key); p.Outstanding() { // it never stopped being ours to answer, and rings anew
			d.own(&PageChanged{Key: p.Key, Status: PageClosed, Why: WhyOnPager})
		}
		key := ""
		for n := 2; ; n++ {
			key = fmt.Sprintf("pagerduty/%s/%d", ref.ID, n)
			if _, used := d.s.Page(key); !used {
				break
			}
		}
		d.adoptAs(key, ref)
	}
	if d.s.quieted() {
		d.takeUp(seen, page)
		return nil
	}
	seen()
	page()
	return nil
}

// pagerIs records where a PagerDuty incident of its own stands; that monitoring closed it is news and no decision.
func (d *decider) pagerIs(id, status string) {
	for _, ref := range d.s.Pagers {
		if was := ref.Status; ref.ID == id && (was == "resolved") != (status == "resolved") {
			ref.Status = status
			d.add(&PagerSeen{Ref: ref})
			d.cleared()
			return
		}
	}
}

func (d *decider) ignoreRefusal(err error) error {
	if _, ok := err.(*Refusal); ok {
		return nil
	}
	return err
}
