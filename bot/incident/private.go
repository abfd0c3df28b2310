package incident

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Privacy is what an incident keeps of being private. Once private it stays so.
type Privacy struct {
	At    time.Time `json:"at"`
	By    Actor     `json:"by,omitzero"`
	Why   string    `json:"why"`             // PrivateDeclared, PrivateAsked, PrivateAttack, PrivateMerged
	Seq   int64     `json:"seq"`             // of the event that made it so
	Old   []Room    `json:"old,omitempty"`   // rooms of before, in which nothing more is said
	Added []Person  `json:"added,omitempty"` // let in by name, at most maxAdded
	Along []ID      `json:"along,omitempty"` // its duplicates that went private in the same commit
}

// Room is a Slack channel.
type Room struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Why an incident is private.
const (
	PrivateDeclared = "declared" // from the beginning
	PrivateAsked    = "asked"    // somebody made it so
	PrivateAttack   = "attack"   // somebody answered that it is an attack
	PrivateMerged   = "merged"   // what it was merged into went private
)

// QuestionAttack is the question that an alert of the policy may ask, AlertRule.Asks: is this an attack? Yes makes the incident private.
const QuestionAttack = "attack"

// Views of private incidents, and what stands in the place of others where not everybody may read them.
const (
	ViewPrivate    = "private"     // in the new room: what was done, and what stayed visible
	ViewHidden     = "hidden"      // in the place of a card that stands where others read
	ViewLocked     = "locked"      // the last word in a room that is given up
	ViewLockFailed = "lock-failed" // the old room could not be locked
	ViewRoomless   = "roomless"    // to those involved: there is no private room
)

// The verbs of what goes private.
const (
	// Hide puts View in the place of our messages: of the one that Arg names as "channel ts", or of all about this incident in the channel
	// that Arg is. Idempotent.
	Hide Verb = "hide"
	// LockRoom gives a room up: topic, purpose and name say nothing, a last word is posted, the channel is archived. Idempotent.
	LockRoom Verb = "lock-room"
)

// Bounds of what the state remembers.
const (
	maxAdded    = 50
	maxInformed = 60
)

// Informed is somebody who knows of the incident without having been rung: Tocsin wrote to them, or they hold or held a role.
type Informed struct {
	Who    Person   `json:"who"`
	Effect EffectID `json:"effect,omitempty"` // the message; empty: none was sent, they held a role
	Sought bool     `json:"sought,omitempty"` // asked to take something on, not only told
	At     Posted   `json:"at,omitzero"`      // where the message stands, once it is sent
	// Reminder says that the message reminds of what is owed: there may be many of them.
	Reminder bool `json:"reminder,omitempty"`
	// All says that it stands for every message to them, where there were more than are remembered one by one; At names the channel alone.
	All bool `json:"all,omitempty"`
	// Review is what the message asks to have reviewed; empty: it does not.
	Review string `json:"review,omitempty"`
}

// Privatized makes an incident private. From here on everything happens in the room Channel.
type Privatized struct {
	Why     string `json:"why"`
	Reason  Text   `json:"reason,omitzero"`
	Channel string `json:"channel"` // the name claimed
	// Along are the duplicates that go private with it, each by a fact of its own in the same commit.
	Along []ID `json:"along,omitempty"`
	// With is, for such a duplicate, the incident that it goes private with: it has no room from here on, unless it is reopened.
	With ID `json:"with,omitempty"`
	// Inside are those who may read the incident it goes private with, and so may read it, too; at most maxAdded.
	Inside []Person `json:"inside,omitempty"`
}

// Admitted lets somebody into a private incident.
type Admitted struct {
	Who Person `json:"who"`
}

// AttackAsked records that it is asked whether this is an attack.
type AttackAsked struct {
	Alert string `json:"alert"` // the alert that asks
}

// Type implements Fact.
func (*Privatized) Type() string { return "private" }

// Type implements Fact.
func (*Admitted) Type() string { return "admitted" }

// Type implements Fact.
func (*AttackAsked) Type() string { return "attack-asked" }

// Texts implements Fact.
func (f *Privatized) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (*Admitted) Texts() []*Text { return nil }

// Texts implements Fact.
func (*AttackAsked) Texts() []*Text { return nil }

// GoPrivate makes the incident private.
type GoPrivate struct{ Reason Text }

// Admit lets somebody into a private incident.
type Admit struct{ Who Person }

// FollowPrivate makes a duplicate private because the incident it goes on as is. The engine makes it, in the same commit.
type FollowPrivate struct{ With State }

func (GoPrivate) act()     {}
func (Admit) act()         {}
func (FollowPrivate) act() {}

// Insiders is everybody who may read a private incident: who declared it or holds a role, who was rung, handed a page or asked to take
// something on, who was let in by name. The members of its room may too; Slack knows them.
func (s State) Insiders() []Person {
	who := s.Involved()
	add := func(q Person) {
		if !q.Zero() && !slices.ContainsFunc(who, q.Same) {
			who = append(who, q)
		}
	}
	add(s.Ladder.AcceptedBy)
	for _, p := range s.DutyPages {
		add(p.Person)
	}
	for _, i := range s.Informed {
		if i.Sought {
			add(i.Who)
		}
	}
	if s.Private != nil {
		for _, p := range s.Private.Added {
			add(p)
		}
	}
	return who
}

// MaySee reports whether somebody may read the incident, as far as the log tells.
func (s State) MaySee(who Person) bool {
	return s.Private == nil || !who.Zero() && slices.ContainsFunc(s.Insiders(), who.Same)
}

// FormerRoom reports whether a channel is a room that the incident had before it was private.
func (s State) FormerRoom(channel string) bool {
	return s.Private != nil && slices.ContainsFunc(s.Private.Old, func(r Room) bool { return r.ID == channel })
}

// AttackOpen reports whether it is asked, and not answered, whether this is an attack.
func (s State) AttackOpen() bool {
	_, answered := s.Answer(QuestionAttack)
	return s.AttackAlert != "" && !answered
}

// Outside reports whether an effect is read by people who may not read a private incident: what it says must not tell what the incident is.
func (s State) Outside(e Effect) bool {
	if s.Private == nil {
		return false
	}
	at, stands := s.Slots[e.Slot]
	switch {
	case e.Do == Direct:
		return len(e.People) == 0 || !s.MaySee(e.People[0])
	case e.Do == Redraw:
		return !stands || at.Channel != s.ChannelID
	}
	return e.To != "" && e.To != ToIncident
}

// PrivateName is the name of a private incident's room: the date of t in its own zone, and the number.
func PrivateName(t time.Time, id ID) string {
	return fmt.Sprintf("inc-%s-private-%d", t.Format("20060102"), id.Number())
}

// privateName is the first free name of a private room.
func (d *decider) privateName(t time.Time, id ID) string {
	p := d.s.Policy
	if p == nil {
		p = d.in.Policy
	}
	return d.freeName(PrivateName(t.In(p.Location()), id))
}

// isPrivateName reports whether a name ends in the number of a private incident: that is not counted on.
func isPrivateName(name string) bool {
	rest, is := strings.CutPrefix(name, "inc-")
	if !is || len(rest) < 9 {
		return false
	}
	n, is := strings.CutPrefix(rest[8:], "-private-")
	_, err := strconv.Atoi(n)
	return is && err == nil
}

// privateAct carries out the acts about privacy, which are legal when the incident is over, too; is reports whether it was one.
func (d *decider) privateAct(a Act) (is bool, err error) {
	switch a := a.(type) {
	case GoPrivate:
		return true, d.goPrivate(PrivateAsked, a.Reason)
	case FollowPrivate:
		return true, d.followPrivate(a.With)
	case Admit:
		return true, d.admit(a)
	case WriteReview:
		if a.Who.Zero() || a.At.Channel == "" || a.At.TS == "" {
			return true, refuse(RefusedEmpty, "person")
		}
		d.own(&ReviewWritten{Subject: a.Subject, Who: a.Who, At: a.At})
		return true, nil
	}
	return false, nil
}

func (d *decider) goPrivate(why string, reason Text) error {
	if p := d.s.Private; p != nil {
		return &Refusal{Code: RefusedPrivate, By: p.By.Person, Args: []string{p.At.Format(timeFormat)}}
	}
	d.add(&Privatized{Why: why, Reason: reason, Channel: d.privateName(d.s.DeclaredAt, d.s.ID), Along: d.in.Along})
	return nil
}

// followPrivate hides a duplicate with what it goes on as: what its room, its announcement and its card say would tell what that one is.
func (d *decider) followPrivate(with State) error {
	if p := d.s.Private; p != nil {
		return &Refusal{Code: RefusedPrivate, By: p.By.Person, Args: []string{p.At.Format(timeFormat)}}
	}
	inside := with.Insiders()
	f := &Privatized{Why: PrivateMerged, Channel: d.privateName(d.s.DeclaredAt, d.s.ID), With: with.ID, Inside: inside[:min(len(inside), maxAdded)]}
	d.add(f)
	return nil
}

// GoesAlong reports whether the incident goes private with another: it ended as a duplicate of it, or of a duplicate of it.
func (s State) GoesAlong(with State) bool {
	if s.Private != nil || s.Status != Duplicate || s.Merged == nil || !slices.Contains(with.Absorbed, s.ID) {
		return false
	}
	return s.Merged.Into == with.ID || slices.Contains(with.Absorbed, s.Merged.Into)
}

func (d *decider) admit(a Admit) error {
	switch p := d.s.Private; {
	case p == nil:
		return refuse(RefusedNotPrivate)
	case a.Who.Zero():
		return refuse(RefusedEmpty, "person")
	case slices.ContainsFunc(p.Added, a.Who.Same):
		return &Refusal{Code: RefusedInside, By: a.Who}
	case len(p.Added) >= maxAdded:
		return refuse(RefusedTooMany, strconv.Itoa(maxAdded))
	}
	d.add(&Admitted{Who: a.Who})
	return nil
}

// askAttack asks whether it is an attack when an alert of the incident wants that known.
func (d *decider) askAttack() {
	if d.s.AttackAlert != "" || d.s.Private != nil {
		return
	}
	names := []string{strings.TrimPrefix(d.s.Rule, "alert ")}
	for _, a := range d.s.Alerts {
		names = append(names, a.Name)
	}
	for _, n := range names {
		if d.s.Policy.asks(n) == QuestionAttack {
			d.own(&AttackAsked{Alert: n})
			return
		}
	}
}

// asks is the question that an alert wants answered, empty when it wants none.
func (p *Policy) asks(alert string) string {
	if p == nil {
		return ""
	}
	return p.Alerts[alert].Asks
}

// answerAttack takes the answer to whether it is an attack. A no may be corrected; a yes has made the incident private.
func (d *decider) answerAttack(a AnswerQuestion) error {
	was, answered := d.s.Answer(QuestionAttack)
	switch {
	case d.s.AttackAlert == "":
		return refuse(RefusedNoQuestion, a.Question)
	case a.Value != AnswerYes && a.Value != AnswerNo:
		return refuse(RefusedBadAnswer, a.Value)
	case answered && (was.Value == a.Value || was.Value == AnswerYes):
		return &Refusal{Code: RefusedAnswered, By: was.By, Args: []string{was.Value, was.At.Format(timeFormat)}}
	}
	d.add(&Answered{Question: QuestionAttack, Value: a.Value, Reason: a.Reason, Since: d.at})
	if a.Value == AnswerYes && d.s.Private == nil {
		return d.goPrivate(PrivateAttack, Text{})
	}
	return nil
}

// privateEvolve folds the facts of privacy; it reports whether the fact was one.
func (s *State) privateEvolve(e Event) bool {
	switch f := e.Fact.(type) {
	case *Privatized:
		s.private(e, f.Why)
		s.Private.Along = f.Along
		if f.With != "" {
			if s.ChannelID != "" {
				s.formerRoom(Room{ID: s.ChannelID, Name: s.ChannelName})
			}
			s.Private.Added = slices.Clone(f.Inside)
			s.RoomHeld, s.ChannelID, s.ChannelName, s.ChannelEff = true, "", f.Channel, ""
			break
		}
		if s.RoomHeld { // its private room is opened now; nobody may have had a part in it before
			s.RoomHeld = false
			s.bring(e.Actor.Person)
		}
		if s.ChannelID != "" {
			s.formerRoom(Room{ID: s.ChannelID, Name: s.ChannelName})
		}
		s.ChannelID, s.ChannelName, s.ChannelEff = "", f.Channel, IDOf(s.ID, e.Seq, openChannel(f.Channel))
	case *Admitted:
		if s.Private != nil && len(s.Private.Added) < maxAdded {
			s.Private.Added = append(s.Private.Added, f.Who)
		}
	case *AttackAsked:
		s.AttackAlert = f.Alert
	default:
		return false
	}
	return true
}

func (s *State) private(e Event, why string) {
	s.Private = &Privacy{At: e.RecordedAt, By: e.Actor, Why: why, Seq: e.Seq}
}

// formerRoom gives a room up: nothing that stands there is edited any more, but for being hidden.
func (s *State) formerRoom(r Room) {
	if !s.FormerRoom(r.ID) {
		s.Private.Old = append(s.Private.Old, r)
	}
	for _, slot := range sortedKeys(s.Slots) {
		if s.Slots[slot].Channel == r.ID {
			delete(s.Slots, slot)
		}
	}
}

// inform remembers to whom a fact has Tocsin write.
func (s *State) inform(e Event, view string, sought bool, who ...Person) {
	reminder := false
	switch f := e.Fact.(type) {
	case *ObligationReminded, *Missed:
		reminder = true
	case *HandOverProposed:
		reminder = f.Why == HandOverPassed || f.Why == HandOverLong
	}
	for i, p := range who {
		if p.Slack == "" {
			continue
		}
		name := fmt.Sprintf("%s/%s/%d", Direct, view, i)
		s.remember(Informed{Who: p, Sought: sought, Reminder: reminder, Effect: IDOf(s.ID, e.Seq, Effect{Name: name})})
	}
}

func (s *State) remember(i Informed) {
	s.Informed = append(s.Informed, i)
	if len(s.Informed) <= maxInformed {
		return
	}
	// Reminders come without end. Two messages to one person are remembered as all that were written to them, so that what is remembered is
	// bounded by the people, and each of the messages can still be hidden.
	for i, first := range s.Informed {
		for j := i + 1; j < len(s.Informed); j++ {
			if next := s.Informed[j]; first.At.Channel != "" && first.Review == "" && next.Review == "" && next.At.Channel == first.At.Channel && next.Who.Same(first.Who) {
				first.At, first.Effect, first.All = Posted{Channel: first.At.Channel}, "", true
				first.Sought, first.Reminder = first.Sought || next.Sought, first.Reminder && next.Reminder
				s.Informed[i] = first
				s.Informed = slices.Delete(s.Informed, j, j+1)
				return
			}
		}
	}
	// So many people, or so many messages on their way: the oldest reminder makes room.
	drop := max(0, slices.IndexFunc(s.Informed, func(i Informed) bool { return i.Reminder }))
	s.Informed = slices.Delete(s.Informed, drop, drop+1)
}

// informedEvolve folds what facts say of people who are written to without being rung.
func (s *State) informedEvolve(e Event) {
	switch f := e.Fact.(type) {
	case *Told:
		s.inform(e, ViewTold, false, f.Who...)
	case *RoleAsked:
		s.inform(e, ViewRoleAsk, true, f.Who...)
	case *ObligationReminded:
		var who []Person
		for _, m := range f.messages() {
			who = append(who, m.who)
		}
		s.inform(e, ViewObligation, false, who...)
	case *ObligationBegun:
		if f.Why == BeginsAction {
			s.inform(e, ViewObligation, true, f.Owner)
		}
	case *HandedOn:
		s.inform(e, ViewHandedOn, true, f.Who)
	case *ApprovalAsked:
		s.inform(e, ViewApproval, true, f.Who...)
	case *StepApproved:
		run, _ := s.Runbook(f.Runbook)
		if by := run.Worked(f.Step).Asked.By; !by.Same(e.Actor.Person) {
			s.inform(e, ViewApproved, false, by)
		}
	case *StepChanged:
		s.inform(e, ViewApproval, true, f.Who...)
		s.inform(e, ViewReread, true, f.Second)
	case *Missed:
		if len(f.Who) > 0 {
			view := ViewUpdateMissed
			if f.Name == DueCommander {
				view = ViewCommanderMissing
			}
			s.inform(e, view, true, s.reminded(f)...)
		}
	case *NoticeSent:
		s.inform(e, ViewStepTold, s.Private != nil, f.Who...) // who is told of a private incident is let into its room
	case *HandOverProposed:
		s.inform(e, ViewHandOver, true, f.To)
	case *RoleSet: // who held a role knows, and goes on being told
		if !f.Who.Zero() && !slices.ContainsFunc(s.Informed, func(i Informed) bool { return i.Sought && i.Who.Same(f.Who) }) {
			s.remember(Informed{Who: f.Who, Sought: true})
		}
	case *ReviewWritten:
		s.remember(Informed{Who: f.Who, At: f.At, Review: f.Subject, Reminder: true})
	case *Settled:
		if i := slices.IndexFunc(s.Informed, func(x Informed) bool { return x.Effect == f.Effect }); i >= 0 && f.TS != "" {
			s.Informed[i].At = Posted{Channel: f.Channel, TS: f.TS}
		}
		if s.Private != nil && f.Outcome == OutcomeOvertaken && f.Channel != "" && f.Channel != s.ChannelID {
			if verb, _ := verbOf(f.Effect); verb == OpenChannel { // it was on its way when the incident went private
				s.formerRoom(Room{ID: f.Channel})
			}
		}
	}
}

// privateEffects is what follows from the facts of privacy; it reports whether the fact was one.
func (p *plan) privateEffects() bool {
	switch f := p.e.Fact.(type) {
	case *Privatized:
		if f.With == "" {
			p.add(openChannel(f.Channel))
		}
		for _, r := range p.s.Private.Old {
			p.lock(r.ID)
		}
		if at, there := p.s.Slots[SlotAnnouncement]; there {
			p.hide(at.Channel) // the updates beside it, too
		}
		for _, i := range p.s.Informed {
			switch {
			case p.s.MaySee(i.Who):
			case i.All:
				p.hide(i.At.Channel)
			case i.At.TS != "":
				p.hide(i.At.Channel + " " + i.At.TS)
			}
		}
	case *ReviewWritten:
		if p.s.Private != nil && !p.s.MaySee(f.Who) { // it went private while the message was on its way
			p.hide(f.At.Channel + " " + f.At.TS)
		}
	case *Admitted:
		p.invite(f.Who)
	case *AttackAsked:
		p.ask(QuestionAttack, "")
	default:
		return false
	}
	return true
}

func (p *plan) hide(where string) {
	name := string(Hide) + "/" + strings.ReplaceAll(where, " ", "/")
	p.add(Effect{Name: name, Do: Hide, Lane: LaneSlack, Class: ClassAck, Repeat: Idempotent, View: ViewHidden, Arg: where})
}

// lock hides what stands in a room and then gives it up: in an archived one nothing can be changed.
func (p *plan) lock(channel string) {
	p.hide(channel)
	after := IDOf(p.s.ID, p.e.Seq, p.out[len(p.out)-1])
	p.add(Effect{Name: string(LockRoom) + "/" + channel, Do: LockRoom, Lane: LaneSlack, Class: ClassAck, Repeat: Idempotent, After: after, View: ViewLocked, Arg: channel})
}

// strays hides what was on its way when the incident went private and arrived where others read.
func (p *plan) strays(f *Settled) {
	if p.s.Private == nil {
		return
	}
	verb, _ := verbOf(f.Effect)
	switch {
	case verb == OpenChannel && f.Outcome == OutcomeOvertaken && f.Channel != "" && f.Channel != p.s.ChannelID:
		p.lock(f.Channel)
	case verb == LockRoom && f.Outcome == OutcomeDead:
		p.post(ViewLockFailed, ClassAck, "")
	case f.Outcome != OutcomeDone || f.TS == "" || seqOf(f.Effect) >= p.s.Private.Seq:
	case verb == Post && f.Channel != p.s.ChannelID:
		p.hide(f.Channel + " " + f.TS)
	case verb == Direct:
		if i := slices.IndexFunc(p.s.Informed, func(x Informed) bool { return x.Effect == f.Effect }); i >= 0 && !p.s.MaySee(p.s.Informed[i].Who) {
			p.hide(f.Channel + " " + f.TS)
		}
	}
}

// roomless tells those involved that there is no room: nothing is said elsewhere.
func (p *plan) roomless() {
	for i, who := range p.s.Involved() {
		if i == 10 {
			break
		}
		p.direct(ViewRoomless, i, who, "", zeroTime)
	}
}

// seqOf is the event that an effect is recorded with.
func seqOf(id EffectID) int64 {
	parts := strings.SplitN(string(id), "/", 3)
	if len(parts) != 3 {
		return 0
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
