package house

import (
	"fmt"
	"maps"
	"time"
)

// Noticed records that somebody is being told something, before it is sent: what is recorded is sent once at most, by whichever replica
// recorded it.
type Noticed struct {
	Key   string    `json:"key"` // what it is about; the same key is not recorded again before Until
	What  string    `json:"what"`
	Who   Person    `json:"who"`
	Until time.Time `json:"until"` // after it the key may be forgotten
}

// Type implements Fact.
func (*Noticed) Type() string { return "notice" }

// What people are told.
const (
	NoticeCovers   = "covers"    // somebody gave them a duty
	NoticeCovered  = "covered"   // somebody else gave their duty away
	NoticeUncover  = "uncover"   // a cover they are in was called off
	NoticeStands   = "stands"    // a cover they agreed on has come to stand in PagerDuty at last
	NoticeNotTaken = "not-taken" // one PagerDuty did not take after all
	NoticeLifted   = "lifted"    // one they called off stands in PagerDuty no more
	NoticeIncoming = "incoming"  // a duty is about to pass to them
	NoticeOutgoing = "outgoing"  // or from them
)

const (
	maxNotices = 500
	maxNotice  = 400 * 24 * time.Hour // of how far ahead a key is kept
)

// decideNotice accepts a notice whose key is new; nil: it was sent before, or what it is about is over.
func decideNotice(s State, f *Noticed, at time.Time) (*Noticed, error) {
	if f.Key == "" || f.What == "" {
		return nil, fmt.Errorf("a notice without key or matter")
	}
	if until, told := s.Notices[f.Key]; told && at.Before(until) || !at.Before(f.Until) {
		return nil, nil
	}
	out := *f
	if limit := at.Add(maxNotice); out.Until.After(limit) {
		out.Until = limit
	}
	return &out, nil
}

// evolveNotices is the keys after an event: those that are over are forgotten, beyond maxNotices those that are over soonest.
func evolveNotices(notices map[string]time.Time, e Event) map[string]time.Time {
	f, ok := e.Fact.(*Noticed)
	if !ok {
		return notices
	}
	out := maps.Clone(notices)
	if out == nil {
		out = map[string]time.Time{}
	}
	maps.DeleteFunc(out, func(_ string, until time.Time) bool { return !e.At.Before(until) })
	for len(out) >= maxNotices {
		first := ""
		for k, until := range out {
			if first == "" || until.Before(out[first]) || until.Equal(out[first]) && k < first {
				first = k
			}
		}
		delete(out, first)
	}
	out[f.Key] = f.Until
	return out
}
