package view

import (
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
		{"parameters-none", func(l string) Form { return ParametersForm(src(l), nil) }},
		{"runbook-why", func(l string) Form {
			return RunbookForm(src(l), []RunbookChoice{{ID: "RB-004", Title: "PostgreSQL connections exhausted", By: incident.ByAlert, Value: "PostgresConnectionsExhausted"},
				{ID: "RB-002", Title: "OCR service down", By: incident.ByService, Value: "ocr"}, {ID: "RB-001", Title: "API latency"}})
		}},
	}
}

func parameterRefusals() []*incident.Refusal {
	return []*incident.Refusal{
		{Code: incident.RefusedNoParameter, Args: []string{"pod", "svc", "tenant"}}, {Code: incident.RefusedNoParameter, Args: []string{"pod"}},
		{Code: incident.RefusedParameterTwice, Args: []string{"svc"}}, {Code: incident.RefusedBadValue, Args: []string{"svc"}},
	}
}
