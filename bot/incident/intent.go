package incident

import "time"

// Intent is a new fact or wish, as the engine hands it to Decide: stamped with everything Decide may know beside the state.
type Intent struct {
	At     time.Time // when it happened outside
	Now    time.Time // when it is being decided; what is recorded never goes back behind the last event
	Actor  Actor
	Via    Via
	Act    Act
	Policy *Policy // current policy, for Declare and Reopen; every other act uses the frozen one in State.Policy
	Number int64   // the number a new incident gets
	OnCall OnCall  // who is on call, as last seen
	// Holidays are the days that were announced after the policies were written, as last seen.
	Holidays AnnouncedDays
	// Runbooks are those that fit the act's alerts, with revisions already pinned (Declare, AlertsFired, PagerTriggered).
	Runbooks []RunbookRef
	// Fits is what the Runbooks fit: ByAlert, ByService or ByGeneric. Empty: the alert.
	Fits string
	// Suggest are runbooks that may fit and start nothing by themselves (Declare, AlertsFired, PagerTriggered).
	Suggest []Suggestion
	// Other is the second incident of a Merge or a Split, as it stands; of one that a Split opens only the ID.
	Other *State
	// Along are the duplicates that go private in the same commit, when the incident does.
	Along []ID
	// Storm says that too many rooms were opened of late: what monitoring opens now is a storm incident, and this is what it is called.
	Storm *Text
	// Claims are what the incident takes, of what the input offered and nobody else holds.
	Claims []string
	// Filled says what the commands of a step are, filled with the values of a state; nil: it is not known.
	Filled func(s State, runbook RunbookRef, step string) Filling
	// NamesTaken tells whether another incident has claimed a channel name.
	NamesTaken func(name string) bool
}

// OnCall is who is on call for each target of the policy.
type OnCall map[string]Roster

// Act is what somebody or something wants. The concrete types are below.
type Act interface{ act() }

// Declare opens an incident by hand.
type Declare struct {
	Title    Text
	Severity Severity // zero: the policy's default
	Rule     string   // what proposed the severity: it is then not confirmed; empty: the person said it
	Service  string
	From     string // channel it was typed in
	Private  bool   // from the beginning
}

// AlertsFired is the current set of an alert group, from Alertmanager. On a new incident it declares it.
type AlertsFired struct {
	Set   AlertSet
	Title Text
	// Labels that choose: alertname is Set.Name, severity and service are looked up in Set.Labels.
}

// PagerTriggered is an incident PagerDuty opened by itself. On a new incident it declares it.
type PagerTriggered struct {
	Ref       PagerRef
	Title     Text
	AlertName string // when the title or details name one
	Severity  string // the alert's own severity, when known
}

// PagerChanged is a change of a PagerDuty incident that belongs to this one: one of our pages, or one of PagerDuty's own.
type PagerChanged struct {
	Pager  string // PagerDuty incident id; empty when only Dedup is known
	Dedup  string // our dedup key, when it is one of our pages
	Status string // acknowledged, resolved, triggered (unacknowledged or reassigned)
	By     Person // who did it there; zero when PagerDuty did
	URL    string
	// Again is whether it was resolved there and triggers again, which one of PagerDuty's own may do long after ours is over.
	Again    bool
	Assigned []Person // whom PagerDuty gave it to now, when that is known
}

// PagerNote is a note written on a PagerDuty incident of ours: "progress ...", "mitigated", "+15", or a remark.
type PagerNote struct {
	Pager string
	By    Person
	Text  Text
}

// Ack takes the incident: the person who acknowledges commands it until somebody says otherwise.
type Ack struct{}

// SetRole takes, gives, hands over or frees a role.
type SetRole struct {
	Role Role
	Who  Person // zero: the role is freed
}

// SetSeverity sets (and thereby confirms) the severity.
type SetSeverity struct {
	Severity Severity
	Reason   Text
	Rule     string // what proposed it (RuleGuide ...); empty: the person
}

// SetStatus moves the status forward, to identified or mitigated; resolving has its own act.
type SetStatus struct {
	Status Status
	Reason Text
}

// Progress states progress.
type Progress struct{ Text Text }

// Note adds a remark.
type Note struct{ Text Text }

// Update posts a status update.
type Update struct {
	Text Text
	Next time.Duration // until the next is promised; zero: as the severity says
	// Moments happened now, and are recorded with it; those that are recorded already are not recorded again.
	Moments []string
}

// PageOut sends for a target of the policy.
type PageOut struct {
	Target string
	Reason Text
}

// MoreTime asks for more time at the present level.
type MoreTime struct{}

// SendHelp escalates now: the next level is paged without waiting for the deadline.
type SendHelp struct{ Reason Text }

// Resolve ends the incident.
type Resolve struct{ Text Text }

// Cancel ends it as noise.
type Cancel struct{ Reason Text }

// Reopen takes it up again.
type Reopen struct{ Reason Text }

// Message is a message in the incident's channel, new.
type Message struct{ Message MessageSeen }

// EditMessage is an edit of one.
type EditMessage struct{ Edit MessageEdited }

// DeleteMessage is the deletion of one.
type DeleteMessage struct{ Delete MessageDeleted }

// Gap is a stretch of a channel's history that could not be recovered.
type Gap struct{ Gap GapSeen }

// Tick says that time has passed: whatever is due is decided now.
type Tick struct{}

// Report is what became of an effect.
type Report struct {
	Effect  EffectID
	Outcome string // OutcomeDone, OutcomeOvertaken, OutcomeExpired, OutcomeDead
	Channel string // opened, or posted to
	Name    string // of the opened channel
	TS      string
	Found   bool   // adopted from an earlier attempt
	Taken   bool   // open-channel: the name is held by somebody else; the next one must be tried
	Pager   string // PagerDuty incident id, when known
	URL     string
	Error   string
	Attempt int
	Doubt   bool     // dead: an attempt was cut off, and it is not known whether it did its work
	Who     []Person // whom it was to reach, when in doubt
}

// Join lets the actor into the room.
type Join struct{}

// Late folds posts that Slack's absence made late into one.
type Late struct{ Posts LatePosts }

func (Declare) act()        {}
func (AlertsFired) act()    {}
func (PagerTriggered) act() {}
func (PagerChanged) act()   {}
func (PagerNote) act()      {}
func (Ack) act()            {}
func (SetRole) act()        {}
func (SetSeverity) act()    {}
func (SetStatus) act()      {}
func (Progress) act()       {}
func (Note) act()           {}
func (Update) act()         {}
func (PageOut) act()        {}
func (MoreTime) act()       {}
func (SendHelp) act()       {}
func (Resolve) act()        {}
func (Cancel) act()         {}
func (Reopen) act()         {}
func (Message) act()        {}
func (EditMessage) act()    {}
func (DeleteMessage) act()  {}
func (Gap) act()            {}
func (Tick) act()           {}
func (Report) act()         {}
func (Late) act()           {}
func (Join) act()           {}

// MinProgress is how many characters a statement of progress has at least.
const MinProgress = 10
