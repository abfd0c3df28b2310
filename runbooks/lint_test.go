package runbooks

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"
)

// clean is a runbook in two languages that the linter has nothing against.
const cleanEN = `---
id: OPS-7
title: Disk full
severity: SEV-2
alerts: [DiskFull]
owner: tech_lead
language: en
reviewed_on: 2026-11-21
parameters:
  host:
    what: The host
    pattern: '[a-z0-9-]{1,40}'
    in_words: a name
    quoting: [shell, text]
    example: db-1
steps:
  look: {kind: diagnosis, minutes: 2}
  wipe: {kind: destructive, minutes: 5, approval: cto}
  tell:
    kind: notify
    minutes: 1
    notify: [legal]
    clocks:
      - {id: a, what: Tell, due: 4h after detected, who: cto}
---

# OPS-7 · Disk full

## 1. Look <a id="look"></a>

See [the last step](#tell) or [the other runbook](ops-8-other.md).

` + "```sh\n# how full\ndf -h {{host}}\n```" + `

**Look for:** 100 %.

**Then:**

- Full → [step 2](#wipe)
- Not full → [step 3](#tell)
- Something else → [OPS-8 step 1](ops-8-other.md#go)

## 2. Wipe <a id="wipe"></a>

` + "```sh\nrm -- /var/log/old.log\n```" + `

**Look for:** room.

## 3. Tell <a id="tell"></a>

` + "```text\nFull: {{host}}\n```" + `

**Look for:** an answer.
`

const otherEN = `---
id: OPS-8
title: Other
severity: SEV-3
alerts: [Other]
owner: cto
language: en
reviewed_on: 2026-11-21
steps:
  go: {kind: diagnosis, minutes: 2}
---

# OPS-8 · Other

## 1. Go <a id="go"></a>

**Look for:** it.
`

func french(s string) string {
	return strings.NewReplacer("language: en", "language: fr", "**Look for:**", "**À observer :**", "**Then:**", "**Ensuite :**", "[step", "[étape", "# how full", "# le disque", "Full: {{host}}", "Plein : {{host}}").Replace(s)
}

func TestLintRules(t *testing.T) {
	opts := LintOptions{Alerts: []string{"DiskFull", "Other"}, Today: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	lint := func(t *testing.T, files map[string]string, o LintOptions) []Finding {
		t.Helper()
		c, err := Load(layer("w", files))
		if err != nil {
			t.Fatal(err)
		}
		return Lint(c, o)
	}
	files := func() map[string]string {
		return map[string]string{"en/ops-7-disk.md": cleanEN, "fr/ops-7-disque.md": french(cleanEN), "en/ops-8-other.md": otherEN, "fr/ops-8-other.md": french(otherEN)}
	}
	if got := lint(t, files(), opts); len(got) > 0 {
		t.Fatalf("the clean fixture: %v", got)
	}
	covered := map[string]bool{}
	for _, c := range []struct {
		rule, old, new string // in both languages, unless only names one
		only           string
		opts           func(*LintOptions)
		sql            bool   // PostgreSQL's own grammar finds it, which is left out under the race detector
		at             string // the line it points at holds this
		message        string
	}{
		{rule: RuleDeadBranch, old: "3](#tell)\n", new: "3](#tlel)\n", at: "](#tlel)", message: `did you mean "tell"?`},
		{rule: RuleDeadBranch, old: "[OPS-8 step 1](ops-8-other.md#go)", new: "[OPS-9](ops-9-x.md)", at: "OPS-9", message: "OPS-9, which is not in the catalogue"},
		{rule: RuleDeadBranch, old: "other.md#go", new: "other.md#gone", at: "#gone", message: "of OPS-8"},
		{rule: RuleDeadLink, old: "(#tell) or", new: "(#tall) or", at: "(#tall)", message: "#tall"},
		{rule: RuleDeadLink, old: "[the other runbook](ops-8-other.md)", new: "[the other runbook](ops-8-othre.md)", at: "othre", message: "ops-8-othre.md"},
		{rule: RuleStepNumber, old: "2](#wipe)", new: "3](#wipe)", at: "(#wipe)", message: "write 2"},
		{rule: RuleUnknownRole, old: "owner: tech_lead", new: "owner: teh_lead", at: "owner", message: `did you mean "tech_lead"?`},
		{rule: RuleUnknownRole, old: "approval: cto", new: "approval: boss", at: "## 2.", message: "approval of step wipe"},
		{rule: RuleUnknownRole, old: "notify: [legal]", new: "notify: [lawyer]", at: "## 3.", message: "notify of step tell"},
		{rule: RuleUnknownRole, old: "who: cto}", new: "who: boss}", at: "id: a", message: "clock a"},
		{rule: RuleAlertTwice, old: "alerts: [DiskFull]", new: "alerts: [DiskFull, Other]", at: "alerts", message: "Other is claimed by OPS-7 and OPS-8"},
		{rule: RuleAlertWithout, opts: func(o *LintOptions) { o.Alerts = append(o.Alerts, "Third") }, message: "Third"},
		{rule: RuleUnknownAlert, old: "alerts: [DiskFull]", new: "alerts: [DiskFull, DiskFul]", at: "alerts", message: `did you mean "DiskFull"?`},
		{rule: RuleRunbookWithoutAlert, old: "alerts: [DiskFull]", new: "alerts: []", at: "alerts", message: "begun by no alert and put forward for no service"},
		{rule: RuleCommandSyntax, old: "rm -- /var/log/old.log", new: "rm -- '/var/log/old.log", at: "rm --", message: "does not end"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```sql\nDELETE FROM log\nWHERE (a = 1;\n```", at: "WHERE (", message: "( that does not end"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```sh\nfor f in a b\n  echo \"$f\"\ndone\n```", at: "for f", message: "is not valid bash: `for foo [in words]` must be followed by `do`"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```sh\nif true; then echo {{host}}\n```", at: "if true", message: "is not valid bash"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```sh\nls |\n```", at: "ls |", message: "is not valid bash"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```sql\nSELECT 1;\nSELECT a FROM\nWHERE b = 1;\n```", at: "WHERE b", message: "is not valid PostgreSQL: syntax error at or near \"WHERE\"", sql: true},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```promql\nsum by (a) (\n  rate(x[5m)\n)\n```", at: "rate(x", message: "is not valid PromQL"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```promql\nrate(x)\n```", at: "rate(x)", message: "expected type range vector"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```traceql\n{ duration > 600ms\n```", at: "{ duration", message: "{ that does not end"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```traceql\n{ a = 1 })\n```", at: "{ a = 1", message: ") that closes nothing"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```json\n{\n  \"a\": 1,\n}\n```", at: "}", message: "is not valid JSON"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```yaml\na: 1\n b: 2\n```", at: "b: 2", message: "is not valid YAML"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```http\nDELETE\n```", at: "DELETE", message: "not method and target: DELETE"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```http\nDELTE /v1/pause\n```", at: "DELTE", message: "DELTE, which is no HTTP method"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```http\nDELETE v1/pause\n```", at: "DELETE v1", message: "neither a path nor an address"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```http\nDELETE /v1/pause\nAuthorization Bearer x\n```", at: "Authorization", message: "without name and colon"},
		{rule: RuleCommandSyntax, old: "```sh\nrm -- /var/log/old.log\n```", new: "```http\n# stop\nPOST https://api.example.com/v1/pause HTTP/1.1\nContent-Type: application/json\n\n{\"paused\": true\n```", at: "paused", message: "is not valid JSON"},
		{rule: RuleUnguarded, old: "```sh\n# how full\ndf -h {{host}}", new: "```http\nGET /v1/pause\n\n###\nDELETE /v1/pause", at: "DELETE", message: "runs DELETE"},
		{rule: RuleUnguarded, old: "kind: destructive", new: "kind: mitigation", at: "rm --", message: "runs rm"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "kubectl delete pod {{host}}", at: "kubectl", message: "delete"},
		{rule: RuleUnguarded, old: "```sh\n# how full\ndf -h {{host}}", new: "```sql\nSELECT pg_terminate_backend(1);", at: "pg_terminate", message: "pg_terminate_backend"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "kafka-topics.sh --delete --topic {{host}}", at: "kafka", message: "delete"},
		{rule: RuleUnguarded, old: "```sh\n# how full\ndf -h {{host}}", new: "```sql\nDrop TABLE x;", at: "Drop", message: "Drop"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "kafka-purge {{host}}; purge {{host}}", at: "purge", message: "purge"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "rabbitmqctl purge_queue {{host}}", at: "rabbitmqctl", message: "purge_queue"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "redis-cli -h {{host}} FLUSHALL", at: "redis-cli", message: "FLUSHALL"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "kafka-delete-records.sh --offset-json-file {{host}}", at: "kafka", message: "kafka-delete-records.sh"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "mkfs.ext4 /dev/{{host}}", at: "mkfs", message: "mkfs.ext4"},
		{rule: RuleUnguarded, old: "df -h {{host}}", new: "terraform destroy -target={{host}}", at: "terraform", message: "destroy"},
		{rule: RuleNoLookFor, old: "room.", new: "", at: "## 2.", message: "step wipe"},
		{rule: RuleNoTranslation, only: "drop", message: "not written in French"},
		{rule: RuleOutOfStep, only: "fr", old: "df -h {{host}}", new: "df -k {{host}}", at: "# le", message: "command"},
		{rule: RuleOutOfStep, only: "fr", old: "minutes: 5", new: "minutes: 6", at: "## 2.", message: "minutes"},
		{rule: RuleOutOfStep, only: "fr", old: "kind: diagnosis", new: "kind: mitigation", at: "## 1.", message: "kind"},
		{rule: RuleOutOfStep, only: "fr", old: "4h after", new: "5h after", at: "## 3.", message: "clocks"},
		{rule: RuleOutOfStep, only: "fr", old: "- Not full → [étape 3](#tell)\n", new: "", at: "## 1.", message: "branches"},
		{rule: RuleOutOfStep, only: "fr", old: ", approval: cto", new: "", at: "## 2.", message: "approval"},
		{rule: RuleOutOfStep, only: "fr", old: "SEV-2", new: "SEV-1", at: "severity", message: "severity"},
		{rule: RuleOutOfStep, only: "fr", old: "{1,40}", new: "{1,80}", at: "parameters", message: "parameters"},
		{rule: RuleOutOfStep, only: "fr", old: "Plein : {{host}}", new: "Plein", at: "Plein", message: "placeholders"},
		{rule: RuleOutOfStep, only: "fr", old: "**À observer :** room.", new: "> **Attention :** non.\n\n**À observer :** room.", at: "## 2.", message: "warnings"},
		{rule: RuleReviewOverdue, opts: func(o *LintOptions) { o.Today = time.Date(2027, 2, 22, 0, 0, 0, 0, time.UTC) }, at: "reviewed_on", message: "was due for review on 2027-02-21"},
		{rule: RuleTooLong, old: "df -h {{host}}\n", new: "df -h {{host}} " + strings.Repeat("a", 2700) + "\n```\n\n```sh\ndf -h {{host}} " + strings.Repeat("b", 2700) + "\n", at: "## 1. Look", message: "its card shows 5000"},
		{rule: RuleNobodyHolds, old: "owner: tech_lead", new: "owner: customer_success", at: "owner:", message: "would ring nobody"},
		{rule: RuleNobodyHolds, old: "approval: cto", new: "approval: legal", at: "## 2.", message: "could never be unlocked"},
		{rule: RuleNobodyHolds, old: "minutes: 5, approval", new: "minutes: 5, who: [tenant_dpo, legal], approval", at: "## 2.", message: "could never be done"},
		{rule: RuleUnusedParameter, old: "{{host}}", new: "host", at: "  host:", message: "host is asked for"},
		{rule: RuleUnreachable, old: "2](#wipe)", new: "3](#tell)", at: "## 2.", message: "no step leads to wipe"},
	} {
		t.Run(c.rule+"/"+c.message, func(t *testing.T) {
			covered[c.rule] = true
			if c.sql && raced {
				return
			}
			fs, o := files(), opts
			o.Alerts = append([]string{}, o.Alerts...)
			if c.opts != nil {
				c.opts(&o)
			}
			for name, text := range fs {
				switch {
				case c.only == "drop" && name == "fr/ops-7-disque.md":
					delete(fs, name)
				case c.old != "" && strings.Contains(name, "ops-7") && (c.only == "" || strings.HasPrefix(name, c.only)):
					old := c.old
					if c.only == "" && strings.HasPrefix(name, "fr") {
						old = french(old)
					}
					if !strings.Contains(text, old) {
						t.Fatalf("%q is not in %s", old, name)
					}
					fs[name] = strings.ReplaceAll(text, old, c.new)
				}
			}
			var seen []string
			for _, f := range lint(t, fs, o) {
				seen = append(seen, f.String())
				if f.Rule != c.rule || !strings.Contains(f.What("en")+f.Mend("en"), c.message) {
					continue
				}
				if f.Mend("en") == "" || f.Mend("fr") == "" || f.Mend("fr") == f.Mend("en") || f.What("fr") == f.What("en") {
					t.Errorf("no mend in both languages: %v | %s", f, f.In("fr"))
				}
				if c.at != "" {
					lines := strings.Split(fs[strings.TrimPrefix(f.File, "w/")], "\n")
					if f.Line < 1 || f.Line > len(lines) || !strings.Contains(lines[f.Line-1], c.at) {
						t.Errorf("%v does not point at %q", f, c.at)
					}
				}
				return
			}
			t.Errorf("%s did not speak:\n%s", c.rule, strings.Join(seen, "\n"))
		})
	}
	var rules []string
	for _, r := range Rules() {
		rules = append(rules, r)
		if !covered[r] {
			t.Errorf("rule %s has no failing fixture", r)
		}
	}
	if !sort.StringsAreSorted(rules) || len(rules) < 16 {
		t.Errorf("rules: %v", rules)
	}
}

func TestAlertTakenOverFromALowerLayerIsNoFinding(t *testing.T) {
	c, err := Load(layer("a", map[string]string{"ops-8.md": otherEN}), layer("b", map[string]string{"ops-7.md": strings.Replace(strings.ReplaceAll(cleanEN, "ops-8-other", "ops-8"), "[DiskFull]", "[Other]", 1)}))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Lint(c, LintOptions{}) {
		if f.Rule == RuleAlertTwice {
			t.Error(f)
		}
	}
}

func TestLintIsStable(t *testing.T) {
	c := mustDefault(t)
	o := LintOptions{Roles: []string{"cto"}, Alerts: []string{"A", "B"}}
	first := fmt.Sprint(Lint(c, o))
	for range 5 {
		if got := fmt.Sprint(Lint(c, o)); got != first {
			t.Fatal("the findings change from run to run")
		}
	}
}
