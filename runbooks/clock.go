package runbooks

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

var spanPattern = regexp.MustCompile(`^([0-9]{1,4})(m|h|d)$`)

// parseSpan reads 10m, 24h or 30d; a day is 24 hours.
func parseSpan(s string) (time.Duration, error) {
	m := spanPattern.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is not a span of time; write 10m, 24h or 30d", s)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
	return time.Duration(n) * unit, nil
}

const dueHelp = `write "24h after detected", "30m after declared", "2h after step retry done", "4h after step wait started", "30d before parameter expires_on", or "open"`

// setDue reads the due field into the clock's offset and anchor.
func (c *Clock) setDue(due string) error {
	c.Due = due
	if due == "open" {
		c.Open = true
		return nil
	}
	w := strings.Fields(due)
	if len(w) < 3 {
		return fmt.Errorf("%q does not say when", due)
	}
	d, err := parseSpan(w[0])
	if err != nil {
		return err
	}
	c.Offset = d
	switch w[1] {
	case "after":
	case "before":
		c.Before = true
	default:
		return fmt.Errorf("%q is neither after nor before", w[1])
	}
	switch {
	case len(w) == 3 && contains([]Anchor{AtDetected, AtDeclared, AtMitigated, AtResolved}, Anchor(w[2])) && !c.Before:
		c.Anchor = Anchor(w[2])
	case len(w) == 5 && w[2] == "step" && w[4] == "started" && !c.Before:
		c.Anchor, c.Ref = AtStepStarted, w[3]
	case len(w) == 5 && w[2] == "step" && w[4] == "done" && !c.Before:
		c.Anchor, c.Ref = AtStepDone, w[3]
	case len(w) == 4 && w[2] == "parameter":
		c.Anchor, c.Ref = AtParameter, w[3]
	default:
		return fmt.Errorf("%q is not a moment a clock can count from", strings.Join(w[2:], " "))
	}
	return nil
}

func (p *parser) clocks(f field, step string) []Clock {
	if f.value.Kind != yaml.SequenceNode {
		p.fail(f.line, f.key, "is not a list", "write each clock as  - {id: client-notice, what: …, due: 24h after detected, who: …}")
		return nil
	}
	known := []string{"id", "what", "due", "who", "when", "obligation"}
	var out []Clock
	for _, n := range f.value.Content {
		c := Clock{Line: n.Line + 1, StepRef: step}
		if n.Kind != yaml.MappingNode {
			p.fail(c.Line, f.key, "holds an item without fields", "write {id: …, what: …, due: …, who: …}")
			continue
		}
		have := map[string]bool{}
		for _, g := range p.fields(f.key+".", n, known) {
			name := strings.TrimPrefix(g.key, f.key+".")
			have[name] = true
			switch name {
			case "id":
				if c.ID = p.scalar(g); !stepPattern.MatchString(c.ID) {
					p.fail(g.line, g.key, fmt.Sprintf("%q is not an id", c.ID), "write small letters, digits and hyphens: client-notice")
				}
			case "what":
				c.What = p.scalar(g)
			case "due":
				if err := c.setDue(p.scalar(g)); err != nil {
					p.fail(g.line, g.key, err.Error(), dueHelp)
				}
			case "who":
				c.Who = p.role(g)
			case "when":
				c.When = p.scalar(g)
			case "obligation":
				c.Obligation = p.boolean(g)
			}
		}
		for _, must := range known[:4] {
			if !have[must] {
				p.fail(c.Line, f.key, "holds a clock that lacks "+must, "add it; FORMAT.md says what it holds")
			}
		}
		out = append(out, c)
	}
	return out
}
