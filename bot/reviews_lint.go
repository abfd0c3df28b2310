package bot

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/runbooks"
)

// recordedReviews is the house log of the data that o names, for who looks at runbooks; false where there is none. The error says why it
// cannot be read.
func recordedReviews(ctx context.Context, o Options) (house.State, bool, error) {
	if o.RedisURL == "" && o.DataDir == "" {
		return house.State{}, false, nil
	}
	installation := ""
	if o.Policy != "" {
		var err error
		if installation, err = Installation(o.Policy); err != nil {
			return house.State{}, false, err
		}
	}
	r, err := OpenReader(ctx, o.RedisURL, o.DataDir, installation)
	if o.RedisURL == "" && errors.Is(err, fs.ErrNotExist) {
		return house.State{}, false, nil
	}
	if err != nil {
		return house.State{}, false, err
	}
	defer r.Close()
	h, err := HouseOf(ctx, r)
	return h, err == nil, err
}

// reviews lets what people recorded of reviews count beside what the files say: a later review takes a finding away, and one that was asked for
// and is overdue is one.
func (s *shelf) reviews(h house.State, p *incident.Policy, now time.Time) {
	all := ReviewStates(h, s.catalogue, p, now)
	recorded, byFile := map[string]bool{}, map[string]string{}
	for _, x := range all {
		recorded[x.Subject] = x.Seq > 0
	}
	for _, r := range s.catalogue.All() {
		byFile[r.File] = r.ID
	}
	s.found = slices.DeleteFunc(s.found, func(f runbooks.Finding) bool {
		return f.Rule == runbooks.RuleReviewOverdue && recorded[byFile[f.File]]
	})
	for _, x := range all {
		if x.Late == 0 || !x.Asked && x.Seq == 0 { // what the file alone says the linter has
			continue
		}
		file := x.Subject
		if r, ok := s.catalogue.ByID(x.Subject, p.Language); ok {
			file = r.File
		}
		key := "review.recorded"
		if x.Asked {
			key = "review.asked"
		}
		s.found = append(s.found, runbooks.Finding{File: file, Rule: runbooks.RuleReviewOverdue, Key: key,
			Args: catalog.Args{"due": catalog.Words(x.Due.Format(time.DateOnly)), "n": catalog.Int(x.Late), "line": catalog.Literal("/incident review " + x.Subject + " done")}})
	}
}
