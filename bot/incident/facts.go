package incident

import "time"

// Every type a log can hold, by name. A name, once released, is never reused or changed.
var factTypes = map[string]func() Fact{
	"declared":        func() Fact { return new(Declared) },
	"alerts":          func() Fact { return new(AlertsSeen) },
	"acknowledged":    func() Fact { return new(Acknowledged) },
	"role-set":        func() Fact { return new(RoleSet) },
	"role-asked":      func() Fact { return new(RoleAsked) },
	"severity-reason": func() Fact { return new(SeverityReason) },
	"severity-set":    func() Fact { return new(SeveritySet) },
	"status-set":      func() Fact { return new(StatusSet) },
	"progress":        func() Fact { return new(ProgressMade) },
	"note":            func() Fact { return new(Noted) },
	"update":          func() Fact { return new(UpdatePosted) },
	"paged":           func() Fact { return new(Paged) },
	"page-changed":    func() Fact { return new(PageChanged) },
	"pager-seen":      func() Fact { return new(PagerSeen) },
	"level-raised":    func() Fact { return new(LevelRaised) },
	"warned":          func() Fact { return new(Warned) },
	"missed":          func() Fact { return new(Missed) },
	"more-time":       func() Fact { return new(MoreTimeGiven) },
	"told":            func() Fact { return new(Told) },
	"runbook-started": func() Fact { return new(RunbookStarted) },
	"step":            func() Fact { return new(StepMarked) },
	"resolved":        func() Fact { return new(ResolvedFact) },
	"cancelled":       func() Fact { return new(CancelledFact) },
	"closed":          func() Fact { return new(ClosedFact) },
	"reopened":        func() Fact { return new(Reopened) },
	"message":         func() Fact { return new(MessageSeen) },
	"message-edited":  func() Fact { return new(MessageEdited) },
	"message-deleted": func() Fact { return new(MessageDeleted) },
	"gap":             func() Fact { return new(GapSeen) },
	"room-wanted":     func() Fact { return new(RoomWanted) },
	"channel-opened":  func() Fact { return new(ChannelOpened) },
	"channel-taken":   func() Fact { return new(ChannelTaken) },
	"settled":         func() Fact { return new(Settled) },
	"late":            func() Fact { return new(LatePosts) },
	"joined":          func() Fact { return new(Joined) },
	"impact-asked":    func() Fact { return new(ImpactAsked) },
	"parked":          func() Fact { return new(Parked) },
	"resumed":         func() Fact { return new(Resumed) },
	"recovered":       func() Fact { return new(Recovered) },
	"handed-on":       func() Fact { return new(HandedOn) },
	"merged":          func() Fact { return new(MergedInto) },
	"absorbed":        func() Fact { return new(Absorbed) },
	"split-off":       func() Fact { return new(SplitOff) },

	"obligation-begun":    func() Fact { return new(ObligationBegun) },
	"obligation-reminded": func() Fact { return new(ObligationReminded) },
	"obligation-deferred": func() Fact { return new(ObligationDeferred) },
	"obligation-moved":    func() Fact { return new(ObligationMoved) },
	"holidays":            func() Fact { return new(HolidaysCounted) },
	"obligation-taken":    func() Fact { return new(ObligationTaken) },
	"obligation-ended":    func() Fact { return new(ObligationEnded) },
	"notice-sent":         func() Fact { return new(NoticeSent) },
	"answered":            func() Fact { return new(Answered) },
	"moment":              func() Fact { return new(MomentMarked) },
	"impact":              func() Fact { return new(ImpactRecorded) },
	"cadence":             func() Fact { return new(CadenceSet) },
	"captured":            func() Fact { return new(Captured) },
	"frozen":              func() Fact { return new(Frozen) },
	"freeze-lifted":       func() Fact { return new(FreezeLifted) },
	"lock-overridden":     func() Fact { return new(LockOverridden) },
	"hand-over-proposed":  func() Fact { return new(HandOverProposed) },
	"hand-over-reminded":  func() Fact { return new(HandOverReminded) },
	"hand-over-ended":     func() Fact { return new(HandOverEnded) },
	"hand-over-suggested": func() Fact { return new(HandOverSuggested) },

	"parameters":          func() Fact { return new(ParametersSet) },
	"runbooks-suggested":  func() Fact { return new(RunbooksSuggested) },
	"step-opened":         func() Fact { return new(StepOpened) },
	"step-again":          func() Fact { return new(StepAgain) },
	"step-taken":          func() Fact { return new(StepTaken) },
	"step-found":          func() Fact { return new(StepFound) },
	"step-blocked":        func() Fact { return new(StepBlocked) },
	"step-unblocked":      func() Fact { return new(StepUnblocked) },
	"step-approval-asked": func() Fact { return new(ApprovalAsked) },
	"step-approved":       func() Fact { return new(StepApproved) },
	"step-awaits":         func() Fact { return new(StepAwaits) },
	"step-seconded":       func() Fact { return new(StepSeconded) },
	"step-returned":       func() Fact { return new(StepReturned) },
	"step-changed":        func() Fact { return new(StepChanged) },
	"step-help":           func() Fact { return new(StepHelp) },

	"private":           func() Fact { return new(Privatized) },
	"admitted":          func() Fact { return new(Admitted) },
	"review-written":    func() Fact { return new(ReviewWritten) },
	"step-reader-asked": func() Fact { return new(ReaderAsked) },
	"attack-asked":      func() Fact { return new(AttackAsked) },
}

// NewFact returns an empty fact of the named type, nil when this release does not know it.
func NewFact(name string) Fact {
	if f := factTypes[name]; f != nil {
		return f()
	}
	return nil
}

// FactTypes lists the names of all facts, sorted.
func FactTypes() []string { return sortedKeys(factTypes) }

// Declared opens the incident. It is always event 1.
type Declared struct {
	ID           ID         `json:"id"`
	Title        Text       `json:"title"`
	Severity     Severity   `json:"severity"`
	Confirmed    bool       `json:"confirmed,omitempty"` // the severity, by a human or by the alert catalogue
	Rule         string     `json:"rule,omitempty"`      // what decided the severity: "alert AuditHashChainBroken", "declared by hand"
	Source       string     `json:"source"`              // SourceHand, SourceAlert, SourcePage
	Service      string     `json:"service,omitempty"`
	DetectedAt   time.Time  `json:"detected"`
	Channel      string     `json:"channel"`                // the name claimed: "inc-20261121-checkout-is-down"
	From         string     `json:"from,omitempty"`         // Slack channel the declaration was typed in
	Policy       string     `json:"policy"`                 // digest
	Installation string     `json:"installation,omitempty"` // first part of dedup keys
	Alerts       []AlertSet `json:"alerts,omitempty"`
	Pager        *PagerRef  `json:"pager,omitempty"`  // the PagerDuty incident it began with
	Claims       []string   `json:"claims,omitempty"` // what routes here from now on, beside what follows from the facts
	Storm        bool       `json:"storm,omitempty"`  // it takes in every new alert group, because too many rooms were opened
	Private      bool       `json:"private,omitempty"`
	// Rest are further groups in short, and SplitFrom is where they come from, when it was split off another.
	Rest      map[string]RestAlert `json:"rest,omitempty"`
	SplitFrom ID                   `json:"split_from,omitempty"`
	// Held says that the room is opened when somebody takes it, or nobody has in time; until then there is only the card in the alerts
	// channel. Cards are those that the groups of a split bring with them, by slot.
	Held  bool              `json:"held,omitempty"`
	Cards map[string]Posted `json:"cards,omitempty"`
}

// Sources of an incident.
const (
	SourceHand  = "hand"
	SourceAlert = "alert" // Alertmanager
	SourcePage  = "page"  // PagerDuty
)

// AlertSet is the current set of one alert group.
type AlertSet struct {
	Group     string    `json:"group"` // claim key of the group
	Name      string    `json:"name"`  // alertname, when all share it
	Firing    int       `json:"firing"`
	Truncated int       `json:"truncated,omitempty"`
	Summary   Text      `json:"summary,omitzero"`
	Labels    []Label   `json:"labels,omitempty"` // common labels, sorted, at most 20
	StartsAt  time.Time `json:"starts"`
	ChangedAt time.Time `json:"changed"`
	Digest    string    `json:"set"`               // digest of the sorted firing fingerprints: an equal set is no news
	Service   string    `json:"service,omitempty"` // whose it is, as the policy or the labels say; set where it is decided
	URL       string    `json:"url,omitempty"`
	// Details are what else its alerts say alike, by name, beside what is written for people: values for runbooks. They choose neither service
	// nor severity.
	Details []Label `json:"details,omitempty"`
}

// Label is a name and a value of an alert; both are data from outside.
type Label struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// PagerRef points at a PagerDuty incident that PagerDuty opened by itself (not one of our pages).
type PagerRef struct {
	ID       string   `json:"id"`
	Number   int64    `json:"number,omitempty"`
	URL      string   `json:"url,omitempty"`
	Service  string   `json:"service,omitempty"`
	Key      string   `json:"key,omitempty"` // incident_key or alert_key
	Assigned []Person `json:"assigned,omitempty"`
	Status   string   `json:"status,omitempty"` // triggered, acknowledged, resolved
	Urgency  string   `json:"urgency,omitempty"`
	// Labels are what its sender attached, by name, as an alert group's: values for runbooks. Nobody is rung by them.
	Labels []Label `json:"labels,omitempty"`
	// Alert is the alert that it is about, as far as its title or details name one, and Since when PagerDuty opened it; older logs say neither.
	Alert string    `json:"alert,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// AlertsSeen records a changed alert group of an incident: more, fewer or none firing.
type AlertsSeen struct {
	Set AlertSet `json:"set"`
	New bool     `json:"new,omitempty"` // the group is new to the incident
	// Severity is what the catalogue says of the group, where the state keeps no more of it than this.
	Severity Severity `json:"severity,omitempty"`
	Claims   []string `json:"claims,omitempty"`
	// Awaited is the runbook in use that waited for an alert of this name, where that is why it belongs here.
	Awaited string `json:"awaited,omitempty"`
	// Relabelled says that its labels or details are others than before, and may stand in commands that are shown.
	Relabelled bool `json:"relabelled,omitempty"`
}

// Acknowledged records that a human took the page, from Slack or on the phone.
type Acknowledged struct {
	By   Person `json:"by"`
	Page string `json:"page,omitempty"` // key of the page that was acknowledged, when it was by phone
}

// RoleSet gives, hands over or frees a role.
type RoleSet struct {
	Role   Role   `json:"role"`
	Who    Person `json:"who,omitzero"` // zero: nobody holds it any more
	Was    Person `json:"was,omitzero"`
	Acting bool   `json:"acting,omitempty"` // commander by acknowledging, until somebody says otherwise
}

// RoleAsked records that somebody was asked to take a role, by direct message.
type RoleAsked struct {
	Role Role     `json:"role"`
	Who  []Person `json:"who,omitempty"`
	Why  string   `json:"why"` // "declared", "nobody-answered"
}

// SeveritySet sets or confirms the severity.
type SeveritySet struct {
	Severity  Severity `json:"severity"`
	Was       Severity `json:"was"`
	Confirmed bool     `json:"confirmed"`
	Reason    Text     `json:"reason,omitzero"`
	Rule      string   `json:"rule,omitempty"` // UnconfirmedTimeout when the clock confirmed it
	Asks      bool     `json:"asks,omitempty"` // a person raised it and gave no reason: they are asked for it
}

// StatusSet moves the incident along its life cycle (not to resolved or cancelled; those have their own facts).
type StatusSet struct {
	Status Status `json:"status"`
	Was    Status `json:"was"`
	Reason Text   `json:"reason,omitzero"`
}

// ProgressMade is progress stated by a human: a sentence of at least MinProgress characters, or a step's finding.
type ProgressMade struct {
	Text Text `json:"text"`
}

// Noted is a remark for the timeline.
type Noted struct {
	Text Text `json:"text"`
	// Of a note in PagerDuty that was meant to do something and did not: on which page its writer is told, why, and what the words need.
	Page   string   `json:"page,omitempty"`   // key
	Answer string   `json:"answer,omitempty"` // a code of a refusal, or NoteNotTaken ...
	Args   []string `json:"args,omitempty"`
}

// UpdatePosted is a status update for the people who wait.
type UpdatePosted struct {
	Text Text      `json:"text"`
	Next time.Time `json:"next,omitzero"` // when the next one was promised
}

// UnconfirmedTimeout is the rule of a severity that nobody confirmed or lowered in time, and which counts as confirmed.
const UnconfirmedTimeout = "unconfirmed-timeout"

// Page is one ringing of one person or rotation for one level and round.
type Page struct {
	Key     string    `json:"key"` // "L2.tech_lead.1.U123", unique in the incident; the last part of the dedup key
	Level   int       `json:"level"`
	Target  string    `json:"target"`
	Round   int       `json:"round"`
	Person  Person    `json:"person,omitzero"` // who is expected to answer; zero when the roster does not know
	Address Address   `json:"address"`
	Dedup   string    `json:"dedup"`
	Why     string    `json:"why"`              // WhyDetected, WhyNotAcknowledged, ...
	By      Person    `json:"by,omitzero"`      // who sent for them, when a person did
	Source  string    `json:"source,omitempty"` // where the roster came from
	SeenAt  time.Time `json:"seen,omitzero"`    // how fresh it was
	At      time.Time `json:"at"`
	Status  string    `json:"status"`          // PageOwed ...
	Pager   string    `json:"pager,omitempty"` // PagerDuty incident id
	URL     string    `json:"url,omitempty"`
	Foreign bool      `json:"foreign,omitempty"` // PagerDuty sent it by itself; we adopted it as level 1's
	Ring    EffectID  `json:"ring,omitempty"`    // the effect that sends it; set by Evolve
	Down    bool      `json:"down,omitempty"`    // its person was told that nothing is needed; set by Evolve

	AnsweredAt time.Time `json:"answered,omitzero"` // when it was recorded as answered; set by Evolve
	SentAt     time.Time `json:"sent,omitzero"`     // when PagerDuty took it; zero: it never rang, or is PagerDuty's own
	StuckAt    time.Time `json:"stuck,omitzero"`    // when it was said that PagerDuty had not taken it for RingWithin; set by Evolve
	Urgency    string    `json:"urgency,omitempty"` // UrgencyLow, or empty: the person is rung as loudly as they can be

	Obligation string `json:"obligation,omitempty"` // key of the duty it is about; it is none of the response then
	// Along are further duties it is about: who is to be rung for several of them at once is rung once.
	Along []string `json:"along,omitempty"`

	Runbook string `json:"runbook,omitempty"` // of the step somebody is called for
	Step    string `json:"step,omitempty"`
	For     string `json:"for,omitempty"` // ForApproval, ForHelp, ForTell
}

// Outstanding reports whether somebody may still be holding a ringing or acknowledged phone for it.
func (p Page) Outstanding() bool {
	return p.Status == PageOwed || p.Status == PageSent || p.Status == PageAnswered
}

// Where a page stands.
const (
	PageOwed     = "owed"     // decided, not yet accepted by PagerDuty
	PageSent     = "sent"     // PagerDuty took it
	PageAnswered = "answered" // a human acknowledged it
	PageClosed   = "closed"   // resolved; nobody is needed
	PageFailed   = "failed"   // PagerDuty refused it for good
)

// Why a page was closed.
const (
	WhyResolved  = "resolved"
	WhyCancelled = "cancelled"
	WhyLowered   = "lowered" // the severity went down
	WhyTaken     = "taken"   // somebody else took it
	WhyMet       = "met"     // somebody commands, posted the update, or answered the hand-over that they were called for
	WhyOnPager   = "pager"   // closed in PagerDuty
)

// Why somebody is paged.
const (
	WhyDetected        = "detected"         // the incident began
	WhyNotAcknowledged = "not-acknowledged" // the level before did not accept in time
	WhyNoProgress      = "no-progress"      // no progress recorded in time
	WhyNotMitigated    = "not-mitigated"    // level 2 accepted, not mitigated in time
	WhyNoCommander     = "no-commander"     // nobody commands
	WhySeverity        = "severity"         // the severity says so
	WhyHelp            = "help"             // somebody in the incident sent for them
	WhyAsked           = "asked"            // /incident page
	WhyUpdateMissed    = "update-missed"    // updates were missed repeatedly
	WhyHandOver        = "hand-over"        // they are asked to take command over, and those asked before them have not accepted
	WhyPageFailed      = "page-failed"      // the pager refused the page before
	WhyImpact          = "impact"           // customers or regulators are touched, somebody said
	WhyImpactUnsaid    = "impact-unsaid"    // nobody said in time whether customers or regulators are touched
	WhyParked          = "parked"           // the time until which it was set aside has come
	WhyAgain           = "again"            // it fires again after it had cleared with nobody answering
	WhyPagerOver       = "pager-over"       // PagerDuty resolved its own page of level 1, and nobody has taken what goes on
	WhyReview          = "review"           // it cleared with nobody answering: somebody must look at it
	WhyHanded          = "handed"           // somebody who was rung hands it on
)

// UrgencyLow asks PagerDuty for the person's low-urgency notifications.
const UrgencyLow = "low"

// Paged records the decision to ring somebody. Sending is an effect.
type Paged struct {
	Page Page `json:"page"`
}

// PageChanged records what became of a page.
type PageChanged struct {
	Effect EffectID `json:"effect,omitempty"` // the effect this settles, when the change came from one
	// StandDown says that the person is told, once, that nothing is needed of them any more, and why.
	StandDown bool `json:"stand_down,omitempty"`
	Sent      bool `json:"sent,omitempty"`  // PagerDuty took it, whatever has become of it meanwhile
	Stuck     bool `json:"stuck,omitempty"` // PagerDuty has not taken it for RingWithin; it is still tried
	// Quiet says that a call for runbook clocks was closed because the incident rests: where nobody had answered it, it counts as none of their
	// chains when they ring again.
	Quiet  bool   `json:"quiet,omitempty"`
	Why    string `json:"why,omitempty"`
	Key    string `json:"key"`
	Status string `json:"status"`
	By     Person `json:"by,omitzero"`
	Pager  string `json:"pager,omitempty"`
	URL    string `json:"url,omitempty"`
	Error  string `json:"error,omitempty"`
}

// PagerSeen records a PagerDuty incident of its own that belongs to this incident, or its change.
type PagerSeen struct {
	Ref    PagerRef `json:"ref"`
	By     Person   `json:"by,omitzero"` // who changed it there
	Claims []string `json:"claims,omitempty"`
	// Awaited is the runbook in use that waited for an alert of its name, Alert the name, where that is why it belongs here.
	Awaited string `json:"awaited,omitempty"`
	Alert   string `json:"alert,omitempty"`
	// Relabelled is as in AlertsSeen.
	Relabelled bool `json:"relabelled,omitempty"`
}

// LevelRaised moves the ladder: to a level, or to its backup.
type LevelRaised struct {
	Level    int       `json:"level"`
	Backup   bool      `json:"backup,omitempty"`
	Round    int       `json:"round"`
	Why      string    `json:"why"`
	Since    time.Time `json:"since,omitzero"` // since when what was missing was missing
	Deadline string    `json:"deadline,omitempty"`
	// By and Reason are who sent for help and what for, when that is why.
	By     Person `json:"by,omitzero"`
	Reason Text   `json:"reason,omitzero"`
	// Empty are the targets of the ladder that nobody was known to be on call for, so that somebody else stands in (when_empty).
	Empty []string `json:"empty,omitempty"`
	// Waited is how much of the wait for the stage has run already: before it cleared with nobody answering.
	Waited time.Duration `json:"waited,omitempty"`
}

// Warned records that the people about to be escalated over were told.
type Warned struct {
	Deadline string    `json:"deadline"` // key of the deadline
	Due      time.Time `json:"due"`
	Who      []Person  `json:"who,omitempty"`
}

// Missed records a deadline that passed without moving the ladder (an update not posted, a role not taken).
type Missed struct {
	Deadline string    `json:"deadline"`
	Name     string    `json:"name"` // DueUpdate, DueCommander, DueComms, LadderEnd
	Due      time.Time `json:"due"`
	Count    int       `json:"count"`
	// Asked is the role or target whose turn on the chain it is, Turn how far along it that is, and Who they are where they are only
	// reminded: nobody rings them for it.
	Asked string   `json:"asked,omitempty"`
	Turn  int      `json:"turn,omitempty"`
	Who   []Person `json:"who,omitempty"`
}

// MoreTimeGiven records "+15 min", once per level.
type MoreTimeGiven struct {
	Level int           `json:"level"`
	Round int           `json:"round"`
	Add   time.Duration `json:"add"`
}

// Told records people informed of the incident without being paged.
type Told struct {
	Targets []string `json:"targets"`
	Who     []Person `json:"who"`
	Why     string   `json:"why"`
}

// ResolvedFact ends the incident.
type ResolvedFact struct {
	Text Text   `json:"text,omitzero"`
	Why  string `json:"why,omitempty"` // empty: somebody said so; "pagerduty": resolved there
}

// CancelledFact ends it as noise.
type CancelledFact struct {
	Reason Text `json:"reason,omitzero"`
}

// Reopened takes a resolved or cancelled incident up again.
type Reopened struct {
	Reason Text     `json:"reason,omitzero"`
	Policy string   `json:"policy"`           // frozen anew
	Claims []string `json:"claims,omitempty"` // alerts taken back, of those given up at the end
}

// MessageSeen is a message of the incident's channel.
type MessageSeen struct {
	Channel string    `json:"channel"`
	TS      string    `json:"ts"`
	Thread  string    `json:"thread,omitempty"` // ts of the thread's parent
	Text    Text      `json:"text"`
	Files   []FileRef `json:"files,omitempty"`
	Bot     string    `json:"bot,omitempty"`    // name of the app that wrote it
	Caught  bool      `json:"caught,omitempty"` // read from history after an absence
}

// FileRef is a file by reference; its content stays in Slack.
type FileRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// MessageEdited is a new text of an earlier message.
type MessageEdited struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	EditTS  string `json:"edit"`
	Text    Text   `json:"text"`
}

// MessageDeleted is the end of an earlier message; what it said stays in the timeline.
type MessageDeleted struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Found   bool   `json:"found,omitempty"` // found missing when the channel was read after an absence: when it was deleted is not known
}

// GapSeen says plainly what could not be recovered.
type GapSeen struct {
	Channel string    `json:"channel"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Why     string    `json:"why"`
}

// ChannelOpened is the room being there.
type ChannelOpened struct {
	Channel string   `json:"channel"` // Slack id
	Name    string   `json:"name"`
	Adopted bool     `json:"adopted,omitempty"` // an earlier attempt of ours was found
	Effect  EffectID `json:"effect"`
}

// ChannelTaken says that the wanted name is held by somebody else; Next is the one tried now.
type ChannelTaken struct {
	Name   string   `json:"name"`
	Next   string   `json:"next"`
	Effect EffectID `json:"effect"`
}

// Settled ends an effect on record.
type Settled struct {
	Effect  EffectID `json:"effect"`
	Outcome string   `json:"outcome"` // OutcomeDone ...
	Slot    string   `json:"slot,omitempty"`
	Channel string   `json:"channel,omitempty"` // where it was posted
	TS      string   `json:"ts,omitempty"`
	Found   bool     `json:"found,omitempty"` // an earlier attempt's result was adopted
	Error   string   `json:"error,omitempty"`
	Attempt int      `json:"attempt,omitempty"`
	Doubt   bool     `json:"doubt,omitempty"` // dead, and perhaps done all the same: an attempt was cut off, and a second could be one too many
	Who     []Person `json:"who,omitempty"`   // whom it was to reach, when in doubt
}

// How an effect ended.
const (
	OutcomeDone      = "done"
	OutcomeOvertaken = "overtaken" // no longer owed when its turn came
	OutcomeExpired   = "expired"   // its Until had passed
	OutcomeDead      = "dead"      // refused for good, or in doubt
)

// Joined records that somebody asked to be let into the room.
type Joined struct {
	Who Person `json:"who"`
}

// LatePosts says which posts were folded into one because Slack was away.
type LatePosts struct {
	From    time.Time  `json:"from"`
	To      time.Time  `json:"to"`
	Effects []EffectID `json:"effects"`
}
