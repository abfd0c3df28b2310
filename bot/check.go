package bot

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/slack"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// Finding is something Check found, with what to do about it.
type Finding struct {
	Where string // file and line, variable, target or system
	What  string
	Mend  string
	Fatal bool // the bot would not start, or would fail somebody at 3 a.m.
}

// String puts a finding on one line.
func (f Finding) String() string {
	kind := "warning"
	if f.Fatal {
		kind = "error"
	}
	s := kind + ": "
	if f.Where != "" {
		s += f.Where + ": "
	}
	s += f.What
	if f.Mend != "" {
		s += "; " + f.Mend
	}
	return s
}

// Check looks at the configuration, the runbooks and, with tokens, at scopes and reachability. It changes nothing and rings nobody.
func Check(ctx context.Context, o Options) []Finding {
	var out []Finding
	add := func(fatal bool, where, what, mend string) { out = append(out, Finding{where, what, mend, fatal}) }

	var pol *policies
	var err error
	if len(o.PolicySource) > 0 {
		pol, err = parsePolicy("policy", o.PolicySource)
	} else {
		pol, err = readPolicy(o.Policy)
	}
	if err != nil {
		if faults, ok := err.(policy.Faults); ok {
			for _, f := range faults {
				add(true, "", f.Error(), "")
			}
		} else {
			add(true, "policy", err.Error(), "give the path of a policy file in TOCSIN_CONFIG, or leave it out for the embedded one")
		}
	} else {
		for _, f := range pol.file.Findings() {
			add(false, "", f.Error(), "")
		}
	}
	out = append(out, checkRunbooks(o, pol)...)
	if pol == nil {
		return out
	}
	p := &pol.file.Policy
	pager, err := pagerduty.NewClient(pagerduty.ClientOptions{APIURL: o.PagerAPIURL, EventsURL: o.PagerEventsURL, Token: o.PagerAPIToken, From: o.PagerFrom, Clock: clock.New()})
	if err != nil {
		add(true, "PagerDuty", err.Error(), "")
	} else {
		for _, f := range pager.Check(ctx, p, o.Secrets) {
			out = append(out, Finding(f))
		}
		pager.Close()
	}
	out = append(out, checkSlack(ctx, o, p)...)
	out = append(out, checkStore(ctx, o, p.Installation)...)
	if o.HTTPAddr == "" && o.PagerAPIToken == "" {
		add(false, "pages in", "there is neither a listener for webhooks nor a token to poll PagerDuty with: pages open no channel, and an acknowledgement on the phone is not seen", "set PAGERDUTY_API_TOKEN, or TOCSIN_HTTP_ADDR and PAGERDUTY_WEBHOOK_SECRET")
	}
	if len(o.PagerWebhookSecrets) > 0 && o.HTTPAddr == "" {
		add(false, "PAGERDUTY_WEBHOOK_SECRET", "is set, and nothing listens for the webhook", "set TOCSIN_HTTP_ADDR, for example :8080")
	}
	if o.AlertmanagerToken != "" && o.HTTPAddr == "" {
		add(false, "ALERTMANAGER_TOKEN", "is set, and nothing listens for Alertmanager", "set TOCSIN_HTTP_ADDR, for example :8080")
	}
	return out
}

// responderRoles are the roles a runbook may name beside the policy's targets.
var responderRoles = []string{"incident_commander", "communications_lead", "scribe", "legal", "customer_success", "tenant_compliance_officer", "tenant_dpo"}

func checkRunbooks(o Options, pol *policies) []Finding {
	var out []Finding
	layers := []runbooks.Layer{runbooks.Embedded()}
	if o.Runbooks != "" {
		layers = append(layers, runbooks.Layer{Name: o.Runbooks, FS: os.DirFS(o.Runbooks)})
	}
	cat, err := runbooks.Load(layers...)
	if err != nil {
		if ps, ok := err.(runbooks.Problems); ok {
			for _, p := range ps {
				out = append(out, Finding{What: p.Error(), Fatal: true})
			}
		} else {
			out = append(out, Finding{Where: "runbooks", What: err.Error(), Fatal: true})
		}
	}
	lint := runbooks.LintOptions{Roles: slices.Clone(responderRoles), Today: time.Now()}
	if pol != nil {
		lint.Roles = append(lint.Roles, slices.Sorted(maps.Keys(pol.file.Policy.Targets))...)
		lint.Alerts = slices.Sorted(maps.Keys(pol.file.Policy.Alerts))
	}
	embedded := map[string]bool{} // whose files an operator cannot edit: what they name beyond this policy is no fault of either
	for _, r := range cat.All() {
		if r.Layer == runbooks.EmbeddedLayer {
			embedded[r.File] = true
		}
	}
	var bare []string
	for _, f := range runbooks.Lint(cat, lint) {
		switch {
		case embedded[f.File] && (f.Rule == "unknown-alert" || f.Rule == "unknown-role"):
		case f.Rule == "alert-without-runbook":
			bare = append(bare, f.Message)
		default:
			out = append(out, Finding{What: f.String()})
		}
	}
	if len(bare) > 0 {
		out = append(out, Finding{Where: "policy", What: fmt.Sprintf("%d alerts have no runbook and get the generic one: %s", len(bare), strings.Join(bare, "; ")), Mend: "write one in TOCSIN_RUNBOOKS (runbooks/FORMAT.md), where it is worth it"})
	}
	return out
}

func checkSlack(ctx context.Context, o Options, p *incident.Policy) []Finding {
	if o.SlackBotToken == "" || o.SlackAppToken == "" {
		var missing []string
		if o.SlackBotToken == "" {
			missing = append(missing, "SLACK_BOT_TOKEN")
		}
		if o.SlackAppToken == "" {
			missing = append(missing, "SLACK_APP_TOKEN")
		}
		return []Finding{{"Slack", strings.Join(missing, " and ") + " not set: Slack was not looked at", "create the app from deploy/slack/manifest.yaml and copy its tokens", true}}
	}
	c, err := slack.NewClient(slack.ClientOptions{BotToken: o.SlackBotToken, AppToken: o.SlackAppToken, APIURL: o.SlackAPIURL, Clock: clock.New()})
	if err != nil {
		return []Finding{{"Slack", err.Error(), "", true}}
	}
	id, err := c.Identity(ctx)
	if err != nil {
		return []Finding{{"Slack", strings.TrimPrefix(err.Error(), "Slack: "), "", true}}
	}
	var out []Finding
	for _, need := range slack.Scopes() {
		if len(id.Scopes) > 0 && !slices.Contains(id.Scopes, need.Name) {
			out = append(out, Finding{"Slack", "the app lacks the scope " + need.Name + " (" + need.For + ")", "add it under OAuth & Permissions and reinstall the app", !need.Optional})
		}
	}
	people := slack.NewDirectory(c, clock.New())
	for _, key := range slices.Sorted(maps.Keys(p.Targets)) {
		for _, mail := range p.Targets[key].People {
			if _, err := people.ByEmail(ctx, mail); err != nil {
				out = append(out, Finding{"policy target " + key, "no Slack user was found for " + mail + ": " + err.Error(), "correct the address, or invite them; until then they get no direct message", true})
			}
		}
	}
	return out
}

func checkStore(ctx context.Context, o Options, installation string) []Finding {
	if o.RedisURL == "" {
		return nil
	}
	s, err := redis.Open(ctx, o.RedisURL, redis.Options{Installation: installation, Dialer: o.Dial})
	if err != nil {
		return []Finding{{"Redis", err.Error(), "check REDIS_URL and that the server runs", true}}
	}
	defer s.Close()
	var out []Finding
	for _, f := range s.Check(ctx) {
		out = append(out, Finding{"Redis", f.What, f.Mend, f.Serious})
	}
	return out
}
