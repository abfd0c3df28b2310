package runbooks

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startPostgres runs a PostgreSQL of its own, reached by a socket in a temporary folder, and returns what runs SQL in it.
func startPostgres(t *testing.T) func(sql string) (string, error) {
	t.Helper()
	programs := map[string]string{}
	for _, p := range []string{"initdb", "postgres", "psql"} {
		path, err := exec.LookPath(p)
		if err != nil { // Debian keeps the server's beside each other, by version
			there, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + p)
			if len(there) == 0 {
				t.Skip("no " + p + " here")
			}
			path = there[len(there)-1]
		}
		programs[p] = path
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("", "pg") // t.TempDir's path can be longer than a socket's may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var as *syscall.SysProcAttr
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.SysProcAttr, cmd.Dir = as, dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C"}
		return cmd
	}
	data := filepath.Join(dir, "data")
	if out, err := command(programs["initdb"], "-D", data, "-U", "postgres", "-A", "trust", "--no-sync").CombinedOutput(); err != nil {
		t.Skipf("initdb: %v\n%s", err, out)
	}
	server := command(programs["postgres"], "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_preload_libraries=pg_stat_statements")
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
	})
	run := func(sql string) (string, error) {
		cmd := command(programs["psql"], "-h", dir, "-U", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1")
		cmd.Stdin = strings.NewReader(sql)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if _, err := run("SELECT 1;"); err == nil {
			return run
		}
		select {
		case <-ctx.Done():
			t.Skipf("PostgreSQL does not start:\n%s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Every SQL block of every runbook runs on a real PostgreSQL with the parameters' examples in place, and those that decide what is done
// next answer what they are asked.
func TestSQLRunsOnPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a PostgreSQL")
	}
	run := startPostgres(t)
	schema, err := os.ReadFile("testdata/sql/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := run(string(schema)); err != nil {
		t.Fatalf("the schema: %v\n%s", err, out)
	}
	answers := map[string]string{}
	n := 0
	for _, r := range mustDefault(t).All() {
		if r.Language != "en" { // the linter says that the French commands are the same
			continue
		}
		examples := map[string]string{}
		for _, q := range r.Parameters {
			examples[q.Name] = q.Example
		}
		if _, ok := r.Parameter("incident_start"); ok {
			examples["incident_start"] = time.Now().UTC().Add(-15 * time.Minute).Format(time.RFC3339)
		}
		for _, s := range r.Steps {
			filled, _, err := r.Fill(s.ID, examples)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range s.Commands {
				if c.Language != "sql" {
					continue
				}
				n++
				out, err := run(filled[i].Text)
				if err != nil {
					t.Errorf("%s:%d: %v\n%s", r.File, c.Line, err, out)
				}
				answers[r.ID+" "+s.ID] += out + "\n"
			}
		}
	}
	if n < 18 {
		t.Errorf("only %d statements were run", n)
	}
	for step, want := range map[string][]string{
		"RB-005 balance":         {"acme-bank|12|"},
		"RB-006 rejected":        {"d-1|rejected|r-1"},
		"RB-006 error-report":    {"CF03"},
		"RB-008 find-break":      {"3|c|X|"},
		"RB-014 unanchored":      {"c-2|t|o|CERTIFIED_NO_ANCHOR|"},
		"RB-009 pattern":         {"198.51.100.1|bot|2", "198.51.100.0/24|10|9", "2001:db8::/48|1|1"},
		"RB-009 review-accounts": {"198.51.100.1|bot|1|2", "2001:db8::1|phone|1|1"},
	} {
		for _, w := range want {
			if !strings.Contains(answers[step], w) {
				t.Errorf("%s does not answer %q:\n%s", step, w, answers[step])
			}
		}
	}
	for step, never := range map[string]string{"RB-005 balance": "9000", "RB-006 rejected": "d-2", "RB-006 error-report": "CV01", "RB-008 find-break": "2|b|", "RB-014 unanchored": "c-1", "RB-009 pattern": "192.0.2.1", "RB-009 review-accounts": "198.51.100.2"} {
		if strings.Contains(answers[step], never) {
			t.Errorf("%s answers %q too:\n%s", step, never, answers[step])
		}
	}
}
