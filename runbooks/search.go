package runbooks

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Hit is a runbook found by Search.
type Hit struct {
	Runbook *Runbook
	Score   int
	// Where is the best place that matched: "id", "alert", "title", "symptom", "service", "step" or "text"; Step is its step's id for the last
	// two when it is one.
	Where string
	Step  string
	// Whole says that every word asked for that says something is in the runbook. A hit that is not whole is a guess: it is offered, and
	// starts nothing by itself.
	Whole bool
	// Sure says that all of the title, or of one of the symptoms, is in what was said, or that an alert is named. Said is the symptom that is,
	// the one that tells most.
	Sure bool
	Said string
}

// The places of a runbook by how much a word in it tells. A name tells most; a word in some step's prose hardly anything.
const (
	weighID      = 100
	weighAlert   = 60
	weighTitle   = 50
	weighSymptom = 45
	weighService = 40
	weighPart    = 30 // a word of an alert's name
	weighStep    = 20
	weighIntro   = 10
	weighText    = 5
)

// place is a piece of a runbook that words are looked for in.
type place struct {
	where, step, said string
	weight            int
	folded            string
	means             map[string]bool
}

// indexed is a runbook made ready to be searched.
type indexed struct {
	r      *Runbook
	places []place
}

// sureFrom is how much the words of a phrase must tell together for it to be sure: what every second runbook says is sure of none.
const sureFrom = 2.0

// maxQuery is how many words of a query count: a query is no text.
const maxQuery = 16

// Search finds runbooks by what people say, best first, at most limit. Case, accents, plurals and tenses do not matter, nor words that say
// nothing ("our", "les"), nor which of both languages is spoken; words that mean the same count as one. A word that few runbooks hold tells
// more than one that many do, and in a title, an alert or a symptom more than in a step. Where no runbook holds all the words, those that hold
// the most telling ones are found, if that is at least half of what was said. It is returned in the language asked for where it exists.
func (c *Catalogue) Search(query, language string, limit int) []Hit {
	words := c.queried(query)
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	docs := c.searchable()
	matches := make([][]int, len(docs))         // by document and word: the best place, -1 for none
	held := make([]map[string]bool, len(words)) // the runbooks that say of themselves that they are about it
	known := make([]bool, len(words))
	for j := range words {
		held[j] = map[string]bool{}
	}
	for i, d := range docs {
		matches[i] = make([]int, len(words))
		for j, w := range words {
			best := d.best(w)
			matches[i][j] = best
			if best >= 0 {
				known[j] = true
				if d.places[best].weight >= weighPart {
					held[j][d.r.ID] = true
				}
			}
		}
	}
	telling, total := make([]float64, len(words)), 0.0
	n := float64(len(c.IDs()))
	for j := range words {
		telling[j] = 1.0 // a word of no runbook tells none from the others
		if known[j] {
			telling[j] = math.Log(1+n/(float64(len(held[j]))+0.5)) + 0.2
		}
		total += telling[j]
	}
	found := map[string]Hit{}
	for i, d := range docs {
		h, ok := d.hit(words, matches[i], telling, total)
		if !ok {
			continue
		}
		if d.r.Language == language {
			h.Score++ // between equals, what the reader reads
		}
		if old, ok := found[d.r.ID]; !ok || h.Score > old.Score {
			h.Runbook, _ = c.ByID(d.r.ID, language)
			h.Whole = h.Whole || old.Whole
			found[d.r.ID] = h
		} else if h.Whole {
			old.Whole = true
			found[d.r.ID] = old
		}
	}
	var hits []Hit
	top := 0
	for _, h := range found {
		top = max(top, h.Score)
	}
	for _, h := range found {
		if h.Score*6 >= top || h.Whole {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Runbook.ID, b.Runbook.ID))
	})
	return hits[:min(limit, len(hits))]
}

// queried are the words to look for. One with punctuation in it that stands so in a runbook, a command's or an address, is looked for as it is.
func (c *Catalogue) queried(query string) []string {
	var rest, out []string
	for _, raw := range strings.Fields(foldText(query)) {
		w := strings.Trim(raw, `.,;:!?()[]"«»`)
		if strings.ContainsAny(w, "-_./@:=") && len(tokens(w)) > 1 && slices.ContainsFunc(c.searchable(), func(d indexed) bool { return d.literally(w) }) {
			out = append(out, w)
		} else {
			rest = append(rest, raw)
		}
	}
	for _, w := range asked(strings.Join(rest, " ")) {
		if !contains(out, w) {
			out = append(out, w)
		}
	}
	return out[:min(len(out), maxQuery)]
}

func (d indexed) literally(w string) bool {
	return slices.ContainsFunc(d.places, func(p place) bool { return strings.Contains(p.folded, w) })
}

// best is the place with the highest weight that holds a word, -1 where none does.
func (d indexed) best(w string) int {
	best, m := -1, meaningOf(w)
	for i, p := range d.places {
		if best >= 0 && p.weight <= d.places[best].weight {
			continue
		}
		// A part of a word counts where nothing else would find it: the name of a command, the beginning of a name.
		if p.means[m] || !strings.HasPrefix(m, "=") && (len(w) >= 3 && p.where != "id" || strings.ContainsRune(w, '-')) && strings.Contains(p.folded, w) {
			best = i
		}
	}
	return best
}

// hit weighs what of a query a runbook holds, and where.
func (d indexed) hit(words []string, at []int, telling []float64, total float64) (Hit, bool) {
	h := Hit{Whole: true}
	score, covered, top := 0.0, 0.0, 0.0
	strong := false
	for j := range words {
		if at[j] < 0 {
			h.Whole = false
			continue
		}
		p := d.places[at[j]]
		score += float64(p.weight) * telling[j]
		covered += telling[j]
		strong = strong || p.weight >= weighPart
		if tells := float64(p.weight) * telling[j]; tells > top {
			top, h.Where, h.Step = tells, p.where, p.step
		}
		h.Sure = h.Sure || p.weight == weighAlert && p.means[words[j]]
	}
	if covered == 0 || !h.Whole && (!strong || covered < total/2) {
		return Hit{}, false
	}
	// Several words of one phrase of the runbook are more than the same words here and there.
	phrase, said := 0.0, 0.0
	for _, p := range d.places {
		if p.where != "symptom" && p.where != "title" || len(p.means) == 0 {
			continue
		}
		share, in := 0.0, map[string]bool{}
		for j, w := range words {
			if m := meaningOf(w); p.means[m] {
				share += telling[j]
				in[m] = true
			}
		}
		if len(in) == len(p.means) && share > sureFrom {
			h.Sure = true
			if p.where == "symptom" && share > said {
				h.Said, said = p.said, share
			}
		}
		phrase = max(phrase, share/total*float64(len(in))/float64(len(p.means)))
	}
	if len(words) == 1 {
		phrase = 0 // the shorter title is not the better one
	}
	share := covered / total
	h.Score = 10 * int(score*share*share*(1+phrase))
	return h, h.Score > 0
}

// searchable is the catalogue made ready to be searched, once.
func (c *Catalogue) searchable() []indexed {
	c.searching.Do(func() {
		for _, r := range c.all {
			c.docs = append(c.docs, indexed{r, placesOf(r)})
		}
	})
	return c.docs
}

func placesOf(r *Runbook) []place {
	var out []place
	add := func(where, step string, weight int, text string) {
		p := place{where: where, step: step, said: text, weight: weight, folded: foldText(text), means: map[string]bool{}}
		for _, w := range tokens(text) {
			if stopWords[w] {
				continue
			}
			p.means[meaningOf(w)] = true
		}
		out = append(out, p)
	}
	add("id", "", weighID, r.ID+" "+strings.ReplaceAll(r.ID, "-", "")+" "+strconv.Itoa(number(r.ID)))
	for _, a := range r.Alerts {
		p := place{where: "alert", weight: weighAlert, folded: foldText(a), means: map[string]bool{foldText(a): true}}
		out = append(out, p)
		add("alert", "", weighPart, camel(a))
	}
	add("title", "", weighTitle, r.Title)
	for _, s := range r.Symptoms {
		add("symptom", "", weighSymptom, s)
	}
	for _, s := range r.Services {
		add("service", "", weighService, s)
	}
	for _, s := range r.Steps {
		add("step", s.ID, weighStep, s.Title)
		text := []string{s.Prose, s.LookFor}
		for _, c := range s.Commands {
			text = append(text, c.Code)
		}
		add("text", s.ID, weighText, strings.Join(text, " "))
	}
	add("text", "", weighIntro, r.Intro)
	add("text", "", weighText, r.Owner+" "+r.Severity)
	return out
}

func number(id string) int {
	_, n, _ := strings.Cut(id, "-")
	v, _ := strconv.Atoi(n)
	return v
}

var accents = strings.NewReplacer("à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i",
	"ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "œ", "oe", "æ", "ae", "’", "'", "\u00a0", " ", "\u202f", " ")

// foldText lowers case and takes the accents of French off.
func foldText(s string) string {
	return accents.Replace(strings.Map(unicode.ToLower, s))
}
