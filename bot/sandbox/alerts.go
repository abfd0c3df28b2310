package sandbox

import (
	"fmt"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
)

// NamedAlert is an alert the page's lever and POST /control/pages/fire can send by name.
type NamedAlert struct {
	Name     string `json:"name"`
	Summary  string `json:"summary"`
	Severity string `json:"severity"`
	Service  string `json:"service"`
	expr     string
}

// Alerts lists the alerts that can be fired by name, as a team's Prometheus would send them.
func Alerts() []NamedAlert {
	return []NamedAlert{
		{"ApiErrorRateHigh", "Checkout: 7.4 % of API requests fail (threshold 2 %)", "critical", "kyc-svc", `rate(http_requests_total{status=~"5.."}[5m]) / rate(http_requests_total[5m]) > 0.02`},
		{"ApiHighLatencyP95", "API latency P95 is 1.2 s for 5 min (threshold 600 ms)", "error", "kyc-svc", `histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 0.6`},
		{"OcrServiceDown", "OCR service is down for 2 min, files wait in OCR pending", "critical", "ocr-svc", `up{job="ocr-svc"} == 0`},
		{"PostgresConnectionsExhausted", "PostgreSQL primary uses 97 % of its connections", "critical", "postgres-primary", `pg_stat_activity_count > 0.85 * pg_settings_max_connections`},
		{"AuditHashChainBroken", "Audit hash chain is broken for one tenant", "critical", "audit-svc", `audit_chain_integrity_failed_total > 0`},
		{"RneBalanceLow", "RNE subscription balance is below 20 % of the quota", "info", "kyc-svc", `rne_subscription_balance / rne_subscription_quota < 0.2`},
		// Later ones stay below: kept plans of the simulator name the first six by their place.
		{"KafkaConsumerLagHigh", "Kafka consumer lag is above 10,000 messages for 10 min", "error", "aml-svc", `kafka_consumergroup_lag > 10000`},
		{"IdesSubmissionFailure", "IDES refused a FATCA declaration", "error", "tcr-svc", `increase(tcr_declaration_submit_failed_total[15m]) > 0`},
		{"MassBiometricFailure", "Liveness checks fail 14 times as often as usual for one tenant", "critical", "kyc-svc", `rate(kyc_liveness_failed_total[10m]) > 10 * rate(kyc_liveness_failed_total[1d] offset 1d)`},
		{"CertificateExpiringSoon", "Certificate of kyc.vitakyc.example expires in 13 days", "info", "npm", `probe_ssl_earliest_cert_expiry - time() < 14 * 86400`},
		{"LicenseQuotaExceeded", "A tenant has used 96 % of its month's checks", "info", "license-svc", `license_checks_used / license_checks_quota > 0.95`},
		{"WipeSignerFailures", "The signer fails: 12 jobs in the dead-letter queue", "critical", "signer", `increase(wipe_signer_failures_total[10m]) > 0`},
		{"WipeAnchorFailures", "Anchoring fails: certificates stay without an anchor", "error", "anchor-worker", `increase(wipe_anchor_failures_total[30m]) > 0`},
		{"BackupFailed", "The daily backup to the second site failed", "critical", "backup", `time() - backup_last_success_timestamp_seconds > 86400`},
	}
}

// FireAlert sends one of [Alerts] to the production service, as the monitoring would. Firing it again while it is open
// joins the open incident. It fails on an unknown name and as [pager.Pager.Fire] does.
func (s *Sandbox) FireAlert(name string) (pager.Fired, error) {
	for _, a := range Alerts() {
		if a.Name != name {
			continue
		}
		return s.Pager.Fire(ProductionKey, pager.Alert{
			Summary: a.Summary, Severity: a.Severity, Source: "prometheus.vitakyc.example", Component: a.Service, Group: "vitakyc", Class: a.Name,
			DedupKey: "alert/" + a.Name, Client: "Prometheus", ClientURL: "https://prometheus.vitakyc.example/alerts",
			CustomDetails: map[string]any{
				"alertname": a.Name, "service": a.Service, "namespace": "vitakyc", "severity": a.Severity, "expr": a.expr,
				"firing": fmt.Sprintf("Labels: alertname = %s, service = %s, namespace = vitakyc", a.Name, a.Service), "num_firing": "1", "num_resolved": "0",
				"starts_at": s.clock.Now().UTC().Format(time.RFC3339),
			},
		})
	}
	return pager.Fired{}, fmt.Errorf("sandbox: no alert is called %q", name)
}

// ClearAlert resolves one of [Alerts], as the monitoring would. It fails as [pager.Pager.Clear] does.
func (s *Sandbox) ClearAlert(name string) error { return s.Pager.Clear("alert/" + name) }
