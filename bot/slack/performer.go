package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Renderer draws the view an effect names, from the incident as it stands. What it needs of events and runbooks it loads itself.
type Renderer interface {
	Card(ctx context.Context, o incident.Owed, s incident.State) (view.Card, error)
}

// Rooms says whose room a channel is; the engine's Reader does.
type Rooms interface {
	ByChannel(ctx context.Context, channel string) (incident.ID, bool, error)
}

// PerformerOptions are what a Performer needs.
type PerformerOptions struct {
	Client       *Client
	Render       Renderer
	Rooms        Rooms
	Clock        *clock.Clock
	Incidents    string // channel of announcements, name (with or without #) or id; empty: nothing is announced
	Alerts       string // channel of the alerts' cards, likewise; empty: a card is refused, and its incident opens a room
	Installation string // marks what is ours, beside other installations in the same workspace
	Zone         *time.Location
}

// Performer carries out the effects of the Slack lane. Every error it returns either is a *Fault or comes from the Renderer or Rooms.
// Safe for concurrent use.
type Performer struct {
	hidePages int // of a channel that are looked through for ours; 0: maxHidden

	o     PerformerOptions
	names *names
}

// NewPerformer makes a Performer.
func NewPerformer(o PerformerOptions) (*Performer, error) {
	if o.Client == nil || o.Render == nil || o.Rooms == nil || o.Clock == nil {
		return nil, errors.New("slack performer: client, renderer, rooms and clock are needed")
	}
	return &Performer{o: o, names: newNames(o.Client, o.Clock)}, nil
}

// markType is the event_type of the metadata by which we find our own messages again.
const markType = "tocsin_effect"

// skew is how far Slack's clock may be behind ours.
const skew = 2 * time.Minute

// Look finds out whether an earlier attempt did the work: a channel of ours under the wanted name, or a message with the effect's mark. false
// means that the effect is still to be done; a repeat of it that could not be found (topic, update, invitation) does no harm.
func (p *Performer) Look(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, bool, error) {
	ctx = WithClass(ctx, o.Effect.Class)
	switch o.Effect.Do {
	case incident.OpenChannel:
		r, found, err := p.o.Client.findRoom(ctx, o.Effect.Arg, true)
		if err != nil || !found {
			return incident.Report{}, false, err
		}
		ours, err := p.ours(ctx, o, r, s)
		if err != nil || !ours {
			return incident.Report{}, false, err
		}
		return p.opened(o, r, true), true, nil
	case incident.Post, incident.Direct:
		ch, err := p.channel(ctx, o, s)
		if CodeOf(err) == CodeNowhere || CodeOf(err) == CodeNobody {
			return incident.Report{}, false, nil // nothing can have been posted; Do will say what is wrong
		}
		if err != nil || ch == "" {
			return incident.Report{}, false, err
		}
		marked, err := p.marked(ctx, ch, o)
		if err != nil || len(marked) == 0 {
			return incident.Report{}, false, err
		}
		r := p.done(o)
		r.Channel, r.TS, r.Found = ch, marked[0], true
		return r, true, nil
	}
	return incident.Report{}, false, nil
}

// Do carries the effect out.
func (p *Performer) Do(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	ctx = WithClass(ctx, o.Effect.Class)
	e, c := o.Effect, p.o.Client
	switch e.Do {
	case incident.OpenChannel:
		return p.open(ctx, o, s)
	case incident.Invite:
		return p.invite(ctx, o, s)
	case incident.SetTopic, incident.SetPurpose:
		return p.line(ctx, o, s)
	case incident.Post, incident.Direct:
		return p.post(ctx, o, s)
	case incident.Redraw, incident.Pin:
		at := s.Slots[e.Slot]
		if at.TS == "" { // what it would change was never posted; the post's own end is on record
			r := p.done(o)
			r.Error = "nothing stands as " + e.Slot
			return r, nil
		}
		if e.Do == incident.Pin {
			err := c.pin(ctx, at.Channel, at.TS)
			if CodeOf(err) == "already_pinned" {
				err = nil
			}
			return p.done(o), err
		}
		card, err := p.card(ctx, o, s)
		if err != nil {
			return incident.Report{}, err
		}
		err = c.update(ctx, at.Channel, at.TS, card)
		if refusedBlocks[CodeOf(err)] {
			err = c.update(ctx, at.Channel, at.TS, blocks.Rendered{Text: card.Text, Blocks: textOnly(card.Text)})
		}
		return p.done(o), err
	case incident.Bookmark:
		return p.bookmark(ctx, o, s)
	case incident.Hide:
		return p.hide(ctx, o, s)
	case incident.LockRoom:
		return p.lock(ctx, o, s)
	}
	return incident.Report{}, &Fault{Method: string(e.Do), Code: "unknown_verb", permanent: true, Mend: "run a newer tocsin"}
}

// Repair deletes our later copies of a post: two attempts of which each believed it was alone. What the report names stays, because the
// incident's cards are edited there; without it the earliest stays.
func (p *Performer) Repair(ctx context.Context, o incident.Owed, s incident.State, rep incident.Report) error {
	if o.Effect.Do != incident.Post && o.Effect.Do != incident.Direct || rep.Channel == "" {
		return nil
	}
	ctx = WithClass(ctx, incident.ClassCosmetic)
	marked, err := p.marked(ctx, rep.Channel, o)
	if err != nil || len(marked) < 2 {
		return err
	}
	// What is on record stays: as reported, or as the state says; else the earliest.
	keep, right := marked[0], rep.TS
	if at, ok := s.Slots[o.Effect.Slot]; ok && right == "" && at.Channel == rep.Channel {
		right = at.TS
	}
	for _, ts := range marked {
		if ts == right {
			keep = ts
		}
	}
	for _, ts := range marked {
		if ts == keep {
			continue
		}
		if err := p.o.Client.deleteMessage(ctx, rep.Channel, ts); err != nil && CodeOf(err) != "message_not_found" {
			return err
		}
	}
	return nil
}

func (p *Performer) done(o incident.Owed) incident.Report {
	return incident.Report{Effect: o.ID, Outcome: incident.OutcomeDone, Attempt: o.Attempt}
}

// card renders the effect's view and refuses one that Slack would refuse.
func (p *Performer) card(ctx context.Context, o incident.Owed, s incident.State) (blocks.Rendered, error) {
	c, err := p.o.Render.Card(ctx, o, s)
	if err != nil {
		return blocks.Rendered{}, fmt.Errorf("draw %s for %s: %w", o.Effect.View, o.ID, err)
	}
	r := blocks.Message(c, p.options(s))
	if err := blocks.Check(r.Blocks, false); err != nil {
		return blocks.Rendered{}, &Fault{Method: string(o.Effect.Do), Code: CodeNoCard, Detail: clip(err.Error()), permanent: true, Mend: "report this card: " + o.Effect.View}
	}
	return r, nil
}

func (p *Performer) options(s incident.State) blocks.Options {
	return blocks.Options{Zone: p.o.Zone, Language: s.Language()}
}

// textOnly is a card of nothing but words: chat.update keeps the old blocks when it gets none.
func textOnly(text string) []slackgo.Block {
	return []slackgo.Block{slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.MarkdownType, text, false, true), nil, nil)}
}

// post sends a card to the incident's channel, the channel of announcements or a person.
func (p *Performer) post(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	ch, err := p.channel(ctx, o, s)
	if err != nil {
		return incident.Report{}, err
	}
	if ch == "" {
		r := p.done(o)
		r.Error = "no channel of announcements is configured"
		return r, nil
	}
	card, err := p.card(ctx, o, s)
	if err != nil {
		return incident.Report{}, err
	}
	meta := &slackgo.SlackMetadata{EventType: markType, EventPayload: map[string]any{"id": string(o.ID), "incident": string(o.Incident)}}
	at, ts, err := p.o.Client.post(ctx, ch, card, meta)
	if CodeOf(err) == "not_in_channel" && o.Effect.Do == incident.Post {
		// A public channel that we are not in, or were put out of.
		if join := p.o.Client.joinChannel(ctx, ch); join == nil {
			at, ts, err = p.o.Client.post(ctx, ch, card, meta)
		}
	}
	if err != nil {
		if CodeOf(err) == "channel_not_found" {
			p.names.forget(ch)
		}
		return incident.Report{}, err
	}
	r := p.done(o)
	r.Channel, r.TS = at, ts
	return r, nil
}

// channel is where the effect posts; empty when announcements are off.
func (p *Performer) channel(ctx context.Context, o incident.Owed, s incident.State) (string, error) {
	e := o.Effect
	if e.Do == incident.Direct {
		if len(e.People) > 0 && e.People[0].Slack != "" {
			return p.names.direct(ctx, e.People[0].Slack)
		}
		return "", &Fault{Method: "conversations.open", Code: CodeNobody, permanent: true, Mend: "give the person the e-mail address of their Slack account in the policy"}
	}
	switch e.To {
	case incident.ToIncidents:
		if p.o.Incidents == "" {
			return "", nil
		}
		return p.names.channel(ctx, p.o.Incidents)
	case incident.ToAlerts:
		if p.o.Alerts == "" {
			return "", &Fault{Method: postMessage, Code: CodeNowhere, Detail: "no channel of alerts is configured", permanent: true, Mend: "set TOCSIN_ALERTS_CHANNEL, or alerts_channel in the policy"}
		}
		return p.names.channel(ctx, p.o.Alerts)
	case incident.ToIncident, "":
		if s.ChannelID == "" {
			return "", &Fault{Method: postMessage, Code: CodeNowhere, Detail: "the incident's channel is not open", after: 2 * time.Second}
		}
		return s.ChannelID, nil
	}
	return p.names.channel(ctx, e.To)
}

// marked returns the ts of the messages in a channel that carry the effect's mark, earliest first.
func (p *Performer) marked(ctx context.Context, channel string, o incident.Owed) ([]string, error) {
	var found []string
	cursor, oldest := "", formatTS(o.At.Add(-skew))
	for range 10 { // 2,000 messages since the effect was recorded
		pg, err := p.o.Client.history(ctx, channel, oldest, "", cursor, true)
		if CodeOf(err) == "missing_scope" && o.Effect.Do == incident.Direct {
			return nil, nil // direct messages cannot be looked for without im:history; a second copy harms less than none
		}
		if err != nil {
			return nil, err
		}
		for _, m := range pg.Messages {
			if m.Metadata == nil || m.Metadata.EventType != markType {
				continue
			}
			var mark struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(m.Metadata.EventPayload, &mark) == nil && mark.ID == string(o.ID) {
				found = append([]string{m.TS}, found...)
			}
		}
		if cursor = pg.Next; cursor == "" {
			break
		}
	}
	return found, nil
}

// line sets the topic or the purpose. The purpose ends in our mark, which tells a room of ours from one that merely has its name.
func (p *Performer) line(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	if s.ChannelID == "" {
		return incident.Report{}, &Fault{Method: string(o.Effect.Do), Code: CodeNowhere, Detail: "the incident's channel is not open", after: 2 * time.Second}
	}
	card, err := p.o.Render.Card(ctx, o, s)
	if err != nil {
		return incident.Report{}, fmt.Errorf("draw %s for %s: %w", o.Effect.View, o.ID, err)
	}
	const most = 250
	if o.Effect.Do == incident.SetTopic {
		return p.done(o), p.o.Client.setTopic(ctx, s.ChannelID, blocks.Line(card.Summary, p.options(s), most))
	}
	mark := p.mark(o.Incident)
	return p.done(o), p.o.Client.setPurpose(ctx, s.ChannelID, blocks.Line(card.Summary, p.options(s), most-len(mark)-3)+" "+mark)
}

// mark is how a channel's purpose names its incident: "[INC-42 · acme]".
func (p *Performer) mark(id incident.ID) string {
	if p.o.Installation == "" {
		return "[" + string(id) + "]"
	}
	return "[" + string(id) + " · " + clip(p.o.Installation) + "]"
}

// open creates the incident's channel, or adopts it when an earlier attempt of ours did.
func (p *Performer) open(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	r, err := p.o.Client.createChannel(ctx, o.Effect.Arg, s.Private != nil)
	if err == nil {
		return p.opened(o, r, false), nil
	}
	if CodeOf(err) != "name_taken" {
		return incident.Report{}, err
	}
	// Only channels we are in can be ours: who creates one is in it.
	r, found, err := p.o.Client.findRoom(ctx, o.Effect.Arg, true)
	if err != nil {
		return incident.Report{}, err
	}
	if found {
		ours, err := p.ours(ctx, o, r, s)
		if err != nil {
			return incident.Report{}, err
		}
		if ours {
			return p.opened(o, r, true), nil
		}
	}
	rep := p.done(o)
	rep.Taken, rep.Name = true, o.Effect.Arg
	return rep, nil
}

func (p *Performer) opened(o incident.Owed, r room, adopted bool) incident.Report {
	rep := p.done(o)
	rep.Channel, rep.Name, rep.Found = r.ID, r.Name, adopted
	return rep
}

// ours reports whether a channel is an earlier attempt of this very effect: created by us, after the effect was recorded, not archived,
// nobody else's room, without another incident's mark, and private when the incident is.
func (p *Performer) ours(ctx context.Context, o incident.Owed, r room, s incident.State) (bool, error) {
	me, err := p.o.Client.Identity(ctx)
	if err != nil {
		return false, err
	}
	if r.Creator != me.BotUserID || r.Archived || s.Private != nil && !r.Private || time.Unix(r.Created, 0).Before(o.At.Add(-skew)) {
		return false, nil
	}
	if i := strings.LastIndex(r.Purpose, "["); i >= 0 && strings.HasPrefix(r.Purpose[i:], "[INC-") && r.Purpose[i:] != p.mark(o.Incident) {
		return false, nil
	}
	owner, claimed, err := p.o.Rooms.ByChannel(ctx, r.ID)
	if err != nil {
		return false, err
	}
	return !claimed || owner == o.Incident, nil
}

// already are answers to an invitation that need no other.
var already = map[string]bool{"already_in_channel": true, "cant_invite_self": true}

// invite brings people in. One that Slack refuses does not keep the others out.
func (p *Performer) invite(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	if s.ChannelID == "" {
		return incident.Report{}, &Fault{Method: "conversations.invite", Code: CodeNowhere, Detail: "the incident's channel is not open", after: 2 * time.Second}
	}
	var ids, refused []string
	seen := map[string]bool{}
	for _, who := range o.Effect.People {
		if who.Slack == "" {
			refused = append(refused, who.Key()+": no Slack account known")
		} else if !seen[who.Slack] {
			seen[who.Slack] = true
			ids = append(ids, who.Slack)
		}
	}
	rep := p.done(o)
	var last error
	in := 0
	for len(ids) > 0 {
		n := min(len(ids), 100)
		err := p.o.Client.invite(ctx, s.ChannelID, ids[:n]...)
		f, isFault := errors.AsType[*Fault](err)
		switch {
		case err == nil:
			in += n
		case !isFault || !f.Permanent() || f.Code == "unknown_method" || f.Code == "missing_scope" || f.Code == "not_in_channel" || f.Code == "channel_not_found" || f.Code == "is_archived":
			return incident.Report{}, err // it is not about one of them
		case n == 1 && already[f.Code]:
			in++
		case n == 1:
			refused = append(refused, ids[0]+": "+f.Code)
			last = err
		default:
			for _, id := range ids[:n] {
				one := p.o.Client.invite(ctx, s.ChannelID, id)
				f, isFault := errors.AsType[*Fault](one)
				switch {
				case one == nil, isFault && already[f.Code]:
					in++
				case isFault && f.Permanent():
					refused = append(refused, id+": "+f.Code)
					last = one
				default:
					return incident.Report{}, one
				}
			}
		}
		ids = ids[n:]
	}
	rep.Error = strings.Join(refused, ", ")
	if in == 0 && last != nil {
		return incident.Report{}, last
	}
	return rep, nil
}

// bookmark adds a link to the channel's header, once. Arg is the URL, a blank and the title; with a View its Summary is the title.
func (p *Performer) bookmark(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	link, title, _ := strings.Cut(strings.TrimSpace(o.Effect.Arg), " ")
	if o.Effect.View != "" {
		card, err := p.o.Render.Card(ctx, o, s)
		if err != nil {
			return incident.Report{}, fmt.Errorf("draw %s for %s: %w", o.Effect.View, o.ID, err)
		}
		title = blocks.Words(card.Summary, p.options(s), 75)
	}
	if title = strings.TrimSpace(title); title == "" {
		title = link
	}
	there, err := p.o.Client.bookmarked(ctx, s.ChannelID, link)
	if err != nil {
		return incident.Report{}, err
	}
	if there {
		return p.done(o), nil
	}
	return p.done(o), p.o.Client.bookmark(ctx, s.ChannelID, title, link)
}
