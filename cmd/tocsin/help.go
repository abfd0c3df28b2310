package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// helper prints --help in the catalogue's words.
type helper struct{ *env }

// examples are command lines that a verb's help shows.
type examples interface{ Examples() []string }

// about is the catalogue key of what else is to be said of a verb.
type about interface{ About() string }

const (
	helpWidth  = 80
	helpColumn = 34 // where the right column begins at the latest
)

// print implements kong.HelpPrinter.
func (h helper) print(_ kong.HelpOptions, ctx *kong.Context) error {
	w := &strings.Builder{}
	node := ctx.Selected()
	if node == nil {
		h.app(w, ctx.Model)
	} else {
		h.verb(w, ctx.Model, node)
	}
	_, err := fmt.Fprint(ctx.Stdout, w.String())
	return err
}

func (h helper) app(w *strings.Builder, app *kong.Application) {
	line := strings.Join([]string{app.Name, h.say("cli.usage.command", nil), h.say("cli.usage.flags", nil)}, " ")
	h.paragraph(w, h.say("cli.usage", catalog.Args{"line": catalog.Words(line)}))
	h.paragraph(w, "\n"+h.say("cli.app", nil))
	h.head(w, "cli.help.commands")
	var rows [][2]string
	for _, n := range app.Children {
		rows = append(rows, [2]string{n.Name, h.say("cli.verb."+n.Name, nil)})
	}
	columns(w, rows)
	h.head(w, "cli.help.flags")
	columns(w, h.flags(app.Name, app.Flags))
	more := strings.Join([]string{app.Name, h.say("cli.usage.command", nil), "--help"}, " ")
	h.paragraph(w, "\n"+h.say("cli.help.more", catalog.Args{"line": catalog.Literal(more)}))
}

// verbOf is a verb with the one it belongs to before it: "list", "policy explain".
func verbOf(node *kong.Node) string {
	if node.Parent == nil || node.Parent.Type == kong.ApplicationNode {
		return node.Name
	}
	return verbOf(node.Parent) + " " + node.Name
}

// verbKey is the end of the catalogue's keys for a verb: "list", "policy.explain".
func verbKey(node *kong.Node) string { return strings.ReplaceAll(verbOf(node), " ", ".") }

func (h helper) verb(w *strings.Builder, app *kong.Application, node *kong.Node) {
	words := []string{app.Name, verbOf(node)}
	if len(node.Children) > 0 {
		words = append(words, h.say("cli.usage.command", nil))
	}
	for _, a := range node.Positional {
		words = append(words, "<"+a.Name+">")
	}
	words = append(words, h.say("cli.usage.flags", nil))
	h.paragraph(w, h.say("cli.usage", catalog.Args{"line": catalog.Words(strings.Join(words, " "))}))
	h.paragraph(w, "\n"+h.say("cli.verb."+verbKey(node), nil))
	target := node.Target.Addr().Interface()
	if a, ok := target.(about); ok {
		h.paragraph(w, "\n"+h.say(a.About(), nil))
	}
	if x, ok := target.(examples); ok {
		h.head(w, "cli.help.examples")
		for _, line := range x.Examples() {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	if len(node.Children) > 0 {
		h.head(w, "cli.help.commands")
		var rows [][2]string
		for _, n := range node.Children {
			rows = append(rows, [2]string{n.Name, h.say("cli.verb."+verbKey(n), nil)})
		}
		columns(w, rows)
	}
	if len(node.Positional) > 0 {
		h.head(w, "cli.help.arguments")
		var rows [][2]string
		for _, a := range node.Positional {
			rows = append(rows, [2]string{"<" + a.Name + ">", h.say("cli.arg."+a.Name, nil)})
		}
		columns(w, rows)
	}
	groups := map[string][]*kong.Flag{}
	var order []string
	for _, f := range node.Flags {
		key := ""
		if f.Group != nil {
			key = f.Group.Key
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], f)
	}
	if !slices.Contains(order, "") {
		order = append(order, "")
	}
	slices.SortStableFunc(order, func(a, b string) int { // the verb's own first, those of every verb with them
		switch {
		case a == b:
			return 0
		case a == "":
			return -1
		case b == "":
			return 1
		}
		return 0
	})
	for _, key := range order {
		flags, title := groups[key], "cli.help.flags"
		if key == "" {
			flags = slices.Concat(flags, app.Flags)
		} else {
			title = "cli.group." + key
		}
		h.head(w, title)
		columns(w, h.flags(verbKey(node), flags))
	}
}

// flags are the rows of flags.
func (h helper) flags(verb string, flags []*kong.Flag) [][2]string {
	var rows [][2]string
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		left := "    --" + f.Name
		if f.Short != 0 {
			left = "-" + string(f.Short) + ", --" + f.Name
		}
		if !f.IsBool() {
			left += "=" + h.value(f)
		}
		words := h.say(flagKey(verb, f.Name), nil)
		if len(f.Envs) > 0 {
			words = strings.TrimSuffix(words, ".") + " ($" + strings.Join(f.Envs, ", $") + ")."
		}
		rows = append(rows, [2]string{left, words})
	}
	return rows
}

// flagKey is where the catalogue has a flag's words: those of the verb's own, of the verbs that read data, or everybody's.
func flagKey(verb, flag string) string {
	keys := []string{"cli.flag." + verb + "." + flag}
	if slices.Contains([]string{"list", "show", "export", "oncall"}, verb) {
		keys = append(keys, "cli.flag.data."+flag)
	}
	for _, key := range keys {
		if catalog.Has(key) {
			return key
		}
	}
	return "cli.flag." + flag
}

// value is what stands for a flag's value: its default, or what kind of thing it is.
func (h helper) value(f *kong.Flag) string {
	switch {
	case f.PlaceHolder != "" && catalog.Has("cli.value."+f.PlaceHolder):
		return h.say("cli.value."+f.PlaceHolder, nil)
	case f.PlaceHolder != "":
		return f.PlaceHolder
	}
	return f.Default
}

func (h helper) head(w *strings.Builder, key string) {
	fmt.Fprintf(w, "\n%s\n", h.say(key, nil))
}

// paragraph writes text, wrapped.
func (h helper) paragraph(w *strings.Builder, text string) {
	for _, line := range strings.Split(text, "\n") {
		for _, part := range wrap(line, helpWidth) {
			fmt.Fprintln(w, part)
		}
	}
}

// columns writes rows in two columns, the right one wrapped. A left part that is too long stands on a line of its own.
func columns(w *strings.Builder, rows [][2]string) {
	at := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r[0]) + 4; n <= helpColumn {
			at = max(at, n)
		}
	}
	at = max(at, 8)
	for _, r := range rows {
		lines := wrap(r[1], helpWidth-at)
		left := "  " + r[0]
		if utf8.RuneCountInString(left)+2 > at {
			fmt.Fprintln(w, left)
			left = ""
		}
		for _, l := range lines {
			fmt.Fprintf(w, "%s%s%s\n", left, strings.Repeat(" ", at-utf8.RuneCountInString(left)), l)
			left = ""
		}
	}
}

// wrap breaks a line at blanks. A no-break space is none.
func wrap(s string, width int) []string {
	var out []string
	line := ""
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' }) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			out = append(out, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(out, line)
}
