package runbooks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeCluster answers the few requests by which kubectl finds, reads and scales one deployment, and refuses all others.
type fakeCluster struct {
	mu         sync.Mutex
	replicas   int
	unexpected []string
}

func (f *fakeCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	const deployment = "/apis/apps/v1/namespaces/vitakyc/deployments/kyc-svc"
	meta := map[string]any{"name": "kyc-svc", "namespace": "vitakyc", "resourceVersion": "7"}
	say := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	scale := func() map[string]any {
		return map[string]any{"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": map[string]any{"replicas": f.replicas}, "status": map[string]any{"replicas": f.replicas}}
	}
	switch {
	case r.Method == "GET" && r.URL.Path == "/api":
		say(map[string]any{"kind": "APIVersions", "versions": []string{"v1"}})
	case r.Method == "GET" && r.URL.Path == "/apis":
		version := map[string]any{"groupVersion": "apps/v1", "version": "v1"}
		say(map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{map[string]any{"name": "apps", "versions": []any{version}, "preferredVersion": version}}})
	case r.Method == "GET" && r.URL.Path == "/version": // some distributions of kubectl ask it to choose their version
		say(map[string]any{"major": "1", "minor": "32", "gitVersion": "v1.32.0"})
	case r.Method == "GET" && r.URL.Path == "/api/v1":
		say(map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{}})
	case r.Method == "GET" && r.URL.Path == "/apis/apps/v1":
		say(map[string]any{"kind": "APIResourceList", "groupVersion": "apps/v1", "resources": []any{
			map[string]any{"name": "deployments", "singularName": "deployment", "namespaced": true, "kind": "Deployment", "verbs": []string{"get", "patch", "update"}},
			map[string]any{"name": "deployments/scale", "namespaced": true, "kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": []string{"get", "patch", "update"}}}})
	case r.Method == "GET" && r.URL.Path == deployment:
		say(map[string]any{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": meta, "spec": map[string]any{"replicas": f.replicas}})
	case r.Method == "GET" && r.URL.Path == deployment+"/scale":
		say(scale())
	case (r.Method == "PUT" || r.Method == "PATCH") && r.URL.Path == deployment+"/scale":
		var in struct{ Spec struct{ Replicas int } }
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err := json.Unmarshal(body, &in); err != nil {
			f.unexpected = append(f.unexpected, fmt.Sprintf("%s %s with %q", r.Method, r.URL, body))
		}
		f.replicas = in.Spec.Replicas
		say(scale())
	default:
		f.unexpected = append(f.unexpected, r.Method+" "+r.URL.String())
		http.NotFound(w, r)
	}
}

// With the real kubectl: the runbook's command adds two replicas, and the procedure it corrects would have taken six away.
func TestScaleWithKubectl(t *testing.T) {
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("no kubectl here")
	}
	sh := bash(t)
	if raced {
		return // under the race detector, where other processes cannot be watched
	}
	cluster := &fakeCluster{}
	server := httptest.NewServer(cluster)
	defer server.Close()
	home := t.TempDir()
	config := filepath.Join(home, "config")
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: c, context: {cluster: c, user: u, namespace: vitakyc}}]\n", server.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(replicas int, script string) (int, string) {
		cluster.mu.Lock()
		cluster.replicas = replicas
		cluster.mu.Unlock()
		cmd := exec.CommandContext(context.Background(), sh, "-c", script)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "KUBECONFIG=" + config}
		out, _ := cmd.CombinedOutput()
		cluster.mu.Lock()
		defer cluster.mu.Unlock()
		return cluster.replicas, string(out)
	}
	r, _ := mustDefault(t).ByID("RB-001", "en")
	filled, _, err := r.Fill("scale-service", map[string]string{"svc": "kyc-svc"})
	if err != nil {
		t.Fatal(err)
	}
	if n, out := run(8, filled[1].Text); n != 10 {
		t.Errorf("eight replicas became %d: %s", n, out)
	}
	if n, out := run(8, strings.Replace(filled[1].Text, `"${current:?}"`, "7", 1)); n != 8 || !strings.Contains(out, "replicas to be 7") {
		t.Errorf("a number that had changed meanwhile was scaled to %d: %s", n, out)
	}
	if n, out := run(8, "kubectl scale deployment/kyc-svc --replicas=+2"); n != 2 {
		t.Errorf("the form that ERRATA.md warns of gives %d, not 2: %s", n, out)
	}
	kafka, _ := mustDefault(t).ByID("RB-003", "en")
	scaled := func(partitions string) string {
		filled, _, err := kafka.Fill("scale-out", map[string]string{"consumer_svc": "kyc-svc", "partitions": partitions})
		if err != nil {
			t.Fatal(err)
		}
		return filled[0].Text
	}
	for _, c := range []struct {
		replicas   int
		partitions string
		want       int
	}{{5, "12", 8}, {5, "6", 6}, {6, "6", 6}, {9, "6", 9}, {1, "1", 1}} {
		n, out := run(c.replicas, scaled(c.partitions))
		if n != c.want || (n == c.replicas) != strings.Contains(out, "Not scaled") {
			t.Errorf("%d consumers on %s partitions became %d, not %d: %s", c.replicas, c.partitions, n, c.want, out)
		}
	}
	half, _, err := kafka.Fill("scale-out", map[string]string{"consumer_svc": "kyc-svc"})
	if err != nil {
		t.Fatal(err)
	}
	if n, out := run(8, half[0].Text); n != 8 {
		t.Errorf("pasted without the number of partitions the command scaled to %d: %s", n, out)
	}
	if n, out := run(8, "kubectl scale deployment/kyc-svc --replicas=+3"); n != 3 {
		t.Errorf("the form that ERRATA.md warns of gives %d, not 3: %s", n, out)
	}
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	if len(cluster.unexpected) > 0 {
		t.Errorf("kubectl also asked: %v", cluster.unexpected)
	}
}

func (r *Runbook) mustStep(t *testing.T, id string) Step {
	t.Helper()
	s, ok := r.Step(id)
	if !ok {
		t.Fatalf("%s has no step %s", r.ID, id)
	}
	return s
}

// deployments answers for some deployments of the cluster, and keeps what kubectl changes in them.
type deployments struct {
	mu         sync.Mutex
	names      []string
	patches    []string // "name: patch"
	unexpected []string
}

func (d *deployments) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/apis/apps/v1/namespaces/vitakyc/deployments/")
	if !contains(d.names, name) {
		cluster := &fakeCluster{} // which answers how kubectl finds its way
		cluster.ServeHTTP(w, r)
		d.unexpected = append(d.unexpected, cluster.unexpected...)
		return
	}
	if r.Method == "PATCH" {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		d.patches = append(d.patches, name+": "+string(body))
	} else if r.Method != "GET" {
		d.unexpected = append(d.unexpected, r.Method+" "+r.URL.String())
	}
	env := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Deployment", "apiVersion": "apps/v1",
		"metadata": map[string]any{"name": name, "namespace": "vitakyc", "resourceVersion": "7"},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "main", "image": "x", "env": []any{
			env("TENANT_acme-bank_LIVENESS_LEVEL", "2"), env("TENANT_acme-bank_RATE_LIMIT_SELFIE_PER_IP", "9"), env("TENANT_acme-bank_RNE_FALLBACK", "true"),
			env("AUDIT_WRITE_FROZEN_acme-bank", "true"), env("TENANT_other_LIVENESS_LEVEL", "1"),
			map[string]any{"name": "TENANT_acme-bank_CHALLENGE", "valueFrom": map[string]any{"configMapKeyRef": map[string]any{"name": "liveness", "key": "challenge"}}}}}}}}}})
}

// With the real kubectl: a tenant's flags are set and taken back on the deployment that they are for, and no other tenant's.
func TestSetEnvWithKubectl(t *testing.T) {
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("no kubectl here")
	}
	sh := bash(t)
	if raced {
		return // under the race detector, where other processes cannot be watched
	}
	cluster := &deployments{names: []string{"connector-rne", "liveness-svc", "audit-svc"}}
	server := httptest.NewServer(cluster)
	defer server.Close()
	home := t.TempDir()
	config := filepath.Join(home, "config")
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n", server.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id, step string
		command  int
		patched  []string // in the one patch; none: it only reads
		says     string
	}{
		{"RB-005", "fallback", 0, []string{"connector-rne: ", `{"name":"TENANT_acme-bank2_RNE_FALLBACK","value":"true"}`}, "env updated"},
		{"RB-005", "back-to-rne", 0, []string{"connector-rne: ", `{"$patch":"delete","name":"TENANT_acme-bank_RNE_FALLBACK"}`}, "env updated"},
		{"RB-008", "freeze", 0, []string{"audit-svc: ", `{"name":"AUDIT_WRITE_FROZEN_acme-bank2","value":"true"}`}, "env updated"},
		{"RB-008", "lift-freeze", 0, []string{"audit-svc: ", `{"$patch":"delete","name":"AUDIT_WRITE_FROZEN_acme-bank"}`}, "env updated"},
		{"RB-009", "strict", 0, nil, "TENANT_acme-bank_LIVENESS_LEVEL=2\n"},
		{"RB-009", "strict", 0, nil, "# TENANT_acme-bank_CHALLENGE from configmap liveness, key challenge\n"}, // set, though not as a value
		{"RB-009", "strict", 1, []string{"liveness-svc: ", `{"name":"TENANT_acme-bank2_LIVENESS_LEVEL","value":"3_STRICT"}`, `{"name":"TENANT_acme-bank2_RATE_LIMIT_SELFIE_PER_IP","value":"3_PER_MIN"}`}, "env updated"},
		{"RB-009", "stand-down", 0, []string{"liveness-svc: ", `{"$patch":"delete","name":"TENANT_acme-bank_LIVENESS_LEVEL"}`, `{"$patch":"delete","name":"TENANT_acme-bank_RATE_LIMIT_SELFIE_PER_IP"}`}, "env updated"},
	} {
		r, _ := mustDefault(t).ByID(c.id, "en")
		values := map[string]string{"tenant": "acme-bank", "audit_deployment": "audit-svc"}
		if len(c.patched) > 0 && strings.Contains(c.patched[1], "acme-bank2") {
			values["tenant"] = "acme-bank2" // one whose flags are not set yet
		}
		filled, _, err := r.Fill(c.step, values)
		if err != nil {
			t.Fatal(err)
		}
		var shell []string
		for _, f := range filled {
			if f.Command.Language == "sh" {
				line, _, _ := strings.Cut(f.Text, "\nkubectl -n vitakyc rollout") // whose watching has no end here
				shell = append(shell, line)
			}
		}
		cluster.mu.Lock()
		cluster.patches = nil
		cluster.mu.Unlock()
		cmd := exec.CommandContext(context.Background(), sh, "-c", shell[c.command])
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "KUBECONFIG=" + config}
		out, err := cmd.CombinedOutput()
		cluster.mu.Lock()
		patches := cluster.patches
		cluster.mu.Unlock()
		if err != nil || !strings.Contains(string(out), c.says) || strings.Contains(string(out), "TENANT_other") {
			t.Errorf("%s %s said %q (%v)", c.id, c.step, out, err)
		}
		if len(c.patched) == 0 && len(patches) > 0 || len(c.patched) > 0 && len(patches) != 1 || len(patches) == 1 && strings.Contains(patches[0], "TENANT_other_LIVENESS_LEVEL\",\"value") {
			t.Errorf("%s %s patched %v", c.id, c.step, patches)
			continue
		}
		for _, p := range c.patched {
			if !strings.Contains(patches[0], p) {
				t.Errorf("%s %s patched %s, without %s", c.id, c.step, patches[0], p)
			}
		}
	}
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	if len(cluster.unexpected) > 0 {
		t.Errorf("kubectl also asked: %v", cluster.unexpected)
	}
}
