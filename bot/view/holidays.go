package view

import (
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Holiday is a day without working time, of the policy or announced since.
type Holiday struct {
	Day      string // "2026-03-20"
	Name     string // in the reader's language where the policy has it; may be empty
	Calendar string // its name in the policy; empty: office hours, where a policy has none
	// Announced says that a person announced it, By whom and At when; else the policy file has it.
	Announced bool
	By        incident.Person
	At        time.Time
	// Unknown says that the policy in force has no such calendar (any more): it counts in older incidents only.
	Unknown bool
}

// maxHolidays is how many days a card shows.
const maxHolidays = 40

// dated is a day with its weekday: "Friday 2026-03-20".
func (s said) dated(day string) catalog.Text {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return catalog.Of(s.lang, catalog.Words(clip(day, 40)))
	}
	return s.say("holiday.day", catalog.Args{"weekday": catalog.Term("explain.day." + strings.ToLower(t.Weekday().String())), "date": catalog.Words(day)})
}

// calendarName is a calendar in words.
func calendarName(name string) catalog.Arg {
	if name == "" {
		return catalog.Term("holiday.office-hours")
	}
	return catalog.Words(clip(name, 40))
}

// HolidaysCard lists the holidays to come; many says that there is more than one calendar, so that each row names its own.
func (v Voice) HolidaysCard(all []Holiday, many bool) Card {
	s := v.said()
	hint := Small{s.say("holiday.hint", catalog.Args{"command": v.command()})}
	if len(all) == 0 {
		c := one(s.word("holiday.none"))
		c.add(hint)
		return c
	}
	head := s.word("holiday.head")
	c := Card{Summary: head}
	c.add(Section{Text: head})
	shown := all[:min(len(all), maxHolidays)]
	for i := 0; i < len(shown); i += 10 {
		var rows catalog.Text
		for _, h := range shown[i:min(i+10, len(shown))] {
			parts := []catalog.Text{s.say("holiday.row", catalog.Args{"day": s.dated(h.Day)})}
			if h.Name != "" {
				parts = append(parts, catalog.Of(s.lang, catalog.Words(clip(h.Name, 60))))
			}
			if many {
				parts = append(parts, catalog.Of(s.lang, calendarName(h.Calendar)))
			}
			if h.Announced {
				parts = append(parts, s.say("holiday.announced", catalog.Args{"who": who(h.By), "at": day(h.At)}))
			} else {
				parts = append(parts, s.word("holiday.policy"))
			}
			if h.Unknown {
				parts = append(parts, s.word("holiday.unknown"))
			}
			rows = join("\n", rows, join(" · ", parts...))
		}
		c.add(Section{Text: rows})
	}
	if more := len(all) - len(shown); more > 0 {
		c.add(Small{s.say("list.more", catalog.Args{"n": catalog.Int(more)})})
	}
	c.add(hint)
	return c
}

// HolidaySetCard says that a day is a holiday from now on, and what that changes; others are the calendars in which it does not count.
func (v Voice) HolidaySetCard(h Holiday, others []string) Card {
	s := v.said()
	args := catalog.Args{"day": s.dated(h.Day), "name": catalog.Words(clip(h.Name, 60)), "calendar": calendarName(h.Calendar), "command": v.command(), "date": catalog.Words(h.Day), "line": catalog.Words(strings.TrimSpace(h.Day + " " + clip(h.Name, 60)))}
	key := "holiday.set"
	if h.Name == "" {
		key = "holiday.set.bare"
	}
	c := one(s.say(key, args))
	c.add(Section{Text: s.word("holiday.effect")})
	if len(others) > 0 {
		var names catalog.List
		for _, n := range others[:min(len(others), 10)] {
			names = append(names, catalog.Literal(clip(n, 40)))
		}
		args["others"], args["other"] = names, catalog.Words(clip(others[0], 40))
		c.add(Small{s.say("holiday.others", args)})
	}
	c.add(Small{s.say("holiday.back", args)})
	return c
}

// HolidayGoneCard says that an announced day is a working day after all.
func (v Voice) HolidayGoneCard(h Holiday) Card {
	s := v.said()
	c := one(s.say("holiday.gone", catalog.Args{"day": s.dated(h.Day), "calendar": calendarName(h.Calendar)}))
	c.add(Section{Text: s.word("holiday.gone.effect")})
	return c
}

// HolidayWords is a holiday on one line, for a list of a command line.
func HolidayWords(language string, h Holiday) catalog.Text {
	s := said{catalog.Language(language)}
	args := catalog.Args{"day": s.dated(h.Day), "name": catalog.Words(clip(h.Name, 60)), "calendar": calendarName(h.Calendar)}
	if h.Name == "" {
		return s.say("cli.oncall.day.bare", args)
	}
	return s.say("cli.oncall.day", args)
}

// holidayArgs are the arguments of house's refusals of holidays, and the key of the words.
func (v Voice) holidayArgs(args catalog.Args, r *incident.Refusal, key string) string {
	s := v.said()
	arg := func(i int) string {
		if i < len(r.Args) {
			return clip(r.Args[i], 60)
		}
		return ""
	}
	switch r.Code {
	case "holiday-date":
		args["word"] = catalog.Quoted(arg(0))
	case "holiday-past", "holiday-far":
		args["day"], args["n"] = s.dated(arg(0)), catalog.Words(arg(1))
	case "holiday-many":
		args["n"] = catalog.Words(arg(0))
	case "holiday-calendar":
		args["name"] = catalog.Literal(arg(0))
		var known catalog.List
		for i, k := range r.Args {
			if i > 0 && i <= 20 && k != "" {
				known = append(known, catalog.Literal(clip(k, 40)))
			}
		}
		if args["known"] = known; len(known) == 0 {
			key += ".none"
		}
	case "holiday-twice", "holiday-policy":
		args["day"], args["name"], args["calendar"] = s.dated(arg(0)), catalog.Words(arg(1)), calendarName(arg(2))
		if arg(1) == "" {
			key += ".bare"
		}
	case "holiday-unknown":
		args["day"], args["calendar"] = s.dated(arg(0)), calendarName(arg(1))
	}
	return key
}
