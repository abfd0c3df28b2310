package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// maxSentence is how much of a question is read, in characters.
const maxSentence = 500

// Ask reads a question in English or French. A day and a time are the next such after now, in the policy's zone; without any, now. The error
// is a *catalog.Said with an example.
func Ask(p *incident.Policy, sentence string, now time.Time) (Question, error) {
	s := &sentenceReader{rest: " " + plain(incident.Clip(sentence, maxSentence)) + " "}
	q := Question{}
	s.names(p, &q)
	if m := s.take(sevForm); m != nil {
		n, _ := strconv.Atoi(m[1])
		q.Severity = incident.Severity(n)
	}
	if m := s.take(progressForm); m != nil {
		q.ProgressEvery = length(m[1], m[2])
	}
	if m := s.take(ackForm); m != nil {
		q.AckAfter = length(m[1], m[2])
	} else if m := s.take(ackLaterForm); m != nil {
		q.AckAfter = length(m[1], m[2])
	}
	s.take(nobodyForm)
	s.take(silentForm)
	if q.ProgressEvery > 0 && q.AckAfter == 0 {
		return Question{}, refusal("explain.progress-first", nil)
	}
	at, err := s.when(now.In(p.Location()))
	if err != nil {
		return Question{}, err
	}
	q.At = at
	if left := s.left(); len(left) > 0 {
		return Question{}, refusal("explain.not-understood", catalog.Args{"words": catalog.Quoted(strings.Join(left, " ")), "example": catalog.Term("explain.example")})
	}
	if q.Severity == 0 && q.Alert == "" {
		return Question{}, refusal("explain.no-severity", catalog.Args{"example": catalog.Term("explain.example")})
	}
	return q, nil
}

// When reads a day and a time ("saturday 23:50", "vendredi 20 h", "2026-12-25 03:00", "tomorrow noon", "now"): the next such after now, in
// now's zone.
func When(words string, now time.Time) (time.Time, error) {
	s := &sentenceReader{rest: " " + plain(incident.Clip(words, 100)) + " "}
	at, err := s.when(now)
	if err != nil {
		return at, err
	}
	if left := s.left(); len(left) > 0 {
		return at, refusal("explain.not-a-time", catalog.Args{"words": catalog.Quoted(strings.Join(left, " ")), "example": catalog.Term("explain.example.time")})
	}
	return at, nil
}

// Words are matched without accents and in lower case, between blanks.
const (
	durationWords = `(\d{1,4}) ?(s|sec\w*|m|mn|min\w*|h|hours?|heures?)`
	ackWords      = `(?:ack\w*|acquitt\w*|taken?|takes|pris\w*|answer\w*|repond\w*)`
	lapseWords    = `(?:after|within|in|apres|au bout de|en|dans les)`
)

var (
	sevForm      = regexp.MustCompile(` (?:sev|severity|severite)[ -]?([1-4]) `)
	progressForm = regexp.MustCompile(` (?:progress|progres|avance\w*)(?: [a-z]+){0,4}? (?:every|toutes les|chaque) ` + durationWords + ` `)
	ackForm      = regexp.MustCompile(` ` + ackWords + `(?: [a-z]+){0,4}? ` + lapseWords + ` ` + durationWords + ` `)
	ackLaterForm = regexp.MustCompile(` ` + durationWords + ` (?:later|plus tard)(?: [a-z]+){0,4} ` + ackWords + ` `)
	nobodyForm   = regexp.MustCompile(` (?:nobody|no one|personne)(?: ne| n| has| have| does)? ?(?:moves?|moved|answers?|answered|reacts?|responds?|ack\w*|takes|anything|bouge\w*|repond\w*|reagi\w*|acquitt\w*|prend\w*|fait rien|fait)(?: it| anything| rien)? `)
	silentForm   = regexp.MustCompile(` (?:silent|silence|silencieux|silencieuse|sans reponse|in silence|without an answer) `)
	dateForm     = regexp.MustCompile(` (\d{4}-\d{2}-\d{2}) `)
	clockForm    = regexp.MustCompile(` (\d{1,2}) ?(?::|h) ?(\d{2})(?: ?(am|pm))? `)
	hourForm     = regexp.MustCompile(` (\d{1,2}) ?(h|heures?|am|pm|o'?clock) `)
	wordForm     = regexp.MustCompile(`[^ ]+`)
)

var weekdayWords = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
	"lundi": time.Monday, "mardi": time.Tuesday, "mercredi": time.Wednesday, "jeudi": time.Thursday, "vendredi": time.Friday, "samedi": time.Saturday, "dimanche": time.Sunday,
}

// hourWords are hours with a name, and parts of a day with the hour that stands for them.
var hourWords = map[string]int{
	"midnight": 0, "minuit": 0, "noon": 12, "midi": 12,
	"night": 3, "nuit": 3, "morning": 9, "matin": 9, "afternoon": 15, "apres-midi": 15, "evening": 20, "soir": 20, "soiree": 20,
}

// fillers are words that a question may have and that say nothing here.
var fillers = strings.Fields(`a an the is are was be been who whom whose what which when how where and or then if it there that this on at in of for to by from with one
	rung ring rings called calls call paged page pages told phone phones happens happen going would will gets get wakes woken wake declared declares declare declaring opened fires fire
	firing fired begins starts incident alert alerts service customers next evening's somebody us our we my me does do everybody
	qui que qu' quoi quand quel quelle est sont sera seront serait etre on le la l' les un une des de d' du et ou si s' il y a a' au aux en dans pour par se ce cette c'
	appele appelee appeles appelees appelle appel appels sonne sonner sonnent telephone prevenu prevenue prevenus reveille reveillee declare declaree declares declenche declenchee
	ouvert ouverte incident alerte prochain prochaine arrive passe tombe lieu vers severite severity ne rien puis ensuite after apres`)

// plain is a sentence in lower case without accents, with blanks around what is read apart.
func plain(s string) string {
	s = strings.ToLower(s)
	s = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ë", "e", "à", "a", "â", "a", "î", "i", "ï", "i", "ô", "o", "ö", "o", "ù", "u", "û", "u", "ç", "c", "œ", "oe",
		"’", "'", "\u00a0", " ", "\u202f", " ", "?", " ", "!", " ", ",", " ", ";", " ", "“", " ", "”", " ", "«", " ", "»", " ", "\"", " ", "(", " ", ")", " ").Replace(s)
	for _, article := range []string{"l'", "d'", "qu'", "s'", "n'", "c'"} {
		s = strings.ReplaceAll(" "+s, " "+article, " ")
	}
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.TrimRight(strings.TrimSuffix(w, "..."), ".:")
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// sentenceReader takes what it understands out of a sentence.
type sentenceReader struct{ rest string }

// take finds a form and removes it.
func (s *sentenceReader) take(form *regexp.Regexp) []string {
	at := form.FindStringSubmatchIndex(s.rest)
	if at == nil {
		return nil
	}
	m := form.FindStringSubmatch(s.rest)
	s.rest = s.rest[:at[0]] + " | " + s.rest[at[1]:] // a form never reaches across what was taken
	return m
}

// word removes a word; false when it is not there.
func (s *sentenceReader) word(w string) bool {
	i := strings.Index(s.rest, " "+w+" ")
	if i < 0 {
		return false
	}
	s.rest = s.rest[:i] + " | " + s.rest[i+len(w)+2:]
	return true
}

// names takes the names of alerts and services out, the longest first.
func (s *sentenceReader) names(p *incident.Policy, q *Question) {
	longest := func(a, b string) int { return len(b) - len(a) }
	alerts, services := sorted(p.Alerts), sorted(p.Services)
	slices.SortStableFunc(alerts, longest)
	slices.SortStableFunc(services, longest)
	for _, a := range alerts {
		if q.Alert == "" && s.word(plain(a)) {
			q.Alert = a
		}
	}
	for _, k := range services {
		if q.Service == "" && s.word(plain(k)) {
			q.Service = k
		}
	}
}

// when takes the day and the time out.
func (s *sentenceReader) when(now time.Time) (time.Time, error) {
	day, dated, named := now, false, false
	if m := s.take(dateForm); m != nil {
		d, err := time.ParseInLocation(time.DateOnly, m[1], now.Location())
		if err != nil {
			return now, refusal("explain.not-a-time", catalog.Args{"words": catalog.Quoted(m[1]), "example": catalog.Term("explain.example.time")})
		}
		day, dated = d, true
	}
	for _, w := range []string{"today", "aujourd'hui", "tonight"} {
		if s.word(w) {
			dated = true
			if w == "tonight" {
				s.rest += "evening "
			}
		}
	}
	for _, w := range []string{"tomorrow", "demain"} {
		if s.word(w) {
			day, dated = now.AddDate(0, 0, 1), true
		}
	}
	for w, d := range weekdayWords { // two of them: the second is not understood
		if !dated && !named && s.word(w) {
			day, named = now.AddDate(0, 0, (int(d)-int(now.Weekday())+7)%7), true
		}
	}
	hour, minute, timed := 12, 0, false
	if m := s.take(clockForm); m != nil {
		hour, _ = strconv.Atoi(m[1])
		minute, _ = strconv.Atoi(m[2])
		hour, timed = half(hour, m[3]), true
	} else if m := s.take(hourForm); m != nil {
		hour, _ = strconv.Atoi(m[1])
		hour, timed = half(hour, m[2]), true
	}
	for _, w := range sorted(hourWords) {
		if s.word(w) && !timed {
			hour, timed = hourWords[w], true
		}
	}
	if s.word("now") || s.word("maintenant") {
		return now.Truncate(time.Minute), nil
	}
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		return now, refusal("explain.not-a-time", catalog.Args{"words": catalog.Quoted(fmt.Sprintf("%d:%02d", hour, minute)), "example": catalog.Term("explain.example.time")})
	}
	if !timed && !named && !dated {
		return now.Truncate(time.Minute), nil
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, now.Location())
	switch {
	case dated || !at.Before(now):
	case named:
		at = time.Date(day.Year(), day.Month(), day.Day()+7, hour, minute, 0, 0, now.Location())
	default:
		at = time.Date(day.Year(), day.Month(), day.Day()+1, hour, minute, 0, 0, now.Location())
	}
	return at, nil
}

// half moves an hour of the twelve-hour clock.
func half(hour int, word string) int {
	switch {
	case word == "pm" && hour < 12:
		return hour + 12
	case word == "am" && hour == 12:
		return 0
	}
	return hour
}

func length(n, unit string) time.Duration {
	i, _ := strconv.Atoi(n)
	switch unit[0] {
	case 's':
		return time.Duration(i) * time.Second
	case 'h':
		return time.Duration(i) * time.Hour
	}
	return time.Duration(i) * time.Minute
}

// left are the words nobody understood.
func (s *sentenceReader) left() []string {
	var out []string
	for _, w := range wordForm.FindAllString(s.rest, -1) {
		if w != "|" && !slices.Contains(fillers, w) {
			out = append(out, w)
		}
	}
	return out
}

// Severity reads "SEV-2", "sev2" or "2".
func Severity(s string) (incident.Severity, error) {
	n := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "sev"), "-")
	if len(n) == 1 && n[0] >= '1' && n[0] <= '4' {
		return incident.Severity(n[0] - '0'), nil
	}
	return 0, refusal("explain.not-severity", catalog.Args{"got": catalog.Quoted(s)})
}
