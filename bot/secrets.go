package bot

import (
	"fmt"
	"os"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// Secrets resolves the names of secrets a policy holds: the name of an environment variable, or "file:" and a path. A value never
// appears in an error.
type Secrets struct {
	// Env looks up an environment variable; nil: os.LookupEnv.
	Env func(name string) (string, bool)
	// Given holds values that were set by flag, by environment name.
	Given map[string]string
}

// maxSecret is how long a secret's file may be; anything longer is no key.
const maxSecret = 4 << 10

// Get returns a secret's value, without surrounding blanks.
func (s Secrets) Get(name string) (string, error) {
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		return ReadSecret(path)
	}
	if v := strings.TrimSpace(s.Given[name]); v != "" {
		return v, nil
	}
	env := s.Env
	if env == nil {
		env = os.LookupEnv
	}
	if v, ok := env(name); ok && strings.TrimSpace(v) != "" {
		return strings.TrimSpace(v), nil
	}
	if path, ok := env(name + "_FILE"); ok && path != "" {
		return ReadSecret(path)
	}
	return "", &catalog.Said{Key: "secret.unset", Args: catalog.Args{"name": catalog.Words(name)}}
}

// ReadSecret reads a secret from a file.
func ReadSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", &catalog.Said{Key: "secret.read", Args: catalog.Args{"why": catalog.Cause{Err: err}}, Err: err}
	}
	defer f.Close()
	b := make([]byte, maxSecret+1)
	n, err := f.Read(b)
	if n == 0 && err != nil {
		why := fmt.Errorf("%s: %w", path, err)
		return "", &catalog.Said{Key: "secret.read", Args: catalog.Args{"why": catalog.Cause{Err: why}}, Err: err}
	}
	if n > maxSecret {
		return "", &catalog.Said{Key: "secret.long", Args: catalog.Args{"path": catalog.Words(path), "n": catalog.Int(maxSecret)}}
	}
	v := strings.TrimSpace(string(b[:n]))
	if v == "" {
		return "", &catalog.Said{Key: "secret.empty", Args: catalog.Args{"path": catalog.Words(path)}}
	}
	return v, nil
}
