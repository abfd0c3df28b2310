package bot_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// program is a running copy of the built binary.
type program struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

// start runs the binary until the benchmark ends; only this process is ended, by its id.
func start(b *testing.B, binary string, env []string, args ...string) *program {
	b.Helper()
	p := &program{cmd: exec.Command(binary, args...)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = p.cmd.Process.Signal(os.Interrupt)
		ended := make(chan error, 1)
		go func() { ended <- p.cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				b.Errorf("%v ended with %v:\n%s", args, err, p.out.String())
			}
		case <-time.After(30 * time.Second):
			_ = p.cmd.Process.Kill()
			<-ended
			b.Errorf("%v had to be killed", args)
		}
	})
	return p
}

// freeAddr is an address of the loopback interface that nobody listens on.
func freeAddr(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answers waits until an address answers 200.
func answers(b *testing.B, url string) {
	b.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(limit) {
			b.Fatalf("%s does not answer 200: %v", url, err)
		}
	}
}

// resident reads how much memory a process holds, in MiB, by the kernel's account (proc(5)): all of it, and what is its own rather than pages of
// files (the binary, the journal), which the kernel takes back when it needs them.
func resident(b *testing.B, pid int) (all, own float64) {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	for line := bufio.NewScanner(bytes.NewReader(raw)); line.Scan(); {
		name, rest, _ := strings.Cut(line.Text(), ":")
		kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			all = kib / 1024
		case "RssAnon":
			own = kib / 1024
		}
	}
	return all, own
}

// metric reads one figure of /metrics.
func metric(b *testing.B, address, name string) float64 {
	b.Helper()
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	for line := bufio.NewScanner(resp.Body); line.Scan(); {
		if rest, ok := strings.CutPrefix(line.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(rest, 64)
			if err != nil {
				b.Fatal(err)
			}
			return v
		}
	}
	b.Fatalf("no %s in /metrics", name)
	return 0
}

// BenchmarkIdle builds the binary, runs "serve" against "sandbox", and measures what the idle bot holds in memory after 25 s: both sockets are open
// and every duty has run.
//
//	go test ./bot -run - -bench Idle -benchtime 1x
func BenchmarkIdle(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "tocsin")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, "github.com/tocsin-bot/tocsin/cmd/tocsin")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	world, addr := freeAddr(b), freeAddr(b)
	start(b, binary, nil, "sandbox", "--addr", world, "--bot-token", "xoxb-bench", "--app-token", "xapp-bench", "--pagerduty-token", "pd-bench")
	answers(b, "http://"+world+"/control/")
	base := "http://" + world
	bot := start(b, binary, []string{
		"SLACK_BOT_TOKEN=xoxb-bench", "SLACK_APP_TOKEN=xapp-bench", "SLACK_API_URL=" + base + "/api/", "PAGERDUTY_API_URL=" + base + "/pagerduty",
		"PAGERDUTY_EVENTS_URL=" + base + "/pagerduty", "PAGERDUTY_API_TOKEN=pd-bench", "TOCSIN_HTTP_ADDR=" + addr, "TOCSIN_DATA_DIR=" + b.TempDir(),
	}, "serve")
	answers(b, "http://"+addr+"/readyz")
	for b.Loop() {
		time.Sleep(25 * time.Second)
		if n := metric(b, addr, "tocsin_slack_sockets"); n != 2 {
			b.Errorf("%v sockets are open", n)
		}
		all, own := resident(b, bot.cmd.Process.Pid)
		b.ReportMetric(all, "rss-MiB")
		b.ReportMetric(own, "rss-own-MiB")
		b.ReportMetric(metric(b, addr, "go_memstats_heap_alloc_bytes")/(1<<20), "heap-MiB")
		b.ReportMetric(metric(b, addr, "go_goroutines"), "goroutines")
	}
	b.ReportMetric(0, "ns/op")
}
