package sandbox

import (
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// Role keys of the cast, as in policies.
const (
	Primary           = "primary"
	Secondary         = "secondary"
	TechLead          = "tech_lead"
	CTO               = "cto"
	CEO               = "ceo"
	ComplianceOfficer = "compliance_officer"
)

// Member is one person of the cast, in Slack and in PagerDuty.
type Member struct {
	Role        string `json:"role"`  // role key; empty for bystanders
	Title       string `json:"title"` // what people call the role
	Name        string `json:"name"`
	Handle      string `json:"handle"` // in Slack
	SlackID     string `json:"slack_id"`
	PagerDutyID string `json:"pagerduty_id"` // empty for who has no phone there
	Email       string `json:"email"`        // the same in both
	TimeZone    string `json:"tz"`
	RoutingKey  string `json:"routing_key,omitempty"` // pages this person and nobody else
	ServiceID   string `json:"service_id,omitempty"`  // the service behind that key
	PolicyID    string `json:"escalation_policy_id,omitempty"`
	phone       string
}

// Where the monitoring sends its alerts, and who is on call for it.
const (
	ProductionKey       = "tocsin0sandbox0production0000000" // routing key of the production service
	ProductionServiceID = "PSVPROD"
	ProductionService   = "VitaKYC production"
	ProductionPolicyID  = "PEPPROD"
	PrimaryScheduleID   = "PSCPRIM"
	SecondaryScheduleID = "PSCSECO"
)

func cast() []Member {
	key := func(name string) string { return ("tocsin0sandbox0" + name + "00000000000000000")[:32] }
	return []Member{
		{Role: Primary, Title: "On-call engineer", Name: "Marc Lindqvist", Handle: "marc", SlackID: "U0SBXMARC", PagerDutyID: "PMARCL1", Email: "marc.lindqvist@vitakyc.example", TimeZone: "Europe/Paris", RoutingKey: key("primary"), ServiceID: "PSVPRIM", PolicyID: "PEPPRIM", phone: "+33 6 00 00 00 01"},
		{Role: Secondary, Title: "Secondary", Name: "Ines Haddad", Handle: "ines", SlackID: "U0SBXINES", PagerDutyID: "PINESH2", Email: "ines.haddad@vitakyc.example", TimeZone: "Africa/Tunis", RoutingKey: key("secondary"), ServiceID: "PSVSECO", PolicyID: "PEPSECO", phone: "+216 20 000 002"},
		{Role: TechLead, Title: "Tech lead", Name: "Tomás Rey", Handle: "tomas", SlackID: "U0SBXTOMAS", PagerDutyID: "PTOMASR", Email: "tomas.rey@vitakyc.example", TimeZone: "Europe/Madrid", RoutingKey: key("techlead"), ServiceID: "PSVLEAD", PolicyID: "PEPLEAD", phone: "+34 600 000 003"},
		{Role: CTO, Title: "CTO", Name: "Amel Bensalem", Handle: "amel", SlackID: "U0SBXAMEL", PagerDutyID: "PAMELB4", Email: "amel.bensalem@vitakyc.example", TimeZone: "Africa/Tunis", RoutingKey: key("cto"), ServiceID: "PSVCTO0", PolicyID: "PEPCTO0", phone: "+216 20 000 004"},
		{Role: CEO, Title: "CEO", Name: "Viktor Stahl", Handle: "viktor", SlackID: "U0SBXVIKTOR", PagerDutyID: "PVIKTOR", Email: "viktor.stahl@vitakyc.example", TimeZone: "Europe/Berlin", RoutingKey: key("ceo"), ServiceID: "PSVCEO0", PolicyID: "PEPCEO0", phone: "+49 150 0000005"},
		{Role: ComplianceOfficer, Title: "Compliance officer", Name: "Lucie Garnier", Handle: "lucie", SlackID: "U0SBXLUCIE", PagerDutyID: "PLUCIEG", Email: "lucie.garnier@vitakyc.example", TimeZone: "Europe/Paris", RoutingKey: key("compliance"), ServiceID: "PSVCOMP", PolicyID: "PEPCOMP", phone: "+33 6 00 00 00 06"},
		{Title: "Support", Name: "Nadia Cole", Handle: "nadia", SlackID: "U0SBXNADIA", Email: "nadia.cole@vitakyc.example", TimeZone: "Europe/London"},
		{Title: "SRE", Name: "Jonas Weber", Handle: "jonas", SlackID: "U0SBXJONAS", PagerDutyID: "PJONASW", Email: "jonas.weber@vitakyc.example", TimeZone: "America/New_York", phone: "+1 555 0100008"},
	}
}

func workspaceOptions(o Options, members []Member) workspace.Options {
	w := workspace.Options{
		Clock: o.Clock, TeamName: "VitaKYC", Domain: "vitakyc", Seed: o.Seed, NoRateLimits: o.NoRateLimits, Latency: o.Latency,
		Channels: []workspace.ChannelSpec{
			{Name: "general", Purpose: "Company-wide announcements"},
			{Name: "incidents", Purpose: "Every incident is announced here"},
			{Name: "ops-alerts", Purpose: "What the monitoring says"},
		},
		Apps: []workspace.App{{Name: o.AppName, BotToken: o.BotToken, AppToken: o.AppToken, Commands: o.Commands, EscapeCommands: true, Channels: []string{"general", "incidents", "ops-alerts"}}},
	}
	for _, m := range members {
		w.Users = append(w.Users, workspace.User{ID: m.SlackID, Name: m.Handle, RealName: m.Name, Email: m.Email, TZ: m.TimeZone, Admin: m.Role == CTO})
	}
	return w
}

func pagerOptions(o Options, members []Member, token string) pager.Options {
	const delay = 5 * time.Minute
	p := pager.Options{
		Clock: o.Clock, APIToken: token, Webhooks: o.Webhooks, WebhookTransport: o.WebhookTransport,
		Priorities: []pager.Priority{{ID: "PPRIO01", Name: "P1"}, {ID: "PPRIO02", Name: "P2"}, {ID: "PPRIO03", Name: "P3"}, {ID: "PPRIO04", Name: "P4"}},
		Schedules: []pager.Schedule{
			{ID: PrimaryScheduleID, Name: "Primary on call", TimeZone: "Europe/Paris", Users: []string{members[0].PagerDutyID}},
			{ID: SecondaryScheduleID, Name: "Secondary on call", TimeZone: "Europe/Paris", Users: []string{members[1].PagerDutyID}},
		},
		EscalationPolicies: []pager.EscalationPolicy{{ID: ProductionPolicyID, Name: "Production", Levels: []pager.Level{
			{Targets: []pager.Target{{ScheduleID: PrimaryScheduleID}}, Delay: delay},
			{Targets: []pager.Target{{ScheduleID: SecondaryScheduleID}}, Delay: 2 * delay},
		}}},
		Services: []pager.Service{{ID: ProductionServiceID, Name: ProductionService, EscalationPolicyID: ProductionPolicyID, Integrations: []pager.Integration{{ID: "PINPROD", Name: "Prometheus", Key: ProductionKey}}}},
	}
	for _, m := range members {
		if m.PagerDutyID != "" {
			p.Users = append(p.Users, pager.User{ID: m.PagerDutyID, Name: m.Name, Email: m.Email, Phone: m.phone, TimeZone: m.TimeZone, JobTitle: m.Title})
		}
		if m.RoutingKey == "" {
			continue
		}
		target := pager.Target{UserID: m.PagerDutyID}
		switch m.Role { // who is on call may change: those two pages follow the rota
		case Primary:
			target = pager.Target{ScheduleID: PrimaryScheduleID}
		case Secondary:
			target = pager.Target{ScheduleID: SecondaryScheduleID}
		}
		p.EscalationPolicies = append(p.EscalationPolicies, pager.EscalationPolicy{ID: m.PolicyID, Name: "Page " + m.Title, Levels: []pager.Level{{Targets: []pager.Target{target}, Delay: delay}}})
		p.Services = append(p.Services, pager.Service{ID: m.ServiceID, Name: "Page " + m.Title, EscalationPolicyID: m.PolicyID, Integrations: []pager.Integration{{ID: "PIN" + m.ServiceID[3:], Name: "Events API v2", Key: m.RoutingKey}}})
	}
	return p
}
