package pager

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Errors of the domain calls. They are wrapped with the id or key in question.
var (
	ErrDown       = errors.New("PagerDuty is down")
	ErrNotFound   = errors.New("not found")
	ErrResolved   = errors.New("incident already resolved")
	ErrBadAlert   = errors.New("the event is not valid")
	ErrThrottled  = errors.New("too many open incidents")
	errNoEscalate = errors.New("cannot escalate")
)

// Pager is the local PagerDuty. Make one with [New], serve [Pager.Handler], end it with [Pager.Close].
// All methods are safe for concurrent use.
type Pager struct {
	opts  Options
	clock Clock
	loc   *time.Location

	cancel context.CancelFunc
	ctx    context.Context
	wg     sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	last      time.Time // the latest time handed out; time never goes back
	upSince   time.Time // when the last outage ended: due work is never stamped before it
	seq       int       // ids
	number    int       // incident numbers
	users     []*User
	schedules []*Schedule
	standIns  map[string]string      // schedule id -> user id instead of its rotation, until changed
	overrides map[string][]*override // by schedule id, in the order they were made
	policies  []*EscalationPolicy
	services  []*Service
	incidents []*incident // in order of creation
	open      map[string]*incident
	log       []*logEntry
	rings     []Ring
	calls     []Call
	buckets   map[string]*bucket
	hooks     []*hook
	delivered []Delivery
	faults    faults
	subs      map[chan Change]func() bool
	nextDue   time.Time
	cancelDue context.CancelFunc // ends the driver's present wait
	rt        http.RoundTripper
}

// New makes a pager with the account in o and starts its driver. It fails when o refers to something that is not there.
func New(o Options) (*Pager, error) {
	if o.Clock == nil {
		o.Clock = realClock{}
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.RESTPerMinute == 0 {
		o.RESTPerMinute = defaultRESTLimit
	}
	if o.EventsPerMinute == 0 {
		o.EventsPerMinute = defaultEventLimit
	}
	if o.APIURL == "" {
		o.APIURL = "https://api.pagerduty.com"
	}
	if o.HTMLURL == "" {
		o.HTMLURL = "https://sandbox.pagerduty.com"
	}
	p := &Pager{
		opts: o, clock: o.Clock, loc: o.Location,
		standIns: map[string]string{}, overrides: map[string][]*override{}, open: map[string]*incident{}, buckets: map[string]*bucket{},
		subs: map[chan Change]func() bool{}, rt: o.WebhookTransport,
	}
	if p.rt == nil {
		p.rt = &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute}
	}
	for _, u := range o.Users {
		p.users = append(p.users, &u)
	}
	for _, s := range o.Schedules {
		s.Users = slices.Clone(s.Users)
		p.schedules = append(p.schedules, &s)
	}
	for _, e := range o.EscalationPolicies {
		p.policies = append(p.policies, &e)
	}
	for _, s := range o.Services {
		if s.Urgency == "" {
			s.Urgency = High
		}
		p.services = append(p.services, &s)
	}
	if err := p.checkAccount(); err != nil {
		return nil, fmt.Errorf("pager: account: %w", err)
	}
	p.last = p.clock.Now().UTC()
	p.upSince = p.last
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.wg.Go(p.drive)
	for _, w := range o.Webhooks {
		if _, err := p.AddWebhook(w); err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

func (p *Pager) checkAccount() error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	seen := map[string]bool{}
	id := func(kind, s string) {
		if s == "" || seen[s] {
			bad("%s id %q is empty or used twice", kind, s)
		}
		seen[s] = true
	}
	emails := map[string]bool{}
	for _, u := range p.users {
		id("user", u.ID)
		if !strings.Contains(u.Email, "@") || emails[strings.ToLower(u.Email)] {
			bad("user %s: e-mail %q is no address or used twice", u.ID, u.Email)
		}
		emails[strings.ToLower(u.Email)] = true
	}
	for _, s := range p.schedules {
		id("schedule", s.ID)
		if !slices.ContainsFunc(s.Users, func(u string) bool { return u != "" }) {
			bad("schedule %s has no users", s.ID)
		}
		if s.Turn < 0 || s.Turn > 0 && s.Start.IsZero() {
			bad("schedule %s: a rotation needs a start and a positive turn", s.ID)
		}
		for _, u := range s.Users {
			if u != "" && p.user(u) == nil {
				bad("schedule %s names unknown user %q", s.ID, u)
			}
		}
	}
	for _, e := range p.policies {
		id("escalation policy", e.ID)
		if len(e.Levels) == 0 {
			bad("escalation policy %s has no levels", e.ID)
		}
		for i, l := range e.Levels {
			if l.Delay < time.Minute {
				bad("escalation policy %s level %d: the delay is under one minute", e.ID, i+1)
			}
			for _, t := range l.Targets {
				if (t.UserID == "") == (t.ScheduleID == "") || t.UserID != "" && p.user(t.UserID) == nil ||
					t.ScheduleID != "" && p.schedule(t.ScheduleID) == nil {
					bad("escalation policy %s level %d: target %+v must name one known user or schedule", e.ID, i+1, t)
				}
			}
			if len(l.Targets) == 0 {
				bad("escalation policy %s level %d has no target", e.ID, i+1)
			}
		}
	}
	for _, s := range p.services {
		id("service", s.ID)
		if p.policy(s.EscalationPolicyID) == nil {
			bad("service %s names unknown escalation policy %q", s.ID, s.EscalationPolicyID)
		}
		if s.Urgency != High && s.Urgency != Low && s.Urgency != SeverityBased {
			bad("service %s: urgency %q", s.ID, s.Urgency)
		}
		for _, in := range s.Integrations {
			id("integration", in.ID)
			if len(in.Key) != routingKeyLen || seen[in.Key] {
				bad("service %s integration %s: the routing key must have 32 characters and be used once", s.ID, in.ID)
			}
			seen[in.Key] = true
		}
	}
	for _, u := range p.opts.UserTokens {
		if p.user(u) == nil {
			bad("a user token names unknown user %q", u)
		}
	}
	return errors.Join(errs...)
}

// Close ends the driver and the webhook senders, waits for them, and closes every subscriber's channel.
// Requests that arrive afterwards are cut off. It may be called twice.
func (p *Pager) Close() {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	if first {
		for ch, stop := range p.subs {
			stop()
			delete(p.subs, ch)
			close(ch)
		}
	}
	p.mu.Unlock()
	p.cancel()
	p.wg.Wait()
	if t, ok := p.rt.(*http.Transport); ok && first {
		t.CloseIdleConnections()
	}
}

// begin takes the lock, works off what fell due, and returns the time. Each begin is followed by one end.
func (p *Pager) begin() time.Time {
	p.mu.Lock()
	if now := p.clock.Now().UTC(); now.After(p.last) {
		p.last = now
	}
	p.workOffLocked(p.last)
	return p.last
}

func (p *Pager) end() {
	p.rearmLocked()
	p.mu.Unlock()
}

// rearmLocked recomputes when something falls due next and wakes the driver if that moved.
func (p *Pager) rearmLocked() {
	next := time.Time{}
	for _, in := range p.open {
		if at, _ := in.due(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if p.faults.down {
		next = time.Time{}
	}
	if !next.Equal(p.nextDue) {
		p.nextDue = next
		if p.cancelDue != nil {
			p.cancelDue()
		}
	}
}

// drive sleeps until something falls due and works it off. It is the only owner of p.cancelDue.
func (p *Pager) drive() {
	for p.ctx.Err() == nil {
		wait, cancel := context.WithCancel(p.ctx)
		p.begin()
		p.cancelDue = nil
		p.rearmLocked()
		p.cancelDue = cancel
		next := p.nextDue
		p.mu.Unlock()
		if next.IsZero() {
			<-wait.Done()
		} else {
			_ = p.clock.WaitUntil(wait, next) // an error means a new next or Close; both are looked at above
		}
		cancel()
	}
}

// workOffLocked does everything that fell due until now, in order of time.
func (p *Pager) workOffLocked(now time.Time) {
	if p.faults.down || p.nextDue.IsZero() || now.Before(p.nextDue) {
		return
	}
	for range maxDueSteps {
		var first *incident
		var at time.Time
		var what dueKind
		for _, in := range p.open {
			a, k := in.due()
			if a.IsZero() || a.After(now) {
				continue
			}
			if first == nil || a.Before(at) || a.Equal(at) && in.number < first.number {
				first, at, what = in, a, k
			}
		}
		if first == nil {
			return
		}
		if at.Before(p.upSince) {
			at = p.upSince
		}
		p.dueLocked(first, what, at)
	}
}

// Subscribe returns a channel that gets a [Change] whenever an incident, a ring, a webhook delivery or a fault switch
// moved. It is closed when ctx ends or the pager closes. A reader that falls 64 changes behind misses some.
func (p *Pager) Subscribe(ctx context.Context) <-chan Change {
	ch := make(chan Change, 64)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || ctx.Err() != nil {
		close(ch)
		return ch
	}
	p.subs[ch] = context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if _, ok := p.subs[ch]; ok {
			delete(p.subs, ch)
			close(ch)
		}
	})
	return ch
}

func (p *Pager) changedLocked(kind, incidentID string, at time.Time) {
	for ch := range p.subs {
		select {
		case ch <- Change{Kind: kind, IncidentID: incidentID, At: at}:
		default:
		}
	}
}

// newID returns an id that looks like PagerDuty's and is the same in every run. Consecutive ids differ in more than
// their last letter, so that mixing two up is visible.
func (p *Pager) newID(prefix string) string {
	p.seq++
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	n := uint64(p.seq) * 2_862_933_555_777_941_757 >> 8
	b := []byte(prefix)
	for range 5 {
		b = append(b, letters[n%36])
		n /= 36
	}
	return fmt.Sprintf("%s%04X", b, p.seq) // the counter keeps it unique
}

func keep[T any](s []T, most int) []T {
	if len(s) <= most {
		return s
	}
	return slices.Delete(s, 0, len(s)-most)
}

func (p *Pager) user(id string) *User {
	for _, u := range p.users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

func (p *Pager) userByEmail(email string) *User {
	for _, u := range p.users {
		if strings.EqualFold(u.Email, email) {
			return u
		}
	}
	return nil
}

func (p *Pager) schedule(id string) *Schedule {
	for _, s := range p.schedules {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func (p *Pager) policy(id string) *EscalationPolicy {
	for _, e := range p.policies {
		if e.ID == id {
			return e
		}
	}
	return nil
}

func (p *Pager) service(id string) *Service {
	for _, s := range p.services {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func (p *Pager) byKey(routingKey string) (*Service, *Integration) {
	for _, s := range p.services {
		for i := range s.Integrations {
			if s.Integrations[i].Key == routingKey {
				return s, &s.Integrations[i]
			}
		}
	}
	return nil, nil
}

func (p *Pager) incident(id string) *incident {
	for _, in := range slices.Backward(p.incidents) {
		if in.id == id {
			return in
		}
	}
	return nil
}

// realClock is the default Clock.
type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) WaitUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
