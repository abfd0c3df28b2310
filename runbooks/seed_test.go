package runbooks

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What the seed's four runbooks say, listed by hand from the seed and not from our files: commands with their line breaks restored,
// thresholds, delays, roles, warnings. "any" must be found in both languages; en and fr in one.
type facts struct {
	id, severity, alert string
	any, en, fr         []string
}

var seedFacts = []facts{
	{
		id: "RB-001", severity: "SEV-3", alert: "ApiHighLatencyP95",
		any: []string{
			// symptoms
			"P95", "600 ms", "*API Latency*",
			// diagnosis
			"kubectl top pods -n vitakyc",
			"kubectl top pods -n vitakyc | sort -k3 -r | head -10", // the seed's form, quoted with the reason
			`resource.service.name =~ "kyc-svc|aml-svc|tcr-svc" && duration > 600ms`,
			`service.name=~"kyc-svc|aml-svc|tcr-svc"`,
			`kubectl exec -n vitakyc deploy/postgres-primary -- psql -c \ "SELECT state, count(*) FROM pg_stat_activity GROUP BY state"`,
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-consumer-groups.sh \ --bootstrap-server localhost:9092 --describe --all-groups | \ awk '$6 > 1000 {print}'`,
			`awk '$5 > 1000 {print}'`,
			"Tempo",
			// quick mitigations
			"HikariCP", "ConfigMap", "rollout restart deployment/{{svc}}", "read replica routing",
			"HPA", "limits", "quickFix", `--replicas="$((current + 2))"`, "kubectl scale deployment/<svc> --replicas=+2",
			"ocr.fallback_commercial.force=true",
			// in depth
			"pg_stat_statements", "mean_exec_time", "LIMIT 10", "ArgoCD", "Java", "cost-per-check",
			"histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m]))",
		},
		en: []string{"0.6 s", "for 5 minutes", "take 5 minutes together", "10 slowest traces", "last hour", "regular expression", "top tenants"},
		fr: []string{"0,6 s", "pendant 5 minutes", "5 minutes en tout", "10 traces les plus lentes", "dernière heure", "expression régulière", "premiers clients"},
	},
	{
		id: "RB-002", severity: "SEV-2", alert: "OcrServiceDown",
		any: []string{
			`up{job="ocr-svc"} == 0`, "OCR pending",
			"kubectl -n vitakyc get pods -l app=ocr-svc",
			"kubectl -n vitakyc describe pod {{pod}}",
			"kubectl -n vitakyc logs -l app=ocr-svc --tail=200",
			"kubectl -n vitakyc describe node {{gpu_node}}",
			`kubectl -n vitakyc set env deployment/kyc-svc \ OCR_PRIMARY=fallback_commercial OCR_FALLBACK_ENABLED=true`,
			"ocr_pending", "Temporal",
			"kubectl -n vitakyc rollout restart deployment/ocr-svc",
			"kubectl -n vitakyc rollout status deployment/ocr-svc --timeout=3m",
			"CrashLoopBackOff", "resources.limits.memory", "ConfigMap",
			"kubectl -n vitakyc set env deployment/ocr-svc TENANT_RATE_LIMIT_DEFAULT=50", "200",
			"SELECT case_id FROM kyc_case WHERE updated_at > {{incident_start}} AND status = 'in_progress'",
			"kyc.case.delayed", "10 minutes", "10m after detected",
		},
		en: []string{"for 2 minutes", "works at once", "50 requests a second instead of 200", "temporary"},
		fr: []string{"pendant 2 minutes", "immédiat", "50 rps", "au lieu de 200", "temporaire", "tenant unique"},
	},
	{
		id: "RB-004", severity: "SEV-2", alert: "PostgresConnectionsExhausted",
		any: []string{
			"too many connections", "503", "max_connections",
			"SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC;",
			"SELECT pid, now() - pg_stat_activity.query_start AS duration, query, state FROM pg_stat_activity WHERE state != 'idle' AND now() - query_start > '30 seconds'::interval ORDER BY duration DESC;",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND now() - state_change > interval '5 minutes';",
			"PgBouncer", "`transaction`", "hikaricp_active_connections",
		},
		en: []string{"0.85 × `max_connections`", "last resort", "restart of PostgreSQL", "flat and never comes down"},
		fr: []string{"0,85 × `max_connections`", "dernier recours", "redémarrer PostgreSQL", "plate qui ne redescend jamais", "leak"},
	},
	{
		id: "RB-008", severity: "SEV-1", alert: "AuditHashChainBroken",
		any: []string{
			"previous_hash", "audit_chain_integrity_failed_total > 0",
			"AUDIT_WRITE_FROZEN_<tenant_id>=true", "AUDIT_WRITE_FROZEN_{{tenant}}=true", "audit_event",
			"pg_dump", "gpg --encrypt", "SEV-1",
			"notify=cto", "notify=compliance_officer", "notify=legal", "notify=tenant_dpo",
			"CNIL", "GDPR art. 33", "LCB-FT", "24h after detected", "72h after detected",
			"WITH ordered AS ( SELECT event_id, event_hash, previous_hash, occurred_at, LAG(event_hash) OVER (PARTITION BY tenant_id ORDER BY occurred_at) AS expected_prev FROM audit_event WHERE tenant_id = {{tenant}} ) SELECT * FROM ordered WHERE previous_hash IS DISTINCT FROM expected_prev ORDER BY occurred_at LIMIT 10;",
			"blockchain", "V2", "DPO",
		},
		en: []string{"critical", "database is corrupt", "tampered", "application has a bug", "investigation starts at once", "Freeze", "snapshot", "offline", "encrypted",
			"contractual duty of transparency", "within 24 hours", "within 72 hours", "GDPR", "Restore the backup of the point of rupture", "replay the well-formed events",
			"last valid hash", "signed email", "Public or internal", "depends on the impact", "Lift the freeze"},
		fr: []string{"critique", "corrompue", "manipulée", "bug", "investigation commence immédiatement", "Geler", "snapshot", "hors ligne", "chiffrée",
			"obligation contractuelle de transparence", "sous 24 heures", "sous 72 heures", "RGPD", "Restaurez la sauvegarde du point de rupture", "rejouez les événements bien formés",
			"dernier hash valide", "registre blockchain de vérité", "email signé", "Public ou interne", "selon l'impact", "Lever le gel"},
	},
}

// words flattens what was loaded (not the file) into one line with ordinary blanks and apostrophes.
func words(r *Runbook) string {
	var b strings.Builder
	say := func(parts ...string) { b.WriteString(strings.Join(parts, "\n") + "\n") }
	say(r.Title, r.Intro)
	for _, s := range r.Steps {
		say(s.Title, s.Prose, s.LookFor, "approval="+s.Approval)
		say(s.Warnings...)
		say(s.Corrections...)
		for _, c := range s.Commands {
			say(c.Code)
		}
		for _, br := range s.Branches {
			say(br.Finding)
		}
		for _, n := range s.Notify {
			say("notify=" + n)
		}
		for _, c := range s.Clocks {
			say(c.What, c.When, c.Due)
		}
	}
	return squeeze(b.String())
}

func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(s)), " ")
}

func TestSeedFactsAreInTheRunbooks(t *testing.T) {
	c := mustDefault(t)
	for _, f := range seedFacts {
		for _, language := range Languages() {
			r, ok := c.ByID(f.id, language)
			if !ok || r.Language != language {
				t.Errorf("%s is not there in %s", f.id, language)
				continue
			}
			if r.Severity != f.severity || !contains(r.Alerts, f.alert) {
				t.Errorf("%s %s: severity %s alerts %v, want %s for %s", f.id, language, r.Severity, r.Alerts, f.severity, f.alert)
			}
			text := words(r)
			for _, fact := range append(append([]string{}, f.any...), map[string][]string{"en": f.en, "fr": f.fr}[language]...) {
				if !strings.Contains(text, squeeze(fact)) {
					t.Errorf("%s %s: the seed's %q is lost", f.id, language, fact)
				}
			}
		}
	}
}

// What has to hold of the seed's steps beyond their words.
func TestSeedRulesAreMetadata(t *testing.T) {
	c := mustDefault(t)
	for _, language := range Languages() {
		step := func(id, step string) Step {
			r, _ := c.ByID(id, language)
			s, ok := r.Step(step)
			if !ok {
				t.Fatalf("%s %s has no step %s", id, language, step)
			}
			return s
		}
		clock := func(id, stepID string, offset time.Duration, who string) {
			cs := step(id, stepID).Clocks
			if len(cs) != 1 || cs[0].Offset != offset || cs[0].Anchor != AtDetected || cs[0].Who != who || !cs[0].Obligation {
				t.Errorf("%s %s %s: clocks %+v, want %v after detection, owed by %s", id, language, stepID, cs, offset, who)
			}
		}
		clock("RB-008", "tell-client", 24*time.Hour, "communications_lead")
		clock("RB-008", "tell-regulator", 72*time.Hour, "compliance_officer")
		clock("RB-002", "tell-tenants", 10*time.Minute, "communications_lead")
		if f := step("RB-008", "lift-freeze").Clocks; len(f) != 1 || !f[0].Open {
			t.Errorf("RB-008 %s: the freeze is not owed a lifting: %+v", language, f)
		}
		if s := step("RB-004", "kill-idle"); s.Kind != Destructive || len(s.Warnings) == 0 {
			t.Errorf("RB-004 %s: ending sessions is %s with %d warnings", language, s.Kind, len(s.Warnings))
		}
		if s := step("RB-004", "max-connections"); s.Kind != Destructive || s.Approval != "tech_lead" {
			t.Errorf("RB-004 %s: max_connections is %s approved by %q", language, s.Kind, s.Approval)
		}
		if s := step("RB-008", "restore"); s.Kind != Destructive || s.Approval != "cto" || !s.FourEyes {
			t.Errorf("RB-008 %s: restore is %s approved by %q, four eyes %v", language, s.Kind, s.Approval, s.FourEyes)
		}
		if s := step("RB-008", "escalate"); s.Kind != Notify || fmt.Sprint(s.Notify) != "[cto compliance_officer legal]" {
			t.Errorf("RB-008 %s: escalation is %s to %v", language, s.Kind, s.Notify)
		}
		for _, s := range []string{"which-service", "slow-traces", "database", "kafka"} {
			if k := step("RB-001", s).Kind; k != Diagnosis {
				t.Errorf("RB-001 %s: %s is %s", language, s, k)
			}
		}
		r, _ := c.ByID("RB-001", language)
		sum := 0
		for _, s := range r.Steps[:4] {
			sum += s.Minutes
		}
		if sum != 5 {
			t.Errorf("RB-001 %s: the diagnosis takes %d minutes, the seed says 5", language, sum)
		}
	}
}

func TestEmbeddedRunbooksAreClean(t *testing.T) {
	today := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, f := range Lint(mustDefault(t), LintOptions{Today: today}) {
		t.Error(f)
	}
}

func TestFrenchTypography(t *testing.T) {
	for _, r := range mustDefault(t).All() {
		if r.Language != "fr" {
			continue
		}
		fence := "" // as the block began
		for i, line := range strings.Split(strings.SplitN(r.Source, "\n# ", 2)[1], "\n") {
			if strings.HasPrefix(line, "```") {
				if fence == "" {
					fence = line
				} else {
					fence = ""
				}
				continue
			}
			if fence != "" && fence != "```text" { // a draft is prose
				continue
			}
			text := strings.Builder{}
			for j, part := range strings.Split(line, "`") {
				if j%2 == 0 {
					text.WriteString(part)
				}
			}
			for _, bad := range []string{" :", " ;", " ?", " !", " »", "« ", "l'", "d'", "qu'"} {
				if strings.Contains(text.String(), bad) {
					t.Errorf("%s, body line %d: %q in %q", r.File, i+1, bad, line)
				}
			}
		}
	}
}
