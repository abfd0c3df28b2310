package runbooks

import (
	"slices"
	"testing"
	"time"
)

// capture is what the first-response page wants recorded before anything else, whatever the outage.
var capture = []fact{
	{"Before anything is replayed or deleted", "Avant de rejouer ou de supprimer quoi que ce soit"},
	{"request ids, trace ids, the affected tenants and organisations where you are permitted", "les identifiants de requête, les identifiants de trace, les tenants et organisations touchés là où vous avez le droit"},
	{"the exact time window", "la fenêtre de temps exacte"},
}

// What the three other procedures say, line by line: a first-response page of six incidents, the account of a data centre's fire, a history of
// outages.
var platformFacts = []facts{
	{
		id: "RB-011", severity: "SEV-2",
		commands: []string{"get pods | grep -Ei 'keycloak|postgres'", "exec statefulset/keycloak-postgres -- pg_isready", "/.well-known/openid-configuration", "for realm in master exawipe; do", "grep -Ei 'jwt|jwks|issuer| 401 '", "statefulset/keycloak-postgres",
			"rollout restart deployment/api deployment/workers", "-d grant_type=password"},
		rules: []string{"capture: diagnosis;", "pause: notify tells customer_success;", "retry: replay;", "retry: open owed by incident_commander;"},
		names: []string{"Keycloak", "JWKS", "IdP", "provisioning", "PostgreSQL", "`401`", "`iss`", "JWT", "`master`", "`exawipe`", "`/incident freeze`", "`/incident capture`"},
		said: slices.Concat(capture, []fact{
			{"New logins and token requests fail", "Les nouvelles connexions et les demandes de jeton échouent"},
			{"Existing API calls may go on for a while, as long as tokens and the JWKS cache are valid", "Les appels en cours à l'API peuvent continuer un moment, tant que les jetons et le cache JWKS sont valides"},
			{"These should pause until the end: operations on **users**, **invitations**, **IdP** (identity providers) and **provisioning**",
				"À suspendre jusqu'à la fin : les opérations sur les **utilisateurs**, les **invitations**, les **IdP** (fournisseurs d'identité) et le **provisioning**"},
			{"Are Keycloak and its database well?", "Keycloak et sa base vont-ils bien ?"},
			{"the metadata of both realms **from the API's network**", "les métadonnées des deux realms **depuis le réseau de l'API**"},
			{"errors about JWT or JWKS, and more `401` than usual", "des erreurs JWT ou JWKS, et plus de `401` que d'habitude"},
			{"it must be exactly what tokens carry in `iss`, for the public address", "elle doit être exactement celle que les jetons portent dans `iss`, soit pour l'adresse publique"},
			{"Restore the database first, then Keycloak", "Rétablir la base d'abord, puis Keycloak"},
			{"Restart API and workers, only if the issuer or realm import changed", "Redémarrer API et workers, seulement si l'émetteur ou l'import a changé"},
			{"Smoke tests for `master` and `exawipe`", "Essais pour `master` et `exawipe`"},
			{"Retry the onboarding and administration work that failed", "Reprenez les intégrations et les tâches d'administration qui ont échoué"},
			{"only after you have confirmed its idempotency", "seulement après avoir confirmé leur idempotence"},
		}),
	},
	{
		id: "RB-012", severity: "SEV-3", alert: "WipeSignerFailures",
		commands: []string{"sum by (operation) (increase(wipe_signer_failures_total", "logs deployment/proof-worker", `test("SIGNER|TSA|KEY_ID")`, "list_queues", "grep -Ei '^name|proofs|dlq'"},
		rules:    []string{"capture: diagnosis;", "replay: replay;"},
		names:    []string{"HMAC", "PAdES", "DLQ", "`SIGNER_MODE`", "bearer", "mTLS", "TSA", "`proofs.validated`", "`proofs.retry`"},
		said: slices.Concat(capture, []fact{
			{"fail while they are decrypted, at the HMAC, at PAdES signing, at receipt signing, and later at the signing of transactions", "échouer au déchiffrement, au HMAC, à la signature PAdES, à la signature des reçus, et plus tard à celle des transactions"},
			{"Their jobs are retried and end in the dead-letter queue (DLQ)", "Leurs jobs sont retentés puis finissent dans la file des rejets (DLQ)"},
			{"Which operation fails?", "Quelle opération échoue ?"},
			{"the ids of the affected proofs", "les identifiants des preuves touchées"},
			{"`SIGNER_MODE`, the endpoint, the timeout, the bearer token or the mTLS material", "`SIGNER_MODE`, l'endpoint, le délai, le jeton bearer ou le matériel mTLS"},
			{"the key ids, the settings of the time-stamping authority (TSA)", "les identifiants de clé, les réglages de l'autorité d'horodatage (TSA)"},
			{"`proofs.validated`, `proofs.retry` and the depth of the DLQ", "`proofs.validated`, `proofs.retry` et la profondeur de la DLQ"},
			{"Bring the signer and its keys back", "Rétablir le signataire et ses clés"},
			{"the key material that is missing", "le matériel de clé qui manque"},
			{"Upload one test proof", "Déposez une preuve d'essai"},
			{"Replay only jobs whose proof is still eligible", "Ne rejouez que les jobs dont la preuve est encore éligible"},
		}),
	},
	{
		id: "RB-013", severity: "SEV-2",
		commands: []string{"/minio/health/live", "s3api head-bucket --bucket {{bucket}}", "for d in api proof-worker report-worker", `test("BUCKET")`, "get-object-lock-configuration", "s3 cp - s3://{{bucket}}/tocsin-check.txt", "s3 mv s3://{{bucket}}/tocsin-check.txt"},
		rules:    []string{"capture: diagnosis;", "rerun: replay;"},
		names:    []string{"MinIO", "S3", "PDF", "JSON"},
		said: slices.Concat(capture, []fact{
			{"Proof upload, PDF generation, download of the canonical JSON, billing exports and monthly reports can fail", "Le dépôt de preuves, la génération des PDF, le téléchargement du JSON canonique, les exports de facturation et les rapports mensuels peuvent échouer"},
			{"Does the endpoint answer?", "Le point d'accès répond-il ?"},
			{"Are credentials and buckets right?", "Identifiants et buckets sont-ils justes ?"},
			{"the network path counts", "c'est son chemin réseau qui compte"},
			{"`404`: no such bucket", "`404` : pas de tel bucket"},
			{"the keys of the objects and the class of the error", "les clés des objets et la nature de l'erreur"},
			{"must be those of **this** environment", "doivent être ceux de **cet** environnement"},
			{"Restore the storage", "Rétablir le stockage"},
			{"Can it be read and written?", "Lit-on et écrit-on ?"},
			{"Proofs, reports and exports, by the rules of their queues", "Preuves, rapports et exports, selon les règles de leurs files"},
			{"Download a few certificates as PDF and their canonical JSON", "Téléchargez quelques certificats en PDF et leur JSON canonique"},
		}),
	},
	{
		id: "RB-014", severity: "SEV-3", alert: "WipeAnchorFailures",
		commands: []string{
			"increase(wipe_anchor_failures_total", "logs deployment/anchor-worker", `test("BLOCKCHAIN|CHAIN|EXPLORER|ANCHOR")`, "run chain-check", "{{chain_url}}",
			"SELECT id, tenant_id, organization_id, status, anchor_chain_id, anchor_tx_hash, created_at FROM certificates WHERE anchor_tx_hash = '' ORDER BY created_at DESC LIMIT 50;",
			"{{verify_url}}/verify/{{certificate}}",
		},
		rules: []string{"capture: diagnosis;", "replay: replay;"},
		names: []string{"`WipeAnchorFailures`", "`CERTIFIED_NO_ANCHOR`", "`BLOCKCHAIN_ENABLED`", "`certificates.to_anchor`", "DLQ"},
		said: slices.Concat(capture, []fact{
			{"Anchor jobs are retried or end in the DLQ", "Les jobs d'ancrage sont retentés ou finissent en DLQ"},
			{"Certificates may stay `CERTIFIED_NO_ANCHOR`, which is also right where anchoring is disabled, or unavailable by policy", "Des certificats peuvent rester `CERTIFIED_NO_ANCHOR`, ce qui est normal là où l'ancrage est désactivé ou indisponible par politique"},
			{"Public verification still validates a certificate's integrity, but may report that the chain is unavailable or the anchor missing",
				"La vérification publique valide toujours l'intégrité d'un certificat, mais peut signaler que la chaîne est indisponible ou que l'ancrage manque"},
			{"`BLOCKCHAIN_ENABLED`, the default chain, the explorer URL and the lookup metadata", "`BLOCKCHAIN_ENABLED`, la chaîne par défaut, l'adresse de l'explorateur et les métadonnées de recherche"},
			{"whether it can be reached at all", "s'il se laisse joindre"},
			{"connectivity to the provider, the authorised sender, its funds or its permission", "la connexion au fournisseur, l'émetteur autorisé, ses fonds ou sa permission"},
			{"**only after verifying the state of each certificate**", "**qu'après avoir vérifié l'état de chaque certificat**"},
			{"One anchored certificate, then one that is not", "Un certificat ancré, puis un qui ne l'est pas"},
		}),
	},
	{
		id: "RB-015", severity: "SEV-3",
		commands: []string{"{{admin_url}}/admin/api/v1/verification-log", `test("RATE|LIMIT|CAPTCHA")`, "| awk '{print $1}' | sort | uniq -c", "gzip > verification-abuse.log.gz"},
		rules:    []string{"capture: diagnosis;", "tighten: mitigation;"},
		names:    []string{"`RATE_LIMITED`", "`UNKNOWN_CERTIFICATE`", "captcha", "SIEM"},
		said: slices.Concat(capture, []fact{
			{"More `RATE_LIMITED` or `UNKNOWN_CERTIFICATE` answers than usual, or more anomalies", "Davantage de réponses `RATE_LIMITED` ou `UNKNOWN_CERTIFICATE` que d'habitude, ou davantage d'anomalies"},
			{"may be scanning the identifiers of the public verification", "parcourt peut-être les identifiants de la vérification publique"},
			{"the anomaly metrics", "les métriques d'anomalie"},
			{"Are rate limits and captcha as they should be?", "Limites de débit et captcha sont-ils en place ?"},
			{"the distribution of sources", "la répartition des sources"},
			{"Tighten the rate limits at the edge for the sources you found, or the captcha policy for all", "Resserrez les limites de débit à l'entrée pour les sources trouvées, ou la politique de captcha pour tous"},
			{"Keep the answers minimal", "Garder des réponses minimales"},
			{"If the pattern persists, export the logs of the window for the SIEM's review", "Si le motif persiste, exportez les journaux de la fenêtre pour la revue SIEM"},
		}),
		warned: []fact{{"add no internal identifiers to the answers to make support or debugging easier", "n'ajoutez aucun identifiant interne aux réponses pour faciliter le support ou le débogage"}},
	},
	{
		id: "RB-016", severity: "SEV-3",
		commands: []string{"grep -Ei '^name|billing|reports|dlq'", "logs deployment/report-worker", "logs deployment/maintenance-worker"},
		rules:    []string{"capture: diagnosis;", "retry: replay;", "evidence: notify tells compliance_officer;"},
		names:    []string{"`AWAITING_LICENSE`", "`billing.exports`", "`reports.monthly`", "`PLATFORM_ADMIN`"},
		said: slices.Concat(capture, []fact{
			{"Proofs enter `AWAITING_LICENSE`, billing reports or exports fail, or the chain of consumption receipts raises an alert",
				"Des preuves passent en `AWAITING_LICENSE`, des rapports ou exports de facturation échouent, ou la chaîne des reçus de consommation déclenche une alerte"},
			{"active grants, the hierarchy of allocations, quotas, validity dates and revocations", "les licences actives (grants), la hiérarchie des allocations, les quotas, les dates de validité et les révocations"},
			{"the report worker and its rights on the storage", "le worker de rapports et ses droits sur le stockage"},
			{"Read what the maintenance worker found **before** you change any data", "Lisez ce que le worker de maintenance a trouvé **avant** de modifier la moindre donnée"},
			{"Somebody with `PLATFORM_ADMIN` imports or corrects the licence grant", "Quelqu'un qui a le rôle `PLATFORM_ADMIN` importe ou corrige la licence"},
			{"Create or adjust the allocations", "Créer ou ajuster les allocations"},
			{"By the tenant administrator's own path", "Par le chemin de l'administrateur du tenant"},
			{"Retry the affected proofs, or the billing export jobs", "Relancez les preuves touchées ou les jobs d'export de facturation"},
			{"Preserve the receipt chain for the audit", "Préservez la chaîne des reçus pour l'audit"},
		}),
	},
	{
		id: "RB-017", severity: "SEV-1", alert: "BackupFailed",
		rules: []string{
			"crisis-team: notify tells cto ceo compliance_officer legal customer_success;", "tell-customers: 1h after declared owed by communications_lead;", "recovery-plan: mitigation approval=cto;",
			"restore: destructive approval=cto four eyes;", "synchronise: 24h after resolved outlives the resolution, owed by customer_success;", "provider: open outlives the resolution, owed by customer_success;",
		},
		names: []string{"Strasbourg", "Gravelines", "DNS"},
		said: []fact{
			{"March 11, 2020 (Paris time); both sites stood in France", "le 11 mars 2020 (heure de Paris) ; les deux sites se trouvaient en France"},
			{"**00:47** a fire at OVH in Strasbourg, at once everything is without power", "**00:47** incendie chez OVH à Strasbourg, aussitôt tout est hors tension"},
			{"**03:50** the automatic daily backup to a second site fails", "**03:50** la sauvegarde quotidienne automatique vers un second site échoue"},
			{"**07:00** the fire is under control, a part is saved; the power is cut for the whole site", "**07:00** le feu est maîtrisé, une partie est sauvée ; le courant est coupé sur tout le site"},
			{"**08:00** the crisis team meets, the customers are told, 30 % of them are affected", "**08:00** la cellule de crise se réunit, les clients sont prévenus, 30 % sont touchés"},
			{"in several weeks at best, at worst lost", "au mieux dans plusieurs semaines, au pire perdues"},
			{"Your data is backed up daily at a second site", "Vos données sont sauvegardées chaque jour sur un second site"},
			{"**10:00** the recovery plan starts and stops at once: the provider's DNS service is overloaded", "**10:00** le plan de reprise démarre et s'arrête : le service DNS de l'hébergeur est saturé"},
			{"overloaded from 10:00 to 14:00, and everybody waited", "saturée de 10:00 à 14:00, et tout le monde a attendu"},
			{"**14:00** DNS is back; deployment on a new server, tests", "**14:00** le DNS revient ; déploiement sur un nouveau serveur, tests"},
			{"**16:30** 100 % of the customers work again, at Gravelines, on the backup of the day before", "**16:30** 100 % des clients travaillent de nouveau, à Gravelines, sur la sauvegarde de la veille"},
			{"at a new site in the same country, with the same protection of your data", "sur un nouveau site du même pays, avec la même protection de vos données"},
			{"The data of March 10 is missing", "Les données du 10 mars manquent"},
			{"synchronised two days of work at the end of the day and lost nothing", "qui travaillait hors ligne a synchronisé deux jours de travail en fin de journée et n'a rien perdu"},
			{"If your application works offline, please go on", "Si votre application fonctionne hors ligne, continuez"},
			{"backups outside the site and a practised plan", "Des sauvegardes hors du site et un plan éprouvé l'ont permis"},
			{"What becomes of the old site's data, and when", "Que deviennent les données de l'ancien site, et quand ?"},
			{"what the recovery plan lacked", "ce qui manquait au plan de reprise"},
			{"went on improving the plan", "améliorent encore le plan"},
			{"They apologised", "Ils se sont excusés"},
		},
	},
	{
		id: "RB-018", severity: "SEV-2",
		commands: []string{"too many open files", "worker_connections are not enough", "/limits", "systemctl restart"},
		names:    []string{"HTTP 500", "nginx", "`worker_connections`", "`Max open files`"},
		said: []fact{
			{"on 2 May 2023 from 10:17 to 10:30, seen by the monitoring at once and cured by a restart", "le 2 mai 2023 de 10:17 à 10:30, vus aussitôt, guéris par un redémarrage"},
			{"partial failures on log-in pages", "des échecs partiels sur les pages de connexion"},
			{"no file descriptors left", "plus de descripteurs de fichiers"},
			{"HTTP 500 on 17 July 2023 from 10:41 to 14:17, from the worker connections of the provider's nginx", "HTTP 500 le 17 juillet 2023 de 10:41 à 14:17, par les connexions de workers du nginx de l'hébergeur"},
			{"where a restart brought the used ones down", "guéris de même"},
			{"Ask the provider how the limit can be lifted", "Demandez à l'hébergeur comment lever la limite"},
			{"A watchdog that says only *restarted* does not find the cause", "Un chien de garde qui dit seulement *redémarré* ne trouvera pas la cause"},
			{"Add `process_open_fds / process_max_fds`", "`process_open_fds / process_max_fds`"},
		},
	},
	{
		id: "RB-019", severity: "SEV-2",
		commands: []string{"openssl x509 -noout -subject -enddate -checkend 0 -in {{cert_file}}"},
		names:    []string{"iOS", "push"},
		said: []fact{
			{"Push notifications to iOS do not arrive any more", "Les notifications push n'arrivent plus sur iOS"},
			{"on 9 May 2023, it lasted from 00:00 to 14:30, until the certificate was renewed", "le 9 mai 2023, cela a duré de 00:00 à 14:30, jusqu'au renouvellement du certificat"},
			{"Has it expired?", "A-t-il expiré ?"},
			{"Renew the certificate", "Renouveler le certificat"},
		},
	},
	{
		id: "RB-020", severity: "SEV-1",
		names: []string{"Azure AD", "SMS", "push", "WALLIX Authenticator", "MFA"},
		said: []fact{
			{"**20 February 2024**, 16:24 to 16:37, and the day before, 17:12 to 17:27 and once more 18:19 to 18:20: a configuration change, the service unavailable",
				"**Le 20 février 2024**, de 16:24 à 16:37, et la veille, de 17:12 à 17:27 puis de 18:19 à 18:20 : un changement de configuration, le service indisponible"},
			{"**29 September 2023**, 14:39 to 15:03: a server taken away for a migration of data centres left a routing error", "**Le 29 septembre 2023**, de 14:39 à 15:03 : un serveur retiré pour une migration de centre de données a laissé une erreur de routage"},
			{"The monitoring saw it at once, the change was put back at once", "La supervision l'a vu aussitôt, on est revenu en arrière aussitôt"},
			{"**20 September 2023**, 10:20 to 10:27: a change on reverse proxies, needed for a maintenance operation", "**Le 20 septembre 2023**, de 10:20 à 10:27 : un changement sur les reverse proxies, nécessaire à une opération de maintenance"},
			{"**21 March 2023**, 11:47 to 13:00: an outbound proxy broken by a migration", "**Le 21 mars 2023**, de 11:47 à 13:00 : un proxy sortant cassé par une migration"},
			{"MFA by push (WALLIX Authenticator), MFA by SMS and log-in by Azure AD", "la MFA par push (WALLIX Authenticator), la MFA par SMS et la connexion par Azure AD"},
			{"The provider put the configuration back", "L'hébergeur est revenu à l'ancienne configuration"},
			{"what did you change, and put it back now", "qu'avez-vous changé, et revenez en arrière maintenant"},
		},
	},
}

func TestPlatformFactsAreInTheRunbooks(t *testing.T) {
	wantFacts(t, platformFacts)
}

// What the procedures forbid or demand beyond their words: the capture comes first, what replays is marked so, the last backup is restored by
// two people, and what was promised to customers stays owed.
func TestPlatformRulesAreMetadata(t *testing.T) {
	c := mustDefault(t)
	for _, language := range Languages() {
		for id, replay := range map[string]string{"RB-011": "retry", "RB-012": "replay", "RB-013": "rerun", "RB-014": "replay", "RB-016": "retry"} {
			r, _ := c.ByID(id, language)
			if first := r.Steps[0]; first.ID != "capture" || first.Kind != Diagnosis {
				t.Errorf("%s %s begins with %s", id, language, first.ID)
			}
			if s, ok := r.Step(replay); !ok || s.Kind != Replay {
				t.Errorf("%s %s: %s is of kind %s", id, language, replay, s.Kind)
			}
		}
		r, _ := c.ByID("RB-017", language)
		step := func(id string) Step {
			s, ok := r.Step(id)
			if !ok {
				t.Fatalf("RB-017 %s has no step %s", language, id)
			}
			return s
		}
		if s := step("restore"); s.Kind != Destructive || s.Approval != "cto" || !s.FourEyes {
			t.Errorf("RB-017 %s: the restore is %+v", language, s)
		}
		if cs := step("tell-customers").Clocks; len(cs) != 1 || cs[0].Offset != time.Hour || cs[0].Anchor != AtDeclared || cs[0].Who != "communications_lead" {
			t.Errorf("RB-017 %s: customers are told by %+v", language, cs)
		}
		if cs := step("synchronise").Clocks; len(cs) != 1 || !cs[0].Obligation {
			t.Errorf("RB-017 %s: offline work is owed by %+v", language, cs)
		}
		if cs := step("provider").Clocks; len(cs) != 1 || !cs[0].Open || !cs[0].Obligation {
			t.Errorf("RB-017 %s: the lost day is owed by %+v", language, cs)
		}
		if !contains(step("crisis-team").Notify, "ceo") || !contains(step("crisis-team").Notify, "legal") {
			t.Errorf("RB-017 %s: the crisis team is %v", language, step("crisis-team").Notify)
		}
		push, _ := c.ByID("RB-019", language)
		if s, ok := push.Step("never-again"); !ok || len(s.Clocks) != 2 || !s.Clocks[0].Before || s.Clocks[0].Offset != 30*24*time.Hour || s.Clocks[1].Offset != 7*24*time.Hour {
			t.Errorf("RB-019 %s: the renewal is owed by %+v", language, s.Clocks)
		}
	}
}
