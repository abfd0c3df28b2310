package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

var updateGoldens = flag.Bool("update", false, "write the goldens anew")

var tunis = time.FixedZone("Africa/Tunis", 3600)

func at(h, m int) time.Time { return time.Date(2026, 11, 21, h-1, m, 0, 0, time.UTC) }

var (
	lea   = incident.Person{Slack: "U0LEA", Pager: "PLEA", Name: "Léa Martin"}
	marc  = incident.Person{Slack: "U0MARC", Pager: "PMARC", Name: "Marc Aziz"}
	nadia = incident.Person{Slack: "U0NADIA", Pager: "PNADIA", Name: "Nadia Ben Ali"}
	olga  = incident.Person{Pager: "POLGA", Name: "Olga (phone only)"}
)

func policy(language string) *incident.Policy {
	min := time.Minute
	title := func(en, fr string) map[string]string { return map[string]string{"en": en, "fr": fr} }
	return &incident.Policy{
		Digest: "abc", Installation: "acme", Zone: "Africa/Tunis", Language: language,
		Severities: map[incident.Severity]incident.SeverityRule{
			1: {Definition: title("down for >= 10 % of tenants, or confirmed data loss", "inaccessible pour >= 10 % des clients, ou perte de données confirmée"),
				AckWithin: 5 * min, AcceptWithin: 5 * min, CommanderWithin: 5 * min, ProgressWithin: 15 * min, ProgressEvery: 30 * min, RemediateWithin: 30 * min,
				FirstUpdate: 15 * min, UpdateEvery: 30 * min, CommsWithin: 10 * min, CommsBackup: "secondary", Tell: []string{"ceo", "compliance"}, PageAtOnce: []string{"cto"}, NeedsConfirm: true, PostMortem: true},
			2: {Definition: title("a critical function is degraded", "une fonction critique est dégradée"), AckWithin: 15 * min, AcceptWithin: 10 * min, ProgressWithin: 15 * min, Tell: []string{"cto"}},
			3: {Definition: title("partly degraded, a workaround exists", "dégradation partielle, contournement possible"), AckWithin: 60 * min},
			4: {Definition: title("minor, can be planned", "mineur, planifiable"), NoLadder: true},
		},
		Targets: map[string]incident.Target{
			"primary":    {Key: "primary", Title: title("on-call engineer", "ingénieur d'astreinte"), Phone: "+216 70 000 001"},
			"secondary":  {Key: "secondary", Title: title("second on-call engineer", "second d'astreinte")},
			"tech_lead":  {Key: "tech_lead", Title: title("tech lead", "tech lead"), Phone: "+216 70 000 002"},
			"cto":        {Key: "cto", Title: title("CTO", "CTO")},
			"ceo":        {Key: "ceo", Title: title("CEO", "CEO")},
			"compliance": {Key: "compliance", Title: title("compliance officer", "responsable conformité")},
		},
		Ladder: []incident.Level{{Name: "L1", Targets: []string{"primary"}, Backup: "secondary"}, {Name: "L2", Targets: []string{"tech_lead"}},
			{Name: "L3", Targets: []string{"cto"}}, {Name: "L4", Targets: []string{"ceo", "compliance"}}},
		DefaultSeverity: 3, ResumeWithin: 30 * min, Guide: []incident.GuideRule{{Severity: 1, TenantsAtLeast: 10}}, WarnBefore: 3 * min, MoreTime: 15 * min, ConfirmWithin: 10 * min, RestartEvery: 10 * min,
	}
}

// running is an incident in its 20th minute: acknowledged, one step done, the tech lead about to be rung.
func running(language string) incident.State {
	return incident.State{
		ID: "INC-42", Seq: 17, Title: incident.Text{Body: "Checkout is down"}, Service: "checkout", Source: incident.SourceAlert,
		Severity: 1, Confirmed: true, Rule: "alert ApiErrorRateHigh", Status: incident.Investigating, DeclaredBy: incident.Actor{System: incident.SystemAlertmanager},
		DetectedAt: at(3, 6), DeclaredAt: at(3, 7), SeverityAt: at(3, 8), AcknowledgedAt: at(3, 9), AcknowledgedBy: lea, RecordedAt: at(3, 20),
		ChannelName: "inc-20261121-checkout-is-down", ChannelID: "C042", Policy: policy(language),
		Roles:  map[incident.Role]incident.Holding{incident.Commander: {Who: lea, Since: at(3, 9), Acting: true}},
		Ladder: incident.Ladder{Level: 1, Round: 1, Since: at(3, 7), AcceptedAt: at(3, 9), AcceptedBy: lea},
		Pages: []incident.Page{{Key: "L1/1/primary/U0LEA", Level: 1, Target: "primary", Round: 1, Person: lea, Why: incident.WhyDetected, At: at(3, 7), SentAt: at(3, 7), Status: incident.PageAnswered},
			{Key: "L1/1/cto/U0NADIA", Level: 3, Target: "cto", Round: 1, Person: nadia, Why: incident.WhySeverity, At: at(3, 8), Status: incident.PageSent}},
		Alerts:   []incident.AlertSet{{Name: "ApiErrorRateHigh", Firing: 3, Summary: incident.Text{Body: "5xx above 2 % on checkout"}}},
		Told:     []string{"ceo", "compliance"},
		Progress: incident.Said{At: at(3, 15), By: lea, Text: incident.Text{Body: "database not saturated, latency only on kyc-svc"}, Count: 1},
		Runbooks: []incident.RunbookRun{{Ref: incident.RunbookRef{ID: "RB-001", Steps: []string{"which", "traces", "db"}}, At: at(3, 8), Current: "traces",
			Steps: map[string]incident.StepRun{"which": {Mark: incident.StepDone, By: lea, At: at(3, 14)}}}},
	}
}

func over(language string, as incident.Status) incident.State {
	st := running(language)
	st.Status, st.MitigatedAt, st.EndedAt = as, at(3, 35), at(3, 41)
	st.Outcome = incident.Text{Body: "Rolled kyc-svc back to 4.11; error rate is normal."}
	return st
}

// duplicate is INC-42 merged into INC-41.
func duplicate(l string) incident.State {
	return edited(over(l, incident.Duplicate), func(s *incident.State) {
		s.Outcome, s.Merged = incident.Text{}, &incident.Merged{Into: "INC-41", Channel: "C041", Name: "inc-20261121-payments-fail"}
	})
}

// edited returns the state with changes.
func edited(st incident.State, change func(*incident.State)) incident.State {
	change(&st)
	return st
}

func by(p incident.Person) incident.Actor { return incident.Actor{Person: p} }

var tocsin = incident.Actor{System: incident.SystemTocsin}

var stepTwo = &Step{
	Runbook: "RB-001", Title: "API latency", ID: "traces", Name: "Who holds the connections?", Number: 2, Of: 3, Kind: "diagnosis", Minutes: 1,
	Prose: "Run it against the primary.", Warnings: []string{"Do not run it on the replica: it lags."},
	Commands: []string{"psql -c \"SELECT application_name, state, count(*)\n  FROM pg_stat_activity GROUP BY 1, 2\""},
	LookFor:  "one service with most of them, or many \"idle in transaction\".",
	Branches: []Branch{{Finding: "Idle in transaction", Value: "0", Step: 3}, {Finding: "One service leaks", Value: "1", To: "RB-004"}, {Finding: "Nobody holds them", Value: "2", Through: true}},
	Steps:    []StepName{{"which", "Which service?"}, {"traces", "Who holds the connections?"}, {"db", "Is the database saturated?"}},
}

// scene is one view in one situation; the same in both languages.
type scene struct {
	name   string
	view   string
	source func(language string) Source
	pings  []string // the only ones mentioned
}

func scenes() []scene {
	src := func(st incident.State, view string, fact incident.Fact, who incident.Actor, h, m int) Source {
		s := Source{State: st, Deadlines: incident.Deadlines(st), Zone: tunis, Now: at(h, m)}
		s.Owed.Effect.View = view
		if fact != nil {
			s.Event = incident.Event{Seq: st.Seq, At: at(h, m), RecordedAt: at(h, m), Actor: who, Fact: fact}
		}
		return s
	}
	onPage := func(s Source, key string) Source {
		s.Owed.Effect.Page = key
		return s
	}
	plain := func(view string, st func(string) incident.State) func(string) Source {
		return func(l string) Source { return src(st(l), view, nil, incident.Actor{}, 3, 20) }
	}
	unacked := func(l string) incident.State {
		return edited(running(l), func(s *incident.State) {
			s.Confirmed, s.AcknowledgedAt, s.AcknowledgedBy, s.Roles = false, time.Time{}, incident.Person{}, nil
			s.Ladder = incident.Ladder{Level: 1, Round: 1, Since: at(3, 7)}
			s.Pages = s.Pages[:1:1]
			s.Pages[0].Status = incident.PageSent
			s.Told, s.Progress, s.Runbooks = nil, incident.Said{}, nil
		})
	}
	raised := func(l string) incident.State {
		return edited(running(l), func(s *incident.State) {
			s.Ladder = incident.Ladder{Level: 2, Round: 1, Since: at(3, 30), Why: incident.WhyNoProgress}
			s.Pages = append(s.Pages[:2:2], incident.Page{Key: "L2/1/tech_lead/U0MARC", Level: 2, Target: "tech_lead", Round: 1, Person: marc, Why: incident.WhyNoProgress, At: at(3, 30), Status: incident.PageSent})
		})
	}
	silent := func(l string) incident.State { // the tech lead, level 2, did not take it: the CTO, rung at 03:08 for the severity, is next
		return edited(raised(l), func(s *incident.State) {
			s.Ladder = incident.Ladder{Level: 3, Round: 1, Since: at(3, 35), Why: incident.WhyNotAcknowledged}
		})
	}
	rungAlready := func(l string) incident.State {
		return edited(running(l), func(s *incident.State) {
			s.Pages = append(s.Pages[:2:2], incident.Page{Key: "L2/1/tech_lead/U0MARC", Level: 2, Target: "tech_lead", Round: 1, Person: marc, Why: incident.WhySeverity, At: at(3, 7), SentAt: at(3, 8), Status: incident.PageSent})
		})
	}
	stuck := func(l string) incident.State {
		return edited(raised(l), func(s *incident.State) { s.Pages[2].Status, s.Pages[2].StuckAt = incident.PageOwed, at(3, 31) })
	}
	resolvedState := func(l string) incident.State { return over(l, incident.Resolved) }
	cancelledState := func(l string) incident.State { return over(l, incident.Cancelled) }
	withStep := func(s Source, st *Step) Source {
		s.Step, s.Owed.Effect.Slot = st, "step/RB-001"
		return s
	}
	arg := func(s Source, a string) Source { s.Owed.Effect.Arg = a; return s }
	progressKey := func(st incident.State) string {
		for _, d := range incident.Deadlines(st) {
			if d.Name == incident.DueProgress {
				return d.Key
			}
		}
		return "progress/0"
	}
	return append([]scene{
		{name: "headline", view: "headline", source: plain("headline", running)},
		{name: "headline-new", view: "headline", source: plain("headline", unacked)},
		{name: "headline-raised", view: "headline", source: plain("headline", raised)},
		{name: "headline-told-then-rung", view: "headline", source: plain("headline", func(l string) incident.State {
			return edited(raised(l), func(s *incident.State) { s.Told = []string{"ceo", s.Pages[2].Target} })
		})},
		{name: "headline-mitigated", view: "headline", source: plain("headline", func(l string) incident.State {
			return edited(running(l), func(s *incident.State) {
				s.Status, s.MitigatedAt = incident.Mitigated, at(3, 18)
				s.Roles = map[incident.Role]incident.Holding{incident.Commander: {Who: lea}, incident.Comms: {Who: marc}, incident.Scribe: {Who: nadia}}
				s.Runbooks, s.Reopens = nil, 1
			})
		})},
		{name: "headline-resolved", view: "headline", source: plain("headline", resolvedState)},
		{name: "headline-cancelled", view: "headline", source: plain("headline", cancelledState)},
		{name: "headline-no-policy", view: "headline", source: plain("headline", func(l string) incident.State {
			return edited(running(l), func(s *incident.State) { s.Policy = nil })
		})},
		{name: "headline-unsure", view: "headline", source: plain("headline", func(l string) incident.State {
			return edited(running(l), func(s *incident.State) { s.Unsure = []incident.Person{marc, nadia} })
		})},
		{name: "announcement", view: "announcement", source: plain("announcement", running)},
		{name: "announcement-unconfirmed", view: "announcement", source: plain("announcement", unacked)},
		{name: "announcement-resolved", view: "announcement", source: plain("announcement", resolvedState)},
		{name: "announcement-cancelled", view: "announcement", source: plain("announcement", cancelledState)},
		{name: "topic", view: "topic", source: plain("topic", running)},
		{name: "topic-resolved", view: "topic", source: plain("topic", resolvedState)},
		{name: "purpose", view: "purpose", source: plain("purpose", running)},
		{name: "step", view: "step", source: func(l string) Source { return withStep(src(running(l), "step", nil, tocsin, 3, 20), stepTwo) }},
		{name: "step-over", view: "step", source: func(l string) Source { return withStep(src(resolvedState(l), "step", nil, tocsin, 3, 42), stepTwo) }},
		{name: "step-missing-value", view: "step", source: func(l string) Source {
			st := *stepTwo
			st.Kind, st.Branches, st.Missing, st.Commands = "destructive", nil, []string{"pod", "namespace"}, []string{"kubectl -n {{namespace}} delete pod {{pod}}"}
			return withStep(src(running(l), "step", nil, tocsin, 3, 20), &st)
		}},
		{name: "step-through", view: "step", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				r := s.Runbooks[0]
				r.Current, r.Steps = "", map[string]incident.StepRun{"which": {Mark: incident.StepDone, By: lea, At: at(3, 14)}, "traces": {Mark: incident.StepSkipped, By: marc, At: at(3, 16)}}
				s.Runbooks = []incident.RunbookRun{r}
			})
			return withStep(src(st, "step", nil, tocsin, 3, 20), &Step{Runbook: "RB-001", Steps: stepTwo.Steps})
		}},
		{name: "step-cannot", view: "step", source: func(l string) Source {
			return withStep(src(running(l), "step", nil, tocsin, 3, 20), &Step{Runbook: "RB-001", CannotShow: "revision 1f2e is not stored"})
		}},
		{name: "escalation-progress", view: "escalation", pings: []string{"U0MARC"}, source: func(l string) Source {
			return src(raised(l), "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "escalation-rung-before", view: "escalation", pings: []string{"U0MARC"}, source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) { s.Pages[2].At = at(3, 8) }) // the severity had this phone rung already
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "escalation-help", view: "escalation", pings: []string{"U0MARC"}, source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) { s.Pages[2].Why, s.Pages[2].By = incident.WhyHelp, lea })
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyHelp, By: lea, Reason: incident.Text{Body: "we need somebody who knows the ledger"}, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "escalation-backup", view: "escalation", pings: []string{"U0MARC"}, source: func(l string) Source {
			st := edited(unacked(l), func(s *incident.State) {
				s.Ladder = incident.Ladder{Level: 1, Backup: true, Round: 1, Since: at(3, 12)}
				s.Pages = append(s.Pages[:1:1], incident.Page{Key: "b", Level: 1, Target: "secondary", Round: 1, Person: marc, At: at(3, 12), Status: incident.PageOwed})
			})
			return src(st, "escalation", &incident.LevelRaised{Level: 1, Backup: true, Round: 1, Why: incident.WhyNotAcknowledged, Since: at(3, 7)}, tocsin, 3, 12)
		}},
		{name: "escalation-top", view: "escalation", pings: []string{"U0NADIA"}, source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				s.Ladder = incident.Ladder{Level: 4, Round: 1, Since: at(4, 0)}
				s.Pages = append(s.Pages[:1:1], incident.Page{Level: 4, Target: "ceo", Round: 1, Person: nadia, At: at(4, 0), Status: incident.PageSent},
					incident.Page{Level: 4, Target: "compliance", Round: 1, Person: olga, At: at(4, 0), Status: incident.PageSent})
				s.Progress, s.Runbooks = incident.Said{}, nil
			})
			return src(st, "escalation", &incident.LevelRaised{Level: 4, Round: 1, Why: incident.WhyNotMitigated, Since: at(3, 30)}, tocsin, 4, 0)
		}},
		{name: "escalation-answered", view: "escalation", source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) { s.Pages[2].Status = incident.PageAnswered })
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "escalation-level-two-silent", view: "escalation", pings: []string{"U0NADIA"}, source: func(l string) Source {
			return src(silent(l), "escalation", &incident.LevelRaised{Level: 3, Round: 1, Why: incident.WhyNotAcknowledged, Since: at(3, 30), Deadline: "accept/2/1"}, tocsin, 3, 35)
		}},
		{name: "escalation-backup-silent", view: "escalation", pings: []string{"U0MARC"}, source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) { s.Ladder.Why = incident.WhyNotAcknowledged })
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNotAcknowledged, Since: at(3, 12), Deadline: "accept/1/1"}, tocsin, 3, 30)
		}},
		{name: "escalation-restart", view: "escalation", source: func(l string) Source {
			st := edited(unacked(l), func(s *incident.State) {
				s.Ladder = incident.Ladder{Level: 1, Round: 2, Since: at(3, 50)}
				s.Pages[0].At, s.Pages[0].Round = at(3, 50), 2
			})
			return src(st, "escalation", &incident.LevelRaised{Level: 1, Round: 2, Why: incident.WhyNotAcknowledged, Since: at(3, 40), Deadline: "restart/4/1"}, tocsin, 3, 50)
		}, pings: []string{"U0LEA"}},
		{name: "escalation-answered-before", view: "escalation", source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) {
				s.Ladder.AcceptedAt, s.Ladder.AcceptedBy = at(3, 30), marc
				s.Pages[2].At, s.Pages[2].Why, s.Pages[2].Status, s.Pages[2].AnsweredAt = at(3, 8), incident.WhySeverity, incident.PageAnswered, at(3, 10)
				s.Pages[2].SentAt = at(3, 8)
			})
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "escalation-answered-unrung", view: "escalation", source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) {
				s.Ladder.AcceptedAt, s.Ladder.AcceptedBy = at(3, 30), marc
				s.Pages[2].At, s.Pages[2].Why, s.Pages[2].Status, s.Pages[2].AnsweredAt = at(3, 8), incident.WhySeverity, incident.PageAnswered, at(3, 10)
			})
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "escalation-owed-before", view: "escalation", pings: []string{"U0MARC"}, source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) {
				s.Pages[2].At, s.Pages[2].Why, s.Pages[2].Status, s.Pages[2].Round = at(3, 8), incident.WhySeverity, incident.PageOwed, 7
			})
			return src(st, "escalation", &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress, Since: at(3, 15)}, tocsin, 3, 30)
		}},
		{name: "headline-parked", view: "headline", source: func(l string) Source {
			s := src(unacked(l), "headline", nil, tocsin, 3, 20)
			s.Deadlines = []incident.Deadline{{Name: incident.DueParked, Due: at(9, 0), Next: "primary"}}
			return s
		}},
		{name: "headline-quiet", view: "headline", source: func(l string) Source {
			s := src(unacked(l), "headline", nil, tocsin, 3, 20)
			s.Deadlines = []incident.Deadline{{Name: incident.DueReview, Due: at(9, 0), Next: "primary"}, {Name: incident.DueTake, Due: at(9, 0), Next: "primary"}}
			return s
		}},
		{name: "headline-rung-already", view: "headline", source: plain("headline", rungAlready)},
		{name: "headline-stuck", view: "headline", source: plain("headline", stuck)},
		{name: "headline-never-rung", view: "headline", source: plain("headline", func(l string) incident.State {
			return edited(stuck(l), func(s *incident.State) { s.Pages = s.Pages[2:]; s.Pages[0].Status = incident.PageClosed })
		})},
		{name: "page-stuck", view: "page-stuck", pings: []string{"U0LEA"}, source: func(l string) Source {
			return src(stuck(l), "page-stuck", &incident.PageChanged{Key: "L2/1/tech_lead/U0MARC", Status: incident.PageOwed, Stuck: true}, tocsin, 3, 31)
		}},
		{name: "page-stuck-own", view: "page-stuck", source: func(l string) Source { // it is the commander's phone, and no number is known
			st := edited(stuck(l), func(s *incident.State) { s.Pages[2].Person, s.Pages[2].Target = lea, "secondary" })
			return src(st, "page-stuck", &incident.PageChanged{Key: "L2/1/tech_lead/U0MARC", Status: incident.PageOwed, Stuck: true}, tocsin, 3, 31)
		}},
		{name: "page-through", view: "page-through", source: func(l string) Source {
			st := edited(stuck(l), func(s *incident.State) { s.Pages[2].Status, s.Pages[2].SentAt = incident.PageSent, at(3, 41) })
			return src(st, "page-through", &incident.PageChanged{Key: "L2/1/tech_lead/U0MARC", Status: incident.PageSent}, tocsin, 3, 41)
		}},
		{name: "warn-rung-already", view: "warn", source: func(l string) Source {
			st := rungAlready(l)
			return src(st, "warn", &incident.Warned{Deadline: progressKey(st), Due: at(3, 45), Who: []incident.Person{lea}}, tocsin, 3, 42)
		}},
		{name: "ladder-end", view: "ladder-end", source: func(l string) Source {
			st := edited(unacked(l), func(s *incident.State) {
				s.Ladder = incident.Ladder{Level: 4, Round: 1, Since: at(3, 40), Exhausted: true}
			})
			return src(st, "ladder-end", &incident.Missed{Name: incident.LadderEnd, Due: at(3, 40), Count: 1}, tocsin, 3, 40)
		}},
		{name: "warn-progress", view: "warn", source: func(l string) Source {
			st := running(l)
			return src(st, "warn", &incident.Warned{Deadline: progressKey(st), Due: at(3, 45), Who: []incident.Person{lea}}, tocsin, 3, 42)
		}},
		{name: "warn-progress-no-more-time", view: "warn", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) { s.Ladder.MoreTime = 15 * time.Minute })
			return src(st, "warn", &incident.Warned{Deadline: progressKey(st), Due: at(4, 0), Who: []incident.Person{lea}}, tocsin, 3, 57)
		}},
		{name: "warn-acknowledge", view: "warn", source: func(l string) Source {
			st := unacked(l)
			return src(st, "warn", &incident.Warned{Deadline: keyOf(st, incident.DueAck), Due: at(3, 12), Who: []incident.Person{lea}}, tocsin, 3, 9)
		}},
		{name: "warn-update", view: "warn", source: func(l string) Source {
			st := running(l)
			return src(st, "warn", &incident.Warned{Deadline: keyOf(st, incident.DueUpdate), Due: at(3, 23), Who: []incident.Person{lea}}, tocsin, 3, 20)
		}},
		{name: "standdown-resolved", view: "standdown", source: func(l string) Source {
			return arg(src(over(l, incident.Resolved), "standdown", &incident.PageChanged{Key: "L1/1/cto/U0NADIA", Status: incident.PageClosed, Why: incident.WhyResolved, StandDown: true}, tocsin, 3, 41), incident.WhyResolved)
		}},
		{name: "standdown-cancelled", view: "standdown", source: func(l string) Source {
			return arg(src(over(l, incident.Cancelled), "standdown", &incident.PageChanged{Key: "L1/1/cto/U0NADIA", Status: incident.PageClosed, Why: incident.WhyCancelled, StandDown: true}, tocsin, 3, 41), incident.WhyCancelled)
		}},
		{name: "standdown-taken", view: "standdown", source: func(l string) Source {
			return src(running(l), "standdown", &incident.PageChanged{Key: "L1/1/cto/U0NADIA", Status: incident.PageClosed, Why: incident.WhyTaken, StandDown: true}, tocsin, 3, 10)
		}},
		{name: "standdown-lowered", view: "standdown", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) { s.Severity = 3 })
			return src(st, "standdown", &incident.PageChanged{Key: "L1/1/cto/U0NADIA", Status: incident.PageClosed, Why: incident.WhyLowered, StandDown: true}, tocsin, 3, 10)
		}},
		{name: "standdown-keeps-role", view: "standdown", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				s.Severity = 3
				s.Roles = map[incident.Role]incident.Holding{incident.Comms: {Who: nadia}}
			})
			out := src(st, "standdown", &incident.PageChanged{Key: "L1/1/cto/U0NADIA", Status: incident.PageClosed, Why: incident.WhyLowered, StandDown: true}, tocsin, 3, 10)
			out.Owed.Effect.People = []incident.Person{nadia}
			return out
		}},
		{name: "told", view: "told", source: func(l string) Source {
			return src(running(l), "told", &incident.Told{Targets: []string{"ceo"}, Who: []incident.Person{nadia}, Why: "severity"}, tocsin, 3, 8)
		}},
		{name: "paged", view: "paged", source: func(l string) Source {
			return onPage(src(unacked(l), "paged", nil, tocsin, 3, 7), "L1/1/primary/U0LEA")
		}},
		{name: "paged-no-deadline", view: "paged", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				s.Pages = append(s.Pages[:2:2], incident.Page{Key: "asked/1", Target: "secondary", Person: marc, By: lea, Round: 1, Why: incident.WhyAsked, Status: incident.PageSent, At: at(3, 17)})
			})
			return onPage(src(st, "paged", nil, tocsin, 3, 17), "asked/1")
		}},
		{name: "impact-ask", view: "impact-ask", pings: []string{"U0LEA"}, source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				p := *s.Policy
				r := p.Severities[1]
				r.ImpactWithin = 15 * time.Minute
				p.Severities = map[incident.Severity]incident.SeverityRule{1: r}
				p.Ladder = slices.Clone(p.Ladder)
				p.Ladder[3].On = incident.LevelOnImpact
				s.Policy, s.ImpactAskedAt = &p, at(3, 10)
			})
			return src(st, "impact-ask", &incident.ImpactAsked{}, tocsin, 3, 10)
		}},
		{name: "handed-on", view: "handed-on", source: func(l string) Source {
			st := unacked(l)
			return arg(src(st, "handed-on", &incident.HandedOn{Page: st.Pages[0].Key, Who: marc}, by(lea), 3, 8), st.Pages[0].Key)
		}},
		{name: "awaited", view: "awaited", source: func(l string) Source {
			return src(running(l), "awaited", &incident.AlertsSeen{Set: incident.AlertSet{Group: "b", Name: "BackupFailed", Firing: 1}, New: true, Awaited: "RB-017"}, incident.Actor{System: incident.SystemAlertmanager}, 3, 50)
		}},
		{name: "parked", view: "parked", source: func(l string) Source {
			f := &incident.Parked{Until: at(9, 0), Owner: marc, Reason: incident.Text{Body: "the supplier answers in the morning"}}
			st := edited(running(l), func(s *incident.State) { s.Parked = &incident.Parking{Until: f.Until, Owner: f.Owner} })
			return src(st, "parked", f, by(lea), 3, 20)
		}},
		{name: "resumed", view: "resumed", source: func(l string) Source {
			return src(running(l), "resumed", &incident.Resumed{Why: incident.ResumedAsked}, by(lea), 3, 20)
		}},
		{name: "resumed-firing", view: "resumed", source: func(l string) Source {
			return src(running(l), "resumed", &incident.Resumed{Why: incident.ResumedFiring}, tocsin, 3, 20)
		}},
		{name: "recovered", view: "recovered", source: func(l string) Source {
			st := edited(unacked(l), func(s *incident.State) { s.Severity, s.RecoveredAt = 2, at(3, 9) })
			return src(st, "recovered", &incident.Recovered{}, tocsin, 3, 9)
		}},
		{name: "recovered-rings", view: "recovered", source: func(l string) Source {
			st := edited(unacked(l), func(s *incident.State) {
				p := *s.Policy
				r := p.Severities[1]
				r.RingOn = true
				p.Severities = map[incident.Severity]incident.SeverityRule{1: r}
				s.Policy, s.Severity, s.RecoveredAt = &p, 1, at(3, 9)
			})
			return src(st, "recovered", &incident.Recovered{}, tocsin, 3, 9)
		}},
		{name: "alerts-over", view: "alerts-over", pings: []string{"U0LEA"}, source: func(l string) Source {
			return src(running(l), "alerts-over", &incident.AlertsSeen{}, tocsin, 3, 20)
		}},
		{name: "take-due", view: "take-due", source: func(l string) Source {
			st := edited(unacked(l), func(s *incident.State) { s.Severity = 4 })
			return src(st, "take-due", &incident.Missed{Name: incident.DueTake, Due: at(9, 0), Count: 1}, tocsin, 9, 0)
		}},
		{name: "role-ask", view: "role-ask", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) { s.CommsAsk = incident.Ask{At: at(3, 9), Stage: 1} })
			return src(st, "role-ask", &incident.RoleAsked{Role: incident.Comms, Who: []incident.Person{lea}, Why: "declared"}, tocsin, 3, 9)
		}},
		{name: "role-ask-taken", view: "role-ask", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				s.Roles = map[incident.Role]incident.Holding{incident.Comms: {Who: marc}}
			})
			return src(st, "role-ask", &incident.RoleAsked{Role: incident.Comms, Who: []incident.Person{lea}, Why: "nobody-answered"}, tocsin, 3, 19)
		}},
		{name: "severity-raised", view: "severity", source: func(l string) Source {
			return src(running(l), "severity", &incident.SeveritySet{Severity: 1, Was: 2, Confirmed: true, Reason: incident.Text{Body: "30 % of tenants cannot pay"}}, by(lea), 3, 12)
		}},
		{name: "severity-lowered", view: "severity", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) { s.Severity = 4 })
			return src(st, "severity", &incident.SeveritySet{Severity: 4, Was: 1, Confirmed: true, Reason: incident.Text{Body: "only the test tenant"}}, by(lea), 3, 12)
		}},
		{name: "severity-timeout", view: "severity", source: func(l string) Source {
			return src(running(l), "severity", &incident.SeveritySet{Severity: 1, Was: 1, Confirmed: true, Rule: "unconfirmed-timeout"}, tocsin, 3, 17)
		}},
		{name: "severity-by-alert", view: "severity", source: func(l string) Source {
			return src(edited(running(l), func(s *incident.State) { s.Confirmed = false }), "severity", &incident.SeveritySet{Severity: 1, Was: 2, Rule: "alert MassBiometricFailure"}, incident.Actor{System: incident.SystemAlertmanager}, 3, 12)
		}},
		{name: "headline-storm", view: "headline", source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				s.Title, s.Service = incident.Text{Body: catalog.Word(l, "storm.title")}, ""
				s.Rest = map[string]incident.RestAlert{"a": {Firing: 1}, "b": {}}
				s.Storm = &incident.Storm{Groups: 23, Services: map[string]int{"checkout": 11, "kyc-svc": 7, "ocr": 2, "": 3}, LastAt: at(3, 19)}
				for i, service := range []string{"checkout", "kyc-svc", "kyc-svc"} {
					s.Alerts = append(s.Alerts, incident.AlertSet{Group: fmt.Sprint("g", i), Name: "ApiErrorRateHigh", Service: service, Firing: 1})
				}
			})
			return src(st, "headline", nil, tocsin, 3, 20)
		}},
		{name: "merged", view: "merged", source: func(l string) Source {
			return src(duplicate(l), "merged", &incident.MergedInto{Into: "INC-41"}, by(lea), 3, 41)
		}},
		{name: "headline-duplicate", view: "headline", source: func(l string) Source { return src(duplicate(l), "headline", nil, tocsin, 3, 41) }},
		{name: "announcement-duplicate", view: "announcement", source: func(l string) Source { return src(duplicate(l), "announcement", nil, tocsin, 3, 41) }},
		{name: "absorbed", view: "absorbed", source: func(l string) Source {
			s := src(running(l), "absorbed", &incident.Absorbed{From: "INC-43"}, by(lea), 3, 41)
			s.Owed.Effect.Arg = "INC-43"
			return s
		}},
		{name: "split-off", view: "split-off", source: func(l string) Source {
			return src(running(l), "split-off", &incident.SplitOff{Into: "INC-44", Name: "kyc-svc", Groups: 7}, by(lea), 3, 41)
		}},
		{name: "update", view: "update", source: func(l string) Source {
			return src(running(l), "update", &incident.UpdatePosted{Text: incident.Text{Body: "Payments fail for some customers.\nWe roll a release back."}, Next: at(3, 50)}, by(marc), 3, 20)
		}},
		{name: "update-announced", view: "update", source: func(l string) Source {
			s := src(running(l), "update", &incident.UpdatePosted{Text: incident.Text{Body: "Payments fail for some customers."}}, by(marc), 3, 20)
			s.Owed.Effect.To = incident.ToIncidents
			return s
		}},
		{name: "update-missed", view: "update-missed", pings: []string{"U0LEA"}, source: func(l string) Source {
			st := edited(running(l), missedUpdate(1, 3, 23))
			return src(st, "update-missed", &incident.Missed{Name: incident.DueUpdate, Due: at(3, 23), Count: 1}, tocsin, 3, 23)
		}},
		{name: "update-missed-twice", view: "update-missed", pings: []string{"U0LEA"}, source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				missedUpdate(2, 3, 53)(s)
				s.Pages = append(s.Pages[:2:2], incident.Page{Target: "secondary", Round: 1, Why: incident.WhyUpdateMissed, Status: incident.PageSent, At: at(3, 53)})
			})
			return src(st, "update-missed", &incident.Missed{Name: incident.DueUpdate, Due: at(3, 53), Count: 2}, tocsin, 3, 53)
		}},
		{name: "update-missed-nobody", view: "update-missed", source: func(l string) Source {
			return src(edited(running(l), func(s *incident.State) { s.Roles = nil; missedUpdate(1, 3, 23)(s) }), "update-missed", &incident.Missed{Name: incident.DueUpdate, Due: at(3, 23), Count: 1}, tocsin, 3, 23)
		}},
		{name: "commander-missing", view: "commander-missing", pings: []string{"U0MARC"}, source: func(l string) Source {
			st := edited(running(l), func(s *incident.State) {
				s.Roles, s.VacantAt = nil, at(3, 12)
				s.Pages = append(s.Pages[:2:2], incident.Page{Target: "secondary", Person: marc, Round: 1, Why: incident.WhyNoCommander, Status: incident.PageOwed, At: at(3, 17)})
			})
			return src(st, "commander-missing", &incident.Missed{Name: incident.DueCommander, Due: at(3, 17), Count: 1}, tocsin, 3, 17)
		}},
		{name: "resolved", view: "resolved", source: func(l string) Source {
			return src(over(l, incident.Resolved), "resolved", &incident.ResolvedFact{Text: incident.Text{Body: "Rolled kyc-svc back to 4.11."}}, by(lea), 3, 41)
		}},
		{name: "resolved-pagerduty", view: "resolved", source: func(l string) Source {
			return src(over(l, incident.Resolved), "resolved", &incident.ResolvedFact{Why: "pagerduty"}, by(olga), 3, 41)
		}},
		{name: "cancelled", view: "cancelled", source: func(l string) Source {
			return src(over(l, incident.Cancelled), "cancelled", &incident.CancelledFact{Reason: incident.Text{Body: "load test on the wrong environment"}}, by(lea), 3, 41)
		}},
		{name: "reopened", view: "reopened", source: func(l string) Source {
			return src(edited(running(l), func(s *incident.State) { s.Reopens = 1 }), "reopened", &incident.Reopened{Reason: incident.Text{Body: "errors are back"}}, by(marc), 3, 20)
		}},
		{name: "page-failed", view: "page-failed", pings: []string{"U0LEA"}, source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) { s.Pages[2].Status = incident.PageFailed })
			return src(st, "page-failed", &incident.PageChanged{Key: "L2/1/tech_lead/U0MARC", Status: incident.PageFailed, Error: "400 invalid routing key"}, tocsin, 3, 30)
		}},
		{name: "page-failed-duty", view: "page-failed", pings: []string{"U0LEA"}, source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) {
				s.DutyPages = []incident.Page{{Key: "k", Obligation: "customer_notice", Why: incident.WhyObligation, Target: "cto", Person: marc, Status: incident.PageFailed}}
			})
			return src(st, "page-failed", &incident.PageChanged{Key: "k", Status: incident.PageFailed, Error: "400 invalid routing key"}, tocsin, 3, 30)
		}},
		{name: "late", view: "late", source: func(l string) Source {
			st := edited(raised(l), func(s *incident.State) {
				s.Ladder.AcceptedAt, s.Ladder.AcceptedBy, s.Pages[2].SentAt = at(3, 33), marc, at(3, 30)
			})
			return src(st, "late", &incident.LatePosts{From: at(3, 25), To: at(3, 45), Effects: []incident.EffectID{"INC-42/18/post/escalation", "INC-42/19/post/update"}}, tocsin, 3, 45)
		}},
		{name: "late-quiet", view: "late", source: func(l string) Source {
			return src(running(l), "late", &incident.LatePosts{From: at(4, 25), To: at(4, 45)}, tocsin, 4, 45)
		}},
	}, slices.Concat(obligationScenes(), privateScenes(), alertScenes(), parameterScenes(), clockScenes(), stepScenes())...)
}

func missedUpdate(n, h, m int) func(*incident.State) {
	return func(s *incident.State) {
		s.Missed, s.MissedAt = map[string]int{incident.DueUpdate: n}, map[string]time.Time{incident.DueUpdate: at(h, m)}
	}
}

func keyOf(st incident.State, name string) string {
	for _, d := range incident.Deadlines(st) {
		if d.Name == name {
			return d.Key
		}
	}
	return name + "/0"
}

func TestGoldens(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		for _, sc := range scenes() {
			c, err := Render(sc.source(lang))
			if err != nil {
				t.Fatalf("%s in %s: %v", sc.name, lang, err)
			}
			fmt.Fprintf(&b, "### %s\n", sc.name)
			fmt.Fprintf(&b, "(%s)\n", c.Summary.Plain(tunis))
			if len(c.Blocks) > 0 {
				b.WriteString(Plain(c, tunis))
			}
			b.WriteString("\n")
		}
		golden(t, "views."+lang+".txt", b.String())
	}
}

// golden compares with testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateGoldens {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run go test ./bot/view -update", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		var x, y string
		if i < len(g) {
			x = g[i]
		}
		if i < len(w) {
			y = w[i]
		}
		if x != y {
			t.Fatalf("%s:%d\n got %q\nwant %q\nIf the change is meant: go test ./bot/view -update", path, i+1, x, y)
		}
	}
}
