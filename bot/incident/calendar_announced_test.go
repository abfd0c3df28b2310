package incident

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// announce makes a list of announced days of the next version.
func (st *story) announce(days ...Announced) {
	st.days = AnnouncedDays{Version: st.days.Version + 1, Days: days}
}

func (st *story) tickNow() []Event { return st.machine(ViaClock, Tick{}) }

func (st *story) due(name string) time.Time {
	st.t.Helper()
	for _, d := range Deadlines(st.s) {
		if d.Name == name {
			return d.Due
		}
	}
	st.t.Fatalf("no deadline %s: %+v", name, Deadlines(st.s))
	return time.Time{}
}

var (
	monday23 = Announced{Day: "2026-11-23", Name: "Aïd el-Fitr", Calendar: "office"}
	hour18   = func(day int) time.Time { return time.Date(2026, 11, day, 18, 0, 0, 0, time.UTC) }
)

// One business day, said in the night to Saturday, ends with Monday; with Monday announced on the way, with Tuesday; and with Monday again when
// that is taken back.
func TestAnAnnouncedHolidayMovesABusinessDayInFlight(t *testing.T) {
	st := withProcess(newStory(t))
	st.announce()
	st.alert("DiskSlow", 1, "x") // unknown: the default severity
	st.by(sam, SetSeverity{Severity: 4, Reason: Say("a nuisance", 100)})
	if got := st.due(DueTake); !got.Equal(hour18(23)) {
		t.Fatalf("due %s", got)
	}
	st.announce(monday23, Announced{Day: "2026-11-24", Calendar: "rome"})
	if got := st.due(DueTake); !got.Equal(hour18(23)) {
		t.Errorf("due %s before the log says so: a replay would not find it", got)
	}
	ev := st.tickNow()
	want(t, kinds(ev), []string{"holidays"})
	if f := ev[0].Fact.(*HolidaysCounted); f.Version != 2 || f.Calendar != "office" || !slices.Equal(f.Days, []Announced{monday23}) || !slices.Equal(f.Added, f.Days) || f.Gone != nil {
		t.Errorf("recorded %+v", f)
	}
	if got := st.due(DueTake); !got.Equal(hour18(24)) || !NextDue(st.s).Equal(hour18(24)) {
		t.Errorf("due %s, next %s", got, NextDue(st.s))
	}
	if ev := st.tickNow(); len(ev) > 0 {
		t.Errorf("counted twice: %v", kinds(ev))
	}
	// Another replica that has not heard yet takes nothing back.
	heard := st.days
	st.days = AnnouncedDays{Version: 1}
	if ev := st.tickNow(); len(ev) > 0 {
		t.Errorf("an older list counted: %v", kinds(ev))
	}
	st.days = heard
	st.announce()
	ev = st.tickNow()
	if f, is := ev[0].Fact.(*HolidaysCounted); len(ev) != 1 || !is || !slices.Equal(f.Gone, []Announced{monday23}) || f.Days != nil {
		t.Errorf("taken back: %v", kinds(ev))
	}
	if got := st.due(DueTake); !got.Equal(hour18(23)) {
		t.Errorf("taken back, due %s", got)
	}
	st.replays()
}

// replays checks that the log alone tells the state.
func (st *story) replays() {
	st.t.Helper()
	got, wanted := Replay(st.log), st.s
	wanted.Policy = nil
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(wanted)
	if string(a) != string(b) {
		st.t.Errorf("replay tells another state:\n%s\n%s", a, b)
	}
	var events []Event
	raw, err := json.Marshal(st.log)
	if err == nil {
		err = json.Unmarshal(raw, &events)
	}
	if c, _ := json.Marshal(Replay(events)); err != nil || reflect.DeepEqual(events, nil) || len(c) == 0 {
		st.t.Errorf("the log does not read back: %v", err)
	}
	if again := Replay(events); !slices.Equal(again.Holidays, wanted.Holidays) || again.HolidaysVersion != wanted.HolidaysVersion {
		st.t.Errorf("read back: %v at %d, not %v at %d", again.Holidays, again.HolidaysVersion, wanted.Holidays, wanted.HolidaysVersion)
	}
}

// A due time that was reached before anybody told the incident of the holiday is not missed: the tick counts first.
func TestATickCountsTheHolidayBeforeItMissesAnything(t *testing.T) {
	st := withProcess(newStory(t))
	st.alert("DiskSlow", 1, "x")
	st.by(sam, SetSeverity{Severity: 4, Reason: Say("a nuisance", 100)})
	st.announce(monday23)
	st.now = hour18(23)
	want(t, kinds(st.tickNow()), []string{"holidays"})
	if st.s.Missed[DueTake] != 0 {
		t.Error("missed on a holiday")
	}
}

// A low-urgency page on an announced holiday is quiet, from the first one on: the incident knows the day before it rings anybody.
func TestAPageOfAnAnnouncedHolidayIsQuiet(t *testing.T) {
	for _, announced := range []bool{false, true} {
		st := withProcess(newStory(t))
		st.now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		wanted := "primary:"
		if announced {
			st.announce(monday23)
			wanted = "primary:low"
		}
		ev := st.by(sam, Declare{Title: Say("slow", 100), Severity: 3})
		if got := urgencies(ev); len(got) == 0 || got[0] != wanted {
			t.Errorf("announced %t: %v", announced, got)
		}
		if announced && (ev[0].Fact.Type() != "declared" || ev[1].Fact.Type() != "holidays") {
			t.Errorf("%v", kinds(ev))
		}
	}
}

// What is due in business days moves with its reminder, and back to the second when the day is taken back. Legal clocks in hours stand.
func TestAnAnnouncedHolidayMovesObligationsAndBack(t *testing.T) {
	st := withProcess(dutyStory(t))
	st.announce()
	st.declared(1)
	st.by(marc, AnswerQuestion{Question: "personal_data", Value: AnswerUnknown})
	st.by(marc, Resolve{Text: Say("rolled back", 100)})
	before := slices.Clone(st.s.Duties)
	mortem := st.duty("post_mortem")
	if !mortem.Due.Equal(hour18(24)) || !mortem.Next.Equal(hour18(24).Add(-4*time.Hour)) {
		t.Fatalf("due %s, reminded %s", mortem.Due, mortem.Next)
	}
	st.now = st.now.Add(time.Hour)
	st.announce(monday23)
	want(t, kinds(st.tickNow()), []string{"holidays", "obligation-moved"})
	after := st.duty("post_mortem")
	if !after.Due.Equal(hour18(25)) || !after.Next.Equal(hour18(25).Add(-4*time.Hour)) {
		t.Errorf("due %s, reminded %s", after.Due, after.Next)
	}
	for _, d := range before {
		if now := st.duty(d.Key); d.Key != "post_mortem" && !reflect.DeepEqual(now, d) {
			t.Errorf("%s moved: %+v, was %+v", d.Key, now, d)
		}
	}
	st.announce()
	want(t, kinds(st.tickNow()), []string{"holidays", "obligation-moved"})
	if !reflect.DeepEqual(st.s.Duties, before) {
		t.Errorf("taken back: %+v\nwas %+v", st.s.Duties, before)
	}
	st.replays()
}

// An action whose reminder falls on the announced day is reminded of on the day after; its due day, which a person chose, stands.
func TestAReminderWaitsForTheDayAfterTheHoliday(t *testing.T) {
	st := withProcess(dutyStory(t))
	st.declared(3)
	st.by(marc, AddAction{Owner: ines, Day: "2026-11-23", Text: Say("an alert on the quota", 100)})
	x := st.duty("action-1")
	if !x.Next.Equal(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) {
		t.Fatalf("reminded %s", x.Next)
	}
	st.announce(monday23)
	st.tickNow()
	if y := st.duty("action-1"); !y.Due.Equal(x.Due) || !y.Next.Equal(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("due %s, reminded %s", y.Due, y.Next)
	}
}

// What is over and owes nothing is left alone; taken up again, it counts.
func TestAnEndedIncidentIsLeftAloneUntilItIsTakenUpAgain(t *testing.T) {
	st := withProcess(newStory(t))
	st.by(sam, Declare{Title: Say("slow", 100), Severity: 4})
	st.by(sam, Cancel{Reason: Say("noise", 100)})
	st.announce(monday23)
	if ev := st.tickNow(); len(ev) > 0 {
		t.Errorf("%v", kinds(ev))
	}
	st.by(sam, Reopen{Reason: Say("it is back", 100)})
	if !slices.Equal(st.s.Holidays, []Announced{monday23}) {
		t.Errorf("counts %v", st.s.Holidays)
	}
	st.replays()
}

// Where a policy has no calendar, office hours count, and a day announced without one.
func TestOfficeHoursTakeAnnouncedDays(t *testing.T) {
	st := dutyStory(t)
	st.declared(1)
	st.by(marc, Resolve{Text: Say("rolled back", 100)})
	was := st.duty("post_mortem").Due
	st.announce(Announced{Day: "2026-11-23"}, monday23)
	st.tickNow()
	if got := st.duty("post_mortem").Due; !got.Equal(was.AddDate(0, 0, 1)) || len(st.s.Holidays) != 1 {
		t.Errorf("due %s, was %s", got, was)
	}
}

// However days are announced and taken back, one business day from a Saturday's night ends with the first weekday that is not announced.
func TestBusinessDaysFollowWhatIsAnnounced(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		st := withProcess(newStory(t))
		st.alert("DiskSlow", 1, "x")
		st.by(sam, SetSeverity{Severity: 4, Reason: Say("a nuisance", 100)})
		for range rapid.IntRange(1, 6).Draw(r, "changes") {
			free := map[string]bool{}
			var days []Announced
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(20, 30), 0, 8, rapid.ID).Draw(r, "days") {
				day := time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
				calendar := rapid.SampledFrom([]string{"office", "office", "rome"}).Draw(r, "calendar")
				free[day] = free[day] || calendar == "office"
				days = append(days, Announced{Day: day, Calendar: calendar})
			}
			st.announce(days...)
			st.tickNow()
			end := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
			for wd := end.Weekday(); wd == time.Saturday || wd == time.Sunday || free[end.Format(time.DateOnly)]; wd = end.Weekday() {
				end = end.AddDate(0, 0, 1)
			}
			if got := st.due(DueTake); !got.Equal(end) {
				r.Fatalf("due %s, not %s, with %v", got, end, days)
			}
		}
		st.replays()
	})
}
