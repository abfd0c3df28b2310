package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot"
	"github.com/tocsin-bot/tocsin/bot/catalog"
)

// ownNotes are the notes Tocsin wrote on the newest PagerDuty incident, without their marks.
func (h *hall) ownNotes() []string {
	h.Helper()
	all := h.box.Pager.Incidents()
	var out []string
	for _, n := range h.box.Pager.Notes(all[len(all)-1].ID) {
		if text, _, ours := strings.Cut(n.Content, "\n[tocsin "); ours {
			out = append(out, strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text))
		}
	}
	return out
}

// note writes one as a person with a phone, and waits until it was read and answered.
func (h *hall) note(user, text string) {
	h.Helper()
	all := h.box.Pager.Incidents()
	if err := h.box.Pager.AddNote(user, all[len(all)-1].ID, text); err != nil {
		h.Fatal(err)
	}
	time.Sleep(30 * time.Second)
}

// Somebody with a phone and no Slack who mistypes a note is told on the page what did not happen and what to write, once; what is no command
// gets no answer, answers get none either, and of a private incident nothing is said.
func TestANoteThatDidNothingIsAnsweredOnThePage(t *testing.T) {
	for lang, want := range map[string][]string{
		catalog.English: {"Not recorded as progress: it takes a sentence of 10 characters or more.", `only "+15" is understood; it gives 15 min, once per level.`, "it was given once at", "Not understood: \"progess the pool", "is resolved. If it is not over"},
		catalog.French:  {"Rien n'est noté comme progrès : il faut une phrase d'au moins 10 caractères.", "seul « +15 » est compris ; il donne 15 min, une fois par niveau.", "il a déjà été accordé au niveau", "Note non comprise : « progess the pool", "est résolu. Si ce n'est pas fini"},
	} {
		inHall(t, func(src string) string { return strings.Replace(src, "\nlanguage: en\n", "\nlanguage: "+lang+"\n", 1) }, func(o *bot.Options) { o.PollEvery = 5 * time.Second }, func(h *hall) {
			h.until(time.Minute)
			h.says("nadia", "declare checkout is down sev2")
			time.Sleep(20 * time.Second)
			page := h.box.Pager.Incidents()[0]
			if err := h.box.Pager.Acknowledge("PMARCL1", page.ID); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
			var got []string
			for _, text := range []string{"progress no", "+30", "+15", "still looking at the pool", "+15", "progess the pool is full"} {
				h.note("PMARCL1", text)
			}
			h.says("nadia", "INC-1 resolve scaled the pool")
			h.note("PMARCL1", "mitigated")
			time.Sleep(time.Minute)
			for _, n := range h.ownNotes() {
				for i, w := range want {
					if strings.Contains(n, w) {
						got = append(got, string(rune('0'+i)))
					}
				}
			}
			if strings.Join(got, "") != "01234" {
				t.Errorf("%s: %s of %q", lang, got, h.ownNotes())
			}
			// What Tocsin answered, said by somebody else, is prose.
			before := len(h.ownNotes())
			for _, n := range h.ownNotes() {
				h.note("PINESH2", n)
			}
			if after := h.ownNotes(); len(after) != before {
				t.Errorf("%s: answers are answered: %q", lang, after[before:])
			}
			if lang != catalog.English {
				return
			}
			h.says("nadia", "declare private: zebrafish sev2")
			time.Sleep(20 * time.Second)
			h.note("PMARCL1", "progess zebrafish")
			if own := h.ownNotes(); len(own) != 1 || own[0] != "Your note did nothing. Private incident, open Tocsin" {
				t.Errorf("private: %q", own)
			}
			h.says("nadia", "INC-2 cancel a drill")
		})
	}
}
