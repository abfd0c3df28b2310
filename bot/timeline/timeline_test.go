package timeline

import (
	"flag"
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

func at(h, m, s int) time.Time { return time.Date(2026, 11, 21, h-1, m, s, 0, time.UTC) }

var (
	lea    = incident.Person{Slack: "U0LEA", Name: "Léa Martin"}
	marc   = incident.Person{Slack: "U0MARC", Name: "Marc Aziz"}
	olga   = incident.Person{Pager: "POLGA", Name: "Olga"}
	tocsin = incident.Actor{System: incident.SystemTocsin}
	policy = &incident.Policy{
		Targets: map[string]incident.Target{
			"primary":   {Title: map[string]string{"en": "on-call engineer", "fr": "ingénieur d'astreinte"}},
			"tech_lead": {Title: map[string]string{"en": "tech lead", "fr": "tech lead"}},
			"ceo":       {Title: map[string]string{"en": "CEO", "fr": "CEO"}},
		},
		Ladder: []incident.Level{{Name: "L1", Targets: []string{"primary"}}, {Name: "L2", Targets: []string{"tech_lead"}}},
	}
)

func by(p incident.Person) incident.Actor { return incident.Actor{Person: p} }

func text(s string) incident.Text { return incident.Text{Body: s} }

// night is one incident with every fact type in it, in the order of the log.
func night() []incident.Event {
	var out []incident.Event
	add := func(h, m, s int, a incident.Actor, via incident.Via, f incident.Fact) {
		out = append(out, incident.Event{Seq: int64(len(out) + 1), At: at(h, m, s), RecordedAt: at(h, m, s), Actor: a, Via: via, Fact: f})
	}
	add(3, 7, 0, incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, &incident.Declared{ID: "INC-42", Title: text("Checkout is down"), Severity: 1,
		Rule: "alert ApiErrorRateHigh", Source: incident.SourceAlert, DetectedAt: at(3, 6, 0), Channel: "inc-checkout"})
	add(3, 7, 0, tocsin, incident.ViaAlertmanager, &incident.LevelRaised{Level: 1, Round: 1, Why: incident.WhyDetected})
	add(3, 7, 0, tocsin, incident.ViaAlertmanager, &incident.Paged{Page: incident.Page{Key: "p1", Level: 1, Target: "primary", Person: lea, Why: incident.WhyDetected}})
	add(3, 7, 0, tocsin, incident.ViaAlertmanager, &incident.RunbookStarted{Runbook: incident.RunbookRef{ID: "RB-001", Steps: []string{"which", "db"}}, Why: "alert"})
	add(3, 7, 1, tocsin, incident.ViaOutbox, &incident.ChannelTaken{Name: "inc-checkout", Next: "inc-checkout-2"})
	add(3, 7, 2, tocsin, incident.ViaOutbox, &incident.ChannelOpened{Channel: "C042", Name: "inc-checkout-2"})
	add(3, 7, 2, tocsin, incident.ViaOutbox, &incident.PageChanged{Key: "p1", Status: incident.PageSent, Pager: "Q1"})
	add(3, 7, 3, tocsin, incident.ViaOutbox, &incident.Settled{Effect: "INC-42/6/post/headline", Outcome: incident.OutcomeDone})
	add(3, 9, 0, tocsin, incident.ViaPagerDuty, &incident.PageChanged{Key: "p1", Status: incident.PageAnswered, By: lea})
	add(3, 9, 0, by(lea), incident.ViaPagerDuty, &incident.Acknowledged{By: lea, Page: "p1"})
	add(3, 9, 0, by(lea), incident.ViaPagerDuty, &incident.RoleSet{Role: incident.Commander, Who: lea, Acting: true})
	add(3, 9, 0, tocsin, incident.ViaPagerDuty, &incident.RoleAsked{Role: incident.Comms, Who: []incident.Person{lea}, Why: "declared"})
	add(3, 10, 0, by(lea), incident.ViaSlack, &incident.SeveritySet{Severity: 1, Was: 2, Confirmed: true, Reason: text("30 % of tenants")})
	add(3, 10, 0, tocsin, incident.ViaSlack, &incident.Told{Targets: []string{"ceo"}, Why: "severity"})
	add(3, 11, 0, by(lea), incident.ViaSlack, &incident.MessageSeen{Channel: "C042", TS: "1.1", Text: text("looking at <https://grafana/d/1|the dashboard>, <@U0MARC> &amp; <!channel>")})
	add(3, 11, 30, by(marc), incident.ViaSlack, &incident.MessageSeen{Channel: "C042", TS: "1.2", Thread: "1.1", Text: text("same here"), Files: []incident.FileRef{{Name: "graph.png", URL: "https://files/1"}}})
	add(3, 11, 40, by(marc), incident.ViaSlack, &incident.Joined{Who: marc})
	add(3, 12, 0, by(lea), incident.ViaSlack, &incident.MessageEdited{Channel: "C042", TS: "1.1", EditTS: "2", Text: text("looking at the wrong dashboard")})
	add(3, 12, 30, by(marc), incident.ViaSlack, &incident.MessageDeleted{Channel: "C042", TS: "1.2"})
	add(3, 13, 0, by(lea), incident.ViaSlack, &incident.StepMarked{Runbook: "RB-001", Step: "which", Mark: incident.StepDone, Text: text("kyc-svc"), Next: "db"})
	add(3, 14, 0, by(lea), incident.ViaSlack, &incident.ProgressMade{Text: text("database not saturated")})
	add(3, 14, 30, by(lea), incident.ViaSlack, &incident.Noted{Text: text("release 4.12 went out at 02:50")})
	add(3, 15, 0, by(marc), incident.ViaSlack, &incident.UpdatePosted{Text: text("Payments fail."), Next: at(3, 45, 0)})
	add(3, 20, 0, by(lea), incident.ViaSlack, &incident.MoreTimeGiven{Level: 1, Round: 1, Add: 15 * time.Minute})
	add(3, 26, 0, tocsin, incident.ViaClock, &incident.Warned{Deadline: "progress/1", Due: at(3, 29, 0), Who: []incident.Person{lea}})
	add(3, 29, 0, tocsin, incident.ViaClock, &incident.LevelRaised{Level: 2, Round: 1, Why: incident.WhyNoProgress})
	add(3, 29, 0, tocsin, incident.ViaClock, &incident.Paged{Page: incident.Page{Key: "p2", Level: 2, Target: "tech_lead", Person: olga, Why: incident.WhyNoProgress}})
	add(3, 29, 30, tocsin, incident.ViaOutbox, &incident.PageChanged{Key: "p2", Status: incident.PageFailed, Error: "invalid routing key"})
	add(3, 30, 0, tocsin, incident.ViaOutbox, &incident.Settled{Effect: "INC-42/20/post/update", Outcome: incident.OutcomeDead, Error: "channel_not_found"})
	add(3, 45, 0, tocsin, incident.ViaClock, &incident.Missed{Name: incident.DueUpdate, Due: at(3, 45, 0), Count: 2})
	add(3, 46, 0, incident.Actor{System: incident.SystemPagerDuty}, incident.ViaPagerDuty, &incident.PagerSeen{Ref: incident.PagerRef{ID: "Q9", Number: 9, Status: "acknowledged", URL: "https://pd/9"}, By: olga})
	add(3, 47, 0, by(lea), incident.ViaSlack, &incident.StatusSet{Status: incident.Mitigated, Was: incident.Investigating, Reason: text("rolled back")})
	add(3, 48, 0, incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, &incident.AlertsSeen{Set: incident.AlertSet{Name: "ApiErrorRateHigh"}})
	add(3, 49, 0, tocsin, incident.ViaSlack, &incident.GapSeen{Channel: "C042", From: at(3, 40, 0), To: at(3, 44, 0), Why: "history refused"})
	add(3, 50, 0, tocsin, incident.ViaSlack, &incident.LatePosts{From: at(3, 40, 0), To: at(3, 44, 0), Effects: []incident.EffectID{"INC-42/21/post/update"}})
	add(3, 50, 5, by(lea), incident.ViaSlack, &incident.HandedOn{Page: "p1", Who: marc})
	add(3, 50, 8, tocsin, incident.ViaSlack, &incident.ImpactAsked{})
	add(3, 50, 10, tocsin, incident.ViaAlertmanager, &incident.Recovered{})
	add(3, 50, 20, tocsin, incident.ViaAlertmanager, &incident.Resumed{Why: incident.ResumedFiring})
	add(3, 50, 30, by(lea), incident.ViaSlack, &incident.Parked{Until: at(9, 0, 0), Owner: marc, Reason: text("waits for the supplier")})
	add(3, 51, 0, by(lea), incident.ViaSlack, &incident.ResolvedFact{Text: text("rolled back to 4.11")})
	add(3, 51, 0, tocsin, incident.ViaSlack, &incident.PageChanged{Key: "p1", Status: incident.PageClosed, Why: incident.WhyResolved, StandDown: true})
	add(3, 54, 0, tocsin, incident.ViaSlack, &incident.ClosedFact{Why: incident.CloseNothingOwed})
	add(3, 55, 0, by(marc), incident.ViaSlack, &incident.Reopened{Reason: text("it is back")})
	add(3, 57, 0, by(lea), incident.ViaSlack, &incident.Absorbed{From: "INC-43"})
	add(3, 57, 10, by(lea), incident.ViaSlack, &incident.SplitOff{Into: "INC-44", Name: "kyc-svc", Groups: 7})
	add(3, 57, 20, by(lea), incident.ViaSlack, &incident.MergedInto{Into: "INC-41"})
	add(3, 58, 0, by(lea), incident.ViaSlack, &incident.CancelledFact{Reason: text("it was a load test")})
	add(3, 58, 30, tocsin, incident.ViaOutbox, &incident.Settled{Effect: "INC-42/25/direct/warn/0", Outcome: incident.OutcomeDead, Error: "in doubt: cut off", Doubt: true, Who: []incident.Person{lea}})
	add(3, 58, 40, incident.Actor{}, incident.ViaSlack, &incident.MessageDeleted{Channel: "C042", TS: "1.1", Found: true})
	add(4, 0, 0, by(lea), incident.ViaSlack, &incident.Answered{Question: "personal_data", Value: incident.AnswerUnknown, Since: at(3, 6, 0)})
	add(4, 0, 0, tocsin, incident.ViaSlack, &incident.ObligationBegun{Key: "customer_notice", Of: "customer_notice", Legal: true, Why: "personal_data=unknown", From: at(3, 6, 0), Due: at(27, 6, 0)})
	add(4, 1, 0, by(marc), incident.ViaSlack, &incident.ObligationTaken{Key: "customer_notice", Who: marc})
	add(4, 1, 0, tocsin, incident.ViaClock, &incident.ObligationReminded{Key: "customer_notice", Due: at(27, 6, 0), Count: 1, Who: []incident.Person{marc}, Next: at(8, 0, 0)})
	add(4, 1, 0, tocsin, incident.ViaClock, &incident.ObligationReminded{Key: "customer_notice", Due: at(27, 6, 0), Count: 2, Overdue: true, Next: at(8, 0, 0)})
	add(4, 1, 0, tocsin, incident.ViaClock, &incident.Paged{Page: incident.Page{Key: "p4", Target: "ceo", Person: olga, Why: incident.WhyObligation, Obligation: "customer_notice"}})
	add(4, 2, 0, by(marc), incident.ViaSlack, &incident.NoticeSent{Notice: "customer", Text: text("e-mail to the DPO of Alpha, reference 4711")})
	add(4, 2, 0, by(marc), incident.ViaSlack, &incident.ObligationEnded{Key: "customer_notice", How: incident.EndedDone, Text: text("e-mail to the DPO of Alpha, reference 4711")})
	add(4, 3, 0, by(lea), incident.ViaSlack, &incident.ObligationBegun{Key: "action-1", Why: incident.BeginsAction, From: at(4, 3, 0), Due: at(100, 0, 0), Owner: marc, Text: text("alert at 80 % of the quota")})
	add(4, 3, 0, tocsin, incident.ViaClock, &incident.ObligationDeferred{Key: "action-1", Next: at(33, 0, 0)})
	add(4, 3, 10, tocsin, incident.ViaClock, &incident.HolidaysCounted{Version: 7, Calendar: "tunis", Days: []incident.Announced{{Day: "2026-11-24", Name: "Aïd el-Fitr", Calendar: "tunis"}}, Added: []incident.Announced{{Day: "2026-11-24", Name: "Aïd el-Fitr", Calendar: "tunis"}}, Gone: []incident.Announced{{Day: "2026-11-25", Calendar: "tunis"}}})
	add(4, 3, 10, tocsin, incident.ViaClock, &incident.ObligationMoved{Key: "customer_notice", Was: at(27, 6, 0), Due: at(51, 6, 0)})
	add(4, 4, 0, by(marc), incident.ViaSlack, &incident.ObligationEnded{Key: "action-1", How: incident.EndedDropped, Text: text("the quota is gone")})
	add(4, 4, 10, by(marc), incident.ViaSlack, &incident.ImpactRecorded{Figures: []incident.Figure{{Name: "tenants", Value: 12}, {Name: "tcr", Value: 1}}, Customers: incident.TouchedYes})
	add(4, 4, 20, by(marc), incident.ViaSlack, &incident.CadenceSet{Every: 2 * time.Hour})
	add(4, 4, 30, by(marc), incident.ViaSlack, &incident.Captured{Requests: text("r-1"), Traces: text("none"), Tenants: text("Alpha"), Organisations: text("not permitted"), From: at(3, 2, 0), To: at(3, 40, 0)})
	add(4, 4, 40, by(marc), incident.ViaSlack, &incident.Frozen{N: 1, Text: text("invitations")})
	add(4, 4, 50, by(marc), incident.ViaSlack, &incident.FreezeLifted{N: 1})
	add(4, 4, 55, by(lea), incident.ViaSlack, &incident.LockOverridden{Reason: text("the queue overflows")})
	add(4, 4, 56, by(lea), incident.ViaSlack, &incident.HandOverProposed{From: lea, To: marc, Why: incident.HandOverAsked, Due: at(4, 20, 0)})
	add(4, 4, 57, tocsin, incident.ViaClock, &incident.HandOverReminded{To: marc})
	add(4, 4, 58, by(marc), incident.ViaSlack, &incident.HandOverEnded{From: lea, To: marc, How: incident.HandOverAccepted})
	add(4, 4, 59, tocsin, incident.ViaClock, &incident.HandOverSuggested{Who: marc, Since: at(3, 0, 0)})
	add(4, 5, 0, by(marc), incident.ViaSlack, &incident.MomentMarked{Name: incident.FixDeployed})
	add(4, 6, 0, tocsin, incident.ViaAlertmanager, &incident.AttackAsked{Alert: "MassBiometricFailure"})
	add(4, 6, 10, by(lea), incident.ViaSlack, &incident.Answered{Question: incident.QuestionAttack, Value: incident.AnswerYes})
	add(4, 6, 10, by(lea), incident.ViaSlack, &incident.Privatized{Why: incident.PrivateAttack, Channel: "inc-20261121-private-42"})
	add(4, 6, 20, by(lea), incident.ViaSlack, &incident.Admitted{Who: marc})
	add(4, 6, 30, tocsin, incident.ViaSlack, &incident.RoomWanted{Why: incident.RoomAccepted})
	add(4, 7, 0, tocsin, incident.ViaSlack, &incident.RunbooksSuggested{Choices: []incident.Suggestion{
		{Runbook: "RB-004", Title: "PostgreSQL connections exhausted", By: incident.ByAlert, Value: "PostgresConnectionsExhausted"}, {Runbook: "RB-002", Title: "OCR down", By: incident.ByService, Value: "ocr"}}})
	add(4, 7, 10, by(lea), incident.ViaSlack, &incident.ParametersSet{Values: []incident.Value{{Name: "svc", Text: incident.Text{Body: "kyc-svc"}}, {Name: "tenant", Text: incident.Text{Body: "alpha"}}}})
	add(4, 7, 20, by(marc), incident.ViaSlack, &incident.ParametersSet{Values: []incident.Value{{Name: "svc", Text: incident.Text{Body: "ocr-svc"}}, {Name: "tenant"}}})
	ref := incident.RunbookRef{ID: "RB-008", Steps: []string{"freeze", "restore"}, Owner: "tech_lead", Rules: []incident.StepRule{{Title: "Freeze writing", Kind: incident.KindMitigation}, {Title: "Restore", Kind: incident.KindDestructive, Approval: "ceo", FourEyes: true}}}
	add(4, 7, 0, by(lea), incident.ViaSlack, &incident.RunbookStarted{Runbook: ref, Why: "asked"})
	add(4, 7, 0, tocsin, incident.ViaSlack, &incident.ObligationBegun{Key: "client-notice", Why: incident.BeginsRunbook, From: at(3, 6, 0), Due: at(27, 6, 0), Clock: "RB-008/client-notice", What: "notify the client", Who: "communications_lead"})
	add(4, 7, 0, tocsin, incident.ViaSlack, &incident.ObligationBegun{Key: "regulator-notice", Why: incident.BeginsRunbook, From: at(3, 6, 0), Due: at(75, 6, 0), Clock: "RB-008/regulator-notice", What: "notify the regulator", When: "personal data is concerned", Who: "compliance_officer"})
	add(4, 7, 0, tocsin, incident.ViaSlack, &incident.ObligationBegun{Key: "freeze-lifted", Why: incident.BeginsRunbook, From: at(4, 7, 0), Clock: "RB-008/freeze-lifted", What: "lift the freeze", Who: "incident_commander"})
	add(4, 7, 1, by(lea), incident.ViaSlack, &incident.Answered{Question: "regulator-notice", Value: incident.AnswerYes, Since: at(4, 7, 1)})
	add(4, 7, 2, tocsin, incident.ViaClock, &incident.ObligationReminded{Key: "freeze-lifted", Count: 1, Who: []incident.Person{lea}, Next: at(8, 0, 0)})
	add(4, 7, 3, by(marc), incident.ViaSlack, &incident.NoticeSent{Notice: "tenant_dpo", Role: "tenant_dpo", Runbook: "RB-008", Step: "freeze", To: text("dpo@alpha.example"), Reference: text("4711"), Text: text("We have detected an inconsistency")})
	add(4, 7, 3, by(marc), incident.ViaSlack, &incident.ObligationEnded{Key: "client-notice", How: incident.EndedDone, Text: text("dpo@alpha.example")})
	add(4, 7, 4, by(lea), incident.ViaSlack, &incident.Answered{Question: "regulator-notice", Value: incident.AnswerNo, Reason: text("no personal data was touched"), Since: at(4, 7, 4)})
	add(4, 7, 4, by(lea), incident.ViaSlack, &incident.ObligationEnded{Key: "regulator-notice", How: incident.EndedWithdrawn, Text: text("no personal data was touched")})
	add(4, 7, 10, by(marc), incident.ViaSlack, &incident.StepOpened{Runbook: "RB-008", Step: "restore", Card: 2})
	add(4, 7, 15, by(marc), incident.ViaSlack, &incident.StepOpened{Runbook: "RB-008", Step: "freeze", Card: 1})
	add(4, 7, 20, by(lea), incident.ViaSlack, &incident.StepTaken{Runbook: "RB-008", Step: "freeze"})
	add(4, 7, 25, by(marc), incident.ViaSlack, &incident.StepTaken{Runbook: "RB-008", Step: "freeze", Was: lea})
	add(4, 7, 30, by(lea), incident.ViaSlack, &incident.StepFound{Runbook: "RB-008", Step: "freeze", Text: text("three writers are left")})
	add(4, 8, 0, by(lea), incident.ViaSlack, &incident.StepBlocked{Runbook: "RB-008", Step: "freeze", On: text("the DNS is down"), Whom: text("the provider"), Since: at(3, 55, 0)})
	add(4, 8, 30, by(lea), incident.ViaSlack, &incident.StepUnblocked{Runbook: "RB-008", Step: "freeze", Since: at(3, 55, 0)})
	add(4, 8, 40, by(lea), incident.ViaSlack, &incident.StepHelp{Runbook: "RB-008", Step: "freeze", Role: "tech_lead", Who: olga, Round: 1})
	add(4, 8, 50, by(lea), incident.ViaSlack, &incident.StepHelp{Runbook: "RB-008", Step: "restore", Role: "tech_lead", Round: 1})
	add(4, 8, 51, by(marc), incident.ViaSlack, &incident.ReaderAsked{Runbook: "RB-008", Step: "restore", Who: []incident.Person{lea, olga}})
	add(4, 8, 52, by(marc), incident.ViaSlack, &incident.ReaderAsked{Runbook: "RB-008", Step: "freeze"})
	add(4, 8, 53, tocsin, incident.ViaClock, &incident.ReaderAsked{Runbook: "RB-008", Step: "restore", Late: true, Who: []incident.Person{olga}})
	add(4, 8, 54, tocsin, incident.ViaClock, &incident.ReaderAsked{Runbook: "RB-008", Step: "freeze", Late: true})
	add(4, 9, 0, by(marc), incident.ViaSlack, &incident.ApprovalAsked{Runbook: "RB-008", Step: "restore", Role: "ceo", Who: []incident.Person{olga}})
	add(4, 9, 30, by(olga), incident.ViaSlack, &incident.StepApproved{Runbook: "RB-008", Step: "restore", Role: "ceo", Reason: text("the snapshot is offline")})
	add(4, 9, 40, by(lea), incident.ViaSlack, &incident.StepReturned{Runbook: "RB-008", Step: "restore", Reason: text("the host is the production one")})
	add(4, 9, 50, by(lea), incident.ViaSlack, &incident.StepSeconded{Runbook: "RB-008", Step: "restore", Text: text("host and snapshot are right")})
	add(4, 9, 55, by(lea), incident.ViaAlertmanager, &incident.StepChanged{Runbook: "RB-008", Step: "restore", Approver: olga, Second: lea})
	add(4, 9, 56, incident.Actor{System: incident.SystemTocsin}, incident.ViaAlertmanager, &incident.StepChanged{Runbook: "RB-008", Step: "restore", Approver: olga, Role: "ceo", Values: []incident.ValueChange{{Name: "tenant", Was: text("acme-bank"), Is: text("beta-bank")}}})
	add(4, 10, 0, by(marc), incident.ViaSlack, &incident.StepAwaits{Runbook: "RB-008", Step: "restore", Text: text("1204 events replayed")})
	add(4, 10, 10, by(lea), incident.ViaSlack, &incident.StepReturned{Runbook: "RB-008", Step: "restore", Doer: marc, Reason: text("two are missing")})
	add(4, 11, 0, by(lea), incident.ViaSlack, &incident.StepMarked{Runbook: "RB-008", Step: "restore", Mark: incident.StepDone, Doer: marc, Text: text("1206 events replayed")})
	add(4, 11, 5, by(lea), incident.ViaSlack, &incident.StepAgain{Runbook: "RB-008", Step: "restore", Card: 1, Count: 1})
	// Read from history after an absence: it belongs between 03:40 and 03:44.
	out = append(out, incident.Event{Seq: int64(len(out) + 1), At: at(3, 41, 0), RecordedAt: at(3, 59, 0), Actor: by(marc), Via: incident.ViaSlack,
		Fact: &incident.MessageSeen{Channel: "C042", TS: "3.1", Text: incident.Text{Digest: "erased"}, Caught: true}})
	add(4, 12, 0, tocsin, incident.ViaClock, &incident.Paged{Page: incident.Page{Key: "obligation/customer_notice/1/cto/U1", Target: "cto", Person: olga, Why: incident.WhyObligation, Obligation: "customer_notice", Along: []string{"action-1"}}})
	add(4, 12, 5, tocsin, incident.ViaClock, &incident.ReviewWritten{Subject: "RB-008", Who: olga, At: incident.Posted{Channel: "D1", TS: "1.2"}})
	add(5, 0, 0, by(lea), incident.ViaSlack, &incident.SeveritySet{Severity: 2, Was: 3, Confirmed: true, Rule: "by hand", Asks: true}) // nobody ever said why
	add(5, 0, 0, by(marc), incident.ViaSlack, &incident.SeveritySet{Severity: 1, Was: 2, Confirmed: true, Rule: "by hand", Asks: true})
	add(5, 4, 0, by(marc), incident.ViaSlack, &incident.SeverityReason{Of: out[len(out)-1].Seq, Severity: 1, Reason: text("nobody can pay")})
	return out
}

func TestEveryFactTypeIsDecidedOn(t *testing.T) {
	seen := map[string]bool{}
	lines := map[string]bool{}
	for _, e := range night() {
		seen[e.Fact.Type()] = true
	}
	for _, l := range Lines(night(), "en") {
		lines[l.Kind] = true
	}
	for _, name := range incident.FactTypes() {
		yes, decided := Shown(name)
		switch {
		case !decided:
			t.Errorf("nobody decided whether a timeline shows %q: add it to shown, word it in line, and put one into night", name)
		case !seen[name]:
			t.Errorf("night has no %q: nothing tests how it is shown", name)
		case yes != lines[name]:
			t.Errorf("%q: decided %v, but lines of it: %v", name, yes, lines[name])
		}
	}
	for name := range shown {
		if !slices.Contains(incident.FactTypes(), name) {
			t.Errorf("%q is no fact type", name)
		}
	}
}

func state(events []incident.Event) incident.State {
	st := incident.State{}
	for _, e := range events {
		st = incident.Evolve(st, e)
	}
	st.Policy = policy
	return st
}

func TestGoldens(t *testing.T) {
	for _, lang := range catalog.Languages() {
		events := night()
		golden(t, "night."+lang+".txt", Text(state(events), events, lang, tunis))
		// Resolved, before it was reopened: the figures.
		i := slices.IndexFunc(events, func(e incident.Event) bool { return e.Fact.Type() == "reopened" })
		golden(t, "night."+lang+".md", Markdown(state(events[:i]), events[:i], lang, tunis))
	}
}

func TestOrderIsWhenItHappened(t *testing.T) {
	lines := Lines(night(), "en")
	if !slices.IsSortedFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) }) {
		t.Error("lines are not in the order things happened")
	}
	var late []Line
	for _, l := range lines {
		if l.Late {
			late = append(late, l)
		}
	}
	if len(late) != 1 || !strings.Contains(late[0].Text.Plain(tunis), "(text erased)") {
		t.Errorf("late lines: %v, want the one message read from history", late)
	}
}

// What changes a message never stands before it, however the two were recorded and however coarse Slack's clock of edits is.
func TestAChangeNeverStandsBeforeItsMessage(t *testing.T) {
	said := at(3, 41, 0).Add(700 * time.Millisecond)
	log := func(facts ...incident.Event) []incident.Event {
		for i := range facts {
			facts[i].Seq, facts[i].RecordedAt, facts[i].Actor = int64(i+1), at(3, 59, 0), by(marc)
		}
		return facts
	}
	message := incident.Event{At: said, Fact: &incident.MessageSeen{Channel: "C", TS: "1.7", Text: text("frist"), Caught: true}}
	edit := incident.Event{At: said.Truncate(time.Second), Fact: &incident.MessageEdited{Channel: "C", TS: "1.7", EditTS: "1.0", Text: text("first")}}
	second := incident.Event{At: said.Add(time.Second), Fact: &incident.MessageEdited{Channel: "C", TS: "1.7", EditTS: "3.0", Text: text("first of all")}}
	gone := incident.Event{At: said, Fact: &incident.MessageDeleted{Channel: "C", TS: "1.7"}}
	other := incident.Event{At: said, Fact: &incident.MessageSeen{Channel: "C", TS: "1.8", Text: text("other")}}
	for name, events := range map[string][]incident.Event{
		"as it was":          log(message, other, edit, gone, second),
		"the edit first":     log(edit, message, gone, other, second),
		"everything reverse": log(second, edit, gone, message, other),
	} {
		var kinds []string
		for _, l := range Lines(events, "en") {
			kinds = append(kinds, l.Kind)
		}
		if kinds[0] != "message" || kinds[1] != "message" || kinds[4] != "message-edited" || len(kinds) != 5 {
			t.Errorf("%s: %v", name, kinds)
		}
		if s := Text(state(events), events, "en", tunis); !strings.Contains(s, "frist (changed 04:41:01") && !strings.Contains(s, "frist (changed 03:41") {
			t.Errorf("%s: %s", name, s)
		}
	}
}

func TestNothingInATimelineCallsAnybody(t *testing.T) {
	events := []incident.Event{{Seq: 1, At: at(3, 7, 0), RecordedAt: at(3, 7, 0), Actor: by(lea),
		Fact: &incident.MessageSeen{Channel: "C", TS: "1", Text: text("<!channel> <!here|here> <!subteam^S1|@team> <@U9|eve> <@U0LEA> <#C1|general> <javascript:alert(1)|x> <https://ok|it> is &lt;b&gt; @here")}}}
	for _, l := range Lines(events, "en") {
		for _, s := range l.Text {
			if s.Kind == catalog.Mention {
				t.Errorf("mentions %v", s)
			}
			if s.Kind == catalog.Link && !strings.HasPrefix(s.URL, "https://") {
				t.Errorf("links to %q", s.URL)
			}
		}
		if got, want := l.Text.Plain(tunis), "Léa Martin: @channel here @team eve Léa Martin #general x it (https://ok) is <b> @here"; got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestMarkdownEscapes(t *testing.T) {
	hostile := "# Heading\n---\n- list\n1. one\n<script>x</script> ![i](http://x) `code` *b* | &amp; \\"
	events := []incident.Event{{Seq: 1, At: at(3, 7, 0), RecordedAt: at(3, 7, 0), Actor: by(lea), Fact: &incident.Noted{Text: text(hostile)}}}
	got := Markdown(incident.State{ID: "INC-1", Title: text(hostile), Status: incident.Investigating}, events, "en", tunis)
	bare := strings.NewReplacer("\\\\", "", "\\<", "", "\\!", "", "\\[", "", "\\`", "", "\\*", "", "\\#", "").Replace(got)
	for _, bad := range []string{"<", "![", "# H", "\n  1. ", "\n  - ", "\n  ---", "`code"} {
		if strings.Contains(bare, bad) {
			t.Errorf("%q is not escaped in\n%s", bad, got)
		}
	}
	if n := strings.Count(got, "\n# ") + strings.Count(got, "\n#\\"); n != 0 || !strings.HasPrefix(got, "# INC-1") {
		t.Errorf("headings: %q", got)
	}
}

func TestFiguresUnknownIsNil(t *testing.T) {
	st := incident.State{DetectedAt: at(3, 0, 0), DeclaredAt: at(3, 1, 0), Status: incident.Investigating}
	if f := FiguresOf(st, nil); f.Acknowledge != nil || f.Channel != nil || f.Mitigate != nil || f.Resolve != nil {
		t.Errorf("nothing happened, yet %+v", f)
	}
	st.AcknowledgedAt, st.MitigatedAt, st.EndedAt, st.Status = at(3, 5, 0), at(3, 30, 0), at(3, 40, 0), incident.Resolved
	events := []incident.Event{{Seq: 2, At: at(3, 1, 2), RecordedAt: at(3, 1, 2), Fact: &incident.ChannelOpened{}}, {Seq: 9, At: at(4, 0, 0), RecordedAt: at(4, 0, 0), Fact: &incident.ChannelOpened{}}}
	f := FiguresOf(st, events)
	for _, c := range []struct {
		name string
		got  *time.Duration
		want time.Duration
	}{{"acknowledge", f.Acknowledge, 5 * time.Minute}, {"channel", f.Channel, 2 * time.Second}, {"mitigate", f.Mitigate, 30 * time.Minute}, {"resolve", f.Resolve, 40 * time.Minute}} {
		if c.got == nil || *c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	st.Status = incident.Cancelled
	if f := FiguresOf(st, events); f != (Figures{}) {
		t.Errorf("noise has figures: %+v", f)
	}
}

func FuzzSlackText(f *testing.F) {
	f.Add("hi <@U1|x> <!channel> <https://a|b> &lt;")
	f.Add("<<<@|>>><#C1>")
	f.Fuzz(func(t *testing.T, s string) {
		w := newWriter(nil, "en")
		got := catalog.Of("en", w.slack(incident.Text{Body: s}))
		for _, sp := range got {
			if sp.Kind == catalog.Mention {
				t.Errorf("%q mentions %q", s, sp.ID)
			}
			if sp.Kind == catalog.Link && !strings.HasPrefix(sp.URL, "http") {
				t.Errorf("%q links to %q", s, sp.URL)
			}
		}
		for line := range strings.SplitSeq(markdown(got, nil), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "#") || strings.HasPrefix(strings.TrimSpace(line), "<") {
				t.Errorf("%q makes the line %q", s, line)
			}
		}
	})
}

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
		t.Fatalf("%v: run go test ./bot/timeline -update", err)
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
			t.Fatalf("%s:%d\n got %q\nwant %q\nIf the change is meant: go test ./bot/timeline -update", path, i+1, x, y)
		}
	}
}

// Means over incidents (MTTA, MTTR) are taken of their figures: one that was cancelled, however far it had come, and a duplicate count in none.
func TestCancelledIncidentsAreInNoMean(t *testing.T) {
	ended := func(status incident.Status, ack, end int) incident.State {
		return incident.State{DetectedAt: at(3, 0, 0), DeclaredAt: at(3, 0, 0), AcknowledgedAt: at(3, ack, 0), MitigatedAt: at(3, end, 0), EndedAt: at(3, end, 0), Status: status}
	}
	all := []incident.State{ended(incident.Resolved, 2, 20), ended(incident.Cancelled, 50, 59), ended(incident.Closed, 4, 40), ended(incident.Duplicate, 50, 59)}
	mean := func(of func(Figures) *time.Duration) (sum time.Duration, n int) {
		for _, st := range all {
			if d := of(FiguresOf(st, []incident.Event{{Fact: &incident.ChannelOpened{}, RecordedAt: at(3, 1, 0)}})); d != nil {
				sum, n = sum+*d, n+1
			}
		}
		return sum / time.Duration(max(n, 1)), n
	}
	for _, c := range []struct {
		name string
		of   func(Figures) *time.Duration
		want time.Duration
	}{
		{"MTTA", func(f Figures) *time.Duration { return f.Acknowledge }, 3 * time.Minute}, {"MTTR", func(f Figures) *time.Duration { return f.Resolve }, 30 * time.Minute},
		{"to mitigate", func(f Figures) *time.Duration { return f.Mitigate }, 30 * time.Minute}, {"to a channel", func(f Figures) *time.Duration { return f.Channel }, time.Minute},
	} {
		if got, n := mean(c.of); got != c.want || n != 2 {
			t.Errorf("%s is %s of %d, want %s of 2", c.name, got, n, c.want)
		}
	}
}
