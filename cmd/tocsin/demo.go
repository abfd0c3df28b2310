package main

import (
	"context"
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/demo"
)

type demoCmd struct {
	Play     bool   `help:"Run one whole incident by itself, print what happened, and judge it."`
	Addr     string `default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Where the page listens. Default: a free port of this machine."`
	DataDir  string `name:"data-dir" type:"path" placeholder:"DIR" help:"Keep what is recorded here, for show and export. Default: a temporary directory."`
	Language string `enum:"en,fr" default:"en" help:"Language of the incidents: en or fr."`
	LogLevel string `enum:"debug,info,warn,error,off" default:"off" help:"debug, info, warn, error or off."`
}

// Help implements kong's HelpProvider.
func (demoCmd) Help() string {
	return `Examples:
  tocsin demo
  tocsin demo --play
  tocsin demo --data-dir /tmp/demo --language fr`
}

// Run runs the demo until it is told to stop, or plays it through.
func (c *demoCmd) Run(e *env) error {
	log := zerolog.Nop()
	if c.LogLevel != "off" {
		log = logger(e, c.LogLevel)
	}
	o := demo.Options{Addr: c.Addr, DataDir: c.DataDir, Language: c.Language, Log: log}
	if c.Play {
		return c.play(e, o)
	}
	d, err := demo.New(o)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			fmt.Fprintln(e.err, "tocsin: end of the demo:", err)
		}
	}()
	if err := d.Start(e.ctx); err != nil {
		return err
	}
	url, token := d.Alertmanager()
	fmt.Fprintf(e.out, "Open %s\n\nYou are Marc, on call. Press “Fire a page”, or type /incident in #general.\n", d.URL())
	fmt.Fprintf(e.out, "A real Alertmanager may join in: %s (bearer token %s)\n", url, token)
	if c.DataDir != "" {
		fmt.Fprintf(e.out, "What is recorded stays in %s: tocsin show INC-1 --data-dir %[1]s\n", c.DataDir)
	}
	fmt.Fprintln(e.out, "Stop with Ctrl-C.")
	return d.Wait(e.ctx)
}

func (c *demoCmd) play(e *env, o demo.Options) error {
	faults, err := demo.Play(e.ctx, o, e.out)
	if err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, "not as expected:", f)
	}
	if len(faults) > 0 {
		return errFailed
	}
	return nil
}
