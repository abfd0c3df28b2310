package journaltest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Redis returns the URL of a Redis server for a test: TOCSIN_TEST_REDIS, or one that is started here on a loopback port with an append-only
// file, and ended with the test. Without a redis-server on the PATH the test is skipped, except where CI is set: there it fails.
func Redis(t testing.TB, args ...string) string {
	t.Helper()
	if url := os.Getenv("TOCSIN_TEST_REDIS"); url != "" {
		return url
	}
	return NewServer(t, args...).URL()
}

// Server is a Redis server of a test's own.
type Server struct {
	t    testing.TB
	path string
	dir  string
	args []string
	addr string
	cmd  *exec.Cmd
}

// NewServer starts a server that the test may kill and start again on its data; it skips or fails as Redis does.
func NewServer(t testing.TB, args ...string) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no redis-server on the PATH: the stores must be tested against a real one in CI (or set TOCSIN_TEST_REDIS)")
		}
		t.Skip("no redis-server on the PATH: tested on miniredis only (set TOCSIN_TEST_REDIS to test on a server)")
	}
	s := &Server{t: t, path: path, dir: t.TempDir(), args: args}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// URL is where the server is.
func (s *Server) URL() string { return "redis://" + s.addr }

// Start starts the server on its data and waits until it listens.
func (s *Server) Start() {
	s.t.Helper()
	for try := 0; ; try++ {
		if s.addr == "" || try > 0 {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				s.t.Fatal(err)
			}
			s.addr = l.Addr().String()
			l.Close()
		}
		_, port, _ := net.SplitHostPort(s.addr)
		args := append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
			"--logfile", filepath.Join(s.dir, "log"), "--daemonize", "no"}, s.args...)
		s.cmd = exec.Command(s.path, args...)
		if err := s.cmd.Start(); err != nil {
			s.t.Fatalf("start %s: %v", s.path, err)
		}
		if err := s.listens(); err == nil {
			return
		} else if s.Kill(); try == 3 {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			s.t.Fatalf("redis-server does not listen: %v\n%s", err, log)
		}
	}
}

func (s *Server) listens() (err error) {
	for range 200 {
		var c net.Conn
		if c, err = net.DialTimeout("tcp", s.addr, time.Second); err == nil {
			c.SetDeadline(time.Now().Add(time.Second))
			fmt.Fprint(c, "PING\r\n")
			b := make([]byte, 5)
			_, err = c.Read(b)
			c.Close()
			if err == nil && string(b) != "-LOAD" { // "+PONG", or "-NOAU" of a server with a password
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("no answer on %s: %w", s.addr, err)
}

// Kill ends the server at once, as kill -9 does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}
