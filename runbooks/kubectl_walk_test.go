package runbooks

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

var update = flag.Bool("update", false, "write the golden files anew")

// kubectlCalls counts the commands of a block that run kubectl.
func kubectlCalls(t *testing.T, text string) (n int) {
	t.Helper()
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	syntax.Walk(f, func(node syntax.Node) bool {
		if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) > 0 && call.Args[0].Lit() == "kubectl" {
			n++
		}
		return true
	})
	return n
}

// Every kubectl command of every runbook is run by the real kubectl, the examples in its places, against an API server in which everything is
// there: kubectl takes it, the server knows all that it asks, and what it asks is what testdata/kubectl.golden has been read to say. The French
// commands are the same (the linter says so). It takes seven
// seconds of processor: there are some eighty, and kubectl needs that long to start.
func TestEveryKubectlCommand(t *testing.T) {
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("no kubectl here")
	}
	sh := bash(t)
	if raced {
		return // under the race detector: other processes are all there is to watch, and they were watched without it
	}
	cluster := &anyCluster{}
	server := httptest.NewServer(cluster)
	defer server.Close()
	home := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		t.Helper()
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	config := write("config", fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n", server.URL), 0o600)
	log := filepath.Join(home, "log")
	write("bin/kubectl", fmt.Sprintf("#!/bin/sh\n%s \"$@\" 2>>%s.err\nrc=$?\nprintf '%%s %%s\\n' $rc \"$(printf %%s \"$*\" | tr '\\n' ' ')\" >>%s\nexit $rc\n", kubectl, log, log), 0o700)
	write("bin/aws", "#!/bin/sh\nexit 0\n", 0o700)
	write("bin/gpg", "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --output ] && cat >\"$2\"; shift; done\n", 0o700)
	var golden strings.Builder
	commands := 0
	blocks(t, "sh", func(r *Runbook, c Command, text string) {
		n := 0
		if r.Language == "en" {
			n = kubectlCalls(t, text)
		}
		if n == 0 {
			return
		}
		commands += n
		_ = os.Remove(log)
		_ = os.Remove(log + ".err")
		cluster.mu.Lock()
		cluster.asked, cluster.unexpected = nil, nil
		cluster.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, sh, "-o", "pipefail", "-c", text)
		cmd.Dir = home
		cmd.Env = []string{"PATH=" + filepath.Join(home, "bin") + ":" + os.Getenv("PATH"), "HOME=" + home, "KUBECONFIG=" + config, "KUBE_EDITOR=sed -i s/10/20/", "GOGC=off"} // which halves what kubectl needs to start
		out, err := cmd.CombinedOutput()
		ran, _ := os.ReadFile(log)
		said, _ := os.ReadFile(log + ".err")
		if err != nil {
			t.Errorf("%s:%d: %v: %s%s", r.File, c.Line, err, out, said)
		}
		if lines := strings.Split(strings.TrimSpace(string(ran)), "\n"); len(lines) < n || slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "0 ") }) {
			t.Errorf("%s:%d: of %d kubectl commands there ran\n%s%s", r.File, c.Line, n, ran, said)
		}
		cluster.mu.Lock()
		defer cluster.mu.Unlock()
		if len(cluster.unexpected) > 0 {
			t.Errorf("%s:%d: kubectl also asked: %v", r.File, c.Line, cluster.unexpected)
		}
		fmt.Fprintf(&golden, "%s, %s\n", r.ID, strings.Join(strings.Fields(strings.SplitN(text, "\n", 2)[0]), " "))
		slices.Sort(cluster.asked) // two of a pipe ask at the same time
		for _, a := range cluster.asked {
			fmt.Fprintf(&golden, "    %s\n", a)
		}
	})
	if commands < 75 {
		t.Errorf("only %d commands", commands)
	}
	const file = "testdata/kubectl.golden"
	if *update {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if golden.String() != string(want) {
		t.Errorf("kubectl asks something else than %s says; look at it with git diff after go test ./runbooks -run %s -update\n%s", file, t.Name(), golden.String())
	}
}
