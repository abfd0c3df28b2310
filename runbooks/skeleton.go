package runbooks

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

var idForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}-[0-9]{1,5}$`)

// ValidID reports whether a runbook can have that id: capitals, hyphen, number.
func ValidID(id string) bool { return idForm.MatchString(id) }

// maxSlug bounds the words of a file name, in bytes.
const maxSlug = 60

// FileName is the name of a runbook's file: its id and its title in small letters without accents, "rb-042-base-saturee.md". Letters that have
// no form in ASCII here are left out.
func FileName(id, title string) string {
	var b strings.Builder
	gap := false
	for _, c := range foldText(title) {
		switch {
		case c == '\'' || unicode.Is(unicode.Mn, c): // "d'attente" is two words to nobody; an accent typed apart belongs to its letter
			gap = gap || c == '\''
		case c < 0x80 && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9'):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(c)
		default:
			gap = true
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	name := strings.ToLower(id)
	if s := strings.Trim(b.String(), "-"); s != "" {
		name += "-" + s
	}
	return name + ".md"
}

// Skeleton is the source of a new runbook in a language, to be filled in: two steps, a parameter, a finding that branches. It loads, and the
// linter has nothing against it but what is for its author to fill: the alerts, and the other language. today is the date of its first review. The error
// is a Problems: the id is none, or the title cannot stand in a heading.
func Skeleton(id, title, language string, today time.Time) ([]byte, error) {
	title = strings.Join(strings.Fields(title), " ")
	text, ok := skeletons[language]
	if !ok {
		return nil, Problems{problem("", 0, "language", "skeleton-language", "v", language, "known", strings.Join(Languages(), ", "))}
	}
	if strings.ContainsAny(title, "[]`") { // Markdown that the loader takes and the linter does not
		return nil, Problems{problem(FileName(id, title), 0, "title", "skeleton-title")}
	}
	quoted := "'" + strings.ReplaceAll(title, "'", "''") + "'"
	source := []byte(strings.NewReplacer("ID", id, "QUOTED", quoted, "TITLE", title, "TODAY", today.Format(time.DateOnly), "FENCE", "```").Replace(text))
	r, err := Parse(FileName(id, title), source)
	if err != nil {
		return nil, err
	}
	if r.Title != title {
		return nil, Problems{problem(r.File, 0, "title", "skeleton-reads", "v", r.Title)}
	}
	return source, nil
}

var skeletons = map[string]string{
	"en": `---
id: ID
title: QUOTED
severity: SEV-3
alerts: []
services: []
symptoms: []
owner: tech_lead
language: en
reviewed_on: TODAY
parameters:
  service:
    what: The service concerned, as its deployment is called
    pattern: '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
    in_words: a Kubernetes name (small letters, digits and hyphens, at most 63)
    quoting: [shell]
    example: checkout
    from: [service, deployment]
steps:
  observe: {kind: diagnosis, minutes: 2}
  restart: {kind: mitigation, minutes: 5}
---

# ID · TITLE

What users notice, which alert fires at which threshold, and what is at stake while nothing is done.

## 1. Is it really this? <a id="observe"></a>

What to look at first. Replace the command, and say here what it needs (access, tools).

FENCEsh
kubectl get deployment {{service}}
FENCE

**Look for:** READY complete (3/3) is good; anything less is this runbook's case. Say what a good answer is, and a bad one.

**Then:**

- Not all are ready → [step 2](#restart)
- All are ready → done

## 2. Put it right <a id="restart"></a>

What stops the harm. A step that can lose data or service is destructive, and asks for an approval.

FENCEsh
kubectl rollout restart deployment {{service}}
FENCE

> **Warning:** say what this can make worse, or take the warning out.

**Look for:** within two minutes READY is complete again. Say what to do when it is not, and after how long.

**Then:**

- It is good again → done
- Nothing has changed → [step 1](#observe)
`,
	"fr": `---
id: ID
title: QUOTED
severity: SEV-3
alerts: []
services: []
symptoms: []
owner: tech_lead
language: fr
reviewed_on: TODAY
parameters:
  service:
    what: Le service concerné, tel que s'appelle son déploiement
    pattern: '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
    in_words: un nom Kubernetes (minuscules, chiffres et tirets, 63 au plus)
    quoting: [shell]
    example: checkout
    from: [service, deployment]
steps:
  observe: {kind: diagnosis, minutes: 2}
  restart: {kind: mitigation, minutes: 5}
---

# ID · TITLE

Ce que constatent les utilisateurs, quelle alerte se déclenche à quel seuil, et ce qui est en jeu tant que rien n'est fait.

## 1. Est-ce bien cela ? <a id="observe"></a>

Ce qu'il faut regarder d'abord. Remplacez la commande, et dites ici ce qu'elle demande (accès, outils).

FENCEsh
kubectl get deployment {{service}}
FENCE

**À observer :** READY complet (3/3) est bon signe ; moins que cela relève de ce runbook. Dites ce qu'est une bonne réponse, et une mauvaise.

**Ensuite :**

- Tous ne sont pas prêts → [étape 2](#restart)
- Tous sont prêts → fin

## 2. Rétablir <a id="restart"></a>

Ce qui arrête les dégâts. Une étape qui peut perdre des données ou couper le service est destructive, et demande une approbation.

FENCEsh
kubectl rollout restart deployment {{service}}
FENCE

> **Attention :** dites ce que ceci peut aggraver, ou retirez l'avertissement.

**À observer :** sous deux minutes, READY est de nouveau complet. Dites que faire sinon, et au bout de combien de temps.

**Ensuite :**

- Tout va de nouveau bien → fin
- Rien n'a changé → [étape 1](#observe)
`,
}
