package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// filling is a form filled in on a fresh incident.
type filling struct {
	ref     view.Ref
	setup   func(w *world, s incident.State)
	answers map[string]string
	facts   string // recorded
	wrong   map[string]string
	at      string          // the input whose fault the wrong answers are
	free    bool            // it makes sense for an incident that is over
	leads   string          // to another form, by name
	by      incident.Person // who fills it in; zero: Sam
	check   func(w *world, s incident.State) bool
}

var fillings = map[string]filling{
	view.FormDeclare: {answers: map[string]string{view.InputTitle: "queues are stuck", view.InputSeverity: "2", view.InputService: "kafka"}, free: true,
		wrong: map[string]string{view.InputTitle: " \n "}, at: view.InputTitle,
		check: func(w *world, _ incident.State) bool {
			s := w.state("INC-2")
			return s.Title.Body == "queues are stuck" && s.Severity == 2 && s.Confirmed && s.Service == "kafka"
		}},
	view.FormProgress: {answers: map[string]string{view.InputText: "the certificate has expired"}, facts: "progress",
		wrong: map[string]string{view.InputText: "hm"}, at: view.InputText},
	view.FormSeverity: {answers: map[string]string{view.InputSeverity: "3", view.InputReason: "back office only"}, facts: "severity-set told",
		wrong: map[string]string{view.InputSeverity: "5"}, at: view.InputSeverity, check: func(_ *world, s incident.State) bool { return s.Severity == 3 }},
	view.FormUpdate: {answers: map[string]string{view.InputText: "a third of the customers cannot pay", view.InputNext: "120"}, facts: "update",
		wrong: map[string]string{view.InputText: "x", view.InputNext: "soon", view.InputMoments: "fix-deployed"}, at: view.InputNext,
		check: func(w *world, s incident.State) bool { return s.NextAt.Equal(w.clock.Now().Add(2 * time.Hour)) }},
	view.FormResolve: {answers: map[string]string{view.InputText: "rolled back"}, facts: "resolved page-changed obligation-deferred obligation-deferred obligation-deferred",
		check: func(_ *world, s incident.State) bool {
			return s.Status == incident.Resolved && s.Outcome.Body == "rolled back"
		}},
	view.FormCancel: {answers: map[string]string{view.InputReason: "the probe was wrong"}, facts: "cancelled page-changed obligation-ended obligation-ended obligation-ended",
		wrong: map[string]string{}, at: view.InputReason, check: func(_ *world, s incident.State) bool { return s.Status == incident.Cancelled }},
	view.FormReopen: {setup: func(w *world, s incident.State) { w.say(lea, room(s.ID), "resolve it was the cache") },
		answers: map[string]string{view.InputReason: "it is back"}, facts: "reopened role-set level-raised acknowledged role-asked", free: true,
		check: func(_ *world, s incident.State) bool { return s.Open() }},
	view.FormFinding: {ref: view.Ref{Runbook: "RB-001", Subject: "database"}, setup: started, answers: map[string]string{view.InputText: "connections are nearly exhausted", view.InputBranch: "1"},
		facts: "step progress runbooks-suggested", wrong: map[string]string{view.InputText: " "}, at: view.InputText,
		check: func(_ *world, s incident.State) bool { return s.Offered()[0].Runbook == "RB-004" }},
	view.FormParameters: {ref: view.Ref{Runbook: "RB-004"}, setup: leaking, answers: map[string]string{view.InputParameter("svc"): "kyc-svc", view.InputParameter("max_connections"): ""}, facts: "parameters",
		wrong: map[string]string{view.InputParameter("svc"): "kyc-svc; rm -rf /"}, at: view.InputParameter("svc"), free: true,
		check: func(_ *world, s incident.State) bool {
			v, ok := s.Value("svc")
			return ok && v.Text.Body == "kyc-svc" && v.By == sam && len(s.Values) == 1
		}},
	view.FormReview: {ref: aboutReview, setup: toReview, answers: map[string]string{view.InputText: "step 4 names the old cluster"}, wrong: map[string]string{view.InputText: " "}, at: view.InputText, free: true,
		check: func(w *world, _ incident.State) bool { return w.reviewedHow("RB-003") == house.ReviewChange }},
	view.FormSkip: {ref: view.Ref{Runbook: "RB-001", Subject: "database"}, setup: started, answers: map[string]string{view.InputReason: "no access"}, facts: "step",
		wrong: map[string]string{}, at: view.InputReason},
	view.FormBlock: {ref: step1, setup: started, answers: map[string]string{view.InputReason: "the dashboards do not answer", view.InputWhom: "the provider", view.InputSince: "23:50"}, facts: "step-blocked",
		wrong: map[string]string{view.InputReason: "x", view.InputSince: "soon"}, at: view.InputSince,
		check: func(w *world, s incident.State) bool {
			b := run(s, "RB-001").BlockedSteps()
			return len(b) == 1 && b[0].Blocked.On.Body == "the dashboards do not answer" && b[0].Blocked.Whom.Body == "the provider" && b[0].Blocked.Since.Equal(w.clock.Now().Add(-10*time.Minute))
		}},
	view.FormApprove: {by: tech, ref: guardedStep, setup: startedGuarded, answers: map[string]string{view.InputReason: "the replica is ready"}, facts: "step-approved",
		wrong: map[string]string{}, at: view.InputReason, check: func(_ *world, s incident.State) bool {
			return run(s, "RB-004").Worked("max-connections").Approved.By == tech
		}},
	view.FormSecond: {ref: restore, setup: unread, answers: map[string]string{view.InputReason: "the host and the snapshot are right"}, facts: "step-seconded",
		check: func(_ *world, s incident.State) bool {
			return run(s, "RB-008").Worked("restore").Seconded.By == sam && len(s.Locks("RB-008", "restore", "")) == 0
		}},
	view.FormReturn: {ref: restore, setup: unread, answers: map[string]string{view.InputReason: "two events are missing"}, facts: "step-returned",
		wrong: map[string]string{}, at: view.InputReason, check: func(_ *world, s incident.State) bool { return len(s.Locks("RB-008", "restore", "")) == 1 }},
	view.FormRole: {answers: map[string]string{view.InputRole: "comms", view.InputPerson: tech.Slack}, facts: "role-set",
		wrong: map[string]string{view.InputRole: "king"}, at: view.InputRole, check: func(_ *world, s incident.State) bool { return s.Roles[incident.Comms].Who == tech }},
	view.FormWhy: {setup: func(w *world, s incident.State) {
		w.say(lea, room(s.ID), "sev 3 only a few")
		w.say(lea, room(s.ID), "sev 1")
	}, answers: map[string]string{view.InputReason: "it is everybody"}, facts: "severity-reason",
		free: true, wrong: map[string]string{view.InputReason: ""}, at: view.InputReason, check: func(_ *world, s incident.State) bool { return s.ReasonOwed == nil }},
	view.FormGuide: {answers: map[string]string{view.InputTenants: "30 %"}, leads: view.FormSeverity,
		wrong: map[string]string{view.InputTenants: "many"}, at: view.InputTenants},
	view.FormHandOn: {by: prim, answers: map[string]string{view.InputPerson: tech.Slack}, facts: "handed-on",
		wrong: map[string]string{view.InputPerson: prim.Slack}, at: view.InputPerson},
	view.FormDutyDone: {ref: owed, setup: unsure, answers: map[string]string{view.InputText: "e-mail to Alpha, reference 4711"}, facts: "obligation-ended", free: true,
		wrong: map[string]string{view.InputText: " "}, at: view.InputText,
		check: func(_ *world, s incident.State) bool {
			d, _ := s.Duty("customer_notice")
			return d.How == incident.EndedDone && d.EndedBy == sam && d.Outcome.Body == "e-mail to Alpha, reference 4711"
		}},
	view.FormDutyDrop: {ref: owed, setup: unsure, answers: map[string]string{view.InputReason: "the data were test data"}, facts: "obligation-ended", free: true,
		wrong: map[string]string{}, at: view.InputReason,
		check: func(_ *world, s incident.State) bool {
			d, _ := s.Duty("customer_notice")
			return d.How == incident.EndedDropped && d.EndedBy == sam && d.Outcome.Body == "the data were test data"
		}},
	view.FormAnswer: {ref: data, setup: unsure, answers: map[string]string{view.InputReason: "only internal dashboards"}, facts: "answered obligation-ended obligation-ended obligation-ended", free: true,
		wrong: map[string]string{}, at: view.InputReason,
		check: func(_ *world, s incident.State) bool {
			a, _ := s.Answer("personal_data")
			for _, d := range s.Owing() {
				if d.Legal {
					return false
				}
			}
			return a.Value == incident.AnswerNo
		}},
	view.FormNotice: {ref: view.Ref{Subject: "customer"}, setup: unsure, answers: map[string]string{view.InputTo: "e-mail to Alpha", view.InputReference: "4711", view.InputText: "Subject: incident"}, facts: "notice-sent obligation-ended", free: true,
		wrong: map[string]string{view.InputText: "Subject: incident"}, at: view.InputTo,
		check: func(_ *world, s incident.State) bool {
			n, _ := s.Notice("customer")
			return n.By == sam && n.To.Body == "e-mail to Alpha" && n.Text.Body == "Subject: incident"
		}},
	view.FormStepSent: {ref: view.Ref{Runbook: "RB-008", Subject: "tell-client", Note: "tenant_compliance_officer,tenant_dpo"}, setup: broken, free: true,
		answers: map[string]string{view.InputRoles: "tenant_compliance_officer,tenant_dpo", view.InputTo: "e-mail to Alpha", view.InputReference: "4711", view.InputText: "We have detected", view.InputSince: "00:00", view.InputBranch: view.BranchNone},
		facts:   "notice-sent notice-sent step obligation-ended", wrong: map[string]string{view.InputRoles: "tenant_dpo", view.InputTo: "e-mail", view.InputSince: "soon"}, at: view.InputSince,
		check: func(_ *world, s incident.State) bool {
			d, _ := s.Duty("customer_notice")
			return d.How == incident.EndedDone && d.Outcome.Body == "e-mail to Alpha" && run(s, "RB-008").Steps["tell-client"].By == sam && len(run(s, "RB-008").Untold("tell-client")) == 0
		}},
	view.FormStepTell: {ref: view.Ref{Runbook: "RB-008", Subject: "escalate", Note: "compliance_officer,cto"},
		setup:   func(w *world, s incident.State) { w.cto(tech); broken(w, s) },
		answers: map[string]string{view.InputRoles: "cto", view.InputText: "We have lost data", view.InputHow: incident.TellWrite},
		facts:   "notice-sent", free: true, wrong: map[string]string{view.InputRoles: "compliance_officer", view.InputText: "x", view.InputHow: incident.TellWrite}, at: view.InputRoles,
		check: func(_ *world, s incident.State) bool {
			told, ok := run(s, "RB-008").Told("escalate", "cto")
			return ok && told.By == sam && s.Informed[len(s.Informed)-1].Who == tech
		}},
	view.FormHandOver: {setup: func(w *world, s incident.State) { w.say(lea, room(s.ID), "lead") }, answers: map[string]string{view.InputPerson: tech.Slack}, facts: "hand-over-proposed",
		wrong: map[string]string{}, at: view.InputPerson, check: func(_ *world, s incident.State) bool {
			return s.HandOver.To == tech && s.Roles[incident.Commander].Who == lea
		}},
	view.FormCapture: {answers: map[string]string{view.InputRequests: "r-1, r-2", view.InputTraces: "none", view.InputAffected: "Alpha", view.InputOrganisations: "not permitted", view.InputWindow: "23:40-23:55", view.InputFreeze: "invitations\nexports"},
		facts: "captured frozen frozen", free: true, wrong: map[string]string{view.InputRequests: "r-1", view.InputWindow: "soon"}, at: view.InputWindow,
		check: func(w *world, s incident.State) bool {
			return s.CaptureFilled() && !s.Locked(incident.KindReplay) && len(s.Freezing()) == 2 && s.Capture.To.Equal(w.clock.Now().Add(-5*time.Minute))
		}},
	view.FormPrivate: {answers: map[string]string{view.InputReason: "customer data was read"}, facts: "private", free: true,
		check: func(_ *world, s incident.State) bool { return s.Private != nil }},
	view.FormPage: {answers: map[string]string{view.InputTarget: "cto", view.InputReason: "we need a decision"}, facts: "note paged",
		wrong: map[string]string{view.InputTarget: "king"}, at: view.InputTarget,
		check: func(_ *world, s incident.State) bool {
			return slices.ContainsFunc(s.Pages, func(p incident.Page) bool { return p.Target == "cto" && p.Why == incident.WhyAsked })
		}},
	view.FormAction: {answers: map[string]string{view.InputText: "alert at 80 %", view.InputPerson: tech.Slack, view.InputDay: "2w"}, facts: "obligation-begun", free: true,
		wrong: map[string]string{view.InputText: "alert at 80 %"}, at: view.InputPerson,
		check: func(_ *world, s incident.State) bool {
			d, _ := s.Duty("action-1")
			return d.Owner == tech && d.Text.Body == "alert at 80 %"
		}},
	view.FormRunbook: {answers: map[string]string{view.InputRunbook: "RB-004"}, facts: "runbook-started",
		wrong: map[string]string{view.InputRunbook: "RB-999"}, at: view.InputRunbook, check: func(_ *world, s incident.State) bool { _, ok := s.Runbook("RB-004"); return ok }},
}

func run(s incident.State, id string) incident.RunbookRun { r, _ := s.Runbook(id); return r }

func TestEveryForm(t *testing.T) {
	for _, f := range Forms() {
		p, ok := fillings[f.Name]
		if !ok {
			t.Errorf("%s is not tested", f.Name)
			continue
		}
		who := p.by
		if who.Zero() {
			who = sam
		}
		t.Run(f.Name, func(t *testing.T) {
			inWorld(t, "en", func(w *world) {
				s, ref := w.fresh(pressing{ref: p.ref, setup: p.setup})
				if p.at != "" {
					r := w.submit(who, f.Name, ref, p.wrong)
					if len(r.Errors) != 1 || len(r.Errors[p.at]) == 0 || r.Close || r.Card != nil {
						t.Errorf("wrong answers get %+v", r)
					}
					w.quiet(f.Name+" filled wrongly", s)
				}
				r := w.submit(who, f.Name, ref, p.answers)
				if got := strings.Join(w.facts(s), " "); got != p.facts {
					t.Errorf("recorded %q, want %q: %s", got, p.facts, text(r))
				}
				if p.leads != "" && (r.Form == nil || r.Form.ID != p.leads) {
					t.Errorf("it leads to %+v", r)
				}
				if f.Name != view.FormDeclare && p.leads == "" && !r.Close {
					t.Errorf("the form stays open: %+v", r)
				}
				if p.check != nil && !p.check(w, w.state(s.ID)) {
					t.Errorf("it did not do what it says: %+v", w.state(s.ID))
				}
			})
			inWorld(t, "fr", func(w *world) {
				s, ref := w.fresh(pressing{ref: p.ref, setup: p.setup})
				if !p.free { // filled in while somebody ended the incident
					w.say(lea, room(s.ID), "cancel the probe was wrong")
					s = w.state(s.ID)
					if r := w.submit(who, f.Name, ref, p.answers); !strings.Contains(text(r), "Rouvrez-le") || r.Close {
						t.Errorf("sent after the end: %+v", r)
					}
					w.quiet(f.Name+" after the end", s)
				}
				for _, ref := range garbage(string(s.ID)) {
					if ref.Incident == "" && f.Name == view.FormDeclare {
						continue
					}
					for _, a := range []map[string]string{nil, {view.InputText: "\u202e", view.InputReason: "\x00", view.InputBranch: "99", view.InputRole: "<!channel>", view.InputPerson: "nobody", view.InputSeverity: "sev", view.InputNext: "1e9", view.InputRunbook: "../.."}} {
						w.submit(who, f.Name, ref, a)
					}
				}
				if f.Name != view.FormDeclare {
					w.wants("nothing", w.submit(who, f.Name, view.Ref{Incident: "INC-99"}, p.answers), "Rien n'a été fait")
					w.wants("nothing", w.submit(who, f.Name, view.Ref{}, p.answers), "Rien n'a été fait")
				}
			})
		})
	}
	inWorld(t, "en", func(w *world) {
		w.wants("no form", w.submit(sam, "no-such-form", view.Ref{}, nil), "Nothing was done")
		w.wants("no button", w.press(sam, direct, "no-such-button", view.Ref{}), "Nothing was done")
	})
}

// The declare form knows the severity that the title names, looks for incidents that look alike, and a free form opens with what is known.
func TestTheFormToDeclare(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		r := w.say(sam, outside, "declare SEV-1")
		w.wants("declare SEV-1", r, "(•) 🔴 SEV-1")
		w.submit(sam, view.FormDeclare, view.Ref{}, map[string]string{view.InputTitle: "SEV1: nobody can pay"})
		if s := w.state("INC-1"); s.Severity != 1 || s.Title.Body != "nobody can pay" {
			t.Errorf("%v %q", s.Severity, s.Title.Body)
		}
		r = w.submit(sam, view.FormDeclare, view.Ref{}, map[string]string{view.InputTitle: "nobody can pay any more", view.InputSeverity: "2", view.InputService: "shop"})
		again := buttons(r, view.ActionDeclare)
		if len(again) != 1 || w.count() != 1 {
			t.Fatalf("%s", text(r))
		}
		w.press(sam, "", view.ActionDeclare, again[0].Value)
		if s := w.state("INC-2"); s.Severity != 2 || s.Service != "shop" || s.Title.Body != "nobody can pay any more" {
			t.Errorf("open anyway forgets: %v %q %q", s.Severity, s.Service, s.Title.Body)
		}
	})
}

// The guide proposes and says which rule decided; a human confirms, or chooses otherwise.
func TestTheSeverityGuide(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s, ref := w.fresh(pressing{})
		r := w.submit(sam, view.FormGuide, ref, map[string]string{view.InputTenants: "5", view.InputSLO: "2,5", view.InputFacts: "degraded,workaround"})
		w.wants("the guide", r, "SEV-2: 2.5 times over the SLO, more than 2")
		if r.Form == nil {
			t.Fatal("no form to confirm")
		}
		w.quiet("proposing", s)
		other := w.submit(sam, view.FormSeverity, r.Form.Ref, map[string]string{view.InputSeverity: "3"})
		w.wants("lowered without a reason", other, "Not lowered", "/incident sev 3 why it is less")
		w.quiet("lowered without a reason", s)
		other = w.submit(sam, view.FormSeverity, r.Form.Ref, map[string]string{view.InputSeverity: "3", view.InputReason: "the back office only"})
		if got := w.state(s.ID); !other.Close || got.Severity != 3 || got.Rule != "by hand" {
			t.Errorf("chosen otherwise: %v by %q", got.Severity, got.Rule)
		}
		w.submit(sam, view.FormSeverity, r.Form.Ref, map[string]string{view.InputSeverity: "2"})
		if got := w.state(s.ID); got.Severity != 2 || !got.Confirmed || got.Rule != "guide slo 2.5 2" {
			t.Errorf("confirmed: %v by %q", got.Severity, got.Rule)
		}
		w.wants("nothing said", w.submit(sam, view.FormGuide, ref, nil), "SEV-4")

		w.submit(sam, view.FormDeclare, view.Ref{}, map[string]string{view.InputTitle: "logins fail", view.InputTenants: "30", view.InputFacts: "critical"})
		if got := w.state("INC-2"); got.Severity != 1 || got.Confirmed || got.Rule != "guide tenants 30 10" {
			t.Errorf("declared by the guide: %v confirmed %v by %q", got.Severity, got.Confirmed, got.Rule)
		}
		r = w.submit(sam, view.FormDeclare, view.Ref{}, map[string]string{view.InputTitle: "reports are late", view.InputTenants: "lots"})
		if len(r.Errors[view.InputTenants]) == 0 {
			t.Errorf("%+v", r)
		}
		w.submit(sam, view.FormDeclare, view.Ref{}, map[string]string{view.InputTitle: "reports are late", view.InputTenants: "30", view.InputSeverity: "4"})
		if got := w.state("INC-3"); got.Severity != 4 || !got.Confirmed {
			t.Errorf("a human said otherwise: %v", got.Severity)
		}
	})
}

// The boxes of the update form: what is ticked is recorded in the step of the update, what is recorded already is not again.
func TestMomentsAreRecordedWithTheUpdate(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down sev2")
		here := room(s.ID)
		w.say(sam, here, "moment fix-deployed")
		s = w.state(s.ID)
		r := w.say(sam, here, "update")
		w.wants("the form", r, "Customers notified")
		if strings.Contains(text(r), "Fix deployed") {
			t.Error("it offers what is recorded already")
		}
		w.submit(sam, view.FormUpdate, r.Form.Ref, map[string]string{view.InputText: "the fix is out", view.InputMoments: "fix-deployed,customers-notified,made-up"})
		if got := strings.Join(w.facts(s), " "); got != "update moment" {
			t.Fatalf("recorded %q", got)
		}
		if m := w.state(s.ID).Moments; len(m) != 2 || m[1].Name != incident.CustomersNotified || m[1].By != sam {
			t.Errorf("%+v", m)
		}
	})
}

// Opened although another looks alike: the answer offers to merge it after all.
func TestDeclaredAnywayOffersTheMerge(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		w.declare("checkout is down sev2")
		w.say(sam, "C0GENERAL", "declare checkout is down again sev2")
		r := w.press(sam, "C0GENERAL", view.ActionDeclare, view.Ref{Note: "checkout is down again sev2", Subject: "slack/env/first"})
		b := buttons(r, view.ActionMerge)
		if len(b) != 1 || b[0].Value.Incident != "INC-2" || b[0].Value.Subject != "INC-1" {
			t.Fatalf("%+v: %s", b, text(r))
		}
		w.wants("merged", w.press(sam, "C0GENERAL", view.ActionMerge, b[0].Value), "merged it into INC-1")
		if s := w.state("INC-2"); s.Status != incident.Duplicate {
			t.Error(s.Status)
		}
	})
}

// Who raises the severity without a reason is heard at once and asked for it in the answer, until somebody gives it; who lowers it without one is
// shown what to type, and the form.
func TestTheSeverityIsAskedWhy(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down")
		raised := w.say(sam, room(s.ID), "sev 1")
		w.wants("raised", raised, "SEV-1", "(reason not given yet)", "/incident sev why")
		ask := buttons(raised, view.ActionOpenWhy)
		if w.state(s.ID).Severity != 1 || len(ask) != 1 {
			t.Fatalf("%s: %s", w.state(s.ID).Severity, text(raised))
		}
		form := w.press(lea, room(s.ID), view.ActionOpenWhy, ask[0].Value)
		if form.Form == nil || form.Form.ID != view.FormWhy {
			t.Fatalf("no form: %s", text(form))
		}
		w.wants("why", w.say(sam, room(s.ID), "sev why nobody can pay"), "gave the reason for SEV-1: nobody can pay")
		w.wants("why again", w.press(lea, room(s.ID), view.ActionOpenWhy, ask[0].Value), "no reason is missing")
		s = w.state(s.ID)
		lowered := w.say(sam, room(s.ID), "sev 3")
		w.quiet("lowered", s)
		w.wants("lowered", lowered, "Not lowered", "/incident sev 3 why it is less")
		if len(buttons(lowered, view.ActionOpenSev)) != 1 {
			t.Error("no way to the form")
		}
		w.wants("with a reason", w.say(sam, room(s.ID), "sev 3 only the back office"), "SEV-3", "only the back office")
	})
}
