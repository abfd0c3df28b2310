// Command tocsin is the incident bot that runs in Slack, with everything it needs beside it: the bot itself (serve), a demo and a local
// workspace that need no account (demo, sandbox), a check of the configuration (check), what a policy does (policy), runbooks
// without a bot (runbooks), and readers of what was recorded (list, show,
// export), which work while the bot is running on the same data.
//
// Every word it prints for a person is the catalogue's, in English or French (see language.go for which); what it logs is English.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// cli is the command line. One file per verb. What --help says of each verb and flag stands in the catalogue, under cli.verb and cli.flag.
type cli struct {
	Language string `env:"TOCSIN_LANGUAGE" enum:",en,fr" default:"" placeholder:"en|fr"`

	Serve    serveCmd    `cmd:""`
	Demo     demoCmd     `cmd:""`
	Sandbox  sandboxCmd  `cmd:""`
	Check    checkCmd    `cmd:""`
	Policy   policyCmd   `cmd:""`
	Runbooks runbooksCmd `cmd:""`
	Shadow   shadowCmd   `cmd:""`
	List     listCmd     `cmd:""`
	Show     showCmd     `cmd:""`
	Export   exportCmd   `cmd:""`
	Oncall   oncallCmd   `cmd:""`
	Version  versionCmd  `cmd:""`
}

// env is what a verb gets beside its flags.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	out    io.Writer
	err    io.Writer
	lang   string // of what is printed
	chosen string // the language that was asked for by flag or environment; empty: none was
}

// say words a message of the catalogue.
func (e *env) say(key string, args catalog.Args) string {
	return catalog.Say(e.lang, key, args).Plain(nil)
}

// print prints a message of the catalogue on a line of its own. What cannot be written to a terminal that went away is nobody's loss.
func (e *env) print(to io.Writer, key string, args catalog.Args) {
	fmt.Fprintln(to, e.say(key, args))
}

// complain prints an error in the reader's language.
func (e *env) complain(err error) {
	e.print(e.err, "cli.prefix", catalog.Args{"words": catalog.Cause{Err: err}})
}

// errFailed ends the program with status 1 without another word: what was wrong has been said.
var errFailed = errors.New("failed")

// Exit statuses beside 0.
const (
	failed = 1
	misuse = 2 // the command line was not understood; nothing was done
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errOut io.Writer) int { return runFrom(os.Stdin, args, out, errOut) }

// runFrom is run with an input of its own.
func runFrom(in io.Reader, args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{ctx: ctx, stdin: in, out: out, err: errOut}
	e.lang, e.chosen = languageOf(args, os.LookupEnv)
	if len(args) == 0 {
		args = []string{"--help"}
		out = errOut
	}
	bare := out == errOut && out != e.out
	var c cli
	exit := -1
	p, err := kong.New(&c, kong.Name("tocsin"), kong.Help(helper{e}.print), kong.Writers(out, errOut), kong.Exit(func(code int) { exit = code }))
	if err != nil {
		e.complain(err)
		return failed
	}
	k, err := p.Parse(args)
	switch {
	case exit >= 0 && bare:
		return misuse // nothing was asked for
	case exit >= 0:
		return exit
	case err != nil:
		e.complain(misunderstood(err, p.Model))
		line := "tocsin --help"
		if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
			if node := parse.Context.Selected(); node != nil {
				line = strings.Join([]string{"tocsin", verbOf(node), "--help"}, " ")
			}
		}
		e.print(errOut, "cli.hint", catalog.Args{"line": catalog.Literal(line)})
		return misuse
	}
	switch err := k.Run(e); {
	case err == nil:
		return 0
	case errors.Is(err, errFailed):
		return failed
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	default:
		e.complain(err)
		return failed
	}
}
