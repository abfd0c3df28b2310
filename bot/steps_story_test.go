package bot_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
	"github.com/tocsin-bot/tocsin/bot/sandbox/pager"
	"github.com/tocsin-bot/tocsin/bot/sandbox/workspace"
	"github.com/tocsin-bot/tocsin/bot/timeline"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// floor is a room in which people work a runbook, with everything that they see of it written down: the runbook's cards as they change, what is
// said to one person alone, whose phone rings.
type floor struct {
	*bubble
	bot   *bot.Bot
	room  string
	out   strings.Builder
	cards []string          // timestamps of the runbook's cards, in the order they were posted
	shown map[string]string // by what it is, what was written of it
	rings int
}

// acts writes down who does what, does it, and writes what that changed.
func (f *floor) acts(what string, do func()) {
	f.t.Helper()
	fmt.Fprintf(&f.out, "\n== %s  %s\n", f.clock.Now().UTC().Format("15:04"), what)
	do()
	after(5 * time.Second)
	f.look()
	after(55 * time.Second)
}

func (f *floor) look() {
	for _, m := range f.sandbox.Workspace.Messages(f.room) {
		if m.BotID == "" || !strings.Contains(m.Text, "RB-008") || !strings.Contains(string(m.Blocks), "step-") && !slices.Contains(f.cards, m.TS) {
			continue
		}
		if !slices.Contains(f.cards, m.TS) {
			f.cards = append(f.cards, m.TS)
		}
		f.shows(fmt.Sprintf("card %d", slices.Index(f.cards, m.TS)+1), m)
	}
	for _, member := range f.sandbox.Cast() {
		for i, m := range f.sandbox.Workspace.Ephemerals(member.SlackID, "") {
			f.shows(fmt.Sprintf("only %s sees (%d)", member.Handle, i+1), m)
		}
		for _, c := range f.sandbox.Workspace.Channels() {
			if c.Kind != workspace.KindIM || !slices.Contains(c.Members, member.SlackID) {
				continue
			}
			for i, m := range f.sandbox.Workspace.Messages(c.ID) {
				if strings.Contains(m.Text, "approv") || strings.Contains(m.Text, "accord") {
					f.shows(fmt.Sprintf("to %s (%d)", member.Handle, i+1), m)
				}
			}
		}
	}
	rings := f.sandbox.Pager.Rings()
	for _, r := range slices.SortedFunc(slices.Values(rings[f.rings:]), func(a, b pager.Ring) int { return strings.Compare(a.Person.Name, b.Person.Name) }) {
		if r.Kind == "phone" {
			fmt.Fprintf(&f.out, "  📟 the phone of %s: %s\n", r.Person.Name, r.Title)
		}
	}
	f.rings = len(rings)
}

func (f *floor) shows(what string, m workspace.Message) {
	text := f.plain(m)
	was := f.shown[what]
	if was == text {
		return
	}
	f.shown[what] = text
	fmt.Fprintf(&f.out, "  -- %s\n", what)
	before := strings.Split(was, "\n")
	same := func(l string) bool { return l != "" && slices.Contains(before, l) }
	lines, left := strings.Split(text, "\n"), 0
	for _, l := range lines {
		if same(l) {
			left++
		}
	}
	if left < len(lines)/2 { // another step
		before = nil
	}
	for i, l := range lines {
		switch {
		case !same(l):
			f.out.WriteString("     " + l + "\n")
		case i == 0 || !same(lines[i-1]):
			f.out.WriteString("     ⋮\n")
		}
	}
}

var (
	momentToken = regexp.MustCompile(`<!date\^\d+\^[^|>]*\|([^>]*)>`)
	personToken = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^>]*)?>`)
	placeToken  = regexp.MustCompile(`<#(C[A-Z0-9]+)(?:\|[^>]*)?>`)
)

// plain is a message as it is read.
func (f *floor) plain(m workspace.Message) string {
	s := m.Text
	var blocks []map[string]any
	if json.Unmarshal(m.Blocks, &blocks) == nil && len(blocks) > 0 {
		var lines []string
		text := func(v any) string { o, _ := v.(map[string]any); s, _ := o["text"].(string); return s }
		for _, b := range blocks {
			if t := text(b["text"]); t != "" {
				lines = append(lines, t)
			}
			var row []string
			elements, _ := b["elements"].([]any)
			for _, e := range append(elements, b["accessory"]) {
				el, _ := e.(map[string]any)
				switch el["type"] {
				case "button":
					row = append(row, "["+text(el["text"])+"]")
				case "mrkdwn", "plain_text":
					row = append(row, text(el))
				}
			}
			if len(row) > 0 {
				lines = append(lines, strings.Join(row, " "))
			}
		}
		s = strings.Join(lines, "\n")
	}
	s = momentToken.ReplaceAllString(s, "$1")
	s = personToken.ReplaceAllStringFunc(s, func(t string) string {
		u, _ := f.sandbox.Workspace.User(personToken.FindStringSubmatch(t)[1])
		return "@" + u.RealName
	})
	s = placeToken.ReplaceAllStringFunc(s, func(t string) string {
		c, _ := f.sandbox.Workspace.Channel(placeToken.FindStringSubmatch(t)[1])
		return "#" + c.Name
	})
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// types is a command typed into the room.
func (f *floor) types(role, text string) {
	f.t.Helper()
	if _, err := f.as(role).Command(f.t.Context(), f.room, "/incident", text); err != nil {
		f.t.Errorf("%s: /incident %s: %v", role, text, err)
	}
}

// presses is a button of one of the runbook's cards, found by its words.
func (f *floor) presses(role string, card int, label string) {
	f.t.Helper()
	if card > len(f.cards) {
		f.t.Errorf("there is no card %d", card)
		return
	}
	m, _ := f.sandbox.Workspace.Message(f.room, f.cards[card-1])
	f.press(role, f.room, m, label)
}

func (f *floor) press(role, channel string, m workspace.Message, label string) {
	f.t.Helper()
	var blocks []struct {
		ID       string `json:"block_id"`
		Elements []struct {
			Action string `json:"action_id"`
			Text   any    `json:"text"`
		} `json:"elements"`
	}
	_ = json.Unmarshal(m.Blocks, &blocks)
	for _, b := range blocks {
		for _, e := range b.Elements {
			text, _ := e.Text.(map[string]any)
			if words, _ := text["text"].(string); words != label {
				continue
			}
			if _, err := f.as(role).Click(f.t.Context(), channel, m.TS, e.Action, b.ID); err != nil {
				f.t.Errorf("%s presses %q: %v", role, label, err)
			}
			after(time.Second)
			return
		}
	}
	f.t.Errorf("%s finds no button %q on:\n%s", role, label, f.plain(m))
}

// fills fills in the form that is open, by the names of its inputs, and sends it.
func (f *floor) fills(role string, answers map[string]any) {
	f.t.Helper()
	who := f.as(role)
	forms := f.sandbox.Workspace.Views(who.ID())
	if len(forms) == 0 {
		f.t.Errorf("no form is open for %s", role)
		return
	}
	form := forms[len(forms)-1]
	var fields []struct {
		Block   string `json:"block_id"`
		Element struct {
			Action string `json:"action_id"`
		} `json:"element"`
	}
	_ = json.Unmarshal(form.Blocks, &fields)
	values := map[string]map[string]any{}
	for name, v := range answers {
		at := slices.IndexFunc(fields, func(x struct {
			Block   string `json:"block_id"`
			Element struct {
				Action string `json:"action_id"`
			} `json:"element"`
		}) bool {
			return strings.HasPrefix(x.Block, name)
		})
		if at < 0 {
			f.t.Errorf("the form %s does not ask for %q: %s", form.CallbackID, name, form.Blocks)
			return
		}
		values[fields[at].Block] = map[string]any{fields[at].Element.Action: v}
	}
	o, err := who.Submit(f.t.Context(), form.ID, values)
	if err != nil || len(o.Errors) > 0 {
		f.t.Errorf("%s sends %s: %v %v", role, form.CallbackID, err, o.Errors)
	}
}

func (f *floor) state() incident.State {
	s, err := f.bot.Engine().State(f.t.Context(), "INC-1")
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// labels are the words of the buttons that the story presses.
var labels = map[string]map[string]string{
	"en": {"done": "Done", "take": "I take this step", "block": "Blocked on…", "unblock": "Unblocked", "sent": "Mark as sent…", "rupture": "There is a rupture", "proved": "Corruption or a bug, proved", "undecided": "Still to be decided: the clock goes on",
		"help": "Help me", "ask": "Ask for approval", "approve": "Approve…", "confirm": "Read it as second person…", "return": "Not right…", "finding": "Finding…", "capture": "First-response capture…"},
	"fr": {"done": "Fait", "take": "Je m'en occupe", "block": "Bloquée par…", "unblock": "Débloquée", "sent": "Marquer envoyé…", "rupture": "Il y a une rupture", "proved": "Corruption ou bug, prouvé", "undecided": "Pas encore tranché : l’échéance court toujours",
		"help": "De l'aide", "ask": "Demander l'approbation", "approve": "Approuver…", "confirm": "Relire (deuxième personne)…", "return": "Pas en ordre…", "finding": "Constat…", "capture": "Relevé initial…"},
}

// Two people walk the broken audit chain (RB-008) in the middle of the night, two steps at a time: blocked and unblocked, sent, a finding that
// leads on, help that rings the runbook's owner, a guarded step that needs the CTO, the first-response capture and a second pair of eyes.
// What they read is kept as a transcript, in both languages.
func TestTwoPeopleWorkAGuardedRunbook(t *testing.T) {
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { guardedStory(t, language) })
		})
	}
}

func guardedStory(t *testing.T, language string) {
	const marc, ines, amel = sandbox.Primary, sandbox.Secondary, sandbox.CTO
	w := newBubble(t, func(src string) string { return strings.Replace(src, "\nlanguage: en", "\nlanguage: "+language, 1) }, map[string]string{"fr": "fr-FR"}[language])
	defer w.end()
	f := &floor{bubble: w, shown: map[string]string{}}
	f.bot = w.start(w.options())
	defer w.stop(f.bot)
	say := labels[language]
	if _, err := w.sandbox.FireAlert("AuditHashChainBroken"); err != nil {
		t.Fatal(err)
	}
	after(time.Minute)
	if f.room = f.state().ChannelID; f.room == "" {
		t.Fatal("no room")
	}
	if err := w.as(marc).Join(f.room); err != nil {
		t.Fatal(err)
	}
	if err := w.as(ines).Join(f.room); err != nil {
		t.Fatal(err)
	}
	f.acts("Marc acknowledges and gives the values that the commands need", func() {
		f.types(marc, "ack")
		f.types(marc, "impact customers=no regulators=no")
		f.types(marc, "runbook set tenant=acme-bank audit_deployment=audit-svc database=vitakyc gpg_recipient=backup@vitakyc.example dump_name=inc-1-audit backup_file=/backup/audit.dump")
	})
	f.acts("Marc takes step 1; Ines opens step 2 beside it", func() {
		f.presses(marc, 1, say["take"])
		f.types(ines, "step open 2")
	})
	if len(f.cards) != 2 || !strings.Contains(f.shown["card 2"], "pg_dump") || !strings.Contains(f.shown["card 1"], "AUDIT_WRITE_FROZEN_acme-bank=true") {
		t.Fatalf("two people do not see two steps: %q", f.shown)
	}
	f.acts("Marc has frozen the tenant; Ines cannot dump", func() {
		f.presses(marc, 1, say["done"])
		f.presses(ines, 2, say["block"])
		f.fills(ines, map[string]any{"reason": "backup-1: No space left on device", "whom": "Jonas"})
	})
	if !strings.Contains(f.shown["card 2"], "⛔") || !strings.Contains(f.shown["card 1"], "3 ") {
		t.Error("the block is not on its card, or the other card stands still")
	}
	f.acts("Amel acknowledges by telephone", func() {
		for _, i := range w.sandbox.Pager.Incidents() {
			if strings.HasPrefix(i.Title, "SEV-1") {
				if m, _ := w.sandbox.Member(amel); w.sandbox.Pager.Acknowledge(m.PagerDutyID, i.ID) != nil {
					t.Errorf("she cannot acknowledge %+v", i)
				}
			}
		}
	})
	f.acts("Marc told the legal department, and the CTO by telephone", func() {
		f.presses(marc, 1, say["done"])
		f.fills(marc, map[string]any{"to": "legal@vitakyc.example", "reference": "LEG-88"})
	})
	f.acts("Marc sends the notice to the client", func() {
		f.presses(marc, 1, say["sent"])
		f.fills(marc, map[string]any{"to": "dpo@acme-bank.example, compliance@acme-bank.example"})
	})
	if d, _ := f.state().Duty("customer_notice"); d.How != incident.EndedDone {
		t.Errorf("the client was told, and the clock says %+v", d)
	}
	f.acts("Marc leaves to be decided whether the regulators must know", func() {
		f.presses(marc, 1, say["undecided"])
		after(5 * time.Second)
		f.presses(marc, 1, say["undecided"])
	})
	if d, ok := f.state().Duty("regulator-notice"); ok && !d.Running() {
		t.Errorf("the regulator's clock ended with nobody told: %+v", d)
	}
	f.acts("Ines is unblocked; Marc finds the rupture", func() {
		f.presses(ines, 2, say["unblock"])
		f.presses(marc, 1, say["rupture"])
	})
	before := len(f.sandbox.Pager.Rings())
	f.acts("Marc does not know the code, and asks for help", func() { f.presses(marc, 1, say["help"]) })
	if !slices.ContainsFunc(f.sandbox.Pager.Rings()[before:], func(r pager.Ring) bool { return r.Kind == "phone" && r.Person.Name == "Amel Bensalem" }) {
		t.Error("the phone of the runbook's owner does not ring")
	}
	f.acts("Marc writes a finding down, then it is proved", func() {
		f.presses(marc, 1, say["finding"])
		f.fills(marc, map[string]any{"text": "two writers since the deployment of 02:10", "branch": "stay"})
		after(5 * time.Second)
		f.presses(marc, 1, say["proved"])
	})
	locked := f.shown["card 1"]
	if strings.Contains(locked, "pg_restore --dbname") || !strings.Contains(locked, "🔒") || strings.Contains(locked, "["+say["done"]+"]") {
		t.Errorf("the restoration is not locked:\n%s", locked)
	}
	f.acts("Marc types that it is done all the same; Ines tries to approve it", func() {
		f.types(marc, "step done 9")
		f.presses(ines, 1, say["approve"])
	})
	if s := f.state(); !s.Runbooks[0].Worked("restore").Approved.At.IsZero() || !s.Runbooks[0].Worked("restore").Awaits.At.IsZero() {
		t.Fatal("a lock opened without its key")
	}
	f.acts("Marc asks for the approval", func() { f.presses(marc, 1, say["ask"]) })
	f.acts("Amel approves it from her message", func() {
		for _, c := range w.sandbox.Workspace.Channels() {
			if c.Kind == workspace.KindIM && slices.Contains(c.Members, w.as(amel).ID()) {
				for _, m := range w.sandbox.Workspace.Messages(c.ID) {
					if strings.Contains(string(m.Blocks), "step-approve") {
						f.press(amel, c.ID, m, say["approve"])
					}
				}
			}
		}
		f.fills(amel, map[string]any{"reason": "the snapshot is complete and offline"})
	})
	if strings.Contains(f.shown["card 1"], "pg_restore --dbname") || !strings.Contains(f.shown["card 1"], "🔒") {
		t.Error("approved, and open before the first-response capture")
	}
	f.acts("Marc fills the first-response capture", func() {
		f.presses(marc, 1, say["capture"])
		f.fills(marc, map[string]any{"requests": "none", "traces": "4bf92f35", "affected": "acme-bank", "organisations": "none", "window": "23:50-00:10"})
	})
	if strings.Contains(f.shown["card 1"], "pg_restore --dbname") || !strings.Contains(f.shown["card 1"], "🔒") {
		t.Error("captured, and open before a second person has read it")
	}
	f.acts("Marc types that it is done, and wants to be the second person himself", func() {
		f.types(marc, "step done 9")
		f.presses(marc, 1, say["confirm"])
	})
	if w := f.state().Runbooks[0].Worked("restore"); !w.Seconded.At.IsZero() || f.state().Runbooks[0].Steps["restore"].Mark != "" {
		t.Fatal("confirmed by who does it")
	}
	f.acts("Ines is not content; then she reads it again and says that it may be run", func() {
		f.presses(ines, 1, say["return"])
		f.fills(ines, map[string]any{"reason": "is that dump the one of 22:00?"})
		after(5 * time.Second)
		f.presses(ines, 1, say["confirm"])
		f.fills(ines, map[string]any{"reason": "it is; the table is not the production one"})
	})
	if !strings.Contains(f.shown["card 1"], "pg_restore --dbname=audit_restore --table=audit_event /backup/audit.dump") {
		t.Error("unlocked, and the command is not shown")
	}
	f.acts("Marc has restored", func() { f.presses(marc, 1, say["done"]) })
	f.acts("Ines has her snapshot", func() { f.presses(ines, 2, say["done"]) })
	run := f.state().Runbooks[0]
	if m := run.Steps["restore"]; m.Mark != incident.StepDone || m.By.Slack != w.as(marc).ID() || m.Second.Slack != w.as(ines).ID() {
		t.Errorf("restored %+v", m)
	}
	// Two cards from the beginning to the end: each was edited where it stood.
	posts := 0
	for _, m := range w.sandbox.Workspace.Messages(f.room) {
		if m.BotID != "" && (strings.HasPrefix(m.Text, "RB-008") || strings.HasPrefix(m.Text, "✅ RB-008")) {
			posts++
		}
	}
	if posts != 2 || len(f.cards) != 2 {
		t.Errorf("%d messages of the runbook, %d cards, want 2", posts, len(f.cards))
	}
	// Of the rest the order within a second is the world's.
	f.out.WriteString("\n== the timeline of the runbook\n")
	events, err := f.bot.Engine().Events(t.Context(), "INC-1", 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range timeline.LinesOf(f.state(), events, language) {
		if !slices.ContainsFunc([]string{"step", "notice", "obligation", "captured", "parameters", "runbook", "progress"}, func(kind string) bool { return strings.HasPrefix(l.Kind, kind) }) {
			continue
		}
		fmt.Fprintf(&f.out, "%s %s %s\n", l.At.UTC().Format("15:04"), l.Icon, strings.ReplaceAll(l.Text.Plain(time.UTC), "\n", " / "))
	}
	path := filepath.Join("testdata", "guarded."+language+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(f.out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.out.String(); got != string(want) {
		t.Errorf("%s differs (go test ./bot -run TwoPeople -update, then read the difference line by line):\n%s", path, firstDifference(got, string(want)))
	}
}

// firstDifference is where two transcripts part.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, a[i], append(b, "(nothing)")[min(i, len(b))])
		}
	}
	return fmt.Sprintf("want %d lines, got %d", len(b), len(a))
}
