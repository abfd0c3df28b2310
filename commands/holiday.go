package commands

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Days is what the desk needs to know of announced holidays, and to announce one.
type Days interface {
	// Announced are the announced days, those that are over among them, by day.
	Announced(ctx context.Context) ([]house.AnnouncedHoliday, error)
	// Announce records a HolidayAnnounced or a HolidayWithdrawn by somebody, as decided with the calendars (CalendarsOf), and has every incident
	// count it. It is recorded when Announce returns neither refusal nor error; the fact is what was recorded.
	Announce(ctx context.Context, key string, at time.Time, who incident.Person, fact house.Fact) (house.Fact, *house.Refusal, error)
}

// noDays knows of no announced day.
type noDays struct{}

func (noDays) Announced(context.Context) ([]house.AnnouncedHoliday, error) { return nil, nil }
func (noDays) Announce(_ context.Context, _ string, _ time.Time, _ incident.Person, _ house.Fact) (house.Fact, *house.Refusal, error) {
	return nil, &house.Refusal{Code: house.RefusedHolidayMany, Args: []string{"0"}}, nil
}

// CalendarsOf is what a policy says of its calendars, and of a day ("2026-03-20") in them. A policy without any has one without a name: the
// office hours in its zone.
func CalendarsOf(p *incident.Policy, day string) []house.Calendar {
	if p == nil {
		return []house.Calendar{{Default: true, Zone: time.UTC}}
	}
	var out []house.Calendar
	for _, name := range slices.Sorted(maps.Keys(p.Calendars)) {
		c := p.Calendars[name]
		own, has := ownHoliday(c, day, p.Language)
		out = append(out, house.Calendar{Name: name, Default: name == p.Calendar, Zone: zoneNamed(c.Zone), Has: has, Own: own})
	}
	if len(out) == 0 {
		out = append(out, house.Calendar{Default: true, Zone: zoneNamed(p.Zone)})
	}
	return out
}

func zoneNamed(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil {
		return z
	}
	return time.UTC
}

// ownHoliday is what a calendar of the policy calls a day, and whether it is a holiday there; it may have no name.
func ownHoliday(c incident.Calendar, day, language string) (name string, is bool) {
	if len(day) != len(time.DateOnly) {
		return "", false
	}
	names, is := c.Holidays[day]
	if !is {
		names, is = c.Holidays[day[len("2006-"):]]
	}
	for _, l := range []string{language, catalog.English} {
		if names[l] != "" {
			return names[l], is
		}
	}
	return "", is
}

var holiday = Command{
	Name: "holiday", Aliases: []string{"holidays", "ferie"}, Usage: "holiday [add|remove <day> [name] [calendar]]", Where: Anywhere,
	Examples: []Example{{"holiday add 2000-01-20 Aïd el-Fitr"}, {"holiday"}, {"holiday remove 2000-01-20"}},
	Run: func(ctx context.Context, c *Ask) (Reply, error) {
		act, rest := words(c.Args)
		switch strings.ToLower(act) {
		case "":
			return c.holidays(ctx)
		case "add", "announce", "ajouter", "annoncer":
			return c.holiday(ctx, rest, true)
		case "remove", "delete", "retirer", "supprimer":
			return c.holiday(ctx, rest, false)
		}
		return usage("usage.holiday", c.Args)
	},
}

// holidaysAhead is how far ahead holidays are listed.
const holidaysAhead = 366 * 24 * time.Hour

// holidays lists the days to come, of the policy and announced.
func (c *Ask) holidays(ctx context.Context) (Reply, error) {
	announced, err := c.desk.days.Announced(ctx)
	if err != nil {
		return Reply{}, err
	}
	p := c.desk.office.Policy()
	return c.card(c.voice().HolidaysCard(HolidaysTo(p, announced, c.desk.now(), holidaysAhead, c.Language), p != nil && len(p.Calendars) > 1)), nil
}

// HolidaysTo are the holidays of every calendar of a policy from a moment on, those of the policy and the announced ones, by day and calendar;
// names in a language where the policy has them. A day that both have is the policy's.
func HolidaysTo(p *incident.Policy, announced []house.AnnouncedHoliday, now time.Time, ahead time.Duration, language string) []view.Holiday {
	var out []view.Holiday
	known := map[string]bool{}
	for _, c := range CalendarsOf(p, "") {
		known[c.Name] = true
		y, m, d := now.In(c.Zone).Date()
		first := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		for i := 0; p != nil && time.Duration(i)*24*time.Hour <= ahead; i++ {
			date := first.AddDate(0, 0, i).Format(time.DateOnly)
			if name, is := ownHoliday(p.Calendars[c.Name], date, language); is {
				out = append(out, view.Holiday{Day: date, Name: name, Calendar: c.Name})
			}
		}
		last := first.Add(ahead).Format(time.DateOnly)
		for _, h := range announced {
			if h.Calendar != c.Name || h.Day < first.Format(time.DateOnly) || h.Day > last {
				continue
			}
			if p != nil {
				if _, is := ownHoliday(p.Calendars[c.Name], h.Day, language); is {
					continue
				}
			}
			out = append(out, announcedHoliday(h))
		}
	}
	for _, h := range announced { // of a calendar that the policy has no more
		if !known[h.Calendar] && h.Day >= now.UTC().Format(time.DateOnly) {
			x := announcedHoliday(h)
			x.Unknown = true
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b view.Holiday) int { return strings.Compare(a.Day+"\x00"+a.Calendar, b.Day+"\x00"+b.Calendar) })
	return out
}

func announcedHoliday(h house.AnnouncedHoliday) view.Holiday {
	return view.Holiday{Day: h.Day, Name: h.Name, Calendar: h.Calendar, Announced: true, At: h.SetAt,
		By: incident.Person{Slack: h.SetBy.Slack, Pager: h.SetBy.Pager, Name: h.SetBy.Name}}
}

// holiday announces a day or takes one back. What is said is "2026-03-20 Aïd el-Fitr tunis": the last word is a calendar where the policy has
// one of that name; "calendar=tunis" says so expressly, anywhere.
func (c *Ask) holiday(ctx context.Context, said string, add bool) (Reply, error) {
	p := c.desk.office.Policy()
	calendar, rest := "", []string{}
	for _, w := range strings.Fields(said) {
		key, value, is := strings.Cut(w, "=")
		if is && (strings.EqualFold(key, "calendar") || strings.EqualFold(key, "calendrier")) {
			if calendar = value; value == "" {
				return usage("usage.holiday", w)
			}
			continue
		}
		rest = append(rest, w)
	}
	if len(rest) == 0 {
		return usage("usage.holiday", c.Args)
	}
	if n := len(rest) - 1; calendar == "" && n > 0 && p != nil {
		for name := range p.Calendars {
			if strings.EqualFold(name, rest[n]) {
				calendar, rest = name, rest[:n]
				break
			}
		}
	}
	word, name := rest[0], strings.Join(rest[1:], " ")
	if !add && name != "" { // "remove 2026-03-20 tunsi": a name is not needed, so a calendar is meant
		calendar, name = name, ""
	}
	zone := c.desk.zone()
	for _, x := range CalendarsOf(p, "") {
		if calendar == "" && x.Default || calendar != "" && strings.EqualFold(x.Name, calendar) {
			zone = x.Zone
		}
	}
	// A week is no day; what no day is, is refused with what was written.
	day := word
	if from, to, more, ok := daysOf(word, c.desk.now(), zone); ok && more == "" && !from.IsZero() && onDay(from, 1, 0, 0).Equal(to) {
		day = from.Format(time.DateOnly)
	}
	var fact house.Fact = &house.HolidayAnnounced{Day: day, Name: plainWords(name), Calendar: calendar}
	if !add {
		fact = &house.HolidayWithdrawn{Day: day, Calendar: calendar}
	}
	done, refusal, err := c.desk.days.Announce(ctx, c.Key, c.At, c.Who, fact)
	if err != nil {
		return Reply{}, err
	}
	if refusal != nil {
		return c.refused(&incident.Refusal{Code: refusal.Code, Args: refusal.Args}), nil
	}
	switch f := done.(type) {
	case *house.HolidayAnnounced:
		return c.card(c.voice().HolidaySetCard(view.Holiday{Day: f.Day, Name: f.Name, Calendar: f.Calendar}, otherCalendars(p, f.Calendar))), nil
	case *house.HolidayWithdrawn:
		return c.card(c.voice().HolidayGoneCard(view.Holiday{Day: f.Day, Calendar: f.Calendar})), nil
	}
	return c.holidays(ctx) // the same command again: what it did stands there
}

// otherCalendars are the calendars of a policy beside one.
func otherCalendars(p *incident.Policy, but string) []string {
	if p == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.Calendars)), func(n string) bool { return n == but })
}
