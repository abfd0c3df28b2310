package blocks

import (
	"strings"
	"unicode"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// lookalike are the characters that stand in for Slack's formatting characters where those would format data.
var lookalike = map[rune]rune{'*': '∗', '_': 'ˍ', '~': '∼', '`': 'ˋ'}

// cell is a character of a text as Slack's formatter sees it.
type cell struct {
	r     rune
	span  int  // index of the span it comes from
	fixed bool // written by us: a delimiter of our own, or a token
}

// neutral returns t with the data of its Plain spans changed so that nothing in it formats. It looks at the whole text, because a pair
// may begin in one span and end in another.
func neutral(t catalog.Text) catalog.Text {
	var cells []cell
	ticks, code := 0, false
	out := make(catalog.Text, len(t))
	plain := true // no delimiter among the data, as nearly always
	for i, s := range t {
		s.S = clean(s.S)
		out[i] = s
		plain = plain && (s.Kind != catalog.Plain || !strings.ContainsAny(s.S, "*_~`"))
	}
	if plain {
		return out
	}
	for i, s := range out {
		switch s.Kind {
		case catalog.Plain:
			for _, r := range s.S {
				cells = append(cells, cell{r: r, span: i})
				if r == '`' {
					ticks++
				}
			}
		case catalog.Bold:
			cells = append(cells, cell{'*', i, true}, cell{'\ufffc', i, true}, cell{'*', i, true})
		case catalog.Break:
			cells = append(cells, cell{'\n', i, true})
		default:
			code = code || s.Kind == catalog.Code || s.Kind == catalog.Block
			cells = append(cells, cell{'\ufffc', i, true})
		}
	}
	line := 0
	for i := range cells {
		if cells[i].r == '\n' {
			neutralLine(cells[line:i])
			line = i + 1
		}
	}
	neutralLine(cells[line:])

	words := make([]strings.Builder, len(t))
	for _, c := range cells {
		if c.fixed {
			continue
		}
		// Code may reach over lines, so backticks are judged by the whole text.
		if c.r == '`' && (ticks > 1 || code) {
			c.r = lookalike['`']
		}
		words[c.span].WriteRune(c.r)
	}
	for i := range out {
		if out[i].Kind == catalog.Plain {
			out[i].S = words[i].String()
		}
	}
	return out
}

// neutralLine replaces, in one line, every delimiter that opens what a later one of its kind closes.
func neutralLine(line []cell) {
	var closes map[rune]int // the last position that can close, by delimiter
	for i, c := range line {
		if _, ok := lookalike[c.r]; !ok {
			continue
		}
		if c.fixed || i > 0 && !unicode.IsSpace(line[i-1].r) && (i+1 == len(line) || !word(line[i+1].r)) {
			if closes == nil {
				closes = map[rune]int{}
			}
			closes[c.r] = i
		}
	}
	if closes == nil {
		return
	}
	word0 := func(i int) bool { return i > 0 && word(line[i-1].r) }
	for i, c := range line {
		to, ok := lookalike[c.r]
		if !ok || c.fixed || closes[c.r] <= i {
			continue
		}
		if !word0(i) && i+1 < len(line) && !unicode.IsSpace(line[i+1].r) {
			line[i].r = to
		}
	}
}

// word reports whether r continues a word, so that a delimiter beside it formats nothing.
func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\ufffc' }

// harmless is neutral for words that stand alone.
func harmless(s string) string {
	return neutral(catalog.Text{{Kind: catalog.Plain, S: s}})[0].S
}
