package view

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// bound is a policy with a question and obligations.
func bound(language string) *incident.Policy {
	p := policy(language)
	title := func(en, fr string) map[string]string { return map[string]string{"en": en, "fr": fr} }
	p.Questions = []incident.Question{{Name: "personal_data", Ask: title("Are personal data concerned?", "Des données personnelles sont-elles concernées ?"), Within: time.Hour, Chain: []string{"commander"}, Every: time.Hour}}
	p.Obligations = []incident.Obligation{
		{Name: "customer_notice", Title: title("notice to the customer", "notification du client"), Begins: []string{"personal_data=yes", "personal_data=unknown"}, Within: 24 * time.Hour, Legal: true, Laws: title("contract", "contrat"), Notice: "customer",
			Chain: []string{"comms", "commander", "compliance"}, Every: 4 * time.Hour, PageBefore: 3 * time.Hour},
		{Name: "post_mortem_draft", Title: title("post-mortem drafted", "post-mortem rédigé"), Begins: []string{incident.BeginsResolved}, WithinDays: 2, Chain: []string{"commander"}, Every: 24 * time.Hour},
	}
	return p
}

func customer() incident.Duty {
	return incident.Duty{Key: "customer_notice", Of: "customer_notice", Legal: true, Why: "personal_data=unknown", From: at(3, 6), Due: at(27, 6), Next: at(15, 6)}
}

// owing is the running incident with everything that can be owed.
func owing(st incident.State, language string) incident.State {
	return edited(st, func(s *incident.State) {
		s.Policy = bound(language)
		s.Answers = []incident.Answer{{Question: "personal_data", Value: incident.AnswerUnknown, By: lea, At: at(3, 18), Since: at(3, 6)}}
		s.Duties = []incident.Duty{
			customer(), {Key: "post_mortem_draft", Of: "post_mortem_draft", Why: incident.BeginsResolved, From: at(3, 41), Due: at(60, 0), Next: at(56, 0), Owner: marc},
			{Key: "action-1", Why: incident.BeginsAction, From: at(3, 50), Due: at(200, 0), Next: at(176, 0), Owner: nadia, Text: incident.Text{Body: "alert at 80 % of the quota"}},
		}
		s.Moments = []incident.Moment{{Name: incident.FixDeployed, At: at(3, 34), By: lea}, {Name: "traffic-moved", At: at(3, 20), By: marc}}
		s.Impact = incident.Impact{Figures: []incident.Figure{{Name: "tenants", Value: 12}, {Name: "kyc", Value: 340}, {Name: "tcr", Value: 1}}, Customers: incident.TouchedYes, Regulators: incident.TouchedNo}
		s.Cadence = 2 * time.Hour
		s.Freezes = []incident.Freeze{{N: 1, Text: incident.Text{Body: "invitations"}, By: lea, At: at(3, 12)}, {N: 2, Text: incident.Text{Body: "exports"}, By: lea, At: at(3, 12), LiftedBy: lea, LiftedAt: at(3, 15)}}
		s.Notices = []incident.Notice{{Name: "legal", Text: incident.Text{Body: "e-mail to the counsel"}, By: marc, At: at(3, 40)}}
	})
}

func obligationScenes() []scene {
	drawn := func(view string, st func(string) incident.State, fact incident.Fact, arg string, h, m int) func(string) Source {
		return func(l string) Source {
			s := Source{State: st(l), Zone: tunis, Now: at(h, m)}
			s.Deadlines = incident.Deadlines(s.State)
			s.Owed.Effect.View, s.Owed.Effect.Arg = view, arg
			if fact != nil {
				s.Event = incident.Event{Seq: 18, At: at(h, m), RecordedAt: at(h, m), Actor: tocsin, Fact: fact}
			}
			return s
		}
	}
	now := func(l string) incident.State { return owing(running(l), l) }
	after := func(l string) incident.State { return owing(over(l, incident.Resolved), l) }
	ended := func(how string) func(string) incident.State {
		return func(l string) incident.State {
			return edited(now(l), func(s *incident.State) {
				s.Duties[0].How, s.Duties[0].EndedAt, s.Duties[0].EndedBy, s.Duties[0].Outcome = how, at(9, 0), marc, incident.Text{Body: "e-mail to the DPO of Alpha, reference 4711"}
			})
		}
	}
	asked := func(l string) incident.State {
		return edited(now(l), func(s *incident.State) {
			s.Answers = nil
			s.Duties = append(s.Duties, incident.Duty{Key: "answer-personal_data", Question: "personal_data", Legal: true, Why: incident.BeginsAsked, From: at(3, 9), Due: at(4, 9), Next: at(4, 9)})
		})
	}
	shut := func(l string) incident.State {
		return edited(after(l), func(s *incident.State) {
			s.Status, s.ClosedAt = incident.Closed, at(201, 0)
			for i := range s.Duties {
				s.Duties[i].How, s.Duties[i].EndedAt = incident.EndedDone, at(60+i, 0)
			}
			s.Duties[0].How, s.Freezes[0].LiftedAt = incident.EndedDropped, at(4, 0)
		})
	}
	moved := func(l string) incident.State {
		return edited(ended(incident.EndedMoved)(l), func(s *incident.State) {
			s.Status, s.Merged, s.EndedAt = incident.Duplicate, &incident.Merged{Into: "INC-41", Channel: "C041", Name: "inc-20261121-payments-fail"}, at(9, 0)
		})
	}
	offered := func(l string) incident.State {
		return edited(now(l), func(s *incident.State) {
			s.Updates = incident.Said{At: at(7, 30), By: lea, Text: incident.Text{Body: "payments work again for most"}, Count: 3}
			s.HandOver = incident.HandOver{From: lea, To: marc, Why: incident.HandOverAsked, At: at(8, 0), Due: at(8, 15)}
		})
	}
	reminded := func(key string, overdue bool, who ...incident.Person) incident.Fact {
		return &incident.ObligationReminded{Key: key, Due: at(27, 6), Overdue: overdue, Count: 1, Who: who, Next: at(19, 6)}
	}
	// Four duties whose time came in one moment; a message names those that it is about.
	together := func(st func(string) incident.State, change func(*incident.State), keys ...string) func(string) Source {
		return func(l string) Source {
			f := reminded("customer_notice", true, marc, nadia).(*incident.ObligationReminded)
			f.Along = []incident.Reminder{{Key: "answer-personal_data", Due: at(4, 9), Overdue: true, Count: 2, Who: []incident.Person{lea}, Next: at(19, 6)},
				{Key: "post_mortem_draft", Due: at(60, 0), Count: 1, Who: []incident.Person{marc}, Next: at(60, 0)},
				{Key: "first-clock", Count: 1, Next: at(43, 6)}}
			s := drawn(incident.ViewObligation, st, f, keys[0], 28, 0)(l)
			s.State = edited(s.State, func(s *incident.State) {
				s.Duties = append(s.Duties, incident.Duty{Key: "first-clock", Clock: "RB-001/first-clock", What: "lift the freeze", When: "exports were frozen", Why: incident.BeginsRunbook})
				if change != nil {
					change(s)
				}
			})
			s.Owed.Effect.With = keys[1:]
			return s
		}
	}
	return []scene{
		{"owed-headline", incident.ViewHeadline, drawn(incident.ViewHeadline, now, nil, "", 3, 20), nil},
		{"owed-headline-over", incident.ViewHeadline, drawn(incident.ViewHeadline, after, nil, "", 4, 0), nil},
		{"owed-topic", incident.ViewTopic, drawn(incident.ViewTopic, now, nil, "", 3, 20), nil},
		{"owed-topic-over", incident.ViewTopic, drawn(incident.ViewTopic, after, nil, "", 4, 0), nil},
		{"owed-resolved", incident.ViewResolved, drawn(incident.ViewResolved, after, &incident.ResolvedFact{}, "", 3, 41), nil},
		{"closed-headline", incident.ViewHeadline, drawn(incident.ViewHeadline, shut, nil, "", 201, 0), nil},
		{"closed-topic", incident.ViewTopic, drawn(incident.ViewTopic, shut, nil, "", 201, 0), nil},
		{"closed-announcement", incident.ViewAnnouncement, drawn(incident.ViewAnnouncement, shut, nil, "", 201, 0), nil},
		{"closed-at-once", incident.ViewResolved, drawn(incident.ViewResolved, shut, &incident.ResolvedFact{}, "", 3, 41), nil},
		{"closed", incident.ViewClosed, drawn(incident.ViewClosed, shut, &incident.ClosedFact{Why: incident.CloseNothingOwed}, "", 201, 0), nil},
		{"closed-overtaken", incident.ViewClosed, drawn(incident.ViewClosed, after, &incident.ClosedFact{Why: incident.CloseNothingOwed}, "", 201, 0), nil},
		{"closed-asked", incident.ViewClosed, func(l string) Source {
			s := drawn(incident.ViewClosed, shut, &incident.ClosedFact{Why: incident.CloseAsked, Reason: incident.Text{Body: "post-mortem: wiki/42"}}, "", 201, 0)(l)
			s.Event.Actor = by(lea)
			return s
		}, nil},
		{"closable-headline", incident.ViewHeadline, drawn(incident.ViewHeadline, func(l string) incident.State {
			return edited(shut(l), func(s *incident.State) { s.Status = incident.Resolved })
		}, nil, "", 201, 0), nil},
		{"clock-moved", incident.ViewObligationEnded, drawn(incident.ViewObligationEnded, moved, nil, "customer_notice", 9, 0), nil},
		{"clock-brought", incident.ViewObligation, drawn(incident.ViewObligation, now, &incident.ObligationBegun{Key: "customer_notice", Brought: "INC-43"}, "customer_notice", 3, 18), nil},
		{"clock-begun", incident.ViewObligation, drawn(incident.ViewObligation, now, &incident.ObligationBegun{Key: "customer_notice"}, "customer_notice", 3, 18), nil},
		{"clock-reminded", incident.ViewObligation, drawn(incident.ViewObligation, now, reminded("customer_notice", false, marc), "customer_notice", 15, 6), []string{"U0MARC"}},
		{"clock-overdue", incident.ViewObligation, drawn(incident.ViewObligation, now, reminded("customer_notice", true, marc, nadia), "customer_notice", 28, 0), []string{"U0MARC", "U0NADIA"}},
		{"clock-nobody", incident.ViewObligation, drawn(incident.ViewObligation, now, reminded("customer_notice", true), "customer_notice", 28, 0), nil},
		{"reminders-together", incident.ViewObligation, together(asked, nil, "customer_notice", "post_mortem_draft", "answer-personal_data", "first-clock"), []string{"U0LEA", "U0MARC", "U0NADIA"}},
		{"reminders-direct", incident.ViewObligation, together(asked, nil, "customer_notice", "answer-personal_data"), []string{"U0LEA", "U0MARC", "U0NADIA"}},
		{"reminders-one-left", incident.ViewObligation, together(asked, func(s *incident.State) { s.Duties[0].How = incident.EndedDone }, "customer_notice", "answer-personal_data"), []string{"U0LEA"}},
		{"reminders-none-left", incident.ViewObligation, together(asked, func(s *incident.State) { s.Duties = nil }, "customer_notice", "answer-personal_data"), nil},
		{"action-reminded", incident.ViewObligation, drawn(incident.ViewObligation, after, reminded("action-1", true, nadia), "action-1", 201, 0), []string{"U0NADIA"}},
		{"clock-met", incident.ViewObligationEnded, drawn(incident.ViewObligationEnded, ended(incident.EndedDone), nil, "customer_notice", 9, 0), nil},
		{"clock-dropped", incident.ViewObligationEnded, drawn(incident.ViewObligationEnded, ended(incident.EndedDropped), nil, "customer_notice", 9, 0), nil},
		{"clock-withdrawn", incident.ViewObligationEnded, drawn(incident.ViewObligationEnded, ended(incident.EndedWithdrawn), nil, "customer_notice", 9, 0), nil},
		{"hand-over", incident.ViewHandOver, drawn(incident.ViewHandOver, offered, nil, "", 8, 0), nil},
		{"hand-over-gone", incident.ViewHandOver, drawn(incident.ViewHandOver, now, nil, "", 8, 0), nil},
		{"hand-over-accepted", incident.ViewHandOverEnded, drawn(incident.ViewHandOverEnded, now, &incident.HandOverEnded{From: lea, To: marc, How: incident.HandOverAccepted}, "accepted", 8, 5), nil},
		{"hand-over-declined", incident.ViewHandOverEnded, drawn(incident.ViewHandOverEnded, now, &incident.HandOverEnded{From: lea, To: marc, How: incident.HandOverDeclined}, "declined", 8, 5), nil},
		{"hand-over-expired", incident.ViewHandOverEnded, drawn(incident.ViewHandOverEnded, now, &incident.HandOverEnded{From: lea, To: marc, How: incident.HandOverExpired}, "expired", 8, 15), nil},
		{"hand-over-due", incident.ViewHandOverDue, drawn(incident.ViewHandOverDue, now, nil, "", 11, 9), nil},
		{"question-asked", incident.ViewQuestion, drawn(incident.ViewQuestion, asked, nil, "personal_data", 3, 10), nil},
		{"question-late", incident.ViewObligation, drawn(incident.ViewObligation, asked, reminded("answer-personal_data", true, lea), "answer-personal_data", 4, 10), []string{"U0LEA"}},
		{"question-answered", incident.ViewQuestion, drawn(incident.ViewQuestion, now, nil, "personal_data", 3, 20), nil},
	}
}

func obligationRefusals() []*incident.Refusal {
	return []*incident.Refusal{
		{Code: incident.RefusedNoQuestion, Args: []string{"weather", "personal_data"}}, {Code: incident.RefusedBadAnswer, Args: []string{"perhaps"}},
		{Code: incident.RefusedAnswered, By: lea, Args: []string{"yes", "2026-11-21T02:12:00Z"}}, {Code: incident.RefusedAnswerIt, Args: []string{"personal_data"}},
		{Code: incident.RefusedNoDuty, Args: []string{"cake", "customer_notice"}}, {Code: incident.RefusedNoDuty, Args: []string{"cake"}},
		{Code: incident.RefusedDutyEnded, By: marc, Args: []string{"customer_notice", "done", "2026-11-21T02:12:00Z"}}, {Code: incident.RefusedDutyEnded, Args: []string{"customer_notice", "withdrawn", "2026-11-21T02:12:00Z"}},
		{Code: incident.RefusedDutyTaken, By: marc, Args: []string{"customer_notice"}}, {Code: incident.RefusedNoNotice, Args: []string{"king", "customer", "authority"}},
		{Code: incident.RefusedBadDate, Args: []string{"tomorrow"}}, {Code: incident.RefusedFuture}, {Code: incident.RefusedBeforeDetection, Args: []string{"2026-11-21T02:12:00Z"}},
		{Code: incident.RefusedTooMany, Args: []string{"50"}}, {Code: incident.RefusedBadMoment, Args: []string{"Déploiement"}},
		{Code: incident.RefusedNoFigure, Args: []string{"cats", "tenants", "kyc"}}, {Code: incident.RefusedBadFigure, Args: []string{"tenants", "1000000000"}},
		{Code: incident.RefusedCommander}, {Code: incident.RefusedCommander, By: lea}, {Code: incident.RefusedCadence}, {Code: incident.RefusedWindow},
		{Code: incident.RefusedNoFreeze, Args: []string{"7"}}, {Code: incident.RefusedLifted, By: lea, Args: []string{"1", "2026-11-21T02:12:00Z"}},
		{Code: incident.RefusedNotLocked}, {Code: incident.RefusedLocked, Args: []string{"RB-008", "replay"}},
		{Code: incident.RefusedAskedToo, By: lea, Args: []string{"2026-11-21T02:12:00Z"}}, {Code: incident.RefusedNotAsked}, {Code: incident.RefusedNotAsked, By: lea},
		{Code: incident.RefusedMomentMarked, By: lea, Args: []string{"fix-deployed", "2026-11-21T02:12:00Z"}},
	}
}

func obligationReplies() []reply {
	src := func(v Voice) Source {
		return Source{State: owing(over(v.Language, incident.Resolved), v.Language), Zone: tunis, Now: at(4, 0), Language: v.Language}
	}
	return []reply{
		{"duties", func(v Voice) Card { return DutiesCard(src(v), false) }},
		{"owed", func(v Voice) Card { s := src(v); s.State.Status = incident.Resolved; return OwedCard(s, false) }},
		{"owed-later", func(v Voice) Card {
			s := src(v)
			s.State.Status, s.State.Answers = incident.Resolved, nil
			s.State.Duties = append(s.State.Duties, incident.Duty{Key: "answer-personal_data", Question: "personal_data", Legal: true, Why: incident.BeginsAsked, From: at(3, 9), Due: at(4, 9)})
			return OwedCard(s, true)
		}},
		{"actions", func(v Voice) Card { return DutiesCard(src(v), true) }},
		{"duties-none", func(v Voice) Card { return DutiesCard(Source{State: running(v.Language), Language: v.Language}, false) }},
		{"actions-none", func(v Voice) Card { return DutiesCard(Source{State: running(v.Language), Language: v.Language}, true) }},
		{"freezes", func(v Voice) Card { return FreezesCard(src(v)) }},
		{"freezes-none", func(v Voice) Card { return FreezesCard(Source{State: running(v.Language), Language: v.Language}) }},
		{"questions", func(v Voice) Card { return QuestionsCard(src(v)) }},
		{"questions-open", func(v Voice) Card {
			s := src(v)
			s.State.Answers = nil
			return QuestionsCard(s)
		}},
		{"questions-none", func(v Voice) Card { return QuestionsCard(Source{State: running(v.Language), Language: v.Language}) }},
		{"notices", func(v Voice) Card { return NoticesCard(src(v)) }},
		{"notice-customer", func(v Voice) Card { return NoticeCard(src(v), "customer") }},
		{"notice-authority", func(v Voice) Card { return NoticeCard(src(v), "authority") }},
		{"notice-legal", func(v Voice) Card { return NoticeCard(src(v), "legal") }},
		{"notice-customer-success", func(v Voice) Card { return NoticeCard(src(v), "customer_success") }},
		{"notice-compliance", func(v Voice) Card { return NoticeCard(src(v), "tenant_compliance") }},
		{"notice-dpo", func(v Voice) Card { return NoticeCard(src(v), "tenant_dpo") }},
		{"notice-own", func(v Voice) Card { return NoticeCard(src(v), "nis2_early") }},
	}
}

func obligationForms() []form {
	src := func(l string) Source { return Source{State: owing(running(l), l), Zone: tunis, Now: at(4, 0)} }
	return []form{
		{"duty-done", func(l string) Form { return DutyDoneForm(src(l), "post_mortem_draft") }},
		{"duty-drop", func(l string) Form { return DutyDropForm(src(l), "action-1") }},
		{"answer", func(l string) Form { return AnswerForm(src(l), "personal_data") }},
		{"notice", func(l string) Form { return NoticeForm(src(l), "customer") }},
		{"capture", func(l string) Form { return CaptureForm(src(l)) }},
		{"page", func(l string) Form {
			s := src(l)
			s.Deadlines = incident.Deadlines(s.State)
			all := []OnCall{{Key: "primary", People: []incident.Person{lea}, Title: s.State.Policy.Targets["primary"].Title}, {Key: "tech_lead", Title: s.State.Policy.Targets["tech_lead"].Title}, {Key: "gone"}}
			pol := *s.State.Policy
			pol.Targets = map[string]incident.Target{}
			for k, t := range s.State.Policy.Targets {
				t.Address = incident.Address{RoutingKey: "R-" + k}
				pol.Targets[k] = t
			}
			s.State.Policy = &pol
			return PageForm(s, all, "executive", "we need a decision")
		}},
		{"page-none", func(l string) Form { return PageForm(src(l), nil, "", "") }},
		{"private", func(l string) Form {
			s := src(l)
			s.State.Slots = map[string]incident.Posted{incident.SlotAnnouncement: {Channel: "C0INC", TS: "1.1"}}
			s.State.Pages[0].SentAt = at(3, 7)
			s.State.Informed = []incident.Informed{{Who: zoe, Effect: "INC-42/5/direct/told/0", At: incident.Posted{Channel: "D1", TS: "1.2"}}}
			return PrivateForm(s, "customer data was read")
		}},
		{"private-early", func(l string) Form {
			s := src(l)
			s.State.ChannelID, s.State.Source, s.State.Alerts = "", incident.SourceHand, nil
			return PrivateForm(s, "")
		}},
		{"hand-over", func(l string) Form { return HandOverForm(src(l)) }},
		{"action", func(l string) Form { return ActionForm(src(l)) }},
	}
}

// A phone that rings for a legal clock says what, by when and why, in plain words, also after the incident is over.
func TestAPageForALegalClock(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Notice to the customer by 22 Nov 03:06 (INC-42), a legal clock.", "Acknowledge to take it", "Are personal data concerned?", "Legal clock: contract"},
		"fr": {"Notification du client avant 22 nov. 03:06 (INC-42), échéance légale.", "Acquittez pour vous en charger", "Des données personnelles sont-elles concernées", "Échéance légale : contrat"},
	} {
		src := Source{State: owing(over(lang, incident.Resolved), lang), Zone: tunis, Now: at(26, 0)}
		src.State.DutyPages = []incident.Page{{Key: "k", Obligation: "customer_notice", Why: incident.WhyObligation, Target: "cto", Person: nadia}}
		src.Owed.Effect.View, src.Owed.Effect.Page = incident.ViewPage, "k"
		summary, body := PageText(src)
		all := strings.ReplaceAll(summary+"\n"+body, "\u00a0", " ")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s lacks %q:\n%s", lang, w, all)
			}
		}
		if strings.Contains(all, "?.") {
			t.Errorf("%s has a full stop after a question mark:\n%s", lang, all)
		}
		for i := range src.State.Policy.Obligations { // a policy may name the law once for every language
			src.State.Policy.Obligations[i].Laws, src.State.Policy.Obligations[i].Law = nil, "GDPR art. 33"
		}
		if _, body := PageText(src); !strings.Contains(body, "GDPR art. 33") {
			t.Errorf("%s does not name the law:\n%s", lang, body)
		}
		if utf8.RuneCountInString(summary) > MaxPageSummary || utf8.RuneCountInString(body) > MaxPageBody {
			t.Errorf("%s is too long: %q %q", lang, summary, body)
		}
		src.Owed.Effect.View, src.Event.Fact = incident.ViewStandDown, &incident.PageChanged{Key: "k", Status: incident.PageClosed, Why: incident.WhyObligation}
		if got := strings.ReplaceAll(standDown(src).Summary.Plain(tunis), "\u00a0", " "); strings.Contains(got, "INC-42 is over") || !strings.HasPrefix(got, "INC-42") {
			t.Errorf("%s: stood down with %q", lang, got)
		}
	}
}

// One call for several: it says each with its time, that the roster is old, and what is done meanwhile is not in it.
func TestAPageForSeveralObligations(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"2 obligations, the first was due 22 Nov 03:06 (INC-42). Acknowledge to take them all.", "Notice to the customer: was due 22 Nov 03:06", "Post-mortem drafted: due 23 Nov", "Incident: SEV-1", "as read 21 Nov 22:00"},
		"fr": {"2 obligations, première échéance 22 nov. 03:06 passée (INC-42). Acquittez pour toutes les prendre en charge.", "Notification du client : échéance 22 nov. 03:06 passée", "Post-mortem rédigé : échéance 23 nov.", "Incident : SEV-1", "lecture de 21 nov. 22:00"},
	} {
		src := Source{State: owing(over(lang, incident.Resolved), lang), Zone: tunis, Now: at(28, 0)}
		src.State.DutyPages = []incident.Page{{Key: "k", Obligation: "customer_notice", Along: []string{"post_mortem_draft"}, Why: incident.WhyObligation, Target: "cto", Person: nadia,
			Source: "pagerduty schedule P1", SeenAt: at(22, 0), At: at(28, 0)}}
		src.Owed.Effect.View, src.Owed.Effect.Page = incident.ViewPage, "k"
		summary, body := PageText(src)
		all := strings.ReplaceAll(summary+"\n"+body, "\u00a0", " ")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s lacks %q:\n%s", lang, w, all)
			}
		}
		if utf8.RuneCountInString(summary) > 2*spoken || utf8.RuneCountInString(body) > MaxPageBody {
			t.Errorf("%s is too long: %q %q", lang, summary, body)
		}
		// Whatever it was called for first, the earliest due stands first.
		src.State.DutyPages[0].Obligation, src.State.DutyPages[0].Along = "post_mortem_draft", []string{"customer_notice"}
		if _, body := PageText(src); !strings.HasPrefix(strings.ReplaceAll(body, "\u00a0", " "), want[1]) {
			t.Errorf("%s does not begin with the earliest due:\n%s", lang, body)
		}
		src.State.DutyPages[0].Obligation, src.State.DutyPages[0].Along = "customer_notice", []string{"post_mortem_draft"}
		src.State.Duties[0].How = incident.EndedDone
		if summary, _ := PageText(src); strings.Contains(summary, "2") && strings.Contains(summary, "obligations") || strings.Contains(strings.ToLower(summary), "notice to the customer") {
			t.Errorf("%s: one is done, and it says %q", lang, summary)
		}
		src.State.DutyPages[0].Along = nil
		if _, body := PageText(src); !strings.Contains(strings.ReplaceAll(body, "\u00a0", " "), want[4]) {
			t.Errorf("%s: the page for one does not say that its roster is old:\n%s", lang, body)
		}
	}
}

// What comes from outside stays harmless in what is owed, too.
func TestHostileObligations(t *testing.T) {
	for _, lang := range catalog.Languages() {
		for _, s := range nasty {
			if s == "" {
				continue
			}
			words := incident.Text{Body: s}
			st := owing(hostile(over(lang, incident.Resolved), s), lang)
			for i := range st.Policy.Obligations {
				st.Policy.Obligations[i].Title, st.Policy.Obligations[i].Law = map[string]string{"en": s, "fr": s}, s
			}
			st.Policy.Questions[0].Ask = map[string]string{"en": s, "fr": s}
			for range 60 {
				st.Duties = append(st.Duties, incident.Duty{Key: "action-9", Why: incident.BeginsAction, Due: at(9, 0), Owner: incident.Person{Slack: "U0LEA", Name: s}, Text: words, Outcome: words})
			}
			st.Answers[0].Reason, st.Answers[0].By = words, incident.Person{Slack: "U0LEA", Name: s}
			st.Notices = append(st.Notices, incident.Notice{Name: "customer", Text: words, By: incident.Person{Name: s}, At: at(9, 0)})
			st.Updates.Text = words
			src := Source{State: st, Zone: tunis, Now: at(9, 0)}
			cards := []Card{DutiesCard(src, false), OwedCard(src, false), DutiesCard(src, true), QuestionsCard(src), NoticesCard(src), NoticeCard(src, "customer"), NoticeCard(src, "authority"), NoticeCard(src, s)}
			for _, view := range []string{incident.ViewObligation, incident.ViewObligationEnded, incident.ViewQuestion} {
				for _, key := range []string{"customer_notice", "action-9", s} {
					src.Owed.Effect.View, src.Owed.Effect.Arg = view, key
					c, err := Render(src)
					if err != nil {
						t.Fatal(err)
					}
					cards = append(cards, c)
				}
			}
			for _, c := range cards {
				checkHarmless(t, "obligation", c)
				checkCard(t, "obligation", c)
			}
			for _, f := range []Form{DutyDoneForm(src, "action-9"), DutyDropForm(src, s), AnswerForm(src, s), NoticeForm(src, s), ActionForm(src)} {
				checkHarmless(t, "form", f)
				checkBlocks(t, "form", f.Blocks)
			}
		}
	}
}
