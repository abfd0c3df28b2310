package runbooks

import (
	"testing"
	"time"
)

// What the three other procedures say (a first-response page of six incidents, the account of a data centre's fire, a history of outages),
// listed by hand from them and not from our files. The first two are in English: what is a name there is looked for in both languages.
var platformFacts = []facts{
	{
		id: "RB-011", severity: "SEV-2",
		any: []string{"Keycloak", "JWKS", "IdP", "provisioning", "PostgreSQL", "`401`", "`iss`", "JWT", "`master`", "`exawipe`", ".well-known/openid-configuration", "/incident freeze", "/incident capture"},
		en: []string{
			"New logins and token requests fail", "tokens and the JWKS cache are valid", "should pause", "users", "invitations",
			"request ids, trace ids", "tenants and organisations where you are permitted", "exact time window", "Before anything is replayed or deleted",
			"from the API's network", "what the API is set to accept as `iss`", "database first, then Keycloak", "only if the issuer or realm import changed", "Smoke tests", "idempotency", "onboarding and administration work",
		},
		fr: []string{"nouvelles connexions et les demandes de jeton échouent", "tenants et organisations touchés là où vous avez le droit", "Avant de rejouer ou de supprimer", "ce que l'API est réglée pour accepter comme `iss`", "Essais pour", "intégrations et les tâches d'administration", "cache JWKS sont valides", "À suspendre", "utilisateurs", "invitations", "identifiants de requête", "identifiants de trace", "organisations", "fenêtre de temps exacte", "depuis le réseau de l'API", "la base d'abord, puis Keycloak", "seulement si l'émetteur ou l'import a changé", "idempotence"},
	},
	{
		id: "RB-012", severity: "SEV-3", alert: "WipeSignerFailures",
		any: []string{"WipeSignerFailures", "HMAC", "PAdES", "DLQ", "SIGNER_MODE", "bearer", "mTLS", "TSA", "proofs.validated", "proofs.retry", "sum by (operation)"},
		en:  []string{"decrypted", "receipt signing", "signing of transactions", "retried", "affected proofs", "endpoint", "timeout", "key ids", "depth of the DLQ", "key material", "one test proof", "Replay only jobs whose proof is still eligible"},
		fr:  []string{"déchiffrement", "reçus", "transactions", "retentés", "preuves touchées", "endpoint", "délai", "identifiants de clé", "profondeur de la DLQ", "matériel de clé", "preuve d'essai", "encore éligible"},
	},
	{
		id: "RB-013", severity: "SEV-2",
		any: []string{"MinIO", "S3", "PDF", "JSON", "head-bucket", "api proof-worker report-worker"},
		en:  []string{"Proof upload", "PDF generation", "canonical JSON", "billing exports", "monthly reports", "credentials", "network path", "keys of the objects", "class of the error", "of **this** environment", "read and written", "rules of their queues", "certificates as PDF"},
		fr:  []string{"dépôt de preuves", "génération des PDF", "JSON canonique", "exports de facturation", "rapports mensuels", "identifiants", "chemin réseau", "clés des objets", "nature de l'erreur", "**cet** environnement", "Lit-on et écrit-on", "règles de leurs files", "certificats en PDF"},
	},
	{
		id: "RB-014", severity: "SEV-3", alert: "WipeAnchorFailures",
		any: []string{
			"WipeAnchorFailures", "CERTIFIED_NO_ANCHOR", "BLOCKCHAIN_ENABLED", "certificates.to_anchor", "/verify", "run chain-check", "{{chain_url}}",
			"SELECT id, tenant_id, organization_id, status, anchor_chain_id, anchor_tx_hash, created_at FROM certificates WHERE anchor_tx_hash = '' ORDER BY created_at DESC LIMIT 50;",
		},
		en: []string{"disabled, or unavailable by policy", "validates a certificate's integrity", "chain is unavailable or the anchor missing", "default chain", "explorer URL", "lookup metadata", "whether it can be reached", "authorised sender", "funds", "permission", "only after verifying the state of each certificate", "One anchored certificate, then one that is not"},
		fr: []string{"désactivé ou indisponible par politique", "valide toujours l'intégrité", "chaîne par défaut", "explorateur", "chaîne est indisponible ou que l'ancrage manque", "s'il se laisse joindre", "métadonnées de recherche", "émetteur autorisé", "fonds", "permission", "qu'après avoir vérifié l'état de chaque certificat"},
	},
	{
		id: "RB-015", severity: "SEV-3",
		any: []string{"RATE_LIMITED", "UNKNOWN_CERTIFICATE", "/admin/api/v1/verification-log", "captcha", "SIEM", "anomal"},
		en:  []string{"scanning the identifiers", "rate limits", "distribution of sources", "at the edge", "Keep the answers minimal", "internal identifiers", "If the pattern persists"},
		fr:  []string{"parcourt", "limites de débit", "répartition des sources", "à l'entrée", "réponses minimales", "identifiants internes", "Si le motif persiste"},
	},
	{
		id: "RB-016", severity: "SEV-3",
		any: []string{"AWAITING_LICENSE", "billing.exports", "reports.monthly", "PLATFORM_ADMIN", "quotas", "allocations"},
		en:  []string{"billing reports or exports fail", "chain of consumption receipts", "active grants", "hierarchy of allocations", "validity dates", "revocations", "report worker", "rights on the storage", "before** you change any data", "tenant administrator's own path", "Retry the affected proofs", "Preserve the receipt chain for the audit"},
		fr:  []string{"rapports ou exports de facturation échouent", "licences actives", "ses droits sur le stockage", "exports de facturation échouent", "reçus de consommation", "hiérarchie des allocations", "dates de validité", "révocations", "worker de rapports", "avant** de modifier", "administrateur du tenant", "Relancez les preuves", "Préservez la chaîne des reçus pour l'audit"},
	},
	{
		id: "RB-017", severity: "SEV-1", alert: "BackupFailed",
		any: []string{"2020", "00:47", "03:50", "07:00", "08:00", "10:00", "14:00", "16:30", "30 %", "DNS"},
		en: []string{
			"March 11, 2020", "the data of March 10", "without power", "Paris time", "daily backup to a second site, in France as well, fails", "both sites stood in France", "under control", "crisis team", "customers are told", "Weeks, at worst never",
			"recovery plan", "DNS service is overloaded", "new server", "backup of the day before", "offline", "two days of work", "same country", "what the recovery plan lacked",
		},
		fr: []string{"11 mars 2020", "données du 10 mars", "hors tension", "heure de Paris", "sauvegarde quotidienne vers un second site, en France lui aussi, échoue", "les deux sites se trouvaient en France", "ce qui manquait au plan de reprise", "maîtrisé", "cellule de crise", "clients sont prévenus", "des semaines, au pire jamais", "plan de reprise", "DNS de l'hébergeur est saturé", "nouveau serveur", "sauvegarde de la veille", "hors ligne", "deux jours de travail", "même pays"},
	},
	{
		id: "RB-018", severity: "SEV-2",
		any: []string{"HTTP 500", "nginx", "worker_connections", "10:17", "10:30", "10:41", "14:17", "Max open files", "systemctl restart"},
		en:  []string{"file descriptors", "log-in pages", "watchdog", "Ask the provider how the limit can be lifted"},
		fr:  []string{"descripteurs de fichiers", "pages de connexion", "chien de garde", "Demandez à l'hébergeur comment lever la limite"},
	},
	{
		id: "RB-019", severity: "SEV-2",
		any: []string{"iOS", "push", "00:00", "14:30", "-enddate"},
		en:  []string{"Renew the certificate", "expired"},
		fr:  []string{"Renouveler le certificat", "expiré"},
	},
	{
		id: "RB-020", severity: "SEV-1",
		any: []string{"10:20", "10:27", "16:24", "16:37", "17:12", "17:27", "18:19", "18:20", "14:39", "15:03", "11:47", "13:00", "Azure AD", "SMS", "push", "reverse prox"},
		en:  []string{"routing error", "seven minutes", "after a migration", "put it back", "outbound proxy"},
		fr:  []string{"erreur de routage", "sept minutes", "migration", "revenez en arrière", "proxy sortant"},
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
