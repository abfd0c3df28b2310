package runbooks

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What the seed's ten runbooks say, listed by hand from the seed and not from our files: commands with their line breaks restored,
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
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-consumer-groups.sh \ --bootstrap-server localhost:9092 --describe --all-groups | \ awk '$6 == "-" || $6 > 1000 {print}'`,
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
			"kubectl -n vitakyc set env deployment/ocr-svc TENANT_RATE_LIMIT_DEFAULT=50", "TENANT_RATE_LIMIT_DEFAULT=200",
			"SELECT case_id FROM kyc_case WHERE updated_at > {{incident_start}} AND status = 'in_progress'",
			"kyc.case.delayed", "10 minutes", "10m after detected",
		},
		en: []string{"for 2 minutes", "works at once", "50 requests a second instead of 200", "temporary"},
		fr: []string{"pendant 2 minutes", "immédiat", "50 rps", "au lieu de 200", "temporaire", "tenant unique"},
	},
	{
		id: "RB-003", severity: "SEV-3", alert: "KafkaConsumerLagHigh",
		any: []string{
			"backlog",
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-consumer-groups.sh \ --bootstrap-server localhost:9092 --describe --all-groups`,
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-log-dirs.sh \ --bootstrap-server localhost:9092 --describe`,
			`jq -r '.brokers[].logDirs[].partitions[] | "\(.partition) \(.size)"' | sort -k2 -nr | head`,
			"--describe --json", // the seed's form, quoted with the reason
			"kubectl scale deployment/<consumer-svc> --replicas=+3", `wanted=$((${current:?} + 3))`, `if [ "$wanted" -gt "$partitions" ]; then wanted=$partitions; fi`,
			"kubectl -n vitakyc scale deployment/{{consumer_svc}}",
			"kafka-topics.sh --alter --partitions N", "--alter --topic {{topic}} --partitions {{new_partitions}}", "kafka-topics.sh",
			"approval=cto",
		},
		en: []string{"more than 10,000 messages behind", "for 10 minutes", "Which group lags behind?", "How large are the topics?", "More replicas than partitions stay idle",
			"the database, OCR, an external API", "Treat that first", "massive batch", "screening of 10 million subjects", "temporarily",
			"Never purge a topic in production without the CTO's agreement", "lost messages are lost audit"},
		fr: []string{"plus de 10 000 messages de retard", "pendant 10 minutes", "Quel groupe est à la traîne ?", "Quelle est la taille des topics ?", "réplicas restent inactifs",
			"en aval", "la base, l'OCR, une API externe", "Traitez celui-ci d'abord", "batch massif", "screening de 10 millions de subjects (10 M)", "temporairement",
			"Ne purgez jamais un topic en production sans l'accord du CTO", "perte de messages est une perte d'audit"},
	},
	{
		id: "RB-004", severity: "SEV-2", alert: "PostgresConnectionsExhausted",
		any: []string{
			"too many connections", "max_connections",
			"SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC;",
			"SELECT pid, now() - pg_stat_activity.query_start AS duration, query, state FROM pg_stat_activity WHERE state != 'idle' AND now() - query_start > '30 seconds'::interval ORDER BY duration DESC;",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND now() - state_change > interval '5 minutes';",
			"PgBouncer", "`transaction`", "hikaricp_active_connections",
		},
		en: []string{"`too many connections` and answer 503", "0.85 × `max_connections`", "last resort", "restart of PostgreSQL", "flat and never comes down", "A service that leaks"},
		fr: []string{"`too many connections` et répondent 503", "0,85 × `max_connections`", "dernier recours", "redémarrer PostgreSQL", "plate qui ne redescend jamais", "Un service qui a une fuite (leak)"},
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
	{
		id: "RB-005", severity: "SEV-4", alert: "RneBalanceLow",
		any: []string{
			"Le solde disponible est insuffisant", "KYB",
			"SELECT tenant_id, balance_remaining, updated_at FROM rne_subscription WHERE tenant_id = {{tenant}} ORDER BY updated_at DESC LIMIT 1;",
			"TENANT_<id>_RNE_FALLBACK=true", "kubectl -n vitakyc set env deployment/connector-rne TENANT_{{tenant}}_RNE_FALLBACK=true",
			"OCR", "interop@e-rne.tn", "80 %", "RneConsumptionHigh", "early-warnings.yaml",
			"notify=tenant_compliance_officer", "notify=customer_success",
		},
		en: []string{"the RNE answers 400", "`RneBalanceLow` below 1000 requests", "degraded mode", "upload the extract of the RNE themselves", "At once", "recharge", "at 80 % of consumption"},
		fr: []string{"le RNE répond 400", "`RneBalanceLow` sous 1000 requêtes", "mode dégradé", "capture manuelle", "extrait RNE", "fallback documentaire", "feature flag", "immédiat", "recharger son abonnement", "à 80 % de consommation", "alerte proactive"},
	},
	{
		id: "RB-006", severity: "SEV-3", alert: "IdesSubmissionFailure",
		any: []string{
			"tcr.declaration.submit_failed",
			"SELECT declaration_id, status, ides_reference, payload FROM tcr_declaration WHERE tenant_id = {{tenant}} AND status = 'rejected' ORDER BY updated_at DESC LIMIT 5;",
			"SELECT * FROM tcr_ides_acknowledgement WHERE kind = 'error_report' AND received_at > NOW() - INTERVAL '24 hours';",
			"(RE)", "CF01", "CF15", "POST /v1/tcr/declarations/:id/xml", "/v1/tcr/declarations/{{declaration_id}}/xml", "--request POST",
			"CV01", "CV02", "XSD", "xmllint --schema FatcaXML_v2.0.xsd", "xmllint --noout --schema FatcaXML_v2.0.xsd {{xml_file}}",
			"CM01", "DocRefID", "GUID", "IDES", "DGI",
			"2h after step unavailable done", "4h after step retry done", "4h after detected", "notify=tenant_compliance_officer",
			"ICMM", "IRS", "8008", "8009", "8011", "FATCA2", "FATCA3", "RG6",
		},
		en: []string{"a financial institution cannot submit", "error report", "encoding, size, compression or name", "not valid", "Retry after 2 hours", "Exponential backoff",
			"more than 4 hours", "compliance officer", "after the IRS has had the file", "automatic"},
		fr: []string{"(IF) ne peut pas déposer", "compte-rendu d'erreur", "encodage, taille, compression ou nommage", "régénérer", "non-conformité XSD", "Revalidez", "invalide",
			"nouveau GUID", "panne de la DGI", "Retenter dans 2 heures", "Backoff exponentiel", "plus de 4 heures", "Compliance officer du tenant", "transmission à l'IRS", "automatiquement, selon la règle RG6"},
	},
	{
		id: "RB-007", severity: "SEV-4", alert: "CertificateExpiringSoon",
		any: []string{
			"NPM", "Let's Encrypt", "TunTrust", "ANCE",
			"ssh root@192.168.100.143", "pct exec 131 -- docker exec nginx-proxy-manager_app_1", `cat /etc/letsencrypt/live/$domain/fullchain.pem | \ openssl x509 -noout -dates"`,
			"docs.vitakyc.e-vitalis.com",
			`curl -X POST .../api/nginx/certificates/43/renew -H "Authorization: Bearer $TOKEN"`, "/api/nginx/certificates/{{certificate_id}}/renew", "--request POST", `"Authorization: Bearer ${NPM_TOKEN:?}"`,
			"30d before parameter expires_on", "14d before parameter expires_on", "7d before parameter expires_on", "LTV", "ticket",
			"notify=tenant_compliance_officer", "notify=customer_success",
		},
		en: []string{"14 days before a certificate expires", "renewed by itself", "Force the renewal", "administrator", "e-mail goes out automatically", "30 days before",
			"14 days before: remind, and open a ticket", "7 days before: the customer success manager", "Escalation", "signed before may stay valid", "no new signature is possible until it is renewed, which blocks production"},
		fr: []string{"14 jours avant l'expiration", "renouvellement automatique", "Forcer le renouvellement", "creds admin NPM", "email part automatiquement", "30 jours avant", "Compliance officer du tenant",
			"14 jours avant : rappeler, et ouvrir un ticket", "7 jours avant : le Customer Success Manager", "Escalade", "CSM", "signé avant peut rester valide", "aucune nouvelle signature n'est possible jusqu'au renouvellement", "bloquant pour la production"},
	},
	{
		id: "RB-009", severity: "SEV-1", alert: "MassBiometricFailure",
		any: []string{
			"spoof", "liveness",
			`kubectl -n vitakyc set env deployment/liveness-svc \ TENANT_{{tenant}}_LIVENESS_LEVEL=3_STRICT \ TENANT_{{tenant}}_RATE_LIMIT_SELFIE_PER_IP=3_PER_MIN`,
			"SELECT device->>'ip' AS ip, device->>'user_agent' AS ua, count(*) FROM kyc_biometric_check WHERE tenant_id = {{tenant}} AND performed_at > NOW() - INTERVAL '1 hour' AND passed = false GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10;",
			"document template", "Cloudflare", "https://api.cloudflare.com/client/v4/zones/", "firewall/access_rules/rules", "http_ratelimit", "ratelimit",
			"notify=tenant_compliance_officer", "notify=compliance_officer",
			"anti-spoof", "BCT", "CRF", "INTERVAL '24 hours'",
		},
		en: []string{"strict", "ten times as often as usual", "A spoof that comes back in the same way", "active challenge to *always*", "blink and turn the head", "even where the passive check alone would do", "user agent", "range of addresses", "Geo-blocking", "Limit the rate",
			"risk of a targeted attack, to create fraudulent accounts", "Collect the samples", "Was an account opened? Review 24 hours", "whether it must be reported"},
		fr: []string{"défense renforcée", "dix fois plus que d'habitude", "Un spoof qui revient toujours de la même façon", "challenge actif systématique", "clignement des yeux et mouvement de tête", "même si le contrôle passif suffirait", "user-agent", "même plage IP", "Geo-block", "Rate-limit",
			"risque d'attaque ciblée, par création de comptes frauduleux", "échantillons suspects", "enrichit", "Revue de 24 heures", "Reporting à la BCT ou à la CRF", "s'applique"},
	},
	{
		id: "RB-010", severity: "SEV-4", alert: "LicenseQuotaExceeded",
		any: []string{
			"95 %", "100 %", "notify=customer_success", "notify=tenant_compliance_officer", "2h after step hard-limit done",
			"max by (tenant_id) (tenant_checks_month) / max by (tenant_id) (license_limit)",
		},
		en: []string{"soft limit", "hard limit", "queued, not refused", "notified automatically", "customer success manager", "tenant's compliance officer", "More than 2 hours: critical notification",
			"a larger plan, or additional volume", "sales contact"},
		fr: []string{"soft limit", "hard limit", "mises en attente (queueing), pas rejetées", "notifiés automatiquement", "Customer Success Manager", "Compliance officer du tenant", "Plus de 2 heures : notification critique",
			"upgrade du plan, ou ajout de volume", "contact commercial"},
	},
	{ // the seed's sections 1.3, 5 and 6
		id: "RB-000", severity: "SEV-3",
		any: []string{"#inc-YYYYMMDD-short-name", "PagerDuty", "Grafana", "Loki", "Tempo", "ArgoCD", "Vault", "SSO", "Keycloak", "MFA", "#ops-alerts", "#inc-*", "SRE"},
		en: []string{"incident commander, a communications lead and a scribe", "the time before every action", "deployment and rollback", "rotation", "is mandatory", "Private to the tenant", "The SRE team and the tech lead",
			"The incident commander opens it", "round the clock", "each week", "5 to 7 SRE and backend engineers", "backup", "the tech lead or the CTO, for the escalations of a SEV-1"},
		fr: []string{"Incident Commander, un Communications Lead et un Scribe", "horodatez chaque action", "déploiement et rollback", "rotation", "obligatoire", "Privés au tenant", "Équipe SRE et Tech Lead",
			"L'Incident Commander l'ouvre", "24/7", "rotation hebdomadaire", "5 à 7 ingénieurs SRE et backend", "backup", "le Tech Lead ou le CTO, pour les escalades SEV-1"},
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

func TestSeedFactsAreInTheRunbooks(t *testing.T) { wantFacts(t, seedFacts) }

// wantFacts finds every fact of a procedure in its runbook, in both languages.
func wantFacts(t *testing.T, all []facts) {
	t.Helper()
	c := mustDefault(t)
	for _, f := range all {
		for _, language := range Languages() {
			r, ok := c.ByID(f.id, language)
			if !ok || r.Language != language {
				t.Errorf("%s is not there in %s", f.id, language)
				continue
			}
			if r.Severity != f.severity || f.alert != "" && !contains(r.Alerts, f.alert) {
				t.Errorf("%s %s: severity %s alerts %v, want %s for %s", f.id, language, r.Severity, r.Alerts, f.severity, f.alert)
			}
			text := words(r)
			for _, fact := range append(append([]string{}, f.any...), map[string][]string{"en": f.en, "fr": f.fr}[language]...) {
				if !strings.Contains(text, squeeze(fact)) {
					t.Errorf("%s %s: the procedure's %q is lost", f.id, language, fact)
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
		anchored := func(id, stepID string, offset time.Duration, before bool, anchor Anchor, ref, who string) {
			t.Helper()
			cs := step(id, stepID).Clocks
			if len(cs) != 1 || cs[0].Offset != offset || cs[0].Before != before || cs[0].Anchor != anchor || cs[0].Ref != ref || cs[0].Who != who || cs[0].When == "" {
				t.Errorf("%s %s %s: clocks %+v", id, language, stepID, cs)
			}
		}
		clock("RB-006", "tell-tenant", 4*time.Hour, "incident_commander")
		anchored("RB-006", "retry", 2*time.Hour, false, AtStepDone, "unavailable", "incident_commander")
		anchored("RB-006", "retry-again", 4*time.Hour, false, AtStepDone, "retry", "incident_commander")
		anchored("RB-007", "tenant-30-days", 30*24*time.Hour, true, AtParameter, "expires_on", "incident_commander")
		anchored("RB-007", "tenant-14-days", 14*24*time.Hour, true, AtParameter, "expires_on", "incident_commander")
		anchored("RB-007", "tenant-7-days", 7*24*time.Hour, true, AtParameter, "expires_on", "incident_commander")
		anchored("RB-010", "critical", 2*time.Hour, false, AtStepDone, "hard-limit", "incident_commander")
		for id, stepID := range map[string]string{"RB-005": "back-to-rne", "RB-009": "stand-down"} {
			if cs := step(id, stepID).Clocks; len(cs) != 1 || !cs[0].Open || !cs[0].Obligation {
				t.Errorf("%s %s: what was for now is not owed back: %+v", id, language, cs)
			}
		}
		if cs := step("RB-009", "report").Clocks; len(cs) != 1 || !cs[0].Obligation || cs[0].Who != "compliance_officer" || cs[0].When == "" {
			t.Errorf("RB-009 %s: the report to the BCT or CRF is owed as %+v", language, cs)
		}
		if s := step("RB-003", "purge"); s.Kind != Destructive || s.Approval != "cto" || len(s.Warnings) == 0 {
			t.Errorf("RB-003 %s: purging is %s approved by %q", language, s.Kind, s.Approval)
		}
		if s := step("RB-003", "more-partitions"); s.Kind != Destructive {
			t.Errorf("RB-003 %s: partitions are never taken away again, and adding them is %s", language, s.Kind)
		}
		for id, steps := range map[string]map[string]string{ // who is told, by steps of kind notify; each has a draft
			"RB-005": {"tell-tenant": "[tenant_compliance_officer customer_success]"},
			"RB-006": {"tell-tenant": "[tenant_compliance_officer]"},
			"RB-007": {"tenant-30-days": "[tenant_compliance_officer]", "tenant-14-days": "[tenant_compliance_officer]", "tenant-7-days": "[customer_success]", "expired": "[tenant_compliance_officer customer_success]"},
			"RB-009": {"tell": "[tenant_compliance_officer compliance_officer]"},
			"RB-010": {"soft-limit": "[customer_success tenant_compliance_officer]", "upsell": "[customer_success]", "critical": "[customer_success tenant_compliance_officer]"},
		} {
			for stepID, who := range steps {
				s := step(id, stepID)
				if s.Kind != Notify || fmt.Sprint(s.Notify) != who || len(s.Commands) != 1 || s.Commands[0].Language != "text" {
					t.Errorf("%s %s %s: is %s to %v with %d drafts", id, language, stepID, s.Kind, s.Notify, len(s.Commands))
				}
			}
		}
		for _, s := range []string{"samples", "review-accounts", "report"} {
			if step("RB-009", s).Phase != After {
				t.Errorf("RB-009 %s: %s is not a duty after the incident", language, s)
			}
		}
		leads := func(id, from, finding, to string) { // a finding whose text begins so leads there
			t.Helper()
			for _, b := range step(id, from).Branches {
				if strings.HasPrefix(b.Finding, finding) && (b.Step == to || b.Runbook == to) {
					return
				}
			}
			t.Errorf("%s %s %s: no finding %q leads to %s", id, language, from, finding, to)
		}
		leads("RB-006", "error-report", "CF01", "file")
		leads("RB-006", "error-report", "CV01", "schema")
		leads("RB-006", "error-report", "CM01", "new-docrefid")
		leads("RB-006", "error-report", "8008", "icmm")
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
	for _, f := range Lint(mustDefault(t), LintOptions{Today: today, EmbeddedSQL: true}) {
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
