package catalog

import (
	"fmt"
	"strings"
)

// node is a piece of a parsed template.
type node struct {
	kind       nodeKind
	face       Kind   // Plain, Bold or Code
	s          string // words, or the argument's name
	one, other []node
}

type nodeKind int

const (
	nodeWords nodeKind = iota
	nodeArg
	nodePlural
	nodeCount
	nodeBreak
)

// message is one message in both languages.
type message struct{ en, fr string }

// table is a group of messages by key.
type table map[string]message

// compiled is a message's templates by language.
type compiled map[string][]node

// compile reads all tables once, at start. A template that does not parse is kept as its own words: a test finds it, and a release
// that slipped through still says something.
func compile(tables ...table) (map[string]compiled, error) {
	all := map[string]compiled{}
	var first error
	for _, t := range tables {
		for key, m := range t {
			if _, twice := all[key]; twice && first == nil {
				first = fmt.Errorf("message %q is in two tables", key)
			}
			c := compiled{}
			for lang, src := range map[string]string{English: m.en, French: typography(m.fr)} {
				nodes, err := parse(src)
				if err != nil {
					nodes = []node{{kind: nodeWords, s: src}}
					if first == nil {
						first = fmt.Errorf("message %q in %s: %w", key, lang, err)
					}
				}
				if src != "" {
					c[lang] = nodes
				}
			}
			all[key] = c
		}
	}
	return all, first
}

// messages are all messages, errCompile what was wrong with the first wrong one (asserted nil by a test).
var messages, errCompile = compile(headlineMessages, termMessages, postMessages, pagerMessages, formMessages, replyMessages, refusalMessages, timelineMessages, helpMessages, receiverMessages, processMessages, alertMessages,
	checkMessages, scopeMessages, readyMessages, cliMessages, helpTextMessages, demoMessages, startMessages, obligationMessages, captureMessages, policyMessages, backtestMessages, explainMessages, handOverMessages, rotaMessages, privateMessages, parameterMessages, runbookClockMessages, closeMessages, stepMessages, sentMessages, runbookCLIMessages, runbookFaultMessages, holidayMessages, reviewMessages, serviceMessages)

type parser struct {
	src  string
	face Kind
}

// parse reads a template. Its language is described in the package doc.
func parse(src string) ([]node, error) {
	p := &parser{src: src}
	nodes, err := p.run(false)
	if err != nil {
		return nil, err
	}
	if p.src != "" {
		return nil, fmt.Errorf("a } without its {")
	}
	if p.face != Plain {
		return nil, fmt.Errorf("a * or ` is not closed")
	}
	return nodes, nil
}

func (p *parser) run(inPlural bool) ([]node, error) {
	var out []node
	for p.src != "" {
		stop := "{}*`\n"
		if inPlural {
			stop += "#"
		}
		i := strings.IndexAny(p.src, stop)
		if i < 0 {
			i = len(p.src)
		}
		if i > 0 {
			out = append(out, node{kind: nodeWords, face: p.face, s: p.src[:i]})
			p.src = p.src[i:]
			continue
		}
		switch c := p.src[0]; c {
		case '}':
			return out, nil // the caller knows whether it belongs there
		case '{':
			p.src = p.src[1:]
			n, err := p.placeholder()
			if err != nil {
				return nil, err
			}
			out = append(out, n)
		case '\n':
			p.src = p.src[1:]
			out = append(out, node{kind: nodeBreak})
		case '#':
			p.src = p.src[1:]
			out = append(out, node{kind: nodeCount, face: p.face})
		default: // * or `
			p.src = p.src[1:]
			face := Bold
			if c == '`' {
				face = Code
			}
			switch p.face {
			case Plain:
				p.face = face
			case face:
				p.face = Plain
			default:
				return nil, fmt.Errorf("bold and code overlap")
			}
		}
	}
	return out, nil
}

func (p *parser) placeholder() (node, error) {
	i := strings.IndexAny(p.src, "},")
	if i < 0 {
		return node{}, fmt.Errorf("a { is not closed")
	}
	name := strings.TrimSpace(p.src[:i])
	if name == "" || strings.ContainsAny(name, " {#*`\n") {
		return node{}, fmt.Errorf("%q is not a name", name)
	}
	if p.src[i] == '}' {
		p.src = p.src[i+1:]
		return node{kind: nodeArg, face: p.face, s: name}, nil
	}
	p.src = p.src[i+1:]
	n := node{kind: nodePlural, face: p.face, s: name}
	if !p.word("plural") {
		return node{}, fmt.Errorf("{%s, … is not a plural", name)
	}
	for _, b := range []struct {
		word string
		to   *[]node
	}{{"one", &n.one}, {"other", &n.other}} {
		if !p.word(b.word + "{") {
			return node{}, fmt.Errorf("the plural of {%s} lacks %s{…}", name, b.word)
		}
		nodes, err := p.run(true)
		if err != nil {
			return node{}, err
		}
		if p.src == "" {
			return node{}, fmt.Errorf("%s{ of {%s} is not closed", b.word, name)
		}
		p.src = p.src[1:]
		*b.to = nodes
	}
	if !p.word("}") {
		return node{}, fmt.Errorf("the plural of {%s} is not closed", name)
	}
	return n, nil
}

// word takes w and the blanks before it.
func (p *parser) word(w string) bool {
	t := strings.TrimLeft(p.src, " ")
	if !strings.HasPrefix(t, w) {
		return false
	}
	p.src = t[len(w):]
	return true
}

// placeholders returns the names a template uses, each with its kind, in order of first use.
func placeholders(nodes []node, seen map[string]nodeKind) {
	for _, n := range nodes {
		switch n.kind {
		case nodeArg:
			if _, ok := seen[n.s]; !ok {
				seen[n.s] = nodeArg
			}
		case nodePlural:
			seen[n.s] = nodePlural
			placeholders(n.one, seen)
			placeholders(n.other, seen)
		}
	}
}
