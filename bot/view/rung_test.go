package view

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// The room says of who is rung in the same moment that they are rung, not that they are told only.
func TestTheRoomSaysWhoIsRung(t *testing.T) {
	for _, touched := range []incident.Touched{incident.TouchedYes, incident.TouchedNo} {
		tr := newTranscript(t, catalog.English)
		tr.alert("ApiErrorRateHigh", 1)
		tr.by(tMarc, incident.Ack{})
		tr.by(tMarc, incident.RecordImpact{Customers: touched, Regulators: incident.TouchedNo})
		tr.until(2 * time.Minute)
		n := len(tr.lines)
		tr.by(tMarc, incident.SetSeverity{Severity: 1})
		tr.until(3 * time.Minute)
		said := strings.Join(tr.lines[n:], "\n")
		if told := strings.Contains(said, "Told, not rung:"); told != (touched == incident.TouchedNo) {
			t.Errorf("touched %s: told %v\n%s", touched, told, said)
		}
	}
}
