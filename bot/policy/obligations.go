package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Limits of obligations and questions.
const (
	maxObligations = 60
	maxQuestions   = 20
	maxConcerns    = 5
	maxDays        = 60 // business days
	maxLaw         = 120
	minEvery       = 15 * time.Minute
)

var momentForm = regexp.MustCompile(`^moment [a-z][a-z0-9-]{1,39}$`)

// roles are the parts people play that a chain may name beside targets.
var roles = []string{string(incident.Commander), string(incident.Comms), string(incident.Scribe)}

func (r *reader) obligations(n *yaml.Node, at string) []incident.Obligation {
	r.as(n, shape{kind: "map", form: nameForm, most: maxObligations, hasLimit: true})
	var out []incident.Obligation
	r.entries(n, at, maxObligations, func(key string, k, v *yaml.Node, at string) {
		if !nameForm.MatchString(key) {
			r.fault(k.Line, at, "not-name", nil)
			return
		}
		o := incident.Obligation{Name: key}
		r.object(v, at, fields{
			"title":       func(v *yaml.Node, at string) { o.Title = r.words(v, at, maxTitle) },
			"severities":  func(v *yaml.Node, at string) { o.Severities = r.sevs(v, at) },
			"begins":      func(v *yaml.Node, at string) { o.Begins = r.begins(v, at) },
			"within":      r.into(&o.Within),
			"within_days": func(v *yaml.Node, at string) { o.WithinDays = r.count(v, at, maxDays) },
			"kind":        func(v *yaml.Node, at string) { o.Response = r.oneOf(v, at, "response", "obligation") == "response" },
			"legal":       func(v *yaml.Node, at string) { o.Legal = r.flag(v, at) },
			"law": func(v *yaml.Node, at string) {
				if v.Kind == yaml.MappingNode {
					o.Laws = r.words(v, at, maxLaw)
					return
				}
				o.Law = r.text(v, at, maxLaw)
			},
			"chain":         func(v *yaml.Node, at string) { o.Chain = r.names(v, at) },
			"every":         r.into(&o.Every),
			"remind_before": r.into(&o.RemindBefore),
			"page_before":   r.into(&o.PageBefore),
			"to":            func(v *yaml.Node, at string) { o.To = r.words(v, at, maxLaw) },
			"notice":        func(v *yaml.Node, at string) { o.Notice = r.named(v, at) },
			"done_by": func(v *yaml.Node, at string) {
				o.DoneBy = r.form(v, at, momentForm, false, "moment")
			},
		})
		out = append(out, o)
	})
	return out
}

func (r *reader) questions(n *yaml.Node, at string) []incident.Question {
	r.as(n, shape{kind: "map", form: nameForm, most: maxQuestions, hasLimit: true})
	var out []incident.Question
	r.entries(n, at, maxQuestions, func(key string, k, v *yaml.Node, at string) {
		if !nameForm.MatchString(key) {
			r.fault(k.Line, at, "not-name", nil)
			return
		}
		q := incident.Question{Name: key}
		r.object(v, at, fields{
			"ask":        func(v *yaml.Node, at string) { q.Ask = r.words(v, at, 200) },
			"severities": func(v *yaml.Node, at string) { q.Severities = r.sevs(v, at) },
			"concerns": func(v *yaml.Node, at string) {
				r.as(v, shape{kind: "map", form: nameForm, most: maxConcerns, hasLimit: true})
				r.entries(v, at, maxConcerns, func(key string, k, v *yaml.Node, at string) {
					if !nameForm.MatchString(key) {
						r.fault(k.Line, at, "not-name", nil)
						return
					}
					q.Concerns = append(q.Concerns, incident.Concern{Name: key, Title: r.words(v, at, maxTitle)})
				})
			},
			"within": r.into(&q.Within),
			"chain":  func(v *yaml.Node, at string) { q.Chain = r.names(v, at) },
			"every":  r.into(&q.Every),
		})
		out = append(out, q)
	})
	return out
}

func (r *reader) sevs(n *yaml.Node, at string) []incident.Severity {
	var out []incident.Severity
	r.list(n, at, 4, func(v *yaml.Node, at string) {
		if s := r.severity(v, at); s.Valid() {
			out = append(out, s)
		}
	})
	return out
}

// begins reads one word or a list of them; whether each can come about is Findings' to say, which knows the rest of the file.
func (r *reader) begins(n *yaml.Node, at string) []string {
	if n.Kind == yaml.ScalarNode {
		if s := r.text(n, at, 80); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	r.list(n, at, 10, func(v *yaml.Node, at string) {
		if s := r.text(v, at, 80); s != "" {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) count(n *yaml.Node, at string, most int) int {
	r.as(n, shape{kind: "whole", least: 1, most: most, hasLimit: true})
	s, ok := r.scalar(n, at)
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(s)
	if err != nil || i < 1 || i > most {
		r.fault(n.Line, at, "not-days", with{"got": said(s), "to": catalog.Int(most)})
		return 0
	}
	return i
}

// obligations checks that every obligation can begin, has an end and somebody who is reminded of it.
func (f *finder) obligations() {
	names, questions := map[string]bool{}, map[string]bool{}
	for _, o := range f.p.Obligations {
		names[o.Name] = true
	}
	for _, q := range f.p.Questions {
		questions[q.Name] = true
		at := "questions." + q.Name
		if len(q.Ask) == 0 {
			f.refuse(at+".ask", "no-question-text", with{"form": wordsForm})
		}
		if q.Within <= 0 {
			f.refuse(at+".within", "no-answer-time", nil)
		}
		f.chain(at, q.Chain, q.Every)
	}
	hand := ""
	for _, o := range f.p.Obligations {
		at := "obligations." + o.Name
		if len(o.Begins) == 0 {
			f.refuse(at+".begins", "never-begins", with{"name": said(o.Name)})
		}
		action := slices.Contains(o.Begins, incident.BeginsAction)
		for i, b := range o.Begins {
			f.begins(fmt.Sprintf("%s.begins[%d]", at, i), o.Name, b, names, questions)
		}
		switch {
		case action && len(o.Begins) > 1:
			f.refuse(at+".begins", "action-alone", nil)
		case action && hand != "":
			f.refuse(at+".begins", "action-twice", with{"other": said(hand)})
		case action && (o.Within > 0 || o.WithinDays > 0):
			f.refuse(at+".within", "action-due", nil)
		case action:
			hand = o.Name
		case o.Within > 0 == (o.WithinDays > 0):
			f.refuse(at+".within", "one-due", with{"clock": catalog.Literal("within: 24h"), "days": catalog.Literal("within_days: 2")})
		}
		if o.Legal && o.WithinDays == 0 && o.PageBefore >= o.Within && o.PageBefore > 0 {
			f.warn(at+".page_before", "rings-at-once", with{"d": written(o.PageBefore)})
		}
		if o.PageBefore > 0 && !o.Legal {
			f.refuse(at+".page_before", "not-legal", with{"line": catalog.Literal("legal: true")})
		}
		if o.PageBefore > 0 && !slices.ContainsFunc(o.Chain, func(k string) bool { return f.p.Targets[k].Address != (incident.Address{}) }) {
			f.refuse(at+".chain", "chain-deaf", nil)
		}
		for _, lang := range titleLangs {
			if o.Title[lang] == "" {
				f.warn(at+".title", "no-title", with{"lang": said(lang), "key": said(o.Name)})
			}
		}
		f.chain(at, o.Chain, o.Every)
	}
	f.circles()
	if f.p.Calendar == "" && slices.ContainsFunc(f.p.Obligations, func(o incident.Obligation) bool { return !o.Legal || o.WithinDays > 0 }) {
		f.warn("obligations", "duty-no-calendar", nil)
	}
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		if f.p.Rule(sev).PostMortem && !slices.ContainsFunc(f.p.Obligations, func(o incident.Obligation) bool {
			return slices.Contains(o.Begins, incident.BeginsResolved) && (len(o.Severities) == 0 || slices.Contains(o.Severities, sev))
		}) {
			f.warn("severities."+sev.String()+".post_mortem", "post-mortem", nil)
		}
	}
}

// concern reports whether a yes to a question may be about something.
func (f *finder) concern(question, name string) bool {
	q, _ := f.p.Question(question)
	return slices.ContainsFunc(q.Concerns, func(c incident.Concern) bool { return c.Name == name })
}

func (f *finder) begins(at, of, b string, names, questions map[string]bool) {
	switch b {
	case incident.BeginsDeclared, incident.BeginsConfirmed, incident.BeginsMitigated, incident.BeginsResolved, incident.BeginsAction:
		return
	}
	q, value, answer := strings.Cut(b, "=")
	done, after := strings.CutPrefix(b, "done ")
	switch {
	case answer && !questions[q]:
		f.refuse(at, "no-question", with{"name": said(q), "known": listed(sortedKeys(questions)...)})
	case answer && strings.HasPrefix(value, incident.AnswerYes+":") && f.concern(q, strings.TrimPrefix(value, incident.AnswerYes+":")):
	case answer && value != incident.AnswerYes && value != incident.AnswerUnknown:
		f.refuse(at, "no-such-answer", with{"got": said(b), "name": said(q)})
	case answer:
	case after && (!names[done] || done == of):
		f.refuse(at, "no-other", with{"name": said(done), "known": listed(sortedKeys(names)...)})
	case after:
	case momentForm.MatchString(b):
	default:
		f.refuse(at, "never-happens", with{"got": said(b)})
	}
}

// chain checks who is reminded and how often.
func (f *finder) chain(at string, chain []string, every time.Duration) {
	if len(chain) == 0 {
		f.refuse(at+".chain", "no-chain", nil)
	}
	f.named(at, chain)
	switch {
	case every == 0:
		f.refuse(at+".every", "no-every", nil)
	case every < minEvery:
		f.refuse(at+".every", "often", with{"d": written(every)})
	}
}

// named checks that a chain names roles and targets that there are.
func (f *finder) named(at string, chain []string) {
	for i, k := range chain {
		if _, ok := f.p.Targets[k]; !ok && !slices.Contains(roles, k) {
			f.refuse(fmt.Sprintf("%s.chain[%d]", at, i), "no-target", with{"target": said(k), "known": listed(append(slices.Clone(roles), sortedKeys(f.p.Targets)...)...)})
		}
	}
}

// circles refuses obligations that begin when one of their own followers is done: none of them could be the first. Each circle is said once, at
// its first obligation in the file.
func (f *finder) circles() {
	after := map[string][]string{} // what each waits for
	for _, o := range f.p.Obligations {
		for _, b := range o.Begins {
			if done, is := strings.CutPrefix(b, "done "); is && done != o.Name {
				after[o.Name] = append(after[o.Name], done)
			}
		}
	}
	told := map[string]bool{}
	for _, o := range f.p.Obligations {
		if told[o.Name] {
			continue
		}
		way := circle(after, o.Name)
		if way == nil {
			continue
		}
		for _, name := range way {
			told[name] = true
		}
		at := "obligations." + o.Name + ".begins"
		for i, b := range o.Begins {
			if b == "done "+way[1] {
				at = fmt.Sprintf("%s[%d]", at, i)
			}
		}
		f.refuse(at, "circle", with{"way": catalog.Words(strings.Join(way, " ← "))})
	}
}

// circle is the shortest way from a name over what it waits for back to itself, both ends named; nil when there is none.
func circle(after map[string][]string, name string) []string {
	from := map[string]string{}
	queue := []string{name}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, next := range after[at] {
			if next == name {
				way := []string{name}
				for ; at != name; at = from[at] {
					way = append(way, at)
				}
				slices.Reverse(way[1:])
				return append(way, name)
			}
			if _, seen := from[next]; !seen {
				from[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}
