package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
)

// TestTheReportAsItIsPrinted holds the table and the CSV of a month: rounding, shares of nothing, names that a spreadsheet would take for a
// formula, and no month at all.
func TestTheReportAsItIsPrinted(t *testing.T) {
	h := func(n float64) time.Duration { return time.Duration(n * float64(time.Hour)) }
	month := house.OnCallReport{Month: "2026-10", Zone: "Europe/Paris", Rows: []house.OnCallRow{
		{Person: "marc@example.com", Rotation: "primary", OnCall: h(169), AtNight: h(57), // the week in which the clock is put back
			In:    map[house.Kind]time.Duration{house.Working: h(40.25), house.Off: h(31.75), house.Night: h(41), house.Weekend: h(49), house.Holiday: h(7)},
			Pages: 8, Interventions: 5, Outside: 3, Actionable: 5, NightPages: 3, NightActionable: 2},
		{Person: "=cmd|' /C calc'!A0", Rotation: "primary", OnCall: h(0.04), In: map[house.Kind]time.Duration{house.Night: h(0.04)}, AtNight: h(0.04)},
		{Person: "léa@example.com", Rotation: "secondary", OnCall: h(24), In: map[house.Kind]time.Duration{house.Weekend: h(24)}, Pages: 1, NightPages: 1},
	}}
	for _, lang := range catalog.Languages() {
		var out bytes.Buffer
		e := &env{ctx: t.Context(), out: &out, lang: lang}
		if err := e.table(month); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n")
		if err := e.table(house.OnCallReport{Month: "2026-02", Zone: "UTC"}); err != nil {
			t.Fatal(err)
		}
		golden(t, "oncall-report."+lang+".golden", out.String())
	}
	golden(t, "oncall-report.csv.golden", string(month.CSV()))
	golden(t, "oncall-report-none.csv.golden", string(house.OnCallReport{Month: "2026-02", Zone: "UTC"}.CSV()))
}
