// Command tocsin is the incident bot that runs in Slack, with everything it needs beside it: the bot itself (serve), a demo and a local
// workspace that need no account (demo, sandbox), a check of the configuration (check), and readers of what was recorded (list, show,
// export), which work while the bot is running on the same data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. One file per verb.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the bot in a Slack workspace."`
	Demo    demoCmd    `cmd:"" help:"Run the bot with a local Slack and a local PagerDuty; nothing else is needed."`
	Sandbox sandboxCmd `cmd:"" help:"Run the local Slack and PagerDuty alone, for any Slack SDK to be pointed at."`
	Check   checkCmd   `cmd:"" help:"Check configuration, runbooks and, with tokens, scopes and reachability."`
	List    listCmd    `cmd:"" help:"List the open incidents, or all."`
	Show    showCmd    `cmd:"" help:"Show an incident and its timeline."`
	Export  exportCmd  `cmd:"" help:"Write an incident's log or account to standard output."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what a verb gets beside its flags.
type env struct {
	ctx context.Context
	out io.Writer
	err io.Writer
}

// errFailed ends the program with status 1 without another word: what was wrong has been said.
var errFailed = errors.New("failed")

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	exit := -1
	p, err := kong.New(&c,
		kong.Name("tocsin"),
		kong.Description("The incident bot that runs in Slack. Try it without an account: tocsin demo"),
		kong.UsageOnError(), kong.Writers(out, errOut), kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		fmt.Fprintln(errOut, "tocsin:", err)
		return 1
	}
	k, err := p.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		p.Errorf("%s", err)
		return 2
	}
	switch err := k.Run(&env{ctx, out, errOut}); {
	case err == nil:
		return 0
	case errors.Is(err, errFailed):
		return 1
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	default:
		fmt.Fprintln(errOut, "tocsin:", err)
		return 1
	}
}
