package runbooks

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"go.yaml.in/yaml/v4"
)

var spanPattern = regexp.MustCompile(`^([0-9]{1,4})(m|h|d)$`)

// parseSpan reads 10m, 24h or 30d; a day is 24 hours.
func parseSpan(s string) (time.Duration, error) {
	m := spanPattern.FindStringSubmatch(s)
	if m == nil {
		return 0, &catalog.Said{Key: "runbooks.span", Args: argsOf("v", s)}
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
	return time.Duration(n) * unit, nil
}

// setDue reads the due field into the clock's offset and anchor.
func (c *Clock) setDue(due string) error {
	c.Due = due
	if due == "open" {
		c.Open = true
		return nil
	}
	w := strings.Fields(due)
	if len(w) < 3 {
		return &catalog.Said{Key: "runbooks.due.when", Args: argsOf("v", due)}
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
		return &catalog.Said{Key: "runbooks.due.order", Args: argsOf("v", w[1])}
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
		return &catalog.Said{Key: "runbooks.due.moment", Args: argsOf("v", strings.Join(w[2:], " "))}
	}
	return nil
}

func (p *parser) clocks(f field, step string) []Clock {
	if f.value.Kind != yaml.SequenceNode {
		p.fail(f.line, f.key, "clocks-list", "example", "- {id: client-notice, what: …, due: 24h after detected, who: …}")
		return nil
	}
	known := []string{"id", "what", "due", "who", "when", "obligation", "spent"}
	var out []Clock
	for _, n := range f.value.Content {
		c := Clock{Line: n.Line + 1, StepRef: step}
		if n.Kind != yaml.MappingNode {
			p.fail(c.Line, f.key, "clock-fields", "example", "{id: …, what: …, due: …, who: …}")
			continue
		}
		have := map[string]bool{}
		for _, g := range p.fields(f.key+".", n, known) {
			name := strings.TrimPrefix(g.key, f.key+".")
			have[name] = true
			switch name {
			case "id":
				if c.ID = p.scalar(g); !stepPattern.MatchString(c.ID) {
					p.fail(g.line, g.key, "clock-id", "v", c.ID)
				}
			case "what":
				c.What = p.scalar(g)
			case "due":
				if err := c.setDue(p.scalar(g)); err != nil {
					p.fail(g.line, g.key, "due", "why", catalog.Cause{Err: err})
				}
			case "who":
				c.Who = p.role(g)
			case "when":
				c.When = p.scalar(g)
			case "obligation":
				c.Obligation = p.boolean(g)
			case "spent":
				c.Spent = p.signals(g, "spent")
			}
		}
		for _, must := range known[:4] {
			if !have[must] {
				p.fail(c.Line, f.key, "clock-lacks", "field", must)
			}
		}
		out = append(out, c)
	}
	return out
}
