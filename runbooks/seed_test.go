package runbooks

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// What the on-call manual's runbooks say, line by line.
var seedFacts = []facts{
	{
		id: "RB-001", severity: "SEV-3", alert: "ApiHighLatencyP95",
		commands: []string{
			"kubectl top pods -n vitakyc --sort-by=cpu | head -11",
			`{ resource.service.name =~ "kyc-svc|aml-svc|tcr-svc" && duration > 600ms }`,
			`kubectl exec -n vitakyc deploy/postgres-primary -- psql -c \ "SELECT state, count(*) FROM pg_stat_activity GROUP BY state"`,
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-consumer-groups.sh \ --bootstrap-server localhost:9092 --describe --all-groups | \ awk '$6 == "-" || $6 > 1000 {print}'`,
			"rollout restart deployment/{{svc}}", `--replicas="$((current + 2))"`,
			"FROM pg_stat_statements ORDER BY mean_exec_time DESC LIMIT 10;", "argocd app rollback {{app}} {{history_id}}",
			"histogram_quantile(0.95, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))",
		},
		quoted: []string{
			"kubectl top pods -n vitakyc | sort -k3 -r | head -10", `service.name=~"kyc-svc|aml-svc|tcr-svc"`, "duration > 600ms", `awk '$5 > 1000 {print}'`,
			"kubectl scale deployment/<svc> --replicas=+2", "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m]))",
		},
		names: []string{"> 600 ms", "P95", "*API Latency*", "Grafana", "Tempo", "HikariCP", "ConfigMap", "read replica routing", "HPA", "quickFix", "OCR", "feature flag",
			"ocr.fallback_commercial.force=true", "pg_stat_statements", "ArgoCD", "Java", "*cost-per-check*"},
		said: []fact{
			{"0.6 s for 5 minutes", "0,6 s pendant 5 minutes"},
			{"shows 0.6 s or more", "affiche 0,6 s ou plus"},
			{"take 5 minutes together", "prennent 5 minutes en tout"},
			{"Which service is slow?", "Quel service est lent ?"},
			{"the last hour", "la dernière heure"},
			{"10 slowest traces", "10 traces les plus lentes"},
			{"Is the database saturated?", "La base de données est-elle saturée ?"},
			{"Does a Kafka queue grow?", "Une file Kafka grossit-elle ?"},
			{"raise `maximumPoolSize` in its ConfigMap, then restart it", "augmentez `maximumPoolSize` dans sa ConfigMap, puis redémarrez-le"},
			{"Choose one of two", "Deux voies, au choix"},
			{"The HPA adds replicas by itself when the processor is saturated", "Quand le processeur sature, le HPA monte en charge de lui-même"},
			{"whether the pods sit at their limits", "si les pods butent sur leurs limites"},
			{"the present number of replicas plus two", "le nombre actuel de réplicas, plus deux"},
			{"When the AI behind the service (OCR) is saturated", "Quand l'IA en aval du service (OCR) est saturée"},
			{"the ten slowest on average", "les dix plus lentes en moyenne"},
			{"regular expression that backtracks (Java)", "expression régulière qui explose (Java)"},
			{"with the last deployments in ArgoCD", "avec les derniers déploiements dans ArgoCD"},
			{"Roll the deployment back", "Revenir au déploiement précédent"},
			{"Is it a peak of traffic?", "Est-ce un pic de trafic ?"},
			{"the top tenants", "les premiers clients"},
		},
	},
	{
		id: "RB-002", severity: "SEV-2", alert: "OcrServiceDown",
		commands: []string{
			"kubectl -n vitakyc get pods -l app=ocr-svc", "kubectl -n vitakyc describe pod {{pod}}", "kubectl -n vitakyc logs -l app=ocr-svc --tail=200",
			"kubectl -n vitakyc describe node {{gpu_node}}",
			`kubectl -n vitakyc set env deployment/kyc-svc \ OCR_PRIMARY=fallback_commercial OCR_FALLBACK_ENABLED=true`,
			"kubectl -n vitakyc rollout restart deployment/ocr-svc", "kubectl -n vitakyc rollout status deployment/ocr-svc --timeout=3m",
			"set resources deployment/ocr-svc --limits=memory=", "kubectl -n vitakyc set env deployment/ocr-svc TENANT_RATE_LIMIT_DEFAULT=50", "TENANT_RATE_LIMIT_DEFAULT=200",
			"SELECT case_id FROM kyc_case WHERE updated_at > {{incident_start}} AND status = 'in_progress';",
		},
		quoted: []string{"`resources.limits.memory`", "ConfigMap"},
		rules: []string{
			"tell-tenants: 10m after detected outlives the resolution, owed by communications_lead;", "tell-tenants: notify after tells tenant_compliance_officer;", "affected-cases: diagnosis after;",
		},
		names: []string{`up{job="ocr-svc"} == 0`, "OCR pending", "GPU", "`ocr_pending`", "Temporal", "`CrashLoopBackOff`", "`resources.limits.memory`", "`kyc.case.delayed`", "rate limiting", "50 rps"},
		said: []fact{
			{"for 2 minutes", "pendant 2 minutes"},
			{"KYC cases stay in the stage *OCR pending*", "Les dossiers KYC restent à l'étape *OCR pending*"},
			{"Only if OCR runs on a GPU", "Seulement si l'OCR tourne sur GPU"},
			{"Switch to the commercial fallback", "Basculer sur le fallback commercial"},
			{"This works at once", "L'effet est immédiat"},
			{"start again by themselves, by a Temporal signal", "redémarrent automatiquement, par un signal Temporal"},
			{"Restart the internal service cleanly", "Redémarrer proprement le service interne"},
			{"within 3 minutes", "en moins de 3 minutes"},
			{"Only for a pod in `CrashLoopBackOff` that dies of memory", "Seulement pour un pod en `CrashLoopBackOff` qui meurt par manque de RAM"},
			{"it is rolled out by itself", "il se redéploie de lui-même"},
			{"a peak in one tenant's volume", "un pic de volume d'un tenant unique"},
			{"This tightens the rate limiting", "un rate limiting renforcé"},
			{"(50 rps) instead of 200", "(50 rps) au lieu de 200"},
			{"Which cases were affected?", "Quels dossiers ont été touchés ?"},
			{"note the result in the channel", "notez le résultat dans le canal"},
			{"whose processing took more than 10 minutes", "dont le traitement a pris plus de 10 minutes"},
		},
		warned: []fact{{"this is temporary", "c'est temporaire"}},
	},
	{
		id: "RB-003", severity: "SEV-3", alert: "KafkaConsumerLagHigh",
		commands: []string{
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-consumer-groups.sh \ --bootstrap-server localhost:9092 --describe --all-groups`,
			`kubectl exec -n vitakyc deploy/kafka-0 -- kafka-log-dirs.sh \ --bootstrap-server localhost:9092 --describe`,
			`jq -r '.brokers[].logDirs[].partitions[] | "\(.partition) \(.size)"' | sort -k2 -nr | head`,
			`wanted=$((${current:?} + 3))`, `if [ "$wanted" -gt "$partitions" ]; then wanted=$partitions; fi`, "kubectl -n vitakyc scale deployment/{{consumer_svc}}",
			"kafka-topics.sh", "--alter --topic {{topic}} --partitions {{new_partitions}}",
		},
		quoted: []string{"--describe --json", "kubectl scale deployment/<consumer-svc> --replicas=+3", "kafka-topics.sh --alter --partitions N"},
		rules:  []string{"purge: destructive approval=cto four eyes;", "more-partitions: destructive approval=tech_lead;", "downstream: diagnosis;"},
		names:  []string{"backlog", "topic", "partitions"},
		said: []fact{
			{"more than 10,000 messages behind on a topic for 10 minutes", "plus de 10 000 messages de retard sur un topic pendant 10 minutes"},
			{"Which group lags behind?", "Quel groupe est à la traîne ?"},
			{"How large are the topics?", "Quelle est la taille des topics ?"},
			{"The present number of replicas plus three, at most one for each partition", "Le nombre actuel de réplicas plus trois, au plus un par partition"},
			{"More replicas than partitions stay idle", "Au-delà du nombre de partitions, les réplicas restent inactifs"},
			{"the database, OCR, an external API", "la base, l'OCR, une API externe"},
			{"**Treat that first**", "**Traitez celui-ci d'abord**"},
			{"Only for a massive batch, such as the screening of 10 million subjects", "Seulement pour un batch massif, comme le screening de 10 millions de subjects (10 M)"},
			{"to add partitions *temporarily*", "d'ajouter des partitions *temporairement*"},
			{"Never purge a topic in production without the CTO's agreement: lost messages are lost audit.", "Ne purgez jamais un topic en production sans l'accord du CTO : une perte de messages est une perte d'audit."},
		},
		warned: []fact{
			{"never more replicas than partitions, the surplus stays idle", "jamais plus de réplicas que de partitions, les réplicas en trop restent inactifs"},
			{"never purge a topic in production without the CTO's agreement", "ne purgez jamais un topic en production sans l'accord du CTO"},
			{"lost messages are lost audit", "perte de messages, perte d'audit"},
		},
	},
	{
		id: "RB-004", severity: "SEV-2", alert: "PostgresConnectionsExhausted",
		commands: []string{
			"SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC;",
			"SELECT pid, now() - pg_stat_activity.query_start AS duration, query, state FROM pg_stat_activity WHERE state != 'idle' AND now() - query_start > '30 seconds'::interval ORDER BY duration DESC;",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND now() - state_change > interval '5 minutes';",
			"ALTER SYSTEM SET max_connections", "(hikaricp_active_connections)",
		},
		rules: []string{"kill-idle: destructive;", "max-connections: destructive approval=tech_lead;", "pgbouncer: mitigation;"},
		names: []string{"`too many connections`", "`pg_stat_activity_count`", "503", "PgBouncer", "`transaction`", "`max_connections`"},
		said: []fact{
			{"`too many connections` and answer 503", "`too many connections` et répondent 503"},
			{"exceeds 0.85 × `max_connections`", "dépasse 0,85 × `max_connections`"},
			{"Who holds the connections?", "Qui utilise les connexions ?"},
			{"Which queries block the others?", "Quelles requêtes bloquent les autres ?"},
			{"more than 30 seconds", "plus de 30 secondes"},
			{"idle in a transaction for more than 5 minutes", "inactives dans une transaction depuis plus de 5 minutes"},
			{"Raise max_connections: the last resort", "Augmenter max_connections : le dernier recours"},
			{"It needs a restart of PostgreSQL", "Il faut redémarrer PostgreSQL"},
			{"If PgBouncer is not in place yet", "Si PgBouncer n'est pas encore en place"},
			{"its pool in `transaction` mode", "un pool en mode `transaction`"},
			{"Does a service leak connections?", "Un service perd-il des connexions ?"},
			{"flat and never comes down", "plate qui ne redescend jamais"},
		},
	},
	{
		id: "RB-005", severity: "SEV-4", alert: "RneBalanceLow",
		commands: []string{
			"SELECT tenant_id, balance_remaining, updated_at FROM rne_subscription WHERE tenant_id = {{tenant}} ORDER BY updated_at DESC LIMIT 1;",
			"kubectl -n vitakyc set env deployment/connector-rne TENANT_{{tenant}}_RNE_FALLBACK=true",
		},
		rules: []string{"tell-tenant: notify tells tenant_compliance_officer customer_success;", "proactive-alert: diagnosis after;"},
		names: []string{"Le solde disponible est insuffisant", "KYB", "`TENANT_<id>_RNE_FALLBACK=true`", "OCR", "`interop@e-rne.tn`", "80 %", "`RneConsumptionHigh`", "`deploy/prometheus/early-warnings.yaml`"},
		said: []fact{
			{"the RNE answers 400", "le RNE répond 400"},
			{"`RneBalanceLow` below 1000 requests", "`RneBalanceLow` sous 1000 requêtes"},
			{"this tenant's KYB cases go on in degraded mode", "les dossiers KYB de ce tenant passent en mode dégradé"},
			{"At once: the tenant's users upload the extract of the RNE themselves, and OCR reads it", "L'effet est immédiat : les utilisateurs du tenant déposent eux-mêmes l'extrait RNE (capture manuelle), et l'OCR le lit"},
			{"Switch to documents for this tenant", "Passer ce tenant en fallback documentaire"},
			{"The flag is", "Le feature flag est"},
			{"Ask the tenant to recharge", "Demander au tenant de recharger"},
			{"Please recharge it with the RNE", "Merci de le recharger auprès du RNE"},
			{"fires at 80 % of consumption", "se déclenche à 80 % de consommation"},
			{"Be told at 80 % the next time", "Être prévenu à 80 % la prochaine fois"},
		},
	},
	{
		id: "RB-006", severity: "SEV-3", alert: "IdesSubmissionFailure",
		commands: []string{
			"SELECT declaration_id, status, ides_reference, payload FROM tcr_declaration WHERE tenant_id = {{tenant}} AND status = 'rejected' ORDER BY updated_at DESC LIMIT 5;",
			"SELECT * FROM tcr_ides_acknowledgement WHERE kind = 'error_report' AND received_at > NOW() - INTERVAL '24 hours';",
			"--request POST", "/v1/tcr/declarations/{{declaration_id}}/xml", "xmllint --noout --schema FatcaXML_v2.0.xsd {{xml_file}}",
		},
		quoted: []string{"xmllint --schema FatcaXML_v2.0.xsd"},
		rules: []string{
			"retry: 2h after step unavailable done owed by incident_commander;", "retry-again: 4h after step retry done owed by incident_commander;",
			"tell-tenant: 4h after detected outlives the resolution, owed by incident_commander;", "tell-tenant: notify tells tenant_compliance_officer;",
		},
		names: []string{"`tcr.declaration.submit_failed`", "FATCA", "IDES", "(RE)", "CF01", "CF15", "`POST /v1/tcr/declarations/:id/xml`", "CV01", "CV02", "XSD", "CM01", "DocRefID", "GUID", "DGI",
			"ICMM", "IRS", "8008", "8009", "8011", "FATCA2", "FATCA3", "RG6"},
		said: []fact{
			{"a financial institution cannot submit its declaration", "une institution financière (IF) ne peut pas déposer sa déclaration"},
			{"says why in an error report (RE)", "dit pourquoi dans un compte-rendu d'erreur (RE)"},
			{"CF01 to CF15: the file", "CF01 à CF15 : le fichier"},
			{"encoding, size, compression or name", "encodage, taille, compression ou nommage"},
			{"have it made anew with", "pour le régénérer"},
			{"CV01 or CV02: the schema (XSD)", "CV01 ou CV02 : le schéma (XSD)"},
			{"Run it on your machine", "Revalidez sur votre poste"},
			{"CM01: DocRefID not valid", "CM01 : DocRefID invalide"},
			{"Have the declaration made anew with a new GUID", "Faites régénérer la déclaration avec un nouveau GUID"},
			{"A failure at the tax authority (DGI)", "Une panne de la DGI"},
			{"Retry after 2 hours", "Retenter dans 2 heures"},
			{"Exponential backoff: 2 hours, then 4, then 8", "Backoff exponentiel : 2 heures, puis 4, puis 8"},
			{"After 4 hours without IDES the tenant's compliance officer must know", "Après 4 heures sans IDES, le Compliance officer du tenant doit être prévenu"},
			{"has been unavailable for more than 4 hours", "est indisponible depuis plus de 4 heures"},
			{"after the IRS has had the file", "après la transmission à l'IRS"},
			{"by itself, by rule RG6: with a FATCA2", "automatiquement, selon la règle RG6 : par un FATCA2"},
		},
	},
	{
		id: "RB-007", severity: "SEV-4", alert: "CertificateExpiringSoon",
		commands: []string{
			`ssh root@192.168.100.143 "pct exec 131 -- docker exec nginx-proxy-manager_app_1 \ cat /etc/letsencrypt/live/$domain/fullchain.pem | \ openssl x509 -noout -dates"`,
			"/api/nginx/certificates/{{certificate_id}}/renew", "--request POST", `"Authorization: Bearer ${NPM_TOKEN:?}"`,
		},
		quoted: []string{`curl -X POST .../api/nginx/certificates/43/renew -H "Authorization: Bearer $TOKEN"`},
		rules: []string{
			"tenant-30-days: notify tells tenant_compliance_officer;", "tenant-30-days: 30d before parameter expires_on outlives the resolution, owed by incident_commander;",
			"tenant-14-days: notify tells tenant_compliance_officer;", "tenant-14-days: 14d before parameter expires_on outlives the resolution, owed by incident_commander;",
			"tenant-7-days: notify tells customer_success;", "tenant-7-days: 7d before parameter expires_on outlives the resolution, owed by incident_commander;",
		},
		names: []string{"Let's Encrypt", "NPM", "TunTrust", "ANCE", "docs.vitakyc.e-vitalis.com", "43", "LTV", "CSM", "ticket"},
		said: []fact{
			{"fires 14 days before a certificate expires", "se déclenche 14 jours avant l'expiration d'un certificat"},
			{"renewed by itself 30 days ahead", "renouvellement automatique, 30 jours avant"},
			{"Force the renewal", "Forcer le renouvellement"},
			{"its administrator, from Vault", "les creds admin NPM, pris dans Vault"},
			{"one for each tenant, to sign with", "un par tenant, pour signer"},
			{"30 days before: write to the tenant", "30 jours avant : écrire au tenant"},
			{"goes out automatically to the tenant's compliance officer", "part automatiquement au Compliance officer du tenant"},
			{"the instructions, how to renew with TunTrust", "les instructions de renouvellement auprès de TunTrust"},
			{"14 days before: remind, and open a ticket", "14 jours avant : rappeler, et ouvrir un ticket"},
			{"open a support ticket", "ouvrez un ticket de support"},
			{"7 days before: the customer success manager", "7 jours avant : le Customer Success Manager"},
			{"Escalation:", "Escalade :"},
			{"What was signed before may stay valid", "Ce qui a été signé avant peut rester valide"},
			{"no new signature is possible until it is renewed, which blocks production", "aucune nouvelle signature n'est possible jusqu'au renouvellement : c'est bloquant pour la production"},
		},
	},
	{
		id: "RB-008", severity: "SEV-1", alert: "AuditHashChainBroken",
		commands: []string{
			"AUDIT_WRITE_FROZEN_{{tenant}}=true", "pg_dump --format=custom {{database}} | gpg --encrypt",
			"WITH ordered AS ( SELECT event_id, event_hash, previous_hash, occurred_at, LAG(event_hash) OVER (PARTITION BY tenant_id ORDER BY occurred_at) AS expected_prev FROM audit_event WHERE tenant_id = {{tenant}} ) SELECT * FROM ordered WHERE previous_hash IS DISTINCT FROM expected_prev ORDER BY occurred_at LIMIT 10;",
		},
		rules: []string{
			"escalate: notify tells cto compliance_officer legal;", "tell-client: notify tells tenant_compliance_officer tenant_dpo;",
			"tell-client: 24h after detected outlives the resolution, owed by communications_lead;",
			"tell-regulator: notify tells compliance_officer legal regulator;", "tell-regulator: 72h after detected outlives the resolution, owed by compliance_officer;",
			"tell-aml: notify tells compliance_officer legal aml_authority;", "tell-aml: 72h after detected outlives the resolution, owed by compliance_officer;",
			"restore: destructive approval=cto four eyes;", "publish-hash: notify tells tenant_dpo;", "lift-freeze: open outlives the resolution, owed by incident_commander;",
			"post-mortem: notify after tells cto compliance_officer legal;",
		},
		names: []string{"`previous_hash`", "`audit_chain_integrity_failed_total > 0`", "`AUDIT_WRITE_FROZEN_<tenant_id>=true`", "`audit_event`", "SEV-1", "CNIL", "GDPR art. 33", "LCB-FT", "blockchain", "V2", "DPO", "bug"},
		said: []fact{
			{"has a `previous_hash` that does not match", "a un `previous_hash` qui ne correspond pas"},
			{"This is critical", "C'est critique"},
			{"the database is corrupt", "la base est corrompue"},
			{"somebody has tampered with it", "quelqu'un l'a manipulée"},
			{"the application has a bug", "l'application a un bug"},
			{"The investigation starts at once", "L'investigation commence immédiatement"},
			{"nothing more is written to `audit_event` for the tenant concerned", "plus rien ne s'écrit dans `audit_event` pour le tenant concerné"},
			{"snapshot", "(snapshot)"},
			{"is encrypted as it is made", "est chiffrée à mesure qu'elle est produite"},
			{"to the offline storage", "sur le stockage hors ligne"},
			{"Declare SEV-1 and escalate", "Ouvrir un SEV-1 et escalader"},
			{"the CTO, the compliance officer and the legal team", "le CTO, le Compliance officer et le service juridique"},
			{"Notify the client within 24 hours", "Notifier le client sous 24 heures"},
			{"contractual duty of transparency", "obligation contractuelle de transparence"},
			{"notify the CNIL within 72 hours", "notifier la CNIL sous 72 heures"},
			{"notify its regulator within 72 hours", "notifier son régulateur sous 72 heures"},
			{"if personal data is concerned (GDPR art. 33)", "si des données personnelles sont concernées (RGPD, GDPR art. 33)"},
			{"The competent regulator, if the fight against money laundering (LCB-FT) is concerned", "Le régulateur compétent, si la lutte contre le blanchiment (LCB-FT) est concernée"},
			{"Find the point of rupture", "Trouver le point de rupture"},
			{"Restore the backup of the point of rupture", "Restaurez la sauvegarde du point de rupture"},
			{"replay the well-formed events", "rejouez les événements bien formés"},
			{"publish the last valid hash in the blockchain registry of truth (planned for V2)", "publiez le dernier hash valide dans le registre blockchain de vérité (prévu en V2)"},
			{"in a signed email to the client's DPO", "dans un email signé au DPO du client"},
			{"Public or internal depends on the impact", "Public ou interne selon l'impact"},
		},
	},
	{
		id: "RB-009", severity: "SEV-1", alert: "MassBiometricFailure",
		commands: []string{
			`kubectl -n vitakyc set env deployment/liveness-svc \ TENANT_{{tenant}}_LIVENESS_LEVEL=3_STRICT \ TENANT_{{tenant}}_RATE_LIMIT_SELFIE_PER_IP=3_PER_MIN`,
			"SELECT device->>'ip' AS ip, device->>'user_agent' AS ua, count(*) FROM kyc_biometric_check WHERE tenant_id = {{tenant}} AND performed_at > NOW() - INTERVAL '1 hour' AND passed = false GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10;",
			"https://api.cloudflare.com/client/v4/zones/", "firewall/access_rules/rules", "http_ratelimit", "INTERVAL '24 hours'",
		},
		rules: []string{
			"tell: notify tells tenant_compliance_officer compliance_officer;", "samples: diagnosis after;", "review-accounts: diagnosis after;",
			"review-accounts: open outlives the resolution, owed by incident_commander;", "report: open outlives the resolution, owed by compliance_officer;", "report: notify after tells compliance_officer legal aml_authority;",
		},
		names: []string{"liveness", "spoof", "document template", "Cloudflare", "anti-spoof", "BCT", "CRF"},
		said: []fact{
			{"liveness checks fail more than ten times as often as usual", "les contrôles de liveness d'un tenant échouent plus de dix fois plus que d'habitude"},
			{"A spoof that comes back in the same way", "Un spoof qui revient toujours de la même façon"},
			{"Strict mode for this tenant", "Passer ce tenant en défense renforcée"},
			{"three selfies a minute from one address", "trois selfies par minute depuis une même adresse"},
			{"set the active challenge to *always*", "rendez le challenge actif systématique"},
			{"blink and turn the head", "clignement des yeux et mouvement de tête"},
			{"even where the passive check alone would do", "même si le contrôle passif suffirait"},
			{"The same browser (user agent)?", "Le même navigateur (user-agent) ?"},
			{"The same range of addresses?", "La même plage IP ?"},
			{"The same document template?", "Le même document template ?"},
			{"Geo-blocking", "Geo-block"},
			{"Limit the rate at Cloudflare", "Limiter le débit chez Cloudflare"},
			{"a risk of a targeted attack, to create fraudulent accounts", "un risque d'attaque ciblée, par création de comptes frauduleux"},
			{"Collect the samples", "Collecter les échantillons"},
			{"The anti-spoof model learns", "Le modèle anti-spoof s'enrichit des échantillons suspects"},
			{"Was an account opened? Review 24 hours", "Un compte a-t-il été créé ? Revue de 24 heures"},
			{"Review of the last 24 hours, no fraudulent account was opened", "Revue des 24 dernières heures, aucun compte frauduleux créé"},
			{"whether it must be reported", "s'il faut un reporting"},
		},
	},
	{
		id: "RB-010", severity: "SEV-4", alert: "LicenseQuotaExceeded",
		commands: []string{"max by (tenant_id) (tenant_checks_month) / max by (tenant_id) (license_limit)"},
		rules: []string{
			"soft-limit: notify tells customer_success tenant_compliance_officer;", "critical: notify tells customer_success tenant_compliance_officer;",
			"critical: 2h after step hard-limit done owed by incident_commander;", "upsell: notify tells customer_success;",
		},
		names: []string{"95 %", "100 %"},
		said: []fact{
			{"comes near its monthly limit", "approche de sa limite mensuelle"},
			{"At 95 % (the soft limit)", "À 95 % (soft limit)"},
			{"The customer success manager and the tenant's compliance officer are notified automatically at 95 %", "Le Customer Success Manager et le Compliance officer du tenant sont notifiés automatiquement à 95 %"},
			{"At 100 % (the hard limit) its checks are **queued, not refused**", "À 100 % (hard limit), ses vérifications sont **mises en attente (queueing), pas rejetées**"},
			{"More than 2 hours: critical notification", "Plus de 2 heures : notification critique"},
			{"has the sales contact call the tenant", "fait appeler le tenant par le contact commercial"},
			{"a larger plan, or additional volume", "upgrade du plan, ou ajout de volume"},
		},
	},
	{ // the manual's opening, and its sections 1.3, 4, 5 and 6
		id: "RB-000", severity: "SEV-3",
		names: []string{"`#inc-YYYYMMDD-short-name`", "**PagerDuty**", "**Grafana**", "Loki", "Tempo", "**ArgoCD**", "**Vault**", "SSO", "Keycloak", "MFA", "**`#ops-alerts`**", "**`#inc-*`**", "SRE", "**primary**", "**secondary**", "**executive**"},
		said: []fact{
			{"SRE, on call, second-level support (N2)", "SRE, astreinte, support N2"},
			{"You need not be a specialist: follow the steps.", "Nul besoin d'être spécialiste : suivez les étapes."},
			{"open a channel `#inc-YYYYMMDD-short-name`", "ouvrez un canal `#inc-YYYYMMDD-short-name`"},
			{"name an incident commander, a communications lead and a scribe", "désignez un Incident Commander, un Communications Lead et un Scribe"},
			{"write the time before every action", "horodatez chaque action"},
			{"If you have made no progress for 15 minutes", "Sans progrès depuis 15 minutes"},
			{"**PagerDuty**: alerts and on-call", "**PagerDuty** : alertes et astreinte"},
			{"dashboards, logs (Loki) and traces (Tempo). SSO Keycloak.", "tableaux de bord, journaux (Loki) et traces (Tempo). SSO Keycloak."},
			{"deployment and rollback. SSO Keycloak.", "déploiement et rollback. SSO Keycloak."},
			{"secrets and their rotation. A second factor (MFA) is mandatory.", "secrets et leur rotation. Second facteur (MFA) obligatoire."},
			{"**These runbooks**: what to do. Private to the tenant.", "**Ces runbooks** : les procédures. Privés au tenant."},
			{"alerts as they come. The SRE team and the tech lead.", "les alertes en temps réel. Équipe SRE et Tech Lead."},
			{"The incident commander opens it", "L'Incident Commander l'ouvre"},
			{"On call, round the clock (24/7)", "D'astreinte, 24/7"},
			{"changing each week among 5 to 7 SRE and backend engineers", "en rotation hebdomadaire entre 5 à 7 ingénieurs SRE et backend"},
			{"the same hours, as backup", "aux mêmes horaires, en backup"},
			{"the tech lead or the CTO, for the escalations of a SEV-1", "le Tech Lead ou le CTO, pour les escalades SEV-1"},
			{"a bonus for being on call, and compensation for incidents, in line with the market (MENA and EU)", "prime d'astreinte et compensation des incidents, alignées sur le marché (MENA et EU)"},
			{"A SEV-1 or SEV-2 needs a post-mortem: it is mandatory", "Un SEV-1 ou un SEV-2 demande un post-mortem : il est obligatoire"},
			{"# Post-mortem · <title of the incident> · YYYY-MM-DD", "# Post-mortem · <titre de l'incident> · YYYY-MM-DD"},
			{"## Summary <one sentence: what, who was affected, for how long>", "## Résumé <une phrase : quoi, qui est impacté, durée>"},
			{"Total duration: X minutes - Tenants affected: N - KYC checks affected: N - TCR declarations affected: N - SLA violations: yes/no - Regulatory violations: yes/no", "Durée totale : X minutes - Tenants impactés : N - Vérifications KYC impactées : N - Déclarations TCR impactées : N - Violations de SLA : oui/non - Violations réglementaires : oui/non"},
			{"HH:MM · Detected automatically by <alert> - HH:MM · Incident commander named - HH:MM · Mitigation applied (<what>) - HH:MM · Cause found (<what>) - HH:MM · Fix deployed - HH:MM · Incident resolved - HH:MM · Customers notified", "HH:MM · Détection automatique via <alerte> - HH:MM · Incident Commander désigné - HH:MM · Mitigation appliquée (<quoi>) - HH:MM · Cause identifiée (<quoi>) - HH:MM · Correctif déployé - HH:MM · Incident résolu - HH:MM · Notification clients"},
			{"## Root cause <5 whys>", "## Cause racine <5 whys>"},
			{"## What went well", "## Ce qui a bien fonctionné"},
			{"## What did not go well", "## Ce qui n'a pas bien fonctionné"},
			{"## Corrective actions (with owner and due date) - [ ] Action 1 — @owner — date", "## Actions correctives (avec responsable + échéance) - [ ] Action 1 — @owner — date"},
			{"## Lessons learned", "## Lessons learned"},
		},
	},
}

func TestSeedFactsAreInTheRunbooks(t *testing.T) { wantFacts(t, seedFacts) }

// What the manual's second section says of its alerts: the condition as it is written there, quoted beside our rule, how long it must hold, and
// the threshold that our rule has. What the other procedures name as metrics, and the warnings of the runbooks themselves, are rules, too.
func TestSeedAlertsAreRules(t *testing.T) {
	type rule struct {
		Alert, Expr, For string
	}
	rules, text := map[string]rule{}, ""
	for _, name := range []string{"catalogue.yaml", "early-warnings.yaml"} {
		src, err := os.ReadFile("../deploy/prometheus/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Groups []struct{ Rules []rule } }
		if err := yaml.Unmarshal(src, &file); err != nil {
			t.Fatal(err)
		}
		for _, g := range file.Groups {
			for _, r := range g.Rules {
				rules[r.Alert] = r
			}
		}
		text += string(src)
	}
	for _, c := range []struct{ alert, condition, expr, held string }{
		{"ApiHighLatencyP95", "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 0.6 pendant 5 min", "> 0.6", "5m"},
		{"ApiErrorRateHigh", `rate(http_requests_total{status=~"5.."}[5m]) / rate(http_requests_total[5m]) > 0.02`, "> 0.02", ""},
		{"OcrServiceDown", `up{job="ocr-svc"} == 0 pendant 2 min`, `up{job="ocr-svc"}`, "2m"},
		{"KafkaConsumerLagHigh", "kafka_consumer_lag > 10000 pendant 10 min", "> 10000", "10m"},
		{"PostgresConnectionsExhausted", "pg_stat_activity_count > 0.85 × max_connections", "> 0.85 *", ""},
		{"PostgresReplicationLag", "pg_replication_lag_bytes > 100 MB", "pg_replication_lag_bytes > 100 * 1024 * 1024", ""},
		{"RneBalanceLow", "rne_subscription_balance < 1000 pour un tenant", "by (tenant_id) (rne_subscription_balance) < 1000", ""},
		{"IdesSubmissionFailure", "tcr_ides_submission_failed_total incrémenté", "increase(tcr_ides_submission_failed_total", ""},
		{"AmlListIngestStale", "aml_list_last_ingested_seconds_ago > 86400", "aml_list_last_ingested_seconds_ago > 86400", ""},
		{"CertificateExpiringSoon", "cert_expiry_days < 14", "cert_expiry_days < 14", ""},
		{"AuditHashChainBroken", "audit_chain_integrity_failed_total > 0", "increase(audit_chain_integrity_failed_total", ""},
		{"MassBiometricFailure", "rate(liveness_fail_total[15m]) > 10 × baseline", "> 10 *", ""},
		{"LicenseQuotaExceeded", "tenant_checks_month / license_limit > 0.95", "> 0.95", ""},
		{"RneConsumptionHigh", "", ">= 0.8", ""}, // RB-005: 80 %
		{"CertificateExpiresIn30Days", "", "cert_expiry_days < 30", ""},
		{"CertificateExpiresIn7Days", "", "cert_expiry_days < 7", ""},
		{"KycCaseDelayed", "", "> 600", ""},              // RB-002: more than 10 minutes
		{"IdesUnavailable", "", "absent(", "4h"},         // RB-006
		{"LicenseLimitReached", "", ">= 1", "2h"},        // RB-010: queued for more than 2 hours
		{"WipeSignerFailures", "", "by (operation)", ""}, // "by operation"
		{"WipeAnchorFailures", "", "wipe_anchor_failures_total", ""},
		{"BackupFailed", "", "backup_last_failure_timestamp_seconds", ""}, // the fire's first signal
	} {
		r, ok := rules[c.alert]
		if !ok || !strings.Contains(r.Expr, c.expr) || r.For != c.held {
			t.Errorf("%s: the rule is %+v, want %q for %q", c.alert, r, c.expr, c.held)
		}
		if c.condition != "" && !strings.Contains(text, "# The procedure: "+c.condition+"\n") && !strings.Contains(text, "# The procedure: "+c.condition+". As written") {
			t.Errorf("%s: the manual's condition is not quoted: %s", c.alert, c.condition)
		}
		if _, ok := mustDefault(t).ByAlert(c.alert, "en"); !ok && !contains([]string{"ApiErrorRateHigh", "PostgresReplicationLag", "AmlListIngestStale"}, c.alert) {
			t.Errorf("%s begins no runbook", c.alert)
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
		clock("RB-008", "tell-aml", 72*time.Hour, "compliance_officer")
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
