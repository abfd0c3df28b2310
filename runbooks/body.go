package runbooks

import (
	"fmt"
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
				p.fail(n, "", "opens a code block that does not end", "close it with a line ```")
			}
			out = append(out, b)
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			p.fail(n, "", "has a code block that is indented, quoted or fenced by ~~~", "put ``` at the left margin, so that the command can be copied whole")
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
		p.fail(line, "title", "the page does not begin with the front matter's id and title", "write  "+want)
	} else {
		bs = bs[1:]
	}
	var intro []string
	for len(bs) > 0 && !heading(bs[0]) {
		if bs[0].code {
			p.fail(bs[0].line, "", "has a command before the first step", "move it into a step")
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

const headingHelp = `write  ## 3. Who holds the connections? <a id="who-holds"></a>`

func (p *parser) step(h block, bs []block) {
	s := Step{Number: len(p.rb.Steps) + 1, Line: h.line}
	m := headingPattern.FindStringSubmatch(h.text())
	if m == nil {
		p.fail(h.line, "", "is not the heading of a step", headingHelp)
		return
	}
	s.Title, s.ID = strings.TrimSpace(m[2]), m[3]
	if n, _ := strconv.Atoi(m[1]); n != s.Number {
		p.fail(h.line, "step "+s.ID, fmt.Sprintf("is numbered %d and stands at place %d", n, s.Number), "number the headings 1, 2, 3 in their order")
	}
	if !stepPattern.MatchString(s.ID) {
		p.fail(h.line, "step "+s.ID, "is not an id", "write small letters, digits and hyphens: <a id=\"kill-idle\"></a>")
	}
	if strings.ContainsAny(s.Title, "`*[]<>") {
		p.fail(h.line, "step "+s.ID, "has formatting in its title", "write plain words: the title is also shown where there is no formatting")
	}
	if len(p.rb.Steps) >= MaxSteps {
		p.fail(h.line, "step "+s.ID, fmt.Sprintf("is more than %d steps", MaxSteps), "split the runbook")
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
					p.fail(b.line, "step "+s.ID, "says twice what to look for", "keep one paragraph")
				}
				s.LookFor = strings.TrimSpace(strings.Join(append([]string{rest}, b.lines[1:]...), "\n"))
				break
			}
			if rest, ok := label(first, l.then); ok {
				if rest != "" {
					p.fail(b.line, "step "+s.ID, "has text after "+l.then, "write the findings as a list below it")
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
			p.fail(b.line, "step "+s.ID, l.then+" is not followed by its list", "write  - the finding → ["+l.step+" 3](#id)")
			then = false
		}
	}
	if then {
		p.fail(h.line, "step "+s.ID, l.then+" is not followed by its list", "write  - the finding → ["+l.step+" 3](#id)")
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
			p.fail(b.line+i, "step "+s.ID, "has findings without **"+l.then+":**", "write that label above the list")
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
				mend := "write **" + own[j] + ":** after a blank line"
				if j > 1 {
					mend = "write > **" + own[j] + ":** after a blank line"
				}
				p.fail(b.line+i, "step "+s.ID, fmt.Sprintf("has the label %q where it is read as prose", m[1]), mend)
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
		p.fail(b.line, field, fmt.Sprintf("has a code block of language %q", b.info), "write one of "+strings.Join(commandLanguages, ", ")+" after ```")
		return
	case strings.TrimSpace(c.Code) == "":
		p.fail(b.line, field, "has an empty code block", "delete it")
		return
	case len(c.Code) > MaxCommand:
		p.fail(b.line, field, fmt.Sprintf("has a command of %d bytes, more than a card holds (%d)", len(c.Code), MaxCommand), "split it, or move it into a script")
	case strings.Contains(c.Code, "```"):
		p.fail(b.line, field, "has ``` inside a command", "write it without: it ends the block in Slack")
	case len(s.Commands) >= MaxCommands:
		p.fail(b.line, field, fmt.Sprintf("has more than %d commands", MaxCommands), "split the step")
		return
	}
	slots, err := scan(c.Language, c.Code)
	c.slots = slots
	if err != nil {
		if placeholder.MatchString(c.Code) {
			p.fail(c.Line+err.line, field, err.Error(), err.mend) // without knowing the quoting, nothing can be filled in safely
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
			p.fail(b.line+i, "step "+s.ID, "goes on with a quote without >", "begin every line of it with >")
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
	p.fail(b.line, "step "+s.ID, "has a quote without a label", fmt.Sprintf("begin it with > **%s:** or > **%s:**, or write it as a paragraph", l.warning, l.corrected))
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
			p.fail(b.line+i, field, "has a line among its findings that is not one", "begin each finding with  - ")
			return
		}
	}
	lb := labels[p.rb.Language]
	for _, it := range items {
		at := arrow.FindAllStringIndex(it.text, -1)
		if len(at) == 0 {
			p.fail(it.line, field, "has a finding that leads nowhere", "write  - the finding → ["+lb.step+" 3](#id), → "+lb.done+", or a link to a runbook")
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
			p.fail(it.line, field, fmt.Sprintf("has a finding that leads to %q", target), "write → ["+lb.step+" 3](#id), → "+lb.done+", or → [RB-004](rb-004-title.md)")
			continue
		}
		switch {
		case br.Finding == "":
			p.fail(it.line, field, "has an arrow without a finding", "write what was found before the arrow")
			continue
		case utf8.RuneCountInString(br.Finding) > MaxFinding:
			p.fail(it.line, field, fmt.Sprintf("has a finding of %d characters, more than a button holds (%d)", utf8.RuneCountInString(br.Finding), MaxFinding), "shorten it and explain it under "+lb.lookFor)
		}
		s.Branches = append(s.Branches, br)
	}
	if len(s.Branches) > MaxBranches {
		p.fail(b.line, field, fmt.Sprintf("has %d findings, more than %d", len(s.Branches), MaxBranches), "join those that lead to the same step")
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
				p.fail(line, "", "is a heading for GitHub and not for us", headingHelp)
			}
		case *ast.CodeBlock:
			p.fail(line, "", "is an indented code block", "put commands between ``` lines, and other text at the left margin")
		case *ast.FencedCodeBlock:
			if !ours[line] && len(p.problems) == 0 {
				p.fail(line, "", "is a code block for GitHub and not for us", "put a blank line and ``` at the left margin")
			}
		case *ast.HTMLBlock:
			p.fail(line, "", "has HTML, which GitHub hides or changes", "write Markdown; put names like <this> into `code`")
		case *ast.RawHTML:
			at := line
			tag := ""
			if n.Segments.Len() > 0 {
				seg := n.Segments.At(0)
				at, tag = lineAt(seg.Start), string(seg.Value(src))
			}
			if _, inHeading := n.Parent().(*ast.Heading); !inHeading || (!strings.HasPrefix(tag, "<a id=") && tag != "</a>") {
				p.fail(at, "", fmt.Sprintf("has the HTML %s, which GitHub hides", tag), "put it into `code`")
			}
		case *ast.Link:
			p.rb.links = append(p.rb.links, link{string(n.Destination), line})
		}
		return ast.WalkContinue, nil
	})
}
