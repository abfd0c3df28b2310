package bolt

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	bbolt "go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// OpenReader returns a reader of the journal in dir, for the CLI. While a bot owns the journal it asks the bot on its socket; otherwise it
// opens the file, read-only, for each question. Which of the two is found out anew when a question fails, so that a bot may start
// or stop meanwhile. The error wraps fs.ErrNotExist when there is no journal.
func OpenReader(dir string) (journal.Reader, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no journal in %s: name the bot's data directory with --data-dir: %w", dir, err)
		}
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	return &reader{dir: dir}, nil
}

// reader asks the owner, or the file.
type reader struct {
	dir string

	mu     sync.Mutex // one question at a time
	conn   net.Conn
	in     *gob.Decoder
	out    *gob.Encoder
	closed bool
}

const (
	askTimeout   = 30 * time.Second
	findTimeout  = 3 * time.Second // an owner that starts or stops has the file locked and no socket
	retryAsk     = 50 * time.Millisecond
	readerLocked = 60 * time.Millisecond // how long bbolt tries the lock
)

// errNoOwner says that nobody answers on the socket.
var errNoOwner = errors.New("no bot answers on the socket")

func (r *reader) ask(ctx context.Context, q question) (answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	until := time.Now().Add(findTimeout)
	for {
		if r.closed {
			return answer{}, journal.ErrClosed
		}
		a, err := r.askOwner(ctx, q)
		if errors.Is(err, errNoOwner) {
			a, err = r.askFile(q)
		}
		if err == nil && a.Error != "" {
			err = errors.New(a.Error)
			if a.NotFound {
				err = &remote{a.Error, journal.ErrNotFound}
			}
			return a, err
		}
		if !errors.Is(err, bbolterrors.ErrTimeout) || time.Now().After(until) {
			return a, err
		}
		select {
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case <-time.After(retryAsk):
		}
	}
}

// remote is an error of the owner's, with what it wrapped there.
type remote struct {
	text string
	is   error
}

func (r *remote) Error() string { return r.text }
func (r *remote) Unwrap() error { return r.is }

// askOwner asks on the socket. A connection that broke is made anew once.
func (r *reader) askOwner(ctx context.Context, q question) (answer, error) {
	for fresh := false; !fresh; {
		if r.conn == nil {
			fresh = true
			if err := r.dial(ctx); err != nil {
				return answer{}, err
			}
		}
		deadline := time.Now().Add(askTimeout)
		if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
			deadline = d
		}
		conn := r.conn
		stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
		err := conn.SetDeadline(deadline)
		if err == nil {
			err = r.out.Encode(q)
		}
		var a answer
		if err == nil {
			err = r.in.Decode(&a)
		}
		if stop() && err == nil {
			return a, nil
		}
		r.hangUp()
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return answer{}, fmt.Errorf("the bot that runs on %s does not answer: %w", r.dir, err)
		}
	}
	return answer{}, errNoOwner
}

func (r *reader) dial(ctx context.Context) error {
	path := filepath.Join(r.dir, socketName)
	if o, err := readOwner(r.dir); err == nil && o.Socket != "" {
		path = o.Socket
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("a bot of another user runs on %s: %w", r.dir, err)
	default:
		return errNoOwner
	}
	r.conn, r.in, r.out = c, gob.NewDecoder(c), gob.NewEncoder(c)
	return nil
}

func (r *reader) hangUp() {
	if r.conn != nil {
		r.conn.Close()
	}
	r.conn, r.in, r.out = nil, nil, nil
}

// askFile opens the file, answers and closes it.
func (r *reader) askFile(q question) (a answer, err error) {
	path := filepath.Join(r.dir, fileName)
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true, Timeout: readerLocked, NoStatistics: true})
	if err != nil {
		return a, openError(r.dir, path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%s holds no journal", path)
			}
		}
		if err := checkFormat(tx); err != nil {
			return err
		}
		a, err = answerFrom(tx, q)
		return err
	})
	return a, err
}

func answerFrom(tx *bbolt.Tx, q question) (a answer, err error) {
	limit := journal.Bound(q.Limit)
	switch q.Method {
	case "load":
		a.Loaded, err = load(tx, q.Stream)
	case "records":
		a.Records, err = records(tx, q.Stream, q.From, limit)
	case "streams":
		a.Streams = streams(tx, q.Stream, limit)
	case "rows":
		a.Rows = rows(tx, q.Open, q.Stream, limit)
	case "blob":
		a.Blob, err = blob(tx, q.Name)
	case "pending":
		a.Items, err = pending(tx, q.Name, limit)
	case "dead":
		a.Dead, err = deadLetters(tx, q.Stream, limit)
	case "now":
		a.Now = journal.Kept(time.Now())
	}
	return a, err
}

func (r *reader) Load(ctx context.Context, s journal.Stream) (journal.Loaded, error) {
	a, err := r.ask(ctx, question{Method: "load", Stream: s})
	return a.Loaded, err
}

func (r *reader) Records(ctx context.Context, s journal.Stream, from int64, limit int) ([]journal.Record, error) {
	a, err := r.ask(ctx, question{Method: "records", Stream: s, From: from, Limit: limit})
	return a.Records, err
}

func (r *reader) Streams(ctx context.Context, after journal.Stream, limit int) ([]journal.Stream, error) {
	a, err := r.ask(ctx, question{Method: "streams", Stream: after, Limit: limit})
	return a.Streams, err
}

func (r *reader) Rows(ctx context.Context, open bool, before journal.Stream, limit int) ([]json.RawMessage, error) {
	a, err := r.ask(ctx, question{Method: "rows", Open: open, Stream: before, Limit: limit})
	return a.Rows, err
}

func (r *reader) Blob(ctx context.Context, digest string) ([]byte, error) {
	a, err := r.ask(ctx, question{Method: "blob", Name: digest})
	if err == nil && a.Blob == nil {
		a.Blob = []byte{}
	}
	return a.Blob, err
}

func (r *reader) Pending(ctx context.Context, lane string, limit int) ([]journal.Item, error) {
	a, err := r.ask(ctx, question{Method: "pending", Name: lane, Limit: limit})
	return a.Items, err
}

func (r *reader) DeadLetters(ctx context.Context, s journal.Stream, limit int) ([]journal.Dead, error) {
	a, err := r.ask(ctx, question{Method: "dead", Stream: s, Limit: limit})
	return a.Dead, err
}

func (r *reader) Now(ctx context.Context) (time.Time, error) {
	a, err := r.ask(ctx, question{Method: "now"})
	return a.Now, err
}

func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hangUp()
	r.closed = true
	return nil
}
