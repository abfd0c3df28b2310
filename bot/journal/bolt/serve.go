package bolt

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/journal"
)

// The owner answers reads on a unix socket. A question and its answer are gob values of the two types below, as many as a reader likes
// on one connection. gob and not JSON, because bodies must arrive byte for byte; nothing that writes can be asked.

type question struct {
	Method string
	Stream journal.Stream
	From   int64
	Limit  int
	Open   bool
	Name   string
}

type answer struct {
	Error    string
	NotFound bool
	Loaded   journal.Loaded
	Records  []journal.Record
	Streams  []journal.Stream
	Rows     []json.RawMessage
	Blob     []byte
	Items    []journal.Item
	Dead     []journal.Dead
	Now      time.Time
}

const (
	socketName = "tocsin.sock"
	shortDir   = "tocsin-" // prefix of the private directory of a socket whose path would be too long
	maxSocket  = 100       // bytes of a socket's path; the least sun_path of our systems is 104
	maxReaders = 16
	idleReader = 5 * time.Minute
)

// server owns the socket and the goroutines behind it.
type server struct {
	store  *Store
	listen *net.UnixListener
	path   string
	short  string // private directory, when there is one
	wg     sync.WaitGroup
	slots  chan struct{}
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil: closed
}

// serve begins to answer readers. The caller holds the lock of the file, so whatever socket lies there is left over.
func serve(store *Store) (*server, error) {
	if old, err := readOwner(store.dir); err == nil {
		removeShort(old.Socket)
	}
	v := &server{store: store, slots: make(chan struct{}, maxReaders), conns: map[net.Conn]struct{}{}}
	v.path = filepath.Join(store.dir, socketName)
	base := store.dir
	if len(filepath.Join(store.dir, ".new", socketName)) > maxSocket {
		short, err := os.MkdirTemp("", shortDir)
		if err != nil {
			return nil, fmt.Errorf("socket for readers: %w", err)
		}
		v.short, v.path, base = short, filepath.Join(short, socketName), short
	}
	if err := v.bind(base); err != nil {
		removeShort(v.path) // and nothing in the data directory: what is in the way is not ours
		return nil, fmt.Errorf("socket for readers: %w", err)
	}
	host, _ := os.Hostname() // for people only
	if err := writeOwner(store.dir, owner{os.Getpid(), host, time.Now().UTC().Truncate(time.Second), v.path}); err != nil {
		v.listen.Close()
		v.remove()
		return nil, fmt.Errorf("socket for readers: %w", err)
	}
	v.ctx, v.cancel = context.WithCancel(context.Background())
	v.wg.Go(v.accept)
	return v, nil
}

// bind makes the socket in a directory only we can enter and moves it into place when its mode is right: there is no moment at which
// somebody else could connect, and a left-over socket is replaced in one step.
func (v *server) bind(base string) error {
	private := filepath.Join(base, ".new")
	if err := os.RemoveAll(private); err != nil {
		return err
	}
	if err := os.Mkdir(private, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(private)
	if old, err := os.Lstat(v.path); err == nil && old.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s is in the way: it is not a socket; remove it", v.path)
	}
	made := filepath.Join(private, socketName)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false) // it would unlink the path it was made at
	v.listen = l
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, v.path)); err != nil {
		l.Close()
		return err
	}
	return nil
}

func (v *server) accept() {
	for {
		c, err := v.listen.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			select { // out of file descriptors, say
			case <-v.ctx.Done():
				return
			case <-time.After(100 * time.Millisecond):
				continue
			}
		}
		select {
		case v.slots <- struct{}{}:
		default:
			c.Close() // the reader says that the bot has too many
			continue
		}
		v.mu.Lock()
		if v.conns == nil {
			v.mu.Unlock()
			c.Close()
			return
		}
		v.conns[c] = struct{}{}
		v.mu.Unlock()
		v.wg.Go(func() { v.talk(c) })
	}
}

// talk answers one reader until it leaves, or says nothing for a while.
func (v *server) talk(c net.Conn) {
	defer func() {
		v.mu.Lock()
		delete(v.conns, c)
		v.mu.Unlock()
		c.Close()
		<-v.slots
	}()
	in, out := gob.NewDecoder(&limited{r: c}), gob.NewEncoder(c)
	for {
		var q question
		if c.SetDeadline(time.Now().Add(idleReader)) != nil || in.Decode(&q) != nil {
			return
		}
		if out.Encode(v.answer(q)) != nil {
			return
		}
	}
}

// limited reads at most 1 MiB in all: questions are small, and a reader asks few.
type limited struct {
	r io.Reader
	n int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.n >= 1<<20 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := l.r.Read(p[:min(len(p), 1<<20-l.n)])
	l.n += n
	return n, err
}

func (v *server) answer(q question) (a answer) {
	var err error
	s, ctx := v.store, v.ctx
	switch q.Method {
	case "load":
		a.Loaded, err = s.Load(ctx, q.Stream)
	case "records":
		a.Records, err = s.Records(ctx, q.Stream, q.From, q.Limit)
	case "streams":
		a.Streams, err = s.Streams(ctx, q.Stream, q.Limit)
	case "rows":
		a.Rows, err = s.Rows(ctx, q.Open, q.Stream, q.Limit)
	case "blob":
		a.Blob, err = s.Blob(ctx, q.Name)
	case "pending":
		a.Items, err = s.Pending(ctx, q.Name, q.Limit)
	case "dead":
		a.Dead, err = s.DeadLetters(ctx, q.Stream, q.Limit)
	case "now":
		a.Now, err = s.Now(ctx)
	default:
		err = fmt.Errorf("the bot is of a release that cannot answer %q", q.Method)
	}
	if err != nil {
		a.Error, a.NotFound = err.Error(), errors.Is(err, journal.ErrNotFound)
	}
	return a
}

// close ends the server and waits for its goroutines.
func (v *server) close() {
	v.cancel()
	v.listen.Close()
	v.mu.Lock()
	for c := range v.conns {
		c.Close()
	}
	v.conns = nil
	v.mu.Unlock()
	v.wg.Wait()
	v.remove()
	os.Remove(filepath.Join(v.store.dir, ownerName))
}

func (v *server) remove() {
	os.Remove(v.path)
	removeShort(v.path)
}

// removeShort removes the private directory of a socket, if it is one of ours.
func removeShort(socket string) {
	dir := filepath.Dir(socket)
	if filepath.Base(socket) != socketName || filepath.Dir(dir) != filepath.Clean(os.TempDir()) || !strings.HasPrefix(filepath.Base(dir), shortDir) {
		return
	}
	os.Remove(socket)
	os.Remove(dir)
}
