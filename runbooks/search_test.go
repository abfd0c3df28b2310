package runbooks

import "testing"

// What people say at 3 a.m., in their words: the runbook expected comes first, whichever language it is shown in.
func TestSearchFindsByWhatPeopleSay(t *testing.T) {
	c := mustDefault(t)
	for _, q := range []struct{ said, want string }{
		{"uploads fail", "RB-013"}, {"upload failing", "RB-013"}, {"customers can't upload", "RB-013"}, {"Customers can’t upload their documents!", "RB-013"},
		{"cannot download pdf", "RB-013"}, {"minio down", "RB-013"}, {"file upload is broken", "RB-013"},
		{"login broken", "RB-011"}, {"nobody can log in", "RB-011"}, {"users cannot sign-in", "RB-011"}, {"log-in does not work", "RB-011"}, {"SSO is down", "RB-011"},
		{"site is slow", "RB-001"}, {"the website is very slow", "RB-001"}, {"everything is slow today", "RB-001"}, {"slow api", "RB-001"},
		{"certificate expired", "RB-007"}, {"our ssl cert has expired", "RB-007"}, {"https certificates expiring", "RB-007"},
		{"push notifications don't arrive", "RB-019"}, {"no notifications on iphone", "RB-019"},
		{"too many connections", "RB-004"}, {"database connections are exhausted", "RB-004"}, {"messages pile up in kafka", "RB-003"},
		{"site unreachable", "RB-020"}, {"fire in the datacenter", "RB-017"}, {"last night's backup failed", "RB-017"}, {"everything is down", "RB-017"},
		{"invoice is wrong", "RB-016"}, {"audit log tampered", "RB-008"}, {"fake selfies", "RB-009"}, {"signatures fail", "RB-012"}, {"500 errors on some pages", "RB-018"},
		{"documents are not read", "RB-002"}, {"tax declarations rejected", "RB-006"}, {"quota exceeded", "RB-010"}, {"somebody is scanning our verification pages", "RB-015"},
		{"anchoring fails", "RB-014"}, {"kafka stuck", "RB-003"}, {"latency spike", "RB-001"}, {"lots of 503", "RB-004"}, {"everybody gets logged out", "RB-011"}, {"data lost", "RB-017"},
		{"API timeouts", "RB-001"}, {"queues grow", "RB-003"}, {"nginx 500", "RB-018"},

		{"les téléversements échouent", "RB-013"}, {"les clients n'arrivent plus à envoyer de fichiers", "RB-013"}, {"impossible de déposer un document", "RB-013"},
		{"le stockage est plein", "RB-013"}, {"connexion impossible", "RB-011"}, {"plus personne ne peut se connecter", "RB-011"}, {"les utilisateurs ne peuvent pas se connecter", "RB-011"},
		{"le site est lent", "RB-001"}, {"site très lent", "RB-001"}, {"lenteurs", "RB-001"}, {"certificat expiré", "RB-007"}, {"nos certificats ont expiré", "RB-007"},
		{"notifications push en panne", "RB-019"}, {"trop de connexions à la base de données", "RB-004"}, {"la base est saturée", "RB-004"}, {"site injoignable", "RB-020"},
		{"incendie", "RB-017"}, {"la sauvegarde a échoué", "RB-017"}, {"factures fausses", "RB-016"}, {"déclarations fiscales rejetées", "RB-006"}, {"quota dépassé", "RB-010"},
		{"les signatures échouent", "RB-012"}, {"erreurs 500", "RB-018"}, {"les documents ne sont pas lus", "RB-002"}, {"faux comptes", "RB-009"},

		{"impossible de se logger", "RB-011"}, {"le certificat va expirer", "RB-007"}, {"les certificats expirent", "RB-007"}, {"licence expirée", "RB-016"}, {"licence expired", "RB-016"},
		{"SMS non reçus", "RB-020"}, {"text messages are not sent", "RB-020"}, {"le site est tombé", "RB-020"}, {"the site is down", "RB-020"}, {"coupure de courant", "RB-017"},
		{"panne électrique au centre de données", "RB-017"}, {"piratage", "RB-000"}, {"fuite de données", "RB-000"}, {"we were hacked", "RB-000"}, {"ransomware", "RB-000"},
		{"le RNE refuse, solde insuffisant", "RB-005"}, {"piste d'audit modifiée", "RB-008"}, {"attaque deepfake", "RB-009"}, {"retard kafka", "RB-003"}, {"IDES ne répond pas", "RB-006"},
		{"l'ancrage échoue", "RB-014"}, {"des robots aspirent la page de vérification", "RB-015"}, {"trop de fichiers ouverts", "RB-018"}, {"plus de push sur iPhone", "RB-019"},
	} {
		for _, lang := range Languages() {
			hits := c.Search(q.said, lang, 5)
			switch {
			case len(hits) == 0:
				t.Errorf("%q found nothing, want %s", q.said, q.want)
			case hits[0].Runbook.ID != q.want || hits[0].Runbook.Language != lang:
				t.Errorf("%q found %s in %s first, want %s", q.said, hits[0].Runbook.ID, hits[0].Runbook.Language, q.want)
				for _, h := range hits {
					t.Logf("   %s %d %s %v %q", h.Runbook.ID, h.Score, h.Where, h.Whole, h.Said)
				}
			}
		}
	}
}

func TestSearchFindsNothingInWordsOfNone(t *testing.T) {
	c := mustDefault(t)
	for _, q := range []string{"flying saucers", "zzz", "coffee machine", "soucoupes volantes", "%%%", "’"} {
		if hits := c.Search(q, "en", 5); len(hits) > 0 {
			t.Errorf("%q found %s (%s)", q, hits[0].Runbook.ID, hits[0].Where)
		}
	}
}

// A hit is sure when all of a phrase is said; what holds half of the words is a guess, and says so.
func TestSearchTellsSureFromGuessed(t *testing.T) {
	c := mustDefault(t)
	for _, q := range []struct {
		said, first string
		sure, whole bool
		phrase      string
	}{
		{"uploads fail", "RB-013", true, true, "uploads fail"},
		{"since noon uploads fail at Alpha", "RB-013", true, false, "uploads fail"},
		{"OcrServiceDown", "RB-002", true, true, ""},
		{"kafka flibble", "RB-003", false, false, ""},
		{"latency spike", "RB-001", false, false, ""},
	} {
		hits := c.Search(q.said, "en", 3)
		if len(hits) == 0 {
			t.Errorf("%q found nothing", q.said)
			continue
		}
		if h := hits[0]; h.Runbook.ID != q.first || h.Sure != q.sure || h.Whole != q.whole || h.Said != q.phrase {
			t.Errorf("%q found %s sure %v whole %v by %q", q.said, h.Runbook.ID, h.Sure, h.Whole, h.Said)
		}
	}
}

func TestStems(t *testing.T) {
	for _, same := range [][]string{
		{"upload", "uploads", "uploading", "téléversement"}, {"expire", "expired", "expiring", "expiré", "expirée", "expiration"}, {"connection", "connections"},
		{"query", "queries"}, {"drop", "dropped", "dropping"}, {"down", "broken", "panne", "échoue"}, {"journal", "journaux"}, {"latency", "lenteurs", "slow"},
		{"rejected", "rejetées", "refused"}, {"charge", "charged", "charges"},
	} {
		for _, w := range same[1:] {
			if a, b := meaningOf(foldText(same[0])), meaningOf(foldText(w)); a != b {
				t.Errorf("%s means %s and %s means %s", same[0], a, w, b)
			}
		}
	}
	for _, other := range [][2]string{{"server", "serial"}, {"licence", "listen"}, {"upload", "download"}, {"queue", "query"}, {"process", "procedure"}} {
		if meaningOf(other[0]) == meaningOf(other[1]) {
			t.Errorf("%s and %s are one", other[0], other[1])
		}
	}
}

// Whatever is asked, search ends, keeps its limit and names each runbook once.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"uploads fail", "l'API est lente", "rb-004", "can't  log-in", "\xff\x00 …", "plus pas ne", "interop@e-rne.tn"} {
		f.Add(s)
	}
	c, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		seen := map[string]bool{}
		hits := c.Search(query, "fr", 5)
		for _, h := range hits {
			if seen[h.Runbook.ID] || h.Score <= 0 || h.Where == "" {
				t.Errorf("%q: %+v", query, h)
			}
			seen[h.Runbook.ID] = true
		}
		if again := c.Search(query, "fr", 5); len(hits) > 5 || len(again) != len(hits) {
			t.Errorf("%q: %d hits, then %d", query, len(hits), len(again))
		}
	})
}
