package redis

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// TestWrapHidesSecrets: whatever the library may put into an error one day.
func TestWrapHidesSecrets(t *testing.T) {
	u, err := url.Parse("redis://user:p%40ss%2Fword@h?sentinel_password=other")
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{where: where(u), secret: secrets(u)}
	got := s.wrap("open", errors.New("dial user:p@ss/word@h, p%40ss%2Fword, other")).Error()
	for _, secret := range []string{"p@ss", "p%40ss", "other"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q tells %q", got, secret)
		}
	}
	if !strings.Contains(got, "redis h: open") {
		t.Errorf("%q does not say where and what", got)
	}
}
