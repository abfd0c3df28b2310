package sandbox

import (
	"net/http"

	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

func (s *Sandbox) getPages(*call) (any, error) {
	return map[string]any{"incidents": s.Pager.Incidents(), "rings": orEmpty(s.Pager.Rings())}, nil
}

func (s *Sandbox) fire(c *call) (any, error) {
	var b struct {
		Alert  string       `json:"alert"`
		Target string       `json:"target"`
		Event  *pager.Alert `json:"event"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	if (b.Alert == "") == (b.Event == nil) {
		return nil, refused{http.StatusBadRequest, "give either alert (a name) or target and event"}
	}
	if b.Alert != "" {
		f, err := s.FireAlert(b.Alert)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
	if b.Target == "" {
		b.Target = ProductionKey
	}
	f, err := s.Pager.Fire(b.Target, *b.Event)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (s *Sandbox) clearAlert(c *call) (any, error) {
	var b struct {
		Alert    string `json:"alert"`
		DedupKey string `json:"dedup_key"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	if b.Alert != "" {
		return nil, s.ClearAlert(b.Alert)
	}
	return nil, s.Pager.Clear(b.DedupKey)
}

// onPage acts on a PagerDuty incident as a person.
func (s *Sandbox) onPage(c *call, act func(user, incident, text string, to []string) error) (any, error) {
	var b struct {
		As   string   `json:"as"`
		Text string   `json:"text"`
		To   []string `json:"to"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	user, err := s.pagerID(b.As)
	if err != nil {
		return nil, err
	}
	for i, who := range b.To {
		if b.To[i], err = s.pagerID(who); err != nil {
			return nil, err
		}
	}
	return nil, act(user, c.PathValue("incident"), b.Text, b.To)
}

func (s *Sandbox) ackPage(c *call) (any, error) {
	return s.onPage(c, func(u, i, _ string, _ []string) error { return s.Pager.Acknowledge(u, i) })
}

func (s *Sandbox) resolvePage(c *call) (any, error) {
	return s.onPage(c, func(u, i, _ string, _ []string) error { return s.Pager.Resolve(u, i) })
}

func (s *Sandbox) notePage(c *call) (any, error) {
	return s.onPage(c, func(u, i, text string, _ []string) error { return s.Pager.AddNote(u, i, text) })
}

func (s *Sandbox) escalatePage(c *call) (any, error) {
	return s.onPage(c, func(u, i, _ string, _ []string) error { return s.Pager.Escalate(u, i) })
}

func (s *Sandbox) reassignPage(c *call) (any, error) {
	return s.onPage(c, func(u, i, _ string, to []string) error { return s.Pager.Reassign(u, i, to...) })
}

func (s *Sandbox) setOnCall(c *call) (any, error) {
	var b struct {
		Schedule string `json:"schedule"`
		Who      string `json:"who"`
	}
	if err := c.read(&b); err != nil {
		return nil, err
	}
	id := ""
	if b.Who != "" {
		var err error
		if id, err = s.pagerID(b.Who); err != nil {
			return nil, err
		}
	}
	return nil, s.Pager.SetOnCall(b.Schedule, id)
}
