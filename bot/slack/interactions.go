package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// slash is the payload of a slash command (https://docs.slack.dev/interactivity/implementing-slash-commands).
type slash struct {
	Channel  string `json:"channel_id"`
	User     string `json:"user_id"`
	UserName string `json:"user_name"`
	Text     string `json:"text"`
	URL      string `json:"response_url"`
	Trigger  string `json:"trigger_id"`
}

func (r *Receiver) takeCommand(s *socket, f frame) {
	var p slash
	if json.Unmarshal(f.Payload, &p) != nil || p.User == "" {
		r.dismiss(s, f)
		return
	}
	at := r.o.Clock.Now()
	q := &request{r: r, s: s, env: f.EnvelopeID, kind: kindCommand, user: p.User, url: p.URL, trigger: p.Trigger}
	q.begin(p.Channel, func(ctx context.Context) (commands.Reply, error) {
		return r.o.Desk.Command(ctx, commands.Call{
			Key: "slack/env/" + f.EnvelopeID, Actor: r.person(p.User, p.UserName), At: at, Channel: p.Channel,
			Text: commandText(p.Text), Language: q.lang,
		})
	})
}

// interaction is the payload of a click, a submission or a shortcut (https://docs.slack.dev/reference/interaction-payloads).
type interaction struct {
	Type string `json:"type"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		MessageTS string `json:"message_ts"`
	} `json:"container"`
	Message struct {
		TS string `json:"ts"`
	} `json:"message"`
	URL      string `json:"response_url"`
	Trigger  string `json:"trigger_id"`
	Callback string `json:"callback_id"`
	ActionTS string `json:"action_ts"`
	Actions  []struct {
		ActionID string `json:"action_id"`
		BlockID  string `json:"block_id"`
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
		choice
	} `json:"actions"`
	View struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Callback string `json:"callback_id"`
		Metadata string `json:"private_metadata"`
		State    struct {
			Values map[string]map[string]answer `json:"values"`
		} `json:"state"`
		Blocks []struct {
			Type    string `json:"type"`
			BlockID string `json:"block_id"`
		} `json:"blocks"`
	} `json:"view"`
}

// choice is what was chosen in an element.
type choice struct {
	Option *struct {
		Value string `json:"value"`
	} `json:"selected_option"`
	User         string `json:"selected_user"`
	Channel      string `json:"selected_channel"`
	Conversation string `json:"selected_conversation"`
}

func (c choice) String() string {
	if c.Option != nil {
		return c.Option.Value
	}
	return cmp.Or(c.User, c.Channel, c.Conversation)
}

// answer is the state of a field.
type answer struct {
	Value *string `json:"value"`
	choice
}

func (r *Receiver) takeInteraction(s *socket, f frame) {
	var p interaction
	if json.Unmarshal(f.Payload, &p) != nil || p.User.ID == "" {
		r.dismiss(s, f)
		return
	}
	at := r.o.Clock.Now()
	key := "slack/env/" + f.EnvelopeID
	who := r.person(p.User.ID, cmp.Or(p.User.Name, p.User.Username))
	q := &request{r: r, s: s, env: f.EnvelopeID, kind: kindClick, user: p.User.ID, url: p.URL, trigger: p.Trigger, view: p.View.ID, viewType: p.View.Type}
	queue := cmp.Or(p.Channel.ID, "user/"+p.User.ID)
	click := func(c commands.Click) {
		c.Key, c.Actor, c.Channel = key, who, p.Channel.ID
		c.Message = cmp.Or(p.Container.MessageTS, p.Message.TS)
		if c.At.IsZero() {
			c.At = at
		}
		q.begin(queue, func(ctx context.Context) (commands.Reply, error) {
			c.Language = q.lang
			return r.o.Desk.Click(ctx, c)
		})
	}
	switch p.Type {
	case "block_actions":
		if len(p.Actions) == 0 || blocks.Action(p.Actions[0].ActionID) == blocks.Open {
			r.dismiss(s, f) // a button that only opens a page
			return
		}
		// Slack sends one action at a time.
		a := p.Actions[0]
		c := commands.Click{Action: blocks.Action(a.ActionID), Chosen: a.String()}
		c.At, _ = parseTS(a.ActionTS)
		if ref, ok := blocks.ParseBlockID(a.BlockID); ok && a.Value == "" {
			c.Ref = ref
		} else if ref, err := blocks.ParseValue(a.Value); err == nil {
			c.Ref = ref
		}
		click(c)
	case "shortcut", "message_action":
		c := commands.Click{Action: p.Callback}
		c.At, _ = parseTS(p.ActionTS)
		click(c)
	case "view_submission":
		ref, err := blocks.ParseValue(p.View.Metadata)
		if err != nil {
			ref = view.Ref{}
		}
		answers := map[string]string{}
		for id, fields := range p.View.State.Values {
			for _, v := range fields {
				answers[id] = v.String()
				if v.Value != nil {
					answers[id] = *v.Value
				}
			}
		}
		q.kind, q.url = kindSubmit, ""
		for _, b := range p.View.Blocks {
			if b.Type == "input" && q.field == "" {
				q.field = b.BlockID
			}
		}
		q.begin(cmp.Or(ref.Incident, queue), func(ctx context.Context) (commands.Reply, error) {
			return r.o.Desk.Submit(ctx, commands.Submission{Key: key, Actor: who, At: at, Form: p.View.Callback, Ref: ref, Answers: answers, Language: q.lang})
		})
	default:
		r.dismiss(s, f)
	}
}
