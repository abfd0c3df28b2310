package house

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what kind of time a stretch is; the words are those of an incident's business time.
type Kind string

// The kinds. They do not overlap.
const (
	Working Kind = "working"
	Off     Kind = "off" // outside working hours of a working day, and not at night
	Night   Kind = "night"
	Weekend Kind = "weekend"
	Holiday Kind = "holiday"
)

// Kinds lists the kinds in the order they are shown.
var Kinds = []Kind{Working, Off, Night, Weekend, Holiday}

// Stretch is a part of an interval, of one kind.
type Stretch struct {
	From, To time.Time
	Kind     Kind
	AtNight  bool // it is night by the clock, whatever the kind: a weekend has nights too
}

// Split cuts an interval into stretches, in order and without gap: a calendar, as the house sees it.
type Split func(from, to time.Time) ([]Stretch, error)

// Page is somebody's phone that rang.
type Page struct {
	At       time.Time // when it rang
	Person   string    // e-mail address
	Rotation string    // or the target, where it was no rotation: "primary", "cto"
	Incident string
	Answered bool // they acknowledged it: an intervention
	Noise    bool // the incident was cancelled: there was nothing to do
}

// OnCallReport is what a month of on-call asked of people.
type OnCallReport struct {
	Month string // "2026-11"
	Zone  string
	From  time.Time
	To    time.Time // the first instant that is not in it
	Rows  []OnCallRow
}

// OnCallRow is what one duty asked of one person.
type OnCallRow struct {
	Person   string
	Rotation string
	OnCall   time.Duration
	// In is OnCall by kind; the kinds add up to it.
	In map[Kind]time.Duration
	// AtNight is how much of OnCall was night by the clock, of whatever kind.
	AtNight       time.Duration
	Pages         int // how often the phone rang
	Interventions int // pages that were answered
	Outside       int // interventions outside working time
	Actionable    int // pages of incidents that were not cancelled as noise
	NightPages    int // pages at night by the clock, answered or not
	// NightActionable is how many of NightPages were actionable.
	NightActionable int
}

// ActionableShare is the share of pages that were worth a phone's ringing.
func (r OnCallRow) ActionableShare() Share { return Share{r.Actionable, r.Pages} }

// NightActionableShare is the share of night pages that were worth waking for.
func (r OnCallRow) NightActionableShare() Share { return Share{r.NightActionable, r.NightPages} }

// Share is a part of a whole, exactly. Wherever it is written it is rounded half up: 5 of 8 are 0.625, and 63 %.
type Share struct{ Part, Of int }

// Decimal is the share from 0 to 1 with three decimals; empty where there is nothing to share.
func (s Share) Decimal() string {
	if s.Of <= 0 {
		return ""
	}
	n := s.rounded(1000)
	return fmt.Sprintf("%d.%03d", n/1000, n%1000)
}

// Percent is the share in percent; false where there is nothing to share.
func (s Share) Percent() (int, bool) { return s.rounded(100), s.Of > 0 }

func (s Share) rounded(scale int) int {
	if s.Of <= 0 {
		return 0
	}
	return (2*scale*s.Part + s.Of) / (2 * s.Of)
}

// Report counts a month ("2026-11", from midnight to midnight in zone) of shifts and pages. What lies outside the month is left out; shifts
// may be of several rotations, each counting for itself. Rows are sorted by rotation, then person.
func Report(month, zone string, shifts []Shift, pages []Page, split Split) (OnCallReport, error) {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return OnCallReport{}, fmt.Errorf("%q is no month: write it like 2026-11", month)
	}
	loc, err := location(zone)
	if err != nil {
		return OnCallReport{}, fmt.Errorf("report on %s: %q is no time zone", month, zone)
	}
	if split == nil {
		return OnCallReport{}, fmt.Errorf("report on %s: no calendar says what working time is", month)
	}
	out := OnCallReport{Month: month, Zone: loc.String(), From: firstShown(loc, first), To: firstShown(loc, first.AddDate(0, 1, 0))}
	type key struct{ rotation, person string }
	rows := map[key]*OnCallRow{}
	row := func(rotation, person string) *OnCallRow {
		k := key{rotation, email(person)}
		if rows[k] == nil {
			rows[k] = &OnCallRow{Person: k.person, Rotation: rotation, In: map[Kind]time.Duration{}}
		}
		return rows[k]
	}
	for _, s := range Clip(shifts, out.From, out.To) {
		parts, err := split(s.From, s.To)
		if err != nil {
			return OnCallReport{}, fmt.Errorf("report on %s: %w", month, err)
		}
		r := row(s.Rotation, s.Person)
		r.OnCall += s.To.Sub(s.From)
		for _, p := range parts {
			d := p.To.Sub(p.From)
			r.In[p.Kind] += d
			if p.AtNight {
				r.AtNight += d
			}
		}
	}
	for _, p := range pages {
		if p.At.Before(out.From) || !p.At.Before(out.To) {
			continue
		}
		parts, err := split(p.At, p.At.Add(1)) // the stretch it rang in
		if err == nil && len(parts) == 0 {
			err = errors.New("the calendar says nothing of " + stamp(p.At))
		}
		if err != nil {
			return OnCallReport{}, fmt.Errorf("report on %s: %w", month, err)
		}
		r := row(p.Rotation, p.Person)
		r.Pages++
		if !p.Noise {
			r.Actionable++
		}
		if p.Answered {
			r.Interventions++
			if parts[0].Kind != Working {
				r.Outside++
			}
		}
		if parts[0].AtNight {
			r.NightPages++
			if !p.Noise {
				r.NightActionable++
			}
		}
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, *r)
	}
	slices.SortFunc(out.Rows, func(a, b OnCallRow) int {
		return cmp.Or(strings.Compare(a.Rotation, b.Rotation), strings.Compare(a.Person, b.Person))
	})
	return out, nil
}

// CSV is the report as a table for a spreadsheet: hours and shares with three decimals, rounded half up; shares from
// 0 to 1 and empty where there is nothing to share.
// The columns are names, not words, so that what reads the file need not know a language.
func (o OnCallReport) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"month", "zone", "rotation", "person", "hours"}
	for _, k := range Kinds {
		head = append(head, "hours_"+string(k))
	}
	lines := [][]string{append(head, "hours_at_night", "pages", "interventions", "interventions_outside_working", "actionable_share", "night_pages", "night_actionable_share")}
	for _, r := range o.Rows {
		line := []string{o.Month, o.Zone, cell(r.Rotation), cell(r.Person), inHours(r.OnCall)}
		for _, k := range Kinds {
			line = append(line, inHours(r.In[k]))
		}
		lines = append(lines, append(line, inHours(r.AtNight), strconv.Itoa(r.Pages), strconv.Itoa(r.Interventions), strconv.Itoa(r.Outside),
			r.ActionableShare().Decimal(), strconv.Itoa(r.NightPages), r.NightActionableShare().Decimal()))
	}
	// A buffer takes everything, so neither this nor its flush can fail.
	_ = w.WriteAll(lines)
	return b.Bytes()
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// inHours are hours with three decimals. Round goes away from zero where it is half way; what it leaves has no more decimals to be rounded.
func inHours(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Hour/1000).Hours(), 'f', 3, 64)
}
