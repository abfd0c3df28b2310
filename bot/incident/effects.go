package incident

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

var zeroTime time.Time

// Names of views, in Effect.View.
const (
	ViewHeadline         = "headline"
	ViewAnnouncement     = "announcement"
	ViewTopic            = "topic"
	ViewPurpose          = "purpose"
	ViewStep             = "step"
	ViewEscalation       = "escalation"
	ViewWarn             = "warn"
	ViewStandDown        = "standdown"
	ViewNoteAnswer       = "note-answer" // on a page in PagerDuty: why a note did nothing
	ViewTold             = "told"
	ViewRoleAsk          = "role-ask"
	ViewSeverity         = "severity"
	ViewUpdate           = "update"
	ViewUpdateMissed     = "update-missed"
	ViewCommanderMissing = "commander-missing"
	ViewLadderEnd        = "ladder-end"
	ViewResolved         = "resolved"
	ViewCancelled        = "cancelled"
	ViewReopened         = "reopened"
	ViewPageFailed       = "page-failed"
	ViewPageStuck        = "page-stuck"   // PagerDuty has not taken a page for RingWithin
	ViewPageThrough      = "page-through" // it has, after that was said
	ViewLate             = "late"
	ViewPage             = "page"
	ViewImpactAsk        = "impact-ask"  // customers or regulators touched?
	ViewPaged            = "paged"       // to who is rung, with what they can do
	ViewHandedOn         = "handed-on"   // to whom a page is passed on
	ViewAwaited          = "awaited"     // an alert joins that a runbook waits for
	ViewParked           = "parked"      // set aside until
	ViewResumed          = "resumed"     // the clocks run again
	ViewRecovered        = "recovered"   // it cleared with nobody answering
	ViewAlertsOver       = "alerts-over" // it cleared: mitigated?
	ViewMerged           = "merged"      // it goes on as another
	ViewAbsorbed         = "absorbed"    // a duplicate came in
	ViewSplitOff         = "split-off"   // some of its groups are an incident of their own
	ViewTakeDue          = "take-due"    // nobody took it in its business days
	ViewSuggest          = "suggest"     // runbooks that fit, with why; its message is kept and redrawn
)

// Slots of messages that are edited later.
const (
	SlotHeadline     = "headline"
	SlotAnnouncement = "announcement"
)

// SlotSuggest is the slot of the card that puts runbooks forward.
const SlotSuggest = "suggest"

// SlotStep is the slot of a runbook's card.
func SlotStep(runbook string) string { return "step/" + runbook }

// SlotCard is the slot of one of a runbook's cards; 1 is the first.
func SlotCard(runbook string, card int) string {
	if card <= 1 {
		return SlotStep(runbook)
	}
	return SlotStep(runbook) + "/" + strconv.Itoa(card)
}

// StepSlot reads the runbook and the card's number from a slot.
func StepSlot(slot string) (runbook string, card int, ok bool) {
	rest, ok := strings.CutPrefix(slot, SlotStep(""))
	if !ok {
		return "", 0, false
	}
	runbook, n, more := strings.Cut(rest, "/")
	if card = 1; more {
		if card, _ = strconv.Atoi(n); card < 2 {
			return "", 0, false
		}
	}
	return runbook, card, true
}

// nudgeFor is how long a nudge is worth sending after its moment.
const nudgeFor = 10 * time.Minute

// Effects returns what must be done because of e, s being the state after it. It runs once, at commit; what it returns is recorded with
// the event, because a later release that derived it anew would act on old incidents.
func Effects(s State, e Event) []Effect {
	p := &plan{s: s, e: e}
	p.follow()
	p.cards()
	return inRoom(s, p.out)
}

func (p *plan) follow() {
	s, e := p.s, p.e
	switch f := e.Fact.(type) {
	case *Declared:
		if !f.Held {
			p.add(openChannel(f.Channel))
		}
	case *RoomWanted:
		p.add(openChannel(s.ChannelName))
	case *ChannelTaken:
		p.add(openChannel(f.Next))
	case *ChannelOpened:
		p.room()
	case *Settled:
		p.strays(f)
		if f.Effect == s.ChannelEff && f.Outcome == OutcomeDead && s.Private != nil {
			p.roomless()
		}
		if f.Effect == s.ChannelEff && f.Outcome == OutcomeDead {
			p.announce() // there is no room to say it in; the people who wait must hear of it all the same
		}
		if f.Doubt {
			p.headline()
		}
		if f.Slot == SlotHeadline && f.Outcome == OutcomeDone {
			p.add(Effect{Name: "pin/headline", Do: Pin, Lane: LaneSlack, Class: ClassCosmetic, Repeat: Idempotent, Slot: SlotHeadline})
			// Whatever changed while it was being posted is drawn now.
			p.redraw(SlotHeadline)
		}
		if f.Slot != "" && f.Slot != SlotHeadline && f.Outcome == OutcomeDone {
			p.redraw(f.Slot)
		}
	case *MoreTimeGiven, *ProgressMade:
		p.headline()
	case *AlertsSeen:
		p.headline()
		p.relabelled(f.Relabelled)
		p.alertsOver(f.Set.Firing == 0)
		if f.Awaited != "" {
			p.post(ViewAwaited, ClassUpdate, "")
		}
	case *PagerSeen:
		p.headline()
		p.relabelled(f.Relabelled)
		p.alertsOver(f.Ref.Status == "resolved")
		if f.Awaited != "" {
			p.post(ViewAwaited, ClassUpdate, "")
		}
	case *Parked:
		p.all()
		p.post(ViewParked, ClassUpdate, "")
	case *Resumed:
		p.all()
		if f.Why != ResumedDue { // then the ring says it
			p.post(ViewResumed, ClassUpdate, f.Why)
		}
	case *ImpactAsked:
		p.headline()
		if s.ChannelID != "" || s.Rule == UnconfirmedTimeout { // before there is a room its headline asks
			p.post(ViewImpactAsk, ClassUpdate, "")
		}
	case *Recovered:
		p.all()
		p.post(ViewRecovered, ClassUpdate, "")
	case *HandedOn:
		p.headline()
		p.invite(f.Who)
		p.direct(ViewHandedOn, 0, f.Who, f.Page, e.RecordedAt.Add(nudgeFor))
	case *Acknowledged:
		p.headline()
		p.invite(f.By)
	case *RoleSet:
		p.headline()
		p.topic()
		p.announcement()
		p.invite(f.Who)
	case *Joined:
		p.invite(f.Who)
	case *RoleAsked:
		for i, who := range f.Who {
			p.direct(ViewRoleAsk, i, who, string(f.Role), e.RecordedAt.Add(nudgeFor))
		}
	case *SeveritySet:
		p.all()
		if f.Severity != f.Was || f.Rule == UnconfirmedTimeout && !s.asksImpact() { // the question says it first
			p.post(ViewSeverity, ClassUpdate, "")
		}
	case *SeverityReason:
		p.headline()
	case *StatusSet:
		p.all()
	case *UpdatePosted:
		p.headline()
		p.announcement()
		p.post(ViewUpdate, ClassUpdate, "")
		// Those who wait are not in the room.
		if s.Private != nil {
			break
		}
		p.add(Effect{Name: string(Post) + "/" + ViewUpdate + "/" + ToIncidents, Do: Post, Lane: LaneSlack, Class: ClassUpdate, Repeat: Findable, View: ViewUpdate, To: ToIncidents})
	case *Paged:
		if !f.Page.Foreign {
			p.add(ringEffect(f.Page))
			p.paged(f.Page)
		}
		p.headline()
		p.invite(f.Page.Person)
	case *PageChanged:
		p.pageChanged(f)
	case *LevelRaised:
		p.headline()
		if f.Why != WhyDetected && f.Why != WhyLowered && f.Why != WhySeverity && f.Why != WhyAgain { // that it fires again has a post of its own
			p.post(ViewEscalation, ClassUpdate, "")
		}
	case *Warned:
		for i, who := range f.Who {
			p.direct(ViewWarn, i, who, f.Deadline, f.Due)
		}
		p.warnPages(f)
	case *Missed:
		p.headline()
		switch f.Name {
		case DueUpdate:
			p.post(ViewUpdateMissed, ClassUpdate, f.Deadline)
			p.invite(f.Who...)
			for i, w := range s.reminded(f) {
				p.direct(ViewUpdateMissed, i, w, f.Deadline, e.RecordedAt.Add(nudgeFor))
			}
		case DueCommander:
			p.post(ViewCommanderMissing, ClassUpdate, f.Deadline)
			p.invite(f.Who...)
			for i, w := range s.reminded(f) {
				p.direct(ViewCommanderMissing, i, w, f.Deadline, e.RecordedAt.Add(nudgeFor))
			}
		case LadderEnd:
			p.post(ViewLadderEnd, ClassUpdate, f.Deadline)
		case DueTake:
			p.post(ViewTakeDue, ClassUpdate, f.Deadline)
		}
	case *Told:
		p.headline()
		for i, who := range f.Who {
			p.direct(ViewTold, i, who, "", zeroTime)
		}
	case *ResolvedFact:
		p.all()
		p.steps()
		p.post(ViewResolved, ClassUpdate, "")
		p.reviews()
	case *MergedInto:
		p.all()
		p.steps()
		p.post(ViewMerged, ClassUpdate, "")
	case *Noted:
		if pg, ok := p.s.Page(f.Page); ok && f.Answer != "" {
			p.add(Effect{Name: string(NotePage) + "/" + pg.Key, Do: NotePage, Lane: LanePager, Class: ClassAck, Repeat: Findable, Until: e.RecordedAt.Add(noteAnswerFor), After: pg.Ring, View: ViewNoteAnswer, Page: pg.Key, Arg: f.Answer})
		}
	case *Absorbed:
		p.headline()
		p.relabelled(len(f.Alerts)+len(f.Pagers) > 0)
		p.invite(f.People...)
		p.post(ViewAbsorbed, ClassUpdate, string(f.From))
	case *SplitOff:
		p.headline()
		p.relabelled(len(f.Part.Alerts) > 0)
		p.post(ViewSplitOff, ClassUpdate, string(f.Into))
	case *CancelledFact:
		p.all()
		p.steps()
		p.post(ViewCancelled, ClassUpdate, "")
	case *Reopened:
		p.all()
		p.steps()
		p.post(ViewReopened, ClassUpdate, "")
	case *LatePosts:
		p.post(ViewLate, ClassUpdate, "")
	default:
		if !p.stepEffects() && !p.privateEffects() {
			p.obligationEffects()
		}
	}
	p.closedEffects()
}

// paged tells who is rung, where they read rather than hear: what it is and what they can do about it.
func (p *plan) paged(pg Page) {
	if pg.Person.Slack != "" {
		p.add(Effect{Name: fmt.Sprintf("%s/%s/%s", Direct, ViewPaged, pg.Key), Do: Direct, Lane: LaneSlack, Class: ClassPage, Repeat: Findable, View: ViewPaged, People: []Person{pg.Person}, Page: pg.Key})
	}
}

// alertsOver asks those who took it whether the harm has ended, when the last alert clears. It ends nothing by itself.
func (p *plan) alertsOver(cleared bool) {
	if s := p.s; cleared && s.AlertsOver() && s.Open() && s.Status != Mitigated && s.Answered() {
		p.post(ViewAlertsOver, ClassUpdate, "")
	}
}

type plan struct {
	s   State
	e   Event
	out []Effect
}

func (p *plan) add(e Effect) { p.out = append(p.out, e) }

func openChannel(name string) Effect {
	return Effect{Name: string(OpenChannel), Do: OpenChannel, Lane: LaneSlack, Class: ClassPage, Repeat: Findable, Arg: name}
}

func ringEffect(p Page) Effect {
	return Effect{Name: string(Ring) + "/" + p.Key, Do: Ring, Lane: LanePager, Class: ClassPage, Repeat: Keyed, View: ViewPage, Page: p.Key}
}

// room makes the new channel ready: headline first, so that whoever comes in sees it.
func (p *plan) room() {
	head := Effect{Name: string(Post) + "/" + SlotHeadline, Do: Post, Lane: LaneSlack, Class: ClassAck, Repeat: Findable, View: ViewHeadline, Slot: SlotHeadline, To: ToIncident}
	p.add(head)
	p.topic()
	p.add(Effect{Name: string(SetPurpose), Do: SetPurpose, Lane: LaneSlack, Class: ClassCosmetic, Repeat: Idempotent, View: ViewPurpose})
	involved := p.s.Involved()
	if p.s.Private != nil {
		involved = append(involved, p.s.Private.Added...)
	}
	p.invite(involved...)
	p.announce()
	if p.s.Private != nil && p.s.Private.Why != PrivateDeclared {
		p.post(ViewPrivate, ClassAck, "")
	}
	for _, rb := range p.s.Runbooks {
		p.step(rb.Ref.ID, 1, IDOf(p.s.ID, p.e.Seq, head))
		for _, l := range rb.Beside {
			if l.Step != "" {
				p.step(rb.Ref.ID, l.N, IDOf(p.s.ID, p.e.Seq, head))
			}
		}
	}
	p.suggest(IDOf(p.s.ID, p.e.Seq, head))
	p.questions(IDOf(p.s.ID, p.e.Seq, head))
}

// announce posts the announcement, once.
func (p *plan) announce() {
	if _, there := p.s.Slots[SlotAnnouncement]; !there && p.s.Private == nil {
		p.add(Effect{Name: string(Post) + "/" + SlotAnnouncement, Do: Post, Lane: LaneSlack, Class: ClassUpdate, Repeat: Findable, View: ViewAnnouncement, Slot: SlotAnnouncement, To: ToIncidents})
	}
}

// Involved is everybody who belongs in the room: who declared it, who holds a role, who was rung.
func (s State) Involved() []Person {
	var who []Person
	add := func(q Person) {
		if !q.Zero() && !slices.ContainsFunc(who, q.Same) {
			who = append(who, q)
		}
	}
	add(s.DeclaredBy.Person)
	for _, r := range Roles {
		add(s.Roles[r].Who)
	}
	add(s.AcknowledgedBy)
	for _, pg := range s.Pages {
		add(pg.Person)
	}
	for _, p := range s.Brought {
		add(p)
	}
	return who
}

// postID is what a post must come after: the open-channel effect while there is no room, else nothing.
func (p *plan) postID(string) EffectID {
	if p.s.ChannelID == "" {
		return p.s.ChannelEff
	}
	return ""
}

func (p *plan) step(runbook string, card int, after EffectID) {
	if p.s.ChannelID == "" {
		return // room() posts it
	}
	slot := SlotCard(runbook, card)
	p.add(Effect{Name: string(Post) + "/" + slot, Do: Post, Lane: LaneSlack, Class: ClassUpdate, Repeat: Findable, After: after, View: ViewStep, Slot: slot, To: ToIncident, Arg: runbook})
}

// post says something in the room that people must not miss.
func (p *plan) post(view string, class Class, arg string) {
	p.add(Effect{Name: string(Post) + "/" + view, Do: Post, Lane: LaneSlack, Class: class, Repeat: Findable, After: p.postID(""), View: view, To: ToIncident, Arg: arg})
}

func (p *plan) direct(view string, i int, who Person, arg string, until time.Time) {
	if who.Slack == "" {
		return
	}
	repeat := Findable
	if !until.IsZero() {
		repeat = AtMostOnce
	}
	p.add(Effect{Name: fmt.Sprintf("%s/%s/%d", Direct, view, i), Do: Direct, Lane: LaneSlack, Class: ClassPage, Repeat: repeat, Until: until, View: view, People: []Person{who}, Arg: arg})
}

func (p *plan) redraw(slot string) {
	if isCard(slot) && p.s.Private != nil { // it is hidden, and stays so
		return
	}
	if _, there := p.s.Slots[slot]; there {
		view := slot
		switch {
		case strings.HasPrefix(slot, SlotQuestion("")):
			view = ViewQuestion
		case isCard(slot):
			view = ViewAlert
		case slot == SlotSuggest:
			view = ViewSuggest
		case slot != SlotHeadline && slot != SlotAnnouncement:
			view = ViewStep
		}
		class := ClassUpdate
		if slot == SlotAnnouncement || isCard(slot) && !p.s.RoomHeld { // the room says it first
			class = ClassCosmetic
		}
		p.add(Effect{Name: string(Redraw) + "/" + slot, Do: Redraw, Lane: LaneSlack, Class: class, Repeat: Idempotent, View: view, Slot: slot})
	}
}

// steps redraws the runbooks' cards: their buttons go with the incident's end, and come back with it.
func (p *plan) steps() {
	p.redraw(SlotSuggest)
	for _, rb := range p.s.Runbooks {
		p.redrawRun(rb.Ref.ID)
	}
}

// relabelled redraws the cards whose commands labels may fill.
func (p *plan) relabelled(yes bool) {
	for _, rb := range p.s.Runbooks {
		if yes && len(rb.Ref.Parameters) > 0 {
			p.redrawRun(rb.Ref.ID)
		}
	}
}

func (p *plan) headline() { p.redraw(SlotHeadline) }

func (p *plan) announcement() {
	if p.s.Private == nil { // else it is hidden, and stays so
		p.redraw(SlotAnnouncement)
	}
}

func (p *plan) topic() {
	if p.s.ChannelID != "" && p.s.Private == nil {
		p.add(Effect{Name: string(SetTopic), Do: SetTopic, Lane: LaneSlack, Class: ClassCosmetic, Repeat: Idempotent, View: ViewTopic})
	}
}

func (p *plan) all() {
	p.headline()
	p.announcement()
	p.topic()
}

func (p *plan) invite(who ...Person) {
	var people []Person
	for _, w := range who {
		if w.Slack != "" {
			people = append(people, w)
		}
	}
	if p.s.ChannelID != "" && len(people) > 0 {
		p.add(Effect{Name: string(Invite), Do: Invite, Lane: LaneSlack, Class: ClassAck, Repeat: Idempotent, People: people})
	}
}

func (p *plan) pageChanged(f *PageChanged) {
	p.headline()
	pg, ok := p.s.Page(f.Key)
	if !ok {
		return
	}
	switch f.Status {
	case PageAnswered:
		// Acknowledged in Slack: the phone must stop ringing. (Acknowledged there: it knows, but for a page beside the one acknowledged.)
		if p.e.Via != ViaPagerDuty || f.Why == WhyTaken {
			p.pager(AckPage, pg, ClassAck)
		}
		p.invite(f.By)
	case PageClosed:
		if f.Why != WhyOnPager && !(f.Why == WhyMerged && pg.Foreign) { // PagerDuty's own goes on with the other
			p.pager(ClosePage, pg, ClassAck)
		}
		if f.StandDown && pg.Person.Slack != "" {
			p.add(Effect{Name: fmt.Sprintf("%s/%s", Direct, ViewStandDown), Do: Direct, Lane: LaneSlack, Class: ClassAck, Repeat: Findable, View: ViewStandDown, People: []Person{pg.Person}, Page: pg.Key, Arg: f.Why})
		}
	case PageOwed:
		if f.Stuck {
			p.post(ViewPageStuck, ClassAck, f.Key)
		}
	case PageSent:
		if !pg.StuckAt.IsZero() && f.Effect == pg.Ring && f.Effect != "" {
			p.post(ViewPageThrough, ClassAck, f.Key)
		}
	case PageFailed:
		p.post(ViewPageFailed, ClassAck, f.Key)
	}
}

func (p *plan) pager(do Verb, pg Page, class Class) {
	p.add(Effect{Name: string(do) + "/" + pg.Key, Do: do, Lane: LanePager, Class: class, Repeat: Keyed, After: pg.Ring, Page: pg.Key})
}

// warnPages writes the warning on the pages of those it is about, for who has no Slack in their hand.
func (p *plan) warnPages(f *Warned) {
	for _, pg := range p.s.Pages {
		if !pg.Outstanding() || !slices.ContainsFunc(f.Who, pg.Person.Same) {
			continue
		}
		p.add(Effect{Name: string(NotePage) + "/" + pg.Key, Do: NotePage, Lane: LanePager, Class: ClassUpdate, Repeat: AtMostOnce, Until: f.Due, After: pg.Ring, View: ViewWarn, Page: pg.Key, Arg: f.Deadline})
	}
}

// updateHolders is who owes the next status update.
func (s State) updateHolders() []Person {
	var who []Person
	for _, r := range []Role{Comms, Commander} {
		if h, ok := s.Roles[r]; ok && !slices.ContainsFunc(who, h.Who.Same) {
			who = append(who, h.Who)
		}
	}
	return who
}
