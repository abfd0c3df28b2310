package policy

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Limits of what a policy says of the company.
const (
	maxCalendars  = 50
	maxHolidays   = 1000
	maxServices   = 2000
	maxSpans      = 6 // spans of working hours of one day
	maxDashboards = 20
	maxLabels     = 50
)

var (
	weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
	// What an hour span and the date of a holiday look like; whether there are such, incident.Calendar says.
	hoursForm   = regexp.MustCompile(`^ *[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2} *$`)
	holidayForm = regexp.MustCompile(`^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
	dayNames    = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// whole reads a whole number between from and to.
func (r *reader) whole(n *yaml.Node, at string, from, to int) int {
	r.as(n, shape{kind: "whole", least: from, most: to, hasLimit: true})
	s, ok := r.scalar(n, at)
	if !ok {
		return 0
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < from || v > to {
		r.fault(n.Line, at, "not-whole", with{"got": said(s), "from": catalog.Int(from), "to": catalog.Int(to)})
		return 0
	}
	return v
}

func (r *reader) calendars(n *yaml.Node, at string, out map[string]incident.Calendar) {
	r.as(n, shape{kind: "map", form: nameForm, most: maxCalendars, hasLimit: true})
	r.entries(n, at, maxCalendars, func(key string, k, v *yaml.Node, at string) {
		if !nameForm.MatchString(key) {
			r.fault(k.Line, at, "not-name", nil)
			return
		}
		out[key] = r.calendar(v, at)
	})
}

// calendar reads business time: one span of hours for all working days, which days those are not, and days of their own.
func (r *reader) calendar(n *yaml.Node, at string) incident.Calendar {
	c := incident.Calendar{Hours: map[time.Weekday][]incident.Hours{}}
	var usual []incident.Hours
	weekend := map[time.Weekday]bool{time.Saturday: true, time.Sunday: true}
	own := map[time.Weekday][]incident.Hours{}
	known := fields{
		"zone":  func(v *yaml.Node, at string) { c.Zone = r.zone(v, at) },
		"hours": func(v *yaml.Node, at string) { usual = r.spans(v, at) },
		"weekend": func(v *yaml.Node, at string) {
			weekend = map[time.Weekday]bool{}
			r.list(v, at, 6, func(v *yaml.Node, at string) {
				if name := r.oneOf(v, at, dayNames...); name != "" {
					weekend[weekdayOf(name)] = true
				}
			})
		},
		"night": func(v *yaml.Node, at string) {
			r.as(v, shape{kind: "text", form: hoursForm})
			if s, ok := r.scalar(v, at); ok {
				h, err := incident.ParseHours(s)
				if err != nil {
					r.fault(v.Line, at, "not-night", with{"got": said(s)})
				}
				c.Night = h
			}
		},
		"holidays": func(v *yaml.Node, at string) { c.Holidays = r.holidays(v, at) },
	}
	for i, name := range dayNames {
		known[name] = func(v *yaml.Node, at string) { own[weekdays[i]] = r.spans(v, at) }
	}
	r.object(n, at, known)
	for _, d := range weekdays {
		if spans, named := own[d]; named {
			c.Hours[d] = spans
		} else if !weekend[d] && len(usual) > 0 {
			c.Hours[d] = usual
		}
	}
	if n.Kind == yaml.MappingNode {
		if c.Zone == "" && !r.faulted(at+".zone") {
			r.fault(n.Line, at+".zone", "calendar-no-zone", nil)
		}
		if len(usual) == 0 && len(own) == 0 && !r.faulted(at+".hours") {
			r.fault(n.Line, at+".hours", "calendar-no-hours", with{"form": catalog.Literal(`hours: "09:00-18:00"`)})
		}
		for _, f := range c.Faults() {
			if field := join(at, f.Field); !r.faulted(field) && !r.faulted(at) {
				r.fault(r.line(field), field, "calendar."+f.Code, with{"got": said(f.Value)})
			}
		}
	}
	return c
}

func weekdayOf(name string) time.Weekday {
	for i, n := range dayNames {
		if n == name {
			return weekdays[i]
		}
	}
	return time.Sunday
}

// spans reads "09:00-18:00", or a list of spans for a day with a break in it.
func (r *reader) spans(n *yaml.Node, at string) []incident.Hours {
	var out []incident.Hours
	one := func(v *yaml.Node, at string) {
		r.as(v, shape{kind: "text", form: hoursForm})
		s, ok := r.scalar(v, at)
		if !ok {
			return
		}
		h, err := incident.ParseHours(s)
		if err != nil {
			r.fault(v.Line, at, "not-hours", with{"got": said(s)})
			return
		}
		out = append(out, h)
	}
	if n.Kind == yaml.SequenceNode {
		r.list(n, at, maxSpans, one)
	} else {
		one(n, at)
	}
	return out
}

// holidays reads dates and what they are called, by language or in one.
func (r *reader) holidays(n *yaml.Node, at string) incident.Holidays {
	r.as(n, shape{kind: "map", form: holidayForm, most: maxHolidays, hasLimit: true})
	out := incident.Holidays{}
	r.entries(n, at, maxHolidays, func(key string, k, v *yaml.Node, at string) {
		if v.Kind == yaml.ScalarNode {
			if s := r.text(v, at, maxTitle); s != "" {
				out[key] = map[string]string{"en": s, "fr": s}
			}
			return
		}
		out[key] = r.words(v, at, maxTitle)
	})
	return out
}

func (r *reader) services(n *yaml.Node, at string, out map[string]incident.Service) {
	r.entries(n, at, maxServices, func(key string, k, v *yaml.Node, at string) {
		if !alertForm.MatchString(key) {
			r.fault(k.Line, at, "not-service-name", nil)
			return
		}
		s := incident.Service{Key: key}
		r.object(v, at, fields{
			"title": func(v *yaml.Node, at string) { s.Title = r.words(v, at, maxTitle) },
			"team":  func(v *yaml.Node, at string) { s.Team = r.text(v, at, maxTitle) },
			"instead": func(v *yaml.Node, at string) {
				s.Instead = map[string]string{}
				r.entries(v, at, maxNames, func(key string, _, v *yaml.Node, at string) {
					if t := r.named(v, at); t != "" {
						s.Instead[key] = t
					}
				})
			},
			"runbooks": func(v *yaml.Node, at string) {
				r.list(v, at, maxNames, func(v *yaml.Node, at string) {
					if id := r.text(v, at, 40); id != "" {
						s.Runbooks = append(s.Runbooks, id)
					}
				})
			},
			"dashboards": func(v *yaml.Node, at string) {
				r.entries(v, at, maxDashboards, func(key string, _, v *yaml.Node, at string) {
					if u := r.text(v, at, 500); u != "" {
						if !catalog.IsLink(u) {
							r.fault(v.Line, at, "not-link", with{"form": catalog.Literal("https://")})
							return
						}
						s.Dashboards = append(s.Dashboards, incident.Link{Title: show(key), URL: u})
					}
				})
			},
			"labels": func(v *yaml.Node, at string) {
				r.entries(v, at, maxLabels, func(key string, _, v *yaml.Node, at string) {
					if val := r.text(v, at, 120); val != "" {
						s.Labels = append(s.Labels, incident.Label{Name: key, Value: val})
					}
				})
			},
			"calendar": func(v *yaml.Node, at string) { s.Calendar = r.named(v, at) },
		})
		out[key] = s
	})
}

// instead reads the targets of a level by severity.
func (r *reader) instead(n *yaml.Node, at string) map[incident.Severity][]string {
	r.as(n, shape{kind: "map", keys: severityWords})
	out := map[incident.Severity][]string{}
	r.entries(n, at, 4, func(key string, k, v *yaml.Node, at string) {
		sev, ok := parseSeverity(key)
		if !ok {
			r.fault(k.Line, at, "bad-severity", nil)
			return
		}
		out[sev] = r.names(v, at)
	})
	return out
}

// guide reads what makes which severity.
func (r *reader) guide(n *yaml.Node, at string) []incident.GuideRule {
	r.as(n, shape{kind: "map", keys: severityWords})
	var out []incident.GuideRule
	r.entries(n, at, 4, func(key string, k, v *yaml.Node, at string) {
		sev, ok := parseSeverity(key)
		if !ok {
			r.fault(k.Line, at, "bad-severity", nil)
			return
		}
		g := incident.GuideRule{Severity: sev}
		r.object(v, at, fields{
			"tenants_at_least":           func(v *yaml.Node, at string) { g.TenantsAtLeast = r.figure(v, at, 100) },
			"slo_over":                   func(v *yaml.Node, at string) { g.SLOOver = r.figure(v, at, 100000) },
			"data_loss":                  func(v *yaml.Node, at string) { g.DataLoss = r.flag(v, at) },
			"breach":                     func(v *yaml.Node, at string) { g.Breach = r.flag(v, at) },
			"critical_function":          func(v *yaml.Node, at string) { g.Critical = r.flag(v, at) },
			"degraded":                   func(v *yaml.Node, at string) { g.Degraded = r.flag(v, at) },
			"degraded_and_no_workaround": func(v *yaml.Node, at string) { g.NoWorkaround = r.flag(v, at) },
			"otherwise":                  func(v *yaml.Node, at string) { g.Otherwise = r.flag(v, at) },
		})
		if v.Kind == yaml.MappingNode && g == (incident.GuideRule{Severity: sev}) {
			r.fault(v.Line, at, "guide-empty", nil)
		}
		out = append(out, g)
	})
	slices.SortFunc(out, func(a, b incident.GuideRule) int { return int(a.Severity) - int(b.Severity) })
	return out
}

// figure reads a number above 0.
func (r *reader) figure(n *yaml.Node, at string, max float64) float64 {
	r.as(n, shape{kind: "number"})
	s, ok := r.scalar(n, at)
	if !ok {
		return 0
	}
	f, err := incident.ParseFigure(s, max)
	if err != nil || f == 0 {
		r.fault(n.Line, at, "not-figure", with{"got": said(s)})
		return 0
	}
	return f
}

// storm reads from when on new alert groups share one room.
func (r *reader) storm(n *yaml.Node, at string, s *incident.StormRule) {
	r.object(n, at, fields{
		"rooms":  func(v *yaml.Node, at string) { s.Rooms = r.whole(v, at, 1, 100) },
		"within": r.into(&s.Within),
	})
}
