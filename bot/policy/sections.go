package policy

import (
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Limits of a policy: far above what a company needs, far below what a machine suffers from.
const (
	maxTargets = 200
	maxLevels  = 10
	maxAlerts  = 5000
	maxPeople  = 50
	maxNames   = 20  // targets of one level or one severity
	maxTitle   = 80  // characters of a title
	maxDefined = 500 // characters of a definition
)

var (
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	alertForm   = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:. -]{0,119}$`) // Prometheus names, and what people put into titles
	envForm     = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,119}$`)
	keyLike     = regexp.MustCompile(`^[0-9a-fA-F]{32}$|^R[0-9A-Z]{31}$`) // an Events API v2 integration key itself
	pagerForm   = regexp.MustCompile(`^[A-Z0-9]{2,32}$`)                  // PagerDuty object ids
	channelForm = regexp.MustCompile(`^[a-z0-9_-]{1,80}$|^[CG][A-Z0-9]{2,30}$`)
	mailForm    = regexp.MustCompile(`^[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+$`)
	phoneForm   = regexp.MustCompile(`^\+[0-9][0-9 ()./-]{4,28}$`)
	zoneForm    = regexp.MustCompile(`^UTC$|^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`) // what every IANA name looks like; whether there is one, the zones say
	titleLangs  = []string{"en", "fr"}
)

// read walks the whole file. It returns what could be read even where there were faults, so that all of them are found in one go.
func (r *reader) read(src []byte) *File {
	root := r.root(src)
	if root == nil {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		r.fault(root.Line, "", "root-not-mapping", with{"line": firstLine})
		return nil
	}
	r.top = root
	p := incident.Policy{
		Digest: Digest(src), Installation: defaultInstallation, Zone: defaultZone, Language: defaultLanguage,
		DefaultSeverity: defaultSeverity, RestartEvery: defaultRestart, WarnBefore: defaultWarn, MoreTime: defaultMoreTime,
		ConfirmWithin: defaultConfirm, FirstPage: defaultFirstPage, FirstPageWait: defaultFirstPageWait,
		Severities: map[incident.Severity]incident.SeverityRule{}, Targets: map[string]incident.Target{},
		Alerts: map[string]incident.AlertRule{}, LabelSeverity: map[string]incident.Severity{},
		LadderOwner: defaultLadderOwner, ResumeWithin: defaultResume, JoinWithin: defaultJoin, AfterResolve: defaultAfter, ReopenWithin: defaultReopen, Storm: incident.StormRule{Rooms: defaultStormRooms, Within: defaultStormWithin}, Services: map[string]incident.Service{}, Calendars: map[string]incident.Calendar{},
	}
	f := &File{IncidentsChannel: defaultChannel, HandoverReminder: defaultReminder, Rotations: map[string]house.Rotation{}}
	seen := map[string]bool{}
	known := fields{
		"version": func(v *yaml.Node, at string) { r.oneOf(v, at, "1") },
		"installation": func(v *yaml.Node, at string) {
			p.Installation = r.named(v, at)
		},
		"zone":              func(v *yaml.Node, at string) { p.Zone = r.zone(v, at) },
		"language":          func(v *yaml.Node, at string) { p.Language = r.oneOf(v, at, titleLangs...) },
		"incidents_channel": func(v *yaml.Node, at string) { f.IncidentsChannel = r.channel(v, at) },
		"alerts_channel":    func(v *yaml.Node, at string) { p.AlertsChannel = r.channel(v, at) },
		"default_severity":  func(v *yaml.Node, at string) { p.DefaultSeverity = r.severity(v, at) },
		"restart_every":     r.into(&p.RestartEvery),
		"warn_before":       r.into(&p.WarnBefore),
		"more_time":         r.into(&p.MoreTime),
		"confirm_within":    r.into(&p.ConfirmWithin),
		"first_page":        func(v *yaml.Node, at string) { p.FirstPage = r.oneOf(v, at, "tocsin", "pagerduty") },
		"first_page_wait":   r.into(&p.FirstPageWait),
		"severities":        func(v *yaml.Node, at string) { r.severities(v, at, p.Severities) },
		"targets":           func(v *yaml.Node, at string) { r.targets(v, at, p.Targets) },
		"ladder":            func(v *yaml.Node, at string) { p.Ladder = r.ladder(v, at) },
		"alerts":            func(v *yaml.Node, at string) { r.alerts(v, at, p.Alerts) },
		"hand_over_within":  r.into(&p.HandOverWithin),
		"hand_over_after":   r.into(&p.HandOverAfter),
		"response":          func(v *yaml.Node, at string) { r.response(v, at, &p.Response) },
		"obligations":       func(v *yaml.Node, at string) { p.Obligations = r.obligations(v, at) },
		"questions":         func(v *yaml.Node, at string) { p.Questions = r.questions(v, at) },
		"reviews":           func(v *yaml.Node, at string) { r.reviews(v, at, &p.Reviews) },
		"label_severity":    func(v *yaml.Node, at string) { r.labels(v, at, p.LabelSeverity) },
		"resume_within":     r.into(&p.ResumeWithin),
		"join_within":       r.into(&p.JoinWithin),
		"after_resolve": func(v *yaml.Node, at string) {
			p.AfterResolve = r.oneOf(v, at, incident.AfterReopen, incident.AfterNew)
		},
		"reopen_within": r.into(&p.ReopenWithin),
		"storm":         func(v *yaml.Node, at string) { r.storm(v, at, &p.Storm) },
		"ladder_owner": func(v *yaml.Node, at string) {
			p.LadderOwner = r.oneOf(v, at, incident.LadderTocsin, incident.LadderPagerDuty)
		},
		"guide":     func(v *yaml.Node, at string) { p.Guide = r.guide(v, at) },
		"services":  func(v *yaml.Node, at string) { r.services(v, at, p.Services) },
		"calendars": func(v *yaml.Node, at string) { r.calendars(v, at, p.Calendars) },
		"calendar":  func(v *yaml.Node, at string) { p.Calendar = r.named(v, at) },
		"rotations": func(v *yaml.Node, at string) { r.rotations(v, at, f.Rotations) },
		"handover_reminder": func(v *yaml.Node, at string) {
			if s, ok := r.scalar(v, at); ok && s == "none" {
				f.HandoverReminder = 0
				return
			}
			f.HandoverReminder = r.duration(v, at)
		},
	}
	for name, read := range known { // order does not matter: each only wraps its own entry
		known[name] = func(v *yaml.Node, at string) { seen[name] = true; read(v, at) }
	}
	r.object(root, "", known)
	for _, name := range []string{"version", "severities", "targets", "ladder"} {
		if !seen[name] {
			r.fault(0, name, "missing-part", nil)
		}
	}
	if len(p.Ladder) > 0 && len(p.Ladder[0].Targets) > 0 {
		first := p.Ladder[0].Targets[0]
		if t, ok := p.Targets[first]; ok && t.Address == (incident.Address{}) {
			t.Address.RoutingKey = FirstLevelKey
			p.Targets[first] = t
		}
	}
	r.onRotations(&p, f.Rotations)
	if len(r.faults) == 0 {
		if err := p.Bind(); err != nil {
			r.fault(r.line("calendars"), "calendars", "calendar-unbound", nil)
		}
	}
	f.Policy = p
	return f
}

// into reads a duration into its place.
func (r *reader) into(d *time.Duration) func(*yaml.Node, string) {
	return func(v *yaml.Node, at string) { *d = r.duration(v, at) }
}

// form reads a value of a given form, whose words are under policy.form in the catalogue. Where secret is set, the value is not repeated.
func (r *reader) form(n *yaml.Node, at string, form *regexp.Regexp, secret bool, mend string) string {
	r.as(n, shape{kind: "text", form: form})
	s, ok := r.scalar(n, at)
	if !ok {
		return ""
	}
	if form.MatchString(s) {
		return s
	}
	key := "form"
	if secret {
		key = "form-hidden"
		s = ""
	}
	r.fault(n.Line, at, key, with{"got": said(s), "form": catalog.Term("policy.form." + mend)})
	return ""
}

func (r *reader) named(n *yaml.Node, at string) string {
	return r.form(n, at, nameForm, false, "name")
}

func (r *reader) channel(n *yaml.Node, at string) string {
	r.as(n, shape{kind: "text", form: regexp.MustCompile(`^#?[a-z0-9_-]{1,80}$|^#?[CG][A-Z0-9]{2,30}$`)})
	s, ok := r.scalar(n, at)
	if !ok {
		return ""
	}
	if s = strings.TrimPrefix(s, "#"); !channelForm.MatchString(s) {
		r.fault(n.Line, at, "not-channel", with{"got": said(s)})
		return ""
	}
	return s
}

func (r *reader) zone(n *yaml.Node, at string) string {
	r.as(n, shape{kind: "text", form: zoneForm})
	s, ok := r.scalar(n, at)
	if !ok {
		return ""
	}
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		r.fault(n.Line, at, "not-zone", with{"got": said(s)})
		return ""
	}
	return s
}

// words reads a text by language.
func (r *reader) words(n *yaml.Node, at string, limit int) map[string]string {
	out := map[string]string{}
	known := fields{}
	for _, lang := range titleLangs {
		known[lang] = func(v *yaml.Node, at string) {
			if s := r.text(v, at, limit); s != "" {
				out[lang] = s
			}
		}
	}
	r.object(n, at, known)
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.fault(n.Line, at, "no-language", with{"form": wordsForm})
	}
	return out
}

// names reads a list of target keys, each once.
func (r *reader) names(n *yaml.Node, at string) []string {
	var out []string
	seen := map[string]bool{}
	r.list(n, at, maxNames, func(v *yaml.Node, at string) {
		s := r.named(v, at)
		if s != "" && seen[s] {
			r.fault(v.Line, at, "there-twice", with{"got": said(s)})
			return
		}
		if s != "" {
			seen[s] = true
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) severities(n *yaml.Node, at string, out map[incident.Severity]incident.SeverityRule) {
	r.as(n, shape{kind: "map", keys: severityWords})
	r.entries(n, at, 50, func(key string, k, v *yaml.Node, at string) {
		sev, ok := parseSeverity(key)
		if !ok {
			r.fault(k.Line, at, "bad-severity", nil)
			return
		}
		var s incident.SeverityRule
		r.object(v, at, fields{
			"definition":       func(v *yaml.Node, at string) { s.Definition = r.words(v, at, maxDefined) },
			"ack_within":       r.into(&s.AckWithin),
			"accept_within":    r.into(&s.AcceptWithin),
			"commander_within": r.into(&s.CommanderWithin),
			"progress_within":  r.into(&s.ProgressWithin),
			"progress_every":   r.into(&s.ProgressEvery),
			"remediate_within": r.into(&s.RemediateWithin),
			"first_update":     r.into(&s.FirstUpdate),
			"update_every":     r.into(&s.UpdateEvery),
			"comms_within":     r.into(&s.CommsWithin),
			"comms_backup":     func(v *yaml.Node, at string) { s.CommsBackup = r.named(v, at) },
			"tell":             func(v *yaml.Node, at string) { s.Tell = r.names(v, at) },
			"page_at_once":     func(v *yaml.Node, at string) { s.PageAtOnce = r.names(v, at) },
			"no_ladder":        func(v *yaml.Node, at string) { s.NoLadder = r.flag(v, at) },
			"needs_confirm":    func(v *yaml.Node, at string) { s.NeedsConfirm = r.flag(v, at) },
			"post_mortem":      func(v *yaml.Node, at string) { s.PostMortem = r.flag(v, at) },
			"ack_business_days": func(v *yaml.Node, at string) {
				s.AckDays = r.whole(v, at, 1, 60)
			},
			"impact_within": r.into(&s.ImpactWithin),
			"low_urgency_outside_hours": func(v *yaml.Node, at string) {
				s.LowUrgency = r.flag(v, at)
			},
			"no_park": func(v *yaml.Node, at string) { s.NoPark = r.flag(v, at) },
			"ring_on": func(v *yaml.Node, at string) { s.RingOn = r.flag(v, at) },
			"room": func(v *yaml.Node, at string) {
				s.Room = r.oneOf(v, at, incident.RoomAtOnce, incident.RoomWhenAccepted)
			},
		})
		if s.Room == "" && sev == incident.SEV4 { // what can wait for days needs no room before somebody takes it
			s.Room = incident.RoomWhenAccepted
		}
		out[sev] = s
	})
}

func (r *reader) targets(n *yaml.Node, at string, out map[string]incident.Target) {
	r.as(n, shape{kind: "map", form: nameForm, most: maxTargets, hasLimit: true})
	r.entries(n, at, maxTargets, func(key string, k, v *yaml.Node, at string) {
		if !nameForm.MatchString(key) {
			r.fault(k.Line, at, "not-name", nil)
			return
		}
		t := incident.Target{Key: key}
		r.object(v, at, fields{
			"title":   func(v *yaml.Node, at string) { t.Title = r.words(v, at, maxTitle) },
			"address": func(v *yaml.Node, at string) { t.Address = r.address(v, at) },
			"schedule": func(v *yaml.Node, at string) {
				t.Schedule = r.form(v, at, pagerForm, false, "schedule")
			},
			"people":   func(v *yaml.Node, at string) { t.People = r.people(v, at) },
			"rotation": func(v *yaml.Node, at string) { t.Rotation = r.named(v, at) },
			"phone": func(v *yaml.Node, at string) {
				t.Phone = r.form(v, at, phoneForm, false, "phone")
			},
		})
		out[key] = t
	})
}

// people reads e-mail addresses, each once, in lower case: that is how Slack and PagerDuty compare them.
func (r *reader) people(n *yaml.Node, at string) []string {
	var out []string
	seen := map[string]bool{}
	r.list(n, at, maxPeople, func(v *yaml.Node, at string) {
		s := strings.ToLower(r.form(v, at, mailForm, false, "mail"))
		if s != "" && seen[s] {
			r.fault(v.Line, at, "there-twice", with{"got": said(s)})
			return
		}
		if s != "" {
			seen[s] = true
			out = append(out, s)
		}
	})
	return out
}

// address reads where the pages of a target go. Its values are never repeated in a fault: a key pasted into the wrong line is a secret.
func (r *reader) address(n *yaml.Node, at string) incident.Address {
	var a incident.Address
	ways := 0
	pager := func(s *string, what string) func(*yaml.Node, string) {
		return func(v *yaml.Node, at string) {
			*s = r.form(v, at, pagerForm, true, what)
		}
	}
	way := func(read func(*yaml.Node, string)) func(*yaml.Node, string) {
		return func(v *yaml.Node, at string) { ways++; read(v, at) }
	}
	r.object(n, at, fields{
		"routing_key_env": way(func(v *yaml.Node, at string) {
			if s, ok := r.scalar(v, at); ok && keyLike.MatchString(s) {
				r.fault(v.Line, at, "key-itself-env", nil)
				return
			}
			a.RoutingKey = r.form(v, at, envForm, true, "env")
		}),
		"routing_key_file": way(func(v *yaml.Node, at string) {
			s, ok := r.scalar(v, at)
			switch {
			case !ok:
			case keyLike.MatchString(s):
				r.fault(v.Line, at, "key-itself-file", nil)
			case !strings.HasPrefix(s, "/") || len(s) > 500 || s != incident.Clip(s, 0):
				r.fault(v.Line, at, "not-path", nil)
			default:
				a.RoutingKey = "file:" + s
			}
		}),
		"user":              way(pager(&a.User, "user")),
		"escalation_policy": way(pager(&a.EscalationPolicy, "escalation-policy")),
		"service":           pager(&a.Service, "service"),
		"on_call":           func(v *yaml.Node, at string) { ways++; r.oneOf(v, at, "true"); a.OnCall = true },
	})
	rest := a.User != "" || a.EscalationPolicy != "" || a.OnCall
	switch {
	case n.Kind != yaml.MappingNode:
	case ways == 0:
		r.fault(n.Line, at, "no-place", nil)
	case ways > 1:
		r.fault(n.Line, at, "many-places", with{"n": catalog.Int(ways)})
	case rest && a.Service == "":
		r.fault(n.Line, at, "no-service", nil)
	case a.RoutingKey != "" && a.Service != "":
		r.fault(n.Line, at, "service-beside-key", nil)
	}
	return a
}

func (r *reader) ladder(n *yaml.Node, at string) []incident.Level {
	var out []incident.Level
	names := map[string]bool{}
	r.list(n, at, maxLevels, func(v *yaml.Node, at string) {
		var l incident.Level
		r.object(v, at, fields{
			"name":    func(v *yaml.Node, at string) { l.Name = r.text(v, at, 20) },
			"targets": func(v *yaml.Node, at string) { l.Targets = r.names(v, at) },
			"backup":  func(v *yaml.Node, at string) { l.Backup = r.named(v, at) },
			"instead": func(v *yaml.Node, at string) { l.Instead = r.instead(v, at) },
			"when_empty": func(v *yaml.Node, at string) {
				l.WhenEmpty = r.named(v, at)
			},
			"on": func(v *yaml.Node, at string) { l.On = r.oneOf(v, at, incident.LevelOnImpact) },
			"only": func(v *yaml.Node, at string) {
				r.list(v, at, 4, func(v *yaml.Node, at string) {
					if s := r.severity(v, at); s.Valid() {
						l.Only = append(l.Only, s)
					}
				})
			},
		})
		if v.Kind == yaml.MappingNode {
			switch {
			case l.Name == "":
				r.fault(v.Line, at, "level-unnamed", nil)
			case names[l.Name]:
				r.fault(v.Line, at, "level-twice", with{"got": said(l.Name)})
			}
			names[l.Name] = true
		}
		out = append(out, l)
	})
	return out
}

func (r *reader) alerts(n *yaml.Node, at string, out map[string]incident.AlertRule) {
	r.as(n, shape{kind: "map", form: alertForm, most: maxAlerts, hasLimit: true})
	r.entries(n, at, maxAlerts, func(key string, k, v *yaml.Node, at string) {
		if !alertForm.MatchString(key) {
			r.fault(k.Line, at, "not-alert", nil)
			return
		}
		var a incident.AlertRule
		given := false
		r.object(v, at, fields{
			"severity":  func(v *yaml.Node, at string) { given = true; a.Severity = r.severity(v, at) },
			"confirmed": func(v *yaml.Node, at string) { a.Confirmed = r.flag(v, at) },
			"asks": func(v *yaml.Node, at string) {
				if a.Asks = r.text(v, at, maxTitle); a.Asks != "" && a.Asks != incident.QuestionAttack {
					r.fault(v.Line, at, "not-alert-question", with{"got": said(a.Asks)})
				}
			},
		})
		if !given && v.Kind == yaml.MappingNode {
			r.fault(v.Line, at, "alert-no-severity", nil)
		}
		out[key] = a
	})
}

func (r *reader) labels(n *yaml.Node, at string, out map[string]incident.Severity) {
	r.entries(n, at, 50, func(key string, k, v *yaml.Node, at string) {
		if strings.TrimSpace(key) == "" || len(key) > 60 {
			r.fault(k.Line, at, "not-label", nil)
			return
		}
		out[key] = r.severity(v, at)
	})
}
