package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// Options of Open.
type Options struct {
	// Installation is the name under which several bots keep apart on one server: letters, digits, dot, dash and underscore, at most 64.
	// Empty: "default".
	Installation string
	// Dialer connects in place of the network, for a server in the same process; the address should be an IP literal then.
	Dialer func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Store is a journal on a Redis server. It implements journal.Store.
type Store struct {
	client goredis.UniversalClient
	prefix string // of every key
	where  string // the address, for errors; no secret
	secret []string
}

var _ journal.Store = (*Store)(nil)

const (
	format      = "1"
	callTimeout = 5 * time.Second
	poolSize    = 32 // unless the URL says otherwise
)

var installationName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// quiet keeps the library from writing to standard error: its errors are returned to us as well.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

var silence = sync.OnceFunc(func() { goredis.SetLogger(quiet{}) })

// Open connects to the server of a URL and checks that it can be written to:
//
//	redis://user:password@host:6379/0           one server; rediss:// with TLS; unix:///path
//	redis://host:26379?master_name=mymaster     Sentinel; further sentinels as &addr=host:port
//	redis://host:6379?addr=host2:6379           Cluster, one slot of which is used
//
// It keeps at most 32 connections, or as many as the URL says with pool_size=64.
//
// No error it or the store returns holds the password.
func Open(ctx context.Context, rawURL string, o Options) (*Store, error) {
	silence()
	if o.Installation == "" {
		o.Installation = "default"
	}
	if !installationName.MatchString(o.Installation) {
		return nil, fmt.Errorf("installation %q: use letters, digits, dot, dash and underscore, at most 64", o.Installation)
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		// The parser's own error repeats the URL, password and all.
		return nil, errors.New("the Redis URL cannot be read; write it as redis://user:password@host:6379/0, with special characters of the password percent-encoded")
	}
	s := &Store{prefix: "{tocsin:" + o.Installation + "}:", where: where(u), secret: secrets(u)}
	if err := s.connect(u, rawURL, o); err != nil {
		return nil, s.wrap("open", err)
	}
	if err := s.begin(ctx); err != nil {
		s.client.Close()
		return nil, err
	}
	return s, nil
}

func where(u *url.URL) string {
	if u.Host != "" {
		return u.Host
	}
	return u.Path
}

func secrets(u *url.URL) (out []string) {
	pass, _ := u.User.Password()
	for _, s := range []string{pass, url.QueryEscape(pass), url.PathEscape(pass), u.Query().Get("password"), u.Query().Get("sentinel_password")} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (s *Store) connect(u *url.URL, rawURL string, o Options) error {
	quietMode := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch q := u.Query(); {
	case q.Has("master_name"):
		f, err := goredis.ParseFailoverURL(rawURL)
		if err != nil {
			return err
		}
		f.MaxRetries, f.ContextTimeoutEnabled, f.PoolSize = -1, true, cmp.Or(f.PoolSize, poolSize)
		f.ReadTimeout, f.WriteTimeout, f.DialTimeout = callTimeout, callTimeout, callTimeout
		if o.Dialer != nil {
			f.Dialer = o.Dialer
		}
		s.client = goredis.NewFailoverClient(f)
	case q.Has("addr"):
		c, err := goredis.ParseClusterURL(rawURL)
		if err != nil {
			return err
		}
		c.MaxRetries, c.ContextTimeoutEnabled, c.PoolSize = -1, true, cmp.Or(c.PoolSize, poolSize)
		c.ReadTimeout, c.WriteTimeout, c.DialTimeout = callTimeout, callTimeout, callTimeout
		c.MaintNotificationsConfig = quietMode
		if o.Dialer != nil {
			c.Dialer = o.Dialer
		}
		s.client = goredis.NewClusterClient(c)
	default:
		c, err := goredis.ParseURL(rawURL)
		if err != nil {
			return err
		}
		c.MaxRetries, c.ContextTimeoutEnabled, c.PoolSize = -1, true, cmp.Or(c.PoolSize, poolSize)
		c.ReadTimeout, c.WriteTimeout, c.DialTimeout = callTimeout, callTimeout, callTimeout
		c.DialerRetries = 1 // whoever calls tries again, and can say so
		c.MaintNotificationsConfig = quietMode
		if o.Dialer != nil {
			c.Dialer = o.Dialer
		}
		s.client = goredis.NewClient(c)
	}
	return nil
}

// begin marks the installation with the format of its keys.
func (s *Store) begin(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	if err := s.client.HSetNX(ctx, s.prefix+"meta", "format", format).Err(); err != nil {
		return s.wrap("open", err)
	}
	f, err := s.client.HGet(ctx, s.prefix+"meta", "format").Result()
	if err != nil {
		return s.wrap("open", err)
	}
	if f != format {
		return fmt.Errorf("the journal on %s is of format %q, this release reads format %q: run the release that wrote it, or a newer one", s.where, f, format)
	}
	return nil
}

// Close ends the connections.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil && !errors.Is(err, goredis.ErrClosed) {
		return s.wrap("close", err)
	}
	return nil
}

// failure is an error of the server or of the way to it, in words that say what to do and hold no secret.
type failure struct {
	text string
	err  error // for errors.Is; its own text may hold a secret and is not shown
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

// wrap says where, what and what to do about it.
func (s *Store) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, goredis.ErrClosed) {
		return journal.ErrClosed
	}
	text := err.Error()
	for _, secret := range s.secret {
		text = strings.ReplaceAll(text, secret, "***")
	}
	if m := mend(err); m != "" {
		text += " (" + m + ")"
	}
	return &failure{fmt.Sprintf("redis %s: %s: %s", s.where, what, text), err}
}

// mend says what an operator does about an error of the server.
func mend(err error) string {
	switch {
	case goredis.IsReadOnlyError(err):
		return "this is a replica: point REDIS_URL at the master, or name Sentinel's master_name"
	case goredis.IsLoadingError(err):
		return "it is loading its data: wait"
	case goredis.IsOOMError(err):
		return "its memory is full: raise maxmemory; maxmemory-policy must be noeviction"
	case goredis.HasErrorPrefix(err, "MISCONF"):
		return "it cannot write to its disk: free space there"
	case goredis.IsNoReplicasError(err):
		return "too few replicas are connected: see min-replicas-to-write"
	case goredis.IsAuthError(err):
		return "check user and password in REDIS_URL"
	case goredis.IsPermissionError(err):
		return "allow the user every command on the journal's keys: +@all ~{tocsin:*"
	case goredis.IsClusterDownError(err), goredis.IsMasterDownError(err):
		return "it is failing over: wait"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return "is the server running, and is REDIS_URL right?"
	}
	return ""
}
