package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// The forms of what the command line's parser says; it has words and no codes. A test provokes each of them, so that a release of the
// library that words them anew is noticed. What is none of them stands as the parser said it.
var forms = []struct {
	form *regexp.Regexp
	key  string
	args []string // what the groups are
}{
	{regexp.MustCompile(`^unknown flag (\S+), did you mean (?:one of )?(.+)\?$`), "cli.wrong.flag.like", []string{"flag", "like"}},
	{regexp.MustCompile(`^unknown flag (\S+)$`), "cli.wrong.flag", []string{"flag"}},
	{regexp.MustCompile(`^unexpected argument (.+?), did you mean (?:one of )?(.+)\?$`), "cli.wrong.word.like", []string{"word", "like"}},
	{regexp.MustCompile(`^unexpected argument (.+)$`), "cli.wrong.word", []string{"word"}},
	{regexp.MustCompile(`^expected one of .*$`), "cli.wrong.verb", nil},
	{regexp.MustCompile(`^expected "?(<[^>]+>).*$`), "cli.wrong.missing", []string{"what"}},
	{regexp.MustCompile(`^(--\S+?) must be one of (\S+) but got "(.*)"$`), "cli.wrong.choice", []string{"flag", "choices", "got"}},
	{regexp.MustCompile(`^(--\S+?): expected .* value but got "EOL".*$`), "cli.wrong.value", []string{"flag"}},
	{regexp.MustCompile(`^(--\S+?): expected .* value but got .*(?:long flag|short flag).*$`), "cli.wrong.value", []string{"flag"}},
	{regexp.MustCompile(`^(--\S+?): bool value must be .*$`), "cli.wrong.no-value", []string{"flag"}},
}

var fromEnvironment = regexp.MustCompile(`^(.*) \(from envar ([A-Z_]+)=.*\)$`)

// misunderstood words what the parser did not understand.
func misunderstood(err error, app *kong.Application) error {
	text := err.Error()
	if m := fromEnvironment.FindStringSubmatch(text); m != nil {
		return &catalog.Said{Key: "cli.wrong.env", Err: err, Args: catalog.Args{"words": catalog.Cause{Err: inWords(m[1], err, app)}, "name": catalog.Words(m[2])}}
	}
	return inWords(text, err, app)
}

func inWords(text string, err error, app *kong.Application) error {
	for _, f := range forms {
		m := f.form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		args := catalog.Args{}
		for i, name := range f.args {
			args[name] = argument(name, m[i+1])
			if name == "flag" && f.key == "cli.wrong.choice" { // the parser does not say where the value came from
				args[name] = catalog.Words(withVariable(m[i+1], app))
			}
		}
		var verbs catalog.Either
		at := app.Node // where it stopped: after "runbooks", it is runbooks' own verbs that are missing
		if stopped := (*kong.ParseError)(nil); errors.As(err, &stopped) && stopped.Context.Selected() != nil && len(stopped.Context.Selected().Children) > 0 {
			at = stopped.Context.Selected()
		}
		for _, n := range at.Children {
			verbs = append(verbs, catalog.Words(n.Name))
		}
		args["verbs"] = verbs
		return &catalog.Said{Key: f.key, Args: args, Err: err}
	}
	return err
}

// argument is a part of what the parser said: a list of choices, or something as it was typed.
func argument(name, s string) catalog.Arg {
	if name != "choices" && name != "like" {
		return catalog.Words(strings.Trim(s, `"`))
	}
	var out catalog.Either
	for _, one := range strings.Split(s, ",") {
		if one = strings.Trim(strings.TrimSpace(one), `"`); one != "" {
			out = append(out, catalog.Words(one))
		}
	}
	return out
}

// withVariable names the environment variable of a flag beside it.
func withVariable(flag string, app *kong.Application) string {
	nodes := append([]*kong.Node{app.Node}, app.Children...)
	for _, n := range nodes {
		for _, f := range n.Flags {
			if "--"+f.Name == flag && len(f.Envs) > 0 {
				return flag + " ($" + f.Envs[0] + ")"
			}
		}
	}
	return flag
}
