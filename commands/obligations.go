package commands

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

var answer = Command{
	Name: "answer", Aliases: []string{"data"}, Usage: "answer [question] <yes [aml]|no why|unknown>", Where: InRoom, Words: 3, Ended: true,
	Examples: []Example{{"answer personal_data unknown"}, {"answer no only internal dashboards"}, {"answer yes aml"}, {"answer"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.card(view.QuestionsCard(c.source())), nil
		}
		first, rest := words(c.Args)
		question := strings.ToLower(first)
		if question == incident.QuestionAttack {
			return c.answerAttack(ctx, rest)
		}
		if d, ok := c.State.Duty(question); ok && d.When != "" { // of a runbook's clock
		} else if _, ok := c.State.Policy.Question(question); !ok {
			// With one question nobody has to name it.
			if _, is := answerOf(first); !is || c.State.Policy == nil || len(c.State.Policy.Questions) != 1 {
				if first, _ := words(rest); first != "" {
					return c.tell(ctx, incident.AnswerQuestion{Question: question, Value: strings.ToLower(first)})
				}
				return usage("usage.answer", c.Args)
			}
			question, rest = c.State.Policy.Questions[0].Name, c.Args
		}
		word, reason := words(rest)
		value, ok := answerOf(word)
		switch {
		case !ok:
			return usage("usage.answer", word)
		case value == incident.AnswerNo && reason == "":
			return c.form(func(src view.Source) view.Form { return view.AnswerForm(src, question) }, ended)
		}
		a := incident.AnswerQuestion{Question: question, Value: value}
		if value == incident.AnswerYes {
			q, _ := c.State.Policy.Question(question)
			a.Concerns, reason = concernsOf(q, reason)
			at, left, is, ok := c.timeOf(reason, "since")
			if !ok {
				return usage("usage.time", reason)
			}
			if is {
				a.Since, reason = at, left
			}
		}
		a.Reason = say(reason, incident.MaxReason)
		return c.tell(ctx, a)
	},
}

// concernsOf takes what a yes is about off the beginning of what follows it: "aml", "gdpr,aml", "gdpr and aml".
func concernsOf(q incident.Question, s string) (about []string, rest string) {
	for {
		word, left := words(s)
		var names []string
		for name := range strings.SplitSeq(strings.ToLower(strings.Trim(word, ",:+")), ",") {
			if !slices.ContainsFunc(q.Concerns, func(c incident.Concern) bool { return c.Name == name }) {
				if next, _ := words(left); len(about) > 0 && (name == "and" || name == "et" || name == "+") && slices.ContainsFunc(q.Concerns, func(c incident.Concern) bool { return c.Name == strings.ToLower(strings.Trim(next, ",:")) }) {
					continue
				}
				return about, s
			}
			names = append(names, name)
		}
		about, s = append(about, names...), left
	}
}

func answerOf(s string) (string, bool) {
	switch strings.ToLower(strings.Trim(s, ",.;:!")) {
	case "yes", "oui", "y":
		return incident.AnswerYes, true
	case "no", "non", "n":
		return incident.AnswerNo, true
	case "unknown", "unsure", "inconnu", "?":
		return incident.AnswerUnknown, true
	}
	return "", false
}

var answerYes = Button{view.ActionAnswerYes, func(ctx context.Context, c *Ask) (Reply, error) {
	a := incident.AnswerQuestion{Question: c.Ref.Subject, Value: incident.AnswerYes}
	if c.Ref.Note != "" {
		a.Concerns = strings.Split(c.Ref.Note, ",")
	}
	return c.tell(ctx, a)
}}

var answerUnknown = Button{view.ActionAnswerUnknown, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.tell(ctx, incident.AnswerQuestion{Question: c.Ref.Subject, Value: incident.AnswerUnknown})
}}

var answerNo = Button{view.ActionAnswerNo, func(ctx context.Context, c *Ask) (Reply, error) {
	if c.Ref.Subject == incident.QuestionAttack { // said in the middle of it: why is for later
		return c.tell(ctx, incident.AnswerQuestion{Question: incident.QuestionAttack, Value: incident.AnswerNo})
	}
	d, ok := c.State.Duty(c.Ref.Subject)
	if _, asks := c.State.Policy.Question(c.Ref.Subject); !asks && !(ok && d.When != "") {
		return c.stale(), nil
	}
	return c.form(func(src view.Source) view.Form { return view.AnswerForm(src, c.Ref.Subject) }, ended)
}}

var answerForm = Form{view.FormAnswer, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.AnswerQuestion{Question: c.Ref.Subject, Value: incident.AnswerNo, Reason: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

var duty = Command{
	Name: "duty", Aliases: []string{"duties", "obligation", "obligations", "owed"}, Usage: "duty [name take|done where|drop why]", Where: InRoom, Words: 3, Ended: true,
	Examples: []Example{{"duty"}, {"duty post_mortem_draft"}, {"duty post_mortem_draft done https://wiki.example.com/pm-42"}, {"duty answer-personal_data take"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.card(view.DutiesCard(c.source(), false)), nil
		}
		key, rest := words(c.Args)
		return c.dutyAct(ctx, strings.ToLower(key), rest)
	},
}

// dutyAct does what the words behind a duty's name say with it.
func (c *Ask) dutyAct(ctx context.Context, key, rest string) (Reply, error) {
	verb, text := words(rest)
	switch strings.ToLower(verb) {
	case "take", "mine":
		return c.tell(ctx, incident.TakeDuty{Key: key})
	case "done", "sent":
		return c.tell(ctx, incident.EndDuty{Key: key, Text: say(text, incident.MaxFinding)})
	case "drop", "dropped", "cancel":
		return c.tell(ctx, incident.EndDuty{Key: key, Dropped: true, Text: say(text, incident.MaxReason)})
	}
	d, known := c.State.Duty(key)
	switch {
	case verb != "":
		return usage("usage.duty", verb)
	case !known:
		return usage("usage.duty", key)
	case !d.Running():
		return c.refused(&incident.Refusal{Code: incident.RefusedDutyEnded, By: d.EndedBy, Args: []string{d.Key, d.How, d.EndedAt.Format(rfc3339)}}), nil
	case d.Question != "":
		return c.card(view.QuestionsCard(c.source())), nil
	}
	return c.card(view.DutyCard(c.source(), d)), nil
}

var dutyTake = Button{view.ActionDutyTake, func(ctx context.Context, c *Ask) (Reply, error) {
	if d, ok := c.State.Duty(c.Ref.Subject); ok && d.Running() && !d.Owner.Zero() && !d.Owner.Same(c.Who) {
		// The button is drawn while nobody sees to it: somebody was quicker. Taking it from them is done by name.
		return c.refused(&incident.Refusal{Code: incident.RefusedDutyTaken, By: d.Owner, Args: []string{d.Key}}), nil
	}
	return c.tell(ctx, incident.TakeDuty{Key: c.Ref.Subject})
}}

// dutyForm opens a form about a duty that still runs.
func (c *Ask) dutyForm(draw func(view.Source, string) view.Form) (Reply, error) {
	d, ok := c.State.Duty(c.Ref.Subject)
	if !ok {
		return c.stale(), nil
	}
	if !d.Running() {
		return c.refused(&incident.Refusal{Code: incident.RefusedDutyEnded, By: d.EndedBy, Args: []string{d.Key, d.How, d.EndedAt.Format(rfc3339)}}), nil
	}
	f := draw(c.source(), d.Key)
	return Reply{Form: &f}, nil
}

var dutyDone = Button{view.ActionDutyDone, func(_ context.Context, c *Ask) (Reply, error) { return c.dutyForm(view.DutyDoneForm) }}

var dutyDrop = Button{view.ActionDutyDrop, func(_ context.Context, c *Ask) (Reply, error) { return c.dutyForm(view.DutyDropForm) }}

var dutyDoneForm = Form{view.FormDutyDone, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputText, incident.EndDuty{Key: c.Ref.Subject, Text: incident.Say(c.Answers[view.InputText], incident.MaxFinding)})
}}

var dutyDropForm = Form{view.FormDutyDrop, func(ctx context.Context, c *Ask) (Reply, error) {
	return c.submitted(ctx, view.InputReason, incident.EndDuty{Key: c.Ref.Subject, Dropped: true, Text: incident.Say(c.Answers[view.InputReason], incident.MaxReason)})
}}

var notice = Command{
	Name: "notice", Aliases: []string{"notices", "notify"}, Usage: "notice [customer|authority|… [sent what]]", Where: InRoom, Words: 3, Ended: true,
	Examples: []Example{{"notice customer"}, {"notice customer sent e-mail to the DPO of Alpha, reference 4711"}, {"notice"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Args == "" {
			return c.card(view.NoticesCard(c.source())), nil
		}
		name, rest := words(c.Args)
		name = strings.ToLower(name)
		verb, text := words(rest)
		switch {
		case verb == "":
			if !knownNotice(c.State, name) { // the core's refusal names those there are
				return c.tell(ctx, incident.SendNotice{Notice: name})
			}
			return c.card(view.NoticeCard(c.source(), name)), nil
		case strings.EqualFold(verb, "sent"):
			return c.tell(ctx, incident.SendNotice{Notice: name, Text: say(text, incident.MaxFinding)})
		}
		return usage("usage.notice", verb)
	},
}

func knownNotice(s incident.State, name string) bool {
	return contains(incident.KnownNotices, name) || contains(s.Policy.Notices(), name)
}

var openNotice = Button{view.ActionOpenNotice, func(_ context.Context, c *Ask) (Reply, error) {
	if !knownNotice(c.State, c.Ref.Subject) {
		return c.stale(), nil
	}
	return c.form(func(src view.Source) view.Form { return view.NoticeForm(src, c.Ref.Subject) }, ended)
}}

var noticeForm = Form{view.FormNotice, func(ctx context.Context, c *Ask) (Reply, error) {
	text, to, reference, at, no := c.sentAnswers()
	if no != nil {
		return *no, nil
	}
	return c.submittedSent(ctx, incident.SendNotice{Notice: c.Ref.Subject, Text: text, To: to, Reference: reference, At: at})
}}

var action = Command{
	Name: "action", Aliases: []string{"actions"}, Usage: "action [add @who day what|done n|drop n why]", Where: InRoom, Words: 4, Ended: true,
	Examples: []Example{{"action add <@U0TECH|tech> 14d alert at 80 % of the quota"}, {"actions"}, {"action add"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		verb, rest := words(c.Args)
		switch strings.ToLower(verb) {
		case "", "list":
			return c.card(view.DutiesCard(c.source(), true)), nil
		case "add":
			if rest == "" {
				return c.form(view.ActionForm, ended)
			}
			who, rest := words(rest)
			day, what := words(rest)
			p, ok := personOf(who)
			if isMe(who) {
				p, ok = c.Who, true
			}
			if !ok || what == "" {
				return usage("usage.action.add", rest)
			}
			return c.tell(ctx, incident.AddAction{Owner: c.desk.office.Person(ctx, p), Day: c.day(day), Text: say(what, incident.MaxReason)})
		case "done", "drop", "take":
			n, text := words(rest)
			if n == "" {
				return usage("usage.action", verb)
			}
			return c.dutyAct(ctx, "action-"+strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(n), "action-"), "#"), verb+" "+text)
		}
		return usage("usage.action", verb)
	},
}

var inDays = regexp.MustCompile(`^([1-9][0-9]{0,2})([dDjJwW])$`)

// day reads a day as people write it: 2026-12-01, or "14d" and "2w" from today on. What is neither is left to the core to refuse.
func (c *Ask) day(s string) string {
	m := inDays.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	n, _ := strconv.Atoi(m[1])
	if strings.EqualFold(m[2], "w") {
		n *= 7
	}
	return c.desk.now().In(c.zone()).AddDate(0, 0, n).Format(time.DateOnly)
}

// zone is that of the incident's policy where there is one, else of the policy in force: in it times are read and worded.
func (c *Ask) zone() *time.Location {
	if p := c.State.Policy; p != nil {
		return p.Location()
	}
	return c.desk.zone()
}

var openAction = Button{view.ActionOpenAction, func(_ context.Context, c *Ask) (Reply, error) { return c.form(view.ActionForm, ended) }}

var actionForm = Form{view.FormAction, func(ctx context.Context, c *Ask) (Reply, error) {
	who := incident.Person{Slack: c.Answers[view.InputPerson]}
	if who.Zero() {
		return c.fault(view.InputPerson, "person"), nil
	}
	a := incident.AddAction{Owner: c.desk.office.Person(ctx, who), Day: c.day(strings.TrimSpace(c.Answers[view.InputDay])), Text: incident.Say(c.Answers[view.InputText], incident.MaxReason)}
	at := view.InputDay
	if a.Text.Body == "" {
		at = view.InputText
	}
	return c.submitted(ctx, at, a)
}}

var moment = Command{
	Name: "moment", Aliases: []string{"moments", "milestone"}, Usage: "moment <fix-deployed|customers-notified|…> [at 03:12] [note]", Where: InRoom, Words: 2, Ended: true,
	Examples: []Example{{"moment fix-deployed"}, {"moment customers-notified status page and e-mail"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		name, rest := words(c.Args)
		if name == "" {
			return usage("usage.words", "")
		}
		at, rest, _, ok := c.timeOf(rest, "at")
		if !ok {
			return usage("usage.time", rest)
		}
		return c.tell(ctx, incident.MarkMoment{Name: strings.ToLower(name), At: at, Note: say(rest, incident.MaxReason)})
	},
}

// momentButton records that a moment is now.
func momentButton(action, name string) Button {
	return Button{action, func(ctx context.Context, c *Ask) (Reply, error) {
		return c.tell(ctx, incident.MarkMoment{Name: name})
	}}
}

var (
	fixDeployed       = momentButton(view.ActionFixDeployed, incident.FixDeployed)
	customersNotified = momentButton(view.ActionCustomersNotified, incident.CustomersNotified)
)

// timeOf reads "at 03:12" from the beginning of words: the last time a clock showed that, in the zone of the incident's policy. is tells
// whether the word was there; ok is false when it was and what follows is no time.
func (c *Ask) timeOf(s, word string) (at time.Time, rest string, is, ok bool) {
	first, rest := words(s)
	if !strings.EqualFold(first, word) {
		return time.Time{}, s, false, true
	}
	shown, rest := words(rest)
	h, m, read := clockOf(shown)
	if !read {
		return time.Time{}, shown, true, false
	}
	now := c.desk.now().In(c.zone())
	for back := range 2 { // what is later than now was yesterday
		if t := onDay(now, -back, h, m); !t.After(now) {
			return t, rest, true, true
		}
	}
	return time.Time{}, shown, true, false
}
