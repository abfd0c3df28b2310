package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// The acceptance tests run the built binary as its users do: processes of their own, on the loopback interface, with data in a temporary
// directory. What a test started it ends, by process id, and waits for.

// binary is what TestMain built.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "tocsin-acceptance-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "tocsin")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build the binary: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// tool finds a program, by any of its names. A machine without it skips the test; in CI that is a failure, because a test that was skipped
// has shown nothing.
func tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed, and CI is set", names[0])
	}
	t.Skipf("%s is not installed", names[0])
	return ""
}

// freeAddr is an address of the loopback interface nobody listens on just now.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// process is a program under test.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
}

// Write implements io.Writer for the program's output.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// bare is an environment with nothing of ours in it.
func bare(add ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TZ=UTC"}, add...)
}

// start runs a program until the test ends, at the latest.
func start(t *testing.T, name, path string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, p, p
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.signal(syscall.SIGCONT)
		p.kill()
		if t.Failed() {
			out := regexp.MustCompile(`(?m)^.*dbus/.*\n`).ReplaceAllString(p.output(), "") // Chromium's laments
			if len(out) > 12000 {
				out = "…" + out[len(out)-12000:]
			}
			t.Logf("--- output of %s\n%s", name, out)
		}
	})
	return p
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // one that has ended is its own affair

// kill ends it as kill -9 does, and waits.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// stop ends it as an operator does, and fails when it does not end orderly.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.t.Errorf("%s did not end within 30 s of SIGTERM", p.name)
		p.kill()
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("%s ended with status %d after SIGTERM", p.name, code)
	}
}

// ended reports whether it runs no more.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// await polls until ok, and fails after limit with what was awaited.
func await(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// tocsin runs a verb to its end.
func tocsin(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &errs
	if err := cmd.Run(); err != nil {
		if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() < 0 {
			t.Fatalf("tocsin %s: %v\n%s", strings.Join(args, " "), err, errs.String())
		}
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// byHandPhone is what people are told to ring when nothing can be recorded.
const byHandPhone = "+33 6 00 00 00 01"

// The secrets of every test: none of them may be in anything that is printed.
const (
	botToken      = "xoxb-acceptance-bot-7f3a91"
	appToken      = "xapp-acceptance-app-2c88d0"
	pagerToken    = "pd-acceptance-rest-55e1b7"
	webhookSecret = "wh-acceptance-secret-90ab4e"
	alertToken    = "am-acceptance-bearer-e14f26"
)

// world is a local Slack and PagerDuty in a process of their own, and what a bot needs to live there.
type world struct {
	t      *testing.T
	proc   *process
	base   string
	cast   []sandbox.Member
	bot    string // address of the (first) bot's listener, where webhooks go
	config string // policy file
	dir    string
}

// newWorld starts `tocsin sandbox` and writes a policy file with its cast.
func newWorld(t *testing.T, args ...string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), bot: freeAddr(t)}
	addr := freeAddr(t)
	w.base = "http://" + addr
	w.proc = start(t, "sandbox", binary, bare(), append([]string{"sandbox", "--addr", addr, "--bot-token", botToken, "--app-token", appToken, "--pagerduty-token", pagerToken,
		"--webhook", "http://" + w.bot + "/webhooks/pagerduty", "--webhook-secret", webhookSecret}, args...)...)
	await(t, 20*time.Second, "the sandbox listens", func() bool { return w.try("GET", "/control/cast", nil, &w.cast) == nil })
	w.config = filepath.Join(w.dir, "policy.yaml")
	w.writePolicy(w.config)
	return w
}

// writePolicy writes the default policy with the cast's addresses in it: two by file, the others by environment.
func (w *world) writePolicy(path string) {
	w.t.Helper()
	_, src := policy.Default()
	text := string(src)
	put := func(old, new string) {
		if strings.Count(text, old) != 1 {
			w.t.Fatalf("the default policy has no single %q", old)
		}
		text = strings.Replace(text, old, new, 1)
	}
	put("\ninstallation: tocsin\n", "\ninstallation: acceptance\n")
	put("\nzone: UTC\n", "\nzone: Europe/Paris\n")
	// Here every page and every alert has a room of its own; joining and storms are tested where time can be moved.
	put("\njoin_within: 10m ", "\njoin_within: 1ms ")
	put("storm: {rooms: 5, within: 10m}", "storm: {rooms: 100, within: 1s}")
	for _, m := range w.cast {
		if m.Role != "" {
			put("\n  "+m.Role+":\n    title:", "\n  "+m.Role+":\n    people: ["+m.Email+"]\n    title:")
		}
	}
	put("\n  primary:\n", "\n  primary:\n    phone: \""+byHandPhone+"\"\n")
	key := filepath.Join(w.dir, "tech-lead.key")
	w.write(key, w.member(sandbox.TechLead).RoutingKey+"\n")
	put("{routing_key_env: PAGERDUTY_ROUTING_KEY_TECH_LEAD}", "{routing_key_file: "+key+"}")
	w.write(path, text)
}

func (w *world) write(path, text string) {
	w.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) member(role string) sandbox.Member {
	i := slices.IndexFunc(w.cast, func(m sandbox.Member) bool { return m.Role == role })
	if i < 0 {
		w.t.Fatalf("nobody in the cast is %s", role)
	}
	return w.cast[i]
}

// env is the environment of a bot in this world; store is "TOCSIN_DATA_DIR=..." or "REDIS_URL=...".
func (w *world) env(store string, add ...string) []string {
	e := []string{
		store, "TOCSIN_CONFIG=" + w.config, "TOCSIN_HTTP_ADDR=" + w.bot,
		"SLACK_API_URL=" + w.base + "/api/", "SLACK_BOT_TOKEN=" + botToken, "SLACK_APP_TOKEN=" + appToken,
		"PAGERDUTY_API_URL=" + w.base + "/pagerduty", "PAGERDUTY_EVENTS_URL=" + w.base + "/pagerduty", "PAGERDUTY_API_TOKEN=" + pagerToken,
		"PAGERDUTY_FROM=" + w.member(sandbox.Primary).Email, "PAGERDUTY_WEBHOOK_SECRET=" + webhookSecret, "ALERTMANAGER_TOKEN=" + alertToken,
	}
	for _, m := range w.cast {
		switch m.Role {
		case "", sandbox.TechLead:
		case sandbox.Primary:
			e = append(e, policy.FirstLevelKey+"="+m.RoutingKey)
		default:
			e = append(e, policy.FirstLevelKey+"_"+strings.ToUpper(m.Role)+"="+m.RoutingKey)
		}
	}
	return bare(append(e, add...)...)
}

// serve starts a bot and waits until it is ready: it hears Slack and has its journal.
func (w *world) serve(name string, env []string) *process {
	w.t.Helper()
	p := start(w.t, name, binary, env, "serve")
	w.ready(p, env)
	return p
}

// ready waits until a bot says that it is.
func (w *world) ready(p *process, env []string) {
	w.t.Helper()
	addr := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "TOCSIN_HTTP_ADDR="); ok {
			addr = v
		}
	}
	await(w.t, 40*time.Second, p.name+" is ready", func() bool {
		if p.ended() {
			w.t.Fatalf("%s ended:\n%s", p.name, p.output())
		}
		if !strings.Contains(p.output(), "the people on call are known") {
			return false // before that, a page rings an address and not a person
		}
		status, body := get("http://" + addr + "/readyz")
		return status == http.StatusOK && strings.Contains(body, `"slack","ok":true`) // a bot without Slack is ready too: it keeps deadlines
	})
}

// client has no proxy and a bound.
var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}

func get(url string) (int, string) {
	res, err := client.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

// try asks the control API.
func (w *world) try(method, path string, body, into any) error {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, w.base+path, r)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, b)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

// do asks the control API and fails when it refuses.
func (w *world) do(method, path string, body, into any) {
	w.t.Helper()
	if err := w.try(method, path, body, into); err != nil {
		w.t.Fatal(err)
	}
}

type obj = map[string]any

// What the control API answers, as far as it is judged here.
type (
	channel struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Kind    string   `json:"kind"`
		Topic   string   `json:"topic"`
		Members []string `json:"members"`
	}
	message struct {
		Channel    string          `json:"channel"`
		TS         string          `json:"ts"`
		User       string          `json:"user"`
		BotID      string          `json:"bot_id"`
		Subtype    string          `json:"subtype"`
		Text       string          `json:"text"`
		Blocks     json.RawMessage `json:"blocks"`
		ThreadTS   string          `json:"thread_ts"`
		Deleted    bool            `json:"deleted"`
		Pinned     bool            `json:"pinned"`
		Notified   []string        `json:"notified"`
		Broadcasts []string        `json:"broadcasts"`
	}
	outcome struct {
		Status  string          `json:"status"`
		Detail  string          `json:"detail"`
		Payload json.RawMessage `json:"payload"`
		Message *message        `json:"message"`
		Views   []struct {
			ID         string          `json:"id"`
			CallbackID string          `json:"callback_id"`
			Blocks     json.RawMessage `json:"blocks"`
		} `json:"views"`
	}
	ring struct {
		Person struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"person"`
		Kind       string `json:"kind"`
		IncidentID string `json:"incident_id"`
		DedupKey   string `json:"dedup_key"`
		Title      string `json:"title"`
	}
	pagerIncident struct {
		ID        string `json:"id"`
		Title     string `json:"title"`
		Status    string `json:"status"`
		ServiceID string `json:"service_id"`
		DedupKey  string `json:"dedup_key"`
		Assignees []struct {
			ID string `json:"id"`
		} `json:"assignees"`
		Acknowledgements []json.RawMessage `json:"acknowledgements"`
	}
	pages struct {
		Incidents []pagerIncident `json:"incidents"`
		Rings     []ring          `json:"rings"`
	}
)

func (w *world) channels() []channel {
	w.t.Helper()
	var out []channel
	w.do("GET", "/control/channels", nil, &out)
	return out
}

// rooms are the incidents' channels.
func (w *world) rooms() []channel {
	w.t.Helper()
	return slices.DeleteFunc(w.channels(), func(c channel) bool { return !strings.HasPrefix(c.Name, "inc-") })
}

func (w *world) messages(channel string) []message {
	w.t.Helper()
	var out struct {
		Messages []message `json:"messages"`
	}
	w.do("GET", "/control/channels/"+channel+"/messages", nil, &out)
	return out.Messages
}

func (w *world) pages() pages {
	w.t.Helper()
	var out pages
	w.do("GET", "/control/pages", nil, &out)
	return out
}

// command types a slash command.
func (w *world) command(who, channel, text string) (outcome, error) {
	var out outcome
	err := w.try("POST", "/control/people/"+who+"/commands", obj{"channel": channel, "command": "/incident", "text": text}, &out)
	return out, err
}

// said types a slash command that must be answered, and returns the answer's words.
func (w *world) said(who, channel, text string) string {
	w.t.Helper()
	o, err := w.command(who, channel, text)
	if err != nil {
		w.t.Fatal(err)
	}
	if o.Status != "ok" {
		w.t.Fatalf("/incident %s: %s %s", text, o.Status, o.Detail)
	}
	return o.words()
}

// words are everything an answer says.
func (o outcome) words() string {
	s := string(o.Payload)
	if o.Message != nil {
		s += "\n" + o.Message.Text + "\n" + string(o.Message.Blocks)
	}
	return s
}

// phones counts how often somebody's phone rang.
func (w *world) phones(role string) int {
	w.t.Helper()
	n := 0
	for _, r := range w.pages().Rings {
		if r.Kind == "phone" && r.Person.ID == w.member(role).PagerDutyID {
			n++
		}
	}
	return n
}

// shown is what `tocsin show --json` says, as far as it is judged here.
type shown struct {
	Title  string         `json:"title"`
	State  incident.State `json:"state"`
	Events []struct {
		Event json.RawMessage `json:"event"`
		Texts []string        `json:"texts"`
	} `json:"events"`
	Dead []journal.Dead `json:"dead_letters"`
}

// show reads an incident with the binary, as an operator does.
func show(t *testing.T, env []string, id string) shown {
	t.Helper()
	out, errs, code := tocsin(t, env, "show", id, "--json")
	if code != 0 {
		t.Fatalf("show %s --json: status %d\n%s", id, code, errs)
	}
	var s shown
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("show %s --json is no JSON: %v", id, err)
	}
	return s
}

// noSecret fails when any secret of the world is in a text.
func (w *world) noSecret(where, text string) {
	w.t.Helper()
	secrets := []string{botToken, appToken, pagerToken, webhookSecret, alertToken}
	for _, m := range w.cast {
		if m.RoutingKey != "" {
			secrets = append(secrets, m.RoutingKey)
		}
	}
	for _, s := range secrets {
		if i := strings.Index(text, s); i >= 0 {
			w.t.Errorf("a secret is in %s: …%s…", where, text[max(0, i-200):min(len(text), i+len(s))])
		}
	}
}

// noOdd fails when Slack or PagerDuty saw a call that a careful client does not make.
func (w *world) noOdd() {
	w.t.Helper()
	var out struct {
		Slack     []json.RawMessage `json:"slack"`
		PagerDuty []json.RawMessage `json:"pagerduty"`
	}
	w.do("GET", "/control/strange", nil, &out)
	for _, x := range out.Slack {
		w.t.Errorf("an odd call of Slack: %s", x)
	}
	for _, x := range out.PagerDuty {
		w.t.Errorf("an odd call of PagerDuty: %s", x)
	}
}
