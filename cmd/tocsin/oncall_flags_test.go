package main

import (
	"errors"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// TestOncallRefusesFlagsOfTheReport before it opens anything: without "report" they would be ignored.
func TestOncallRefusesFlagsOfTheReport(t *testing.T) {
	for _, c := range []oncallCmd{{Month: "2026-11", Format: "table"}, {Format: "csv"}} {
		said, is := errors.AsType[*catalog.Said](c.Run(&env{ctx: t.Context()}))
		if !is || said.Key != "cli.oncall.report-only" {
			t.Errorf("%+v: %v", c, said)
		}
	}
}
