package house

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ReviewAsked records that something is to be reviewed: a runbook because an incident used it, or anything because a quarter began.
type ReviewAsked struct {
	ID       string   `json:"id"`                 // "INC-7/RB-003", "2026-Q4/RB-003"; asked once
	Subject  string   `json:"subject"`            // a runbook's id, or "policy", "alerts", "access"
	Incident string   `json:"incident,omitempty"` // that used it; empty: because a quarter began
	Private  bool     `json:"private,omitempty"`  // the incident was private when it was asked
	Digest   string   `json:"digest,omitempty"`   // of the runbook's revision that was used, or is in force
	Chain    []string `json:"chain,omitempty"`    // who is asked in turn: the owner's role, then targets of the policy
	// Next is when the owner is written to, in working time; Due when it is overdue, counted in the business days known then.
	Next time.Time `json:"next"`
	Due  time.Time `json:"due"`
}

// ReviewTold records that people are being asked, before it is sent: what is recorded is sent once at most, by whichever replica recorded it.
type ReviewTold struct {
	ID      string    `json:"id"`
	Count   int       `json:"count"` // of times anybody was asked, this one included
	Level   int       `json:"level"` // of the chain, from 0
	Overdue bool      `json:"overdue,omitempty"`
	Who     []Person  `json:"who,omitempty"` // nobody: nobody of the whole chain is known
	Next    time.Time `json:"next"`          // when somebody is asked again
}

// ReviewPut records that it is asked again later than was planned, or sooner, where it could not be sent.
type ReviewPut struct {
	ID    string    `json:"id"`
	Who   Person    `json:"who,omitzero"` // who wanted to be reminded; zero: it could not be sent
	Until time.Time `json:"until"`
}

// ReviewEnded records a review.
type ReviewEnded struct {
	ID      string `json:"id,omitempty"` // which ask was answered; empty: nobody had asked
	Subject string `json:"subject"`
	How     string `json:"how"` // ReviewFine, ReviewChange
	Text    Text   `json:"text,omitzero"`
	Who     Person `json:"who"`
	Digest  string `json:"digest,omitempty"` // of the revision in force when it was reviewed
	File    bool   `json:"file,omitempty"`   // the runbook's own file says so; nobody is Who
	// Asks are the asks that it answers: every one of the subject that somebody was asked by then. Given by Decide.
	Asks []string `json:"asks,omitempty"`
}

// How a review ended.
const (
	ReviewFine   = "reviewed"
	ReviewChange = "change" // something must be changed: Text says what
)

// Text is a free text of the house log: as in an incident's, only its digest is in the chain, and the body can be erased.
type Text struct {
	Digest string `json:"d,omitempty"`
	Body   string `json:"-"`
}

// Texts are the free texts of a fact.
func (f *ReviewEnded) Texts() []*Text { return []*Text{&f.Text} }

// Type implements Fact.
func (*ReviewAsked) Type() string { return "review-asked" }

// Type implements Fact.
func (*ReviewTold) Type() string { return "review-told" }

// Type implements Fact.
func (*ReviewPut) Type() string { return "review-put" }

// Type implements Fact.
func (*ReviewEnded) Type() string { return "review-ended" }

// Review is something that is to be reviewed.
type Review struct {
	ID       string    `json:"id"`
	Subject  string    `json:"subject"`
	Incident string    `json:"incident,omitempty"`
	Private  bool      `json:"private,omitempty"`
	Digest   string    `json:"digest,omitempty"`
	Chain    []string  `json:"chain,omitempty"`
	AskedAt  time.Time `json:"asked"`
	Next     time.Time `json:"next"`
	Due      time.Time `json:"due"`
	Count    int       `json:"count,omitempty"`
	Level    int       `json:"level,omitempty"`
	Overdue  int       `json:"overdue,omitempty"` // how often somebody was asked after it was due
	Told     []Person  `json:"told,omitempty"`    // everybody who was asked
}

// Owner is the role that is asked first.
func (r Review) Owner() string {
	if len(r.Chain) == 0 {
		return ""
	}
	return r.Chain[0]
}

// Reviewed is the last review of a subject.
type Reviewed struct {
	At     time.Time `json:"at"`
	Who    Person    `json:"who"`
	How    string    `json:"how"`
	Digest string    `json:"digest,omitempty"`
	Seq    int64     `json:"seq"` // of its event, which has the words
}

// The codes of refusals of reviews.
const (
	RefusedReviewOver = "review-over" // Args = subject, who reviewed it last ("" when nobody), when (RFC 3339)
	RefusedReviewWho  = "review-who"  // Args = subject, the role that is asked
	RefusedReviewText = "review-text" // a change without words
)

const (
	maxReviews        = 500 // open ones
	maxReviewsOf      = 20  // of one subject
	keptReviews       = 1000
	maxReviewPut      = 7 * 24 * time.Hour
	maxReviewSubjects = 2000
)

// Review returns the open review of an id.
func (s State) Review(id string) (Review, bool) {
	if i := s.reviewAt(id); i >= 0 {
		return s.Reviews[i], true
	}
	return Review{}, false
}

func (s State) reviewAt(id string) int {
	return slices.IndexFunc(s.Reviews, func(r Review) bool { return r.ID == id })
}

// ReviewsOf are the open reviews of a subject, in the order in which they were asked.
func (s State) ReviewsOf(subject string) []Review {
	return slices.DeleteFunc(slices.Clone(s.Reviews), func(r Review) bool { return r.Subject != subject })
}

// decideReview accepts a fact of reviews; nil: there is nothing to record.
func decideReview(s State, fact Fact, in Intent, at time.Time) (Fact, error) {
	switch f := fact.(type) {
	case *ReviewAsked:
		return decideAsk(s, f)
	case *ReviewTold:
		if r, ok := s.Review(f.ID); !ok || f.Count != r.Count+1 {
			return nil, nil // over, or another replica asks
		}
	case *ReviewPut:
		r, ok := s.Review(f.ID)
		if !ok {
			return nil, s.reviewOver(f.ID)
		}
		out := *f
		if f.Who != (Person{}) {
			if err := mayReview(r, f.Who, in.Reviewers); err != nil {
				return nil, err
			}
		}
		if limit := at.Add(maxReviewPut); out.Until.After(limit) {
			out.Until = limit
		}
		if f.Who != (Person{}) && at.Before(r.Due) && out.Until.After(r.Due) { // nobody puts it off beyond its time
			out.Until = r.Due
		}
		if !out.Until.After(at) || out.Until.Equal(r.Next) {
			return nil, nil
		}
		return &out, nil
	case *ReviewEnded:
		return decideReviewed(s, f, in)
	}
	return fact, nil
}

func decideAsk(s State, f *ReviewAsked) (Fact, error) {
	if f.ID == "" || f.Subject == "" || !f.Due.After(f.Next) {
		return nil, fmt.Errorf("a review without id, subject or time")
	}
	of := s.ReviewsOf(f.Subject)
	switch {
	case slices.Contains(s.ReviewsAsked, f.ID):
		return nil, nil
	case f.Incident == "" && slices.ContainsFunc(of, func(r Review) bool { return r.Incident == "" }):
		return nil, nil // the last quarter's is not answered yet, and goes on
	case len(of) >= maxReviewsOf:
		return nil, nil // whoever reviews it now reviews it for this one, too
	case len(s.Reviews) >= maxReviews:
		return nil, fmt.Errorf("%d reviews are open: %s is not asked for", len(s.Reviews), f.ID)
	}
	return f, nil
}

// mayReview refuses who was not asked and does not hold a role of the chain.
func mayReview(r Review, who Person, holders []Person) error {
	if slices.ContainsFunc(append(slices.Clone(r.Told), holders...), who.same) {
		return nil
	}
	return refuse(RefusedReviewWho, r.Subject, r.Owner())
}

func (p Person) same(q Person) bool {
	return p.Slack != "" && p.Slack == q.Slack || p.Slack == "" && p.Pager != "" && p.Pager == q.Pager
}

// reviewOver says who was faster.
func (s State) reviewOver(id string) error {
	_, subject, _ := strings.Cut(id, "/")
	who, at := "", ""
	if l, ok := s.Reviewed[subject]; ok {
		if who = l.Who.Name; who == "" {
			who = l.Who.Slack
		}
		at = stamp(l.At)
	}
	return refuse(RefusedReviewOver, subject, who, at)
}

func decideReviewed(s State, f *ReviewEnded, in Intent) (Fact, error) {
	out := *f
	switch f.How {
	case ReviewFine:
	case ReviewChange:
		if strings.TrimSpace(f.Text.Body) == "" {
			return nil, refuse(RefusedReviewText)
		}
	default:
		return nil, fmt.Errorf("a review cannot end %q", f.How)
	}
	of := s.ReviewsOf(f.Subject)
	if f.ID != "" {
		r, ok := s.Review(f.ID)
		if !ok {
			return nil, s.reviewOver(f.ID)
		}
		of, out.Subject = s.ReviewsOf(r.Subject), r.Subject
	}
	if out.Subject == "" {
		return nil, fmt.Errorf("a review of nothing")
	}
	if _, known := s.Reviewed[out.Subject]; !known && len(s.Reviewed) >= maxReviewSubjects {
		return nil, fmt.Errorf("more than %d subjects were reviewed", maxReviewSubjects)
	}
	asker := Review{Subject: out.Subject, Chain: in.ReviewChain}
	for _, r := range of {
		asker.Told = append(asker.Told, r.Told...)
		if len(asker.Chain) == 0 {
			asker.Chain = r.Chain
		}
	}
	if !f.File {
		if err := mayReview(asker, f.Who, in.Reviewers); err != nil {
			return nil, err
		}
	}
	out.Asks = nil
	for _, r := range of {
		if r.ID == f.ID || r.Count > 0 || f.ID == "" {
			out.Asks = append(out.Asks, r.ID)
		}
	}
	return &out, nil
}

// reviewEvolve folds the facts of reviews.
func (s *State) reviewEvolve(e Event) {
	change := func(id string, with func(*Review)) {
		if i := s.reviewAt(id); i >= 0 {
			s.Reviews = slices.Clone(s.Reviews)
			with(&s.Reviews[i])
		}
	}
	switch f := e.Fact.(type) {
	case *ReviewAsked:
		s.Reviews = append(slices.Clone(s.Reviews), Review{ID: f.ID, Subject: f.Subject, Incident: f.Incident, Private: f.Private, Digest: f.Digest, Chain: f.Chain, AskedAt: e.At, Next: f.Next, Due: f.Due})
		s.ReviewsAsked = append(slices.Clone(s.ReviewsAsked), f.ID)
		if n := len(s.ReviewsAsked); n > keptReviews {
			s.ReviewsAsked = s.ReviewsAsked[n-keptReviews:]
		}
	case *ReviewTold:
		change(f.ID, func(r *Review) {
			r.Count, r.Level, r.Next = f.Count, f.Level, f.Next
			if f.Overdue {
				r.Overdue++
			}
			for _, who := range f.Who {
				if !slices.ContainsFunc(r.Told, who.same) {
					r.Told = append(slices.Clone(r.Told), who)
				}
			}
		})
	case *ReviewPut:
		change(f.ID, func(r *Review) { r.Next = f.Until })
	case *ReviewEnded:
		s.Reviews = slices.DeleteFunc(slices.Clone(s.Reviews), func(r Review) bool { return slices.Contains(f.Asks, r.ID) })
		s.Reviewed = maps.Clone(s.Reviewed)
		if s.Reviewed == nil {
			s.Reviewed = map[string]Reviewed{}
		}
		s.Reviewed[f.Subject] = Reviewed{At: e.At, Who: f.Who, How: f.How, Digest: f.Digest, Seq: e.Seq}
	}
}
