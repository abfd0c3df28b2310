package runbooks

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// block is a run of lines of the body between blank lines, or a fenced block.
type block struct {
	lines []string
	line  int    // of the first line
	code  bool   // fenced
	info  string // of the fence
}

func (b block) text() string { return strings.Join(b.lines, "\n") }

// blocks cuts the body into headings, fenced blocks and paragraphs-with-neighbours. first is the file line of lines[0].
func (p *parser) blocks(lines []string, first int) []block {
	var out []block
	var cur *block
	flush := func() {
		if cur != nil {
			out = append(out, *cur)
			cur = nil
		}
	}
	for i := 0; i < len(lines); i++ {
		l, n := lines[i], first+i
		trimmed := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "```"):
			flush()
			b := block{line: n, code: true, info: strings.TrimSpace(l[3:])}
			closed := false
			for i++; i < len(lines); i++ {
				if strings.TrimRight(lines[i], " ") == "```" {
					closed = true
					break
				}
				b.lines = append(b.lines, lines[i])
			}
			if !closed {
				p.fail(n, "", "fence-open", "fence", "```")
			}
			out = append(out, b)
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			p.fail(n, "", "fence-kind", "fence", "```")
			flush()
		case trimmed == "":
			flush()
		case strings.HasPrefix(l, "#"):
			flush()
			out = append(out, block{lines: []string{l}, line: n})
		default:
			if cur == nil {
				cur = &block{line: n}
			}
			cur.lines = append(cur.lines, strings.TrimRight(l, " "))
		}
	}
	flush()
	return out
}

// body reads title, introduction and steps.
func (p *parser) body(lines []string, first int) {
	bs := p.blocks(lines, first)
	want := "# " + p.rb.ID + " · " + p.rb.Title
	if len(bs) == 0 || bs[0].code || bs[0].text() != want {
		line := first
		if len(bs) > 0 {
			line = bs[0].line
		}
		p.fail(line, "title", "page-title", "want", want)
	} else {
		bs = bs[1:]
	}
	var intro []string
	for len(bs) > 0 && !heading(bs[0]) {
		if bs[0].code {
			p.fail(bs[0].line, "", "command-early")
		} else {
			intro = append(intro, bs[0].text())
		}
		bs = bs[1:]
	}
	p.rb.Intro = strings.Join(intro, "\n\n")
	for len(bs) > 0 {
		h := bs[0]
		end := 1
		for end < len(bs) && !heading(bs[end]) {
			end++
		}
		p.step(h, bs[1:end])
		bs = bs[end:]
	}
}

func heading(b block) bool { return !b.code && strings.HasPrefix(b.text(), "#") }

// headingExample is a heading as it has to be, stepExample the metadata of a step.
const (
	headingExample = `## 3. Who holds the connections? <a id="who-holds"></a>`
	stepExample    = "{kind: diagnosis, minutes: 2}"
)

func (p *parser) step(h block, bs []block) {
	s := Step{Number: len(p.rb.Steps) + 1, Line: h.line}
	m := headingPattern.FindStringSubmatch(h.text())
	if m == nil {
		p.fail(h.line, "", "heading", "example", headingExample)
		return
	}
	s.Title, s.ID = strings.TrimSpace(m[2]), m[3]
	if n, _ := strconv.Atoi(m[1]); n != s.Number {
		p.fail(h.line, "step "+s.ID, "step-numbered", "n", n, "place", s.Number)
	}
	if !stepPattern.MatchString(s.ID) {
		p.fail(h.line, "step "+s.ID, "step-anchor")
	}
	if strings.ContainsAny(s.Title, "`*[]<>") {
		p.fail(h.line, "step "+s.ID, "step-title-plain")
	}
	if len(p.rb.Steps) >= MaxSteps {
		p.fail(h.line, "step "+s.ID, "too-many-steps", "n", MaxSteps)
		return
	}
	l := labels[p.rb.Language]
	var prose []string
	then := false
	for _, b := range bs {
		first := ""
		if len(b.lines) > 0 {
			first = b.lines[0]
		}
		switch {
		case b.code:
			p.command(&s, b)
		case strings.HasPrefix(first, ">"):
			p.quote(&s, b)
		case then && strings.HasPrefix(first, "- "):
			p.branches(&s, b)
			then = false
			continue
		default:
			if rest, ok := label(first, l.lookFor); ok {
				if s.LookFor != "" {
					p.fail(b.line, "step "+s.ID, "look-twice")
				}
				s.LookFor = strings.TrimSpace(strings.Join(append([]string{rest}, b.lines[1:]...), "\n"))
				break
			}
			if rest, ok := label(first, l.then); ok {
				if rest != "" {
					p.fail(b.line, "step "+s.ID, "then-text", "label", l.then)
				}
				if len(b.lines) > 1 {
					b.lines, b.line = b.lines[1:], b.line+1
					p.branches(&s, b)
					continue
				}
				then = true
				continue
			}
			p.strayLabel(&s, b)
			prose = append(prose, b.text())
			s.Parts = append(s.Parts, Part{Text: b.text(), Command: -1})
		}
		if then {
			p.fail(b.line, "step "+s.ID, "then-list", "label", l.then, "example", "- … → ["+l.step+" 3](#id)")
			then = false
		}
	}
	if then {
		p.fail(h.line, "step "+s.ID, "then-list", "label", l.then, "example", "- … → ["+l.step+" 3](#id)")
	}
	s.Prose = strings.Join(prose, "\n\n")
	p.rb.Steps = append(p.rb.Steps, s)
}

var (
	boldLabel  = regexp.MustCompile(`^\*\*([^*:]{2,20}?)[\s\x{00a0}\x{202f}]*(?::\*\*|\*\*[\s\x{00a0}\x{202f}]*:)`)
	strayArrow = regexp.MustCompile(`^- .*(?:→|->) *(?:\[[^\]]*\]\((?:#|[a-z0-9-]+\.md)|done$|fin$)`)
)

// strayLabel refuses prose that was surely meant as something else: a label without a blank line before it, misspelt, or of another
// language; findings without their label. Left alone, what to look for would silently be lost.
func (p *parser) strayLabel(s *Step, b block) {
	l := labels[p.rb.Language]
	own := []string{l.lookFor, l.then, l.warning, l.corrected}
	for i, line := range b.lines {
		if strayArrow.MatchString(line) {
			p.fail(b.line+i, "step "+s.ID, "findings-label", "label", "**"+l.then+":**")
			return
		}
		m := boldLabel.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, other := range Languages() {
			o := labels[other]
			for j, w := range []string{o.lookFor, o.then, o.warning, o.corrected} {
				if distance(strings.ToLower(m[1]), strings.ToLower(w)) > 1 {
					continue
				}
				want := "**" + own[j] + ":**"
				if j > 1 {
					want = "> " + want
				}
				p.fail(b.line+i, "step "+s.ID, "label-prose", "label", m[1], "want", want)
				return
			}
		}
	}
}

func (p *parser) command(s *Step, b block) {
	field := "step " + s.ID
	c := Command{Language: b.info, Code: strings.TrimRight(b.text(), "\n "), Line: b.line + 1}
	if c.Language == "bash" || c.Language == "shell" {
		c.Language = "sh"
	}
	switch {
	case !contains(commandLanguages, c.Language):
		p.fail(b.line, field, "code-language", "language", b.info, "known", strings.Join(commandLanguages, ", "), "fence", "```")
		return
	case strings.TrimSpace(c.Code) == "":
		p.fail(b.line, field, "code-empty")
		return
	case len(c.Code) > MaxCommand:
		p.fail(b.line, field, "command-long", "n", len(c.Code), "max", MaxCommand)
	case strings.Contains(c.Code, "```"):
		p.fail(b.line, field, "command-fence", "fence", "```")
	case len(s.Commands) >= MaxCommands:
		p.fail(b.line, field, "too-many-commands", "n", MaxCommands)
		return
	}
	slots, err := scan(c.Language, c.Code)
	c.slots = slots
	if err != nil {
		if placeholder.MatchString(c.Code) {
			p.problem(c.Line+err.line, field, err.key, err.args) // without knowing the quoting, nothing can be filled in safely
		} else if !err.foreign {
			c.syntax = err
		}
	}
	s.Parts = append(s.Parts, Part{Command: len(s.Commands)})
	s.Commands = append(s.Commands, c)
}

// quote reads "> **Warning:** …" and "> **Corrected:** …"; any other quote is prose.
func (p *parser) quote(s *Step, b block) {
	l := labels[p.rb.Language]
	lines := make([]string, 0, len(b.lines))
	for i, q := range b.lines {
		t, ok := strings.CutPrefix(q, ">")
		if !ok {
			p.fail(b.line+i, "step "+s.ID, "quote-line")
			return
		}
		lines = append(lines, strings.TrimPrefix(t, " "))
	}
	if rest, ok := label(lines[0], l.warning); ok {
		s.Warnings = append(s.Warnings, strings.TrimSpace(strings.Join(append([]string{rest}, lines[1:]...), "\n")))
		return
	}
	if rest, ok := label(lines[0], l.corrected); ok {
		s.Corrections = append(s.Corrections, strings.TrimSpace(strings.Join(append([]string{rest}, lines[1:]...), "\n")))
		return
	}
	p.fail(b.line, "step "+s.ID, "quote-label", "one", "> **"+l.warning+":**", "other", "> **"+l.corrected+":**")
}

var (
	arrow      = regexp.MustCompile(`\s*(?:→|->)\s*`)
	linkTarget = regexp.MustCompile(`^\[([^\]]+)\]\(([^)\s]+)\)\.?$`)
	fileTarget = regexp.MustCompile(`^(?:\./)?([a-z][a-z0-9]{1,9}-[0-9]{1,5})(?:-[a-z0-9-]+)?\.md(?:#([a-z0-9-]+))?$`)
	lastNumber = regexp.MustCompile(`([0-9]{1,3})$`)
)

func (p *parser) branches(s *Step, b block) {
	field := "step " + s.ID
	type item struct {
		text string
		line int
	}
	var items []item
	for i, l := range b.lines {
		switch {
		case strings.HasPrefix(l, "- "):
			items = append(items, item{strings.TrimSpace(l[2:]), b.line + i})
		case strings.HasPrefix(l, "  ") && len(items) > 0:
			items[len(items)-1].text += " " + strings.TrimSpace(l)
		default:
			p.fail(b.line+i, field, "finding-line")
			return
		}
	}
	lb := labels[p.rb.Language]
	for _, it := range items {
		at := arrow.FindAllStringIndex(it.text, -1)
		if len(at) == 0 {
			p.fail(it.line, field, "finding-nowhere", "example", "- … → ["+lb.step+" 3](#id)", "done", "→ "+lb.done)
			continue
		}
		last := at[len(at)-1]
		br := Branch{Finding: Plain(it.text[:last[0]]), Line: it.line}
		target := strings.TrimSpace(it.text[last[1]:])
		m := linkTarget.FindStringSubmatch(target)
		switch {
		case strings.TrimSuffix(target, ".") == lb.done:
			br.Done = true
		case m != nil && strings.HasPrefix(m[2], "#"):
			br.Step = m[2][1:]
			if n := lastNumber.FindString(m[1]); n != "" {
				br.number, _ = strconv.Atoi(n)
			}
		case m != nil && fileTarget.MatchString(m[2]):
			f := fileTarget.FindStringSubmatch(m[2])
			br.Runbook, br.Step = strings.ToUpper(f[1]), f[2]
			if br.Step != "" {
				if n := lastNumber.FindString(m[1]); n != "" {
					br.number, _ = strconv.Atoi(n)
				}
			}
		default:
			p.fail(it.line, field, "finding-target", "target", target, "example", "→ ["+lb.step+" 3](#id)", "done", "→ "+lb.done)
			continue
		}
		switch {
		case br.Finding == "":
			p.fail(it.line, field, "finding-empty")
			continue
		case utf8.RuneCountInString(br.Finding) > MaxFinding:
			p.fail(it.line, field, "finding-long", "n", utf8.RuneCountInString(br.Finding), "max", MaxFinding, "label", lb.lookFor)
		}
		s.Branches = append(s.Branches, br)
	}
	if len(s.Branches) > MaxBranches {
		p.fail(b.line, field, "too-many-findings", "n", len(s.Branches), "max", MaxBranches)
	}
}

// agree compares our reading with goldmark's: headings and code blocks must be the same ones, no HTML may hide text. It also
// gathers the links for the linter.
func (p *parser) agree(body string, first int) {
	src := []byte(body)
	doc := goldmark.DefaultParser().Parse(text.NewReader(src))
	lineAt := func(offset int) int {
		if offset < 0 || offset > len(src) {
			return first
		}
		return first + strings.Count(body[:offset], "\n")
	}
	ours := map[int]bool{}
	for _, s := range p.rb.Steps {
		ours[s.Line] = true
		for _, c := range s.Commands {
			ours[c.Line] = true
		}
	}
	line := first
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			line = lineAt(n.Lines().At(0).Start)
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level > 1 && !ours[line] && len(p.problems) == 0 {
				p.fail(line, "", "heading-github", "example", headingExample)
			}
		case *ast.CodeBlock:
			p.fail(line, "", "code-indented", "fence", "```")
		case *ast.FencedCodeBlock:
			if !ours[line] && len(p.problems) == 0 {
				p.fail(line, "", "code-github", "fence", "```")
			}
		case *ast.HTMLBlock:
			p.fail(line, "", "html")
		case *ast.RawHTML:
			at := line
			tag := ""
			if n.Segments.Len() > 0 {
				seg := n.Segments.At(0)
				at, tag = lineAt(seg.Start), string(seg.Value(src))
			}
			if _, inHeading := n.Parent().(*ast.Heading); !inHeading || (!strings.HasPrefix(tag, "<a id=") && tag != "</a>") {
				p.fail(at, "", "html-tag", "tag", tag)
			}
		case *ast.Link:
			p.rb.links = append(p.rb.links, link{string(n.Destination), line})
		}
		return ast.WalkContinue, nil
	})
}
