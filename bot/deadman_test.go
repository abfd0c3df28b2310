package bot_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

const (
	beatHost   = "beats.example:80"
	beatSecret = "0b5e9f5c-4c2e-4f0b-9f0a-capability"
	beatURL    = "http://beats.example/ping/" + beatSecret + "?k=" + beatSecret
)

// faulty is a store that stops keeping commits, or anything.
type faulty struct {
	journal.Store
	noCommits, down atomic.Bool
}

var errDisk = errors.New("the disk is full")

func (f *faulty) Commit(ctx context.Context, c journal.Commit) (journal.Committed, error) {
	if f.noCommits.Load() || f.down.Load() {
		return journal.Committed{}, errDisk
	}
	return f.Store.Commit(ctx, c)
}

func (f *faulty) SetCursor(ctx context.Context, name, value string) error {
	if f.down.Load() {
		return errDisk
	}
	return f.Store.SetCursor(ctx, name, value)
}

// outside is the service that listens for the heartbeat.
type outside struct {
	beats  atomic.Int64
	status atomic.Int64
	hang   atomic.Bool            // it hangs up
	to     atomic.Pointer[string] // where it redirects to
	wrong  atomic.Pointer[string] // a request that is no heartbeat
}

func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if got := r.Method + " " + r.URL.String(); got != "GET /ping/"+beatSecret+"?k="+beatSecret {
		o.wrong.Store(&got)
	}
	o.beats.Add(1)
	if to := o.to.Load(); to != nil {
		http.Redirect(w, r, *to, http.StatusFound)
		return
	}
	if o.hang.Load() {
		panic(http.ErrAbortHandler)
	}
	if s := o.status.Load(); s != 0 {
		w.WriteHeader(int(s))
	}
}

// since counts the beats of a stretch of virtual time.
func (o *outside) since(d time.Duration) int64 {
	before := o.beats.Load()
	after(d)
	return o.beats.Load() - before
}

// asked is what a path of the bot's own listener says.
func asked(b *bot.Bot, path string) string {
	rec := httptest.NewRecorder()
	b.HTTPHandler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Body.String()
}

// TestHeartbeatWhileNothingIsOverdue: the outside hears of us as often as agreed while all is well, and nothing while a deadline is overdue, a
// page waits, or the store keeps nothing. Its address is told to nobody.
func TestHeartbeatWhileNothingIsOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		service := &outside{}
		w.serve(beatHost, service)
		elsewhere := &outside{}
		w.serve("elsewhere.example:80", elsewhere)
		kept, err := bolt.Open(t.TempDir(), bolt.Options{Clock: w.clock.Now, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		store := &faulty{Store: kept}
		o := w.options()
		o.Store, o.HeartbeatURL, o.HeartbeatEvery = store, beatURL, 30*time.Second
		b := w.start(o)
		defer w.stop(b)

		expect := func(why string, d time.Duration, least, most int64, told string) {
			t.Helper()
			if n := service.since(d); n < least || n > most {
				t.Errorf("%s: %d beats in %s, want %d to %d\n%s", why, n, d, least, most, asked(b, "/readyz"))
			}
			if ready := asked(b, "/readyz"); !strings.Contains(ready, told) {
				t.Errorf("%s: /readyz does not say %q:\n%s", why, told, ready)
			}
		}
		expect("all is well", 5*time.Minute, 10, 10, "heartbeat")
		if !strings.Contains(asked(b, "/metrics"), "tocsin_heartbeat_sent_total 10") {
			t.Error("the beats are not counted")
		}

		// An incident whose ladder is kept is no reason: somebody is rung in time.
		if _, err := w.as(sandbox.Secondary).Command(t.Context(), "general", "/incident", "declare checkout is down sev1"); err != nil {
			t.Fatal(err)
		}
		expect("a ladder runs", 12*time.Minute, 24, 24, "")

		// Nothing can be recorded: deadlines pass and nobody is rung.
		store.noCommits.Store(true)
		after(20 * time.Minute)
		expect("a deadline is overdue", 10*time.Minute, 0, 0, "overdue by")
		store.noCommits.Store(false)
		after(time.Minute)
		expect("kept again", 5*time.Minute, 10, 10, "")

		store.down.Store(true)
		expect("the store keeps nothing", 5*time.Minute, 0, 0, "disk is full")
		store.down.Store(false)
		after(time.Minute)

		// PagerDuty takes no page.
		w.sandbox.Pager.SetDown(true)
		if _, err := w.as(sandbox.Secondary).Command(t.Context(), "general", "/incident", "declare ledger is wrong sev1"); err != nil {
			t.Fatal(err)
		}
		after(2 * time.Minute)
		expect("a page waits", 3*time.Minute, 0, 0, "to be sent")
		w.sandbox.Pager.SetDown(false)
		after(4 * time.Minute) // the lane's back-off
		expect("it went through", 3*time.Minute, 6, 6, "")

		// The service's own trouble: one call an interval, no more.
		service.status.Store(http.StatusInternalServerError)
		expect("the service fails", 3*time.Minute, 6, 6, "HTTP 500")
		service.status.Store(0)
		service.hang.Store(true)
		expect("it hangs up", 3*time.Minute, 6, 12, "EOF") // net/http asks once more on a connection that was open before
		service.hang.Store(false)
		to := "http://elsewhere.example/" + beatSecret
		service.to.Store(&to)
		expect("it points elsewhere", 3*time.Minute, 6, 6, "HTTP 302")
		if elsewhere.beats.Load() > 0 {
			t.Error("a redirect carried the address to another host")
		}
		if r := service.wrong.Load(); r != nil {
			t.Errorf("asked %s", *r)
		}
		if w.logs.count("capability") > 0 {
			t.Error("the log tells the heartbeat's address")
		}
		for where, s := range map[string]string{"/readyz": asked(b, "/readyz"), "/metrics": asked(b, "/metrics")} {
			if strings.Contains(s, "capability") {
				t.Errorf("%s tells the heartbeat's address", where)
			}
		}
	})
}

// TestHeartbeatAddressIsChecked: a wrong one is refused without being repeated, and check knocks without beating.
func TestHeartbeatAddressIsChecked(t *testing.T) {
	for _, o := range []bot.Options{{HeartbeatURL: "hc-ping.com/" + beatSecret}, {HeartbeatURL: "https:///" + beatSecret}, {HeartbeatURL: beatURL, HeartbeatEvery: time.Second}} {
		o.SlackBotToken, o.SlackAppToken, o.DataDir = "xoxb-1", "xapp-1", t.TempDir()
		if _, err := bot.New(o); err == nil || strings.Contains(err.Error(), beatSecret) {
			t.Errorf("%v", err)
		}
	}
	var asked atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	said := func(url string) string {
		var out []string
		for _, f := range bot.Check(t.Context(), bot.Options{HeartbeatURL: url}) {
			if strings.HasPrefix(f.Where, "TOCSIN_HEARTBEAT") {
				out = append(out, f.String())
			}
		}
		return strings.Join(out, "\n")
	}
	if s := said(gone.URL + "/" + beatSecret); !strings.Contains(s, "does not answer") || strings.Contains(s, beatSecret) {
		t.Errorf("nobody there: %q", s)
	}
	if s := said(srv.URL + "/" + beatSecret); !strings.Contains(s, "certificate") || strings.Contains(s, beatSecret) {
		t.Errorf("a certificate nobody trusts: %q", s)
	}
	if s := said("http://hc.invalid/" + beatSecret); !strings.Contains(s, "without encryption") {
		t.Errorf("in the clear: %q", s)
	}
	if asked.Load() > 0 {
		t.Error("check beat")
	}
}

// A shadow pages nobody: were it to beat, the outside would not hear that the bot which does has died.
func TestAShadowDoesNotBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, nil)
		defer w.end()
		service := &outside{}
		w.serve(beatHost, service)
		o := w.options()
		o.Shadow, o.HeartbeatURL, o.HeartbeatEvery = true, beatURL, 30*time.Second
		b := w.start(o)
		defer w.stop(b)
		if n := service.since(10 * time.Minute); n != 0 {
			t.Errorf("a shadow sent %d beats", n)
		}
	})
}
