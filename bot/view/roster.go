package view

import (
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// rosterStale is how old a reading of PagerDuty may be before whoever is rung by it is told: it is read every minute, so several readings
// failed, or nobody was there to read.
const rosterStale = 3 * time.Minute

// stale reports whether a page was sent for by a roster that PagerDuty could not be asked about any more.
func stale(p incident.Page) bool {
	ofPager := strings.HasPrefix(p.Source, "pagerduty schedule ") || strings.HasPrefix(p.Source, "pagerduty escalation policy ")
	return ofPager && !p.SeenAt.IsZero() && p.At.Sub(p.SeenAt) >= rosterStale
}

// staleRoster says that those who are rung are whoever was on call at the last reading; nothing where that is as fresh as it should be. Of
// several the oldest reading counts.
func (src Source) staleRoster(key string, pages ...incident.Page) catalog.Text {
	var oldest time.Time
	for _, p := range pages {
		if stale(p) && (oldest.IsZero() || p.SeenAt.Before(oldest)) {
			oldest = p.SeenAt
		}
	}
	if oldest.IsZero() {
		return nil
	}
	return src.said().say(key, catalog.Args{"at": src.clock(oldest)})
}
