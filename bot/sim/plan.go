package sim

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"
)

// Plan is what happens in a simulation.
type Plan struct {
	Name     string `json:"name,omitempty"`
	Store    string `json:"store"`              // StoreRedis or StoreBolt
	Replicas int    `json:"replicas,omitempty"` // default 2; on bolt always 1
	Policy   string `json:"policy,omitempty"`   // variants of the default policy, by name, separated by spaces; see variants
	Begin    int    `json:"begin,omitempty"`    // minutes after Saturday, 1 January 2000, 00:00 UTC at which the plan begins by the clock
	Ops      []Op   `json:"ops"`
}

// The stores a plan can run on.
const (
	StoreRedis = "redis" // miniredis in the same process
	StoreBolt  = "bolt"  // without fsync
)

// Op is one thing that happens.
type Op struct {
	At       int    `json:"at"` // milliseconds after the beginning, in the bubble's time
	Do       Act    `json:"do"`
	Who      int    `json:"who,omitempty"`      // index of a person of the cast
	Incident int    `json:"incident,omitempty"` // index from the newest backwards: 0 is the newest
	Replica  int    `json:"replica,omitempty"`
	N        int    `json:"n,omitempty"`    // how many, or which
	For      int    `json:"for,omitempty"`  // milliseconds; for Advance of the clock's time, else of the bubble's
	Text     string `json:"text,omitempty"` // command, button, method or verb
	Gap      int    `json:"-"`              // of a scene: milliseconds after the operation before; 0: drawn
}

// Act is what an Op does.
type Act string

// What people and the outside do.
const (
	Declare  Act = "declare"  // by hand; Text: severity words
	Message  Act = "message"  // into the room
	Edit     Act = "edit"     // the person's last message
	Delete   Act = "delete"   // the person's last message
	Reply    Act = "reply"    // to the last message of the room
	Command  Act = "command"  // Text, typed in the room
	Note     Act = "note"     // a remark by command, with words of its own
	Click    Act = "click"    // the button whose action begins with Text, on the headline or a step
	Squat    Act = "squat"    // somebody takes the name that the next declared incident wants
	Alert    Act = "alert"    // Alertmanager: group N fires
	Clear    Act = "clear"    // Alertmanager: group N is resolved
	Again    Act = "again"    // Alertmanager sends its last body again
	Fire     Act = "fire"     // PagerDuty: the monitoring's alert N
	PhoneAck Act = "phoneack" // the person acknowledges a page of theirs in PagerDuty
	PhoneEnd Act = "phoneend" // ... resolves
	PhoneSay Act = "phonesay" // ... writes a note
	Advance  Act = "advance"  // the clock jumps by For

	Twin      Act = "twin"       // two people declare the same at once, each to a replica of their own if chance wills it
	AlertBoth Act = "alert-both" // Alertmanager: two of its instances send that group N fires at once
	Relieve   Act = "relieve"    // PagerDuty: the monitoring's alert N is over
	PhoneBack Act = "phoneback"  // the person triggers a page again that was closed
	FillIn    Act = "fill-in"    // the form that the command Text opens is filled in for so long (For) and sent; odd N: twice at once
	Home      Act = "home"       // the person opens the app's home
	Storm     Act = "storm"      // Alertmanager: six groups and N more, of as many services, within a second
	Split     Act = "split"      // a part of the newest incident that has several becomes one of its own
	Merge     Act = "merge"      // the incident is a duplicate of another, the N-th
	Press     Act = "press"      // the newest button in the person's direct messages whose action begins with Text
	Reconf    Act = "reconf"     // the policy file is edited (Text: the variant that comes or goes), and the replicas are started anew, one after the other
)

// Faults.
const (
	SlackDown     Act = "slack-down"      // for For
	SocketDown    Act = "socket-down"     // for For
	SlackSlow     Act = "slack-slow"      // N ms a call, for For
	SlackLimited  Act = "slack-limited"   // 429 on method Text, for For
	SlackAfter500 Act = "slack-after-500" // the next N calls of Text are done and answered 500
	SlackAfterCut Act = "slack-after-cut" // ... and not answered
	SlackHTML     Act = "slack-html"      // the next N calls of Text are answered with a page
	Slack500      Act = "slack-500"       // the next N calls of Text fail
	HalfOpen      Act = "half-open"       // sockets fall silent
	DropSockets   Act = "drop-sockets"    //
	Refresh       Act = "refresh"         // sockets are told to go
	Duplicate     Act = "duplicate"       // the next N envelopes come twice
	Lose          Act = "lose"            // the next N envelopes are lost
	PagerDown     Act = "pager-down"      // for For
	PagerAfter500 Act = "pager-after-500" // the next N events are taken and answered 500
	Pager500      Act = "pager-500"       // the next N events fail
	PagerHold     Act = "pager-hold"      // webhooks are held back for For
	PagerTwice    Act = "pager-twice"     // webhooks come twice for For
	PagerReorder  Act = "pager-reorder"   // webhooks overtake each other for For
	StoreDown     Act = "store-down"      // the store is not reached by anybody for For
	StoreSlow     Act = "store-slow"      // what is asked of the store takes N ms longer, for For
	StoreLose     Act = "store-lose"      // the answers of the next N scripts are lost
	LoseDue       Act = "lose-due"        // the due index forgets the incident
	Crash         Act = "crash"           // the replica dies, and is back after For
	CrashBefore   Act = "crash-before"    // ... right before its next call of the verb Text
	CrashAfter    Act = "crash-after"     // ... right after it
	Pause         Act = "pause"           // the replica stands still for For
	PauseLooked   Act = "pause-looked"    // ... between look and call of the verb Text
	PauseBefore   Act = "pause-before"    // ... between the last check and the call
	PauseAfter    Act = "pause-after"     // ... between call and report
	CrashScript   Act = "crash-script"    // the replica dies when it has sent N more scripts to the store; the last one arrives, unheard
)

// Sorted returns the plan with its operations in order of time; those of one millisecond keep their order and are moved apart by one each,
// so that a plan plays the same way every time.
func (p Plan) Sorted() Plan {
	p.Ops = slices.Clone(p.Ops)
	slices.SortStableFunc(p.Ops, func(a, b Op) int { return a.At - b.At })
	for i := 1; i < len(p.Ops); i++ {
		p.Ops[i].At = max(p.Ops[i].At, p.Ops[i-1].At+1)
	}
	return p
}

// ReadPlan reads a plan from a JSON file. Unknown fields and acts are errors: a kept plan must not pass because it does nothing.
func ReadPlan(path string) (Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return Plan{}, err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	var p Plan
	if err := d.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("read plan %s: %w", path, err)
	}
	for i, op := range p.Ops {
		if acts[op.Do] == nil {
			return Plan{}, fmt.Errorf("plan %s, operation %d: there is no act %q", path, i, op.Do)
		}
	}
	return p, nil
}

// JSON is the plan as it is kept in a file, an operation a line.
func (p Plan) JSON() []byte {
	head, _ := json.Marshal(struct {
		Name     string `json:"name,omitempty"`
		Store    string `json:"store"`
		Replicas int    `json:"replicas,omitempty"`
		Policy   string `json:"policy,omitempty"`
		Begin    int    `json:"begin,omitempty"`
	}{p.Name, p.Store, p.Replicas, p.Policy, p.Begin})
	out := append(head[:len(head)-1], []byte(",\"ops\":[")...)
	for i, op := range p.Ops {
		if i > 0 {
			out = append(out, ',')
		}
		b, _ := json.Marshal(op)
		out = append(append(out, '\n'), b...)
	}
	return append(out, []byte("\n]}\n")...)
}

func (op Op) duration() time.Duration { return time.Duration(op.For) * time.Millisecond }
