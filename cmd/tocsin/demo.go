package main

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/demo"
)

type demoCmd struct {
	Play     bool
	Addr     string `default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	DataDir  string `name:"data-dir" type:"path" placeholder:"DIR"`
	LogLevel string `enum:"debug,info,warn,error,off" default:"off"`
}

// About implements about.
func (*demoCmd) About() string { return "cli.about.demo" }

// Examples implements examples.
func (*demoCmd) Examples() []string {
	return []string{"tocsin demo", "tocsin demo --play", "tocsin demo --data-dir /tmp/demo --language fr"}
}

// Run runs the demo until it is told to stop, or plays it through.
func (c *demoCmd) Run(e *env) error {
	log := zerolog.Nop()
	if c.LogLevel != "off" {
		log = logger(e, c.LogLevel)
	}
	o := demo.Options{Addr: c.Addr, DataDir: c.DataDir, Language: e.lang, Log: log}
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
			e.complain(&catalog.Said{Key: "cli.demo.end", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err})
		}
	}()
	if err := d.Start(e.ctx); err != nil {
		return err
	}
	url, token := d.Alertmanager()
	e.print(e.out, "cli.demo.open", catalog.Args{"url": catalog.Words(d.URL())})
	fmt.Fprintln(e.out)
	e.print(e.out, "cli.demo.you", catalog.Args{"command": catalog.Literal("/incident")})
	e.print(e.out, "cli.demo.alertmanager", catalog.Args{"url": catalog.Words(url), "token": catalog.Words(token)})
	c.kept(e)
	e.print(e.out, "cli.demo.stop", nil)
	return d.Wait(e.ctx)
}

// kept says where what was recorded stays.
func (c *demoCmd) kept(e *env) {
	if c.DataDir != "" {
		e.print(e.out, "cli.demo.kept", catalog.Args{"dir": catalog.Words(c.DataDir), "line": catalog.Literal("tocsin show INC-1 --data-dir " + c.DataDir)})
	}
}

func (c *demoCmd) play(e *env, o demo.Options) error {
	faults, err := demo.Play(e.ctx, o, e.out)
	if err != nil {
		return err
	}
	for _, f := range faults {
		e.print(e.err, "cli.demo.wrong", catalog.Args{"what": catalog.Lines(f)})
	}
	if len(faults) > 0 {
		return errFailed
	}
	c.kept(e)
	return nil
}
