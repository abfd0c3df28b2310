package slack

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/clock"
)

// callTimeout is the most a call of the Web API may take, in real time: a third of an effect's lease.
const callTimeout = 10 * time.Second

// ClientOptions say which Slack, and as whom.
type ClientOptions struct {
	BotToken string // xoxb-
	AppToken string // xapp-; needed for Socket Mode only
	APIURL   string // base of the Web API; empty: https://slack.com/api/
	Clock    *clock.Clock
	Limits   *Limits      // nil: limits for one replica, pauses not shared
	HTTP     *http.Client // nil: one of our own; its timeout is set to 10 s when it has none
	ReadOnly bool         // nothing that changes the workspace is called: it is refused before it is sent
}

// Client is the Web API as this package uses it: every method limited, timed out and its failure classified as *Fault. Safe for concurrent
// use. It is a narrow wall around slack-go, whose releases change its Go API often.
type Client struct {
	api      *slackgo.Client
	http     *http.Client
	base     string
	botToken string
	clock    *clock.Clock
	limits   *Limits
	readOnly bool

	mu       sync.Mutex
	identity *Identity
	lacking  map[string]bool // methods that this Slack does not have
	health   Health
}

// Identity is who we are in the workspace.
type Identity struct {
	TeamID, Team, URL string
	BotUserID, BotID  string
	BotName           string   // of the bot user, as people mention it
	Scopes            []string // of the bot token, as Slack says; empty when it does not
}

// Health is what the latest calls say of the Web API.
type Health struct {
	Up    bool
	Since time.Time // of the present state; zero: no call was made yet
	Error string    // the latest failure, when it is down or the tokens are refused
	Auth  bool      // the latest answer took our token
}

// NewClient makes a Client. It calls nobody.
func NewClient(o ClientOptions) (*Client, error) {
	if o.Clock == nil {
		return nil, errors.New("slack client: no clock")
	}
	if !strings.HasPrefix(o.BotToken, "xoxb-") {
		return nil, errors.New("slack client: the bot token does not begin with xoxb-: set SLACK_BOT_TOKEN to the app's \"Bot User OAuth Token\"")
	}
	if o.AppToken != "" && !strings.HasPrefix(o.AppToken, "xapp-") {
		return nil, errors.New("slack client: the app token does not begin with xapp-: set SLACK_APP_TOKEN to an app-level token with connections:write")
	}
	base := o.APIURL
	if base == "" {
		base = slackgo.APIURL
	}
	if !strings.HasSuffix(base, "/") {
		base += "/"
	}
	h := &http.Client{Transport: &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		// Effects of several lanes go out at the same time; a handshake for each would double their latency.
		MaxIdleConnsPerHost: 16, MaxIdleConns: 32, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second, ForceAttemptHTTP2: true,
	}}
	if o.HTTP != nil {
		c := *o.HTTP
		h = &c
	}
	if o.ReadOnly {
		guarded := *h
		if guarded.Transport == nil {
			guarded.Transport = http.DefaultTransport
		}
		guarded.Transport = readOnly{guarded.Transport, base}
		h = &guarded
	}
	if h.Timeout == 0 {
		h.Timeout = callTimeout
	}
	lim := o.Limits
	if lim == nil {
		lim = NewLimits(o.Clock, nil, nil)
	}
	c := &Client{http: h, base: base, botToken: o.BotToken, clock: o.Clock, limits: lim, readOnly: o.ReadOnly, lacking: map[string]bool{}}
	c.api = slackgo.New(o.BotToken, slackgo.OptionAPIURL(base), slackgo.OptionHTTPClient(h), slackgo.OptionAppLevelToken(o.AppToken),
		slackgo.OptionLog(log.New(io.Discard, "", 0))) // what it would say is in the errors, and those are ours to log
	return c, nil
}

// do makes one call: a token of the buckets, the timeout, the classification. It returns nil or a *Fault.
func (c *Client) do(ctx context.Context, method, channel string, call func(ctx context.Context) error) error {
	if c.readOnly && !readMethods[method] {
		return refusedAsWrite(method)
	}
	c.mu.Lock()
	lacks := c.lacking[method]
	c.mu.Unlock()
	if lacks {
		return coded(method, "unknown_method", "", "", nil)
	}
	if err := c.limits.Take(ctx, method, channel); err != nil {
		return err
	}
	timed, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	f := classify(method, call(timed))
	if f != nil && f.Code == CodeRateLimited {
		c.limits.Rest(ctx, method, channel, f.after)
	}
	c.note(ctx, f)
	if f == nil {
		return nil
	}
	return f
}

// note keeps what an answer says of Slack's health and of the methods it has.
func (c *Client) note(ctx context.Context, f *Fault) {
	up, auth := true, true
	if f != nil {
		switch f.Code {
		case CodeNoAnswer, CodeServer, CodeNotSlack, "service_unavailable":
			if ctx.Err() != nil {
				return // the caller gave up; that says nothing of Slack
			}
			up = false
		}
		auth = !badAuth[f.Code]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f != nil && f.Code == "unknown_method" {
		c.lacking[f.Method] = true
	}
	if c.health.Since.IsZero() || up != c.health.Up {
		c.health.Since = c.clock.Now()
	}
	c.health.Up, c.health.Auth, c.health.Error = up, auth, ""
	if !up || !auth {
		c.health.Error = f.Error()
	}
}

// Health returns what the latest calls say.
func (c *Client) Health() Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.health
}

// Lacking lists the methods that this Slack answered unknown_method to.
func (c *Client) Lacking() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for m := range c.lacking {
		out = append(out, m)
	}
	return out
}

// Identity returns who we are (auth.test), asked once.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	c.mu.Lock()
	if c.identity != nil {
		defer c.mu.Unlock()
		return *c.identity, nil
	}
	c.mu.Unlock()
	var r *slackgo.AuthTestResponse
	err := c.do(ctx, "auth.test", "", func(ctx context.Context) (err error) {
		r, err = c.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return Identity{}, err
	}
	id := Identity{TeamID: r.TeamID, Team: r.Team, URL: r.URL, BotUserID: r.UserID, BotID: r.BotID, BotName: r.User}
	for _, s := range strings.Split(r.Header.Get("X-Oauth-Scopes"), ",") {
		if s = strings.TrimSpace(s); s != "" {
			id.Scopes = append(id.Scopes, s)
		}
	}
	c.mu.Lock()
	c.identity = &id
	c.mu.Unlock()
	return id, nil
}

// Scope is a scope of the bot token and what it is for.
type Scope struct {
	Name     string
	For      string
	Optional bool
}

// Scopes lists what the bot token needs, in order of the manifest.
func Scopes() []Scope {
	return []Scope{
		{"commands", "the slash command", false},
		{"chat:write", "cards, posts and direct messages", false},
		{"channels:manage", "opening an incident's channel, its topic and invitations", false},
		{"channels:read", "finding channels", false},
		{"channels:history", "the timeline, and finding our own posts again", false},
		{"channels:join", "joining the incidents channel", true},
		{"groups:read", "private incidents, and an incidents channel that is private", true},
		{"groups:history", "the timeline of a private incident, and an incidents channel that is private", true},
		{"groups:write", "opening the room of a private incident", true},
		{"im:write", "direct messages", false},
		{"im:history", "finding a direct message again before repeating it", true},
		{"users:read", "names of people", false},
		{"users:read.email", "finding people of the policy by e-mail", true},
		{"pins:write", "pinning the headline", true},
		{"bookmarks:read", "links in the channel's header", true},
		{"bookmarks:write", "links in the channel's header", true},
	}
}
