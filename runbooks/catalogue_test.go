package runbooks

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func layer(name string, files map[string]string) Layer {
	m := fstest.MapFS{}
	for k, v := range files {
		m[k] = &fstest.MapFile{Data: []byte(v)}
	}
	return Layer{name, m}
}

func TestLayersOverride(t *testing.T) {
	embedded := mustDefault(t)
	old, _ := embedded.ByID("RB-004", "en")
	mine := strings.Replace(old.Source, "## 1. How full is it?", "## 1. How full is ours?", 1)
	c, err := Load(Embedded(), layer("/etc/runbooks", map[string]string{
		"en/rb-004-ours.md": mine,
		"ops-7-disk.md":     small,
		"README.md":         "# not a runbook",
		"en/notes.md":       "neither",
		".git/rb-001.md":    "never read",
		"drafts/rb-001.md":  "never read",
	}))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := c.ByID("rb-004", "en")
	if !ok || r.Steps[0].Title != "How full is ours?" || r.Layer != "/etc/runbooks" || r.File != "/etc/runbooks/en/rb-004-ours.md" || r.Digest == old.Digest {
		t.Errorf("not overridden: %v %v", r.File, r.Layer)
	}
	if fr, _ := c.ByID("RB-004", "fr"); fr.Language != "fr" || fr.Layer != EmbeddedLayer {
		t.Errorf("the other language was lost: %s", fr.File)
	}
	if r, ok := c.ByID("OPS-7", "fr"); !ok || r.Language != "en" {
		t.Error("no fall back to the other language")
	}
	if _, ok := c.ByDigest(old.Digest); ok {
		t.Error("a replaced revision is still in the catalogue")
	}
	if got, err := Parse("stored", []byte(old.Source)); err != nil || got.Digest != old.Digest {
		t.Errorf("a stored revision cannot be read back: %v", err)
	}
	if r, ok := c.ByDigest(r.Digest); !ok || r.ID != "OPS-7" && r.ID != "RB-004" {
		t.Error("ByDigest")
	}
}

func TestABrokenOverrideIsReportedAndTheOldOneStays(t *testing.T) {
	c, err := Load(Embedded(), layer("mine", map[string]string{"en/rb-001-mine.md": "---\nid: RB-001\n---\n", "en/rb-777.md": small, "fr/ops-7.md": small}))
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatal("no problems")
	}
	text := ps.Error()
	for _, want := range []string{"mine/en/rb-001-mine.md:1: title: is missing", "mine/en/rb-777.md:2: id: is OPS-7 in a file named rb-777.md", "mine/fr/ops-7.md:8: language: is en in folder fr"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not among:\n%s", want, text)
		}
	}
	if r, ok := c.ByID("RB-001", "en"); !ok || r.Layer != EmbeddedLayer {
		t.Error("the embedded runbook did not stay")
	}
	_, err = Load(layer("mine", map[string]string{"ops-7-a.md": small, "ops-7-b.md": small}))
	if err == nil || !strings.Contains(err.Error(), "is also in mine/ops-7-a.md") {
		t.Errorf("two files of one runbook: %v", err)
	}
}

// A folder as Kubernetes mounts a ConfigMap: everything is a symbolic link.
func TestLoadFollowsLinksAndRefusesPipes(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, "..data", "en"), 0o755))
	must(os.WriteFile(filepath.Join(dir, "..data", "en", "ops-7.md"), []byte(small), 0o644))
	must(os.Symlink(filepath.Join("..data", "en"), filepath.Join(dir, "en")))
	c, err := Load(Layer{dir, os.DirFS(dir)})
	if _, ok := c.ByID("OPS-7", "en"); !ok || err != nil {
		t.Errorf("not found behind links: %v", err)
	}
	must(os.Mkdir(filepath.Join(dir, "ops-8.md"), 0o755))
	if _, err := Load(Layer{dir, os.DirFS(dir)}); err == nil || !strings.Contains(err.Error(), "not an ordinary file") {
		t.Errorf("a folder named like a runbook: %v", err)
	}
	if _, err := Load(Layer{"gone", os.DirFS(filepath.Join(dir, "gone"))}); err == nil {
		t.Error("a missing folder is no problem")
	}
}

func TestChoosing(t *testing.T) {
	taking := strings.ReplaceAll(strings.Replace(small, "[DiskFull]", "[OcrServiceDown]", 1), "OPS-7", "ZZ-7") // after RB-002 by name
	c, err := Load(Embedded(), layer("mine", map[string]string{"zz-7.md": taking}))
	if err != nil {
		t.Fatal(err)
	}
	d := mustDefault(t)
	for alert, id := range map[string]string{
		"ApiHighLatencyP95": "RB-001", "OcrServiceDown": "RB-002", "KycCaseDelayed": "RB-002", "KafkaConsumerLagHigh": "RB-003", "PostgresConnectionsExhausted": "RB-004",
		"RneBalanceLow": "RB-005", "RneConsumptionHigh": "RB-005", "IdesSubmissionFailure": "RB-006", "IdesUnavailable": "RB-006",
		"CertificateExpiringSoon": "RB-007", "CertificateExpiresIn30Days": "RB-007", "CertificateExpiresIn7Days": "RB-007",
		"AuditHashChainBroken": "RB-008", "MassBiometricFailure": "RB-009", "LicenseQuotaExceeded": "RB-010", "LicenseLimitReached": "RB-010",
		"WipeSignerFailures": "RB-012", "WipeAnchorFailures": "RB-014", "BackupFailed": "RB-017", "BackupMissing": "RB-017",
	} {
		if r, ok := d.ByAlert(alert, "fr"); !ok || r.ID != id || r.Language != "fr" {
			t.Errorf("%s chose %v", alert, r)
		}
	}
	if r, ok := c.ByAlert("OcrServiceDown", "en"); !ok || r.ID != "ZZ-7" {
		t.Error("a company's runbook does not take an alert over")
	}
	if _, ok := d.ByAlert("Nothing", "en"); ok {
		t.Error("an unknown alert chose something")
	}
	got := d.Choose([]string{"Nothing", "OcrServiceDown", "OcrServiceDown"}, []string{"ocr-svc", "kyc-svc"}, "en")
	if len(got) != 2 || got[0].Runbook.ID != "RB-002" || got[0].By != "alert" || got[1].Runbook.ID != "RB-001" || got[1].By != "service" || got[1].Value != "kyc-svc" {
		t.Errorf("chose %+v", got)
	}
	got = d.Choose([]string{"Nothing"}, nil, "fr")
	if len(got) != 1 || !got[0].Runbook.Generic() || got[0].By != "generic" || got[0].Runbook.Language != "fr" {
		t.Errorf("chose %+v", got)
	}
}

func TestSearch(t *testing.T) {
	c := mustDefault(t)
	for query, want := range map[string]string{
		"kafka": "RB-003", "rb-004": "RB-004", "RB4": "", "chaine audit": "RB-008", "CHAÎNE": "RB-008", "OcrServiceDown": "RB-002",
		"pg_terminate_backend": "RB-004", "connexions épuisées": "RB-004", "connexions epuisees": "RB-004", "8": "RB-008", "accès": "RB-000", "vault": "RB-000", "cloudflare": "RB-009", "interop@e-rne.tn": "RB-005",
	} {
		hits := c.Search(query, "fr", 5)
		switch {
		case want == "" && len(hits) > 0:
			t.Errorf("%q found %s", query, hits[0].Runbook.ID)
		case want != "" && (len(hits) == 0 || hits[0].Runbook.ID != want || hits[0].Runbook.Language != "fr"):
			t.Errorf("%q found %+v", query, hits)
		}
	}
	if h := c.Search("country", "en", 5)[0]; h.Where != "step" || h.Step != "geo-block" {
		t.Errorf("a title matched in %s %s", h.Where, h.Step)
	}
	if h := c.Search("svc", "en", 1); len(h) != 1 {
		t.Errorf("limit: %d", len(h))
	}
	if c.Search("", "en", 5) != nil || c.Search("kafka", "en", 0) != nil {
		t.Error("nothing asked, something found")
	}
}
