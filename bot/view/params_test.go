package view

import (
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

func parameterScenes() []scene {
	suggested := func(st func(string) incident.State, choices ...incident.Suggestion) func(string) Source {
		return func(l string) Source {
			s := Source{State: edited(st(l), func(s *incident.State) { s.Suggested = choices }), Zone: tunis, Now: at(3, 20)}
			s.Owed.Effect.View = incident.ViewSuggest
			return s
		}
	}
	pg := incident.Suggestion{Runbook: "RB-004", Title: "PostgreSQL connections exhausted", By: incident.ByAlert, Value: "PostgresConnectionsExhausted"}
	ocr := incident.Suggestion{Runbook: "RB-002", Title: "OCR service down", By: incident.ByService, Value: "ocr"}
	kafka := incident.Suggestion{Runbook: "RB-003", Title: "Kafka consumer lag", By: incident.ByWords, Value: "kafka"}
	led := incident.Suggestion{Runbook: "RB-005", Title: "Replication lag", By: incident.ByBranch, Value: "RB-004"}
	none := incident.Suggestion{Runbook: "RB-000", Title: "No runbook fits", By: incident.ByGeneric}
	step := func(change func(*Step)) func(string) Source {
		return func(l string) Source {
			st := *stepTwo
			change(&st)
			s := Source{State: running(l), Zone: tunis, Now: at(3, 20), Step: &st}
			s.Owed.Effect.View = incident.ViewStep
			return s
		}
	}
	return []scene{
		{name: "suggest", view: incident.ViewSuggest, source: suggested(running, pg, ocr, kafka, led)},
		{name: "suggest-generic", view: incident.ViewSuggest, source: suggested(running, none)},
		{name: "suggest-over", view: incident.ViewSuggest, source: suggested(func(l string) incident.State { return over(l, incident.Resolved) }, pg)},
		{name: "suggest-started", view: incident.ViewSuggest, source: suggested(running, incident.Suggestion{Runbook: "RB-001", Title: "API latency", By: incident.ByAlert, Value: "ApiHighLatencyP95"})},
		{name: "step-filled", view: incident.ViewStep, source: step(func(s *Step) { s.Asks, s.Commands = true, []string{"kubectl get deployment/kyc-svc"} })},
		{name: "step-unfit", view: incident.ViewStep, source: step(func(s *Step) {
			s.Asks, s.Missing, s.Unfit, s.Commands = true, []string{"tenant"}, []string{"svc"}, []string{"kubectl get deployment/{{svc}}", "SELECT * FROM cases WHERE tenant_id = {{tenant}}"}
		})},
	}
}

func parameterForms() []form {
	src := func(l string) Source { return Source{State: running(l), Zone: tunis} }
	return []form{
		{"parameters", func(l string) Form {
			return ParametersForm(src(l), []Parameter{
				{Name: "svc", What: "The service that leaks connections", InWords: "a Kubernetes name", Example: "kyc-svc", Value: "kyc-svc"},
				{Name: "tenant", What: "The tenant concerned", InWords: "a tenant's short name", Example: "alpha", Value: "beta", By: lea},
				{Name: "max_connections", What: "The new value", InWords: "a number from 10 to 9999", Example: "300", Unfit: "lots'; DROP TABLE x"},
			})
		}},
		{"parameters-step", func(l string) Form {
			return ParametersForm(src(l), []Parameter{
				{Name: "svc", What: "The service that leaks connections", InWords: "a Kubernetes name", Example: "kyc-svc", Value: "kyc-svc"},
				{Name: "tenant", What: "The tenant concerned", InWords: "a tenant's short name", Example: "alpha"},
				{Name: "max_connections", What: "The new value", InWords: "a number from 10 to 9999", Example: "300", Here: true},
			})
		}},
		{"parameters-none", func(l string) Form { return ParametersForm(src(l), nil) }},
		{"runbook-why", func(l string) Form {
			return RunbookForm(src(l), []RunbookChoice{{ID: "RB-004", Title: "PostgreSQL connections exhausted", By: incident.ByAlert, Value: "PostgresConnectionsExhausted"},
				{ID: "RB-002", Title: "OCR service down", By: incident.ByService, Value: "ocr"}, {ID: "RB-001", Title: "API latency"}}, nil)
		}},
	}
}

func parameterRefusals() []*incident.Refusal {
	return []*incident.Refusal{
		{Code: incident.RefusedNoParameter, Args: []string{"pod", "svc", "tenant"}}, {Code: incident.RefusedNoParameter, Args: []string{"pod"}},
		{Code: incident.RefusedParameterTwice, Args: []string{"svc"}}, {Code: incident.RefusedBadValue, Args: []string{"svc"}},
	}
}

// clocked is an incident with a runbook's clocks: one to come, one without a time, both with a condition.
func clocked(l string) incident.State {
	return edited(running(l), func(s *incident.State) {
		s.Runbooks[0].Ref.Clocks = []incident.RunbookClock{{ID: "delayed-webhook", Step: "db", What: "Webhook to the tenants", Who: "communications_lead"}}
		s.Duties = []incident.Duty{
			{Key: "delayed-webhook", Why: incident.BeginsRunbook, Clock: "RB-001/delayed-webhook", What: "Webhook to the tenants", When: "a case takes more than 10 minutes", Who: "communications_lead", From: at(3, 6), Due: at(3, 16), Next: at(3, 31), Reminded: 1},
			{Key: "fallback-off", Why: incident.BeginsRunbook, Clock: "RB-001/fallback-off", What: "Switch the fallback off again", Who: "incident_commander", From: at(3, 8)},
			{Key: "retry", Why: incident.BeginsRunbook, Response: true, Clock: "RB-001/retry", What: "Retry the submission", Who: "incident_commander", From: at(3, 10), Due: at(5, 10), Next: at(5, 10), Owner: marc},
		}
	})
}

func clockScenes() []scene {
	drawn := func(key string, fact incident.Fact, change func(*incident.State)) func(string) Source {
		return func(l string) Source {
			s := Source{State: edited(clocked(l), change), Zone: tunis, Now: at(3, 16)}
			s.Owed.Effect.View, s.Owed.Effect.Arg = incident.ViewObligation, key
			s.Event = incident.Event{Seq: 17, At: at(3, 16), RecordedAt: at(3, 16), Actor: tocsin, Fact: fact}
			return s
		}
	}
	same := func(*incident.State) {}
	yes := func(s *incident.State) {
		s.Answers = []incident.Answer{{Question: "delayed-webhook", Value: incident.AnswerYes, By: lea, At: at(3, 12)}}
	}
	remind := func(key string, due time.Time) incident.Fact {
		return &incident.ObligationReminded{Key: key, Due: due, Overdue: !due.IsZero(), Count: 1, Who: []incident.Person{lea}, Next: at(3, 31)}
	}
	card := func(change func(*Step)) func(string) Source {
		return func(l string) Source {
			st := *stepTwo
			change(&st)
			s := Source{State: clocked(l), Zone: tunis, Now: at(3, 12), Step: &st}
			s.Owed.Effect.View = incident.ViewStep
			return s
		}
	}
	return []scene{
		// The condition of the clock that step 3 settles is asked about where a finding leads there, and not before.
		{"step-clock-asked", incident.ViewStep, card(func(*Step) {}), nil},
		{"step-clock-later", incident.ViewStep, card(func(s *Step) { s.ID, s.Number, s.Branches = "which", 1, s.Branches[1:] }), nil},
		{"clock-begun", incident.ViewObligation, drawn("delayed-webhook", &incident.ObligationBegun{Key: "delayed-webhook"}, same), nil},
		{"clock-asked", incident.ViewObligation, drawn("delayed-webhook", remind("delayed-webhook", at(3, 16)), same), []string{"U0LEA"}},
		{"clock-missed", incident.ViewObligation, drawn("delayed-webhook", remind("delayed-webhook", at(3, 16)), yes), []string{"U0LEA"}},
		{"clock-already", incident.ViewObligation, drawn("delayed-webhook", remind("delayed-webhook", at(3, 16)), func(s *incident.State) {
			s.Duties[0].Alert, s.Duties[0].Reminded = "KycCaseDelayed", 0
		}), []string{"U0LEA"}},
		{"clock-open", incident.ViewObligation, drawn("fallback-off", &incident.ObligationBegun{Key: "fallback-off"}, same), nil},
		{"clock-open-asked", incident.ViewObligation, drawn("fallback-off", remind("fallback-off", time.Time{}), same), []string{"U0LEA"}},
		{"headline-clocks", incident.ViewHeadline, func(l string) Source {
			s := Source{State: clocked(l), Zone: tunis, Now: at(3, 20)}
			s.Owed.Effect.View = incident.ViewHeadline
			return s
		}, nil},
	}
}
