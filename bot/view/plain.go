package view

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// Plain renders a card as text, for a terminal, a test or a transcript: what is said, then the buttons in square brackets. Times are
// in the given zone (nil: UTC). A card with nothing but a Summary is its Summary.
func Plain(c Card, zone *time.Location) string {
	var b strings.Builder
	if len(c.Blocks) == 0 {
		return strings.TrimSpace(c.Summary.Plain(zone)) + "\n"
	}
	plainBlocks(&b, c.Blocks, zone)
	return b.String()
}

// PlainForm renders a form as text, fields and all.
func PlainForm(f Form, zone *time.Location) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(strings.TrimRight(s, " \n") + "\n") }
	line("== " + f.Title.Plain(zone) + " ==")
	plainBlocks(&b, f.Blocks, zone)
	line("[" + f.Submit.Plain(zone) + "] [" + f.Close.Plain(zone) + "]")
	return b.String()
}

func plainBlocks(b *strings.Builder, blocks []Block, zone *time.Location) {
	line := func(s string) {
		if s = strings.TrimRight(s, " \n"); s != "" {
			b.WriteString(s + "\n")
		}
	}
	for _, block := range blocks {
		switch x := block.(type) {
		case Header:
			t := x.Text.Plain(zone)
			line(t)
			b.WriteString(strings.Repeat("─", min(72, utf8.RuneCountInString(t))) + "\n")
		case Section:
			t := strings.TrimRight(x.Text.Plain(zone), "\n")
			if x.Beside != nil {
				t += "   " + plainElement(x.Beside, zone)
			}
			line(t)
			for _, f := range x.Fields {
				line("  " + f.Plain(zone))
			}
		case Small:
			for l := range strings.SplitSeq(x.Text.Plain(zone), "\n") {
				line("  " + l)
			}
		case Rule:
			line(strings.Repeat("─", 24))
		case Actions:
			var parts []string
			for _, e := range x.Elements {
				parts = append(parts, plainElement(e, zone))
			}
			line(strings.Join(parts, " "))
		case Input:
			l := x.Label.Plain(zone)
			if x.Optional {
				l += " *"
			}
			line(l + ": " + plainField(x.Field, zone))
			if len(x.Hint) > 0 {
				line("  " + x.Hint.Plain(zone))
			}
		}
	}
}

func plainElement(e Element, zone *time.Location) string {
	options := func(list []Option) string {
		var parts []string
		for _, o := range list {
			parts = append(parts, o.Label.Plain(zone))
		}
		return strings.Join(parts, " | ")
	}
	switch x := e.(type) {
	case Button:
		return "[" + x.Label.Plain(zone) + "]"
	case Overflow:
		return "[… " + options(x.Options) + "]"
	case Menu:
		return "[" + x.Placeholder.Plain(zone) + ": " + options(x.Options) + "]"
	case People:
		return "[" + x.Placeholder.Plain(zone) + "]"
	}
	return ""
}

func plainField(f Field, zone *time.Location) string {
	switch x := f.(type) {
	case TextField:
		if x.Initial != "" {
			return "(" + catalog.Text{{S: x.Initial}}.Plain(zone) + ")"
		}
		return "____ " + x.Placeholder.Plain(zone)
	case ChoiceField:
		var parts []string
		for _, o := range x.Options {
			mark := "( ) "
			if o.Value == x.Chosen {
				mark = "(•) "
			}
			t := mark + o.Label.Plain(zone)
			if len(o.Hint) > 0 {
				t += " — " + o.Hint.Plain(zone)
			}
			parts = append(parts, t)
		}
		return "\n    " + strings.Join(parts, "\n    ")
	case ChecksField:
		var parts []string
		for _, o := range x.Options {
			mark := "[ ] "
			if slices.Contains(x.Chosen, o.Value) {
				mark = "[x] "
			}
			parts = append(parts, mark+o.Label.Plain(zone))
		}
		return "\n    " + strings.Join(parts, "\n    ")
	case PersonField:
		return "(@" + x.Initial + ")"
	}
	return ""
}
