package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
	"github.com/tocsin-bot/tocsin/bot/outbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

// Guards switches guards of the bots off, so that a test can show that the simulation sees what each of them prevents.
type Guards struct {
	Engine *engine.Faults
	Outbox *outbox.Faults
	Slack  bot.SlackFaults
}

const (
	installation  = "sim"
	webhookSecret = "sim-webhook-secret-0123456789"
	alertToken    = "sim-alertmanager-token-0123456789"
	botToken      = "xoxb-sim-bot-token-0123456789"
	appToken      = "xapp-sim-app-token-0123456789"
	pagerToken    = "pd-sim-rest-key-0123456789"
	webhookHost   = "tocsin.sim"
)

// world is the sandbox, the store and the replicas of one run.
type world struct {
	plan   Plan
	guards Guards
	dir    string // for bolt

	begun   time.Time // bubble time
	clock   *clock.Clock
	sandbox *sandbox.Sandbox
	listen  *pipes
	server  *http.Server
	served  chan struct{}
	hooks   *http.Transport // webhooks of PagerDuty and Alertmanager, to whichever replica lives
	store   *storeWire
	god     *redis.Store // no fault touches it; nil on bolt
	given   map[string]string
	from    string
	rules   rules

	replicas []*replica
	wg       sync.WaitGroup // operations, faults that end, bots that stop
	stands   sync.WaitGroup // whoever stands still or dies at a call
	lives    sync.WaitGroup // what belongs to a replica's life
	logs     *logs
	checks   *checks
	seen     Sometimes

	mu      sync.Mutex
	faults  []string
	next    int             // replica the next webhook goes to
	trouble []time.Time     // domain time of everything that may make the bots late
	deaf    time.Duration   // jumped while a socket was half open
	busy    int             // faults in force
	last    map[int]string  // ts of a person's last message, by person
	sent    []byte          // Alertmanager's last
	titles  int             // incidents declared
	dead    time.Time       // since when, by the clock, nobody runs; zero: somebody does
	lulls   [][2]time.Time  // when nobody ran
	unsure  map[string]bool // effects whose call may happen twice
}

// newWorld builds everything; nothing of the bot runs yet.
func newWorld(p Plan, g Guards, dir string) (*world, error) {
	w := &world{
		plan: p, guards: g, dir: dir, begun: time.Now(), clock: clock.New(), listen: newPipes(), served: make(chan struct{}), logs: &logs{},
		last: map[int]string{}, unsure: map[string]bool{}, seen: Sometimes{},
	}
	w.store = &storeWire{cons: map[*conn]bool{}}
	w.hooks = &http.Transport{DialContext: w.dialReplica, DisableKeepAlives: true}
	var err error
	w.sandbox, err = sandbox.New(sandbox.Options{
		Clock: w.clock, Seed: 7, BotToken: botToken, AppToken: appToken, PagerDutyToken: pagerToken,
		Webhooks:         []pager.Webhook{{URL: "http://" + webhookHost + "/webhooks/pagerduty", Secrets: []string{webhookSecret}}},
		WebhookTransport: w.hooks,
	})
	if err != nil {
		return nil, err
	}
	w.server = &http.Server{Handler: w.sandbox.Handler()}
	go func() { defer close(w.served); _ = w.server.Serve(w.listen) }()
	if err := w.configure(); err != nil {
		w.close()
		return nil, err
	}
	if p.Begin > 0 {
		_ = w.sandbox.Advance(time.Duration(p.Begin) * time.Minute)
	}
	if p.Store != StoreBolt {
		mini := miniredis.NewMiniRedis()
		mini.ClockTTL(true)
		w.store.mini = mini
		w.god, err = redis.Open(context.Background(), redisURL, redis.Options{
			Installation: installation, Dialer: func(context.Context, string, string) (net.Conn, error) { return mini.Dial() },
		})
		if err != nil {
			return nil, err
		}
	}
	w.checks = newChecks(w)
	return w, nil
}

// journal is the store as no fault touches it; nil while nobody has it open.
func (w *world) journal() journal.Store {
	if w.god != nil {
		return w.god
	}
	for _, r := range w.replicas {
		if b := r.running(); b != nil {
			return b.Journal()
		}
	}
	return nil
}

// dialReplica connects a webhook to the next replica that lives.
func (w *world) dialReplica(ctx context.Context, _, _ string) (net.Conn, error) {
	w.mu.Lock()
	w.next++
	n := w.next
	w.mu.Unlock()
	for i := range w.replicas {
		r := w.replicas[(n+i)%len(w.replicas)]
		r.mu.Lock()
		l := r.listen
		r.mu.Unlock()
		if l != nil {
			return l.dial(ctx)
		}
	}
	return nil, errRefused
}

// fault notes a broken promise, a bounded number of them.
func (w *world) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.faults) < 20 {
		w.faults = append(w.faults, fmt.Sprintf("%s: ", time.Since(w.begun))+fmt.Sprintf(format, args...))
	}
}

// disturb notes that from now on the bots have a reason to be late. end is called when that is over.
func (w *world) disturb() (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = append(w.trouble, w.clock.Now())
	w.busy++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.busy--
		w.trouble = append(w.trouble, w.clock.Now())
	}
}

// calmSince is the last moment before at that something was wrong; quiet is false when something is wrong now.
func (w *world) calmSince(at time.Time) (since time.Time, quiet bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.trouble) - 1; i >= 0; i-- {
		if !w.trouble[i].After(at) {
			return w.trouble[i], w.busy == 0
		}
	}
	return time.Time{}, w.busy == 0
}

// lull notes whether somebody runs.
func (w *world) lull() {
	alive := false
	for _, r := range w.replicas {
		alive = alive || r.running() != nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch now := w.clock.Now(); {
	case !alive && w.dead.IsZero():
		w.dead = now
	case alive && !w.dead.IsZero():
		w.lulls, w.dead = append(w.lulls, [2]time.Time{w.dead, now}), time.Time{}
	}
}

// recalled is how far a process looks back, at its start, for posts that stand twice because whoever owed the repair died.
const recalled = 6 * time.Hour

// forgotten reports whether a post of a moment may stand twice for good: whoever owed its repair died, and nobody ran for too long.
func (w *world) forgotten(posted time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.lulls, func(l [2]time.Time) bool { return !posted.After(l[0]) && l[1].Sub(posted) > recalled-late })
}

// later runs f after d of the bubble's time.
func (w *world) later(d time.Duration, f func()) {
	w.wg.Go(func() {
		time.Sleep(d)
		f()
	})
}

// close ends the world. Bots were stopped before.
func (w *world) close() {
	_ = w.sandbox.Close()
	_ = w.server.Close()
	_ = w.listen.Close()
	<-w.served
	w.hooks.CloseIdleConnections()
	if w.god != nil {
		_ = w.god.Close()
		w.store.mini.Close()
	}
}

// logs keeps what the bots log, bounded, to be searched for secrets.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const maxLogs = 4 << 20

// Write implements io.Writer.
func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() < maxLogs {
		l.buf.Write(b)
	}
	return len(b), nil
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// replica is a process that runs the bot: again after each crash, under another name.
type replica struct {
	w *world
	n int

	mu     sync.Mutex
	life   int
	bot    *bot.Bot // nil while it is dead
	wire   *wire
	listen *pipes
	armed  []armed       // crashes and pauses that wait for their moment
	ended  chan struct{} // closed when the life before has ended altogether
}

// armed is a crash or pause that waits for a call.
type armed struct {
	do   Act
	verb string
	d    time.Duration
}

func (r *replica) running() *bot.Bot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bot
}

// start begins a life, trying until the store can be opened.
func (r *replica) start() {
	r.mu.Lock()
	before := r.ended
	r.mu.Unlock()
	if before != nil {
		<-before
	}
	for try := 0; ; try++ {
		err := r.try()
		if err == nil {
			return
		}
		if try == 200 {
			r.w.fault("replica %d does not start: %v", r.n, err)
			return
		}
		time.Sleep(time.Second)
	}
}

func (r *replica) try() error {
	w := r.w
	r.mu.Lock()
	r.life++
	life := r.life
	r.mu.Unlock()
	wr := newWire(w.listen, w.store)
	o := bot.Options{
		SlackBotToken: botToken, SlackAppToken: appToken, SlackAPIURL: "http://127.0.0.1:80/api/", IncidentsChannel: "incidents",
		PagerAPIToken: pagerToken, PagerFrom: w.from, PagerAPIURL: "http://127.0.0.1:80/pagerduty", PagerEventsURL: "http://127.0.0.1:80/pagerduty",
		PagerWebhookSecrets: []string{webhookSecret}, AlertmanagerToken: alertToken, Secrets: bot.Secrets{Given: w.given, Env: func(string) (string, bool) { return "", false }},
		PolicySource: w.rules.current(), Clock: w.clock, Owner: fmt.Sprintf("r%d.%d", r.n, life), Dial: wr.dial, NoSync: true, PollEvery: 20 * time.Second,
		Engine: w.guards.Engine, Outbox: w.guards.Outbox, SlackFaults: w.guards.Slack, Log: zerolog.New(w.logs).Level(zerolog.InfoLevel),
	}
	if w.plan.Store == StoreBolt {
		o.DataDir = w.dir
	} else {
		o.RedisURL = redisURL
	}
	o.OutboxHooks = outbox.Hooks{
		Looked: func(_ context.Context, e incident.Owed) error {
			w.checks.begins(e)
			return r.at(wr, e, PauseLooked, "")
		},
		BeforeCall: func(_ context.Context, e incident.Owed) error {
			w.checks.calls(e, o.Owner)
			return r.at(wr, e, PauseBefore, CrashBefore)
		},
		AfterCall: func(_ context.Context, e incident.Owed) error { return r.at(wr, e, PauseAfter, CrashAfter) },
	}
	b, err := bot.New(o)
	if err != nil {
		return err
	}
	if err := b.Start(context.Background()); err != nil {
		return err
	}
	l := newPipes()
	server := &http.Server{Handler: b.HTTPHandler(), ReadHeaderTimeout: 5 * time.Second}
	w.lives.Go(func() { _ = server.Serve(wired{l, wr}) })
	r.mu.Lock()
	r.bot, r.wire, r.listen, r.ended = b, wr, l, make(chan struct{})
	r.mu.Unlock()
	w.lull()
	w.lives.Go(func() {
		<-wr.died
		_ = server.Close()
	})
	return nil
}

// wired is a listener whose connections are a process's.
type wired struct {
	*pipes
	w *wire
}

// Accept implements net.Listener.
func (l wired) Accept() (net.Conn, error) {
	c, err := l.pipes.Accept()
	if err != nil {
		return nil, err
	}
	return l.w.wrap(c), nil
}

var errDied = errors.New("the process died here")

// at is called by the outbox's hooks: what waits for this moment happens.
func (r *replica) at(wr *wire, e incident.Owed, pause, crash Act) error {
	r.mu.Lock()
	if r.wire != wr {
		r.mu.Unlock()
		return nil // committed while it started
	}
	var hit *armed
	for i, a := range r.armed {
		if (a.do == pause || a.do == crash && crash != "") && (a.verb == "" || a.verb == string(e.Effect.Do)) {
			r.armed = append(r.armed[:i:i], r.armed[i+1:]...)
			hit = &a
			r.w.stands.Add(1)
			defer r.w.stands.Done()
			break
		}
	}
	r.mu.Unlock()
	if hit == nil {
		return nil
	}
	if hit.do == crash {
		r.w.seen.count(SawCrashAtCall)
		r.crash(hit.d)
		return errDied
	}
	r.w.seen.count(map[Act]Branch{PauseLooked: SawPauseLookCall, PauseBefore: SawPauseBeforeCall, PauseAfter: SawPauseAfterCall}[hit.do])
	r.w.doubtful(e)
	end := r.w.disturb()
	wr.hold()
	select {
	case <-time.After(hit.d):
	case <-wr.died:
	}
	wr.release()
	end()
	return nil
}

// pause makes the process stand still.
func (r *replica) pause(d time.Duration) {
	r.mu.Lock()
	wr, alive := r.wire, r.bot != nil
	r.mu.Unlock()
	if !alive {
		return
	}
	end := r.w.disturb()
	r.w.doubtAll(d)
	wr.hold()
	r.w.later(d, func() {
		wr.release()
		end()
	})
}

// anew ends the process in good order and starts it again at once, as a deployment does.
func (r *replica) anew() {
	if !r.end(true) {
		return
	}
	over := r.w.disturb()
	r.w.wg.Go(func() {
		r.start()
		over()
	})
}

// crash ends the process without a last word, and starts it again after d.
func (r *replica) crash(d time.Duration) {
	if !r.end(false) {
		return
	}
	r.w.seen.count(SawCrash)
	over := r.w.disturb()
	r.w.wg.Go(func() {
		time.Sleep(d)
		r.start()
		over()
	})
}

// end ends a life: gently, or by cutting its wires first. It does not wait.
func (r *replica) end(gently bool) bool {
	r.mu.Lock()
	b, wr, l, ended := r.bot, r.wire, r.listen, r.ended
	r.bot, r.listen = nil, nil
	r.mu.Unlock()
	if b == nil {
		return false
	}
	r.w.lull()
	r.w.seen.add(b.Figures())
	if !gently {
		wr.kill()
	}
	_ = l.Close()
	r.w.wg.Go(func() {
		defer close(ended)
		if !gently && r.w.plan.Store == StoreBolt {
			_ = b.Journal().Close()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := b.Stop(ctx); err != nil && gently {
			r.w.fault("I10: replica %d does not stop: %v", r.n, err)
		}
		wr.kill()
	})
	return true
}
