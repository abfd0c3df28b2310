package policy

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// TestDefaultFigures holds the embedded default to the figures of the runbooks, by hand and in full.
func TestDefaultFigures(t *testing.T) {
	p, src := Default()
	if p.Digest != Digest(src) || len(p.Digest) != 64 {
		t.Errorf("digest %q is not that of the source", p.Digest)
	}
	m := time.Minute
	want := map[incident.Severity]incident.SeverityRule{
		incident.SEV1: {AckWithin: 5 * m, AcceptWithin: 5 * m, CommanderWithin: 5 * m, ProgressWithin: 15 * m, ProgressEvery: 15 * m, RemediateWithin: 30 * m,
			FirstUpdate: 15 * m, UpdateEvery: 30 * m, CommsWithin: 5 * m, CommsBackup: "secondary", NeedsConfirm: true, PostMortem: true,
			PageAtOnce: []string{"cto"}, Tell: []string{"ceo", "compliance_officer"}, ImpactWithin: 15 * m, NoPark: true, RingOn: true},
		incident.SEV2: {AckWithin: 15 * m, AcceptWithin: 15 * m, CommanderWithin: 15 * m, ProgressWithin: 15 * m, ProgressEvery: 30 * m, RemediateWithin: 30 * m,
			FirstUpdate: 30 * m, UpdateEvery: 60 * m, CommsWithin: 10 * m, CommsBackup: "secondary", PostMortem: true,
			PageAtOnce: []string{"tech_lead"}, Tell: []string{"cto"}},
		incident.SEV3: {AckWithin: 60 * m, AcceptWithin: 60 * m, CommanderWithin: 60 * m, ProgressWithin: 15 * m, ProgressEvery: 60 * m, RemediateWithin: 30 * m,
			FirstUpdate: 60 * m, UpdateEvery: 120 * m, Tell: []string{"tech_lead"}, LowUrgency: true},
		incident.SEV4: {AckDays: 1, NoLadder: true, Room: incident.RoomWhenAccepted},
	}
	for sev, rule := range want {
		got := p.Severities[sev]
		for _, lang := range []string{"en", "fr"} {
			if got.Definition[lang] == "" {
				t.Errorf("%s has no definition in %s", sev, lang)
			}
		}
		got.Definition = nil
		if d := cmp.Diff(rule, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", sev, d)
		}
	}
	levels := []incident.Level{
		{Name: "L1", Targets: []string{"primary"}, Backup: "secondary"},
		{Name: "L2", Targets: []string{"tech_lead"}},
		{Name: "L3", Targets: []string{"cto"}, Instead: map[incident.Severity][]string{incident.SEV1: {"executive"}}, WhenEmpty: "cto"},
		{Name: "L4", Targets: []string{"ceo", "compliance_officer"}, Only: []incident.Severity{incident.SEV1}, On: incident.LevelOnImpact},
	}
	if d := cmp.Diff(levels, p.Ladder); d != "" {
		t.Errorf("ladder (-want +got):\n%s", d)
	}
	alerts := map[string]incident.AlertRule{
		"ApiHighLatencyP95": {Severity: 3, Confirmed: true}, "ApiErrorRateHigh": {Severity: 2, Confirmed: true}, "OcrServiceDown": {Severity: 2, Confirmed: true},
		"KafkaConsumerLagHigh": {Severity: 3, Confirmed: true}, "PostgresConnectionsExhausted": {Severity: 2, Confirmed: true},
		"PostgresReplicationLag": {Severity: 2, Confirmed: true}, "RneBalanceLow": {Severity: 4, Confirmed: true}, "IdesSubmissionFailure": {Severity: 3, Confirmed: true},
		"AmlListIngestStale": {Severity: 3, Confirmed: true}, "CertificateExpiringSoon": {Severity: 4, Confirmed: true}, "AuditHashChainBroken": {Severity: 1, Confirmed: true},
		"MassBiometricFailure": {Severity: 1, Confirmed: false, Asks: incident.QuestionAttack}, "LicenseQuotaExceeded": {Severity: 4, Confirmed: true},
	}
	if d := cmp.Diff(alerts, p.Alerts); d != "" {
		t.Errorf("alerts (-want +got):\n%s", d)
	}
	if p.RestartEvery != 15*m || p.WarnBefore != 3*m || p.MoreTime != 15*m || p.ConfirmWithin != 5*m || p.DefaultSeverity != incident.SEV3 {
		t.Errorf("restart %s, warn %s, more %s, confirm %s, default %s", p.RestartEvery, p.WarnBefore, p.MoreTime, p.ConfirmWithin, p.DefaultSeverity)
	}
	if got := p.Targets["primary"].Address.RoutingKey; got != FirstLevelKey {
		t.Errorf("the first level without an address pages by %q", got)
	}
	if p.TargetTitle("primary", "fr") != "ingénieur d'astreinte" || p.TargetTitle("primary", "en") != "on-call engineer" {
		t.Errorf("titles of the first level: %v", p.Targets["primary"].Title)
	}
	for _, f := range Findings(&p) {
		if f.Refuse {
			t.Errorf("the default would be refused: %+v", f)
		}
	}
	if got := len(Secrets(&p)); got != 7 {
		t.Errorf("%d secrets named, want one for each of 7 phones: %v", got, Secrets(&p))
	}
}

// TestDefaultDefinitions holds the words of section 1.1 to the manual's, in both languages: when an incident is of a severity.
func TestDefaultDefinitions(t *testing.T) {
	p, _ := Default()
	for sev, want := range map[incident.Severity]map[string][]string{
		incident.SEV1: {"en": {"down for 10 % of tenants or more", "OR confirmed data loss", "OR an active security breach"},
			"fr": {"inaccessible pour au moins 10 % des clients", "OU perte de données confirmée", "OU violation de sécurité active"}},
		incident.SEV2: {"en": {"critical function is degraded (KYC, AML or TCR impossible)", "OR the SLO is breached by more than twice"},
			"fr": {"Fonctionnalité critique dégradée (KYC, AML ou TCR impossible)", "OU SLO dépassé de plus de 2 fois"}},
		incident.SEV3: {"en": {"Partial degradation", "a workaround exists"}, "fr": {"Dégradation partielle", "contournement possible"}},
		incident.SEV4: {"en": {"Minor impact", "the fix can be planned"}, "fr": {"Impact mineur", "remédiation planifiable"}},
	} {
		for lang, facts := range want {
			for _, f := range facts {
				if got := p.Severities[sev].Definition[lang]; !strings.Contains(got, f) {
					t.Errorf("%s in %s: %q does not say %q", sev, lang, got, f)
				}
			}
		}
	}
}

// TestDefaultIsOnesOwn holds that a caller cannot change what the next caller gets.
func TestDefaultIsOnesOwn(t *testing.T) {
	p, src := Default()
	p.Alerts["ApiErrorRateHigh"] = incident.AlertRule{}
	src[0] = 'x'
	q, again := Default()
	if q.Alerts["ApiErrorRateHigh"].Severity != incident.SEV2 || again[0] == 'x' {
		t.Error("the default is shared between callers")
	}
}

func TestExample(t *testing.T) {
	src, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseFile("example.yaml", src)
	if err != nil {
		t.Fatalf("the example is refused:\n%v", err)
	}
	if string(Example()) != string(src) {
		t.Error("Example is not the file")
	}
	if got := f.Findings(); len(got) > 0 {
		t.Errorf("the example is not above remark: %v", got)
	}
	if f.Policy.Targets["tech_lead"].Address.RoutingKey != "file:/run/secrets/pagerduty-tech-lead" || f.Policy.Targets["cto"].Address.User != "PCTO123" ||
		f.Policy.Targets["ceo"].Address.EscalationPolicy != "PCEO123" || f.IncidentsChannel != "incidents" || f.Policy.Zone != "Europe/Paris" {
		t.Errorf("%+v", f.Policy.Targets)
	}
	want := []Secret{{"checkout_lead", "PAGERDUTY_ROUTING_KEY_CHECKOUT_LEAD", ""}, {"executive", "PAGERDUTY_ROUTING_KEY_EXECUTIVE", ""}, {"primary", FirstLevelKey, ""}, {"tech_lead", "", "/run/secrets/pagerduty-tech-lead"}}
	if got := Secrets(&f.Policy); !slices.Equal(got, want) {
		t.Errorf("secrets %v", got)
	}
}

// small is a whole policy, to be bent by the tests below. The lines are counted from 1.
const small = `version: 1
severities:
  SEV-1: {ack_within: 5m, accept_within: 5m, definition: {en: a, fr: a}}
  SEV-2: {ack_within: 15m, accept_within: 15m, definition: {en: a, fr: a}}
  SEV-3: {ack_within: 1h, accept_within: 1h, definition: {en: a, fr: a}}
  SEV-4: {ack_within: 24h, no_ladder: true, definition: {en: a, fr: a}}
targets:
  primary: {people: [a@b.co], title: {en: a, fr: a}}
  lead: {address: {routing_key_env: LEAD}, people: [c@d.co], title: {en: a, fr: a}}
ladder:
  - {name: L1, targets: [primary]}
  - {name: L2, targets: [lead]}
`

// duty is one obligation of a file, on a line of its own.
func duty(name, begins string) string {
	return fmt.Sprintf("  %s: {title: {en: a, fr: a}, begins: [%s], within: 24h, legal: true, chain: [lead], every: 4h}\n", name, begins)
}

func TestSmall(t *testing.T) {
	f, err := ParseFile("p.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Findings(); len(got) > 0 {
		t.Errorf("findings: %v", got)
	}
	p := f.Policy
	if p.Zone != "UTC" || p.Language != "en" || p.RestartEvery != 15*time.Minute || p.FirstPage != "tocsin" || p.FirstPageWait != time.Minute {
		t.Errorf("what version 1 means by lines left out: %+v", p)
	}
	again, err := Parse("other.yaml", []byte(small))
	if err != nil || again.Digest != p.Digest {
		t.Errorf("the same bytes under another name have digest %s, not %s (%v)", again.Digest, p.Digest, err)
	}
	if bent, err := Parse("p.yaml", []byte(small+"# remark\n")); err != nil || bent.Digest == p.Digest {
		t.Errorf("other bytes, same digest (%v)", err)
	}
}

type faultCase struct{ name, old, new, want string }

// faultCases bend one thing of small at a time.
var faultCases = []faultCase{
	{"unknown key", "version: 1", "version: 1\nlevels: 3", `p.yaml:2: levels: unknown; known here: after_resolve, alerts, alerts_channel, calendar, calendars, confirm_within,`},
	{"unknown key deep", "{routing_key_env: LEAD}", "{routing_key: LEAD}", `p.yaml:9: targets.lead.address.routing_key: unknown; known here: escalation_policy, on_call, routing_key_env, routing_key_file, service, user`},
	{"key twice", "\nladder:", "\nversion: 1\nladder:", `p.yaml:10: version: written twice, first in line 1; keep one of them`},
	{"key twice deep", "ack_within: 5m,", "ack_within: 5m, ack_within: 6m,", `p.yaml:3: severities.SEV-1.ack_within: written twice, first in line 3`},
	{"second document", "  - {name: L2, targets: [lead]}", "  - {name: L2, targets: [lead]}\n---\nversion: 1", `a second document begins here`},
	{"wrong version", "version: 1", "version: 2", `p.yaml:1: version: "2"; write one of: 1`},
	{"bare number", "ack_within: 5m", "ack_within: 5", `p.yaml:3: severities.SEV-1.ack_within: "5" is not a duration; write it with its unit: 45s, 5m, 1h30m, 24h`},
	{"negative", "ack_within: 5m", "ack_within: -5m", `"-5m" is no time at all`},
	{"absurd", "ack_within: 24h", "ack_within: 9000h", `p.yaml:6: severities.SEV-4.ack_within: "9000h" is longer than 30 days`},
	{"no value", "ack_within: 5m", "ack_within:", `p.yaml:3: severities.SEV-1.ack_within: there is no value`},
	{"a severity missing", "  SEV-3: {ack_within: 1h, accept_within: 1h, definition: {en: a, fr: a}}\n", "", `p.yaml:2: severities.SEV-3: missing`},
	{"a severity of their own", "SEV-4:", "SEV-5:", `p.yaml:6: severities.SEV-5: not a severity`},
	{"alias", "{en: a, fr: a}}\n  lead", "&x {en: a, fr: a}}\n  lead2: *x\n  lead", `p.yaml:9: targets.lead2: an alias (*x)`},
	{"tag", "version: 1", "version: !!str 1", `p.yaml:1: version: a tag (!!str)`},
	{"not a mapping", "targets:\n", "targets: [a]\nx:\n", `p.yaml:7: targets: not a mapping`},
	{"ladder to nowhere", "targets: [lead]", "targets: [boss]", `p.yaml:12: ladder[1].targets[0]: there is no target "boss"; known: lead, primary`},
	{"a level nobody fills", "targets: [lead]", "targets: []", `p.yaml:12: ladder[1].targets: a level nobody fills`},
	{"a loop", "targets: [lead]", "targets: [primary]", `p.yaml:12: ladder[1].targets[0]: "primary" is on the ladder already, at ladder[0].targets[0]`},
	{"a chain of nobody", "version: 1", "version: 1\nresponse: {commander: {every: 5m}}", `p.yaml:2: response.commander.chain: missing, so nobody would be reminded`},
	{"a chain to nowhere", "version: 1", "version: 1\nresponse:\n  updates: {chain: [comms, boss]}", `p.yaml:3: response.updates.chain[1]: there is no target "boss"; known: commander, comms, scribe, lead, primary`},
	{"a chain in a circle", "version: 1", "version: 1\nresponse:\n  hand_over: {chain: [lead, primary, lead]}", `p.yaml:3: response.hand_over.chain[2]: "lead" is there twice; keep it once`},
	{"a commander asked for one", "version: 1", "version: 1\nresponse:\n  commander: {chain: [commander, lead]}", `p.yaml:3: response.commander.chain: the commander is asked for a commander`},
	{"a chain as a siren", "version: 1", "version: 1\nresponse:\n  updates: {chain: [lead], every: 5s}", `p.yaml:3: response.updates.every: somebody else every`},
	{"a chain without a phone", "version: 1", "version: 1\nresponse:\n  updates: {chain: [comms], page: [SEV-1]}", `p.yaml:3: response.updates.chain: page is set, and nobody of the chain has an address`},
	{"backup is the level", "targets: [lead]}", "targets: [lead], backup: lead}", `p.yaml:12: ladder[1].backup: "lead" is on the ladder already`},
	{"same phone", "LEAD", "PAGERDUTY_ROUTING_KEY", `p.yaml:9: targets.lead.address: pages for "lead" would ring the phone of "primary": both go to the same routing key; give each its own`},
	{"no phone", "address: {routing_key_env: LEAD}, ", "", `p.yaml:9: targets.lead.address: missing, and ladder[1].targets[0] wants this phone to ring`},
	{"two ways", "{routing_key_env: LEAD}", "{routing_key_env: LEAD, user: PABC, service: PS}", `p.yaml:9: targets.lead.address: says 2 places to page`},
	{"user without service", "{routing_key_env: LEAD}", "{user: PABC12}", `p.yaml:9: targets.lead.address: no service`},
	{"told and paged", "SEV-1: {", "SEV-1: {tell: [lead], page_at_once: [lead], ", `p.yaml:3: severities.SEV-1.tell: "lead" is told and paged at once`},
	{"tell nobody known", "SEV-1: {", "SEV-1: {tell: [ceo], ", `p.yaml:3: severities.SEV-1.tell[0]: there is no target "ceo"`},
	{"ladder stops", "SEV-1: {ack_within: 5m, accept_within: 5m", "SEV-1: {ack_within: 5m", `p.yaml:3: severities.SEV-1.accept_within: missing, so the ladder would stop`},
	{"zone", "version: 1", "version: 1\nzone: Paris", `p.yaml:2: zone: "Paris" is not a time zone`},
	{"zone local", "version: 1", "version: 1\nzone: Local", `p.yaml:2: zone: "Local" is not a time zone`},
	{"language", "version: 1", "version: 1\nlanguage: de", `p.yaml:2: language: "de"; write one of: en, fr`},
	{"yes", "no_ladder: true", "no_ladder: yes", `p.yaml:6: severities.SEV-4.no_ladder: "yes"; write one of: true, false`},
	{"siren", "version: 1", "version: 1\nrestart_every: 10s", `p.yaml:2: restart_every: an unanswered ladder would start again every 10s`},
	{"mail", "c@d.co", "lea", `p.yaml:9: targets.lead.people[0]: "lea" is not of the right form; write an e-mail address`},
	{"mail twice", "[c@d.co]", "[c@d.co, C@d.co]", `p.yaml:9: targets.lead.people[1]: "c@d.co" is there twice`},
	{"alert", "version: 1", "version: 1\nalerts: {A: {confirmed: true}}", `p.yaml:2: alerts.A: no severity`},
	{"calendar unknown", "version: 1", "version: 1\ncalendar: office", `p.yaml:2: calendar: there is no calendar "office"`},
	{"calendar not chosen", "version: 1", "version: 1\ncalendars: {office: {zone: UTC, hours: \"09:00-18:00\"}}", `calendar: missing: nothing says which of the calendars counts`},
	{"calendar without zone", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {hours: \"09:00-18:00\"}}", `p.yaml:3: calendars.o.zone: missing`},
	{"calendar without hours", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: UTC}}", `p.yaml:3: calendars.o.hours: no working hours`},
	{"hours", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: UTC, hours: \"9 to 5\"}}", `calendars.o.hours: "9 to 5" is no span of hours`},
	{"holiday", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: UTC, hours: \"09:00-18:00\", holidays: {24/12: Eve}}}", `p.yaml:3: calendars.o.holidays`},
	{"weekend", "version: 1", "version: 1\ncalendar: o\ncalendars: {o: {zone: UTC, hours: \"09:00-18:00\", weekend: [caturday]}}", `calendars.o.weekend[0]: "caturday"; write one of: monday`},
	{"business days without time", "ack_within: 24h, no_ladder", "ack_business_days: 1, no_ladder", `p.yaml:6: severities.SEV-4.ack_business_days: there is no business time to count in`},
	{"business days with a ladder", "SEV-3: {ack_within: 1h", "SEV-3: {ack_business_days: 2", `severities.SEV-3.ack_business_days: beside a ladder`},
	{"service of nobody", "version: 1", "version: 1\nservices: {shop: {instead: {primary: shop_primary}}}", `p.yaml:2: services.shop.instead.primary: there is no target "shop_primary"`},
	{"impact rings nobody", "SEV-1: {ack_within: 5m", "SEV-1: {impact_within: 15m, ack_within: 5m", `p.yaml:3: severities.SEV-1.impact_within: no level of the ladder is rung on impact`},
	{"first level on impact", "{name: L1, targets: [primary]}", "{name: L1, targets: [primary], on: impact}", `p.yaml:11: ladder[0].on: the first level is rung when the incident begins`},
	{"ladder owner", "version: 1", "version: 1\nladder_owner: me", `p.yaml:2: ladder_owner: "me"; write one of: tocsin, pagerduty`},
	{"a level nobody fills for one severity", "targets: [lead]", "targets: [lead], instead: {SEV-1: []}", `p.yaml:12: ladder[1].instead.SEV-1: a level nobody fills; name at least one target`},
	{"stands in for itself", "targets: [lead]", "targets: [lead], when_empty: lead", `p.yaml:12: ladder[1].when_empty: a loop: "lead" stands in for itself`},
	{"stands in for itself at one severity", "targets: [lead]", "targets: [lead], instead: {SEV-1: [boss]}, when_empty: boss", `p.yaml:12: ladder[1].instead.SEV-1: a loop: for a SEV-1 "boss" is rung here, and stands in for itself (when_empty)`},
	{"obligations in a circle", "version: 1", "version: 1\nobligations:\n" + duty("one", "done two") + duty("two", "done one"), `p.yaml:3: obligations.one.begins[0]: a loop: each begins only when the next is done: one ← two ← one`},
	{"obligations in a wide circle", "version: 1", "version: 1\nobligations:\n" + duty("zero", "declared, done two") + duty("one", "done three") + duty("two", "done one, declared") + duty("three", "done two"), `p.yaml:4: obligations.one.begins[0]: a loop: each begins only when the next is done: one ← three ← two ← one`},
	{"an obligation after itself", "version: 1", "version: 1\nobligations:\n" + duty("one", "declared, done one"), `p.yaml:3: obligations.one.begins[1]: there is no other obligation "one"`},
	{"a loop of stand-ins", "targets: [lead]", "targets: [lead], when_empty: primary", `p.yaml:12: ladder[1].when_empty: "primary" is on the ladder already, at ladder[0].targets[0]`},
	{"a loop of a service", "version: 1", "version: 1\nservices: {shop: {instead: {primary: lead, lead: primary}}}", `p.yaml:2: services.shop.instead.lead: a loop: "primary" is replaced in its turn, by "lead"`},
	{"a service replaces itself", "version: 1", "version: 1\nservices: {shop: {instead: {lead: lead}}}", `p.yaml:2: services.shop.instead.lead: "lead" replaces itself`},
	{"two levels on one phone by a service", "version: 1", "version: 1\nservices: {shop: {instead: {primary: lead}}}", `p.yaml:2: services.shop.instead.primary: for this service L1 and L2 would both ring "lead"`},
	{"two levels on one phone by a severity", "targets: [lead]", "targets: [lead], instead: {SEV-1: [primary]}", `p.yaml:12: ladder[1].instead.SEV-1[0]: "primary" is on the ladder already`},
	{"a service of an unknown target", "version: 1", "version: 1\nservices: {shop: {instead: {boss: lead}}}", `p.yaml:2: services.shop.instead.boss: there is no target "boss" to be replaced`},
	{"a holiday that is no day", "version: 1", "version: 1\ncalendar: o\ncalendars:\n  o:\n    zone: UTC\n    hours: \"09:00-18:00\"\n    holidays:\n      2026-02-30: Never", `p.yaml:8: calendars.o.holidays.2026-02-30: no date; write 2026-12-25 for one day`},
	{"a holiday in words", "version: 1", "version: 1\ncalendar: o\ncalendars:\n  o:\n    zone: UTC\n    hours: \"09:00-18:00\"\n    holidays:\n      Christmas: 12-25", `p.yaml:8: calendars.o.holidays.Christmas: no date`},
	{"not YAML", "version: 1", "version: [1", `p.yaml:`},
}

// TestFaults holds each fault to its line, field and words.
func TestFaults(t *testing.T) {
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(small, c.old) < 1 {
				t.Fatalf("nothing to bend: %q", c.old)
			}
			p, err := Parse("p.yaml", []byte(strings.Replace(small, c.old, c.new, 1)))
			var faults Faults
			if !errors.As(err, &faults) || p != nil {
				t.Fatalf("taken, with error %v", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got:\n%v\nwant it to hold:\n%s", err, c.want)
			}
			for _, f := range faults {
				if f.File != "p.yaml" {
					t.Errorf("a fault without its file: %+v", f)
				}
				worded(t, f)
			}
		})
	}
}

// TestOneFaultIsOneLine holds that a fault is not followed by what only follows from it.
func TestOneFaultIsOneLine(t *testing.T) {
	for _, bend := range [][2]string{
		{"{routing_key_env: LEAD}", "{routing_key_env: lead}"},
		{"ack_within: 5m", "ack_within: soon"},
		{"severities:\n", "severities: none\nx:\n"},
	} {
		_, err := Parse("p.yaml", []byte(strings.Replace(small, bend[0], bend[1], 1)))
		var faults Faults
		if !errors.As(err, &faults) {
			t.Fatal(err)
		}
		want := 1
		if strings.Contains(bend[1], "x:") {
			want = 2 // the bend itself leaves a stray key behind
		}
		if len(faults) != want {
			t.Errorf("%s: %d faults:\n%v", bend[1], len(faults), err)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	src := strings.NewReplacer("version: 1", "version: 1\nzone: Mars", "ack_within: 5m", "ack_within: 5", "c@d.co", "lea", "targets: [lead]", "targets: [boss]").Replace(small)
	_, err := Parse("p.yaml", []byte(src))
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 4 {
		t.Fatalf("want 4 faults, got:\n%v", err)
	}
	var lines []int
	for _, f := range faults {
		lines = append(lines, f.Line)
	}
	if !slices.Equal(lines, []int{2, 4, 10, 13}) {
		t.Errorf("lines %v", lines)
	}
}

// TestNoSecretInFaults pastes a routing key where its name belongs, in every place of an address.
func TestNoSecretInFaults(t *testing.T) {
	for _, key := range []string{"0123456789abcdef0123456789abcdef", "R0123456789ABCDEF0123456789ABCDE", "sk-live-abcdefgh"} {
		for _, field := range []string{"routing_key_env", "routing_key_file", "user", "escalation_policy", "service", "routing_key"} {
			src := strings.Replace(small, "{routing_key_env: LEAD}", fmt.Sprintf("{%s: %q}", field, key), 1)
			_, err := Parse("p.yaml", []byte(src))
			if err == nil {
				if key[0] == 'R' && (field == "user" || field == "escalation_policy") {
					continue // no service: refused above; here nothing to say
				}
				t.Errorf("%s: %s was taken", field, key)
				continue
			}
			if strings.Contains(err.Error(), key) {
				t.Errorf("%s: the key is repeated: %v", field, err)
			}
		}
	}
}

func TestFindingsWarn(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"nobody on call", "people: [c@d.co], ", "", `p.yaml:9: targets.lead: nobody is known to be on call for it`},
		{"primary equals the next", "c@d.co", "a@b.co", `p.yaml:12: ladder[1].targets[0]: "primary" and "lead" are the same people`},
		{"same schedule", "people: [a@b.co], title: {en: a, fr: a}}\n  lead: {address: {routing_key_env: LEAD}, people: [c@d.co]", "schedule: PS, title: {en: a, fr: a}}\n  lead: {address: {routing_key_env: LEAD}, schedule: PS",
			`"primary" and "lead" are the same schedule`},
		{"no French title", "people: [c@d.co], title: {en: a, fr: a}", "people: [c@d.co], title: {en: a}", `p.yaml:9: targets.lead.title: no title in "fr"`},
		{"worse is slower", "ack_within: 5m", "ack_within: 20m", `p.yaml:4: severities.SEV-2.ack_within: SEV-2 has less time (15m) than the worse SEV-1 (20m)`},
		{"too short", "ack_within: 5m", "ack_within: 5s", `p.yaml:3: severities.SEV-1.ack_within: 5s is shorter than a human can answer`},
		{"nobody names it", "\nladder:", "\n  ghost: {people: [x@y.co], title: {en: a, fr: a}}\nladder:", `p.yaml:10: targets.ghost: no level and no severity names it`},
		{"warned at once", "ack_within: 5m", "ack_within: 5m, progress_within: 3m", `progress_within: 3m is not longer than warn_before (3m)`},
		{"waits too long", "version: 1", "version: 1\nfirst_page: pagerduty\nfirst_page_wait: 10m", `p.yaml:3: first_page_wait: Tocsin waits 10m`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := ParseFile("p.yaml", []byte(strings.Replace(small, c.old, c.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			found := Faults(f.Findings())
			if len(found) != 1 || !strings.Contains(found.Error(), c.want) {
				t.Errorf("got:\n%v\nwant one that holds:\n%s", found, c.want)
			}
		})
	}
}

// TestFindingsOfNothing: a policy made by hand is judged without a file.
func TestFindingsOfNothing(t *testing.T) {
	found := Findings(&incident.Policy{})
	if len(found) == 0 {
		t.Fatal("an empty policy is fine")
	}
	for _, f := range found {
		worded(t, Fault{Key: f.Key, Args: f.Args})
	}
}

func TestManyFaultsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(small)
	b.WriteString("alerts:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  A%d: {severity: bad}\n", i)
	}
	_, err := Parse("p.yaml", []byte(b.String()))
	if err == nil || strings.Count(err.Error(), "\n") != maxFaults || !strings.HasSuffix(err.Error(), "and 900 more") {
		t.Errorf("%d lines", strings.Count(err.Error(), "\n"))
	}
}

func FuzzParse(f *testing.F) {
	_, src := Default()
	for _, s := range []string{string(src), small, string(Example()), "", "---\n", "a: &a [*a]\n", "version: 1\n---\n...\n", "? {a: b}\n: c\n", "\xff\xfe", "severities: {SEV-1: {<<: {ack_within: 5m}}}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := ParseFile("f.yaml", src)
		again, err2 := ParseFile("f.yaml", src)
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("not the same twice:\n%v\n%v", err, err2)
		}
		if err != nil {
			var faults Faults
			if !errors.As(err, &faults) || len(faults) == 0 || file != nil {
				t.Fatalf("an error that is no fault: %v", err)
			}
			for _, fault := range faults {
				if strings.ContainsAny(fault.Error()+fault.In("fr"), "\n\x00\x1b") {
					t.Fatalf("a fault that cannot be shown: %q", fault.Error())
				}
				worded(t, fault)
			}
			return
		}
		if d := cmp.Diff(file.Policy, again.Policy, cmpopts.IgnoreUnexported(incident.Policy{})); d != "" {
			t.Fatal(d)
		}
		for _, find := range Findings(&file.Policy) {
			if find.Refuse {
				t.Fatalf("taken although %+v", find)
			}
		}
	})
}

// A legal clock names its law in the reader's language, or once for all; both stand in the file as it is shipped.
func TestLawByLanguage(t *testing.T) {
	for name, src := range map[string][]byte{"default.yaml": defaultSource, "example.yaml": exampleSource} {
		f, err := ParseFile(name, src)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range f.Policy.Obligations {
			for _, lang := range titleLangs {
				if o.Legal && o.Laws[lang] == "" {
					t.Errorf("%s: %s does not say its law in %s", name, o.Name, lang)
				}
			}
		}
	}
	once := strings.Replace(string(defaultSource), `law: {en: "GDPR art. 33(1)", fr: "RGPD, art. 33, § 1"}`, `law: "GDPR"`, 1)
	f, err := ParseFile("once.yaml", []byte(once))
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := f.Policy.Obligation("authority_notice"); o.Law != "GDPR" || len(o.Laws) > 0 {
		t.Errorf("one text for all is read as %q and %v", o.Law, o.Laws)
	}
}
