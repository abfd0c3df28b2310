package slack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// attempt does an effect as the outbox does: after a failure that leaves doubt it looks before it repeats.
func attempt(l *lab, p *Performer, o incident.Owed, s incident.State) incident.Report {
	l.t.Helper()
	for o.Attempt = 1; o.Attempt < 10; o.Attempt++ {
		ctx := context.Background()
		if o.Attempt > 1 {
			rep, found, err := p.Look(ctx, o, s)
			if err == nil && found {
				return rep
			}
		}
		rep, err := p.Do(ctx, o, s)
		if err == nil {
			return rep
		}
		f, ok := errors.AsType[*Fault](err)
		if !ok || f.Permanent() {
			l.t.Fatalf("%s: %v", o.ID, err)
		}
		_ = l.clock.Sleep(ctx, max(f.RetryAfter(), time.Second))
	}
	l.t.Fatalf("%s: ten attempts", o.ID)
	return incident.Report{}
}

var faults = map[string]func(f *workspace.Faults, method string){
	"500 after doing the work": func(f *workspace.Faults, m string) { f.DoThenFail(m, 1) },
	"cut after doing the work": func(f *workspace.Faults, m string) { f.DoThenCut(m, 1) },
	"500 before":               func(f *workspace.Faults, m string) { f.StatusNext(m, 1, 500) },
	"an HTML page":             func(f *workspace.Faults, m string) { f.HTMLNext(m, 1) },
	"internal_error":           func(f *workspace.Faults, m string) { f.FailNext(m, 1, "internal_error") },
	"nothing":                  func(*workspace.Faults, string) {},
}

func TestOneChannelWhateverSlackAnswers(t *testing.T) {
	for name, break1 := range faults {
		t.Run(name, func(t *testing.T) {
			bubble(t, workspace.Options{}, func(l *lab) {
				p := l.performer(nil)
				break1(l.w.Faults(), "conversations.create")
				rep := attempt(l, p, l.create("inc-20261121-checkout"), l.state(""))
				n := 0
				for _, c := range l.w.Channels() {
					if strings.HasPrefix(c.Name, "inc-") {
						n++
						if c.ID != rep.Channel || rep.Name != c.Name || rep.Taken {
							t.Errorf("report %+v of channel %s %s", rep, c.ID, c.Name)
						}
					}
				}
				if n != 1 {
					t.Errorf("%d channels", n)
				}
				if wantFound := strings.Contains(name, "after doing"); rep.Found != wantFound {
					t.Errorf("found %v, want %v", rep.Found, wantFound)
				}
			})
		})
	}
}

func TestOnePostWhateverSlackAnswers(t *testing.T) {
	for name, break1 := range faults {
		for _, do := range []incident.Verb{incident.Post, incident.Direct} {
			t.Run(name+" "+string(do), func(t *testing.T) {
				bubble(t, workspace.Options{}, func(l *lab) {
					p := l.performer(nil)
					s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
					e := incident.Effect{Do: do, View: "nudge", To: incident.ToIncident, Repeat: incident.Findable}
					if do == incident.Direct {
						e.To, e.People = "", []incident.Person{{Slack: "U0ALICE01"}}
					}
					break1(l.w.Faults(), "chat.postMessage")
					rep := attempt(l, p, l.owed("say", e), s)
					if got := l.texts(rep.Channel); len(got) != 1 || got[0] != "nudge: Checkout is down" {
						t.Errorf("posted %q", got)
					}
					if m, ok := l.w.Message(rep.Channel, rep.TS); !ok || m.Metadata == nil {
						t.Errorf("the report's ts %s names no marked message", rep.TS)
					}
					other := l.owed("other", e)
					if _, found, err := p.Look(context.Background(), other, s); err != nil || found {
						t.Errorf("the mark of one effect was taken for another's: found %v, %v", found, err)
					}
				})
			})
		}
	}
}

func TestTakenNames(t *testing.T) {
	early := func(l *lab) { _ = l.clock.Sleep(context.Background(), time.Hour) }
	for _, c := range []struct {
		name  string
		setup func(l *lab, p *Performer, r rooms)
		adopt bool
	}{
		{"a person's public channel", func(l *lab, _ *Performer, _ rooms) {
			must[workspace.Channel](l.t)(l.w.As("alice").CreateChannel("inc-x", false))
		}, false},
		{"a person's private channel", func(l *lab, _ *Performer, _ rooms) {
			must[workspace.Channel](l.t)(l.w.As("alice").CreateChannel("inc-x", true))
		}, false},
		{"a person's channel that we were invited to", func(l *lab, _ *Performer, _ rooms) {
			must[workspace.Channel](l.t)(l.w.As("alice").CreateChannel("inc-x", false))
			if err := l.w.As("alice").InviteTo("inc-x", l.app.BotUserID); err != nil {
				l.t.Fatal(err)
			}
		}, false},
		{"ours, just now, crashed before saying so", func(l *lab, _ *Performer, _ rooms) {
			must[room](l.t)(l.client.createChannel(context.Background(), "inc-x", false))
		}, true},
		{"ours, but of long ago", func(l *lab, _ *Performer, _ rooms) {
			must[room](l.t)(l.client.createChannel(context.Background(), "inc-x", false))
			early(l)
		}, false},
		{"ours, claimed by another incident", func(l *lab, _ *Performer, r rooms) {
			r[must[room](l.t)(l.client.createChannel(context.Background(), "inc-x", false)).ID] = "INC-41"
		}, false},
		{"ours, claimed by this incident", func(l *lab, _ *Performer, r rooms) {
			r[must[room](l.t)(l.client.createChannel(context.Background(), "inc-x", false)).ID] = "INC-42"
		}, true},
		{"ours, with another incident's mark", func(l *lab, _ *Performer, _ rooms) {
			ch := must[room](l.t)(l.client.createChannel(context.Background(), "inc-x", false))
			if err := l.client.setPurpose(context.Background(), ch.ID, "x [INC-41 · acme]"); err != nil {
				l.t.Fatal(err)
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, workspace.Options{}, func(l *lab) {
				r := rooms{}
				p := l.performer(func(o *PerformerOptions) { o.Rooms = r })
				c.setup(l, p, r)
				o := l.create("inc-x")
				rep, err := p.Do(context.Background(), o, l.state(""))
				if err != nil {
					t.Fatal(err)
				}
				if rep.Taken == c.adopt || rep.Found != c.adopt {
					t.Errorf("%+v, adopt %v", rep, c.adopt)
				}
				if _, found, err := p.Look(context.Background(), o, l.state("")); err != nil || found != c.adopt {
					t.Errorf("look: %v, %v", found, err)
				}
			})
		})
	}
}

func TestRoomSetUp(t *testing.T) {
	bubble(t, workspace.Options{Channels: []workspace.ChannelSpec{{Name: "incidents"}}}, func(l *lab) {
		p := l.performer(func(o *PerformerOptions) {
			o.Render = cards{card: func(o incident.Owed) view.Card {
				return view.Card{Summary: plain(o.Effect.View + " <!channel> & " + strings.Repeat("long ", 100)), Blocks: []view.Block{view.Section{Text: plain(o.Effect.View)}}}
			}}
		})
		do := func(name string, s incident.State, e incident.Effect) incident.Report {
			t.Helper()
			return attempt(l, p, l.owed(name, e), s)
		}
		s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
		inv := do("invite", s, incident.Effect{Do: incident.Invite, People: []incident.Person{{Slack: "U0ALICE01"}, {Name: "dave"}, {Slack: "U0NOBODY1"}, {Slack: "U0BOB0001"}, {Slack: "U0ALICE01"}}})
		contains(t, "invite", inv.Error, "U0NOBODY1: ")
		contains(t, "invite", inv.Error, "dave")
		do("invite2", s, incident.Effect{Do: incident.Invite, People: []incident.Person{{Slack: "U0ALICE01"}}})
		do("topic", s, incident.Effect{Do: incident.SetTopic, View: "topic"})
		do("purpose", s, incident.Effect{Do: incident.SetPurpose, View: "purpose"})
		head := do("head", s, incident.Effect{Do: incident.Post, View: "headline", To: incident.ToIncident, Slot: "headline"})
		s.Slots["headline"] = incident.Posted{Channel: head.Channel, TS: head.TS}
		do("pin", s, incident.Effect{Do: incident.Pin, Slot: "headline"})
		do("pin2", s, incident.Effect{Do: incident.Pin, Slot: "headline"})
		do("mark", s, incident.Effect{Do: incident.Bookmark, Arg: "https://x.example/a Runbook"})
		do("mark2", s, incident.Effect{Do: incident.Bookmark, Arg: "https://x.example/a Runbook"})
		ann := do("announce", s, incident.Effect{Do: incident.Post, View: "announcement", To: incident.ToIncidents})
		do("redraw", s, incident.Effect{Do: incident.Redraw, View: "headline2", Slot: "headline"})

		ch, _ := l.w.Channel("inc-a")
		if !has(ch.Members, "U0ALICE01") || !has(ch.Members, "U0BOB0001") {
			t.Errorf("members %v", ch.Members)
		}
		contains(t, "topic", ch.Topic, "topic &lt;!channel&gt; &amp; long")
		contains(t, "purpose", ch.Purpose, " [INC-42 · acme]")
		if len([]rune(ch.Topic)) > 250 || len([]rune(ch.Purpose)) > 250 {
			t.Errorf("topic of %d, purpose of %d", len(ch.Topic), len(ch.Purpose))
		}
		if len(ch.Pins) != 1 || len(ch.Bookmarks) != 1 || ch.Bookmarks[0].Title != "Runbook" {
			t.Errorf("pins %v, bookmarks %v", ch.Pins, ch.Bookmarks)
		}
		if in, _ := l.w.Channel("incidents"); ann.Channel != in.ID || !has(in.Members, l.app.BotUserID) {
			t.Errorf("announced in %s, joined %v", ann.Channel, in.Members)
		}
		if m, _ := l.w.Message("inc-a", head.TS); !strings.HasPrefix(m.Text, "headline2") || !strings.Contains(string(m.Blocks), "headline2") {
			t.Errorf("headline reads %q %s", m.Text, m.Blocks)
		}
	})
}

func TestNobodyAndNowhere(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		p := l.performer(func(o *PerformerOptions) { o.Incidents = "" })
		s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
		ctx := context.Background()
		// Announcements are off: no fault, and what would edit one has nothing to do.
		rep := must[incident.Report](t)(p.Do(ctx, l.owed("ann", incident.Effect{Do: incident.Post, View: "announcement", To: incident.ToIncidents, Slot: "announcement"}), s))
		if rep.TS != "" || rep.Outcome != incident.OutcomeDone || rep.Error == "" {
			t.Errorf("%+v", rep)
		}
		s.Slots["announcement"] = incident.Posted{}
		must[incident.Report](t)(p.Do(ctx, l.owed("redraw", incident.Effect{Do: incident.Redraw, View: "announcement", Slot: "announcement"}), s))
		// Who has no account is told of nothing in somebody else's name.
		_, err := p.Do(ctx, l.owed("dm", incident.Effect{Do: incident.Direct, View: "nudge", People: []incident.Person{{Name: "dave"}, {Slack: "U0BOB0001"}}}), s)
		if f, ok := errors.AsType[*Fault](err); !ok || !f.Permanent() || f.Code != CodeNobody {
			t.Errorf("%v", err)
		}
		// A channel that is not open yet is waited for.
		_, err = p.Do(ctx, l.owed("early", incident.Effect{Do: incident.Post, View: "x", To: incident.ToIncident}), l.state(""))
		if f, ok := errors.AsType[*Fault](err); !ok || f.Permanent() || f.Ambiguous() || f.RetryAfter() == 0 {
			t.Errorf("%v", err)
		}
		// A channel of announcements that does not exist says what to do.
		p = l.performer(func(o *PerformerOptions) { o.Incidents = "nowhere" })
		_, err = p.Do(ctx, l.owed("ann2", incident.Effect{Do: incident.Post, View: "x", To: incident.ToIncidents}), s)
		if f, ok := errors.AsType[*Fault](err); !ok || !f.Permanent() || !strings.Contains(f.Error(), "TOCSIN_INCIDENTS_CHANNEL") {
			t.Errorf("%v", err)
		}
		if n := l.calls("chat.postMessage"); n != 0 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestRepairDeletesOnlyOurLaterCopies(t *testing.T) {
	bubble(t, workspace.Options{}, func(l *lab) {
		p := l.performer(nil)
		s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
		e := incident.Effect{Do: incident.Post, View: "update", To: incident.ToIncident}
		o, other := l.owed("one", e), l.owed("other", e)
		first := must[incident.Report](t)(p.Do(context.Background(), o, s))
		keep := must[incident.Report](t)(p.Do(context.Background(), other, s))
		second := must[incident.Report](t)(p.Do(context.Background(), o, s))
		third := must[incident.Report](t)(p.Do(context.Background(), o, s))
		if err := p.Repair(context.Background(), o, s, second); err != nil {
			t.Fatal(err)
		}
		gone := func(ts string) bool { m, ok := l.w.Message(s.ChannelID, ts); return !ok || m.Deleted }
		if !gone(first.TS) || gone(second.TS) || !gone(third.TS) || gone(keep.TS) {
			t.Errorf("first gone %v, reported gone %v, third gone %v, other effect's gone %v", gone(first.TS), gone(second.TS), gone(third.TS), gone(keep.TS))
		}
		if err := p.Repair(context.Background(), o, s, second); err != nil {
			t.Error(err)
		}
	})
}

// A repair after a fenced report names no copy: what the incident keeps under the slot stays, else what the report names, else the earliest.
func TestRepairKeepsWhatIsOnRecord(t *testing.T) {
	for name, c := range map[string]struct {
		slot, reported int // which copy, from 1; 0: none
		elsewhere      bool
		keep           int
	}{
		"nothing is known":                  {keep: 1},
		"the slot names the second":         {slot: 2, keep: 2},
		"the report is newer than the slot": {slot: 2, reported: 3, keep: 3},
		"the slot is of another channel":    {slot: 2, elsewhere: true, keep: 1},
		"the slot names what is not there":  {slot: 4, keep: 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, workspace.Options{}, func(l *lab) {
				p := l.performer(nil)
				s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
				o := l.owed("one", incident.Effect{Do: incident.Post, View: "headline", Slot: "headline", To: incident.ToIncident})
				ts := []string{""}
				for range 3 {
					ts = append(ts, must[incident.Report](t)(p.Do(context.Background(), o, s)).TS)
				}
				ts = append(ts, "1.000001")
				rep := incident.Report{Effect: o.ID, Channel: s.ChannelID, TS: ts[c.reported]}
				if c.slot > 0 {
					at := incident.Posted{Channel: s.ChannelID, TS: ts[c.slot]}
					if c.elsewhere {
						at.Channel = "C0ELSEWHERE"
					}
					s.Slots = map[string]incident.Posted{"headline": at}
				}
				if err := p.Repair(context.Background(), o, s, rep); err != nil {
					t.Fatal(err)
				}
				for i := 1; i <= 3; i++ {
					if m, _ := l.w.Message(s.ChannelID, ts[i]); m.Deleted != (i != c.keep) {
						t.Errorf("copy %d: deleted %v, want only %d kept", i, m.Deleted, c.keep)
					}
				}
			})
		})
	}
}

func TestFaultsSayWhatToDo(t *testing.T) {
	ctx := context.Background()
	t.Run("missing scope", func(t *testing.T) {
		bubble(t, workspace.Options{Apps: []workspace.App{{Scopes: []string{"channels:manage", "channels:read"}}}}, func(l *lab) {
			p := l.performer(nil)
			s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
			_, err := p.Do(ctx, l.owed("say", incident.Effect{Do: incident.Post, To: incident.ToIncident, View: "x"}), s)
			f, ok := errors.AsType[*Fault](err)
			if !ok || !f.Permanent() || f.Ambiguous() {
				t.Fatalf("%v", err)
			}
			contains(t, "mend", f.Error(), "add the scope chat:write")
			if strings.Contains(f.Error(), l.app.BotToken) {
				t.Error("the token is in the error")
			}
		})
	})
	t.Run("429 rests", func(t *testing.T) {
		bubble(t, workspace.Options{}, func(l *lab) {
			l.w.Faults().RateLimit("conversations.create", 20*time.Second)
			p := l.performer(nil)
			_, err := p.Do(ctx, l.create("inc-a"), l.state(""))
			f, ok := errors.AsType[*Fault](err)
			if !ok || f.Permanent() || f.Ambiguous() || f.RetryAfter() != 20*time.Second {
				t.Fatalf("%v", err)
			}
			l.w.Faults().Clear()
			if _, err = p.Do(ctx, l.create("inc-a"), l.state("")); CodeOf(err) != CodeRateLimited {
				t.Errorf("no rest: %v", err)
			}
			if n := l.calls("conversations.create"); n != 1 {
				t.Errorf("%d calls", n)
			}
			_ = l.clock.Sleep(ctx, 20*time.Second)
			if _, err = p.Do(ctx, l.create("inc-a"), l.state("")); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("unknown methods are remembered", func(t *testing.T) {
		bubble(t, workspace.Options{UnknownMethods: []string{"pins.add", "bookmarks.list", "bookmarks.add"}}, func(l *lab) {
			p := l.performer(nil)
			s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
			s.Slots["headline"] = incident.Posted{Channel: s.ChannelID, TS: "1.000001"}
			for range 3 {
				for _, e := range []incident.Effect{{Do: incident.Pin, Slot: "headline"}, {Do: incident.Bookmark, Arg: "https://x.example y"}} {
					_, err := p.Do(ctx, l.owed(string(e.Do), e), s)
					if f, ok := errors.AsType[*Fault](err); !ok || !f.Permanent() || f.Code != "unknown_method" || !e.Optional() {
						t.Fatalf("%v", err)
					}
				}
			}
			if l.calls("pins.add") != 1 || l.calls("bookmarks.list") != 1 {
				t.Errorf("%d, %d calls", l.calls("pins.add"), l.calls("bookmarks.list"))
			}
			if got := l.client.Lacking(); len(got) != 2 {
				t.Errorf("lacking %v", got)
			}
		})
	})
	t.Run("Slack down", func(t *testing.T) {
		bubble(t, workspace.Options{}, func(l *lab) {
			must[Identity](t)(l.client.Identity(ctx))
			l.w.Faults().Down(true)
			_, err := l.performer(nil).Do(ctx, l.create("inc-a"), l.state(""))
			if f, ok := errors.AsType[*Fault](err); !ok || f.Permanent() {
				t.Fatalf("%v", err)
			}
			if h := l.client.Health(); h.Up || h.Since.IsZero() {
				t.Errorf("%+v", h)
			}
			l.w.Faults().Down(false)
			must[incident.Report](t)(l.performer(nil).Do(ctx, l.create("inc-a"), l.state("")))
			if h := l.client.Health(); !h.Up {
				t.Errorf("%+v", h)
			}
		})
	})
	t.Run("revoked token kills no effect", func(t *testing.T) {
		bubble(t, workspace.Options{}, func(l *lab) {
			l.w.Faults().FailNext("conversations.create", 1, "token_revoked")
			_, err := l.performer(nil).Do(ctx, l.create("inc-a"), l.state(""))
			if f, ok := errors.AsType[*Fault](err); !ok || f.Permanent() || f.RetryAfter() != time.Minute {
				t.Fatalf("%v", err)
			}
		})
	})
	t.Run("slow", func(t *testing.T) {
		bubble(t, workspace.Options{}, func(l *lab) {
			l.w.Faults().Slow(time.Minute)
			at := time.Now()
			_, err := l.performer(nil).Do(ctx, l.create("inc-a"), l.state(""))
			if f, ok := errors.AsType[*Fault](err); !ok || !f.Ambiguous() || time.Since(at) != callTimeout {
				t.Fatalf("%v after %v", err, time.Since(at))
			}
			l.w.Faults().Clear()
		})
	})
	t.Run("refused blocks go as words", func(t *testing.T) {
		bubble(t, workspace.Options{}, func(l *lab) {
			p := l.performer(nil)
			s := l.state(attempt(l, p, l.create("inc-a"), l.state("")).Channel)
			l.w.Faults().FailNext("chat.postMessage", 1, "invalid_blocks")
			rep := attempt(l, p, l.owed("say", incident.Effect{Do: incident.Post, To: incident.ToIncident, View: "x"}), s)
			s.Slots["h"] = incident.Posted{Channel: rep.Channel, TS: rep.TS}
			l.w.Faults().FailNext("chat.update", 1, "msg_blocks_too_long")
			attempt(l, p, l.owed("redraw", incident.Effect{Do: incident.Redraw, Slot: "h", View: "y"}), s)
			m, _ := l.w.Message(rep.Channel, rep.TS)
			contains(t, "blocks", string(m.Blocks), "y: Checkout is down")
		})
	})
}

func TestWhatIsInDoubt(t *testing.T) {
	doubt := map[string]bool{
		"500 after doing the work": true, "cut after doing the work": true, "500 before": true, "an HTML page": true, "internal_error": true,
	}
	for name, break1 := range faults {
		t.Run(name, func(t *testing.T) {
			bubble(t, workspace.Options{}, func(l *lab) {
				break1(l.w.Faults(), "conversations.create")
				_, err := l.client.createChannel(context.Background(), "inc-a", false)
				f, failed := errors.AsType[*Fault](err)
				if failed != (name != "nothing") || failed && (f.Ambiguous() != doubt[name] || f.Permanent()) {
					t.Errorf("%v", err)
				}
			})
		})
	}
	bubble(t, workspace.Options{}, func(l *lab) {
		_ = l.net.Close() // nobody listens: what was never sent is in no doubt
		_, err := l.client.createChannel(context.Background(), "inc-a", false)
		if f, ok := errors.AsType[*Fault](err); !ok || f.Ambiguous() || f.Permanent() {
			t.Errorf("%v", err)
		}
	})
}
