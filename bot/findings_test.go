package bot_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// local is a local Slack and PagerDuty, and the options of a bot that talks to them.
func local(t *testing.T, policySource string) (*sandbox.Sandbox, bot.Options) {
	t.Helper()
	c := clock.New()
	s, err := sandbox.New(sandbox.Options{Clock: c, NoRateLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(func() { s.Close(); srv.Close() })
	given, from := phones(s)
	app := s.App()
	return s, bot.Options{
		SlackBotToken: app.BotToken, SlackAppToken: app.AppToken, SlackAPIURL: srv.URL + "/api/", PagerAPIToken: s.PagerDutyToken(), PagerFrom: from,
		PagerAPIURL: srv.URL + "/pagerduty", PagerEventsURL: srv.URL + "/pagerduty", Secrets: bot.Secrets{Given: given}, DataDir: t.TempDir(), NoSync: true,
		PolicySource: []byte(policySource), Clock: c,
	}
}

// withPrimary is the default policy with somebody in its first level.
func withPrimary(mail string) string {
	_, src := policy.Default()
	return strings.Replace(string(src), "\n  primary:\n", "\n  primary:\n    people: ["+mail+"]\n", 1)
}

const nobody = "gone@vitakyc.example"

// TestCheckFindsThePeopleAndTheChannel looks at what only the workspace knows, in both languages.
func TestCheckFindsThePeopleAndTheChannel(t *testing.T) {
	s, o := local(t, withPrimary(nobody))
	m, _ := s.Member(sandbox.Primary)
	marc := s.Workspace.As(m.SlackID)
	private, err := marc.CreateChannel("war-room", true)
	if err != nil {
		t.Fatal(err)
	}
	open, err := marc.CreateChannel("announcements", false)
	if err != nil {
		t.Fatal(err)
	}
	old, err := marc.CreateChannel("old-announcements", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := marc.Archive(old.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		channel, want, mend, fr string // want empty: nothing is found
	}{
		{"incidents", "", "", ""}, {"#Incidents", "", "", ""}, {"announcements", "", "", ""}, // a public one is joined
		{"nowhere", "incidents channel #nowhere: it does not exist", "/invite @tocsin", "canal d'annonces #nowhere\u00a0: il n'existe pas"},
		{"war-room", "incidents channel #war-room: it does not exist, or it is private", "/invite @tocsin", "il est privé et Tocsin n'y est pas"},
		{private.ID, "it does not exist, or it is private", "/invite @tocsin", "il est privé"},
		{"old-announcements", "incidents channel #old-announcements: it is archived", "unarchive it", "il est archivé"},
		{open.ID, "incidents channel #announcements: Tocsin is not in it", "/invite @tocsin", "Tocsin n'y est pas"},
	} {
		o.IncidentsChannel = c.channel
		for _, lang := range catalog.Languages() {
			o.Language = lang
			want := c.want
			if lang == "fr" {
				want = c.fr
			}
			var channel, people []string
			for _, f := range bot.Check(t.Context(), o) {
				line := f.In(lang)
				if strings.Contains(line, nobody) {
					people = append(people, line)
				}
				if strings.Contains(line, "incidents channel") || strings.Contains(line, "canal d'annonces") {
					channel = append(channel, line)
					if !f.Fatal || f.Mend == "" {
						t.Errorf("%s: %+v", c.channel, f)
					}
				}
			}
			switch {
			case want == "" && len(channel) > 0, want != "" && (len(channel) != 1 || !strings.Contains(channel[0], want)):
				t.Errorf("%s in %s: %q, want %q", c.channel, lang, channel, want)
			case lang == "en" && want != "" && !strings.Contains(channel[0], c.mend):
				t.Errorf("%s: %q does not say %q", c.channel, channel, c.mend)
			}
			for _, line := range people { // the line of the file that names them
				if !strings.Contains(line, "policy:"+strconv.Itoa(lineOf(string(o.PolicySource), nobody))) {
					t.Errorf("%s: %q does not say where", c.channel, line)
				}
			}
			if len(people) != 2 { // no Slack user, no PagerDuty user
				t.Errorf("%s in %s: of %s it is said %q", c.channel, lang, nobody, people)
			}
		}
	}
	if n := len(s.Workspace.Strange()); n > 0 {
		t.Errorf("odd calls: %v", s.Workspace.Strange())
	}
	for _, call := range s.Workspace.Calls(0) {
		switch call.Method {
		case "auth.test", "users.conversations", "conversations.list", "conversations.info", "users.lookupByEmail":
		default:
			t.Errorf("check called %s, which may change something", call.Method)
		}
	}
}

// TestCheckTellsAnAddressFromAToken: what does not answer is no refused token.
func TestCheckTellsAnAddressFromAToken(t *testing.T) {
	_, o := local(t, withPrimary(nobody))
	lost := o
	srv := httptest.NewServer(http.NotFoundHandler())
	lost.SlackAPIURL = srv.URL + "/api/"
	srv.Close()
	wrong := o
	wrong.SlackBotToken = "xoxb-nobody-knows-me"
	for name, c := range map[string]struct {
		o     bot.Options
		where string
	}{"nothing there": {lost, "SLACK_API_URL"}, "a wrong token": {wrong, "SLACK_BOT_TOKEN"}} {
		n := 0
		for _, f := range bot.Check(t.Context(), c.o) {
			if strings.Contains(f.Where, "SLACK_") {
				n++
				if f.Where != c.where || !f.Fatal || f.Mend == "" {
					t.Errorf("%s: %+v", name, f)
				}
			}
		}
		if n != 1 {
			t.Errorf("%s: %d findings about Slack", name, n)
		}
	}
}

// logLines is a log that can be read while it is written.
type logLines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logLines) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), words)
}

// TestSomebodySlackDoesNotKnowIsToldOnce runs the bot for two hours with somebody on call whom neither Slack nor PagerDuty knows: the log
// says it once, Slack is asked once an hour, /readyz names them and stays ready, and the house log does not grow.
func TestSomebodySlackDoesNotKnowIsToldOnce(t *testing.T) {
	s, o := local(t, withPrimary(nobody))
	log := &logLines{}
	o.Log, o.PollEvery = zerolog.New(log), time.Hour
	b, err := bot.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		if err := b.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	if err := b.Listening(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func() time.Time { return b.Engine().RostersRead(t.Context())["primary"] }
	until := func(what string, ok func() bool) {
		t.Helper()
		for limit := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatalf("waited in vain: %s", what)
			}
		}
	}
	until("the first reading", func() bool { return !read().IsZero() && log.count("the people on call are known") == 1 })
	house, err := b.Engine().House(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 24 {
		was := read()
		o.Clock.Advance(5 * time.Minute)
		until("a reading", func() bool { return read().After(was) })
	}
	if n := log.count("not all of those on call can be reached"); n != 1 {
		t.Errorf("it was told %d times in two hours", n)
	}
	asked := 0
	for _, c := range s.Workspace.Calls(0) {
		if c.Method == "users.lookupByEmail" && c.Args["email"] == nobody {
			asked++
		}
	}
	if asked < 2 || asked > 4 {
		t.Errorf("Slack was asked %d times in two hours", asked)
	}
	if after, err := b.Engine().House(t.Context()); err != nil || after.Seq != house.Seq {
		t.Errorf("the house log grew by %d events (%v)", after.Seq-house.Seq, err)
	}
	rec := httptest.NewRecorder()
	b.HTTPHandler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	body, _ := io.ReadAll(rec.Body)
	if rec.Code != http.StatusOK || !strings.Contains(string(body), nobody) || !strings.Contains(string(body), `"oncall","ok":false`) {
		t.Errorf("/readyz: %d %s", rec.Code, body)
	}
}
