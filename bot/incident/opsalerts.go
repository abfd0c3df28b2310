package incident

import (
	"slices"
	"strings"
)

// ToAlerts is where alert cards go: the channel that lists every alert, Policy.AlertsChannel.
const ToAlerts = "alerts"

// ViewAlert is the card of an alert group in the alerts channel, edited in place. Its Slot says which group.
const ViewAlert = "alert"

// slotCard is how the slots of alert cards begin.
const slotCard = "alert/"

// SlotPage is the slot of the card of an incident that PagerDuty opened by itself, until monitoring names the alert group; it is that group's
// from then on.
const SlotPage = slotCard + "page"

// SlotAlert is the slot of an alert group's card.
func SlotAlert(group string) string { return slotCard + beginning(group) }

func isCard(slot string) bool { return strings.HasPrefix(slot, slotCard) }

// CardSlot is the slot of the card that shows an alert group of the incident.
func (s State) CardSlot(group string) string {
	slot := SlotAlert(group)
	if _, own := s.Slots[slot]; !own && s.Source == SourcePage && len(s.Alerts) > 0 && s.Alerts[0].Group == group {
		return SlotPage
	}
	return slot
}

// CardGroup is the alert group that a card shows; false where it shows none (any more).
func (s State) CardGroup(slot string) (AlertSet, bool) {
	for _, a := range s.Alerts {
		if s.CardSlot(a.Group) == slot {
			return a, true
		}
	}
	return AlertSet{}, false
}

// Cards are where the cards of some groups stand, by the slot that each has in the incident they go to.
func (s State) Cards(groups []AlertSet) map[string]Posted {
	var out map[string]Posted
	for _, a := range groups {
		if at, there := s.Slots[s.CardSlot(a.Group)]; there {
			put(&out, SlotAlert(a.Group), at)
		}
	}
	return out
}

// takeCards takes cards over from another incident; giveCards gives up those of the groups that go to another.
func (s *State) takeCards(cards map[string]Posted) {
	for _, slot := range sortedKeys(cards) {
		if _, there := s.Slots[slot]; !there {
			put(&s.Slots, slot, cards[slot])
		}
	}
}

func (s *State) giveCards(groups []AlertSet) {
	for _, a := range groups {
		delete(s.Slots, s.CardSlot(a.Group))
	}
}

// cards keeps the alerts channel: one message for each alert group, posted when the group is new and edited from then on. Only groups that the
// state keeps whole have one.
func (p *plan) cards() {
	if p.s.Private != nil {
		if _, now := p.e.Fact.(*Privatized); now {
			for _, slot := range p.cardSlots() {
				p.hide(p.s.Slots[slot].Channel + " " + p.s.Slots[slot].TS)
			}
		}
		return
	}
	switch f := p.e.Fact.(type) {
	case *Declared:
		for _, a := range f.Alerts {
			p.card(p.s.CardSlot(a.Group), true)
		}
		if f.Pager != nil {
			p.card(SlotPage, true)
		}
	case *AlertsSeen:
		if slices.ContainsFunc(p.s.Alerts, func(a AlertSet) bool { return a.Group == f.Set.Group }) {
			p.card(p.s.CardSlot(f.Set.Group), f.New && p.s.CardSlot(f.Set.Group) != SlotPage)
		}
	case *PagerSeen:
		p.card(SlotPage, false)
	case *RoleSet, *Acknowledged, *SeveritySet, *StatusSet, *ResolvedFact, *CancelledFact, *MergedInto, *Absorbed, *Reopened,
		*Recovered, *Resumed, *Parked, *ChannelOpened, *RoomWanted:
		for _, slot := range p.cardSlots() {
			p.card(slot, false)
		}
	}
}

// cardSlots are the cards that stand, sorted.
func (p *plan) cardSlots() []string {
	return slices.DeleteFunc(sortedKeys(p.s.Slots), func(slot string) bool { return !isCard(slot) })
}

// card edits a card that stands; one that does not is posted, where the group is new. A card on its way is drawn again when it has arrived.
func (p *plan) card(slot string, isNew bool) {
	if _, there := p.s.Slots[slot]; there {
		p.redraw(slot)
		return
	}
	if !isNew || p.s.Policy == nil || p.s.Policy.AlertsChannel == "" {
		return
	}
	class := ClassUpdate
	if p.s.RoomHeld { // it is all there is to be seen
		class = ClassAck
	}
	p.add(Effect{Name: string(Post) + "/" + slot, Do: Post, Lane: LaneSlack, Class: class, Repeat: Findable, View: ViewAlert, Slot: slot, To: ToAlerts})
}

// Carded reports whether a card of the incident stands in the alerts channel.
func (s State) Carded() bool {
	return slices.ContainsFunc(sortedKeys(s.Slots), isCard)
}
