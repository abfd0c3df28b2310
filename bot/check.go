package bot

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/slack"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// Finding is something Check found, with what to do about it, in the words of the language that was asked for.
type Finding struct {
	Where string // file and line, variable, target or system; may be empty
	What  string
	Mend  string // may be empty where What says it
	Fatal bool   // the bot would not start, or would fail somebody at 3 a.m.
}

// String puts a finding on one line, in English but for the finding's own words.
func (f Finding) String() string { return f.In(catalog.English) }

// In puts a finding on one line.
func (f Finding) In(lang string) string {
	kind := "check.warning"
	if f.Fatal {
		kind = "check.error"
	}
	colon, semicolon := ": ", "; "
	if catalog.Language(lang) == catalog.French {
		colon, semicolon = "\u00a0: ", "\u00a0; "
	}
	s := catalog.Word(lang, kind) + colon
	if f.Where != "" {
		s += f.Where + colon
	}
	s += f.What
	if f.Mend != "" {
		s += semicolon + f.Mend
	}
	return s
}

// checker collects findings in one language.
type checker struct {
	o     Options
	lang  string
	found []Finding
}

func (k *checker) say(key string, args catalog.Args) string {
	return catalog.Say(k.lang, key, args).Plain(nil)
}

// add keeps a finding: what it is stands under key in the catalogue, what to do about it under key and ".mend".
func (k *checker) add(fatal bool, where, key string, args catalog.Args) {
	k.found = append(k.found, Finding{where, k.say(key, args), k.say(key+".mend", args), fatal})
}

// why is the argument of findings that are somebody else's words.
func why(err error) catalog.Args { return catalog.Args{"why": catalog.Cause{Err: err}} }

// CheckLanguage is the language Check answers in: the one that was chosen, else the one the policy asks for (also where the policy has
// faults), else English.
func CheckLanguage(o Options) string {
	for _, l := range []string{o.Language, sourceLanguage(o.PolicySource), PolicyLanguage(o.Policy)} {
		if l != "" {
			return catalog.Language(l)
		}
	}
	return catalog.English
}

// Check looks at the configuration, the runbooks and, with tokens, at scopes and reachability. It changes nothing and rings nobody. The words
// are those of CheckLanguage.
func Check(ctx context.Context, o Options) []Finding {
	k := &checker{o: o, lang: CheckLanguage(o)}
	pol := k.policy()
	k.runbooks(ctx, pol)
	if pol == nil {
		return k.found
	}
	p := &pol.file.Policy
	client, err := pagerduty.NewClient(pagerduty.ClientOptions{APIURL: o.PagerAPIURL, EventsURL: o.PagerEventsURL, Token: o.PagerAPIToken, From: o.PagerFrom, Clock: clock.New()})
	if err != nil {
		client = nil
		k.add(true, "PagerDuty", "check.pd.client", why(err))
	} else {
		for _, f := range client.Check(ctx, p, o.Secrets, k.lang) {
			if f.Mail != "" {
				f.Where = k.person(pol.file, f.Target, f.Mail)
			}
			k.found = append(k.found, Finding{Where: f.Where, What: f.What, Mend: f.Mend, Fatal: f.Fatal})
		}
		defer client.Close()
	}
	plans := k.plans(ctx, p, client)
	k.rotations(pol, plans)
	k.slack(ctx, pol, client, plans)
	k.store(ctx, p.Installation)
	k.waysIn()
	k.heartbeat(ctx)
	return k.found
}

// CheckPolicy is the part of Check that looks at the policy file alone.
func CheckPolicy(o Options) []Finding {
	k := &checker{o: o, lang: CheckLanguage(o)}
	k.policy()
	return k.found
}

func (k *checker) policy() *policies {
	var pol *policies
	var err error
	if len(k.o.PolicySource) > 0 {
		pol, err = parsePolicy("policy", k.o.PolicySource)
	} else {
		pol, err = readPolicy(k.o.Policy)
	}
	if err == nil {
		for _, f := range pol.file.Findings() {
			k.found = append(k.found, Finding{What: catalog.ErrorIn(k.lang, f)})
		}
		return pol
	}
	if faults, ok := err.(policy.Faults); ok {
		for _, f := range faults {
			k.found = append(k.found, Finding{What: catalog.ErrorIn(k.lang, f), Fatal: true})
		}
		return nil
	}
	k.found = append(k.found, Finding{Where: k.say("check.policy", nil), What: catalog.ErrorIn(k.lang, err), Fatal: true})
	return nil
}

// holiday tells of an announced day that counts nowhere.
func (k *checker) holiday(h view.Holiday) {
	name := h.Calendar
	if name == "" {
		name = k.say("holiday.office-hours", nil)
	}
	k.add(false, k.say("check.holiday", nil), "check.holiday.where", catalog.Args{"day": catalog.Words(h.Day), "calendar": catalog.Words(name)})
}

// waysIn looks at how pages and alerts come in.
func (k *checker) waysIn() {
	o := k.o
	if o.HTTPAddr == "" && o.PagerAPIToken == "" {
		k.add(false, k.say("check.pages-in", nil), "check.no-way-in", nil)
	}
	for _, x := range []struct {
		name string
		set  bool
	}{{"PAGERDUTY_WEBHOOK_SECRET", len(o.PagerWebhookSecrets) > 0}, {"ALERTMANAGER_TOKEN", o.AlertmanagerToken != ""}} {
		if x.set && o.HTTPAddr == "" {
			k.add(false, x.name, "check.unheard", catalog.Args{"example": catalog.Literal(":8080")})
		}
	}
}

// heartbeat looks at the outside service's address, and whether its host answers. It does not beat.
func (k *checker) heartbeat(ctx context.Context) {
	if k.o.HeartbeatURL == "" {
		return
	}
	const where = "TOCSIN_HEARTBEAT_URL"
	u, err := heartbeatURL(k.o.HeartbeatURL)
	if err != nil {
		k.found = append(k.found, Finding{Where: where, What: catalog.ErrorIn(k.lang, err), Fatal: true})
		return
	}
	if _, err := heartbeatPace(k.o.HeartbeatEvery); err != nil {
		k.found = append(k.found, Finding{Where: "TOCSIN_HEARTBEAT_EVERY", What: catalog.ErrorIn(k.lang, err), Fatal: true})
	}
	args := catalog.Args{"host": catalog.Words(u.Hostname())}
	if u.Scheme == "http" && k.o.Dial == nil && !local(u.Hostname()) {
		k.add(false, where, "check.heartbeat.plain", args)
	}
	ctx, done := context.WithTimeout(ctx, heartbeatWithin)
	defer done()
	if err := knock(ctx, u, k.o.Dial); err != nil {
		args["why"] = catalog.Cause{Err: err}
		k.add(false, where, "check.heartbeat.silent", args)
	}
}

// local reports whether a host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// runbooks looks at the runbooks, with the policy's roles and alerts where there is one.
func (k *checker) runbooks(ctx context.Context, pol *policies) {
	s := lintShelf(k.o.Runbooks, pol, true)
	if pol != nil {
		// Data that cannot be read are a finding of their own where it matters; the files' own dates count then.
		if h, ok, err := recordedReviews(ctx, k.o); err == nil && ok {
			s.reviews(h, &pol.file.Policy, clock.New().Now())
		}
	}
	for _, b := range s.broken {
		k.found = append(k.found, Finding{What: catalog.ErrorIn(k.lang, b), Fatal: true})
	}
	for _, f := range s.found {
		if f.Rule != runbooks.RuleAlertWithout { // said once, below
			k.found = append(k.found, Finding{What: f.In(k.lang)})
		}
	}
	var bare catalog.List
	for _, alert := range s.alerts {
		if _, ok := s.catalogue.ByAlert(alert, k.lang); !ok {
			bare = append(bare, catalog.Words(alert))
		}
	}
	if len(bare) > 0 {
		k.add(false, k.say("check.policy", nil), "check.bare", catalog.Args{"n": catalog.Int(len(bare)), "alerts": bare})
	}
}

// slack looks at the workspace: the token, its scopes, the channel of announcements, and whether those on call are there.
func (k *checker) slack(ctx context.Context, pol *policies, pager *pagerduty.Client, plans map[string]pagerduty.Plan) {
	if k.o.SlackBotToken == "" || k.o.SlackAppToken == "" {
		var missing catalog.List
		for _, x := range []struct{ name, value string }{{"SLACK_BOT_TOKEN", k.o.SlackBotToken}, {"SLACK_APP_TOKEN", k.o.SlackAppToken}} {
			if x.value == "" {
				missing = append(missing, catalog.Words(x.name))
			}
		}
		k.add(true, "Slack", "check.slack.unset", catalog.Args{"names": missing})
		return
	}
	c, err := slack.NewClient(slack.ClientOptions{BotToken: k.o.SlackBotToken, AppToken: k.o.SlackAppToken, APIURL: k.o.SlackAPIURL, Clock: clock.New()})
	if err != nil {
		k.add(true, "Slack", "check.slack.client", why(err))
		return
	}
	id, err := c.Identity(ctx)
	if err != nil {
		k.unreachable(err)
		return
	}
	for _, need := range slack.Scopes() {
		if len(id.Scopes) > 0 && !slices.Contains(id.Scopes, need.Name) {
			k.add(!need.Optional, "Slack", "check.slack.scope", catalog.Args{"scope": catalog.Literal(need.Name), "for": catalog.Term("scope." + need.Name)})
		}
	}
	k.channels(ctx, c, id, pol)
	k.people(ctx, c, pol.file, pager, plans)
}

// unreachable tells a token that is not taken from an address that is not Slack's or does not answer.
func (k *checker) unreachable(err error) {
	f, ok := errors.AsType[*slack.Fault](err)
	where, url := "SLACK_API_URL", k.o.SlackAPIURL
	if url == "" {
		where, url = "Slack", "slack.com"
	}
	switch {
	case !ok:
		k.add(true, "Slack", "check.slack.trouble", why(err))
	case f.Code == slack.CodeNoAnswer || f.Code == slack.CodeNotSlack || f.Code == "unknown_method":
		words := f.Code
		if f.Detail != "" {
			words += " (" + f.Detail + ")"
		}
		k.add(true, where, "check.slack.silent", catalog.Args{"url": catalog.Words(url), "why": catalog.Words(words)})
	case slack.BadAuth(f.Code):
		k.add(true, "SLACK_BOT_TOKEN", "check.slack.refused", catalog.Args{"code": catalog.Words(f.Code)})
	default:
		k.add(true, "Slack", "check.slack.trouble", why(err))
	}
}

// channels looks at the channel of announcements and at that of alerts.
func (k *checker) channels(ctx context.Context, c *slack.Client, id slack.Identity, pol *policies) {
	named := func(chosen, policys string) string {
		if chosen != "" {
			return chosen
		}
		return policys
	}
	k.channel(ctx, c, id, named(k.o.IncidentsChannel, pol.file.IncidentsChannel),
		post{"TOCSIN_INCIDENTS_CHANNEL", "check.channel", "check.channel.unset", "check.channel.none"})
	k.channel(ctx, c, id, named(k.o.AlertsChannel, pol.file.Policy.AlertsChannel),
		post{"TOCSIN_ALERTS_CHANNEL", "check.alerts", "check.alerts.unset", "check.alerts.none"})
}

// post is a channel that something is posted in: the variable that names it, and the keys of what it is called and of what hangs on it.
type post struct{ variable, called, unset, none string }

// channel looks at a channel of the workspace.
func (k *checker) channel(ctx context.Context, c *slack.Client, id slack.Identity, name string, p post) {
	args := catalog.Args{"invite": catalog.Literal("/invite @" + id.BotName), "variable": catalog.Literal(p.variable)}
	if name == "" {
		k.add(false, p.variable, p.unset, nil)
		return
	}
	ch, err := c.FindChannel(ctx, name)
	shown := name
	if ch.Name != "" {
		shown = "#" + ch.Name
	}
	where := k.say(p.called, catalog.Args{"channel": catalog.Words(shown)})
	joins := len(id.Scopes) == 0 || slices.Contains(id.Scopes, "channels:join")
	switch {
	case err != nil:
		k.add(false, where, "check.channel.unread", why(err))
	case !ch.Found:
		k.add(true, where, p.none, args)
	case ch.Archived:
		k.add(true, where, "check.channel.archived", args)
	case !ch.Member && (ch.Private || !joins || slack.IsChannelID(name)): // a public one given by name is joined at the first post
		k.add(true, where, "check.channel.outside", args)
	case ch.ReadOnly:
		k.add(true, where, "check.channel.readonly", args)
	}
}

// person is where somebody of a target stands: file, line and field where the policy names them, else the target.
func (k *checker) person(file *policy.File, target, mail string) string {
	place, field := file.PersonPlace(target, mail)
	if place == "" {
		return k.say("check.target", catalog.Args{"target": catalog.Words(target)})
	}
	colon := ": "
	if catalog.Language(k.lang) == catalog.French {
		colon = "\u00a0: "
	}
	return place + colon + field
}

// people looks for the Slack accounts of everybody the policy names, of those on call now, and of whoever comes up on a PagerDuty schedule.
func (k *checker) people(ctx context.Context, c *slack.Client, file *policy.File, pager *pagerduty.Client, plans map[string]pagerduty.Plan) {
	p, rotations := &file.Policy, file.Rotations
	mails := map[string][]string{}
	add := func(target, mail string) {
		if mail = strings.ToLower(strings.TrimSpace(mail)); mail != "" && !slices.Contains(mails[target], mail) {
			mails[target] = append(mails[target], mail)
		}
	}
	for target, t := range p.Targets {
		for _, mail := range t.People {
			add(target, mail)
		}
	}
	for target, t := range p.Targets {
		r := rotations[t.Rotation]
		for _, mail := range r.People {
			add(target, mail)
		}
		for _, o := range r.Overrides {
			add(target, o.Person)
		}
		if !t.Address.OnCall || !pager.HasToken() {
			continue
		}
		for _, mail := range slices.Concat(mails[target], t.People) { // whose phone could not ring when their turn comes
			if _, found, err := pager.UserByEmail(ctx, mail); err == nil && !found {
				k.add(true, k.person(file, target, mail), "check.rotation.no-user", catalog.Args{"mail": catalog.Words(mail)})
			}
		}
	}
	if pager.HasToken() {
		seen, _ := pager.Rosters(ctx, p) // what cannot be read is a finding of PagerDuty's own check
		for target, r := range seen {
			for _, person := range r.People {
				if _, planned := plans[target]; !planned {
					add(target, person.Email)
				}
			}
		}
	}
	people := slack.NewDirectory(c, clock.New())
	for _, target := range slices.Sorted(maps.Keys(mails)) {
		for _, mail := range mails[target] {
			where := k.person(file, target, mail)
			_, err := people.ByEmail(ctx, mail)
			switch {
			case err == nil:
			case slack.CodeOf(err) == "users_not_found":
				k.add(true, where, "check.slack.nobody", catalog.Args{"mail": catalog.Words(mail)})
			default:
				k.add(false, where, "check.slack.person-unread", catalog.Args{"mail": catalog.Words(mail), "why": catalog.Cause{Err: err}})
			}
		}
	}
	k.scheduled(ctx, people, plans)
}

func (k *checker) store(ctx context.Context, installation string) {
	if k.o.RedisURL == "" {
		return
	}
	s, err := redis.Open(ctx, k.o.RedisURL, redis.Options{Installation: installation, Dialer: k.o.Dial})
	if err != nil {
		k.add(true, "Redis", "check.redis.silent", why(err))
		return
	}
	defer s.Close()
	for _, f := range s.Check(ctx) {
		k.add(f.Serious, "Redis", "check.redis."+f.Code, catalog.Args{"value": catalog.Words(f.Value)})
	}
}
