package bot_test

// What deploy/ ships for Prometheus and Alertmanager is the process of the policy: every alert of the catalogue has a rule with its severity
// and its runbook, every rule has a test in which it fires and one in which it does not, and every alert reaches PagerDuty and Tocsin.

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// alertRule is a rule of Prometheus, as far as it is judged here.
type alertRule struct {
	file        string
	Alert       string            `yaml:"alert"`
	Record      string            `yaml:"record"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

const (
	catalogueFile = "deploy/prometheus/catalogue.yaml"
	warningsFile  = "deploy/prometheus/early-warnings.yaml"
	watchdogFile  = "deploy/prometheus/watchdog.yaml"
	ownFile       = "deploy/prometheus/rules.yaml"
	managerFile   = "deploy/alertmanager/alertmanager.yml"
)

// ruleFiles are the files with rules under deploy/prometheus, and those with their tests.
func ruleFiles(t *testing.T) (rules, tests map[string]string) {
	t.Helper()
	rules, tests = map[string]string{}, map[string]string{}
	for name, text := range deployFiles(t) {
		switch {
		case path.Dir(name) != "deploy/prometheus" || path.Ext(name) != ".yaml":
		case strings.HasSuffix(name, "_test.yaml"):
			tests[name] = text
		default:
			rules[name] = text
		}
	}
	for _, name := range []string{catalogueFile, warningsFile, watchdogFile, ownFile} {
		if rules[name] == "" {
			t.Fatalf("%s is not there", name)
		}
	}
	return rules, tests
}

// alertRules are the alerts of the files, in their order.
func alertRules(t *testing.T, name, text string) []alertRule {
	t.Helper()
	var doc struct {
		Groups []struct {
			Rules []alertRule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var out []alertRule
	for _, g := range doc.Groups {
		for _, r := range g.Rules {
			if r.Alert != "" {
				r.file = name
				out = append(out, r)
			}
		}
	}
	return out
}

// The runbooks of the procedure's alerts, as its section 3 gives them. Those it gives none get the generic one.
var procedureRunbooks = map[string]string{
	"ApiHighLatencyP95": "RB-001", "OcrServiceDown": "RB-002", "KafkaConsumerLagHigh": "RB-003", "PostgresConnectionsExhausted": "RB-004",
	"RneBalanceLow": "RB-005", "IdesSubmissionFailure": "RB-006", "CertificateExpiringSoon": "RB-007", "AuditHashChainBroken": "RB-008",
	"MassBiometricFailure": "RB-009", "LicenseQuotaExceeded": "RB-010",
}

func TestAlertRulesAreTheCatalogue(t *testing.T) {
	p, _ := policy.Default()
	files, _ := ruleFiles(t)
	rules := alertRules(t, catalogueFile, files[catalogueFile])
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.Alert] {
			t.Errorf("%s has two rules", r.Alert)
		}
		seen[r.Alert] = true
		want, ok := p.Alerts[r.Alert]
		if !ok {
			t.Errorf("%s is in %s and not in the policy's catalogue", r.Alert, catalogueFile)
			continue
		}
		// A label never makes a SEV-1 (the catalogue does): the worst there is stands for it.
		worst := max(want.Severity, incident.SEV2)
		if got := p.LabelSeverity[r.Labels["severity"]]; got != worst {
			t.Errorf("%s is labelled severity=%q, which means %v; the catalogue says %v", r.Alert, r.Labels["severity"], got, want.Severity)
		}
		runbook, named := procedureRunbooks[r.Alert]
		if !named {
			runbook = runbooks.GenericID
		}
		if got := r.Annotations["runbook"]; got != runbook {
			t.Errorf("%s names the runbook %q; the procedure's is %q", r.Alert, got, runbook)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Alerts)) {
		if !seen[name] {
			t.Errorf("the policy's catalogue has %s; %s has no rule for it", name, catalogueFile)
		}
	}
	if n := strings.Count(files[catalogueFile], "# The procedure: "); n != len(p.Alerts) {
		t.Errorf("%s quotes the procedure %d times for %d alerts", catalogueFile, n, len(p.Alerts))
	}
}

// chosenRunbook is the runbook that an incident of the alert begins with.
func chosenRunbook(t *testing.T, c *runbooks.Catalogue, alert string) string {
	t.Helper()
	if r, ok := c.ByAlert(alert, "en"); ok {
		return r.ID
	}
	return runbooks.GenericID
}

func TestAlertRulesSayWhatPeopleNeed(t *testing.T) {
	p, _ := policy.Default()
	files, _ := ruleFiles(t)
	books, err := runbooks.Load(runbooks.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	byService := regexp.MustCompile(`\bby \(service\b`)
	owner := map[string]string{}
	n := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, r := range alertRules(t, name, files[name]) {
			n++
			if first, ok := owner[r.Alert]; ok {
				t.Errorf("%s is in %s and in %s", r.Alert, first, name)
			}
			owner[r.Alert] = name
			for _, a := range []string{"summary", "description"} {
				if r.Annotations[a] == "" {
					t.Errorf("%s: %s has no %s", name, r.Alert, a)
				}
			}
			if name == ownFile || r.Alert == "Watchdog" {
				continue
			}
			if _, ok := p.LabelSeverity[r.Labels["severity"]]; !ok {
				t.Errorf("%s: %s is labelled severity=%q, which the policy does not know", name, r.Alert, r.Labels["severity"])
			}
			if r.Labels["service"] == "" && !byService.MatchString(r.Expr) {
				t.Errorf("%s: %s has no label service", name, r.Alert)
			}
			if got, want := r.Annotations["runbook"], chosenRunbook(t, books, r.Alert); got != want {
				t.Errorf("%s: %s names the runbook %q, and its incident begins with %s", name, r.Alert, got, want)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d alerts were seen", n)
	}
}

// Every alert has a promtool case in which it fires and one in which it does not (Watchdog has no quiet).
func TestAlertRulesAreTried(t *testing.T) {
	files, tests := ruleFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		var doc struct {
			RuleFiles []string `yaml:"rule_files"`
			Tests     []struct {
				Cases []struct {
					Alert string           `yaml:"alertname"`
					Exp   []map[string]any `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			} `yaml:"tests"`
		}
		test := strings.TrimSuffix(name, ".yaml") + "_test.yaml"
		if err := yaml.Unmarshal([]byte(tests[test]), &doc); err != nil {
			t.Fatalf("%s: %v", test, err)
		}
		if !slices.Equal(doc.RuleFiles, []string{path.Base(name)}) {
			t.Errorf("%s tries %v, not %s", test, doc.RuleFiles, name)
		}
		fires, quiet := map[string]bool{}, map[string]bool{}
		for _, c := range doc.Tests {
			for _, c := range c.Cases {
				if len(c.Exp) > 0 {
					fires[c.Alert] = true
				} else {
					quiet[c.Alert] = true
				}
			}
		}
		for _, r := range alertRules(t, name, files[name]) {
			if !fires[r.Alert] {
				t.Errorf("%s: %s fires in no case", test, r.Alert)
			}
			if !quiet[r.Alert] && r.Alert != "Watchdog" {
				t.Errorf("%s: %s is quiet in no case", test, r.Alert)
			}
		}
	}
}

// managerConfig is Alertmanager's configuration, as far as it is judged here.
type managerConfig struct {
	Route struct {
		GroupBy []string `yaml:"group_by"`
	} `yaml:"route"`
	Receivers []struct {
		Name      string `yaml:"name"`
		PagerDuty []struct {
			KeyFile  string `yaml:"routing_key_file"`
			Resolved bool   `yaml:"send_resolved"`
		} `yaml:"pagerduty_configs"`
		Webhooks []struct {
			URL      string `yaml:"url"`
			Resolved bool   `yaml:"send_resolved"`
			HTTP     struct {
				Authorization struct {
					Type string `yaml:"type"`
					File string `yaml:"credentials_file"`
				} `yaml:"authorization"`
			} `yaml:"http_config"`
		} `yaml:"webhook_configs"`
	} `yaml:"receivers"`
}

// TestDeployAlertsReachPagerDutyAndTocsin asks amtool where every alert of the rule files goes.
func TestDeployAlertsReachPagerDutyAndTocsin(t *testing.T) {
	amtool, err := exec.LookPath("amtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("amtool is not installed, and CI is set")
		}
		t.Skip("amtool is not installed")
	}
	var c managerConfig
	if err := yaml.Unmarshal([]byte(deployFiles(t)[managerFile]), &c); err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"alertname", "service"} {
		if !slices.Contains(c.Route.GroupBy, l) {
			t.Errorf("alerts are not grouped by %s: %v", l, c.Route.GroupBy)
		}
	}
	// What each receiver reaches.
	reach := map[string]string{}
	for _, r := range c.Receivers {
		var to []string
		for _, pd := range r.PagerDuty {
			if pd.KeyFile == "" || !pd.Resolved {
				t.Errorf("%s: PagerDuty's key is not from a file, or resolves are not sent", r.Name)
			}
			to = append(to, "pagerduty")
		}
		for _, w := range r.Webhooks {
			if !strings.HasSuffix(w.URL, "/webhooks/alertmanager") {
				if w.Resolved {
					t.Errorf("%s: a resolve would pass for a sign of life", r.Name)
				}
				to = append(to, "outside")
				continue
			}
			if a := w.HTTP.Authorization; a.Type != "Bearer" || a.File == "" || !w.Resolved {
				t.Errorf("%s: Tocsin needs a bearer token from a file and the resolves: %+v", r.Name, w)
			}
			to = append(to, "tocsin")
		}
		slices.Sort(to)
		reach[r.Name] = strings.Join(to, " ")
	}
	route := func(labels map[string]string) string {
		args := []string{"config", "routes", "test", "--config.file=../" + managerFile}
		for _, k := range slices.Sorted(maps.Keys(labels)) {
			args = append(args, k+"="+labels[k])
		}
		cmd := exec.Command(amtool, args...)
		cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
		out, err := cmd.Output()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			t.Fatalf("amtool %v: %v\n%s", args, err, exit.Stderr)
		} else if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range strings.FieldsFunc(string(out), func(r rune) bool { return r == ',' || r == '\n' }) {
			to, ok := reach[strings.TrimSpace(name)]
			if !ok {
				t.Fatalf("amtool names %q, which is no receiver", name)
			}
			got = append(got, to)
		}
		return strings.Join(got, " + ")
	}
	files, _ := ruleFiles(t)
	for name, text := range files {
		for _, r := range alertRules(t, name, text) {
			labels := map[string]string{"alertname": r.Alert, "service": "kyc-svc", "instance": "a"}
			maps.Copy(labels, r.Labels)
			want := "pagerduty tocsin"
			switch {
			case r.Alert == "Watchdog":
				want = "outside"
			case name == ownFile:
				want = "pagerduty"
			}
			if got := route(labels); got != want {
				t.Errorf("%s: %s reaches %q, not %q", name, r.Alert, got, want)
			}
		}
	}
	for _, labels := range []map[string]string{{"alertname": "Unknown"}, {"alertname": "Unknown", "severity": "page"}, {"alertname": "Unknown", "severity": "info"}} {
		if got := route(labels); got != "pagerduty tocsin" {
			t.Errorf("%v reaches %q", labels, got)
		}
	}
	if got := route(map[string]string{"alertname": "InfoInhibitor", "severity": "none"}); got != "" {
		t.Errorf("an alert that is none reaches %q", got)
	}
}

// manifests are the documents of a Kubernetes file.
func manifests(t *testing.T, name string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for dec := yaml.NewDecoder(strings.NewReader(deployFiles(t)[name])); ; {
		var doc map[string]any
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, doc)
	}
}

// at follows keys and indexes into a document; nil where there is nothing.
func at(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[k]
		case int:
			l, ok := v.([]any)
			if !ok || k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// TestDeployHasTwoReplicas: either set-up runs two on a Redis that loses nothing, apart from each other, and is asked the right questions.
func TestDeployHasTwoReplicas(t *testing.T) {
	same := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, not %v", what, got, want)
		}
	}
	redis := []string{"appendonly yes", "appendfsync always", "maxmemory-policy noeviction"}
	lossless := func(what string, args any) {
		t.Helper()
		list, _ := args.([]any)
		var words []string
		for _, a := range list {
			words = append(words, fmt.Sprint(a))
		}
		for _, w := range redis {
			if !strings.Contains(strings.Join(words, " "), "--"+w) {
				t.Errorf("%s: Redis runs without %s: %v", what, w, words)
			}
		}
	}

	var compose map[string]any
	if err := yaml.Unmarshal([]byte(deployFiles(t)["deploy/compose.yaml"]), &compose); err != nil {
		t.Fatal(err)
	}
	same("compose: replicas", at(compose, "services", "tocsin", "deploy", "replicas"), 2)
	lossless("compose", at(compose, "services", "redis", "command"))

	kinds := map[string]map[string]any{}
	for _, name := range []string{"deploy/kubernetes/tocsin.yaml", "deploy/kubernetes/redis.yaml", "deploy/kubernetes/webhook/ingress.yaml"} {
		for _, m := range manifests(t, name) {
			kinds[fmt.Sprint(m["kind"], " ", at(m, "metadata", "name"))] = m
		}
	}
	d := kinds["Deployment tocsin"]
	same("replicas", at(d, "spec", "replicas"), 2)
	pod := at(d, "spec", "template")
	labels := at(pod, "metadata", "labels")
	anti := at(pod, "spec", "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution", 0, "podAffinityTerm")
	same("anti-affinity's key", at(anti, "topologyKey"), "kubernetes.io/hostname")
	budget := kinds["PodDisruptionBudget tocsin"]
	same("minAvailable", at(budget, "spec", "minAvailable"), 1)
	for what, selector := range map[string]any{
		"the deployment": at(d, "spec", "selector", "matchLabels"), "the budget": at(budget, "spec", "selector", "matchLabels"),
		"the service": at(kinds["Service tocsin"], "spec", "selector"), "the anti-affinity": at(anti, "labelSelector", "matchLabels"),
		"the network policy of Redis": at(kinds["NetworkPolicy redis"], "spec", "ingress", 0, "from", 0, "podSelector", "matchLabels"),
	} {
		same("what "+what+" selects", selector, labels)
	}
	c := at(pod, "spec", "containers", 0)
	for probe, path := range map[string]string{"livenessProbe": "/healthz", "readinessProbe": "/readyz", "startupProbe": "/healthz"} {
		same(probe, at(c, probe, "httpGet", "path"), path)
	}
	lossless("kubernetes", at(kinds["StatefulSet redis"], "spec", "template", "spec", "containers", 0, "args"))

	// The way in from outside leads to PagerDuty's webhook and nowhere else: /metrics and the probes are guarded by nothing.
	paths, _ := at(kinds["Ingress tocsin-webhook"], "spec", "rules", 0, "http", "paths").([]any)
	if len(paths) != 1 {
		t.Fatalf("the ingress has %d paths", len(paths))
	}
	same("the ingress's path", at(paths[0], "path"), "/webhooks/pagerduty")
	same("how it is read", at(paths[0], "pathType"), "Exact")
	same("where it leads", at(paths[0], "backend", "service", "name"), "tocsin")
}
