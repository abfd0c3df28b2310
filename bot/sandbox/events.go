package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// notice is one server-sent event.
type notice struct {
	Source     string    `json:"source"` // slack, pagerduty, clock
	Kind       string    `json:"kind,omitempty"`
	Channel    string    `json:"channel,omitempty"`
	TS         string    `json:"ts,omitempty"`
	User       string    `json:"user,omitempty"`
	IncidentID string    `json:"incident_id,omitempty"`
	Clock      time.Time `json:"clock"`
}

// maxStreams bounds the event streams held open at once.
const maxStreams = 256

// serveEvents streams changes until the reader goes away or the sandbox closes.
func (s *Sandbox) serveEvents(w http.ResponseWriter, r *http.Request) {
	tick := make(chan struct{}, 1)
	s.mu.Lock()
	if s.closed || len(s.ticks) >= maxStreams {
		s.mu.Unlock()
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": "the sandbox is closing, or holds too many event streams"})
		return
	}
	s.wg.Add(1)
	s.ticks[tick] = true
	s.mu.Unlock()
	defer s.wg.Done()
	defer func() {
		s.mu.Lock()
		delete(s.ticks, tick)
		s.mu.Unlock()
	}()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	flush := http.NewResponseController(w)
	_ = flush.SetWriteDeadline(time.Time{}) // a stream outlives the server's write timeout; a writer that has none says so
	slack, pages := s.Workspace.Subscribe(r.Context()), s.Pager.Subscribe(r.Context())
	send := func(n notice) bool {
		n.Clock = s.clock.Now()
		b, err := json.Marshal(n)
		if err != nil {
			return false
		}
		_, err = fmt.Fprintf(w, "data: %s\n\n", b)
		return err == nil
	}
	if _, err := fmt.Fprint(w, ": the sandbox's events\n\n"); err != nil || flush.Flush() != nil {
		return
	}
	beat := time.NewTicker(15 * time.Second) // keeps proxies from closing the stream
	defer beat.Stop()
	for {
		ok := true
		select {
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		case <-tick:
			ok = send(notice{Source: "clock", Kind: "moved"})
		case c, open := <-slack:
			if !open {
				return
			}
			ok = send(notice{Source: "slack", Kind: c.Kind, Channel: c.Channel, TS: c.TS, User: c.User})
		case c, open := <-pages:
			if !open {
				return
			}
			ok = send(notice{Source: "pagerduty", Kind: c.Kind, IncidentID: c.IncidentID})
		case <-beat.C:
			_, err := fmt.Fprint(w, ": beat\n\n")
			ok = err == nil
		}
		if !ok || flush.Flush() != nil {
			return
		}
	}
}
