package runbooks

import (
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// Hit is a runbook found by Search.
type Hit struct {
	Runbook *Runbook
	Score   int
	// Where is the best place that matched: "id", "alert", "title", "service", "step" or "text"; Step is its step's id for the last two
	// when it is one.
	Where string
	Step  string
}

// Search finds runbooks that hold every word of a query, best first, at most limit. Case and accents do not matter. A runbook is found by
// its text in either language and returned in the language asked for where it exists.
func (c *Catalogue) Search(query, language string, limit int) []Hit {
	words := strings.Fields(foldText(query))
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	best := map[string]Hit{}
	for _, r := range c.all {
		h, ok := match(r, words)
		if !ok {
			continue
		}
		if r.Language == language {
			h.Score++ // between equals, what the reader reads
		}
		if old, ok := best[r.ID]; !ok || h.Score > old.Score {
			shown, _ := c.ByID(r.ID, language)
			h.Runbook = shown
			best[r.ID] = h
		}
	}
	hits := make([]Hit, 0, len(best))
	for _, h := range best {
		hits = append(hits, h)
	}
	sort.Slice(hits, func(i, j int) bool {
		if hits[i].Score != hits[j].Score {
			return hits[i].Score > hits[j].Score
		}
		return hits[i].Runbook.ID < hits[j].Runbook.ID
	})
	if len(hits) > limit {
		hits = hits[:limit]
	}
	return hits
}

func match(r *Runbook, words []string) (Hit, bool) {
	type place struct {
		where, step, text string
		weight            int
	}
	places := []place{
		{"id", "", r.ID + " " + strings.ReplaceAll(r.ID, "-", "") + " " + strconv.Itoa(number(r.ID)), 100},
		{"alert", "", strings.Join(r.Alerts, " "), 60},
		{"title", "", r.Title, 50},
		{"service", "", strings.Join(r.Services, " "), 40},
	}
	for _, s := range r.Steps {
		places = append(places, place{"step", s.ID, s.Title, 20})
		text := []string{s.Prose, s.LookFor}
		for _, c := range s.Commands {
			text = append(text, c.Code)
		}
		places = append(places, place{"text", s.ID, strings.Join(text, " "), 5})
	}
	places = append(places, place{"text", "", r.Intro + " " + r.Owner + " " + r.Severity, 5})
	folded := make([]string, len(places))
	for i, p := range places {
		folded[i] = foldText(p.text)
	}
	var hit Hit
	top := 0
	for _, w := range words {
		found := 0
		for i, p := range places {
			if strings.Contains(folded[i], w) && p.weight > found {
				found = p.weight
				if p.weight > top {
					top, hit.Where, hit.Step = p.weight, p.where, p.step
				}
			}
		}
		if found == 0 {
			return Hit{}, false
		}
		hit.Score += found * 10
	}
	return hit, true
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
