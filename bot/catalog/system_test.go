package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the operating system says in English only of a file that somebody named reads in French, alone and within what was wrapped around it.
func TestTheSystemsWordsInFrench(t *testing.T) {
	_, err := os.ReadFile(filepath.Join(t.TempDir(), "nowhere.yaml"))
	said := &Said{Key: "start.policy-file", Args: Args{"path": Words("p.yaml"), "why": Cause{Err: errors.Unwrap(err)}}, Err: err}
	if got := ErrorIn(French, said); !strings.Contains(got, "politique p.yaml\u00a0: ce fichier n'existe pas\u00a0;") {
		t.Error(got)
	}
	if got := ErrorIn(French, fmt.Errorf("lecture\u00a0: %w", err)); !strings.HasSuffix(got, "ce fichier n'existe pas") {
		t.Error(got)
	}
	if got := ErrorIn(English, err); got != err.Error() {
		t.Error(got)
	}
}
