package view

import (
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// How much of outside words an alert's card shows, in characters.
const (
	cardTitle   = 150
	cardSummary = 300
	cardOutcome = 200
)

// alertCard is the one message of an alert group in the alerts channel: how bad, what fires, since when, who has it, and where. Its buttons are
// there while the incident has no room; from then on everything is done in the room.
func alertCard(src Source) Card {
	s, st := src.said(), src.State
	set, known := st.CardGroup(src.Owed.Effect.Slot)
	title := src.title(cardTitle)
	if known && set.Name != "" {
		title = clip(set.Name, cardTitle)
	}
	head := s.say("card", catalog.Args{"emoji": sevEmoji(st.Severity), "sev": sev(st.Severity), "id": catalog.Words(st.ID), "title": catalog.Words(title)})
	c := Card{Summary: head}
	var lines []catalog.Text
	summary := src.title(cardSummary) // what has cleared says nothing any more
	if !set.Summary.Empty() {
		summary = line(set.Summary, cardSummary, s.lang)
	}
	if summary != title && (!set.Summary.Empty() || len(st.Alerts) == 1) {
		lines = append(lines, catalog.Of(s.lang, catalog.Words(summary)))
	}
	lines = append(lines, src.fires(set, known))
	switch {
	case st.Merged != nil:
		lines = append(lines, s.say("headline.into", catalog.Args{"into": catalog.Words(st.Merged.Into), "room": src.mergedRoom()}))
	case !st.Open():
		lines = append(lines, src.statusSince())
		if !st.Outcome.Empty() {
			lines = append(lines, catalog.Of(s.lang, catalog.Words(line(st.Outcome, cardOutcome, s.lang))))
		}
	default:
		lines = append(lines, src.taken())
	}
	c.add(Section{Text: join("\n", append([]catalog.Text{head}, lines...)...)})
	if st.Open() && st.RoomHeld {
		c.add(Actions{src.cardButtons()})
	}
	return c
}

// fires is how much of the group fires, since when, and of which service.
func (src Source) fires(set incident.AlertSet, known bool) catalog.Text {
	s, st := src.said(), src.State
	since := set.StartsAt
	if since.IsZero() {
		since = st.DetectedAt
	}
	key := "card.since" // PagerDuty does not say how many
	switch n := set.Firing + set.Truncated; {
	case known && n > 0:
		key = "card.firing"
	case known, len(st.Pagers) > 0 && st.AlertsOver():
		key = "card.cleared"
	case src.Owed.Effect.Slot != incident.SlotPage: // it is part of another incident by now
		return nil
	}
	text := s.say(key, catalog.Args{"n": catalog.Int(set.Firing + set.Truncated), "at": day(since)})
	service := set.Service
	if service == "" {
		service = st.Service
	}
	if service != "" {
		text = join(" · ", text, s.say("headline.service", catalog.Args{"service": catalog.Words(clip(service, 60))}))
	}
	return text
}

// taken is who has it, where, and what follows if nobody takes it.
func (src Source) taken() catalog.Text {
	s, st := src.said(), src.State
	var out catalog.Text
	switch {
	case !st.AcknowledgedAt.IsZero():
		out = s.say("card.taken", catalog.Args{"who": who(st.AcknowledgedBy), "at": day(st.AcknowledgedAt)})
	case !st.Roles[incident.Commander].Who.Zero():
		out = s.say("card.commander", catalog.Args{"who": who(st.Roles[incident.Commander].Who)})
	default:
		out = s.word("card.nobody")
	}
	if st.Status == incident.Mitigated {
		out = join(" · ", src.statusSince(), out)
	}
	switch {
	case st.ChannelID != "":
		return join("\n", out, s.say("card.room", catalog.Args{"room": src.room()}))
	case !st.RoomHeld:
		return join("\n", out, s.word("card.room.soon"))
	}
	review, clears := src.named(incident.DueReview)
	take, plans := src.named(incident.DueTake)
	switch {
	case clears:
		if t, ringing := src.overDue(review); ringing {
			return join("\n", s.word("card.recovered"), t)
		}
		return join("\n", s.word("card.recovered"), s.say("recovered.review", catalog.Args{"at": day(review.Due), "next": catalog.Words(clip(src.target(review.Next), 60))}))
	case plans:
		return join("\n", out, s.say("card.take", catalog.Args{"at": day(take.Due), "next": catalog.Words(clip(src.target(take.Next), 60))}))
	case len(src.promises()) > 0:
		return join("\n", out, src.due(1), s.word("card.room.later"))
	}
	return join("\n", out, s.word("card.room.later"))
}

// cardButtons are what can be done about an alert that has no room: taking it opens one.
func (src Source) cardButtons() []Element {
	s := src.said()
	out := []Element{Button{Action: ActionAck, Label: s.word("button.take"), Value: src.ref(""), Style: Primary}}
	if !src.State.RecoveredAt.IsZero() { // it was real, and is over
		out = append(out, Button{Action: ActionOpenResolve, Label: s.word("button.resolve"), Value: src.ref("")})
	}
	return append(out, Button{Action: ActionOpenCancel, Label: s.word("button.noise"), Value: src.ref("")})
}
