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
	"strings"
	"sync"
	"testing"
)

// fakeAPIs stands for Cloudflare, Nginx Proxy Manager and the product's own API: it takes the calls of the runbooks and refuses all others.
type fakeAPIs struct {
	t     *testing.T
	mu    sync.Mutex
	calls []string // method, path and, of a body, its JSON with sorted keys
}

const fakeToken = "s3cr3t-token"

func (f *fakeAPIs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	call := r.Method + " " + r.URL.RequestURI()
	if len(body) > 0 {
		var v any
		if err := json.Unmarshal(body, &v); err != nil || r.Header.Get("Content-Type") != "application/json" {
			f.t.Errorf("%s with %q, %s: %v", call, body, r.Header.Get("Content-Type"), err)
		}
		sorted, _ := json.Marshal(v)
		call += " " + string(sorted)
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	if r.URL.Path != "/api/tokens" && r.Header.Get("Authorization") != "Bearer "+fakeToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	const rule = `{"id":"0123456789abcdef0123456789abcdef","mode":"block","notes":"INC-42","configuration":{"target":"ip","value":"198.51.100.4"}}`
	switch zone := "/client/v4/zones/z1/"; r.Method + " " + r.URL.Path {
	case "POST /api/tokens":
		_, _ = fmt.Fprintf(w, `{"token":%q,"expires":"2026-11-23T03:07:00.000Z"}`, fakeToken)
	case "GET /api/nginx/certificates":
		_, _ = io.WriteString(w, `[{"id":43,"expires_on":"2026-11-30 10:00:00","domain_names":["docs.vitakyc.e-vitalis.com","www.example.com"]}]`)
	case "POST /api/nginx/certificates/43/renew":
		_, _ = io.WriteString(w, `{"id":43,"expires_on":"2027-02-19 10:00:00"}`)
	case "POST /v1/tcr/declarations/7d5f0c1e-2f5a-4a3b-9d7e-0c1f2a3b4c5d/xml":
		w.WriteHeader(http.StatusCreated)
	case "GET " + zone + "firewall/access_rules/rules":
		_, _ = io.WriteString(w, `{"success":true,"result":[`+rule+`]}`)
	case "POST " + zone + "firewall/access_rules/rules", "DELETE " + zone + "firewall/access_rules/rules/0123456789abcdef0123456789abcdef":
		_, _ = io.WriteString(w, `{"success":true,"result":`+rule+`}`)
	case "GET " + zone + "rulesets/phases/http_ratelimit/entrypoint":
		_, _ = io.WriteString(w, `{"success":true,"result":{"id":"rs-7","rules":[{"id":"of somebody else"}]}}`)
	case "POST " + zone + "rulesets/rs-7/rules":
		_, _ = io.WriteString(w, `{"success":true}`)
	default:
		f.t.Errorf("unexpected: %s", call)
		http.NotFound(w, r)
	}
}

// With the real curl and jq: the calls of the runbooks reach the APIs as these take them, and a refusal is an error and not a success.
func TestCallsReachTheirAPIs(t *testing.T) {
	sh := bash(t)
	for _, p := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("no " + p + " here")
		}
	}
	apis := &fakeAPIs{t: t}
	server := httptest.NewServer(apis)
	defer server.Close()
	run := func(script, token string) (calls []string, out string, err error) {
		apis.mu.Lock()
		apis.calls = nil
		apis.mu.Unlock()
		cmd := exec.CommandContext(context.Background(), sh, "-c", strings.ReplaceAll(script, "https://api.cloudflare.com", server.URL))
		cmd.Dir = t.TempDir() // some keep a file
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "NPM_URL=" + server.URL, "NPM_IDENTITY=admin@example.com", `NPM_SECRET=it's "quoted"`,
			"TCR_API=" + server.URL, "CLOUDFLARE_ZONE_ID=z1"}
		if token != "" {
			cmd.Env = append(cmd.Env, "NPM_TOKEN="+token, "TCR_TOKEN="+token, "CLOUDFLARE_API_TOKEN="+token)
		}
		b, err := cmd.CombinedOutput()
		apis.mu.Lock()
		defer apis.mu.Unlock()
		return append([]string{}, apis.calls...), string(b), err
	}
	values := map[string]string{"incident": "INC-42", "attacker": "198.51.100.4", "country": "T1", "selfie_path": "/v1/liveness/selfie", "rule_id": "0123456789abcdef0123456789abcdef",
		"certificate_id": "43", "declaration_id": "7d5f0c1e-2f5a-4a3b-9d7e-0c1f2a3b4c5d", "xml_file": "x.xml", "domain": "docs.vitakyc.e-vitalis.com", "tenant": "acme-bank"}
	const rules = "POST /client/v4/zones/z1/firewall/access_rules/rules "
	for _, c := range []struct {
		id, step string
		command  int
		with     map[string]string
		calls    []string
		says     string
	}{
		{id: "RB-006", step: "file", calls: []string{"POST /v1/tcr/declarations/7d5f0c1e-2f5a-4a3b-9d7e-0c1f2a3b4c5d/xml"}},
		{id: "RB-006", step: "new-docrefid", calls: []string{"POST /v1/tcr/declarations/7d5f0c1e-2f5a-4a3b-9d7e-0c1f2a3b4c5d/xml"}},
		{id: "RB-007", step: "npm-renew", says: "43 2026-11-30 10:00:00 docs.vitakyc.e-vitalis.com www.example.com",
			calls: []string{`POST /api/tokens {"identity":"admin@example.com","secret":"it's \"quoted\""}`, "GET /api/nginx/certificates"}},
		{id: "RB-007", step: "npm-renew", command: 1, says: "2027-02-19", calls: []string{"POST /api/nginx/certificates/43/renew"}},
		{id: "RB-009", step: "block-source", says: `"success":true`, calls: []string{rules + `{"configuration":{"target":"ip","value":"198.51.100.4"},"mode":"block","notes":"INC-42"}`}},
		{id: "RB-009", step: "block-source", with: map[string]string{"attacker": "198.51.100.0/24"}, says: `"success":true`,
			calls: []string{rules + `{"configuration":{"target":"ip_range","value":"198.51.100.0/24"},"mode":"block","notes":"INC-42"}`}},
		{id: "RB-009", step: "block-source", with: map[string]string{"attacker": "2001:db8::1"}, says: `"success":true`,
			calls: []string{rules + `{"configuration":{"target":"ip6","value":"2001:db8::1"},"mode":"block","notes":"INC-42"}`}},
		{id: "RB-009", step: "geo-block", says: `"success":true`, calls: []string{rules + `{"configuration":{"target":"country","value":"T1"},"mode":"managed_challenge","notes":"INC-42"}`}},
		{id: "RB-009", step: "rate-limit", says: `"success":true`, calls: []string{"GET /client/v4/zones/z1/rulesets/phases/http_ratelimit/entrypoint",
			`POST /client/v4/zones/z1/rulesets/rs-7/rules {"action":"block","description":"INC-42","expression":"starts_with(http.request.uri.path, \"/v1/liveness/selfie\")",` +
				`"ratelimit":{"characteristics":["cf.colo.id","ip.src"],"mitigation_timeout":600,"period":60,"requests_per_period":3}}`}},
		{id: "RB-009", step: "stand-down", command: 2, says: "0123456789abcdef0123456789abcdef block 198.51.100.4 INC-42", calls: []string{"GET /client/v4/zones/z1/firewall/access_rules/rules?per_page=100&notes=INC-42"}},
		{id: "RB-009", step: "stand-down", command: 3, says: `"success":true`, calls: []string{"DELETE /client/v4/zones/z1/firewall/access_rules/rules/0123456789abcdef0123456789abcdef"}},
	} {
		r, _ := mustDefault(t).ByID(c.id, "en")
		with := map[string]string{}
		for k, v := range values {
			with[k] = v
		}
		for k, v := range c.with {
			with[k] = v
		}
		filled, missing, err := r.Fill(c.step, with)
		if err != nil || len(missing) > 0 {
			t.Fatalf("%s %s: %v, missing %v", c.id, c.step, err, missing)
		}
		script := "set -o pipefail\n" + filled[c.command].Text
		calls, out, err := run(script, fakeToken)
		if err != nil || strings.Join(calls, "\n") != strings.Join(c.calls, "\n") || !strings.Contains(out, c.says) {
			t.Errorf("%s %s called\n%s\nnot\n%s\nand said %q (%v)", c.id, c.step, strings.Join(calls, "\n"), strings.Join(c.calls, "\n"), out, err)
		}
		if strings.Contains(c.calls[0], "/api/tokens") {
			continue // it fetches its token itself
		}
		if _, out, err := run(script, "another"); err == nil || !strings.Contains(out, "401") {
			t.Errorf("%s %s: refused with 401, and it said %q (%v)", c.id, c.step, out, err)
		}
		if calls, out, err := run(script, ""); err == nil || len(calls) > 0 {
			t.Errorf("%s %s: without a token it called %v and said %q (%v)", c.id, c.step, calls, out, err)
		}
	}
}
