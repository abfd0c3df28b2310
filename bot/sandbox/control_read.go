package sandbox

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// someone is a user as the page shows them.
type someone struct {
	workspace.User
	Role        string `json:"role,omitempty"`
	Title       string `json:"title,omitempty"`
	PagerDutyID string `json:"pagerduty_id,omitempty"`
	IsApp       bool   `json:"bot"`
}

func (s *Sandbox) getSession(*call) (any, error) {
	var people []someone
	for _, u := range s.Workspace.Users() {
		x := someone{User: u, IsApp: u.Bot}
		for _, m := range s.members {
			if m.SlackID == u.ID {
				x.Role, x.Title, x.PagerDutyID = m.Role, m.Title, m.PagerDutyID
			}
		}
		people = append(people, x)
	}
	commands := []string{}
	for _, a := range s.Workspace.Apps() {
		commands = append(commands, a.Commands...)
	}
	return map[string]any{"team": "VitaKYC", "people": people, "commands": commands, "alerts": Alerts(), "clock": s.clock.Now()}, nil
}

func (s *Sandbox) getStatus(*call) (any, error) {
	return map[string]any{"clock": s.clock.Now(), "slack": s.Workspace.Faults().State(), "pagerduty": s.Pager.Faults(), "connections": len(s.Workspace.Connections())}, nil
}

func (s *Sandbox) getCast(*call) (any, error) { return s.members, nil }

func (s *Sandbox) getClock(*call) (any, error) {
	return map[string]any{"clock": s.clock.Now(), "movable": s.mover != nil}, nil
}

func (s *Sandbox) moveClock(c *call) (any, error) {
	var b struct {
		Advance string `json:"advance"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	d, err := duration("advance", b.Advance)
	if err == nil {
		err = s.Advance(d)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"clock": s.clock.Now()}, nil
}

func (s *Sandbox) getChannels(*call) (any, error) { return s.Workspace.Channels(), nil }

// seenBy reports whether a person can see a conversation.
func seenBy(ch workspace.Channel, user string) bool {
	return ch.Kind == workspace.KindPublic || slices.Contains(ch.Members, user)
}

func (s *Sandbox) getMessages(c *call) (any, error) {
	ch, ok := s.Workspace.Channel(c.PathValue("channel"))
	if !ok {
		return nil, missing("there is no conversation %q", c.PathValue("channel"))
	}
	out := map[string]any{"ephemerals": []workspace.Message{}}
	if as := c.URL.Query().Get("as"); as != "" {
		u, err := s.person(as)
		if err != nil {
			return nil, err
		}
		if !seenBy(ch, u.ID) {
			return nil, missing("%s cannot see this conversation", u.RealName)
		}
		if e := s.Workspace.Ephemerals(u.ID, ch.ID); e != nil {
			out["ephemerals"] = e
		}
	}
	list := s.Workspace.Messages(ch.ID)
	if v := c.URL.Query().Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return nil, refused{http.StatusBadRequest, "limit must be a number"}
		}
		list = list[max(0, len(list)-n):]
	}
	if list == nil {
		list = []workspace.Message{}
	}
	out["messages"] = list
	return out, nil
}

// summary is a conversation as one person sees it in the list.
type summary struct {
	workspace.Channel
	Member      bool   `json:"member"`
	LastTS      string `json:"last_ts"`         // newest message of somebody else
	LastMention string `json:"last_mention_ts"` // newest message that alerted this person
}

func (s *Sandbox) getPersonChannels(c *call) (any, error) {
	u, err := s.person(c.PathValue("who"))
	if err != nil {
		return nil, err
	}
	out := []summary{}
	for _, ch := range s.Workspace.Channels() {
		if !seenBy(ch, u.ID) {
			continue
		}
		x := summary{Channel: ch, Member: slices.Contains(ch.Members, u.ID)}
		for _, m := range slices.Backward(s.Workspace.Messages(ch.ID)) {
			if m.Deleted || m.User == u.ID && m.BotID == "" {
				continue
			}
			if x.LastTS == "" {
				x.LastTS = m.TS
			}
			if slices.Contains(m.Notified, u.ID) {
				x.LastMention = m.TS
				break
			}
		}
		out = append(out, x)
	}
	return out, nil
}

func (s *Sandbox) getEphemerals(c *call) (any, error) {
	u, err := s.person(c.PathValue("who"))
	if err != nil {
		return nil, err
	}
	return orEmpty(s.Workspace.Ephemerals(u.ID, "")), nil
}

func (s *Sandbox) getViews(c *call) (any, error) {
	u, err := s.person(c.PathValue("who"))
	if err != nil {
		return nil, err
	}
	return orEmpty(s.Workspace.Views(u.ID)), nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (s *Sandbox) getHome(c *call) (any, error) {
	u, err := s.person(c.PathValue("who"))
	if err != nil {
		return nil, err
	}
	v, ok := s.Workspace.Home(u.ID)
	if !ok {
		return map[string]any{"view": nil}, nil
	}
	return map[string]any{"view": v}, nil
}

// listLimit cuts a list to its newest ?limit entries.
func listLimit(c *call) int {
	n, err := strconv.Atoi(c.URL.Query().Get("limit"))
	if err != nil {
		return 0
	}
	return max(n, 0)
}

func (s *Sandbox) slackCalls(c *call) (any, error) { return s.Workspace.Calls(listLimit(c)), nil }
func (s *Sandbox) pagerCalls(*call) (any, error)   { return orEmpty(s.Pager.Calls()), nil }

func (s *Sandbox) getStrange(*call) (any, error) {
	return map[string]any{"slack": orEmpty(s.Workspace.Strange()), "pagerduty": orEmpty(s.Pager.Unexpected())}, nil
}

func (s *Sandbox) getEnvelopes(*call) (any, error) {
	return map[string]any{"envelopes": s.Workspace.Envelopes(), "connections": orEmpty(s.Workspace.Connections())}, nil
}

func (s *Sandbox) getWebhooks(*call) (any, error) {
	return map[string]any{"webhooks": s.Pager.Webhooks(), "deliveries": orEmpty(s.Pager.Deliveries())}, nil
}

func (s *Sandbox) getLog(*call) (any, error) { return s.Pager.LogEntries(), nil }
