package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/runbooks"
)

type runbooksNewCmd struct {
	runbooksDir
	ID    string `arg:"" name:"id"`
	Title string `arg:"" name:"title"`
	Both  bool   ``
}

// About implements about.
func (*runbooksNewCmd) About() string { return "cli.about.runbooks.new" }

// Examples implements examples.
func (*runbooksNewCmd) Examples() []string {
	return []string{`tocsin runbooks new RB-042 "Payment queue stuck" --runbooks ./runbooks`, `tocsin runbooks new RB-042 "File de paiement bloquée" --language fr`}
}

// Run writes a skeleton, or one for each language. What is there is never written over.
func (c *runbooksNewCmd) Run(e *env) error {
	id := strings.ToUpper(strings.TrimSpace(c.ID))
	if !runbooks.ValidID(id) {
		return &catalog.Said{Key: "cli.rb.bad-id", Args: catalog.Args{"id": catalog.Words(c.ID)}}
	}
	dir := c.Runbooks
	if dir == "" {
		dir = "."
	}
	languages := []string{e.lang}
	if c.Both {
		languages = catalog.Languages()
	}
	own, err := runbooks.Load(runbooks.Layer{Name: dir, FS: os.DirFS(dir)})
	if err != nil {
		if _, statErr := os.Stat(dir); statErr != nil {
			return c.unwritten(dir, statErr)
		}
	}
	files := map[string][]byte{}
	for _, lang := range languages {
		if r, ok := own.ByID(id, lang); ok && r.Language == lang {
			return &catalog.Said{Key: "cli.rb.there", Args: catalog.Args{"id": catalog.Words(id), "file": catalog.Words(r.File)}}
		}
		src, err := runbooks.Skeleton(id, c.Title, lang, clock.New().Now())
		if err != nil {
			return &catalog.Said{Key: "cli.rb.bad-title", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
		}
		files[lang] = src
	}
	for _, lang := range languages {
		path := filepath.Join(dir, runbooks.FileName(id, c.Title))
		if info, err := os.Stat(filepath.Join(dir, lang)); c.Both || err == nil && info.IsDir() { // one folder for each language, where there are any
			path = filepath.Join(dir, lang, runbooks.FileName(id, c.Title))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return c.unwritten(path, err)
			}
		}
		if err := writeNew(path, files[lang]); err != nil {
			return c.unwritten(path, err)
		}
		e.print(e.out, "cli.rb.written", catalog.Args{"file": catalog.Words(path)})
	}
	if shipped, err := runbooks.Default(); err == nil {
		if r, ok := shipped.ByID(id, e.lang); ok {
			e.print(e.out, "cli.rb.replaces", catalog.Args{"id": catalog.Words(id), "name": catalog.Words(r.Title)})
		}
	}
	e.print(e.out, "cli.rb.next", catalog.Args{"line": catalog.Literal("tocsin runbooks lint --runbooks " + dir)})
	return nil
}

// writeNew writes a file that is not there yet. One that could not be written whole is not left behind.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (*runbooksNewCmd) unwritten(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return &catalog.Said{Key: "cli.rb.exists", Args: catalog.Args{"file": catalog.Words(path)}, Err: err}
	}
	why := err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		why = p.Err
	}
	return &catalog.Said{Key: "cli.rb.unwritten", Args: catalog.Args{"file": catalog.Words(path), "why": catalog.Cause{Err: why}}, Err: err}
}
