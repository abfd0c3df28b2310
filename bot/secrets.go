package bot

import (
	"fmt"
	"os"
	"strings"
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
	return "", fmt.Errorf("the secret %s is not set: set the environment variable %s, or %s_FILE with the path of a file that holds it", name, name, name)
}

// ReadSecret reads a secret from a file.
func ReadSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read a secret: %w", err)
	}
	defer f.Close()
	b := make([]byte, maxSecret+1)
	n, err := f.Read(b)
	if n == 0 && err != nil {
		return "", fmt.Errorf("read a secret from %s: %w", path, err)
	}
	if n > maxSecret {
		return "", fmt.Errorf("%s is longer than %d bytes: that is no secret of ours", path, maxSecret)
	}
	v := strings.TrimSpace(string(b[:n]))
	if v == "" {
		return "", fmt.Errorf("%s is empty: put the secret into it", path)
	}
	return v, nil
}
