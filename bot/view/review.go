package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Review is something that somebody is asked to review.
type Review struct {
	ID      string // of the ask
	Subject string // a runbook's id, or incident.ReviewPolicy ...
	Title   string // of the runbook
	Owner   string // what the role is called that is asked first

	Incident incident.ID // that used it; empty: a quarter began, or it is hidden
	Severity incident.Severity
	Private  bool // the incident is private, and whoever reads this is not part of it: figures without texts, and no name
	// Elsewhere says that whoever reads this is not in the incident's room: figures without texts, and the room where they stand.
	Elsewhere bool
	Room      catalog.Room
	Done      int
	Skipped   int
	Open      int
	Notes     []ReviewNote

	Since     time.Time // from when on usage is counted
	Incidents int       // that used it since
	Usage     []ReviewStep

	Alerts int      // of the alert catalogue: how many it has
	Bare   []string // those without a runbook
	Where  string   // of the access table: where it is kept

	Last   time.Time // its last review; zero: none is known
	LastBy incident.Person
	Change string // what was to be changed then; empty: nothing, or it is not known

	Due     time.Time
	Overdue bool
	Level   int    // how far up the chain it has gone; 0: its owner
	Next    string // what the role is called that is asked when this is not answered; empty: nobody else
}

// ReviewNote is something about a step that a reviewer looks at.
type ReviewNote struct {
	What   string // NoteSkipped ...
	Number int
	Step   string
	Text   incident.Text
	For    time.Duration // waited, or took
	Stated time.Duration // how long it should take
}

// What a note is about.
const (
	NoteSkipped = "skipped"
	NoteBlocked = "blocked" // waited, and does so no longer
	NoteWaiting = "waiting" // still waits
	NoteOver    = "over"    // took longer than it should
	NoteFinding = "finding" // that named no next step
)

// ReviewStep are a step's figures.
type ReviewStep struct {
	Number  int
	Title   string
	Done    int
	Skipped int
	Blocked int
	Median  string // minutes with one decimal, with a point; empty: not known
}

// Limits of a review's card.
const (
	maxReviewNotes = 15
	maxReviewSteps = 20
	stepsPerBlock  = 8
)

// reviewSubject is what is reviewed: "RB-003 Kafka consumer lag grows".
func reviewSubject(subject, title string) catalog.Arg {
	if key := "review.subject." + subject; catalog.Has(key) {
		return catalog.Term(key)
	}
	return catalog.Words(strings.TrimSpace(clip(subject, 20) + " " + clip(title, 100)))
}

// ReviewCard asks for a review.
func (v Voice) ReviewCard(r Review) Card {
	s := v.said()
	subject := reviewSubject(r.Subject, r.Title)
	args := catalog.Args{"subject": subject, "id": catalog.Words(r.Incident), "sev": sev(r.Severity), "due": day(r.Due), "owner": catalog.Words(clip(r.Owner, 60)), "next": catalog.Words(clip(r.Next, 60))}
	head := s.say("review.head", args)
	if r.Overdue {
		head = s.say("review.head.overdue", args)
	}
	c := Card{Summary: head}
	c.add(Section{Text: bold(head)})
	var why catalog.Text
	switch other := slices.Contains(incident.ReviewSubjects, r.Subject); {
	case other && r.Private:
		why = s.word("review.why.after.private")
	case other && r.Incident != "":
		why = s.say("review.why.after", args)
	case r.Private:
		why = s.word("review.why.private")
	case r.Incident != "":
		why = s.say("review.why.incident", args)
	default:
		why = s.word("review.why.quarter")
	}
	switch {
	case r.Level > 0 && r.Overdue:
		why = join("\n", why, s.say("review.passed", args))
	case r.Level > 0:
		why = join("\n", why, s.say("review.instead", args))
	}
	if n := r.Done + r.Skipped + r.Open; n > 0 {
		why = join("\n", why, s.say("review.marks", catalog.Args{"done": catalog.Int(r.Done), "skipped": catalog.Int(r.Skipped), "open": catalog.Int(r.Open), "of": catalog.Int(n)}))
	}
	switch r.Subject {
	case incident.ReviewPolicy:
		why = join("\n", why, s.say("review.look.policy", catalog.Args{"show": catalog.Literal("tocsin policy show"), "check": catalog.Literal("tocsin policy check")}))
	case incident.ReviewAlerts:
		why = join("\n", why, s.say("review.look.alerts", catalog.Args{"n": catalog.Int(r.Alerts)}))
		if len(r.Bare) > 0 {
			why = join("\n", why, s.say("review.look.bare", catalog.Args{"names": codeList(r.Bare[:min(len(r.Bare), 20)])}))
		}
	case incident.ReviewAccess:
		why = join("\n", why, s.word("review.look.access"))
		if r.Where != "" {
			why = join("\n", why, s.say("review.look.where", catalog.Args{"where": catalog.Words(clip(r.Where, 300))}))
		}
	}
	c.add(Section{Text: why})
	v.reviewNotes(&c, r)
	if worded := slices.ContainsFunc(r.Notes, func(n ReviewNote) bool { return n.What != NoteOver }); r.Elsewhere && !r.Private && worded && r.Room.ID != "" {
		c.add(Small{s.say("review.elsewhere", catalog.Args{"room": r.Room})})
	}
	v.reviewUsage(&c, r)
	if !r.Last.IsZero() {
		key := "review.last"
		if r.Change != "" {
			key = "review.last.change"
		}
		c.add(Small{s.say(key, catalog.Args{"at": day(r.Last), "who": who(r.LastBy), "text": catalog.Words(clip(r.Change, 300))})})
	}
	due := "review.due"
	switch {
	case r.Overdue && r.Next != "":
		due = "review.due.past"
	case r.Overdue:
		due = "review.due.past.last"
	case r.Next == "":
		due = "review.due.last"
	}
	c.add(Small{s.say(due, args)})
	ref := Ref{Subject: r.ID, Runbook: r.Subject}
	c.add(Actions{[]Element{
		Button{Action: ActionReviewDone, Label: s.word("button.review.done"), Value: ref, Style: Primary},
		Button{Action: ActionReviewChange, Label: s.word("button.review.change"), Value: ref},
		Button{Action: ActionReviewLater, Label: s.word("button.review.later"), Value: ref},
	}})
	return c
}

// reviewNotes are what happened about the steps, without any text where the incident is not the reader's.
func (v Voice) reviewNotes(c *Card, r Review) {
	s := v.said()
	var rows catalog.Text
	n := 0
	for i, x := range r.Notes {
		if i == maxReviewNotes {
			break
		}
		args := catalog.Args{"n": catalog.Int(x.Number), "step": catalog.Words(clip(x.Step, 80)), "d": catalog.Duration(x.For.Round(time.Minute)), "stated": catalog.Duration(x.Stated)}
		key := "review.note." + x.What
		text := s.say(key, args)
		if !r.Private && !r.Elsewhere && !x.Text.Empty() && x.What != NoteOver {
			text = s.say("review.note.text", catalog.Args{"note": text, "text": catalog.Words(line(x.Text, 200, s.lang))})
		}
		rows = join("\n", rows, text)
		if n++; n == stepsPerBlock { // a section takes 3000 characters
			c.add(Section{Text: rows})
			rows, n = nil, 0
		}
	}
	if len(rows) > 0 {
		c.add(Section{Text: rows})
	}
	if more := len(r.Notes) - maxReviewNotes; more > 0 {
		c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
	}
}

// reviewUsage are the figures of the steps.
func (v Voice) reviewUsage(c *Card, r Review) {
	s := v.said()
	if len(r.Usage) == 0 {
		if r.Title != "" && !r.Since.IsZero() {
			c.add(Section{Text: s.say("review.unused", catalog.Args{"at": catalog.Words(r.Since.Format(time.DateOnly))})})
		}
		return
	}
	rows := s.say("review.usage", catalog.Args{"n": catalog.Int(r.Incidents), "at": catalog.Words(r.Since.Format(time.DateOnly))})
	for i, x := range r.Usage {
		if i == maxReviewSteps {
			break
		}
		if i > 0 && i%stepsPerBlock == 0 {
			c.add(Section{Text: rows})
			rows = nil
		}
		args := catalog.Args{"n": catalog.Words(numberOr(x.Number)), "step": catalog.Words(clip(x.Title, 80)), "done": catalog.Int(x.Done), "skipped": catalog.Int(x.Skipped), "blocked": catalog.Int(x.Blocked), "min": catalog.Words(decimal(x.Median, s.lang))}
		key := "review.usage.step"
		if x.Median == "" {
			key = "review.usage.step.bare"
		}
		rows = join("\n", rows, s.say(key, args))
	}
	c.add(Section{Text: rows})
	if more := len(r.Usage) - maxReviewSteps; more > 0 {
		c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
	}
}

func numberOr(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}

// decimal is a number with a point as the language writes it.
func decimal(x, lang string) string {
	if lang == catalog.French {
		return strings.Replace(x, ".", ",", 1)
	}
	return x
}

// ReviewForm asks what must be changed.
func (v Voice) ReviewForm(subject, title string, ref Ref) Form {
	s := v.said()
	return Form{ID: FormReview, Title: clipText(s.word("form.review.title"), MaxFormTitle), Submit: clipText(s.word("form.review.submit"), MaxFormTitle), Close: s.word("form.close"), Ref: ref,
		Blocks: []Block{
			Small{s.say("form.review.subject", catalog.Args{"subject": reviewSubject(subject, title)})},
			Input{ID: InputText, Label: s.word("form.review.what"), Field: TextField{Lines: true, Min: 1, Max: incident.MaxReason}},
		}}
}

// ReviewDoneCard says that a review is recorded; change is what must be changed, empty when nothing.
func (v Voice) ReviewDoneCard(subject, title, change string) Card {
	s := v.said()
	args := catalog.Args{"subject": reviewSubject(subject, title), "text": catalog.Words(clip(change, 300))}
	if change != "" {
		return one(s.say("review.changed", args))
	}
	return one(s.say("review.done", args))
}

// ReviewLaterCard says when somebody is asked again.
func (v Voice) ReviewLaterCard(subject, title string, at time.Time) Card {
	return one(v.said().say("review.later", catalog.Args{"subject": reviewSubject(subject, title), "at": day(at)}))
}

// ReviewRow is a subject in the list of reviews.
type ReviewRow struct {
	Subject string
	Title   string
	Owner   string
	Last    time.Time // zero: no review is known
	Change  bool      // something was to be changed then
	Asked   bool      // somebody is asked now
	Due     time.Time // of what is asked, else of the next
	Late    int       // whole days overdue, at least 1; 0: it is not
}

// ReviewsCard lists what is to be reviewed, the most overdue first as they come.
func (v Voice) ReviewsCard(rows []ReviewRow) Card {
	s := v.said()
	hint := Small{s.say("review.list.hint", catalog.Args{"command": v.command()})}
	if len(rows) == 0 {
		c := one(s.word("review.list.none"))
		c.add(hint)
		return c
	}
	head := s.word("review.list.head")
	c := Card{Summary: head}
	c.add(Section{Text: head})
	for i := 0; i < min(len(rows), maxDuties); i += stepsPerBlock {
		var lines catalog.Text
		for _, r := range rows[i:min(i+stepsPerBlock, len(rows), maxDuties)] {
			key := "review.list.row"
			if r.Late > 0 {
				key = "review.list.row.late"
			}
			t := s.say(key, catalog.Args{"subject": reviewSubject(r.Subject, r.Title), "owner": catalog.Words(clip(r.Owner, 60)), "due": day(r.Due), "n": catalog.Int(r.Late)})
			lines = join("\n", lines, t)
		}
		c.add(Section{Text: lines})
	}
	if more := len(rows) - maxDuties; more > 0 {
		c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
	}
	c.add(hint)
	return c
}

// reviewArgs are the arguments of house's refusals of reviews, and the key of the words.
func (v Voice) reviewArgs(args catalog.Args, r *incident.Refusal, policy *incident.Policy, key string) string {
	arg := func(i int) string {
		if i < len(r.Args) {
			return clip(r.Args[i], 60)
		}
		return ""
	}
	args["subject"] = reviewSubject(arg(0), "")
	switch r.Code {
	case "review-over":
		if args["who"], args["at"] = catalog.Words(arg(1)), instant(arg(2)); arg(1) == "" {
			key += ".bare"
		}
	case "review-who":
		args["role"] = catalog.Words(clip(policy.TargetTitle(arg(1), v.said().lang), 60))
	}
	return key
}
