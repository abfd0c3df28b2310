package slack

import (
	"strings"
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
)

// TestTheOldestMessageIsHiddenToo: what gives the title away stands first in a room, behind everything that people wrote after it.
func TestTheOldestMessageIsHiddenToo(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		p := l.performer(nil)
		s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
		s.DeclaredAt = l.clock.Now()
		attempt(l, p, l.owed("invite", incident.Effect{Do: incident.Invite, People: []incident.Person{{Slack: "U0ALICE01"}}}), s)
		head := attempt(l, p, l.owed("head", incident.Effect{Do: incident.Post, View: "headline", To: incident.ToIncident, Slot: "headline"}), s)
		for range maxHistory*200 + 100 {
			must[workspace.Message](t)(l.w.As("alice").Post("inc-a", "x"))
		}
		rep := attempt(l, p, l.owed("hide", incident.Effect{Do: incident.Hide, View: incident.ViewHidden, Arg: s.ChannelID}), s)
		if m, _ := l.w.Message("inc-a", head.TS); rep.Error != "" || !strings.HasPrefix(m.Text, incident.ViewHidden) {
			t.Errorf("the headline still reads %q; reported %q", m.Text, rep.Error)
		}
	})
}

// TestWhatAGivenUpRoomKeptIsReported: a name that could not be taken away, and a message that could not be blanked.
func TestWhatAGivenUpRoomKeptIsReported(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		p := l.performer(nil)
		s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
		s.DeclaredAt = l.clock.Now()
		attempt(l, p, l.owed("head", incident.Effect{Do: incident.Post, View: "headline", To: incident.ToIncident, Slot: "headline"}), s)
		l.w.Faults().FailNext("chat.update", 50, "cant_update_message")
		l.w.Faults().FailNext("conversations.rename", 500, "name_taken")
		rep := attempt(l, p, l.owed("lock", incident.Effect{Do: incident.LockRoom, View: incident.ViewHidden, Arg: s.ChannelID}), s)
		for _, want := range []string{"cant_update_message", codeNamesTaken} {
			contains(t, "report", rep.Error, want)
		}
		if ch, _ := l.w.Channel(s.ChannelID); !ch.Archived {
			t.Error("the room was not given up for that")
		}
	})
}
