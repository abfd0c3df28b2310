package incident

import (
	"maps"
	"slices"
	"time"
)

// State is an incident as its log tells it. It is a value: Evolve returns a new one and never changes what it was given.
// It holds digests and references; its bounded free texts are Texts.
type State struct {
	ID           ID       `json:"id"`
	Seq          int64    `json:"seq"` // of the last event folded in
	Installation string   `json:"installation,omitempty"`
	Title        Text     `json:"title"`
	Service      string   `json:"service,omitempty"`
	Source       string   `json:"source"`
	Severity     Severity `json:"severity"`
	Confirmed    bool     `json:"confirmed"`
	Rule         string   `json:"rule,omitempty"`    // what decided the severity
	Highest      Severity `json:"highest,omitempty"` // the worst ever confirmed
	Status       Status   `json:"status"`
	Outcome      Text     `json:"outcome,omitzero"` // what was said at resolve or cancel
	DeclaredBy   Actor    `json:"declared_by,omitzero"`
	From         string   `json:"from,omitempty"`

	DetectedAt     time.Time `json:"detected"`
	DeclaredAt     time.Time `json:"declared"`
	SeverityAt     time.Time `json:"severity_at"`
	AcknowledgedAt time.Time `json:"acknowledged,omitzero"`
	AcknowledgedBy Person    `json:"acknowledged_by,omitzero"`
	MitigatedAt    time.Time `json:"mitigated,omitzero"`
	EndedAt        time.Time `json:"ended,omitzero"` // resolved or cancelled
	EndedBy        Actor     `json:"ended_by,omitzero"`
	RecordedAt     time.Time `json:"recorded"`           // of the last event
	ClosedAt       time.Time `json:"closed_at,omitzero"` // when it was last closed, though something may be owed again since
	ClosedBy       Actor     `json:"closed_by,omitzero"`

	ChannelName string   `json:"channel_name"`          // wanted, then real
	ChannelID   string   `json:"channel,omitempty"`     // empty until it is open
	ChannelEff  EffectID `json:"channel_eff,omitempty"` // the open-channel effect that counts

	// RoomHeld says that there is no room yet, and none on its way: only a card in the alerts channel, or, for a duplicate that went private
	// with what it goes on as, nothing at all.
	RoomHeld bool `json:"room_held,omitempty"`

	PolicyDigest string  `json:"policy"`
	Policy       *Policy `json:"-"` // bound by the engine after loading

	Roles         map[Role]Holding     `json:"roles,omitempty"`
	VacantAt      time.Time            `json:"vacant,omitzero"` // since when nobody commands
	CommsAsk      Ask                  `json:"comms_ask,omitzero"`
	Ladder        Ladder               `json:"ladder"`
	NobodyOnCall  []string             `json:"nobody_on_call,omitempty"` // targets with a stand-in that nobody was on call for when the ladder last moved, see LevelRaised
	Pages         []Page               `json:"pages,omitempty"`
	Pagers        []PagerRef           `json:"pagers,omitempty"` // PagerDuty's own incidents
	Alerts        []AlertSet           `json:"alerts,omitempty"`
	Rest          map[string]RestAlert `json:"rest,omitempty"`     // groups beyond the first maxAlerts, by the beginning of their key
	Unkept        int                  `json:"unkept,omitempty"`   // groups beyond those: counted, and nothing else is known of them
	Merged        *Merged              `json:"merged,omitempty"`   // it is a duplicate; never changed in place
	Absorbed      []ID                 `json:"absorbed,omitempty"` // duplicates of it, with theirs
	Brought       []Person             `json:"brought,omitempty"`  // who was in their rooms
	Storm         *Storm               `json:"storm,omitempty"`    // it takes in every new alert group; never changed in place
	Claims        []string             `json:"claims,omitempty"`   // taken; see engine
	Told          []string             `json:"told,omitempty"`     // targets told
	ToldAt        map[string]time.Time `json:"told_at,omitempty"`  // when each was first
	Progress      Said                 `json:"progress,omitzero"`
	Updates       Said                 `json:"updates,omitzero"`
	NotesAnswered int                  `json:"notes_answered,omitempty"` // notes in PagerDuty that did nothing, whose writer was told
	NextAt        time.Time            `json:"next_update,omitzero"`     // explicitly promised
	Missed        map[string]int       `json:"missed,omitempty"`         // by deadline name, in a row
	MissedAt      map[string]time.Time `json:"missed_at,omitempty"`      // when each was last missed
	Turn          map[string]int       `json:"turn,omitempty"`           // how far along its chain each is
	Warned        []string             `json:"warned,omitempty"`         // keys of deadlines warned of and not passed yet
	Runbooks      []RunbookRun         `json:"runbooks,omitempty"`
	Slots         map[string]Posted    `json:"slots,omitempty"`
	Messages      int                  `json:"messages,omitempty"`
	Dead          []EffectID           `json:"dead,omitempty"`   // essential effects refused for good
	Unsure        []Person             `json:"unsure,omitempty"` // of whom it is not known whether a message reached them; who has acted since is not among them
	Folded        []EffectID           `json:"folded,omitempty"` // posts folded into one after Slack was away
	Reopens       int                  `json:"reopens,omitempty"`

	ReopenedAt    time.Time `json:"reopened,omitzero"`     // when it was last taken up again after its end, or after it was mitigated
	ConfirmedAt   time.Time `json:"confirmed_at,omitzero"` // the severity, last
	Parked        *Parking  `json:"parked,omitempty"`      // set aside; never changed in place
	ImpactAskedAt time.Time `json:"impact_asked,omitzero"` // "customers or regulators touched?"
	RecoveredAt   time.Time `json:"recovered,omitzero"`    // everything cleared with nobody answering
	PagerOverAt   time.Time `json:"pager_over,omitzero"`   // PagerDuty resolved an incident of its own; see recallDue
	ResumedAt     time.Time `json:"resumed,omitzero"`      // clocks that stood still run again since
	// Stood is where the ladder stood when it cleared with nobody answering, until it stands there again; Left is what was left of other
	// clocks then. See Stage.
	Stood     Stage                    `json:"stood,omitzero"`
	Left      map[string]time.Duration `json:"left,omitempty"`   // never changed in place
	Duties    []Duty                   `json:"duties,omitempty"` // obligations, running and ended
	DutyPages []Page                   `json:"duty_pages,omitempty"`
	Actions   int                      `json:"actions,omitempty"` // corrective actions ever added
	Answers   []Answer                 `json:"answers,omitempty"`
	Notices   []Notice                 `json:"notices,omitempty"`
	Moments   []Moment                 `json:"moments,omitempty"`

	Private     *Privacy   `json:"private,omitempty"` // nil: anybody may read it
	Informed    []Informed `json:"informed,omitempty"`
	AttackAlert string     `json:"attack_alert,omitempty"` // the alert for which it is asked whether this is an attack

	Impact   Impact        `json:"impact,omitzero"`
	Cadence  time.Duration `json:"cadence,omitempty"` // of updates, where the commander chose one
	Capture  Capture       `json:"capture,omitzero"`
	Freezes  []Freeze      `json:"freezes,omitempty"`
	Override Override      `json:"override,omitzero"`

	Values    []Value      `json:"values,omitempty"`    // of the runbooks' parameters, as people gave them
	Suggested []Suggestion `json:"suggested,omitempty"` // runbooks put forward and not started
	// Holidays are the announced days that count in its business time, and HolidaysVersion the version of the list they were drawn from.
	Holidays        []Announced `json:"holidays,omitempty"` // never changed in place
	HolidaysVersion int64       `json:"holidays_version,omitempty"`

	HandOver   HandOver  `json:"hand_over,omitzero"`    // asked for and not answered
	HandOverAt time.Time `json:"hand_over_at,omitzero"` // when one last ended or was suggested
	// HandOverAsk is when the chain is asked to relieve who was told to hand over and asks nobody.
	HandOverAsk time.Time `json:"hand_over_ask,omitzero"`
	// ReasonOwed is the newest rise of the severity that nobody has given the reason of.
	ReasonOwed *ReasonOwed `json:"reason_owed,omitempty"`
}

// Holding is who holds a role.
type Holding struct {
	Who    Person    `json:"who"`
	Since  time.Time `json:"since"`
	Acting bool      `json:"acting,omitempty"`
}

// Ask is a pending request to take a role.
type Ask struct {
	At    time.Time `json:"at,omitzero"`
	Stage int       `json:"stage,omitempty"` // 1: holder-to-be asked, 2: backup asked
}

// Said is the last statement of a kind.
type Said struct {
	At    time.Time `json:"at,omitzero"`
	By    Person    `json:"by,omitzero"`
	Text  Text      `json:"text,omitzero"`
	Count int       `json:"count,omitempty"`
}

// Ladder is where escalation stands.
type Ladder struct {
	Level      int           `json:"level"`             // 1 is the first; 0: not started
	Backup     bool          `json:"backup"`            // the level's backup has been sent for
	Round      int           `json:"round"`             // 1 for the first walk up
	RoundAt    time.Time     `json:"round_at,omitzero"` // when the present walk began
	Since      time.Time     `json:"since,omitzero"`    // when the present stage was paged
	AcceptedAt time.Time     `json:"accepted_at,omitzero"`
	AcceptedBy Person        `json:"accepted_by,omitzero"`
	Why        string        `json:"why,omitempty"`       // why the present stage was paged
	MoreTime   time.Duration `json:"more_time,omitempty"` // given at this level
	MoreTimeAt time.Time     `json:"more_time_at,omitzero"`
	Exhausted  bool          `json:"exhausted,omitempty"` // the last level did not answer; starts again
	Waited     time.Duration `json:"waited,omitempty"`    // what of the present stage's wait had run before it last cleared
}

// RunbookRun is a runbook in use.
type RunbookRun struct {
	Ref     RunbookRef         `json:"ref"`
	At      time.Time          `json:"at"`
	Current string             `json:"current"` // step shown; empty: through
	Steps   map[string]StepRun `json:"steps,omitempty"`
	Beside  []StepCard         `json:"beside,omitempty"` // further cards
	Work    []StepWork         `json:"work,omitempty"`   // in the order in which steps were first touched
}

// StepRun is a marked step.
type StepRun struct {
	Mark string    `json:"mark"`
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
	// Since is when it was first shown, and Second who read it before By did it, or confirmed it afterwards.
	Since  time.Time `json:"since,omitzero"`
	Second Person    `json:"second,omitzero"`
}

// Posted is where a message of ours stands.
type Posted struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// Open reports whether the incident runs.
func (s State) Open() bool { return s.Status.Open() }

// begunAt is since when PagerDuty's own page is awaited: since the declaration, or since it was taken up again.
func (s State) begunAt() time.Time { return laterOf(s.DeclaredAt, s.ReopenedAt) }

// Answered reports whether somebody has taken it since it last began: the page, or command. Who did before it was taken up again may be
// asleep by now; AcknowledgedAt, which keeps the first answer ever, says nothing of them.
func (s State) Answered() bool { return !s.answeredBy().Zero() }

func (s State) answeredBy() Person {
	if by := s.Ladder.AcceptedBy; !by.Zero() {
		return by
	}
	if c, held := s.Roles[Commander]; held && !c.Since.Before(s.ReopenedAt) {
		return c.Who
	}
	return Person{}
}

// Language is the language the room speaks.
func (s State) Language() string {
	if s.Policy != nil && s.Policy.Language != "" {
		return s.Policy.Language
	}
	return "en"
}

// Texts are the free texts the state holds, in a fixed order, for sealing beside a snapshot.
func (s *State) Texts() []*Text {
	out := []*Text{&s.Title, &s.Outcome, &s.Progress.Text, &s.Updates.Text}
	for i := range s.Alerts {
		out = append(out, &s.Alerts[i].Summary)
	}
	return append(append(out, s.dutyTexts()...), s.stepTexts()...)
}

// Page returns the page with a key, of the response or of an obligation.
func (s State) Page(key string) (Page, bool) {
	for _, list := range [][]Page{s.Pages, s.DutyPages} {
		if i := slices.IndexFunc(list, func(p Page) bool { return p.Key == key }); i >= 0 {
			return list[i], true
		}
	}
	return Page{}, false
}

// Runbook returns the run of a runbook.
func (s State) Runbook(id string) (RunbookRun, bool) {
	i := slices.IndexFunc(s.Runbooks, func(r RunbookRun) bool { return r.Ref.ID == id })
	if i < 0 {
		return RunbookRun{}, false
	}
	return s.Runbooks[i], true
}

// clone copies everything that Evolve may change in place.
func (s State) clone() State {
	s.Roles = maps.Clone(s.Roles)
	s.Pages = slices.Clone(s.Pages)
	s.Pagers = slices.Clone(s.Pagers)
	s.Alerts = slices.Clone(s.Alerts)
	s.Rest = maps.Clone(s.Rest)
	s.Absorbed = slices.Clone(s.Absorbed)
	s.Brought = slices.Clone(s.Brought)
	s.Told = slices.Clone(s.Told)
	s.ToldAt = maps.Clone(s.ToldAt)
	s.Claims = slices.Clone(s.Claims)
	s.Missed = maps.Clone(s.Missed)
	s.MissedAt = maps.Clone(s.MissedAt)
	s.Turn = maps.Clone(s.Turn)
	s.Warned = slices.Clone(s.Warned)
	s.Runbooks = slices.Clone(s.Runbooks)
	for i := range s.Runbooks {
		s.Runbooks[i].Steps = maps.Clone(s.Runbooks[i].Steps)
		s.Runbooks[i].Beside, s.Runbooks[i].Work = slices.Clone(s.Runbooks[i].Beside), slices.Clone(s.Runbooks[i].Work)
	}
	s.Slots = maps.Clone(s.Slots)
	s.Dead = slices.Clone(s.Dead)
	s.Unsure = slices.Clone(s.Unsure)
	s.Folded = slices.Clone(s.Folded)
	s.Informed = slices.Clone(s.Informed)
	if s.Private != nil {
		p := *s.Private
		p.Old, p.Added = slices.Clone(p.Old), slices.Clone(p.Added)
		s.Private = &p
	}
	s.Duties, s.DutyPages, s.Answers, s.Notices, s.Moments = slices.Clone(s.Duties), slices.Clone(s.DutyPages), slices.Clone(s.Answers), slices.Clone(s.Notices), slices.Clone(s.Moments)
	s.Freezes = slices.Clone(s.Freezes)
	s.Values, s.Suggested = slices.Clone(s.Values), slices.Clone(s.Suggested)
	return s
}

// Deadline is something that must happen by a moment, or else something follows.
type Deadline struct {
	Name  string    `json:"name"` // DueAck ...
	Key   string    `json:"key"`  // unique while it runs: name, level, round, count
	Due   time.Time `json:"due"`
	Level int       `json:"level,omitempty"`
	// WarnAt is when those about to be escalated over are told; zero: they are not. A warning that has been given is zero too.
	WarnAt time.Time `json:"warn_at,omitzero"`
	// Next is the target rung when it is missed (first of the level); empty: nobody.
	Next string `json:"next,omitempty"`
	// Duty is the key of the obligation it is of, and Remind when those whose turn it is are next reminded; Name is DueObligation then.
	Duty   string    `json:"duty,omitempty"`
	Remind time.Time `json:"remind,omitzero"`
}

// Names of deadlines.
const (
	DueFirstPage = "first-page" // PagerDuty's own page is awaited
	DueAck       = "acknowledge"
	DueAccept    = "accept"     // a level above the first was paged
	DueProgress  = "progress"   // level 1 accepted
	DueMitigate  = "mitigate"   // a level above the first accepted
	DueRestart   = "restart"    // the last level did not answer
	DueConfirm   = "confirm"    // the severity
	DueCommander = "commander"  // nobody commands
	DueComms     = "comms"      // the asked person did not take the role
	DueUpdate    = "update"     // a status update
	DueRing      = "ring"       // PagerDuty takes a page; the ladder does not wait for it
	DueRecall    = "recall"     // level 1 is called where PagerDuty resolved its own page and nobody took what goes on
	DueImpact    = "impact"     // "customers or regulators touched?" is answered
	DueParked    = "parked"     // the moment until which it was set aside
	DueReview    = "review"     // what cleared with nobody answering is looked at
	DueTake      = "take"       // a severity without ladder: somebody takes it
	LadderEnd    = "ladder-end" // the name under which an exhausted ladder is recorded as missed
)
