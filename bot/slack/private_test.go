package slack

import (
	"context"
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

// TestTheLimitOfHidingIsReported: in a room with more messages than are looked through, what was reached is hidden, what was not is told with
// what to do about it, and trying again would not help.
func TestTheLimitOfHidingIsReported(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		p := l.performer(nil)
		p.hidePages = 2
		s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
		s.DeclaredAt = l.clock.Now()
		attempt(l, p, l.owed("invite", incident.Effect{Do: incident.Invite, People: []incident.Person{{Slack: "U0ALICE01"}}}), s)
		post := func(name string) incident.Report {
			return attempt(l, p, l.owed(name, incident.Effect{Do: incident.Post, View: "headline", To: incident.ToIncident, Slot: name}), s)
		}
		head := post("headline")
		for range 2 * 200 {
			must[workspace.Message](t)(l.w.As("alice").Post("inc-a", "x"))
		}
		late := post("late")
		_, err := p.Do(context.Background(), l.owed("hide", incident.Effect{Do: incident.Hide, View: incident.ViewHidden, Arg: s.ChannelID}), s)
		if !isPermanent(err) || CodeOf(err) != codeTooMany || !strings.Contains(err.Error(), "more than 400 messages") || !strings.Contains(err.Error(), "by hand") {
			t.Errorf("hiding ends with %v: it would be tried for ever, or is thought done", err)
		}
		if m, _ := l.w.Message("inc-a", late.TS); !strings.HasPrefix(m.Text, incident.ViewHidden) {
			t.Errorf("what was reached still reads %q", m.Text)
		}
		if m, _ := l.w.Message("inc-a", head.TS); strings.HasPrefix(m.Text, incident.ViewHidden) {
			t.Error("the limit did not hold")
		}
		rep := attempt(l, p, l.owed("lock", incident.Effect{Do: incident.LockRoom, View: incident.ViewHidden, Arg: s.ChannelID}), s)
		contains(t, "report", rep.Error, codeTooMany)
		if ch, _ := l.w.Channel(s.ChannelID); !ch.Archived {
			t.Error("the room was not given up for that")
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
