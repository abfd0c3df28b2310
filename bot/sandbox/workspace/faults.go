package workspace

import (
	"sync"
	"time"
)

// AllMethods stands for every Web API method in the fault switches.
const AllMethods = "*"

// Reasons of a Socket Mode disconnect frame.
const (
	ReasonWarning  = "warning"
	ReasonRefresh  = "refresh_requested"
	ReasonDisabled = "link_disabled"
	ReasonTooMany  = "too_many_websockets"
)

// Faults are the switches with which a test or a lever on the demo's page breaks the
// workspace while it runs. All methods may be called at any time. People keep acting
// while Slack is down for apps: what they do is seen later, as after an outage.
type Faults struct {
	w *Workspace

	mu    sync.Mutex
	state FaultState
	next  map[string][]planned // by method, AllMethods for any
}

// FaultState is a copy of the switches.
type FaultState struct {
	Down          bool                     `json:"down"`
	SocketDown    bool                     `json:"socket_down"`
	LinkDisabled  bool                     `json:"link_disabled"`
	Slow          time.Duration            `json:"slow"`
	RateLimited   map[string]time.Duration `json:"rate_limited"` // by method
	Delay         time.Duration            `json:"delay"`
	DuplicateNext int                      `json:"duplicate_next"`
	LoseNext      int                      `json:"lose_next"`
	OwnSocketAcks bool                     `json:"own_socket_acks"`
	Planned       int                      `json:"planned"` // calls that will still fail
}

// planned is what happens to one coming call.
type planned struct {
	errCode string // answer this error instead of working
	status  int    // answer this HTTP status instead of working
	html    bool   // answer HTML with status 200 instead of working
	after   string // "500" or "cut": work first, then answer 500 or nothing
}

func newFaults(w *Workspace) *Faults {
	return &Faults{w: w, next: map[string][]planned{}, state: FaultState{RateLimited: map[string]time.Duration{}}}
}

// Faults returns the fault switches.
func (w *Workspace) Faults() *Faults { return w.faults }

// set changes the switches and tells the subscribers.
func (f *Faults) set(change func(s *FaultState)) {
	f.mu.Lock()
	change(&f.state)
	f.mu.Unlock()
	f.w.subs.publish(Change{Kind: ChangeFault})
}

func (f *Faults) down() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.Down
}

// State returns a copy of the switches.
func (f *Faults) State() FaultState {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state
	s.RateLimited = map[string]time.Duration{}
	for m, d := range f.state.RateLimited {
		s.RateLimited[m] = d
	}
	for _, list := range f.next {
		s.Planned += len(list)
	}
	return s
}

// Clear switches everything off. Sockets that were half-open are dropped.
func (f *Faults) Clear() {
	f.mu.Lock()
	f.next = map[string][]planned{}
	f.mu.Unlock()
	f.set(func(s *FaultState) { *s = FaultState{RateLimited: map[string]time.Duration{}} })
	f.w.eachConn(func(c *conn) {
		if c.isHalfOpen() {
			c.kill()
		}
	})
}

// Down cuts every HTTP connection without an answer and drops every socket, until it
// is switched off. Events that happen meanwhile are kept for later.
func (f *Faults) Down(on bool) {
	f.set(func(s *FaultState) { s.Down = on })
	if on {
		f.DropSockets()
	}
}

// SocketDown drops the sockets and refuses new ones with 503, while the Web API works.
func (f *Faults) SocketDown(on bool) {
	f.set(func(s *FaultState) { s.SocketDown = on })
	if on {
		f.DropSockets()
	}
}

// LinkDisabled switches Socket Mode off for all apps: every socket, open or new, gets
// a disconnect frame with the reason link_disabled.
func (f *Faults) LinkDisabled(on bool) {
	f.set(func(s *FaultState) { s.LinkDisabled = on })
	if on {
		f.Disconnect(ReasonDisabled)
	}
}

// Slow makes every Web API call take d longer, in real time, before it is done. 0
// switches it off.
func (f *Faults) Slow(d time.Duration) { f.set(func(s *FaultState) { s.Slow = d }) }

// RateLimit answers every call of the method (or AllMethods) with 429 and this
// Retry-After, rounded up to seconds. 0 switches it off.
func (f *Faults) RateLimit(method string, retryAfter time.Duration) {
	f.set(func(s *FaultState) {
		if retryAfter <= 0 {
			delete(s.RateLimited, method)
			return
		}
		s.RateLimited[method] = retryAfter
	})
}

// FailNext answers the next n calls of the method (or AllMethods) with a Slack error
// and does nothing.
func (f *Faults) FailNext(method string, n int, code string) {
	f.plan(method, n, planned{errCode: code})
}

// StatusNext answers the next n calls with an HTTP status and does nothing.
func (f *Faults) StatusNext(method string, n, status int) {
	f.plan(method, n, planned{status: status})
}

// HTMLNext answers the next n calls with an HTML page and status 200 and does nothing.
func (f *Faults) HTMLNext(method string, n int) { f.plan(method, n, planned{html: true}) }

// DoThenFail does the work of the next n calls and answers 500.
func (f *Faults) DoThenFail(method string, n int) { f.plan(method, n, planned{after: "500"}) }

// DoThenCut does the work of the next n calls and cuts the connection without an answer.
func (f *Faults) DoThenCut(method string, n int) { f.plan(method, n, planned{after: "cut"}) }

// maxPlanned bounds the calls that are to fail.
const maxPlanned = 10_000

func (f *Faults) plan(method string, n int, p planned) {
	f.mu.Lock()
	for range n {
		if len(f.next[method]) < maxPlanned {
			f.next[method] = append(f.next[method], p)
		}
	}
	f.mu.Unlock()
	f.w.subs.publish(Change{Kind: ChangeFault})
}

// take uses up the plan for a call of the method.
func (f *Faults) take(method string) planned {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range []string{method, AllMethods} {
		if list := f.next[key]; len(list) > 0 {
			f.next[key] = list[1:]
			return list[0]
		}
	}
	return planned{}
}

func (f *Faults) rateLimited(method string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(f.state.RateLimited[method], f.state.RateLimited[AllMethods])
}

func (f *Faults) slow() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.Slow
}

// DropSockets closes the TCP connection of every socket and returns how many.
func (f *Faults) DropSockets() int {
	return f.w.eachConn(func(c *conn) { c.kill() })
}

// HalfOpen makes every socket that is open now fall silent: nothing is sent, not even
// pings, and nothing received counts, but it is not closed. It returns how many. The
// workspace still believes in them and gives them envelopes.
func (f *Faults) HalfOpen() int {
	return f.w.eachConn(func(c *conn) { c.setHalfOpen() })
}

// Disconnect sends every socket a disconnect frame with this reason. A socket that was
// told to refresh gets no new envelopes and is closed ten seconds (real time) later;
// the other reasons close it at once. It returns how many.
func (f *Faults) Disconnect(reason string) int {
	return f.w.eachConn(func(c *conn) { c.disconnect(reason) })
}

// DuplicateNext sends each of the next n envelopes twice, with one envelope_id and
// retry_attempt 0.
func (f *Faults) DuplicateNext(n int) { f.set(func(s *FaultState) { s.DuplicateNext = n }) }

// LoseNext takes the next n envelopes as sent without sending them: events come again
// as retries, commands time out.
func (f *Faults) LoseNext(n int) { f.set(func(s *FaultState) { s.LoseNext = n }) }

// Delay delivers every envelope this much later, by the workspace's clock. 0 switches
// it off; what is already delayed keeps its time.
func (f *Faults) Delay(d time.Duration) { f.set(func(s *FaultState) { s.Delay = d }) }

// OwnSocketAcks, when on, ignores acknowledgements that come over another connection
// than the one the envelope was sent on.
func (f *Faults) OwnSocketAcks(on bool) { f.set(func(s *FaultState) { s.OwnSocketAcks = on }) }

func (f *Faults) countdown(n func(s *FaultState) *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := n(&f.state)
	if *p <= 0 {
		return false
	}
	*p--
	return true
}
