package view

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	polfile "github.com/tocsin-bot/tocsin/bot/policy"
)

// A transcript is all that the process of the default policy says to anybody while an incident goes its way: each ring, direct message and
// post whole, with time, channel, person and urgency, and of each edit of the headline the lines that are new. The real core decides, the real views word; read the goldens as the
// person being rung.
type transcript struct {
	t      *testing.T
	lang   string
	zone   *time.Location
	st     incident.State
	policy *incident.Policy
	onCall incident.OnCall
	now    time.Time
	lines  []string
	posts  []time.Time // in the incident's room
	loud   []string    // what would wake a whole channel
	rooms  int         // opened so far
	head   []string    // the headline as it stands
	shut   bool        // it is about who may read it: rooms, invitations and what is blanked are written, too
}

// channel is where an effect ends up.
func (tr *transcript) channel(f incident.Effect) string {
	switch {
	case f.Do == incident.Direct:
		return "D0" + f.People[0].Slack[1:]
	case f.To == incident.ToIncidents:
		return "C0INC"
	}
	return tr.st.ChannelID
}

// The cast of the transcripts.
var (
	tMarc  = incident.Person{Slack: "U0MARC", Pager: "PMARC", Name: "Marc"}
	tInes  = incident.Person{Slack: "U0INES", Pager: "PINES", Name: "Inès"}
	tTomas = incident.Person{Slack: "U0TOMAS", Pager: "PTOMAS", Name: "Tomás"}
	tAmel  = incident.Person{Slack: "U0AMEL", Pager: "PAMEL", Name: "Amel"}
	tVik   = incident.Person{Slack: "U0VIK", Pager: "PVIK", Name: "Viktor"}
	tLucie = incident.Person{Slack: "U0LUCIE", Pager: "PLUCIE", Name: "Lucie"}
)

// friday is a Friday night, so that nobody is at work.
var friday = time.Date(2026, 11, 20, 23, 50, 0, 0, time.UTC)

func newTranscript(t *testing.T, lang string) *transcript {
	p, _ := polfile.Default()
	p.Language = lang
	if err := p.Bind(); err != nil {
		t.Fatal(err)
	}
	r := func(who incident.Person) incident.Roster {
		return incident.Roster{People: []incident.Person{who}, Source: "test", SeenAt: friday}
	}
	return &transcript{t: t, lang: lang, zone: time.UTC, policy: &p, now: friday,
		onCall: incident.OnCall{"primary": r(tMarc), "secondary": r(tInes), "tech_lead": r(tTomas), "cto": r(tAmel), "ceo": r(tVik), "compliance_officer": r(tLucie)}}
}

func (tr *transcript) do(who incident.Actor, via incident.Via, act incident.Act) {
	tr.t.Helper()
	next, events, err := incident.Apply(tr.st, incident.Intent{At: tr.now, Now: tr.now, Actor: who, Via: via, Act: act, Policy: tr.policy, Number: 42, OnCall: tr.onCall})
	if err != nil {
		tr.t.Fatalf("%T at %s: %v", act, tr.now.Format("15:04"), err)
	}
	tr.st = next
	var reports []incident.Report
	for _, e := range events {
		for _, f := range e.Effects {
			o := incident.Owed{ID: incident.IDOf(tr.st.ID, e.Seq, f), Incident: tr.st.ID, Seq: e.Seq, At: e.RecordedAt, Effect: f, Attempt: 1}
			if !incident.StillOwed(tr.st, o) {
				continue
			}
			tr.say(Source{State: tr.st, Event: e, Deadlines: incident.Deadlines(tr.st), Zone: tr.zone, Now: tr.now, Owed: o})
			if !f.Facts() {
				continue
			}
			rep := incident.Report{Effect: o.ID, Outcome: incident.OutcomeDone, Channel: tr.channel(f), TS: fmt.Sprintf("%d.%d", tr.st.Seq, len(reports)), Attempt: 1}
			switch f.Do {
			case incident.OpenChannel:
				rep.Name, tr.rooms = tr.st.ChannelName, tr.rooms+1
				rep.Channel = fmt.Sprintf("C04%d", 1+tr.rooms)
			case incident.Ring:
				rep.Pager = "Q" + f.Page
			}
			reports = append(reports, rep)
		}
	}
	for _, r := range reports {
		tr.do(incident.Actor{System: incident.SystemTocsin}, incident.ViaOutbox, r)
	}
}

// say writes one line for whatever reaches somebody.
func (tr *transcript) say(src Source) {
	f := src.Owed.Effect
	var where, text string
	first := func(c Card) string {
		return strings.TrimSpace(strings.SplitN(Plain(c, tr.zone), "\n", 2)[0])
	}
	whole := func(c Card) string {
		return strings.ReplaceAll(strings.TrimSpace(Plain(c, tr.zone)), "\n", "\n                ")
	}
	switch {
	case f.Do == incident.Ring:
		p, _ := tr.st.Page(f.Page)
		text, _ = PageText(src)
		urgency := p.Urgency
		if urgency == "" {
			urgency = "high"
		}
		where = fmt.Sprintf("phone   %s, %s", nameOf(p.Person)+" ("+tr.policy.TargetTitle(p.Target, tr.lang)+")", urgency)
	case f.Do == incident.NotePage:
		p, _ := tr.st.Page(f.Page)
		where, text = "note    "+nameOf(p.Person), NoteText(src)
	case f.Do == incident.Direct:
		c, err := Render(src)
		if err != nil {
			tr.t.Fatal(err)
		}
		where, text = "direct  "+nameOf(f.People[0]), whole(c)
	case f.Do == incident.Post:
		c, err := Render(src)
		if err != nil {
			tr.t.Fatal(err)
		}
		for _, x := range texts(c) {
			for _, s := range x {
				if strings.Contains(s.S, "<!") || s.Kind == catalog.Mention && s.ID == "" {
					tr.loud = append(tr.loud, s.S)
				}
			}
		}
		where, text = "room", whole(c)
		switch f.To {
		case incident.ToIncidents:
			where, text = "news", first(c)
		case incident.ToAlerts:
			where = "alerts"
			fallthrough
		default:
			tr.posts = append(tr.posts, tr.now)
		}
		if f.Slot == incident.SlotHeadline {
			tr.head = strings.Split(whole(c), "\n")
		}
	case f.Do == incident.Redraw && f.Slot == incident.SlotHeadline && tr.head != nil && !(tr.shut && src.State.Outside(f)):
		c, err := Render(src)
		if err != nil {
			tr.t.Fatal(err)
		}
		now := strings.Split(whole(c), "\n")
		fresh := slices.DeleteFunc(slices.Clone(now), func(l string) bool { return slices.Contains(tr.head, l) })
		if tr.head = now; len(fresh) == 0 {
			return
		}
		where, text = "head", strings.TrimSpace(strings.Join(fresh, "\n"))
	case tr.shut && f.Do == incident.OpenChannel:
		kind := "public"
		if tr.st.Private != nil {
			kind = "private"
		}
		where, text = "opened", "#"+f.Arg+", "+kind
	case tr.shut && f.Do == incident.Invite:
		var who []string
		for _, p := range f.People {
			who = append(who, nameOf(p))
		}
		where, text = "invited", strings.Join(who, ", ")
	case tr.shut && (f.Do == incident.Hide || f.Do == incident.LockRoom):
		c, err := Render(src)
		if err != nil {
			tr.t.Fatal(err)
		}
		where, text = "blanked", f.Arg+": "+first(c)
		if f.Do == incident.LockRoom {
			where, text = "given up", f.Arg+": "+first(c)
		}
	case tr.shut && f.Do == incident.Redraw && src.State.Outside(f):
		c, err := Render(src)
		if err != nil {
			tr.t.Fatal(err)
		}
		where, text = "redrawn", f.Slot+": "+first(c)
	default:
		return
	}
	tr.lines = append(tr.lines, fmt.Sprintf("%s  %-7s  %s", tr.now.In(tr.zone).Format("Mon 15:04"), where, text))
}

func (tr *transcript) by(p incident.Person, act incident.Act) {
	tr.t.Helper()
	tr.do(incident.Actor{Person: p}, incident.ViaSlack, act)
}

func (tr *transcript) alert(name string, firing int) {
	tr.t.Helper()
	tr.do(incident.Actor{System: incident.SystemAlertmanager}, incident.ViaAlertmanager, incident.AlertsFired{Title: incident.Text{Body: name + " on kyc-svc"},
		Set: incident.AlertSet{Group: "g", Name: name, Firing: firing, StartsAt: friday, Digest: fmt.Sprint(firing, tr.now), Labels: []incident.Label{{Name: "service", Value: "kyc-svc"}}}})
}

// until lets the clock go on to so long after the beginning, ticking as the driver does.
func (tr *transcript) until(d time.Duration) {
	tr.t.Helper()
	for range 5000 {
		next := incident.NextDue(tr.st)
		if next.IsZero() || next.After(friday.Add(d)) {
			tr.now = friday.Add(d)
			return
		}
		if next.After(tr.now) {
			tr.now = next
		}
		tr.do(tocsin, incident.ViaClock, incident.Tick{})
	}
	tr.t.Fatalf("the clock does not get on at %v: %+v\n%s", tr.now, incident.Deadlines(tr.st), strings.Join(tr.lines[max(0, len(tr.lines)-12):], "\n"))
}

func words2(lang, en, fr string) incident.Text {
	if lang == catalog.French {
		en = fr
	}
	return incident.Text{Body: en}
}

// transcripts are the ways an incident goes, as the process has them.
var transcripts = []struct {
	name string
	play func(tr *transcript)
}{
	{"silent-sev1", func(tr *transcript) {
		tr.alert("AuditHashChainBroken", 1)
		tr.until(70 * time.Minute)
	}},
	{"silent-sev1-unconfirmed", func(tr *transcript) {
		tr.alert("MassBiometricFailure", 1)
		tr.until(25 * time.Minute)
	}},
	{"silent-sev3", func(tr *transcript) {
		tr.alert("ApiHighLatencyP95", 1)
		tr.until(5 * time.Hour)
	}},
	{"false-alarm", func(tr *transcript) {
		tr.alert("ApiErrorRateHigh", 1)
		tr.until(4 * time.Minute)
		tr.by(tMarc, incident.Ack{})
		tr.until(9 * time.Minute)
		tr.by(tMarc, incident.Cancel{Reason: words2(tr.lang, "the probe ran against the test system", "la sonde visait le système de test")})
		tr.until(48 * time.Hour)
	}},
	{"recovered", func(tr *transcript) {
		tr.alert("ApiErrorRateHigh", 1)
		tr.until(6 * time.Minute)
		tr.alert("ApiErrorRateHigh", 0)
		tr.until(20 * time.Minute)
		tr.alert("ApiErrorRateHigh", 2)
		tr.until(25 * time.Minute)
		tr.alert("ApiErrorRateHigh", 0)
		tr.until(60 * time.Hour)
		tr.by(tMarc, incident.Ack{})
		tr.by(tMarc, incident.Resolve{Text: words2(tr.lang, "a batch that ended by itself", "un traitement par lots terminé de lui-même")})
		tr.until(61 * time.Hour)
	}},
	{"two-days", twoDays},
	{"private", privateNight},
	{"planned-sev4", func(tr *transcript) { // nobody takes it: its room opens on the next business day
		tr.alert("RneBalanceLow", 1)
		tr.until(2 * time.Hour)
		tr.alert("RneBalanceLow", 2)
		tr.until(90 * time.Hour)
		tr.by(tMarc, incident.Ack{})
		tr.until(91 * time.Hour)
	}},
	{"planned-sev4-recovered", func(tr *transcript) { // nothing but its card, until somebody is asked to look
		tr.alert("RneBalanceLow", 1)
		tr.until(2 * time.Hour)
		tr.alert("RneBalanceLow", 0)
		tr.until(90 * time.Hour)
		tr.by(tMarc, incident.Resolve{Text: words2(tr.lang, "topped up", "compte réapprovisionné")})
		tr.until(91 * time.Hour)
	}},
}

// twoDays is an incident that is mitigated in its first night, handed over in the morning, set aside over the Saturday, and resolved on
// Sunday; what it leaves behind is asked for on working days.
func twoDays(tr *transcript) {
	say := func(en, fr string) incident.Text { return words2(tr.lang, en, fr) }
	tr.alert("ApiErrorRateHigh", 1)
	tr.until(5 * time.Minute)
	tr.by(tMarc, incident.Ack{})
	tr.until(8 * time.Minute)
	tr.by(tMarc, incident.AnswerQuestion{Question: "personal_data", Value: incident.AnswerNo, Reason: say("only health checks fail", "seules des sondes échouent")})
	tr.until(18 * time.Minute)
	tr.by(tMarc, incident.Progress{Text: say("one of three nodes answers with errors, taken out", "un nœud sur trois en erreur, retiré")})
	tr.until(25 * time.Minute)
	tr.by(tMarc, incident.SetStatus{Status: incident.Mitigated, Reason: say("two nodes carry the load", "deux nœuds portent la charge")})
	tr.by(tMarc, incident.SetCadence{Every: 4 * time.Hour})
	tr.by(tMarc, incident.Update{Text: say("Errors are gone. The third node is being looked at.", "Plus d'erreurs. Le troisième nœud est en cours d'examen.")})
	tr.until(4 * time.Hour)
	tr.by(tMarc, incident.Update{Text: say("No change.", "Rien de nouveau.")})
	tr.until(7*time.Hour + 50*time.Minute)
	tr.by(tMarc, incident.Update{Text: say("No change.", "Rien de nouveau.")})
	tr.until(8*time.Hour + 10*time.Minute)
	tr.by(tMarc, incident.ProposeHandOver{To: tInes})
	tr.until(8*time.Hour + 20*time.Minute)
	tr.by(tInes, incident.AcceptHandOver{})
	tr.until(9 * time.Hour)
	tr.by(tInes, incident.Park{Until: friday.Add(33*time.Hour + 10*time.Minute), Owner: tTomas, Reason: say("the supplier sends the part on Sunday", "le fournisseur livre la pièce dimanche")})
	tr.until(33*time.Hour + 15*time.Minute)
	tr.by(tTomas, incident.Ack{})
	tr.until(34 * time.Hour)
	tr.by(tTomas, incident.Resolve{Text: say("third node replaced", "troisième nœud remplacé")})
	tr.until(120 * time.Hour)
}

// privateNight is an incident that is declared like any other, turns out to be about customers' data, and goes private after two phones rang
// and the announcement was made; a third person is rung for it as a private one, somebody outside is told, and it is resolved.
func privateNight(tr *transcript) {
	tr.shut = true
	say := func(en, fr string) incident.Text { return words2(tr.lang, en, fr) }
	tr.by(tLucie, incident.Declare{Title: say("exports contain other customers' files", "les exports contiennent des fichiers d'autres clients"), Severity: 2})
	tr.until(3 * time.Minute)
	tr.by(tMarc, incident.Ack{})
	tr.until(6 * time.Minute)
	src := Source{State: tr.st, Deadlines: incident.Deadlines(tr.st), Zone: tr.zone, Now: tr.now}
	form := PrivateForm(src, "")
	tr.lines = append(tr.lines, tr.now.Format("Mon 15:04")+"  form    Marc, "+strings.TrimSpace(form.Title.Plain(tr.zone)))
	for _, b := range form.Blocks {
		if s, is := b.(Section); is {
			tr.lines = append(tr.lines, "                "+strings.ReplaceAll(strings.TrimSpace(s.Text.Plain(tr.zone)), "\n", "\n                "))
		}
	}
	tr.by(tMarc, incident.GoPrivate{Reason: say("customers' files", "fichiers de clients")})
	tr.until(9 * time.Minute)
	tr.by(tMarc, incident.Progress{Text: say("the export job mixes up two tenants since 22:40", "le traitement d'export mélange deux clients depuis 22:40")})
	tr.until(26 * time.Minute)
	tr.by(tMarc, incident.SetSeverity{Severity: 1, Reason: say("two customers hold others' files", "deux clients détiennent des fichiers d'autrui")})
	tr.until(28 * time.Minute)
	tr.by(tAmel, incident.Ack{})
	tr.by(tMarc, incident.Admit{Who: tVik})
	tr.until(30 * time.Minute)
	tr.by(tMarc, incident.RecordImpact{Customers: incident.TouchedYes})
	tr.by(tMarc, incident.AnswerQuestion{Question: "personal_data", Value: incident.AnswerYes})
	tr.by(tMarc, incident.SetStatus{Status: incident.Mitigated, Reason: say("exports are switched off", "les exports sont coupés")})
	tr.until(35 * time.Minute)
	tr.by(tMarc, incident.Update{Text: say("Exports are off until Monday.", "Exports coupés jusqu'à lundi.")})
	tr.until(40 * time.Minute)
	tr.by(tMarc, incident.Resolve{Text: say("job rolled back, the files were taken back", "traitement restauré, fichiers repris")})
	tr.until(41 * time.Minute)
}

func TestTranscripts(t *testing.T) {
	for _, tc := range transcripts {
		for _, lang := range catalog.Languages() {
			t.Run(tc.name+"."+lang, func(t *testing.T) {
				tr := newTranscript(t, lang)
				tc.play(tr)
				if len(tr.loud) > 0 {
					t.Errorf("wakes a whole channel: %q", tr.loud)
				}
				got := strings.Join(tr.lines, "\n") + "\n"
				file := filepath.Join("testdata", "transcript-"+tc.name+"."+lang+".txt")
				if *updateGoldens {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil || got != string(want) {
					t.Errorf("%s differs (go test ./bot/view -update, then look at the difference): %v\n%s", file, err, got)
				}
			})
		}
	}
}

// TestTheRoomIsQuiet counts the bot's own posts in the room: a room that is full of a bot is read by nobody.
func TestTheRoomIsQuiet(t *testing.T) {
	for _, c := range []struct {
		alert string
		in    time.Duration
		most  int
	}{{"ApiHighLatencyP95", time.Hour, 5}, {"AuditHashChainBroken", 15 * time.Minute, 8}, {"MassBiometricFailure", 15 * time.Minute, 8}} {
		tr := newTranscript(t, "en")
		tr.alert(c.alert, 1)
		tr.until(c.in)
		n := len(slices.DeleteFunc(slices.Clone(tr.posts), func(at time.Time) bool { return at.After(friday.Add(c.in)) }))
		t.Logf("%s, nobody moves: %d posts of the bot in the first %v, %d at most", c.alert, n, c.in, c.most)
		if n > c.most || n == 0 {
			t.Errorf("%s: %d posts in the first %v, at most %d are read\n%s", c.alert, n, c.in, c.most, strings.Join(tr.lines, "\n"))
		}
	}
}
