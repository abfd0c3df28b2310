package sandbox

import (
	"encoding/json"
	"net/http"

	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// acts reads who acts, and the body of what they do.
func (s *Sandbox) acts(c *call, body any) (workspace.Person, error) {
	p, err := s.who(c)
	if err == nil {
		err = c.read(body)
	}
	return p, err
}

func (s *Sandbox) postMessage(c *call) (any, error) {
	var b struct {
		Channel   string `json:"channel"`
		Text      string `json:"text"`
		ThreadTS  string `json:"thread_ts"`
		Broadcast bool   `json:"broadcast"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	var opts []workspace.PostOption
	if b.ThreadTS != "" {
		opts = append(opts, workspace.InThread(b.ThreadTS))
		if b.Broadcast {
			opts = append(opts, workspace.AlsoToChannel())
		}
	}
	return result(p.Post(b.Channel, b.Text, opts...))
}

func (s *Sandbox) editMessage(c *call) (any, error) {
	var b struct {
		Text string `json:"text"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return nil, p.Edit(c.PathValue("channel"), c.PathValue("ts"), b.Text)
}

// onMessage runs an act on a message that takes nothing else.
func (s *Sandbox) onMessage(c *call, act func(p workspace.Person, channel, ts string) error) (any, error) {
	p, err := s.who(c)
	if err != nil {
		return nil, err
	}
	return nil, act(p, c.PathValue("channel"), c.PathValue("ts"))
}

func (s *Sandbox) deleteMessage(c *call) (any, error) {
	return s.onMessage(c, func(p workspace.Person, channel, ts string) error { return p.Delete(channel, ts) })
}

func (s *Sandbox) react(c *call) (any, error) {
	return s.onMessage(c, func(p workspace.Person, channel, ts string) error { return p.React(channel, ts, c.PathValue("name")) })
}

func (s *Sandbox) unreact(c *call) (any, error) {
	return s.onMessage(c, func(p workspace.Person, channel, ts string) error { return p.Unreact(channel, ts, c.PathValue("name")) })
}

func (s *Sandbox) dismiss(c *call) (any, error) {
	return s.onMessage(c, func(p workspace.Person, _, ts string) error { p.DismissEphemeral(ts); return nil })
}

// element is what an act on an element names. A value that is null or absent presses a button.
type element struct {
	ActionID string          `json:"action_id"`
	BlockID  string          `json:"block_id"`
	Value    json.RawMessage `json:"value"`
}

// value is nil, a string or a list of strings.
func (e element) value() (any, error) {
	if len(e.Value) == 0 || string(e.Value) == "null" {
		return nil, nil
	}
	var one string
	if json.Unmarshal(e.Value, &one) == nil {
		return one, nil
	}
	many := []string{}
	if json.Unmarshal(e.Value, &many) == nil {
		return many, nil
	}
	return nil, refused{http.StatusBadRequest, "value must be a string or a list of strings"}
}

func (s *Sandbox) actOnMessage(c *call) (any, error) {
	var b element
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	value, err := b.value()
	if err != nil {
		return nil, err
	}
	channel, ts := c.PathValue("channel"), c.PathValue("ts")
	if value == nil {
		return result(p.Click(c.Context(), channel, ts, b.ActionID, b.BlockID))
	}
	return result(p.Select(c.Context(), channel, ts, b.ActionID, value, b.BlockID))
}

// result is what an act answers, or nothing beside an error.
func result[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (s *Sandbox) messageShortcut(c *call) (any, error) {
	var b struct {
		CallbackID string `json:"callback_id"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return result(p.MessageShortcut(c.Context(), c.PathValue("channel"), c.PathValue("ts"), b.CallbackID))
}

func (s *Sandbox) shortcut(c *call) (any, error) {
	var b struct {
		CallbackID string `json:"callback_id"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return result(p.Shortcut(c.Context(), b.CallbackID))
}

func (s *Sandbox) command(c *call) (any, error) {
	var b struct {
		Channel string `json:"channel"`
		Command string `json:"command"`
		Text    string `json:"text"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return result(p.Command(c.Context(), b.Channel, b.Command, b.Text))
}

func (s *Sandbox) actInView(c *call) (any, error) {
	var b element
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	value, err := b.value()
	if err != nil {
		return nil, err
	}
	return result(p.ClickInView(c.Context(), c.PathValue("view"), b.ActionID, value, b.BlockID))
}

func (s *Sandbox) submit(c *call) (any, error) {
	var b struct {
		Values map[string]map[string]any `json:"values"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return result(p.Submit(c.Context(), c.PathValue("view"), b.Values))
}

func (s *Sandbox) closeView(c *call) (any, error) {
	var b struct {
		All bool `json:"all"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return result(p.CloseView(c.Context(), c.PathValue("view"), b.All))
}

func (s *Sandbox) openHome(c *call) (any, error) {
	p, err := s.who(c)
	if err != nil {
		return nil, err
	}
	return nil, p.OpenHome("")
}

// inChannel reads the body {"channel": ...} and acts.
func (s *Sandbox) inChannel(c *call, act func(p workspace.Person, channel string) error) (any, error) {
	var b struct {
		Channel string `json:"channel"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return nil, act(p, b.Channel)
}

func (s *Sandbox) join(c *call) (any, error) {
	return s.inChannel(c, func(p workspace.Person, channel string) error { return p.Join(channel) })
}

func (s *Sandbox) leave(c *call) (any, error) {
	return s.inChannel(c, func(p workspace.Person, channel string) error { return p.Leave(channel) })
}

func (s *Sandbox) invite(c *call) (any, error) {
	var b struct {
		Channel string   `json:"channel"`
		Users   []string `json:"users"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	for i, who := range b.Users {
		u, err := s.person(who)
		if err != nil {
			return nil, err
		}
		b.Users[i] = u.ID
	}
	return nil, p.InviteTo(b.Channel, b.Users...)
}

func (s *Sandbox) dm(c *call) (any, error) {
	var b struct {
		User string `json:"user"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	u, err := s.person(b.User)
	if err != nil {
		return nil, err
	}
	return result(p.OpenDM(u.ID))
}

func (s *Sandbox) createChannel(c *call) (any, error) {
	var b struct {
		Name    string `json:"name"`
		Private bool   `json:"private"`
	}
	p, err := s.acts(c, &b)
	if err != nil {
		return nil, err
	}
	return result(p.CreateChannel(b.Name, b.Private))
}
