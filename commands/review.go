package commands

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Reviews is what the desk needs to know of reviews, and to record one.
type Reviews interface {
	// Reviews are what is to be reviewed now, the most overdue first.
	Reviews(ctx context.Context, language string) ([]view.ReviewRow, error)
	// Review records an answer by somebody. It is recorded when Review returns neither refusal nor error.
	Review(ctx context.Context, a ReviewAnswer) (ReviewResult, *house.Refusal, error)
}

// ReviewAnswer is what somebody says of a review.
type ReviewAnswer struct {
	Key      string
	At       time.Time
	Who      incident.Person
	Language string
	ID       string // of the ask; empty: whatever is asked of Subject
	Subject  string
	How      string // house.ReviewFine, house.ReviewChange, ReviewLater
	Text     string // what must be changed
}

// ReviewLater puts a review off until tomorrow.
const ReviewLater = "later"

// ReviewResult is what was recorded.
type ReviewResult struct {
	Unknown bool // there is no such subject
	Subject string
	Title   string
	Until   time.Time // of ReviewLater: when it is asked again
}

// noReviews knows of nothing to review.
type noReviews struct{}

func (noReviews) Reviews(context.Context, string) ([]view.ReviewRow, error) { return nil, nil }
func (noReviews) Review(_ context.Context, a ReviewAnswer) (ReviewResult, *house.Refusal, error) {
	return ReviewResult{}, &house.Refusal{Code: house.RefusedReviewOver, Args: []string{a.Subject, "", ""}}, nil
}

// reviewWords are what can be said of a review.
var reviewWords = map[string]string{
	"done": house.ReviewFine, "reviewed": house.ReviewFine, "fait": house.ReviewFine, "relu": house.ReviewFine,
	"change": house.ReviewChange, "modifier": house.ReviewChange,
	"tomorrow": ReviewLater, "later": ReviewLater, "demain": ReviewLater,
}

// reviewSubjects are the names of what is no runbook, as people may write them.
var reviewSubjects = map[string]string{
	"policy": incident.ReviewPolicy, "politique": incident.ReviewPolicy,
	"alerts": incident.ReviewAlerts, "alertes": incident.ReviewAlerts,
	"access": incident.ReviewAccess, "acces": incident.ReviewAccess, "accès": incident.ReviewAccess,
}

var review = Command{
	Name: "review", Aliases: []string{"reviews", "relecture"}, Usage: "review [RB-n|policy|…] [done|change …|later]", Where: Anywhere,
	Examples: []Example{{"review"}, {"review RB-003 done"}, {"review RB-003 change step 4 names the old cluster"}, {"review policy tomorrow"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		subject, rest := words(c.Args)
		if subject == "" {
			rows, err := c.desk.reviews.Reviews(ctx, c.Language)
			if err != nil {
				return Reply{}, err
			}
			return c.card(c.voice().ReviewsCard(rows)), nil
		}
		word, text := words(rest)
		how, ok := reviewWords[strings.ToLower(word)]
		if !ok || how != house.ReviewChange && text != "" {
			return usage("usage.review", c.Args)
		}
		name := strings.ToUpper(subject)
		if other, is := reviewSubjects[strings.ToLower(subject)]; is {
			name = other
		}
		return c.reviewed(ctx, ReviewAnswer{Subject: name, How: how, Text: text}, subject)
	},
}

// reviewed records an answer and says what came of it. What no longer can be answered takes the place of the buttons, too.
func (c *Ask) reviewed(ctx context.Context, a ReviewAnswer, said string) (Reply, error) {
	a.Key, a.At, a.Who, a.Language = c.Key, c.At, c.desk.office.Person(ctx, c.Who), c.Language
	a.Text = incident.Clip(a.Text, incident.MaxReason)
	done, refusal, err := c.desk.reviews.Review(ctx, a)
	switch {
	case err != nil:
		return Reply{}, err
	case done.Unknown:
		return c.say("refused.review-subject", catalog.Args{"word": catalog.Quoted(incident.Clip(said, 60))}), nil
	case refusal != nil:
		rep := c.refused(&incident.Refusal{Code: refusal.Code, Args: refusal.Args})
		rep.Replace = refusal.Code == house.RefusedReviewOver
		return rep, nil
	}
	card := c.voice().ReviewDoneCard(done.Subject, done.Title, a.Text)
	if a.How == ReviewLater {
		card = c.voice().ReviewLaterCard(done.Subject, done.Title, done.Until)
	}
	rep := c.card(card)
	rep.Replace = true
	return rep, nil
}

// reviewButton answers the review that a message asks for.
func reviewButton(name, how string) Button {
	return Button{name, func(ctx context.Context, c *Ask) (Reply, error) {
		if c.Ref.Runbook == "" {
			return c.stale(), nil
		}
		return c.reviewed(ctx, ReviewAnswer{ID: c.Ref.Subject, Subject: c.Ref.Runbook, How: how}, c.Ref.Runbook)
	}}
}

var (
	reviewDone  = reviewButton(view.ActionReviewDone, house.ReviewFine)
	reviewLater = reviewButton(view.ActionReviewLater, ReviewLater)
)

// reviewChange asks what must be changed.
var reviewChange = Button{view.ActionReviewChange, func(_ context.Context, c *Ask) (Reply, error) {
	title := ""
	if c.Ref.Runbook == "" {
		return c.stale(), nil
	}
	if r, ok := c.desk.library.ByID(c.Ref.Runbook, c.Language); ok {
		title = r.Title
	}
	f := c.voice().ReviewForm(c.Ref.Runbook, title, c.Ref)
	return Reply{Form: &f}, nil
}}

var reviewForm = Form{view.FormReview, func(ctx context.Context, c *Ask) (Reply, error) {
	text := strings.TrimSpace(c.Answers[view.InputText])
	if c.Ref.Runbook == "" {
		return c.stale(), nil
	}
	if text == "" {
		return c.fault(view.InputText, "review"), nil
	}
	rep, err := c.reviewed(ctx, ReviewAnswer{ID: c.Ref.Subject, Subject: c.Ref.Runbook, How: house.ReviewChange, Text: text}, c.Ref.Runbook)
	rep.Replace, rep.Close = false, err == nil
	return rep, err
}}
