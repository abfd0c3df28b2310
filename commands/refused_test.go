package commands

import (
	"errors"
	"fmt"
	"testing"
)

type saidNo bool

func (saidNo) Error() string     { return "400: invalid input" }
func (n saidNo) Permanent() bool { return bool(n) }

// TestARefusedOverrideIsKnown: PagerDuty's no is no doubt; a lost answer is.
func TestARefusedOverrideIsKnown(t *testing.T) {
	for err, want := range map[error]bool{saidNo(true): true, saidNo(false): false, errors.New("no answer"): false} {
		if got := refusedForGood(&Failed{Words: FailedPagerDuty, Err: fmt.Errorf("override PagerDuty schedule P1: %w", err)}); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}
