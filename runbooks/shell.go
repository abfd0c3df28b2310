package runbooks

import (
	"regexp"
	"strings"
)

// The contexts of the shell scanner.
const (
	inCommands = iota // the whole text, or inside $( ) or ( )
	inSubst           // $( … )
	inSubshell        // ( … )
	inDouble          // " … "
	inArith           // $(( … ))
	inParen           // ( … ) within arithmetic
	inBrace           // ${ … }
)

var contextNames = map[int]string{inSubst: "$(", inSubshell: "(", inDouble: `"`, inArith: "$((", inParen: "(", inBrace: "${"}

// reparsing are commands that read their arguments as code once more, so that no quoting of ours survives.
var reparsing = []string{"eval", "ssh", "sh", "bash", "dash", "zsh", "ksh", "su", "watch", "parallel", "xargs", "source", "."}

// codeOptions are options whose argument is code.
var codeOptions = []string{"-c", "-e", "--command", "--eval", "--execute", "--expression"}

// transparent words do not end the place where a command's name is expected.
var transparent = []string{"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"}

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

type frame struct {
	context int
	line    int
	simple  simple // the simple command being read, for contexts that hold commands
}

// simple is what the scanner knows of the simple command it is in.
type simple struct {
	word    string   // raw text of the word being read
	inWord  bool     // a word has begun
	words   []string // words before it
	named   bool     // the command's name has been read
	slots   []string // placeholders in it
	barred  string   // why placeholders may not stand in it
	lastOne string   // the word before
}

// scanShell reads POSIX shell as far as quoting goes: quotes, comments, expansions, subshells and the borders of simple commands. What
// it does not know (here documents, backquotes, case patterns) it refuses rather than guess.
func scanShell(code string) ([]slot, *scanError) {
	var slots []slot
	stack := []frame{{context: inCommands}}
	line := 0
	fail := func(key string, args ...any) ([]slot, *scanError) {
		return nil, &scanError{line: line, key: key, args: argsOf(args...)}
	}
	foreign := func(key string, args ...any) ([]slot, *scanError) {
		return nil, &scanError{line: line, key: key, args: argsOf(args...), foreign: true}
	}
	top := func() *frame { return &stack[len(stack)-1] }
	endWord := func() {
		c := &top().simple
		if !c.inWord {
			return
		}
		w := c.word
		if !c.named && !assignment.MatchString(w) && !contains(transparent, w) {
			c.named = true
		}
		if contains(reparsing, strings.Trim(w, `'"`)) {
			c.barred = w
		}
		c.lastOne, c.word, c.inWord = w, "", false
		c.words = append(c.words, w)
	}
	var broken *scanError
	endCommand := func() {
		endWord()
		c := &top().simple
		if c.barred != "" && len(c.slots) > 0 && broken == nil {
			broken = &scanError{line: line, key: "slot-barred", args: argsOf("slot", "{{"+c.slots[0]+"}}", "program", c.barred)}
		}
		*c = simple{}
	}
	add := func(s string) {
		c := &top().simple
		c.word += s
		c.inWord = true
	}
	for i := 0; i < len(code); i++ {
		if broken != nil {
			return nil, broken
		}
		ch := code[i]
		f := top()
		rest := code[i:]
		if ch == '\n' {
			line++
		}
		switch f.context {
		case inDouble:
			switch {
			case ch == '\\' && i+1 < len(code):
				i++
				if code[i] == '\n' {
					line++
				}
			case ch == '"':
				stack = stack[:len(stack)-1]
				if holdsCommands(top().context) {
					add(`"`)
				}
			case ch == '`':
				return foreign("backquote")
			case strings.HasPrefix(rest, "$(("):
				stack = append(stack, frame{context: inArith, line: line})
				i += 2
			case strings.HasPrefix(rest, "$("):
				stack = append(stack, frame{context: inSubst, line: line})
				i++
			case strings.HasPrefix(rest, "${"):
				stack = append(stack, frame{context: inBrace, line: line})
				i++
			}
			continue
		case inArith, inParen:
			switch {
			case f.context == inArith && strings.HasPrefix(rest, "))"):
				stack = stack[:len(stack)-1]
				i++
			case f.context == inParen && ch == ')':
				stack = stack[:len(stack)-1]
			case ch == ')':
				return fail("paren-arith")
			case strings.HasPrefix(rest, "$(("):
				stack = append(stack, frame{context: inArith, line: line})
				i += 2
			case strings.HasPrefix(rest, "$("):
				stack = append(stack, frame{context: inSubst, line: line})
				i++
			case strings.HasPrefix(rest, "${"):
				stack = append(stack, frame{context: inBrace, line: line})
				i++
			case ch == '(':
				stack = append(stack, frame{context: inParen, line: line})
			case ch == '\'' || ch == '"' || ch == '`':
				return foreign("quote-arith")
			}
			continue
		case inBrace:
			switch {
			case ch == '\\' && i+1 < len(code):
				i++
			case ch == '}':
				stack = stack[:len(stack)-1]
			case ch == '"':
				stack = append(stack, frame{context: inDouble, line: line})
			case ch == '\'' || ch == '`':
				return foreign("quote-expansion", "place", "${ }", "example", `"${…}"`)
			case strings.HasPrefix(rest, "$("):
				stack = append(stack, frame{context: inSubst, line: line})
				i++
			case strings.HasPrefix(rest, "${"):
				stack = append(stack, frame{context: inBrace, line: line})
				i++
			}
			continue
		}
		// A context that holds commands.
		switch {
		case ch == '\\':
			if i+1 >= len(code) {
				return fail("backslash-end")
			}
			i++
			if code[i] == '\n' {
				line++
			} else {
				add(`\` + code[i:i+1])
			}
		case ch == '\'':
			n := strings.IndexByte(code[i+1:], '\'')
			if n < 0 {
				return fail("quote-open")
			}
			add(code[i : i+n+2])
			line += strings.Count(code[i:i+n+2], "\n")
			i += n + 1
		case ch == '"':
			add(`"`)
			stack = append(stack, frame{context: inDouble, line: line})
		case ch == '`':
			return foreign("backquote")
		case strings.HasPrefix(rest, "$'") || strings.HasPrefix(rest, `$"`):
			return foreign("quote-dollar")
		case strings.HasPrefix(rest, "$(("):
			add("$")
			stack = append(stack, frame{context: inArith, line: line})
			i += 2
		case strings.HasPrefix(rest, "$("):
			add("$")
			stack = append(stack, frame{context: inSubst, line: line})
			i++
		case strings.HasPrefix(rest, "${"):
			add("$")
			stack = append(stack, frame{context: inBrace, line: line})
			i++
		case strings.HasPrefix(rest, "<<<"):
			endWord()
			i += 2
		case strings.HasPrefix(rest, "<<"):
			return foreign("here-document")
		case strings.HasPrefix(rest, "<(") || strings.HasPrefix(rest, ">("):
			return foreign("process-substitution")
		case ch == '#' && !f.simple.inWord:
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			if placeholder.MatchString(rest[:n]) {
				return fail("slot-comment")
			}
			i += n - 1
		case ch == '(':
			if f.simple.inWord {
				return foreign("paren-word")
			}
			endCommand()
			stack = append(stack, frame{context: inSubshell, line: line})
		case ch == ')':
			if f.context == inCommands {
				return nil, &scanError{line: line, key: "paren-close",
					foreign: caseWord.MatchString(code)}
			}
			endCommand()
			stack = stack[:len(stack)-1]
			if f.context == inSubshell {
				top().simple.named = true // only redirections and operators follow
			}
		case ch == ' ' || ch == '\t':
			endWord()
		case ch == '\n' || ch == ';' || ch == '&' || ch == '|':
			if ch == '&' && i > 0 && (code[i-1] == '>' || code[i-1] == '<') || ch == '&' && i+1 < len(code) && code[i+1] == '>' {
				endWord() // 2>&1, &>file
				break
			}
			endCommand()
		case ch == '<' || ch == '>':
			endWord()
		case strings.HasPrefix(rest, "{{"):
			m := placeholder.FindStringSubmatchIndex(rest)
			if m == nil || m[0] != 0 {
				add("{")
				break
			}
			c := &f.simple
			name := rest[m[2]:m[3]]
			var before, after byte = '\n', '\n'
			if i > 0 {
				before = code[i-1]
			}
			if i+m[1] < len(code) {
				after = code[i+m[1]]
			}
			switch {
			case !c.named && !assignment.MatchString(c.word):
				return fail("slot-name", "slot", "{{"+name+"}}")
			case contains(codeOptions, c.lastOne) && !c.inWord, contains(codeOptions, strings.TrimSuffix(c.word, "=")):
				return fail("slot-code", "slot", "{{"+name+"}}")
			case variableEnd.MatchString(c.word):
				return fail("slot-variable", "slot", "{{"+name+"}}", "example", "${name}")
			case after == '<' || after == '>':
				return fail("slot-redirection", "slot", "{{"+name+"}}")
			case before == '&' || before == '~' || before == '!':
				return fail("slot-after", "slot", "{{"+name+"}}", "char", string(before))
			}
			slots = append(slots, slot{name: name, start: i, end: i + m[1], opens: !c.inWord})
			c.slots = append(c.slots, name)
			add(rest[:m[1]])
			i += m[1] - 1
		default:
			add(code[i : i+1])
		}
	}
	endCommandIfAny := len(stack) == 1
	if endCommandIfAny {
		endCommand()
	}
	if broken != nil {
		return nil, broken
	}
	if len(stack) > 1 {
		f := stack[len(stack)-1]
		return nil, &scanError{line: f.line, key: "context-open", args: argsOf("what", contextNames[f.context])}
	}
	return slots, nil
}

var caseWord = regexp.MustCompile(`(?m)(?:^|[\s;])esac\b`)

var variableEnd = regexp.MustCompile(`\$[A-Za-z0-9_]*$`)

func holdsCommands(context int) bool {
	return context == inCommands || context == inSubst || context == inSubshell
}
