package commands

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// testDays are the announced days of the house log of a test's engine.
type testDays struct{ *testOffice }

func (d testDays) Announced(ctx context.Context) ([]house.AnnouncedHoliday, error) {
	if d.down != nil {
		return nil, d.down
	}
	h, err := d.engine.House(ctx)
	return h.Holidays, err
}

func (d testDays) Announce(ctx context.Context, key string, at time.Time, who incident.Person, fact house.Fact) (house.Fact, *house.Refusal, error) {
	if d.down != nil {
		return nil, nil, d.down
	}
	day := ""
	switch f := fact.(type) {
	case *house.HolidayAnnounced:
		day, f.Who = f.Day, house.Person{Slack: who.Slack, Name: who.Name}
	case *house.HolidayWithdrawn:
		day, f.Who = f.Day, house.Person{Slack: who.Slack, Name: who.Name}
	}
	events, err := d.engine.RecordHouse(ctx, key, house.Intent{At: at, Fact: fact, Calendars: CalendarsOf(d.Policy(), day)})
	if no, ok := errors.AsType[*house.Refusal](err); ok {
		return nil, no, nil
	}
	if err != nil || len(events) == 0 {
		return nil, nil, err
	}
	return events[0].Fact, nil, nil
}

// What people type about holidays, and what they are answered, in both languages, with two calendars: every refusal is among them.
func TestHolidaysAsTheyAreTyped(t *testing.T) {
	for _, lang := range catalog.Languages() {
		var b strings.Builder
		inWorld(t, lang, func(w *world) {
			p := w.engine.Policy()
			p.Calendar, p.Calendars = "tunis", map[string]incident.Calendar{
				"tunis": {Zone: "Africa/Tunis", Hours: map[time.Weekday][]incident.Hours{time.Monday: {{From: 540, To: 1080}}},
					Holidays: incident.Holidays{"01-14": {"en": "Revolution Day", "fr": "Fête de la Révolution"}, "2000-03-20": {}}},
				"paris": {Zone: "Europe/Paris", Hours: map[time.Weekday][]incident.Hours{time.Monday: {{From: 540, To: 1080}}}},
			}
			if err := p.Bind(); err != nil {
				t.Fatal(err)
			}
			for _, typed := range []string{
				"holiday",
				"holiday add tomorrow Aïd el-Fitr",
				"holiday add 2000-01-02 again",
				"holiday add 2000-01-03 Aïd  el-Fitr <!channel> PARIS",
				"holiday add calendrier=paris 2000-01-04",
				"holiday add lundi Lundi de fête",
				"holiday add 2000-01-14 Revolution",
				"holiday add 2000-03-20",
				"holiday add 1999-12-31 yesterday",
				"holiday add 2000-02-30 no day",
				"holiday add week 3",
				"holiday add 2099-01-01 far",
				"holiday add 2000-01-05 x calendar=rome",
				"holiday add 2000-01-06 calendar=",
				"holiday add",
				"holiday",
				"ferie",
				"holiday remove 2000-01-02",
				"holiday remove 2000-01-02",
				"holiday remove 2000-01-04", // in Paris only
				"holiday remove 2000-01-14",
				"holiday remove 2000-01-03 rome",
				"holiday remove 2000-01-03 paris",
				"holiday remove 1999-12-31",
				"holiday remove",
				"holiday forget 2000-01-03",
				"holiday help",
			} {
				b.WriteString("> " + sam.Name + ": /incident " + typed + "\n" + text(w.say(sam, outside, typed)) + "\n")
			}
		})
		golden(t, "holidays-typed."+lang+".golden", b.String())
	}
}

// Every code of a refusal of a holiday has words that are no other's, in both languages, with and without the parts that may be missing.
func TestEveryRefusalOfAHolidayHasWords(t *testing.T) {
	for _, lang := range catalog.Languages() {
		seen := map[string]string{}
		for code, cases := range map[string][][]string{
			house.RefusedHolidayDate: {{"soon"}}, house.RefusedHolidayPast: {{"2000-01-01"}}, house.RefusedHolidayFar: {{"2099-01-01", "400"}},
			house.RefusedHolidayCalendar: {{"rome", "paris", "tunis"}, {"rome", ""}}, house.RefusedHolidayTwice: {{"2000-01-01", "Aïd", "tunis"}, {"2000-01-01", "", ""}},
			house.RefusedHolidayPolicy: {{"2000-01-01", "Aïd", "tunis"}, {"2000-01-01", "", "tunis"}}, house.RefusedHolidayUnknown: {{"2000-01-01", "tunis"}}, house.RefusedHolidayMany: {{"200"}},
		} {
			for _, args := range cases {
				words := view.Voice{Language: lang}.RefusalText(&incident.Refusal{Code: code, Args: args}, nil).Plain(nil)
				if strings.Contains(words, code) || strings.ContainsAny(words, "{}") || strings.Contains(words, "()") || len(words) < 20 {
					t.Errorf("%s %q in %s: %q", code, args, lang, words)
				}
				if other, twice := seen[words]; twice {
					t.Errorf("%s and %s are the same words in %s", code, other, lang)
				}
				seen[words] = code
			}
		}
	}
}

// The store being down is said, and nothing is announced.
func TestAHolidayIsNotAnnouncedWithoutTheStore(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		w.office.down = errors.New("disk full")
		for _, text := range []string{"holiday", "holiday add tomorrow x", "holiday remove tomorrow"} {
			if _, err := w.Command(t.Context(), Call{Key: text, At: w.clock.Now(), Actor: sam, Channel: outside, Text: text, Language: "en"}); err == nil {
				t.Errorf("%s was answered", text)
			}
		}
		w.office.down = nil
		if h, err := w.engine.House(t.Context()); err != nil || len(h.Holidays) > 0 {
			t.Errorf("%v, %v", h.Holidays, err)
		}
	})
}
