package runbooks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// Limits of one runbook. They bound what a card, a form and the store have to carry.
const (
	MaxSource     = 256 << 10 // bytes of a file
	MaxSteps      = 60
	MaxParameters = 20
	MaxSymptoms   = 40
	MaxJoins      = 7 * 24 * time.Hour // that an alert is waited for, or has waited itself
	MaxSymptom    = 100                // runes of one
	MaxCommands   = 10                 // per step
	MaxCommand    = 2800               // bytes of one command: a Slack section holds 3,000 characters with its fence
	MaxBranches   = 10                 // per step
	MaxFinding    = 75                 // runes of a branch's finding: the text of a Slack button
)

var (
	idPattern      = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}-[0-9]{1,5}$`)
	stepPattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	namePattern    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	headingPattern = regexp.MustCompile(`^## ([0-9]{1,3})\. (.+?) <a id="([^"]*)"></a>$`)
)

// Parse reads one runbook. File is only used to name it in problems. The error is a Problems with everything that is wrong, not only
// the first thing. The result depends on the arguments alone.
func Parse(file string, source []byte) (*Runbook, error) {
	p := &parser{file: file, rb: &Runbook{File: file, lines: map[string]int{}}}
	p.run(source)
	if len(p.problems) > 0 {
		return nil, p.problems.sorted()
	}
	return p.rb, nil
}

// Canonical returns the form of a source that is digested and stored: no byte order mark, LF line ends, no blank at the end, one newline.
func Canonical(source []byte) string {
	s := strings.TrimPrefix(string(source), "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimRight(s, "\n \t") + "\n"
}

// DigestOf returns the hex SHA-256 of the canonical form of a source: the name of that revision.
func DigestOf(source []byte) string {
	sum := sha256.Sum256([]byte(Canonical(source)))
	return hex.EncodeToString(sum[:])
}

type parser struct {
	file     string
	rb       *Runbook
	meta     map[string]stepMeta
	order    []string // step ids in the order of the front matter
	problems Problems
}

// fail notes a problem; args are names and values in turn.
func (p *parser) fail(line int, field, key string, args ...any) {
	p.problem(line, field, key, argsOf(args...))
}

func (p *parser) problem(line int, field, key string, args catalog.Args) {
	if len(p.problems) < maxProblems {
		p.problems = append(p.problems, Problem{p.file, line, field, key, args})
	}
}

func (p *parser) run(source []byte) {
	switch {
	case len(source) > MaxSource:
		p.fail(0, "", "source-long", "max", MaxSource)
		return
	case !utf8.Valid(source):
		p.fail(0, "", "utf8")
		return
	}
	text := Canonical(source)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		for _, r := range l {
			if r < 0x20 && r != '\t' || r == 0x7f || bidi(r) {
				p.fail(i+1, "", "invisible", "char", fmt.Sprintf("U+%04X", r))
				break
			}
		}
	}
	if len(p.problems) > 0 {
		return
	}
	if lines[0] != "---" {
		p.fail(1, "", "no-front-matter")
		return
	}
	end := -1
	for i := 1; i < len(lines); i++ {
		if lines[i] == "---" {
			end = i
			break
		}
	}
	if end < 0 {
		p.fail(1, "", "front-matter-open")
		return
	}
	p.rb.Source = text
	p.rb.Digest = DigestOf(source)
	p.front(strings.Join(lines[1:end], "\n") + "\n")
	if _, ok := labels[p.rb.Language]; !ok {
		return // the labels of the body are unknown; the front matter has said so
	}
	p.body(lines[end+1:], end+2)
	p.agree(strings.Join(lines[end+1:], "\n"), end+2)
	p.bind()
}

// bidi reports characters that make text read in another order than it stands (Unicode TR 36).
func bidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c || r == 0x2028 || r == 0x2029
}

// bind joins the metadata of the front matter with the steps of the body, and checks what needs both.
func (p *parser) bind() {
	seen := map[string]int{}
	for i := range p.rb.Steps {
		s := &p.rb.Steps[i]
		if first, dup := seen[s.ID]; dup {
			p.fail(s.Line, "step "+s.ID, "step-twice", "line", first)
			continue
		}
		seen[s.ID] = s.Line
		m, ok := p.meta[s.ID]
		if !ok {
			p.fail(s.Line, "step "+s.ID, "step-metadata", "example", s.ID+": "+stepExample)
			continue
		}
		s.Kind, s.Phase, s.Minutes, s.Who, s.Approval, s.FourEyes, s.Notify, s.Clocks = m.kind, m.phase, m.minutes, m.who, m.approval, m.fourEyes, m.notify, m.clocks
	}
	ids := make([]string, 0, len(p.rb.Steps))
	for _, s := range p.rb.Steps {
		ids = append(ids, s.ID)
	}
	clocks := map[string]bool{}
	for _, id := range p.order {
		if _, ok := seen[id]; !ok {
			p.fail(p.meta[id].line, "steps."+id, "step-no-body", "mean", didYouMean(id, ids))
		}
		for _, c := range p.meta[id].clocks {
			if clocks[c.ID] {
				p.fail(c.Line, "clock "+c.ID, "clock-twice")
			}
			clocks[c.ID] = true
			switch c.Anchor {
			case AtStepStarted, AtStepDone:
				if _, ok := seen[c.Ref]; !ok {
					p.fail(c.Line, "clock "+c.ID, "clock-step", "ref", c.Ref, "mean", didYouMean(c.Ref, ids))
				}
			case AtParameter:
				if _, ok := p.rb.Parameter(c.Ref); !ok {
					p.fail(c.Line, "clock "+c.ID, "clock-parameter", "ref", c.Ref)
				}
			}
		}
	}
	if len(p.rb.Steps) == 0 {
		p.fail(0, "", "no-step", "example", headingExample)
	}
	p.bindParameters()
}

// bindParameters checks that every placeholder is declared for the place where it stands.
func (p *parser) bindParameters() {
	var names []string
	for _, q := range p.rb.Parameters {
		names = append(names, q.Name)
	}
	for _, s := range p.rb.Steps {
		for _, c := range s.Commands {
			want, fillable := quotingOf(c.Language)
			for _, name := range c.Parameters() {
				q, ok := p.rb.Parameter(name)
				switch {
				case !fillable:
					p.fail(c.Line, "step "+s.ID, "slot-block", "slot", "{{"+name+"}}", "language", c.Language)
				case !ok:
					p.fail(c.Line, "step "+s.ID, "slot-undeclared", "slot", "{{"+name+"}}", "apart", "{{ "+name+" }}", "mean", didYouMean(name, names))
				case !contains(q.Quoting, want):
					p.fail(c.Line, "step "+s.ID, "slot-quoting", "slot", "{{"+name+"}}", "want", string(want))
				}
			}
		}
	}
}
