package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
)

// members are who is in a channel, or why that is not known.
type members struct {
	ids   []string
	err   error
	until time.Time
}

const (
	membersKept = 10 * time.Second // somebody who was taken out must soon see nothing
	maxRooms    = 500
)

// Inside reports whether somebody is in a channel (conversations.members). It remembers the answer for ten seconds.
func (d *Directory) Inside(ctx context.Context, channel, user string) (bool, error) {
	now := d.clock.Now()
	d.mu.Lock()
	m, ok := d.rooms[channel]
	d.mu.Unlock()
	if !ok || !now.Before(m.until) {
		ids, err := d.client.members(ctx, channel)
		m = members{ids: ids, err: err, until: now.Add(membersKept)}
		if ctx.Err() != nil {
			return false, err // nobody has said no
		}
		d.mu.Lock()
		if len(d.rooms) >= maxRooms {
			clear(d.rooms)
		}
		d.rooms[channel] = m
		d.mu.Unlock()
	}
	return slices.Contains(m.ids, user), m.err
}

// archivedCodes are answers that say that a channel is archived: nothing in it can be changed any more.
var archivedCodes = map[string]bool{"is_archived": true, "is_inactive": true}

// hide puts the effect's view in the place of our messages: of the one that Arg names, or of all about the incident in a channel. What is
// hidden already is left alone, so that a repeat goes on where the attempt before had to stop.
func (p *Performer) hide(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	card, err := p.card(ctx, o, s)
	if err != nil {
		return incident.Report{}, err
	}
	channel, ts, one := strings.Cut(o.Effect.Arg, " ")
	if one {
		return p.hidden(o, p.hideOne(ctx, channel, ts, o, card))
	}
	return p.hidden(o, p.hideAll(ctx, channel, o, s, card))
}

// hidden is the report of a hiding. In a channel that somebody archived meanwhile, or a message that is gone, nothing is left to be done.
func (p *Performer) hidden(o incident.Owed, err error) (incident.Report, error) {
	r := p.done(o)
	if code := CodeOf(err); archivedCodes[code] || code == "channel_not_found" {
		r.Error = clip(err.Error())
		err = nil
	}
	return r, err
}

// hideOne hides a message. Its mark says so, because Slack does not give words back as they were sent.
func (p *Performer) hideOne(ctx context.Context, channel, ts string, o incident.Owed, card blocks.Rendered) error {
	mark := slackgo.SlackMetadata{EventType: markType, EventPayload: map[string]any{"incident": string(o.Incident), "hidden": true}}
	err := p.o.Client.update(ctx, channel, ts, card, slackgo.MsgOptionMetadata(mark))
	if CodeOf(err) == "message_not_found" {
		return nil
	}
	return err
}

// maxHidden is how many pages of 200 messages of a channel are looked through for ours: far more than a catch-up reads, because one message
// that stays tells what must not be read.
const maxHidden = 500

// codeTooMany and codeNamesTaken say that a limit of ours was reached before the work was done.
const (
	codeTooMany    = "too_many_messages"
	codeNamesTaken = "names_taken"
)

// hideAll walks what we wrote about the incident in a channel.
func (p *Performer) hideAll(ctx context.Context, channel string, o incident.Owed, s incident.State, card blocks.Rendered) error {
	var wrong error
	cursor, oldest := "", formatTS(s.DeclaredAt.Add(-skew))
	pages := cmp.Or(p.hidePages, maxHidden)
	for range pages {
		pg, err := p.o.Client.history(ctx, channel, oldest, "", cursor, true)
		if err != nil {
			return err
		}
		for _, m := range pg.Messages {
			var mark struct {
				Incident string `json:"incident"`
				Hidden   bool   `json:"hidden"`
			}
			if m.Metadata == nil || m.Metadata.EventType != markType || json.Unmarshal(m.Metadata.EventPayload, &mark) != nil ||
				mark.Incident != string(o.Incident) || mark.Hidden {
				continue
			}
			err := p.hideOne(ctx, channel, m.TS, o, card)
			f, is := errors.AsType[*Fault](err)
			switch {
			case err == nil:
			case is && f.Permanent() && !archivedCodes[f.Code]:
				wrong = err // the others are hidden all the same
			default:
				return err
			}
		}
		if cursor = pg.Next; cursor == "" {
			return wrong
		}
	}
	return cmp.Or(wrong, error(&Fault{Method: "conversations.history", Code: codeTooMany, Detail: fmt.Sprintf("more than %d messages in %s: the older ones were not looked at", pages*200, channel), permanent: true,
		Mend: "blank what the bot wrote before, headline first, by hand"}))
}

// lock gives a room up. Slack lets an app archive a channel, not make it private: everybody can still read what people wrote there. So what we
// wrote ourselves is hidden, topic, purpose and name say nothing any more, and nobody can go on writing. Archiving comes last, because an
// archived channel cannot be changed. What Slack refuses of the rest is told in the report.
func (p *Performer) lock(ctx context.Context, o incident.Owed, s incident.State) (incident.Report, error) {
	channel, c := o.Effect.Arg, p.o.Client
	card, err := p.card(ctx, o, s)
	if err != nil {
		return incident.Report{}, err
	}
	hidden := o
	hidden.Effect.View = incident.ViewHidden
	blank, err := p.card(ctx, hidden, s)
	if err != nil {
		return incident.Report{}, err
	}
	var refused []string
	if err := p.hideAll(ctx, channel, o, s, blank); err != nil { // what came in since it was hidden
		if archivedCodes[CodeOf(err)] || !isPermanent(err) {
			return p.hidden(o, err)
		}
		refused = append(refused, clip(err.Error()))
	}
	r := p.done(o)
	mark := p.mark(o.Incident)
	for _, step := range []func() error{
		func() error { return c.setTopic(ctx, channel, blank.Text) },
		func() error { return c.setPurpose(ctx, channel, blank.Text+" "+mark) },
		func() error { return p.renameAway(ctx, channel, s) },
		func() error {
			if said, err := p.marked(ctx, channel, o); err != nil || len(said) > 0 {
				return err
			}
			_, _, err := c.post(ctx, channel, card, &slackgo.SlackMetadata{EventType: markType, EventPayload: map[string]any{"id": string(o.ID)}})
			return err
		},
	} {
		err := step()
		switch {
		case err == nil:
		case archivedCodes[CodeOf(err)]:
			return r, nil // an earlier attempt came through
		case isPermanent(err):
			refused = append(refused, clip(err.Error()))
		default:
			return incident.Report{}, err
		}
	}
	if err := c.archive(ctx, channel); err != nil && CodeOf(err) != "already_archived" {
		return incident.Report{}, err
	}
	r.Error = strings.Join(refused, "; ")
	return r, nil
}

func isPermanent(err error) bool {
	f, is := errors.AsType[*Fault](err)
	return is && f.Permanent()
}

// renameAway gives a room a name that tells nothing: that of the new one, and "old".
func (p *Performer) renameAway(ctx context.Context, channel string, s incident.State) error {
	base := incident.PrivateName(s.DeclaredAt.In(p.zone()), s.ID) + "-old"
	for n := 1; n < 20; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		if err := p.o.Client.rename(ctx, channel, name); CodeOf(err) != "name_taken" {
			return err
		}
	}
	return &Fault{Method: "conversations.rename", Code: codeNamesTaken, Detail: base + " and its numbers up to 19 are taken", permanent: true, Mend: "rename the old room by hand"}
}

func (p *Performer) zone() *time.Location {
	if p.o.Zone == nil {
		return time.UTC
	}
	return p.o.Zone
}
