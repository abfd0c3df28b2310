package runbooks

import (
	"regexp"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// A skeleton is a runbook, and the linter asks for nothing but what its author alone can know: which alert chooses it.
func TestASkeletonLintsClean(t *testing.T) {
	files := map[string]string{}
	for lang, title := range map[string]string{"en": "Queue: it's \"full\"", "fr": "File d'attente : œuvre saturée"} {
		src, err := Skeleton("RB-942", title, lang, day)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Parse("x.md", src)
		if err != nil || r.Title != title || r.ID != "RB-942" || r.Language != lang || !r.ReviewedOn.Equal(day) {
			t.Fatalf("%s: %+v %v", lang, r, err)
		}
		files[lang+"/"+FileName("RB-942", title)] = string(src)
	}
	c, err := Load(layer("w", files))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Lint(c, LintOptions{Today: day}) {
		if f.Rule != RuleRunbookWithoutAlert {
			t.Error(f)
		}
	}
}

func TestFileNames(t *testing.T) {
	for _, c := range []struct{ id, title, want string }{
		{"RB-042", "File d'attente saturée", "rb-042-file-d-attente-saturee.md"}, {"RB-042", "Œuvre  à: Ça & là !", "rb-042-oeuvre-a-ca-la.md"},
		{"OPS-7", "", "ops-7.md"}, {"OPS-7", "日本", "ops-7.md"}, {"RB-1", "e\u0301tage", "rb-1-etage.md"}, {"RB-1", "../../etc/passwd", "rb-1-etc-passwd.md"},
	} {
		got := FileName(c.id, c.title)
		if got != c.want || !fileName.MatchString(got) {
			t.Errorf("%q: %s, want %s", c.title, got, c.want)
		}
	}
}

// Whatever somebody types as a title, what comes of it is a runbook with that title or a refusal, and a name the loader reads.
func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"Database full", "a 'b' \"c\"", "*x*", "ID TITLE", "# x", "a: b", "<a id=\"x\">", "[x](y)", "{{service}}"} {
		f.Add("RB-042", s)
	}
	safe := regexp.MustCompile(`^[a-z0-9-]+\.md$`)
	f.Fuzz(func(t *testing.T, id, title string) {
		src, err := Skeleton(id, title, "en", day)
		if err != nil {
			return
		}
		if !ValidID(id) {
			t.Fatalf("id %q was taken", id)
		}
		name := FileName(id, title)
		if !safe.MatchString(name) || !fileName.MatchString(name) {
			t.Fatalf("%q is no file name for %q", name, title)
		}
		c, err := Load(layer("w", map[string]string{name: string(src)}))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range Lint(c, LintOptions{Today: day}) {
			if x.Rule != RuleRunbookWithoutAlert && x.Rule != RuleNoTranslation {
				t.Fatal(x)
			}
		}
	})
}
