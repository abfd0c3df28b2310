package sim

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// variants are edits of the default policy by name: what is replaced, and by what. Each must fit.
var variants = map[string][]string{
	"pagerduty-first":  {"\nfirst_page: tocsin\n", "\nfirst_page: pagerduty\n"},
	"pagerduty-ladder": {"\nladder_owner: tocsin ", "\nladder_owner: pagerduty "},
	// Other figures: what is in flight keeps the old ones.
	"figures": {
		"\n    ack_within: 5m\n", "\n    ack_within: 7m\n",
		"\n    ack_within: 15m\n", "\n    ack_within: 11m\n",
		"\nrestart_every: 15m ", "\nrestart_every: 10m ",
		"\n    remediate_within: 30m", "\n    remediate_within: 20m",
	},
	// Somebody is on the executive rotation: the CTO.
	"executive": {"\n  executive:\n    title:", "\n  executive:\n    people: [{executive}]\n    title:"},
	// The secondary's duty goes round, as the file says: it can be covered and swapped.
	"rotation": {
		"\n  secondary:\n    people: [{secondary}]\n", "\n  secondary:\n    rotation: secondary\n",
		"\nladder:\n", "\nrotations:\n  secondary:\n    zone: UTC\n    start: 2000-01-03\n    handover: monday 09:00\n    weeks: 1\n    people: [{secondary}, {tech_lead}]\n\nladder:\n",
	},
	// Working hours of a zone in which it is another day for half of it, with a pause.
	"tokyo": {"\n  office: {zone: UTC, hours: \"09:00-18:00\"}\n", "\n  office: {zone: Asia/Tokyo, hours: [\"08:30-12:00\", \"13:00-17:30\"]}\n"},
}

// rules are the policies of a run: the one in the file now, and every one an incident may go by.
type rules struct {
	mu    sync.Mutex
	base  string
	mail  map[string]string // e-mail addresses, by what stands for them in the base
	on    []string          // names of variants, in order
	now   []byte
	force string                      // its digest
	known map[string]*incident.Policy // by digest
}

// configure writes the policy with the cast in it, and the keys that ring them.
func (w *world) configure() error {
	_, src := policy.Default()
	text := strings.Replace(string(src), "\ninstallation: tocsin\n", "\ninstallation: "+installation+"\n", 1)
	w.given, w.rules.mail = map[string]string{}, map[string]string{}
	for _, m := range w.sandbox.Cast() {
		if m.Role == "" {
			continue
		}
		text = strings.Replace(text, "\n  "+m.Role+":\n    title:", "\n  "+m.Role+":\n    people: [{"+m.Role+"}]\n    title:", 1)
		w.rules.mail["{"+m.Role+"}"] = m.Email
		name := policy.FirstLevelKey
		if m.Role == sandbox.Primary {
			w.from = m.Email
		} else {
			name += "_" + strings.ToUpper(m.Role)
		}
		w.given[name] = m.RoutingKey
		if m.Role == sandbox.CTO {
			w.given[policy.FirstLevelKey+"_EXECUTIVE"] = m.RoutingKey
			w.rules.mail["{executive}"] = m.Email
		}
	}
	w.rules.base, w.rules.known = text, map[string]*incident.Policy{}
	return w.rules.set(strings.Fields(w.plan.Policy))
}

// set writes the file with so many variants in it.
func (r *rules) set(names []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.base
	for _, name := range names {
		edit := variants[name]
		if edit == nil {
			return fmt.Errorf("there is no variant %q of the policy", name)
		}
		for i := 0; i < len(edit); i += 2 {
			if !strings.Contains(text, edit[i]) {
				return fmt.Errorf("the variant %q does not fit the default policy: no %q in it", name, edit[i])
			}
			text = strings.ReplaceAll(text, edit[i], edit[i+1])
		}
	}
	for _, name := range sortedKeys(r.mail) {
		text = strings.ReplaceAll(text, name, r.mail[name])
	}
	p, err := policy.Parse("simulation", []byte(text))
	if err != nil {
		return err
	}
	r.on, r.now, r.force, r.known[p.Digest] = names, []byte(text), p.Digest, p
	return nil
}

// toggle adds or removes a variant.
func (r *rules) toggle(name string) error {
	r.mu.Lock()
	names := slices.Clone(r.on)
	r.mu.Unlock()
	if i := slices.Index(names, name); i >= 0 {
		names = slices.Delete(names, i, i+1)
	} else {
		names = append(names, name)
	}
	return r.set(names)
}

func (r *rules) current() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// inForce reports whether a policy is the one in the file.
func (r *rules) inForce(digest string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return digest == r.force
}

// policyOf is a policy by its digest; nil when nobody ever wrote it.
func (w *world) policyOf(digest string) *incident.Policy {
	w.rules.mu.Lock()
	defer w.rules.mu.Unlock()
	return w.rules.known[digest]
}
