package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func (r *Receiver) takeCommand(s *socket, f socketmode.Request) {
	var p slackgo.SlashCommand
	if lenient(f.Payload, &p) != nil || p.UserID == "" {
		r.dismiss(s, f)
		return
	}
	at := r.o.Clock.Now()
	q := &request{r: r, s: s, env: f.EnvelopeID, kind: kindCommand, user: p.UserID, url: p.ResponseURL, trigger: p.TriggerID}
	q.begin(p.ChannelID, func(ctx context.Context) (commands.Reply, error) {
		return r.o.Desk.Command(ctx, commands.Call{
			Key: "slack/env/" + f.EnvelopeID, Actor: r.person(p.UserID, p.UserName), At: at, Channel: p.ChannelID,
			Text: commandText(p.Text), Language: q.lang,
		})
	})
}

// spare is what of an interaction is needed and slack-go does not read, or refuses: it has no user's handle as clicks carry it, and one block of a
// view or of a message that it does not know in all its parts costs it the whole payload.
type spare struct {
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	View struct {
		Blocks []struct {
			Type    slackgo.MessageBlockType `json:"type"`
			BlockID string                   `json:"block_id"`
		} `json:"blocks"`
	} `json:"view"`
}

// decodeInteraction reads the payload of a click, a submission or a shortcut (https://docs.slack.dev/reference/interaction-payloads).
func decodeInteraction(raw json.RawMessage) (p slackgo.InteractionCallback, more spare, err error) {
	if err = lenient(raw, &more); err != nil {
		return p, more, err
	}
	if err = json.Unmarshal(raw, &p); err == nil {
		return p, more, nil
	}
	// Without the blocks, of which nothing else is used.
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return p, more, err
	}
	for _, key := range []string{"message", "original_message"} {
		all[key] = without(all[key], "blocks", "attachments", "files")
	}
	all["view"] = without(all["view"], "blocks")
	delete(all, "state") // of the other fields of the message
	if raw, err = json.Marshal(all); err != nil {
		return p, more, err
	}
	p = slackgo.InteractionCallback{}
	return p, more, json.Unmarshal(raw, &p)
}

// without is a JSON object less some of its fields; what is none becomes null.
func without(raw json.RawMessage, fields ...string) json.RawMessage {
	var o map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil || o == nil {
		return json.RawMessage("null")
	}
	for _, f := range fields {
		delete(o, f)
	}
	out, err := json.Marshal(o)
	if err != nil {
		return json.RawMessage("null")
	}
	return out
}

// chosen is what was chosen in an element.
func chosen(a slackgo.BlockAction) string {
	if len(a.SelectedOptions) > 0 {
		var all []string
		for _, o := range a.SelectedOptions {
			all = append(all, o.Value)
		}
		return strings.Join(all, ",")
	}
	return cmp.Or(a.SelectedOption.Value, a.SelectedUser, a.SelectedChannel, a.SelectedConversation)
}

func (r *Receiver) takeInteraction(s *socket, f socketmode.Request) {
	p, more, err := decodeInteraction(f.Payload)
	if err != nil || p.User.ID == "" {
		r.dismiss(s, f)
		return
	}
	at := r.o.Clock.Now()
	key := "slack/env/" + f.EnvelopeID
	who := r.person(p.User.ID, cmp.Or(p.User.Name, more.User.Username))
	q := &request{r: r, s: s, env: f.EnvelopeID, kind: kindClick, user: p.User.ID, url: p.ResponseURL, trigger: p.TriggerID, view: p.View.ID, viewType: p.View.Type}
	queue := cmp.Or(p.Channel.ID, "user/"+p.User.ID)
	click := func(c commands.Click) {
		c.Key, c.Actor, c.Channel = key, who, p.Channel.ID
		c.Message = cmp.Or(p.Container.MessageTs, p.MessageTs, p.Message.Timestamp)
		if c.At.IsZero() {
			c.At = at
		}
		q.begin(queue, func(ctx context.Context) (commands.Reply, error) {
			c.Language = q.lang
			return r.o.Desk.Click(ctx, c)
		})
	}
	switch p.Type {
	case slackgo.InteractionTypeBlockActions:
		actions := p.ActionCallback.BlockActions
		if len(actions) == 0 || blocks.Action(actions[0].ActionID) == blocks.Open {
			r.dismiss(s, f) // a button that only opens a page
			return
		}
		// Slack sends one action at a time.
		a := actions[0]
		c := commands.Click{Action: blocks.Action(a.ActionID), Chosen: chosen(*a)}
		c.At, _ = parseTS(a.ActionTs)
		if ref, ok := blocks.ParseBlockID(a.BlockID); ok && a.Value == "" {
			c.Ref = ref
		} else if ref, err := blocks.ParseValue(a.Value); err == nil {
			c.Ref = ref
		}
		click(c)
	case slackgo.InteractionTypeShortcut, slackgo.InteractionTypeMessageAction:
		c := commands.Click{Action: p.CallbackID}
		c.At, _ = parseTS(p.ActionTs)
		click(c)
	case slackgo.InteractionTypeViewSubmission:
		ref, err := blocks.ParseValue(p.View.PrivateMetadata)
		if err != nil {
			ref = view.Ref{}
		}
		answers := map[string]string{}
		if p.View.State != nil {
			for id, fields := range p.View.State.Values {
				for _, v := range fields {
					answers[id] = cmp.Or(v.Value, chosen(v))
				}
			}
		}
		q.kind, q.url = kindSubmit, ""
		for _, b := range more.View.Blocks {
			if b.Type == slackgo.MBTInput && q.field == "" {
				q.field = b.BlockID
			}
		}
		// Sent twice, by an impatient finger or by Slack, it comes in envelopes of its own each time; the form is the same one.
		sent := key
		if p.View.ID != "" {
			sent = "slack/view/" + p.View.ID + "/" + p.View.CallbackID
		}
		q.begin(cmp.Or(ref.Incident, queue), func(ctx context.Context) (commands.Reply, error) {
			return r.o.Desk.Submit(ctx, commands.Submission{Key: sent, Actor: who, At: at, Form: p.View.CallbackID, Ref: ref, Answers: answers, Language: q.lang})
		})
	default:
		r.dismiss(s, f)
	}
}
