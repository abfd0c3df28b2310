package page

import (
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestThePageIsServedUnderAStrictPolicy(t *testing.T) {
	for path, kind := range map[string]string{"/": "text/html", "/app.js": "javascript", "/style.css": "text/css", "/icon.svg": "image/svg+xml"} {
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
	w = httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("GET", "/../page.go", nil))
	if w.Code == 200 {
		t.Error("a file outside static/ was served")
	}
}

// What people write must never be parsed as markup or run.
var forbidden = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|setHTML|createContextualFragment|srcdoc|javascript:`)

// Nothing may be loaded from elsewhere: no absolute address in what is served, save the SVG namespace.
var elsewhere = regexp.MustCompile(`(?:src|href|url\(|import|from)\s*[=("']+\s*(?:https?:)?//`)

func TestScriptsParseNoMarkupAndLoadNothingFromElsewhere(t *testing.T) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		names[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range names {
		if m := forbidden.FindString(text); m != "" {
			t.Errorf("%s uses %s", name, m)
		}
		if m := elsewhere.FindString(text); m != "" {
			t.Errorf("%s loads from elsewhere: %s", name, m)
		}
	}
	imports := regexp.MustCompile(`from "\./([a-z.]+)"|(?:src|href)="([a-z.]+\.(?:js|css|svg))"`)
	for name, text := range names {
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			if _, ok := names[m[1]+m[2]]; !ok {
				t.Errorf("%s names %s, which is not there", name, m[1]+m[2])
			}
		}
	}
	if html := names["index.html"]; regexp.MustCompile(`<script(?:>| [^>]*>)[^<]|style="| on[a-z]+="`).MatchString(html) {
		t.Error("index.html has an inline script, style or handler: the policy forbids them")
	}
	ids := regexp.MustCompile(`\$\("([a-z-]+)"\)`)
	for _, m := range ids.FindAllStringSubmatch(names["app.js"], -1) {
		if !strings.Contains(names["index.html"], `id="`+m[1]+`"`) {
			t.Errorf("app.js looks for #%s, which index.html does not have", m[1])
		}
	}
}
