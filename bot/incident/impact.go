package incident

import (
	"fmt"
	"slices"
	"time"
)

// Touched is whether somebody is touched: unknown until a person says so.
type Touched string

// The three answers.
const (
	TouchedUnknown Touched = ""
	TouchedYes     Touched = "yes"
	TouchedNo      Touched = "no"
)

// Figure is a whole number of something an incident harmed.
type Figure struct {
	Name  string `json:"n"`
	Value int64  `json:"v"`
}

// Figures are the names of the figures, in the order they are shown: those the post-mortem asks for.
var Figures = []string{"tenants", "users", "kyc", "aml", "tcr"}

// MaxFigure bounds a figure.
const MaxFigure = 1_000_000_000

// Impact is what an incident harmed, as last said.
type Impact struct {
	Figures    []Figure  `json:"figures,omitempty"` // in the order of Figures
	Customers  Touched   `json:"customers,omitempty"`
	Regulators Touched   `json:"regulators,omitempty"`
	By         Person    `json:"by,omitzero"`
	At         time.Time `json:"at,omitzero"`
}

// Touched is whether customers or regulators are touched: yes when either is, no when neither is, else unknown.
func (i Impact) Touched() Touched {
	switch {
	case i.Customers == TouchedYes || i.Regulators == TouchedYes:
		return TouchedYes
	case i.Customers == TouchedNo && i.Regulators == TouchedNo:
		return TouchedNo
	}
	return TouchedUnknown
}

// ImpactRecorded records figures and answers; those that are given replace earlier ones.
type ImpactRecorded struct {
	Figures    []Figure `json:"figures,omitempty"`
	Customers  Touched  `json:"customers,omitempty"`
	Regulators Touched  `json:"regulators,omitempty"`
}

// Type implements Fact.
func (*ImpactRecorded) Type() string { return "impact" }

// Texts implements Fact.
func (*ImpactRecorded) Texts() []*Text { return nil }

// RecordImpact says what an incident harmed; legal when it is over, too.
type RecordImpact struct {
	Figures    []Figure
	Customers  Touched
	Regulators Touched
}

func (RecordImpact) act() {}

func (d *decider) recordImpact(a RecordImpact) error {
	if len(a.Figures) == 0 && a.Customers == "" && a.Regulators == "" {
		return refuse(RefusedEmpty, "impact")
	}
	for _, f := range a.Figures {
		switch {
		case !slices.Contains(Figures, f.Name):
			return refuse(RefusedNoFigure, append([]string{f.Name}, append(slices.Clone(Figures), "customers", "regulators")...)...)
		case f.Value < 0 || f.Value > MaxFigure:
			return refuse(RefusedBadFigure, f.Name, fmt.Sprint(MaxFigure))
		}
	}
	for _, t := range []Touched{a.Customers, a.Regulators} {
		if t != TouchedUnknown && t != TouchedYes && t != TouchedNo {
			return refuse(RefusedBadAnswer, string(t))
		}
	}
	if d.s.Impact.says(a) {
		return nil // no news
	}
	was := d.s.Impact.Touched()
	d.add(&ImpactRecorded{Figures: a.Figures, Customers: a.Customers, Regulators: a.Regulators})
	d.impactSaid(was)
	return nil
}

// says reports whether all of a is what was last said.
func (i Impact) says(a RecordImpact) bool {
	for _, f := range a.Figures {
		if !slices.Contains(i.Figures, f) {
			return false
		}
	}
	return (a.Customers == "" || a.Customers == i.Customers) && (a.Regulators == "" || a.Regulators == i.Regulators)
}

func (s *State) impact(e Event, f *ImpactRecorded) {
	all := slices.Clone(s.Impact.Figures)
	for _, x := range f.Figures {
		if i := slices.IndexFunc(all, func(y Figure) bool { return y.Name == x.Name }); i >= 0 {
			all[i] = x
		} else {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b Figure) int { return slices.Index(Figures, a.Name) - slices.Index(Figures, b.Name) })
	s.Impact.Figures, s.Impact.By, s.Impact.At = all, e.Actor.Person, e.At
	if f.Customers != "" {
		s.Impact.Customers = f.Customers
	}
	if f.Regulators != "" {
		s.Impact.Regulators = f.Regulators
	}
}

// How often the commander may have updates posted: at least every MaxCadence.
const (
	MinCadence = 5 * time.Minute
	MaxCadence = 4 * time.Hour
)

// CadenceSet records how often updates come from now on.
type CadenceSet struct {
	Every time.Duration `json:"every"`
	Was   time.Duration `json:"was,omitempty"` // what the severity promises
}

// Type implements Fact.
func (*CadenceSet) Type() string { return "cadence" }

// Texts implements Fact.
func (*CadenceSet) Texts() []*Text { return nil }

// SetCadence sets how often updates come, until the severity changes. Only the commander may.
type SetCadence struct{ Every time.Duration }

func (SetCadence) act() {}

func (d *decider) setCadence(a SetCadence) error {
	switch {
	case !d.s.Open():
		return &Refusal{Code: RefusedOver, Args: []string{string(d.s.Status)}}
	case !d.s.Roles[Commander].Who.Same(d.in.Actor.Person):
		return &Refusal{Code: RefusedCommander, By: d.s.Roles[Commander].Who}
	case a.Every < MinCadence || a.Every > MaxCadence:
		return refuse(RefusedCadence)
	}
	d.add(&CadenceSet{Every: a.Every, Was: d.rule().UpdateEvery})
	return nil
}
