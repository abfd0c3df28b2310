package runbooks

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

//go:embed en/*.md fr/*.md
var embedded embed.FS

// EmbeddedLayer names the layer of the runbooks that come with the binary.
const EmbeddedLayer = "embedded"

// Layer is one folder of runbooks. In it lie files named after their runbook's id (rb-004-….md), at its top or in folders named after a
// language (en/, fr/). Other files are left alone.
type Layer struct {
	Name string // for people: "embedded", or the folder's path
	FS   fs.FS
}

// Embedded is the layer that comes with the binary.
func Embedded() Layer { return Layer{EmbeddedLayer, embedded} }

// Catalogue is a set of runbooks, immutable once loaded: to pick up changed files, load anew and swap.
type Catalogue struct {
	all      []*Runbook // by id, then language
	byKey    map[string]*Runbook
	byDigest map[string]*Runbook

	searching sync.Once
	docs      []indexed // what Search looks through, made when it is first asked
}

// MaxFiles bounds how many files one layer may hold.
const MaxFiles = 2000

var fileName = regexp.MustCompile(`^([a-z][a-z0-9]{1,9}-[0-9]{1,5})(?:-[a-z0-9-]+)?\.md$`)

// Load reads layers in order; a later layer's runbook replaces an earlier one of the same id and language. The catalogue is never nil
// and holds every file that could be read; the error is a Problems with those that could not (a broken override leaves the runbook it
// would have replaced in place). A caller that already has a catalogue keeps with Keeping what is broken now and was good then.
func Load(layers ...Layer) (*Catalogue, error) {
	c := &Catalogue{byKey: map[string]*Runbook{}, byDigest: map[string]*Runbook{}}
	var problems Problems
	for rank, l := range layers {
		problems = append(problems, c.add(l, rank)...)
	}
	c.index()
	if len(problems) > 0 {
		return c, problems.sorted()
	}
	return c, nil
}

// index makes the list and the digests of what byKey holds.
func (c *Catalogue) index() {
	c.all, c.byDigest = nil, map[string]*Runbook{}
	for _, r := range c.byKey {
		c.all = append(c.all, r)
		c.byDigest[r.Digest] = r
	}
	sort.Slice(c.all, func(i, j int) bool {
		if c.all[i].ID != c.all[j].ID {
			return c.all[i].ID < c.all[j].ID
		}
		return c.all[i].Language < c.all[j].Language
	})
}

// Keeping returns c with the last good revisions of what could not be read into it: of each file of the problems of loading it, the runbook that
// before holds from that file, or under the id that the file's name says; of a folder that could not be read, all that came from it. What could
// be read is never replaced. kept are those runbooks, by id and language; c is returned as it is when there are none.
func (c *Catalogue) Keeping(before *Catalogue, problems Problems) (with *Catalogue, kept []*Runbook) {
	broken := map[string]bool{} // folders; files; and "folder/id", whatever the file is called now
	for _, p := range problems {
		broken[p.File] = true
		if m := fileName.FindStringSubmatch(path.Base(p.File)); m != nil {
			broken[path.Join(path.Dir(p.File), m[1])] = true
		}
	}
	with = &Catalogue{byKey: map[string]*Runbook{}}
	for k, r := range c.byKey {
		with.byKey[k] = r
	}
	for _, r := range before.all {
		key, dir := r.ID+"/"+r.Language, path.Dir(r.File)
		if now := c.byKey[key]; r.Layer == EmbeddedLayer || now != nil && now.rank >= r.rank {
			continue
		}
		if broken[r.File] || broken[dir] || broken[path.Clean(r.Layer)] || broken[path.Join(dir, strings.ToLower(r.ID))] {
			with.byKey[key] = r
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return c, nil
	}
	with.index()
	return with, kept
}

// Default loads the embedded runbooks alone.
func Default() (*Catalogue, error) { return Load(Embedded()) }

// withoutPath is why something cannot be read, without the path within the layer, which the problem names as people know it.
func withoutPath(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

func (c *Catalogue) add(l Layer, rank int) Problems {
	var ps Problems
	here := map[string]string{}
	files := 0
	listed := map[string]bool{} // a link to a folder that is not there is no missing folder
	display := func(name string) string {
		if l.Name == "" || l.Name == EmbeddedLayer {
			return path.Join("runbooks", name)
		}
		return path.Join(l.Name, name)
	}
	// Folders are listed by name and not walked: in a Kubernetes ConfigMap mount they are symbolic links, which a walk passes over.
	for _, dir := range append([]string{"."}, Languages()...) {
		entries, err := fs.ReadDir(l.FS, dir)
		switch {
		case err != nil && dir != "." && errors.Is(err, fs.ErrNotExist) && !listed[dir]:
			continue
		case err != nil:
			ps = append(ps, problem(display(dir), 0, "", "folder-unreadable", "why", catalog.Cause{Err: withoutPath(err)}))
			continue
		}
		for _, d := range entries {
			listed[path.Join(dir, d.Name())] = true
			m := fileName.FindStringSubmatch(d.Name())
			if m == nil {
				continue
			}
			name := path.Join(dir, d.Name())
			if files++; files > MaxFiles {
				return append(ps, problem(display(name), 0, "", "too-many-files", "n", files))
			}
			source, err := readFile(l.FS, name)
			if err != nil {
				ps = append(ps, problem(display(name), 0, "", "file-unreadable", "why", catalog.Cause{Err: withoutPath(err)}))
				continue
			}
			r, err := parseOf(l, display(name), source)
			if err != nil {
				var more Problems
				if errors.As(err, &more) {
					ps = append(ps, more...)
				}
				continue
			}
			r.Layer, r.rank = l.Name, rank
			key := r.ID + "/" + r.Language
			switch {
			case strings.ToLower(r.ID) != m[1]:
				ps = append(ps, problem(r.File, r.lines["id"], "id", "file-name", "id", r.ID, "file", d.Name(), "want", strings.ToLower(r.ID)+"-…"))
			case dir != "." && dir != r.Language:
				ps = append(ps, problem(r.File, r.lines["language"], "language", "file-folder", "language", r.Language, "folder", dir))
			case here[key] != "":
				ps = append(ps, problem(r.File, r.lines["id"], "id", "file-twice", "id", r.ID, "language", r.Language, "file", here[key]))
			default:
				here[key] = r.File
				c.byKey[key] = r
			}
		}
	}
	return ps
}

// parsed are the runbooks of the binary by file, once they were read: they never change, and a Runbook is immutable.
var parsed sync.Map

// parseOf parses a file of a layer, one of the binary's own only once. The runbook is the caller's to put into a layer.
func parseOf(l Layer, file string, source []byte) (*Runbook, error) {
	if l.FS != fs.FS(embedded) {
		return Parse(file, source)
	}
	r, known := parsed.Load(file)
	if !known {
		fresh, err := Parse(file, source)
		if err != nil {
			return nil, err
		}
		r, _ = parsed.LoadOrStore(file, fresh)
	}
	own := *r.(*Runbook)
	return &own, nil
}

// readFile reads no more than a runbook may have, so that a wrong mount cannot fill the memory.
func readFile(fsys fs.FS, name string) (data []byte, err error) {
	info, err := fs.Stat(fsys, name) // before opening: opening a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &catalog.Said{Key: "runbooks.not-ordinary"}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return io.ReadAll(io.LimitReader(f, MaxSource+1))
}

// All returns every runbook, by id and language.
func (c *Catalogue) All() []*Runbook { return append([]*Runbook(nil), c.all...) }

// IDs returns every id once, in order.
func (c *Catalogue) IDs() []string {
	var ids []string
	for _, r := range c.all {
		if len(ids) == 0 || ids[len(ids)-1] != r.ID {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// ByID returns a runbook in a language, or in the other language where it is not written in that one. Ids are compared without regard to case.
func (c *Catalogue) ByID(id, language string) (*Runbook, bool) {
	id = strings.ToUpper(strings.TrimSpace(id))
	if r, ok := c.byKey[id+"/"+language]; ok {
		return r, true
	}
	for _, l := range Languages() {
		if r, ok := c.byKey[id+"/"+l]; ok {
			return r, true
		}
	}
	return nil, false
}

// ByDigest returns the revision with that digest if it is one of the catalogue's. An older one must be parsed from its stored source.
func (c *Catalogue) ByDigest(digest string) (*Runbook, bool) {
	r, ok := c.byDigest[digest]
	return r, ok
}

// ByAlert returns the runbook that claims an alert name, in a language or the other. Where several do, the latest layer's wins and then
// the lowest id; the linter reports it.
func (c *Catalogue) ByAlert(alert, language string) (*Runbook, bool) {
	return c.claimed(language, func(r *Runbook) bool { return contains(r.Alerts, alert) })
}

// ByService returns the runbook that names a service, chosen as by ByAlert.
func (c *Catalogue) ByService(service, language string) (*Runbook, bool) {
	return c.claimed(language, func(r *Runbook) bool { return contains(r.Services, service) })
}

func (c *Catalogue) claimed(language string, claims func(*Runbook) bool) (*Runbook, bool) {
	var best *Runbook
	for _, r := range c.all {
		if claims(r) && (best == nil || r.rank > best.rank) {
			best = r
		}
	}
	if best == nil {
		return nil, false
	}
	return c.ByID(best.ID, language)
}

// Generic returns RB-000, for incidents that no runbook fits.
func (c *Catalogue) Generic(language string) (*Runbook, bool) { return c.ByID(GenericID, language) }

// Choice is a runbook with the reason why it is proposed.
type Choice struct {
	Runbook *Runbook
	By      string // "alert", "service" or "generic"
	Value   string // the alert or service that matched
}

// Choose proposes the runbooks for an incident's alerts and services, each once, alerts first; the generic one when none fits.
func (c *Catalogue) Choose(alerts, services []string, language string) []Choice {
	var out []Choice
	seen := map[string]bool{}
	add := func(r *Runbook, ok bool, by, value string) {
		if ok && !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, Choice{r, by, value})
		}
	}
	for _, a := range alerts {
		r, ok := c.ByAlert(a, language)
		add(r, ok, "alert", a)
	}
	for _, s := range services {
		r, ok := c.ByService(s, language)
		add(r, ok, "service", s)
	}
	if len(out) == 0 {
		r, ok := c.Generic(language)
		add(r, ok, "generic", "")
	}
	return out
}
