package incident

import "strconv"

// Severity is 1 (worst) to 4. Zero means not set.
type Severity int

// The severities.
const (
	SEV1 Severity = 1
	SEV2 Severity = 2
	SEV3 Severity = 3
	SEV4 Severity = 4
)

// Valid reports whether s is one of the four.
func (s Severity) Valid() bool { return s >= SEV1 && s <= SEV4 }

// String returns "SEV-1".
func (s Severity) String() string { return "SEV-" + strconv.Itoa(int(s)) }

// Worse reports whether s is worse than t. An unset severity is not worse than anything.
func (s Severity) Worse(t Severity) bool { return s.Valid() && (!t.Valid() || s < t) }

// Status is where an incident stands in its life.
type Status string

// The life cycle. Jumps forward are legal; backward only by Reopen.
const (
	Investigating Status = "investigating"
	Identified    Status = "identified"
	Mitigated     Status = "mitigated"
	Resolved      Status = "resolved"  // the users are well
	Closed        Status = "closed"    // nothing is owed any more: obligations, corrective actions, legal clocks have ended
	Cancelled     Status = "cancelled" // it was noise; not part of any figure
	Duplicate     Status = "duplicate" // it goes on as another; counted with that one only
)

// Open reports whether deadlines run and people may be paged.
func (s Status) Open() bool { return s == Investigating || s == Identified || s == Mitigated }

// rank orders the statuses for "jumps forward are legal".
func (s Status) rank() int {
	switch s {
	case Investigating:
		return 1
	case Identified:
		return 2
	case Mitigated:
		return 3
	case Resolved, Cancelled, Duplicate:
		return 4
	case Closed:
		return 5
	}
	return 0
}

// Role is one of the three parts people play in an incident.
type Role string

// The roles of the seed's checklist (section 1.3).
const (
	Commander Role = "commander" // Incident Commander
	Comms     Role = "comms"     // Communications Lead
	Scribe    Role = "scribe"
)

// Roles lists the roles in the order they are shown.
var Roles = []Role{Commander, Comms, Scribe}

// Valid reports whether r is one of the three.
func (r Role) Valid() bool { return r == Commander || r == Comms || r == Scribe }
