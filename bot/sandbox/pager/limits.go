package pager

import "time"

// Bounds of what the pager keeps and accepts. Those of the wire are PagerDuty's published ones.
const (
	maxIncidents      = 2000     // the oldest resolved one goes first; with none resolved new ones are throttled (429)
	maxLogEntries     = 50_000   // the oldest goes first
	maxRings          = 20_000   // the oldest goes first
	maxCalls          = 4000     // the oldest goes first
	maxDeliveries     = 4000     // finished webhook deliveries kept; the oldest goes first
	maxWebhookQueue   = 4000     // per subscription, as published
	maxNotes          = 2000     // per incident, as published
	maxSummary        = 1024     // characters
	maxDedupKey       = 255      // characters
	maxEventBody      = 512_000  // bytes of an Events API body
	maxRESTBody       = 1 << 20  // bytes
	maxBodyKept       = 16 << 10 // bytes of a request body kept in a Call
	maxPage           = 100      // limit of one page
	maxOffset         = 10_000   // offset+limit
	maxManaged        = 250      // incidents in one PUT /incidents
	maxOverrides      = 200      // of one schedule; the oldest that is over goes first, with none over new ones are refused
	maxOverridesPost  = 100      // in one POST
	maxDueSteps       = 100_000  // due items worked off in one go; a plan that needs more is a loop
	routingKeyLen     = 32
	defaultRESTLimit  = 960 // requests a minute and token
	defaultEventLimit = 120 // events a minute and routing key
	rateWindow        = time.Minute
	maxRendered       = 92 * 24 * time.Hour // of GET /schedules/{id} and its overrides: three months
	defaultRendered   = 14 * 24 * time.Hour
	incidentWindow    = 30 * 24 * time.Hour  // GET /incidents without since
	maxIncidentWindow = 185 * 24 * time.Hour // six months
	deliveryTimeout   = 5 * time.Second
	retryFor          = 48 * time.Hour
	retryFirst        = 15 * time.Second
	retryMost         = time.Hour
	disabledFor       = 24 * time.Hour
	dropsToDisable    = 3
	reorderWait       = 2 * time.Second
)
