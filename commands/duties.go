package commands

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Duties is what the desk needs to know of who is on call, and to change it.
type Duties interface {
	// OnCall is who is on call now, by target.
	OnCall(ctx context.Context) ([]view.OnCall, error)
	// Kept are the duties that can be covered, in order of target, and the covers people agreed on.
	Kept(ctx context.Context) ([]Duty, []house.Cover, error)
	// Mail is the e-mail address of somebody known by a Slack id, empty when Slack does not say.
	Mail(ctx context.Context, p incident.Person) string
	// Somebody is whom an e-mail address belongs to, as far as is known.
	Somebody(ctx context.Context, mail string) incident.Person
	// Agree records a CoverSet or a CoverEnded, asks PagerDuty for what follows where the duty is its, and tells those who must know. It is
	// recorded when Agree returns without error, whatever PagerDuty said (Agreed.Pager). ErrNoToken and ErrNoUser say that nothing was.
	Agree(ctx context.Context, key string, at time.Time, who incident.Person, fact house.Fact) (Agreed, error)
}

// Duty is a rotation that somebody may cover, and the target it fills.
type Duty struct {
	Target   string
	Title    map[string]string
	Rotation *house.Rotation // nil: the schedule is PagerDuty's
	Schedule string          // its id there
	Shifts   []house.Shift   // of a PagerDuty schedule: what it announced
}

// Agreed is what came of an agreement.
type Agreed struct {
	Refusal *house.Refusal
	Cover   house.Cover
	Told    []incident.Person // by direct message
	// Pager is why PagerDuty does not have the cover yet, has it still, or refused it (Cover.Refused); nil: it is as agreed, or not concerned.
	Pager error
	// Lifted: PagerDuty had it, and has it no more. Gone: somebody had deleted it there already.
	Lifted, Gone bool
}

// Why a cover over a PagerDuty schedule was not recorded.
var (
	ErrNoToken = errors.New("no token for PagerDuty's REST API")
	ErrNoUser  = errors.New("no PagerDuty user with that e-mail address")
)

// noDuties knows of no duty.
type noDuties struct{}

func (noDuties) OnCall(context.Context) ([]view.OnCall, error)       { return nil, nil }
func (noDuties) Kept(context.Context) ([]Duty, []house.Cover, error) { return nil, nil, nil }
func (noDuties) Mail(context.Context, incident.Person) string        { return "" }
func (noDuties) Somebody(_ context.Context, mail string) incident.Person {
	return incident.Person{Name: mail}
}
func (noDuties) Agree(_ context.Context, _ string, _ time.Time, _ incident.Person, _ house.Fact) (Agreed, error) {
	return Agreed{Refusal: &house.Refusal{Code: house.RefusedCoverUnknown, Args: []string{""}}}, nil
}

// party is one of those a cover is about.
type party struct {
	mail string
	who  incident.Person
}

// partyOf reads "@me", a mention or an e-mail address. A person whose address nobody tells is one with an empty mail.
func (c *Ask) partyOf(ctx context.Context, word string) (party, bool) {
	who, ok := personOf(word)
	if isMe(word) {
		who, ok = c.Who, true
	}
	if ok {
		who = c.desk.office.Person(ctx, who)
		return party{c.desk.duties.Mail(ctx, who), who}, true
	}
	word = strings.TrimSuffix(strings.TrimPrefix(word, "<"), ">")
	if _, label, linked := strings.Cut(word, "|"); linked {
		word = label
	}
	mail := strings.ToLower(strings.TrimPrefix(word, "mailto:"))
	if at := strings.IndexByte(mail, '@'); at > 0 && strings.Contains(mail[at:], ".") && !strings.ContainsAny(mail, "<>|") {
		return party{mail, c.desk.duties.Somebody(ctx, mail)}, true
	}
	return party{}, false
}

// noMail answers that somebody's address is not known.
func (c *Ask) noMail(p party) (Reply, error) {
	return c.say("cover.no-mail", catalog.Args{"who": catalog.Words(nameOf(p.who))}), nil
}

func nameOf(p incident.Person) string {
	for _, s := range []string{p.Name, p.Slack, p.Pager} {
		if s != "" {
			return s
		}
	}
	return "?"
}

// notAgreed words a refusal of the house; people stand in it by name.
func (c *Ask) notAgreed(ctx context.Context, r *house.Refusal) Reply {
	args := append([]string{}, r.Args...)
	for i, a := range args {
		if strings.Contains(a, "@") {
			args[i] = nameOf(c.desk.duties.Somebody(ctx, a))
		}
	}
	return c.refused(&incident.Refusal{Code: r.Code, Args: args})
}

// spanOf reads an interval to come: "18:00-22:00", "tomorrow 18:00-22:00", "18:00 22:00", "tomorrow 18:00 monday 09:00", "until 22:00", "2h".
func spanOf(s string, now time.Time, zone *time.Location) (from, to time.Time, ok bool) {
	s = hours(s)
	first, rest := words(s)
	if strings.EqualFold(first, "until") || strings.EqualFold(first, "jusqu'à") {
		to, rest, ok = whenOf(rest, now, zone)
		return now, to, ok && rest == "" && to.After(now)
	}
	if d, err := time.ParseDuration(strings.ToLower(first)); err == nil && d > 0 && rest == "" {
		return now, now.Add(d), true
	}
	// A span of the clock, on a day or on the next that it fits.
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return now, now, false
	}
	if a, b, cut := strings.Cut(strings.ReplaceAll(fields[len(fields)-1], "–", "-"), "-"); cut && len(fields) <= 2 {
		h, m, one := clockOf(a)
		h2, m2, two := clockOf(b)
		if one && two {
			if len(fields) == 2 {
				if from, rest, ok = whenOf(fields[0]+" "+a, now, zone); !ok || rest != "" {
					return now, now, false
				}
				if running, is := running(from, fields[0], now); is { // the one of today, or of last night, that has begun and not ended
					end := onDay(running, 0, h2, m2)
					if !end.After(running) {
						end = onDay(running, 1, h2, m2)
					}
					if end.After(now) {
						from = running
					}
				}
			} else {
				from = onDay(now.In(zone), 0, h, m)
				if end := onDay(from, 0, h2, m2); end.After(from) && !end.After(now) {
					from = onDay(from, 1, h, m)
				}
			}
			if to = onDay(from, 0, h2, m2); !to.After(from) {
				to = onDay(from, 1, h2, m2)
			}
			return from, to, true
		}
	}
	if from, rest, ok = whenOf(s, now, zone); !ok {
		return now, now, false
	}
	if w, more := words(rest); w == "-" || w == "–" || strings.EqualFold(w, "to") || strings.EqualFold(w, "until") || strings.EqualFold(w, "à") || strings.EqualFold(w, "au") {
		rest = more
	}
	if running, is := running(from, first, now); is {
		if end, more, ok := whenOf(rest, running, zone); ok && more == "" && end.After(now) {
			return running, end, true
		}
	}
	to, rest, ok = whenOf(rest, from, zone)
	return from, to, ok && rest == ""
}

// running is the same moment a week before, where a day of the week was named and whenOf has passed over it because it has come already, today or
// last night: a span that began then may still run.
func running(from time.Time, day string, now time.Time) (time.Time, bool) {
	if _, named := weekdays[strings.ToLower(day)]; !named {
		return from, false
	}
	before := onDay(from, -7, from.Hour(), from.Minute())
	return before, !before.After(now) && now.Sub(before) < 24*time.Hour
}

// daysOf reads a day or a week: "2026-12-07", "monday", "tomorrow", "week 50", "semaine 50", "2026-W50". It returns the stretch and what
// follows; nothing read is ok with a zero stretch.
func daysOf(s string, now time.Time, zone *time.Location) (from, to time.Time, rest string, ok bool) {
	first, rest := words(s)
	if first == "" {
		return from, to, "", true
	}
	local := now.In(zone)
	word := strings.ToLower(first)
	switch wd, named := weekdays[word]; {
	case word == "today" || word == "aujourd'hui":
		from = onDay(local, 0, 0, 0)
	case word == "tomorrow" || word == "demain":
		from = onDay(local, 1, 0, 0)
	case named:
		from = onDay(local, (int(wd)-int(local.Weekday())+7)%7, 0, 0)
	case word == "week" || word == "semaine":
		number, more := words(rest)
		f, t, ok := weekOf(number, local)
		return f, t, more, ok
	default:
		if d, err := time.ParseInLocation(time.DateOnly, first, zone); err == nil {
			return d, onDay(d, 1, 0, 0), rest, true
		}
		if f, t, ok := weekOf(word, local); ok {
			return f, t, rest, true
		}
		return from, to, s, false
	}
	return from, onDay(from, 1, 0, 0), rest, true
}

// weekOf reads the number of an ISO week: "50", "w50", "s50", "2026-w50"; without a year the next one that is not over.
func weekOf(s string, local time.Time) (from, to time.Time, ok bool) {
	year, s, dated := strings.Cut(strings.ToLower(s), "-")
	if !dated {
		s, year = year, ""
	}
	n, err := parseSmall(strings.TrimLeft(s, "ws"))
	if err != nil || n < 1 || n > 53 {
		return from, to, false
	}
	years := []int{local.Year(), local.Year() + 1}
	if dated {
		y, err := parseSmall(year)
		if err != nil || y < 2000 || y > 2200 {
			return from, to, false
		}
		years = []int{y}
	}
	for _, y := range years {
		// January 4 is in week 1.
		jan := time.Date(y, 1, 4, 0, 0, 0, 0, local.Location())
		from = onDay(jan, -(int(jan.Weekday())+6)%7+7*(n-1), 0, 0)
		if iy, in := onDay(from, 3, 12, 0).ISOWeek(); iy != y || in != n {
			continue
		}
		if to = onDay(from, 7, 0, 0); dated || to.After(local) {
			return from, to, true
		}
	}
	return from, to, false
}

func parseSmall(s string) (int, error) {
	n := 0
	if s == "" || len(s) > 4 {
		return 0, errors.New("no number")
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, errors.New("no number")
		}
		n = 10*n + int(r-'0')
	}
	return n, nil
}
