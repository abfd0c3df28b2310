package explain

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// thursday is when the questions are asked.
var thursday = time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)

// TestGolden asks the shipped policy the questions of its readers, in both languages. Read the files as the person being rung.
func TestGolden(t *testing.T) {
	p, _ := policy.Default()
	for _, c := range []struct{ name, en, fr string }{
		{"silent-sev1", "who is rung and when, if a SEV-1 is declared now and nobody moves?", "qui est appelé et quand, si une SEV-1 est déclarée maintenant et que personne ne bouge ?"},
		{"saturday-sev2", "who is rung and when, if a SEV-2 is declared on Saturday 23:50 and nobody moves?", "qui est appelé, et quand, si une SEV-2 est déclarée samedi à 23 h 50 et que personne ne bouge ?"},
		{"night-sev3", "what if ApiHighLatencyP95 fires at night and nobody answers?", "ApiHighLatencyP95 se déclenche la nuit, personne ne répond"},
		{"friday-sev4", "a SEV-4 on Friday evening, nobody moves", "une SEV-4 vendredi soir, personne ne bouge"},
		{"friday-sev4-alert", "RneBalanceLow on Friday evening and nobody reacts", "RneBalanceLow vendredi soir sans réponse"},
		{"acknowledged-sev1", "AuditHashChainBroken on Sunday 03:07, acknowledged after 4 min", "AuditHashChainBroken dimanche à 3 h 07, acquittée au bout de 4 min"},
	} {
		for lang, words := range map[string]string{"en": c.en, "fr": c.fr} {
			t.Run(c.name+"/"+lang, func(t *testing.T) {
				q, err := Ask(&p, words, thursday)
				if err != nil {
					t.Fatal(catalog.ErrorIn(lang, err))
				}
				a, err := Explain(&p, q, lang)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, c.name+"."+lang+".golden", a.Text())
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it with git diff after go test -update\n%s", file, got)
	}
}

// phones are the rings of an account: "10 tech lead high".
func phones(a *Account) []string {
	var out []string
	for _, r := range a.Rows {
		if r.Channel == Phone || r.Channel == Both {
			out = append(out, plus(r.At.Sub(a.Question.At))+" "+r.Lane+" "+r.Urgency)
		}
	}
	return out
}

// TestWhoIsRung holds the rings to the process by hand: the golden files hold the words.
func TestWhoIsRung(t *testing.T) {
	p, _ := policy.Default()
	saturday := time.Date(2026, 11, 28, 23, 50, 0, 0, time.UTC)
	m := time.Minute
	for _, c := range []struct {
		name string
		q    Question
		want []string
	}{
		{"silent SEV-1", Question{Alert: "AuditHashChainBroken"}, []string{"+0 primary high", "+0 cto high", "+5 secondary high", "+10 tech_lead high", "+15 executive high", "+15 ceo high", "+15 compliance_officer high", "+35 primary high"}},
		{"nobody is the executive on call", Question{Severity: 1, Empty: []string{"executive"}}, []string{"+0 primary high", "+0 cto high", "+5 secondary high", "+10 tech_lead high", "+15 ceo high", "+15 compliance_officer high", "+35 primary high"}},
		{"silent SEV-2", Question{Severity: 2}, []string{"+0 primary high", "+0 tech_lead high", "+15 secondary high", "+45 cto high", "+75 primary high"}},
		{"silent SEV-3 at night", Question{Severity: 3}, []string{"+0 primary low", "+60 secondary low", "+120 tech_lead low", "+180 cto low", "+255 primary low"}},
		{"SEV-4", Question{Severity: 4}, nil},
		// Nobody is escalated over; but two status updates are missed, which rings who stands in for communications.
		{"somebody works", Question{Severity: 2, AckAfter: 4 * m, ProgressEvery: 10 * m}, []string{"+0 primary high", "+0 tech_lead high", "+90 secondary high"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.At = saturday
			a, err := Explain(&p, c.q, "en")
			if err != nil {
				t.Fatal(err)
			}
			if got := phones(a); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestAsk(t *testing.T) {
	_, src := policy.Default()
	p, err := policy.Parse("p", []byte(strings.Replace(string(src), "zone: UTC\nlanguage", "zone: Europe/Paris\nservices: {checkout: {}}\nlanguage", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ words, at, want string }{
		{"who is rung and when, if a SEV-2 is declared on Saturday 23:50 and nobody moves?", "2026-11-28T23:50:00+01:00", "SEV-2"},
		{"qui est appelé, et quand, si une SEV-2 est déclarée samedi à 23 h 50 et que personne ne bouge ?", "2026-11-28T23:50:00+01:00", "SEV-2"},
		{"sev1 now", "2026-11-26T11:00:00+01:00", "SEV-1"},
		{"Sev 3 thursday 9am", "2026-12-03T09:00:00+01:00", "SEV-3"},
		{"SEV-3 jeudi 18h", "2026-11-26T18:00:00+01:00", "SEV-3"},
		{"SEV-3 at 9:30 pm", "2026-11-26T21:30:00+01:00", "SEV-3"},
		{"une SEV-3 demain à minuit", "2026-11-27T00:00:00+01:00", "SEV-3"},
		{"SEV-1 2026-12-25 03:00, acknowledged after 4 minutes", "2026-12-25T03:00:00+01:00", "SEV-1 ack 4m0s"},
		{"SEV-1, acquittée au bout de 4 min puis un progrès toutes les 20 min", "2026-11-26T11:00:00+01:00", "SEV-1 ack 4m0s progress 20m0s"},
		{"what happens when apierrorratehigh fires for checkout tonight?", "2026-11-26T20:00:00+01:00", "SEV-? ApiErrorRateHigh checkout"},
	} {
		q, err := Ask(p, c.words, thursday)
		if err != nil {
			t.Errorf("%s: %v", c.words, err)
			continue
		}
		got := q.Severity.String()
		if q.Severity == 0 {
			got = "SEV-?"
		}
		for _, s := range []string{q.Alert, q.Service} {
			if s != "" {
				got += " " + s
			}
		}
		if q.AckAfter > 0 {
			got += " ack " + q.AckAfter.String()
		}
		if q.ProgressEvery > 0 {
			got += " progress " + q.ProgressEvery.String()
		}
		if at := q.At.Format(time.RFC3339); got != c.want || at != c.at {
			t.Errorf("%s: %s at %s, want %s at %s", c.words, got, at, c.want, c.at)
		}
	}
	for words, want := range map[string]string{
		"":                                 "which severity",
		"who is rung on Saturday":          "which severity",
		"SEV-2 on Saturday, Lea is away":   "not understood: “lea away”",
		"SEV-2 saturday sunday":            "not understood",
		"SEV-2 at 25:00":                   "is no day and time",
		"SEV-2 2026-02-30":                 "is no day and time",
		"SEV-2 with progress every 10 min": "say after how long",
		"SEV-5 on Saturday":                "not understood: “sev-5”",
	} {
		_, err := Ask(p, words, thursday)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "“") {
			t.Errorf("%q: %v, want %s and an example", words, err, want)
		}
		if err != nil && catalog.ErrorIn("fr", err) == err.Error() {
			t.Errorf("%q: no French: %v", words, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	p, _ := policy.Default()
	for _, c := range []struct {
		q    Question
		want string
	}{
		{Question{Severity: 1, Service: "shop"}, "no service shop"},
		{Question{Severity: 1, Empty: []string{"boss"}}, "no target boss"},
		{Question{Severity: 1, Alert: "ApiErrorRateHigh"}, "is a SEV-2 by the policy, not a SEV-1"},
	} {
		c.q.At = thursday
		if _, err := Explain(&p, c.q, "en"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.q, err)
		}
	}
}

// TestNothingIsWithoutWords: whatever the core sends by itself is said for what it is, not as "a card".
func TestNothingIsWithoutWords(t *testing.T) {
	p, _ := policy.Default()
	rows := 0
	for sev := incident.SEV1; sev <= incident.SEV4; sev++ {
		for _, q := range []Question{{Severity: sev}, {Severity: sev, AckAfter: 3 * time.Minute, For: 30 * time.Hour}, {Severity: sev, AckAfter: 2 * time.Hour, ProgressEvery: 10 * time.Minute}} {
			q.At = thursday
			a, err := Explain(&p, q, "en")
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range a.Rows {
				rows++
				if s := r.Why.Plain(nil); s == catalog.Word("en", "explain.post.other") || s == catalog.Word("en", "explain.direct.other") || s == "" {
					t.Errorf("%s %+v: something at %v is %q: give its view words in messages_explain.go", sev, q, r.At, s)
				}
			}
		}
	}
	if rows < 200 {
		t.Errorf("only %d rows", rows)
	}
}

func FuzzAsk(f *testing.F) {
	p, _ := policy.Default()
	for _, s := range []string{"SEV-2 on Saturday 23:50, nobody moves", "ApiErrorRateHigh demain 9 h, acquittée au bout de 4 min", "sev1 99:99", "\xff 2026-13-40", "| | sev-1 |"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Ask(&p, s, thursday)
		if err != nil {
			if w := catalog.ErrorIn("fr", err); w == "" || strings.ContainsAny(w, "\n\x00\x1b") {
				t.Fatalf("%q", w)
			}
			return
		}
		if q.At.IsZero() || q.Severity > incident.SEV4 || q.AckAfter < 0 || q.Severity == 0 && q.Alert == "" {
			t.Fatalf("%q: %+v", s, q)
		}
	})
}

// A day that was announced after the policy was written counts: pages of low urgency are quiet, and a business day ends a day later.
func TestAnnouncedHolidaysCount(t *testing.T) {
	p, _ := policy.Default()
	days := incident.AnnouncedDays{Version: 3, Days: []incident.Announced{{Day: "2026-11-27", Name: "Aïd el-Fitr", Calendar: "office"}, {Day: "2026-11-30", Calendar: "elsewhere"}}}
	for _, announced := range []bool{false, true} {
		ask := func(words string) *Account {
			t.Helper()
			q, err := Ask(&p, words, thursday)
			if err != nil {
				t.Fatal(err)
			}
			if announced {
				q.Holidays = days
			}
			a, err := Explain(&p, q, "en")
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		urgency, holiday, due := "high", "", time.Date(2026, 11, 27, 11, 0, 0, 0, time.UTC)
		if announced {
			urgency, holiday, due = "low", "Aïd el-Fitr", time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC)
		}
		a := ask("a SEV-3 on Friday 10:00, nobody moves")
		if a.Holiday != holiday || a.Outside != announced || a.Rows[0].Urgency != urgency {
			t.Errorf("announced %t: holiday %q, outside %t, rung with %q urgency", announced, a.Holiday, a.Outside, a.Rows[0].Urgency)
		}
		b := ask("RneBalanceLow on Thursday 11:00 and nobody reacts")
		if last := b.Rows[len(b.Rows)-1]; !last.At.Equal(due) {
			t.Errorf("announced %t: to be taken by %s, not %s", announced, last.At, due)
		}
	}
}

// TestAnAlertThatNobodyKnows is not answered for as if it were in the catalogue.
func TestAnAlertThatNobodyKnows(t *testing.T) {
	p, _ := policy.Default()
	if err := p.Bind(); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{"ApiErorRateHigh": "did you mean ApiErrorRateHigh?", "Xyzzy": "not in the policy's catalogue, so the default severity"} {
		a, err := Explain(&p, Question{Alert: typed, At: time.Date(2026, 11, 28, 23, 50, 0, 0, time.UTC)}, "en")
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Text(); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in %s", typed, want, got)
		}
	}
}
