package incident

import (
	"regexp"
	"slices"
	"time"
)

// Moment is a timed point in an incident's life that is no status: "fix deployed", "customers notified". They come in any order.
type Moment struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	By   Person    `json:"by,omitzero"`
	Note Text      `json:"note,omitzero"`
}

// The moments every company has; others may be named freely.
const (
	FixDeployed       = "fix-deployed"
	CustomersNotified = "customers-notified"
)

// maxMoments bounds how many moments an incident has.
const maxMoments = 40

// momentForm is what a moment may be called.
var momentForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// MomentMarked records a moment; when it was is the event's At.
type MomentMarked struct {
	Name string `json:"name"`
	Note Text   `json:"note,omitzero"`
}

// Type implements Fact.
func (*MomentMarked) Type() string { return "moment" }

// Texts implements Fact.
func (f *MomentMarked) Texts() []*Text { return []*Text{&f.Note} }

// MarkMoment records a moment. It may lie in the past, between the detection and now; legal when the incident is over, too.
type MarkMoment struct {
	Name string
	At   time.Time // zero: now
	Note Text
}

func (MarkMoment) act() {}

// momentAt is when a moment last was.
func (s State) momentAt(name string) (time.Time, bool) {
	for i := len(s.Moments) - 1; i >= 0; i-- {
		if s.Moments[i].Name == name {
			return s.Moments[i].At, true
		}
	}
	return zeroTime, false
}

func (d *decider) markMoment(a MarkMoment) error {
	at := d.at
	if !a.At.IsZero() {
		at = utc(a.At)
	}
	switch {
	case !momentForm.MatchString(a.Name):
		return refuse(RefusedBadMoment, a.Name)
	case at.After(d.now):
		return refuse(RefusedFuture)
	case at.Before(d.s.DetectedAt):
		return refuse(RefusedBeforeDetection, d.s.DetectedAt.Format(timeFormat))
	case len(d.s.Moments) >= maxMoments:
		return refuse(RefusedTooMany, "40")
	}
	if i := slices.IndexFunc(d.s.Moments, func(m Moment) bool { return m.Name == a.Name }); i >= 0 && a.At.IsZero() && a.Note.Body == "" {
		m := d.s.Moments[i] // a second press of the button; a second time is said with its own time or words
		return &Refusal{Code: RefusedMomentMarked, By: m.By, Args: []string{m.Name, m.At.Format(timeFormat)}}
	}
	d.record(&MomentMarked{Name: a.Name, Note: a.Note}, at, d.in.Actor, d.in.Via)
	return nil
}

// momentsOf records the moments that were said with an update.
func (d *decider) momentsOf(a Update) error {
	for _, name := range a.Moments {
		if _, marked := d.s.momentAt(name); marked {
			continue
		}
		if err := d.markMoment(MarkMoment{Name: name}); err != nil {
			return err
		}
	}
	return nil
}
