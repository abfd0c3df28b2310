package runbooks

import (
	"strings"
	"unicode"
)

// Search compares what a word means rather than how it is written: upload, uploads and uploading are one word, and so are down, broken and
// en panne. What follows knows no runbook: it holds for whatever a company writes.

// stopWords say nothing of what is wrong. Those who are harmed are among them: they are in every incident.
var stopWords = setOf(`a about after all an and any anybody anyone are as at be been but by do does for from get gets had has have he her here his how i
if in is it its just like me more my nobody now of on one our out people she since so some somebody someone than that the their them there they
this to us user users very was we were what when where which who why with you your customer customers everybody everyone
au aux avec ca car ce ces cela cet cette chez client clients comme d dans de depuis des donc du elle elles en est et etait va vont eux il ils j je l la le les leur
leurs lui m ma mais me meme mes moi mon n nos notre nous on ont ou par personne peut peuvent peux plus pour pouvons qu quand que quelqu qui quoi s sa
sans se ses si son sont sur t ta te tes ton tous tout toute toutes tres tu un une utilisateur utilisateurs vos votre vous y arrive arrivent`)

// phrases are several words that are one; hyphens and apostrophes part words.
var phrases = phrasesOf(
	"can t", "cannot", "won t", "cannot", "doesn t", "cannot", "isn t", "cannot", "don t", "cannot", "not available", "unavailable", "no longer", "cannot",
	"log in", "login", "log on", "login", "logging in", "login", "logged in", "login", "logged out", "login", "signed out", "login", "sign in", "login", "sign on", "login", "signing in", "login",
	"se connecter", "login", "me connecter", "login", "nous connecter", "login", "s authentifier", "login", "web site", "website", "data base", "database",
	"base de donnees", "database", "bases de donnees", "databases", "e mail", "email", "time out", "timeout", "times out", "timeout", "timed out", "timeout",
	"centre de donnees", "datacentre", "data centre", "datacentre", "data center", "datacentre", "hors service", "panne", "mot de passe", "password",
	"mots de passe", "passwords", "pass word", "password", "n arrive plus", "impossible", "n arrivent plus", "impossible", "file d attente", "queue",
)

func phrasesOf(pairs ...string) *strings.Replacer {
	wide := make([]string, len(pairs))
	for i, p := range pairs {
		wide[i] = spaced(strings.Fields(p))
	}
	return strings.NewReplacer(wide...)
}

// spaced sets words side by side, each with blanks of its own.
func spaced(words []string) string { return " " + strings.Join(words, "  ") + " " }

// concepts are words of both languages that mean the same to somebody who says what is wrong. The first of a line is what they are counted as.
var concepts = conceptsOf(
	"failure fail fails failed failing broken breaks down outage unavailable error errors dead crash crashes crashed crashing cannot not unable impossible stopped trouble problem problems "+
		"panne pannes tombe tombes tombee indisponible indisponibles erreur erreurs casse cassee cassees echec echecs echoue echouent echouee marche marchent fonctionne fonctionnent works work working hs ko pas probleme problemes plante plantent arrete",
	"slow slowly slower slowness latency latent lent lente lents lentes lenteur lenteurs latence rame rament sluggish",
	"login logins signin logger loguer loggue logue authentication authenticate authentification authentifier connecter sso",
	"upload uploads televerser televersement televersements",
	"download downloads telecharger telechargement telechargements",
	"certificate certificates cert certs certificat certificats ssl tls https",
	"expire expired expires expirer expirent expiring expiry expiration expirant expirants perime perimee perimes",
	"saturation full saturated saturee sature plein pleine exhausted exhaustion epuise epuisee epuises epuisees",
	"exceeded exceed over-quota depasse depassee depassement",
	"database databases db bdd base bases",
	"postgres postgresql pg psql",
	"billing billed invoice invoices facture factures facturation factures",
	"backup backups sauvegarde sauvegardes",
	"licence licences license licenses",
	"fire incendie feu",
	"storage stockage store",
	"file files fichier fichiers document documents",
	"signature signatures sign signs signed signing signer signataire signe signees signes signee",
	"unreachable injoignable inaccessible unresolved",
	"stuck blocked bloque bloques bloquee bloquees coince coinces hang hangs hanging",
	"fraud fraude fraudes fraudulent fraudster",
	"tampered tamper tampering falsifie falsifiee falsifies manipulation",
	"face faces visage visages selfie selfies",
	"site sites website page pages",
	"refused refuse refuses refusee rejected rejete rejetee rejetees denied",
	"password passwords",
	"phone phones telephone telephones mobile smartphone",
	"network networks reseau reseaux",
	"queue queues backlog",
	"message messages",
	"declaration declarations",
	"scan scans scanned scanning scanne scannes",
	"power electricity electricite electrique electriques",
	"missing manque manquent manquant manquante",
	"datacentre datacenter",
)

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

func conceptsOf(lines ...string) map[string]string {
	m := map[string]string{}
	for _, l := range lines {
		words := strings.Fields(l)
		for _, w := range words {
			m[w] = "=" + words[0] // no word of anybody begins so
		}
	}
	for _, l := range lines { // and the forms that are not listed; what is, keeps its meaning
		words := strings.Fields(l)
		for _, w := range words {
			if s := stem(w); m[s] == "" && len(s) > 3 {
				m[s] = "=" + words[0]
			}
		}
	}
	return m
}

// tokens are the words of a text, folded: what stands between blanks and punctuation, and the words that an alert's name is put together of.
func tokens(s string) []string {
	parts := strings.FieldsFunc(foldText(camel(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Fields(phrases.Replace(spaced(parts)))
}

// camel sets the words of names such as OcrServiceDown apart.
func camel(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// meaningOf is what a folded word is compared by: what it means where that is known, else its stem.
func meaningOf(w string) string {
	if c, ok := concepts[w]; ok {
		return c
	}
	st := stem(w)
	if c, ok := concepts[st]; ok {
		return c
	}
	return st
}

// stem takes off a folded word what its plural, gender, tense and person add, in English and in French alike: two words that share a stem are
// nearly always one. A stem has four letters at least.
func stem(w string) string {
	if len(w) <= 3 || strings.ContainsFunc(w, unicode.IsDigit) {
		return w
	}
	if t, ok := strings.CutSuffix(w, "ies"); ok && len(t) >= 3 {
		w = t + "y"
	} else if t, ok := strings.CutSuffix(w, "aux"); ok && len(t) >= 3 {
		w = t + "al"
	} else if !strings.HasSuffix(w, "ss") {
		w = strings.TrimRight(w, "s")
		w = strings.TrimSuffix(w, "x")
	}
	for _, end := range []string{"ations", "ation", "ements", "ement", "ings", "ing", "ees", "ee", "ent", "ant", "ed", "er", "e"} {
		t, ok := strings.CutSuffix(w, end)
		if !ok || len(t) < 4 {
			continue
		}
		if n := len(t); end != "e" && t[n-1] == t[n-2] && !strings.ContainsRune("lsz", rune(t[n-1])) { // dropped, drop
			t = t[:n-1]
		}
		return strings.TrimSuffix(t, "e")
	}
	return w
}

// asked are the words of a query that say something, in the order said, each meaning once; all of them where none does.
func asked(query string) []string {
	all := tokens(query)
	var out []string
	for _, w := range all {
		if !stopWords[w] && !contains(out, w) {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}
