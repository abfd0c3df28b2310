package slack

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// take classifies a frame and puts it into a queue. It is called by a socket's reader: no call, no wait, no write.
func (r *Receiver) take(s *socket, f socketmode.Request) {
	if f.EnvelopeID == "" {
		r.count(func(s *Status) *int64 { return &s.Bad })
		return
	}
	r.mu.Lock()
	r.st.Events++
	r.st.LastEvent = r.o.Clock.Now()
	r.mu.Unlock()
	switch f.Type {
	case socketmode.RequestTypeEventsAPI:
		r.takeEvent(s, f)
	case socketmode.RequestTypeSlashCommands:
		r.takeCommand(s, f)
	case socketmode.RequestTypeInteractive:
		r.takeInteraction(s, f)
	default:
		r.dismiss(s, f)
	}
}

// dismiss acknowledges what we neither understand nor need: unacknowledged, Slack would send it three times more and count it as our failure.
func (r *Receiver) dismiss(s *socket, f socketmode.Request) {
	if !json.Valid(f.Payload) || f.Type == "" {
		r.count(func(s *Status) *int64 { return &s.Bad })
	}
	r.pool.put("dismissed", func() { r.ack(s, f.EnvelopeID, nil) })
}

// ack writes an acknowledgement on the envelope's own socket, or on another when that one is gone.
func (r *Receiver) ack(s *socket, id string, payload any) error {
	err := s.ack(id, payload)
	if err == nil || errors.Is(err, errTooBig) {
		return err
	}
	r.mu.Lock()
	var other *socket
	for o := range r.live {
		if o != s {
			other = o
		}
	}
	r.mu.Unlock()
	if other != nil && other.ack(id, payload) == nil {
		return nil
	}
	r.count(func(s *Status) *int64 { return &s.Unacked })
	return err
}

// event is what all events have in common that we look at. slack-go has a type per event; of those we take, app_home_opened carries a whole
// view and messages carry blocks, which it may refuse (see doc.go).
type event struct {
	Type    slackevents.EventsAPIType `json:"type"`
	Channel string                    `json:"channel"`
	User    string                    `json:"user"`
	Tab     string                    `json:"tab"`
}

func (r *Receiver) takeEvent(s *socket, f socketmode.Request) {
	var p slackevents.EventsAPICallbackEvent
	var e event
	if lenient(f.Payload, &p) != nil || p.InnerEvent == nil {
		r.dismiss(s, f) // app_rate_limited has no event inside
		return
	}
	inner := *p.InnerEvent
	// Fields of other events may have other types ("channel" is an object in channel_created); only messages are read further.
	_ = lenient(inner, &e)
	switch e.Type {
	case slackevents.Message:
		ok := r.pool.put(e.Channel, func() { r.message(s, f, inner) })
		if !ok {
			r.missed(e.Channel)
		}
	case slackevents.AppHomeOpened:
		if e.Tab == "" || e.Tab == "home" {
			r.pool.put("home/"+e.User, func() {
				_ = r.ack(s, f.EnvelopeID, nil) // nothing is recorded, and Slack sends it again at the next opening
				r.home(e.User)
			})
			return
		}
		r.dismiss(s, f)
	default:
		r.dismiss(s, f)
	}
}

// missed notes that an event could not be recorded. It is not acknowledged, so Slack sends it again, at once, after one and after five
// minutes; history is read in case that was not enough.
func (r *Receiver) missed(channel string) {
	r.mu.Lock()
	r.st.Refused++
	r.clean = false
	r.mu.Unlock()
	r.o.Log.Warn().Str("channel", channel).Msg("slack: an event could not be recorded; Slack sends it again, and history is read")
	r.wantHistory()
}

// message records a message event.
func (r *Receiver) message(s *socket, f socketmode.Request, raw json.RawMessage) {
	m, err := decodeMessage(raw)
	if err != nil {
		r.count(func(s *Status) *int64 { return &s.Bad })
		_ = r.ack(s, f.EnvelopeID, nil)
		return
	}
	if r.o.AckFirst {
		_ = r.ack(s, f.EnvelopeID, nil)
	}
	for i, in := range r.inputs(m, false) {
		if in.Key = "slack/env/" + f.EnvelopeID; i > 0 {
			in.Key += "/more"
		}
		out, err := r.record(r.work, in)
		if err != nil {
			r.o.Log.Error().Err(err).Str("channel", in.Route.Channel).Msg("slack: a message is not recorded")
			r.missed(in.Route.Channel)
			return
		}
		if !out.Unrouted {
			r.saw(in.Route.Channel, m.TS)
		}
	}
	if !r.o.AckFirst {
		_ = r.ack(s, f.EnvelopeID, nil)
	}
}

// spoken are the subtypes that are somebody saying something; "" is the ordinary message.
var spoken = map[string]bool{"": true, "file_share": true, "thread_broadcast": true, "bot_message": true, "me_message": true}

// own reports whether we wrote a message.
func (r *Receiver) own(m message) bool {
	return m.BotID != "" && m.BotID == r.me.BotID || m.User != "" && m.User == r.me.BotUserID
}

// inputs says what a message event means: nothing (joins, topics, our own words), something said, changed or deleted. Keys are left to the
// caller.
func (r *Receiver) inputs(m message, caught bool) []engine.Input {
	switch {
	case m.SubType == "message_changed" && m.Message != nil:
		now := *m.Message
		if r.own(now) || !deleted(now) && !spoken[now.SubType] {
			return nil
		}
		was := message{}
		if m.Previous != nil {
			was = *m.Previous
		}
		if deleted(now) { // a parent whose replies live on
			return append(r.before(m), r.gone(m.Channel, now.TS, m.TS)...)
		}
		edited := ""
		if now.Edited != nil {
			edited = now.Edited.TS
		}
		// Slack changes messages by itself as well (an unfurled link, a new reply): that is no edit of anybody's.
		if edited == "" || was.Edited != nil && was.Edited.TS == edited {
			return nil
		}
		return append(r.before(m), r.edit(m.Channel, now)...)
	case m.SubType == "message_deleted":
		if m.Previous != nil && r.own(*m.Previous) {
			return nil
		}
		return append(r.before(m), r.gone(m.Channel, m.DeletedTS, m.TS)...)
	}
	return r.said(m, caught)
}

// before is the message that a change or a deletion is about, as it was. Where its own event was missed, this is how it is known; else it adds
// nothing.
func (r *Receiver) before(m message) []engine.Input {
	if m.Previous == nil {
		return nil
	}
	was := *m.Previous
	was.Channel = m.Channel
	return r.said(was, false)
}

// said is somebody saying something. A message that is read after it was edited carries the edit's key as well: the edit's own event, should it
// still come, adds nothing.
func (r *Receiver) said(m message, caught bool) []engine.Input {
	if r.own(m) || !spoken[m.SubType] {
		return nil
	}
	at, ok := parseTS(m.TS)
	if !ok {
		return nil
	}
	seen := incident.MessageSeen{Channel: m.Channel, TS: m.TS, Text: r.text(m), Bot: botName(m), Caught: caught}
	if m.ThreadTS != m.TS {
		seen.Thread = m.ThreadTS
	}
	for _, f := range m.Files {
		if len(seen.Files) < 20 {
			seen.Files = append(seen.Files, incident.FileRef{ID: incident.Clip(f.ID, 40), Name: incident.Clip(f.Name, 200), URL: f.Permalink})
		}
	}
	same := []string{"msg/" + m.Channel + "/" + m.TS}
	if m.Edited != nil {
		same = append(same, editKey(m.Channel, m))
	}
	return []engine.Input{{
		Same: same, At: at, Actor: r.author(m), Via: incident.ViaSlack,
		Act: incident.Message{Message: seen}, Route: engine.Route{Channel: m.Channel},
	}}
}

// record hands an input in. When one of a message and its edit is no news, the message itself may still be: its edit was heard first.
func (r *Receiver) record(ctx context.Context, in engine.Input) (engine.Outcome, error) {
	out, err := r.o.Engine.Handle(ctx, in)
	if err != nil || !out.Duplicate || len(in.Same) < 2 {
		return out, err
	}
	in.Key, in.Same = in.Key+"/itself", in.Same[:1]
	return r.o.Engine.Handle(ctx, in)
}

func deleted(m message) bool { return m.SubType == "tombstone" }

func (r *Receiver) edit(channel string, now message) []engine.Input {
	at, ok := parseTS(now.Edited.TS)
	if _, good := parseTS(now.TS); !ok || !good {
		return nil
	}
	who := r.author(now)
	if now.Edited.User != "" && now.Edited.User != now.User {
		who = r.author(message{User: now.Edited.User})
	}
	return []engine.Input{{
		Same: []string{editKey(channel, now)}, At: at, Actor: who, Via: incident.ViaSlack,
		Act:   incident.EditMessage{Edit: incident.MessageEdited{Channel: channel, TS: now.TS, EditTS: now.Edited.TS, Text: r.text(now)}},
		Route: engine.Route{Channel: channel},
	}}
}

// editKey is the key of a message's latest edit.
func editKey(channel string, m message) string {
	return "msg/" + channel + "/" + m.TS + "/" + m.Edited.TS
}

// gone is a message's deletion. when is empty where it is only found not to be there any more.
func (r *Receiver) gone(channel, ts, when string) []engine.Input {
	if _, good := parseTS(ts); !good {
		return nil
	}
	at, _ := parseTS(when)
	return []engine.Input{deletion(channel, ts, at)}
}

func (r *Receiver) text(m message) incident.Text {
	return incident.Say(readable(m.words(), r.name), incident.MaxMessage)
}

// author is who wrote a message. Bots have no account worth naming; their name is in the message.
func (r *Receiver) author(m message) incident.Actor {
	if m.User == "" {
		return incident.Actor{Person: incident.Person{Name: botName(m)}}
	}
	p := incident.Person{Slack: m.User, Name: botName(m)}
	if p.Name == "" {
		p.Name = r.name(m.User)
	}
	return incident.Actor{Person: p}
}

// botName is the name of the app that wrote a message, "" for a person's.
func botName(m message) string {
	if m.BotID == "" {
		return ""
	}
	for _, s := range []string{m.Username, profileName(m), m.BotID} {
		if s = incident.Clip(s, 80); s != "" {
			return s
		}
	}
	return ""
}

func profileName(m message) string {
	if m.BotProfile == nil {
		return ""
	}
	return m.BotProfile.Name
}

// saw remembers how far a channel's messages are recorded.
func (r *Receiver) saw(channel, ts string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if laterTS(ts, r.seen[channel]) {
		r.seen[channel] = ts
	}
}

// home draws a person's Home page.
func (r *Receiver) home(user string) {
	if r.o.Client.readOnly {
		return // it is drawn by a call that writes
	}
	ctx, cancel := context.WithTimeout(r.work, 2*callTimeout)
	defer cancel()
	card, err := r.o.Desk.Home(ctx, r.person(user, ""), r.language(user))
	if err == nil {
		err = r.publish(ctx, user, card)
	}
	if err != nil {
		r.o.Log.Warn().Err(err).Msg("slack: a Home page could not be shown")
	}
}

// person is who acts, by what is known without asking anybody.
func (r *Receiver) person(id, handle string) incident.Person {
	p := incident.Person{Slack: id, Name: incident.Clip(handle, 80)}
	if known := r.o.Directory.known(id); known != "" {
		p.Name = known
	}
	return p
}
