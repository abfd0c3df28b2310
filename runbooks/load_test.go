package runbooks

import (
	"os"
	"strings"
	"testing"
)

// mustDefault loads the embedded runbooks, every one of which has to parse.
func mustDefault(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatalf("embedded runbooks:\n%v", err)
	}
	return c
}

func TestEmbeddedRunbooksParse(t *testing.T) {
	c := mustDefault(t)
	for _, id := range []string{"RB-000", "RB-001", "RB-002", "RB-004", "RB-008"} {
		if _, ok := c.ByID(id, "fr"); !ok {
			t.Errorf("%s is missing", id)
		}
	}
}

// A folder that is not there is named as the person wrote it, once.
func TestAMissingFolderIsNamedAsWritten(t *testing.T) {
	_, err := Load(Layer{Name: "/srv/none", FS: os.DirFS(t.TempDir() + "/none")})
	if err == nil || !strings.HasPrefix(err.Error(), "/srv/none: cannot be read: no such file") {
		t.Errorf("it says %v", err)
	}
}
