package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack/socketmode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/commands"
)

// Handler takes inputs; the engine does.
type Handler interface {
	Handle(ctx context.Context, in engine.Input) (engine.Outcome, error)
}

// Lister lists incidents and reads what is on record of them; the engine's Reader does.
type Lister interface {
	List(ctx context.Context, open bool, limit int) ([]engine.Row, error)
	Events(ctx context.Context, id incident.ID, from int64, limit int) ([]incident.Event, error)
}

// Cursors keep how far each channel's history has been read; the journal does. Losing one repeats reads, nothing more.
type Cursors interface {
	Cursor(ctx context.Context, name string) (string, error)
	SetCursor(ctx context.Context, name, value string) error
}

// ReceiverOptions are what a Receiver needs.
type ReceiverOptions struct {
	Client    *Client
	Clock     *clock.Clock
	Engine    Handler
	Desk      commands.Desk
	List      Lister
	Cursors   Cursors
	Directory *Directory
	// Away is told when Slack could not be heard for a while: what is "slack" (nothing answered) or "socket" (only our sockets were down).
	// It is the house log's business; nil: nobody is told.
	Away func(ctx context.Context, what string, from, to time.Time) error
	// ByHand says how to page somebody without Tocsin, for answers that say that nothing was recorded; nil: nothing is said.
	ByHand   func(language string) catalog.Text
	Language string         // of answers to people whose own language is not known: "en", "fr"; empty: "en"
	Zone     *time.Location // of times that Slack cannot show in the reader's zone
	Log      zerolog.Logger
	// Dial opens the sockets' connections; nil: the network's own. Tests give a pipe.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Stagger is how long after the first socket the second is opened, in real time, so that Slack does not refresh both together; zero: 20 s.
	Stagger time.Duration
	// AckFirst switches a guard off, so that a test can show what it prevents: envelopes are acknowledged before they are committed.
	AckFirst bool
	// NoCatchUp switches another off: history is not read.
	NoCatchUp bool
}

// Receiver hears Slack: two sockets, keyed workers, and history after every absence.
type Receiver struct {
	o    ReceiverOptions
	me   Identity
	pool *pool
	name func(id string) string // what to call somebody in a message; "" when Slack does not say in time
	wg   sync.WaitGroup         // sockets, timers, loops
	// work is the context of what is being recorded: it outlives the sockets by stopGrace, so that a commit is not torn.
	work context.Context

	catch chan struct{} // capacity 1: history must be read
	gate  chan struct{} // capacity 1: one socket is opened at a time

	mu        sync.Mutex
	st        Status
	deaf      time.Time // since when no socket is open; zero: one is
	apiDown   bool      // the Web API failed in the present absence
	ever      bool      // a socket has been open
	lastOpen  time.Time // real time
	lastHeard time.Time // real time of the latest sign; Status.LastFrame is the same by the domain clock
	fatal     error
	clean     bool                 // nothing was missed since history was read
	seen      map[string]string    // latest ts committed, by channel
	live      map[*socket]struct{} // open sockets, for acknowledgements whose own socket is gone
}

// Timing of the receiver; real time where it is the network's.
const (
	stopGrace    = 5 * time.Second
	answerWithin = 2 * time.Second // of Slack's three: the rest is the way there and back
	minOpening   = time.Second     // between two openings of a socket, whatever Slack says
	maxBackoff   = 30 * time.Second
	longRest     = time.Minute      // after a reason that an operator must mend
	stagger      = 20 * time.Second // default of Stagger
	settled      = 30 * time.Second // a socket that lived so long was a good one
	sockets      = 2
	silence      = 45 * time.Second // without any sign, of all sockets together
	noticeable   = 5 * time.Second  // a shorter silence is not worth a line in the log
)

// NewReceiver makes a Receiver.
func NewReceiver(o ReceiverOptions) (*Receiver, error) {
	switch {
	case o.Client == nil || o.Clock == nil || o.Engine == nil || o.Desk == nil || o.List == nil || o.Cursors == nil || o.Directory == nil:
		return nil, errors.New("slack receiver: client, clock, engine, desk, list, cursors and directory are needed")
	}
	if o.Stagger == 0 {
		o.Stagger = stagger
	}
	r := &Receiver{
		o: o, pool: newPool(), catch: make(chan struct{}, 1), gate: make(chan struct{}, 1), seen: map[string]string{}, live: map[*socket]struct{}{},
		st: Status{Want: sockets},
	}
	r.name = func(id string) string { return r.o.Directory.name(r.work, id) }
	return r, nil
}

// Run hears Slack until ctx ends, and then returns nil once everything it started has ended. It returns an error at once when Slack refuses the
// tokens before it ever took them: that is a fault of configuration, and nothing but a person can mend it. Run is called once.
func (r *Receiver) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	work, endWork := context.WithCancel(context.WithoutCancel(ctx))
	defer endWork()
	r.work = work
	r.deaf = r.o.Clock.Now()
	if err := r.identify(ctx); err != nil {
		return err
	}
	for i := range sockets {
		r.wg.Go(func() {
			if i > 0 && !sleep(ctx, time.Duration(i)*r.o.Stagger) {
				return
			}
			r.keepOpen(ctx, stop)
		})
	}
	r.wg.Go(func() { r.catchUpLoop(ctx) })
	r.wg.Go(func() { r.cursorLoop(ctx) })
	<-ctx.Done()
	// What is being recorded may end well, and be acknowledged: sockets close last.
	grace := time.AfterFunc(stopGrace, endWork)
	r.pool.close()
	grace.Stop()
	endWork()
	r.mu.Lock()
	open := r.live
	r.live, r.st.Connected = nil, 0
	r.mu.Unlock()
	for s := range open {
		s.close()
	}
	r.wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fatal
}

// sleep waits in real time; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// identify finds out who we are: without it our own messages could not be told from others'.
func (r *Receiver) identify(ctx context.Context) error {
	for wait := time.Second; ; wait = min(2*wait, maxBackoff) {
		me, err := r.o.Client.Identity(ctx)
		if err == nil {
			r.me = me
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if badAuth[CodeOf(err)] {
			return fmt.Errorf("start hearing Slack: %w", err)
		}
		r.note(err)
		if r.o.Clock.Sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// note keeps an error for Status.
func (r *Receiver) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.st.Error = err.Error()
	if !r.o.Client.Health().Up {
		r.apiDown = true
	}
}

// keepOpen keeps one socket open.
func (r *Receiver) keepOpen(ctx context.Context, stop func()) {
	backoff := minOpening
	for ctx.Err() == nil {
		s, err := r.connect(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			if r.config(err) {
				stop()
				return
			}
			r.note(err)
			rest := backoff
			backoff = min(2*backoff, maxBackoff)
			if f, ok := errors.AsType[*Fault](err); ok {
				rest = max(rest, f.RetryAfter())
			}
			if d, ok := errors.AsType[*disconnected](err); ok && operators(d.reason) {
				rest = longRest
			}
			r.o.Log.Warn().Err(err).Dur("again_in", rest).Msg("slack: a socket could not be opened")
			if r.o.Clock.Sleep(ctx, rest) != nil {
				return
			}
			continue
		}
		opened := time.Now()
		r.o.Log.Info().Msg("slack: a socket is open")
		successor := make(chan error, 1) // one answer: the socket must be replaced
		r.wg.Go(func() { r.read(ctx, s, successor) })
		select {
		case err = <-successor:
		case <-ctx.Done():
			return
		}
		r.count(func(s *Status) *int64 { return &s.Replaced })
		rest := time.Duration(0)
		if time.Since(opened) > settled {
			backoff = minOpening
		} else { // whatever the reason: a Slack that sends every socket away at once must not make us run in circles
			rest = backoff
			backoff = min(2*backoff, maxBackoff)
		}
		if d, ok := errors.AsType[*disconnected](err); ok {
			r.o.Log.Info().Str("reason", clip(d.reason)).Msg("slack: a socket is replaced")
			if operators(d.reason) {
				r.note(err)
				rest = longRest
			}
		} else {
			r.o.Log.Warn().Err(err).Msg("slack: a socket was lost")
		}
		if rest > 0 && r.o.Clock.Sleep(ctx, rest) != nil {
			return
		}
	}
}

// operators reports whether a reason goes away only when a person acts.
func operators(reason string) bool { return reason == reasonDisabled || reason == reasonTooMany }

// config reports whether an error is a fault of configuration that shows at the start. Later the same answer is trouble to be waited out: the
// process still keeps deadlines and pages people.
func (r *Receiver) config(err error) bool {
	code := CodeOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ever || !badAuth[code] && code != "missing_scope" {
		return false
	}
	r.fatal = fmt.Errorf("open a socket to Slack: %w", err)
	return true
}

// connect opens a socket, one at a time and never two within a second: Slack's answers must not be able to make us run in circles.
func (r *Receiver) connect(ctx context.Context) (*socket, error) {
	select {
	case r.gate <- struct{}{}:
		defer func() { <-r.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.mu.Lock()
	wait := minOpening - time.Since(r.lastOpen)
	r.mu.Unlock()
	if wait > 0 && !sleep(ctx, wait) {
		return nil, ctx.Err()
	}
	r.mu.Lock()
	r.lastOpen = time.Now()
	r.mu.Unlock()
	s, err := r.openSocket(ctx)
	if err != nil {
		return nil, err
	}
	r.opened(s)
	return s, nil
}

// opened counts a socket in. When none was open, what happened meanwhile must be read.
func (r *Receiver) opened(s *socket) {
	now := r.o.Clock.Now()
	r.mu.Lock()
	if r.live == nil { // Run is over
		r.mu.Unlock()
		s.close()
		return
	}
	r.live[s] = struct{}{}
	r.st.Connected++
	r.st.Error = ""
	from, first, slackDown := r.deaf, !r.ever, r.apiDown
	r.deaf, r.ever, r.apiDown = time.Time{}, true, false
	absent := !from.IsZero()
	if absent {
		r.st.Since = now
	}
	r.mu.Unlock()
	if absent {
		r.absent(from, now, first, slackDown)
	}
}

// absent has read what happened while nothing was heard, and the absence recorded.
func (r *Receiver) absent(from, to time.Time, first, slackDown bool) {
	r.mu.Lock()
	r.clean = false
	r.mu.Unlock()
	r.wantHistory()
	if first || to.Sub(from) < noticeable || r.o.Away == nil {
		return
	}
	what := "socket"
	if slackDown {
		what = "slack"
	}
	r.wg.Go(func() {
		if err := r.o.Away(r.work, what, from, to); err != nil {
			r.o.Log.Error().Err(err).Str("what", what).Time("from", from).Msg("slack: an absence could not be recorded")
		}
	})
}

// closed counts a socket out.
func (r *Receiver) closed(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.live[s]; !ok {
		return
	}
	delete(r.live, s)
	r.st.Connected--
	if r.st.Connected == 0 {
		// A socket that fell silent was deaf from its last sign on, not from the moment we noticed.
		r.deaf = r.st.LastFrame
		if r.deaf.IsZero() {
			r.deaf = r.o.Clock.Now()
		}
		r.st.Since = r.deaf
		r.clean = false
	}
}

// heard is called at every sign of a socket. A long silence of all of them was an absence even though none was closed yet: what is half open
// looks open. A clock that was moved on (a demo's) is none; but a local Slack's patience may have passed with it, and what went into half-open
// sockets is not sent again: history is read, and nobody is told of an absence.
func (r *Receiver) heard() {
	now, real := r.o.Clock.Now(), time.Now()
	r.mu.Lock()
	from, listening := r.st.LastFrame, r.ever && r.deaf.IsZero()
	silent := listening && real.Sub(r.lastHeard) > silence
	moved := listening && now.Sub(from) > silence
	r.st.LastFrame, r.lastHeard = now, real
	if moved {
		r.clean = false
	}
	r.mu.Unlock()
	switch {
	case silent:
		r.absent(from, now, false, false)
	case moved:
		r.wantHistory()
	}
}

// read reads a socket until it ends. It decodes the outside of envelopes and puts them into queues: it never calls anybody. successor is
// told once, when the socket is told to go (it is read on meanwhile) or is lost.
func (r *Receiver) read(ctx context.Context, s *socket, successor chan<- error) {
	stopReading := context.AfterFunc(ctx, func() { _ = s.ws.SetReadDeadline(time.Now()) })
	defer stopReading()
	told := false
	tell := func(err error) {
		if !told {
			told = true
			successor <- err
		}
	}
	var drain time.Time
	for {
		f, err := s.next()
		if ctx.Err() != nil {
			r.wg.Go(func() { // acknowledgements of what is still being recorded go out until Run closes the socket
				<-r.work.Done()
				r.closed(s)
				s.close()
			})
			return
		}
		if err != nil {
			r.closed(s)
			s.close()
			tell(&Fault{Method: "socket", Code: CodeNoAnswer, Detail: "lost: " + classify("socket", err).Detail})
			return
		}
		if !drain.IsZero() {
			_ = s.ws.SetReadDeadline(drain)
		}
		switch f.Type {
		case socketmode.RequestTypeHello:
		case socketmode.RequestTypeDisconnect:
			tell(&disconnected{f.Reason})
			if operators(f.Reason) {
				r.closed(s)
				s.close()
				return
			}
			if drain.IsZero() {
				drain = time.Now().Add(drainTime)
				_ = s.ws.SetReadDeadline(drain)
			}
		default:
			r.take(s, f)
		}
	}
}

// Status is how well Slack is heard.
type Status struct {
	Connected int       `json:"connected"` // sockets open
	Want      int       `json:"want"`
	Since     time.Time `json:"since"`      // since when at least one, or none, is open
	LastFrame time.Time `json:"last_frame"` // the latest sign of life
	LastEvent time.Time `json:"last_event"` // the latest envelope
	API       Health    `json:"api"`
	Error     string    `json:"error,omitempty"` // why a socket is not open
	Catching  bool      `json:"catching,omitempty"`
	Events    int64     `json:"events"`   // envelopes received
	Refused   int64     `json:"refused"`  // envelopes that found no room or could not be recorded; Slack repeats events
	Bad       int64     `json:"bad"`      // frames that could not be read
	Late      int64     `json:"late"`     // answers that followed by response_url
	CaughtUp  int64     `json:"caught"`   // messages read from history that were news
	Gaps      int64     `json:"gaps"`     // stretches that could not be read
	Unacked   int64     `json:"unacked"`  // acknowledgements that could not be written
	Replaced  int64     `json:"replaced"` // sockets that were told to go or were lost
}

// The states of Status.State.
const (
	StateUp         = "up"
	StateSocketDown = "socket-down" // the Web API answers, our sockets are down: we speak, but do not hear
	StateSlackDown  = "slack-down"
)

// State tells the three apart.
func (s Status) State() string {
	switch {
	case s.Connected > 0:
		return StateUp
	case s.API.Up:
		return StateSocketDown
	}
	return StateSlackDown
}

// Status returns how well Slack is heard.
func (r *Receiver) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.st
	s.API = r.o.Client.Health()
	return s
}

// count adds to a counter of Status.
func (r *Receiver) count(n func(*Status) *int64) {
	r.mu.Lock()
	*n(&r.st)++
	r.mu.Unlock()
}

// language is what an answer to somebody is written in.
func (r *Receiver) language(user string) string {
	return r.o.Directory.Language(user, catalog.Language(r.o.Language))
}
