package workspace

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of what is kept. What is older falls out first.
const (
	maxMessagesPerChannel = 50_000
	maxChannels           = 20_000
	maxEphemerals         = 1_000 // per person
	maxCalls              = 20_000
	maxOddities           = 1_000
	maxWaitingEvents      = 20_000 // per app
	maxFiles              = 1_000
	maxFileBytes          = 1 << 20 // content kept per file
	maxTickets            = 256
	maxTriggers           = 4_096
	maxResponseURLs       = 4_096
)

// Workspace is a local Slack. Make one with [New], serve [Workspace.Handler], and
// [Workspace.Close] it.
type Workspace struct {
	opt    Options
	clock  Clock
	secret [32]byte

	ctx    context.Context // ends at Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // every goroutine of the workspace
	domain *timers        // by the movable clock
	real   *timers        // by real time

	faults *Faults
	subs   subscribers

	mu        sync.Mutex // guards all below
	closed    bool
	base      string // scheme and host under which apps reached us last
	counters  map[string]int
	lastTS    int64 // microseconds
	users     []*User
	userByID  map[string]*User
	apps      []*app
	groups    []UserGroup
	channels  []*channel
	chanByID  map[string]*channel
	names     map[string]*channel   // by current name
	ephemeral map[string][]*Message // by user
	views     map[string][]*view    // open modals by user, topmost last
	homes     map[string]*view      // by app and user
	viewByID  map[string]*view
	files     map[string]*file
	fileOrder []string
	tickets   []ticket
	triggers  map[string]*trigger
	trigOrder []string
	urls      map[string]*responseURL
	urlOrder  []string
	calls     []Call
	callSeq   int
	oddities  []Oddity
	stats     EnvelopeStats
	buckets   map[string]*bucket
	nextConn  int
}

// app is an installed app with its sockets and undelivered events.
type app struct {
	App
	scopes  map[string]bool
	events  map[string]bool
	conns   []*conn
	lastUse int // for round robin
	open    map[string]*envelope
	waiting []*envelope // events without a socket, in order
	known   []string    // settled envelope ids, oldest first
}

// channel is a conversation and its messages.
type channel struct {
	Channel
	member   map[string]bool
	messages []*Message // by ts
	byTS     map[string]*Message
}

// New makes a workspace. It panics on Options that cannot be (two channels of one
// name, a member nobody knows): they are the programmer's.
func New(opt Options) *Workspace {
	w := &Workspace{
		opt:       opt,
		clock:     opt.Clock,
		counters:  map[string]int{},
		userByID:  map[string]*User{},
		chanByID:  map[string]*channel{},
		names:     map[string]*channel{},
		ephemeral: map[string][]*Message{},
		views:     map[string][]*view{},
		homes:     map[string]*view{},
		viewByID:  map[string]*view{},
		files:     map[string]*file{},
		triggers:  map[string]*trigger{},
		urls:      map[string]*responseURL{},
		buckets:   map[string]*bucket{},
		base:      "http://sandbox.invalid",
	}
	if w.clock == nil {
		w.clock = realClock{}
	}
	if opt.Seed != 0 {
		binary.LittleEndian.PutUint64(w.secret[:], opt.Seed)
	} else if _, err := crand.Read(w.secret[:]); err != nil {
		panic(fmt.Sprintf("workspace: no randomness for tokens: %v", err))
	}
	w.defaults()
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.faults = newFaults(w)
	w.domain = newTimers(w.clock)
	w.real = newTimers(realClock{})
	w.populate()
	w.wg.Go(func() { w.domain.run(w.ctx) })
	w.wg.Go(func() { w.real.run(w.ctx) })
	return w
}

// defaults fills the options that were left out.
func (w *Workspace) defaults() {
	o := &w.opt
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&o.TeamID, "T0SANDBOX")
	def(&o.TeamName, "Sandbox")
	def(&o.Domain, "sandbox")
	if o.PingInterval <= 0 {
		o.PingInterval = 10 * time.Second
	}
	if o.AckTimeout <= 0 {
		o.AckTimeout = 3 * time.Second
	}
	if o.ConnectionLife == 0 {
		o.ConnectionLife = 18060 * time.Second
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = 10
	}
	if len(o.Users) == 0 {
		o.Users = []User{
			{Name: "alice", RealName: "Alice Martin"},
			{Name: "bob", RealName: "Bob Durand"},
		}
	}
	if len(o.Apps) == 0 {
		o.Apps = []App{{}}
	}
	if !slices.ContainsFunc(o.Channels, func(c ChannelSpec) bool { return c.Name == "general" }) {
		o.Channels = append([]ChannelSpec{{Name: "general"}}, o.Channels...)
		if len(o.Channels) == 1 {
			o.Channels = append(o.Channels, ChannelSpec{Name: "random"})
		}
	}
}

// populate makes users, apps and channels from the options.
func (w *Workspace) populate() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range w.opt.Users {
		w.addUserLocked(u)
	}
	for _, a := range w.opt.Apps {
		w.addAppLocked(a)
	}
	w.groups = slices.Clone(w.opt.UserGroups)
	for i := range w.groups {
		if w.groups[i].ID == "" {
			w.groups[i].ID = w.countedLocked("S")
		}
	}
	for _, spec := range w.opt.Channels {
		kind := KindPublic
		if spec.Private {
			kind = KindPrivate
		}
		if err := w.checkNameLocked(spec.Name); err != nil {
			panic(fmt.Sprintf("workspace: channel %q: %v", spec.Name, err))
		}
		creator := ""
		if len(w.users) > 0 {
			creator = w.users[0].ID
		}
		c := w.addChannelLocked(spec.ID, spec.Name, kind, creator)
		c.Topic, c.Purpose = spec.Topic, spec.Purpose
		members := spec.Members
		if members == nil && !spec.Private {
			for _, u := range w.users {
				if !u.Bot && !u.Deleted {
					members = append(members, u.ID)
				}
			}
		}
		for _, m := range members {
			u := w.findUserLocked(m)
			if u == nil {
				panic(fmt.Sprintf("workspace: channel %q: no user %q", spec.Name, m))
			}
			c.addMember(u.ID)
		}
	}
	for _, a := range w.apps {
		for _, name := range a.Channels {
			c := w.findChannelLocked(name)
			if c == nil {
				panic(fmt.Sprintf("workspace: app %s: no channel %q", a.AppID, name))
			}
			c.addMember(a.BotUserID)
		}
	}
}

func (w *Workspace) addUserLocked(u User) *User {
	if u.ID == "" {
		u.ID = w.countedLocked("U")
	}
	if u.Name == "" {
		u.Name = strings.ToLower(u.ID)
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	if u.Email == "" && !u.Bot {
		u.Email = u.Name + "@" + w.opt.Domain + ".example"
	}
	if u.TZ == "" {
		u.TZ = "Europe/Paris"
	}
	if u.Locale == "" {
		u.Locale = "en-US"
	}
	if w.userByID[u.ID] != nil {
		panic(fmt.Sprintf("workspace: two users have the id %s", u.ID))
	}
	p := &u
	w.users = append(w.users, p)
	w.userByID[u.ID] = p
	return p
}

func (w *Workspace) addAppLocked(a App) {
	if a.AppID == "" {
		a.AppID = w.countedLocked("A")
	}
	if a.Name == "" {
		a.Name = "tocsin"
	}
	if a.BotToken == "" {
		a.BotToken = "xoxb-" + w.secretLocked("bot", 24)
	}
	if a.AppToken == "" {
		a.AppToken = "xapp-1-" + a.AppID + "-" + w.secretLocked("app", 32)
	}
	if a.Scopes == nil {
		a.Scopes = AllScopes()
	}
	if a.Commands == nil {
		a.Commands = []string{"/incident"}
	}
	if a.Events == nil {
		a.Events = AllEvents()
	}
	if a.BotUserID == "" {
		a.BotUserID = w.countedLocked("U")
	}
	if a.BotID == "" {
		a.BotID = w.countedLocked("B")
	}
	x := &app{App: a, scopes: map[string]bool{}, events: map[string]bool{}, open: map[string]*envelope{}}
	for _, s := range a.Scopes {
		x.scopes[s] = true
	}
	for _, e := range a.Events {
		x.events[e] = true
	}
	w.apps = append(w.apps, x)
	w.addUserLocked(User{ID: a.BotUserID, Name: a.Name, RealName: a.Name, Bot: true, BotID: a.BotID})
}

// Close drops every socket, ends every wait and returns when all goroutines of the
// workspace have ended. Calls that come later are answered 503.
func (w *Workspace) Close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.cancel() // every socket's writer drops it
	w.wg.Wait()
	w.subs.closeAll()
	return nil
}

// Handler serves the Web API under /api/, Socket Mode under /socket/, response URLs
// under /response/ and files under /upload/ and /files/. Anything else is 404.
func (w *Workspace) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", w.serveAPI)
	mux.HandleFunc("/socket/{ticket}", w.serveSocket)
	mux.HandleFunc("POST /response/{id}", w.serveResponseURL)
	mux.HandleFunc("POST /upload/{id}", w.serveUpload)
	mux.HandleFunc("GET /files/{id}/{name}", w.serveFile)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !w.enter() {
			http.Error(rw, "the workspace is closed", http.StatusServiceUnavailable)
			return
		}
		defer w.wg.Done()
		if w.faults.down() {
			cut(rw)
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

// enter counts a request as running, so that Close waits for it; false when closed.
func (w *Workspace) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.wg.Add(1)
	return true
}

// cut ends the connection without an answer.
func cut(rw http.ResponseWriter) {
	if h, ok := rw.(http.Hijacker); ok {
		if c, _, err := h.Hijack(); err == nil {
			_ = c.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// sleep waits in real time; false when the request or the workspace ended first.
func (w *Workspace) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	case <-w.ctx.Done():
		return false
	}
}
