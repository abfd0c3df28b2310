package policy

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

const (
	maxPerDay      = 50
	maxReviewWhere = 300
	minReviewEvery = time.Hour
)

// reviews reads when runbooks, and what they stand on, are reviewed.
func (r *reader) reviews(n *yaml.Node, at string, out *incident.Reviews) {
	out.Owners = map[string]string{}
	known := fields{
		"after":       func(v *yaml.Node, at string) { out.After = r.sevs(v, at) },
		"within_days": func(v *yaml.Node, at string) { out.WithinDays = r.count(v, at, maxDays) },
		"every":       r.into(&out.Every),
		"chain":       func(v *yaml.Node, at string) { out.Chain = r.names(v, at) },
		"per_day":     func(v *yaml.Node, at string) { out.PerDay = r.whole(v, at, 1, maxPerDay) },
		"where":       func(v *yaml.Node, at string) { out.Where = r.text(v, at, maxReviewWhere) },
	}
	for _, s := range incident.ReviewSubjects {
		known[s] = func(v *yaml.Node, at string) { out.Owners[s] = r.named(v, at) }
	}
	r.object(n, at, known)
}

// reviews checks that whoever is asked for a review is somebody.
func (f *finder) reviews() {
	target := func(at, key string) {
		if _, ok := f.p.Targets[key]; !ok {
			f.refuse(at, "no-target", with{"target": said(key), "known": listed(sortedKeys(f.p.Targets)...)})
		}
	}
	for i, k := range f.p.Reviews.Chain {
		target(fmt.Sprintf("reviews.chain[%d]", i), k)
	}
	for _, s := range incident.ReviewSubjects {
		if k := f.p.Reviews.Owners[s]; k != "" {
			target("reviews."+s, k)
		}
	}
	if e := f.p.Reviews.Every; e != 0 && e < minReviewEvery {
		f.refuse("reviews.every", "often", with{"d": written(e)})
	}
}
