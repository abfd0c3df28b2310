package bot_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

type frozen struct{}

func (frozen) Current() (*incident.Policy, []byte)            { p, src := policy.Default(); return &p, src }
func (frozen) Decode(source []byte) (*incident.Policy, error) { return policy.Parse("frozen", source) }

// logged is a log as a channel of its lines.
type logged chan string

func (l logged) Write(b []byte) (int, error) {
	select {
	case l <- string(b):
	default:
	}
	return len(b), nil
}

// TestTokensRevokedOverNight starts the bot with tokens that Slack does not take: a fault of configuration, unless incidents are open. Then
// the page that was owed must go out all the same.
func TestTokensRevokedOverNight(t *testing.T) {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"ok":false,"error":"token_revoked"}`))
	}))
	defer slack.Close()
	rung := make(chan string, 10)
	pager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e struct {
			Key string `json:"dedup_key"`
		}
		_ = json.NewDecoder(r.Body).Decode(&e)
		rung <- e.Key
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"status":"success","message":"Event processed","dedup_key":"` + e.Key + `"}`))
	}))
	defer pager.Close()

	dir := t.TempDir()
	said := logged(make(chan string, 1000))
	start := func() (*bot.Bot, error) {
		b, err := bot.New(bot.Options{
			SlackBotToken: "xoxb-1-attack", SlackAppToken: "xapp-1-attack", SlackAPIURL: slack.URL + "/api/", PagerEventsURL: pager.URL, Secrets: bot.Secrets{Env: func(name string) (string, bool) { return "key-of-" + name, !strings.HasSuffix(name, "_FILE") }},
			DataDir: dir, NoSync: true, Log: zerolog.New(said),
		})
		if err != nil {
			return nil, err
		}
		return b, b.Start(context.Background())
	}
	stop := func(b *bot.Bot) {
		ctx, done := context.WithTimeout(context.Background(), 30*time.Second)
		defer done()
		if err := b.Stop(ctx); err != nil {
			t.Error(err)
		}
	}

	b, err := start()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "token_revoked") {
		t.Errorf("being set up with a wrong token: %v", err)
	}
	stop(b)

	store, err := bolt.Open(dir, bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Store: store, Clock: clock.New(), Policies: frozen{}})
	out, err := e.Handle(t.Context(), engine.Input{Key: "a", Via: incident.ViaAlertmanager, Actor: incident.Actor{System: incident.SystemAlertmanager}, Route: engine.Route{New: true},
		Act: incident.AlertsFired{Title: incident.Say("OcrServiceDown", 100), Set: incident.AlertSet{Group: "g", Name: "OcrServiceDown", Firing: 1, Digest: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	if b, err = start(); err != nil {
		t.Fatal(err)
	}
	defer stop(b)
	ctx, done := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Wait(ctx) }()
	want := map[string]bool{}
	for _, p := range out.State.Pages {
		want[p.Dedup] = true
	}
	for told := false; len(want) > 0 || !told; {
		select {
		case key := <-rung:
			delete(want, key)
		case line := <-said:
			told = told || strings.Contains(line, "Slack is not heard until")
		case err := <-ended:
			t.Fatalf("the bot ended with pages owed: %v", err)
		}
	}
	done()
	if err := <-ended; err != nil {
		t.Errorf("the bot ended: %v", err)
	}
}
