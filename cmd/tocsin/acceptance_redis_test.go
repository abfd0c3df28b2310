package main

import (
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

// redisServer is a real Redis that keeps every write.
type redisServer struct {
	t          *testing.T
	path, dir  string
	host, port string
	proc       *process
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	s := &redisServer{t: t, path: tool(t, "redis-server"), dir: t.TempDir()}
	s.host, s.port, _ = net.SplitHostPort(freeAddr(t))
	s.start()
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	s.proc = start(s.t, "redis-server", s.path, bare(), "--bind", s.host, "--port", s.port, "--dir", s.dir, "--appendonly", "yes", "--appendfsync", "always", "--save", "")
	await(s.t, 20*time.Second, "redis listens", func() bool {
		c, err := net.Dial("tcp", net.JoinHostPort(s.host, s.port))
		if err != nil {
			return false
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte("PING\r\n"))
		b := make([]byte, 16)
		n, _ := c.Read(b)
		return strings.HasPrefix(string(b[:n]), "+PONG") // not LOADING
	})
}

func (s *redisServer) url() string { return "redis://" + net.JoinHostPort(s.host, s.port) + "/0" }

// figure reads a figure from a bot's /metrics.
func figure(addr, name string) int {
	_, body := get("http://" + addr + "/metrics")
	m := regexp.MustCompile(`(?m)^` + name + ` ([0-9.e+]+)$`).FindStringSubmatch(body)
	if m == nil {
		return -1
	}
	f, _ := strconv.ParseFloat(m[1], 64)
	return int(f)
}

// TestTwoReplicasOnRedis runs two bots on one real Redis through its crash, a pause of one replica past its lease, and the death of one.
func TestTwoReplicasOnRedis(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("TOCSIN_ACCEPTANCE_SEED"); v != "" {
		seed, _ = strconv.ParseUint(v, 10, 64)
	}
	t.Logf("TOCSIN_ACCEPTANCE_SEED=%d", seed)
	w := newWorld(t, "--no-rate-limits")
	other := freeAddr(t)
	envA := w.env("REDIS_URL=" + redis.url())
	envB := w.env("REDIS_URL="+redis.url(), "TOCSIN_HTTP_ADDR="+other)
	a, b := w.serve("replica A", envA), w.serve("replica B", envB)
	reader := bare("REDIS_URL="+redis.url(), "TOCSIN_CONFIG="+w.config)
	l := newLedger()

	var wg sync.WaitGroup
	actors := 0
	// busy has people act for a while, the first declares of it included.
	busy := func(life time.Duration, declares int) {
		stop := time.Now().Add(life)
		for i := range 4 {
			actors++
			r, number, left := rand.New(rand.NewPCG(seed, uint64(actors))), actors*1000, 0
			if i == 0 {
				left = declares
			}
			wg.Go(func() {
				for time.Now().Before(stop) {
					number++
					l.act(w, r, number, left > 0)
					left--
					time.Sleep(time.Duration(r.IntN(int(200 * time.Millisecond))))
				}
			})
		}
	}

	// Both at work.
	busy(3*time.Second, 4)
	wg.Wait()

	// Redis dies in the middle of it.
	busy(5*time.Second, 2)
	time.Sleep(2 * time.Second)
	redis.proc.kill()
	ping := []byte(`{"event":{"id":"01DOWN","event_type":"incident.triggered","resource_type":"incident","occurred_at":"` + time.Now().UTC().Format(time.RFC3339) +
		`","data":{"id":"QDOWN01","type":"incident","number":7,"status":"triggered","incident_key":"down","title":"fired while the store is down","urgency":"high","service":{"id":"PSVPROD","summary":"VitaKYC production","type":"service_reference"},"assignees":[],"created_at":"` + time.Now().UTC().Format(time.RFC3339) + `"}}}`)
	if got := send(t, "http://"+w.bot+"/webhooks/pagerduty", ping, signature, pager.Sign(ping, webhookSecret)); got != http.StatusServiceUnavailable {
		t.Errorf("PagerDuty's webhook while the store is down: %d, not 503", got)
	}
	if got := send(t, "http://"+other+"/webhooks/alertmanager", alertBody("group-down", "DownAlert", "down"), bearer, "Bearer "+alertToken); got != http.StatusServiceUnavailable {
		t.Errorf("Alertmanager's webhook while the store is down: %d, not 503", got)
	}
	if status, body := get("http://" + other + "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, `"journal","ok":false`) {
		t.Errorf("/readyz while the store is down: %d %s", status, body)
	}
	o, err := w.command("nadia", "general", "declare nobody hears this sev2")
	if got := o.words(); err != nil || o.Status != "ok" || !strings.Contains(got, "ot recorded") || !strings.Contains(got, byHandPhone) {
		t.Errorf("the answer to a command while the store is down: %s %s %v", o.Status, got, err)
	} else {
		t.Logf("while the store is down: %.300s", got)
	}
	wg.Wait()
	redis.start()
	w.ready(a, envA)
	w.ready(b, envB)
	busy(2*time.Second, 1)
	wg.Wait()

	// declare has somebody declare, and remembers what was promised.
	declare := func(number int) {
		title := word(number) + " " + word(number+5)
		o, err := w.command("nadia", "general", "declare "+title+" sev2")
		l.declared[title] = err == nil && o.Status == "ok" && !strings.Contains(o.words(), "ot recorded") && !strings.Contains(o.words(), "ot known yet")
		l.answers[title] = o.words()
	}

	// A pauses past its lease with calls in flight, and comes back: what it then reports comes too late.
	w.do("POST", "/control/faults/slack", obj{"slow": "400ms"}, nil)
	for i := range 3 {
		declare(333 + 111*i)
	}
	a.signal(syscall.SIGSTOP)
	paused := time.Now()
	w.do("DELETE", "/control/faults", nil, nil)
	busy(8*time.Second, 2)
	wg.Wait()
	time.Sleep(time.Until(paused.Add(36 * time.Second)))
	a.signal(syscall.SIGCONT)
	await(t, 40*time.Second, "A is ready again", func() bool { s, _ := get("http://" + w.bot + "/readyz"); return s == http.StatusOK })
	busy(2*time.Second, 1)
	wg.Wait()
	fenced := figure(w.bot, "tocsin_outbox_fenced_total")
	if fenced < 1 {
		t.Errorf("A, back after 36 s with calls in flight, was fenced %d times", fenced)
	}
	t.Logf("writes of A refused because of its old lease: %d", fenced)

	// A dies with work in its hands: B takes it over when the lease has run out.
	w.do("POST", "/control/faults/slack", obj{"slow": "400ms"}, nil)
	for i := range 3 {
		declare(666 + 111*i)
	}
	a.kill()
	died := time.Now()
	w.do("DELETE", "/control/faults", nil, nil)
	await(t, 90*time.Second, "every room with its headline, by B", func() bool {
		list, _, _ := tocsin(t, reader, "list", "--all")
		rooms := w.rooms()
		for _, r := range rooms {
			if !slices.ContainsFunc(w.messages(r.ID), func(m message) bool { return m.Pinned }) {
				return false
			}
		}
		return len(rooms) == strings.Count(list, "\nINC-")
	})
	t.Logf("what A left undone was done by B %v after A's death", time.Since(died).Round(time.Millisecond))

	l.judge(w, reader)
	if n := w.phones(sandbox.CEO) + w.phones(sandbox.ComplianceOfficer); n != 0 {
		t.Errorf("the phones of people nobody asked for rang %d times", n)
	}
	b.stop()
	w.noSecret("the replicas' logs", a.output()+b.output())
	if strings.Contains(a.output()+b.output(), "panic") {
		t.Error("a replica panicked")
	}
}
