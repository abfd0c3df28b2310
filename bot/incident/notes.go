package incident

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Why a note written in PagerDuty did nothing, beside the codes of refusals: Noted.Answer. The catalogue holds the words under "note.no.<code>".
const (
	NoteNotTaken = "not-taken" // more time before anybody took it
	NotePlus     = "plus"      // an amount of time other than the one that can be had
	NotePark     = "park"      // setting aside, which notes cannot
	NoteResolved = "resolved"  // "resolved" and words without a colon: a remark, not the end
	NoteUnknown  = "unknown"   // it looks like a command and is none
)

const (
	// maxNoteAnswers is how many notes of one incident are answered: a person mistypes a few times, another robot without end.
	maxNoteAnswers = 10
	// noteAnswerFor is how long an answer may wait for PagerDuty: later it would be about something long past.
	noteAnswerFor = 15 * time.Minute
)

// noteVerbs are the words with which a note begins that does something, in both languages, and what each does.
var noteVerbs = map[string]string{
	"progress": "progress", "progrès": "progress", "progres": "progress",
	"mitigated": "mitigated", "mitigé": "mitigated", "atténué": "mitigated",
	"+15": "+15", "+15min": "+15",
	"resolved": "resolved", "résolu": "resolved",
	"accept": "accept", "accepte": "accept", "j'accepte": "accept",
}

// pagerNote is a note written in PagerDuty by somebody without Slack at hand. What cannot be obeyed is kept as a remark, and where a person
// meant it to do something they are told, once, as a note.
func (d *decider) pagerNote(a PagerNote) error {
	body := strings.TrimSpace(a.Text.Body)
	if body == "" {
		return nil
	}
	d.in.Actor = Actor{Person: a.By}
	if a.By.Zero() { // a machine's note is a remark, whatever it begins with
		d.add(&Noted{Text: a.Text})
		return nil
	}
	word, rest, _ := strings.Cut(body, " ")
	rest = strings.TrimSpace(rest)
	verb := noteVerbs[strings.ToLower(strings.Trim(word, ":,."))]
	var err error
	switch {
	case verb == "":
		d.remark(a, lookalike(body))
		return nil
	case !d.s.Open():
		d.remark(a, RefusedOver, string(d.s.Status))
		return nil
	case verb == "progress":
		err = d.progress(Text{Body: rest})
	case verb == "mitigated":
		err = d.setStatus(SetStatus{Status: Mitigated, Reason: Text{Body: rest}})
	case verb == "+15":
		err = d.moreTime()
	case verb == "accept" && rest != "" && !strings.HasSuffix(word, ":"): // "accept that we lose five minutes" accepts nothing
		d.remark(a, "")
		return nil
	case verb == "accept": // what they are asked to take over; acknowledging the page says only that they have heard
		if err = d.handOverAct(AcceptHandOver{}); err == nil && rest != "" {
			d.add(&Noted{Text: Text{Body: rest}})
		}
	case rest != "" && !strings.HasSuffix(word, ":"): // only by itself or with a colon: "resolved the DNS part, still down" ends nothing
		d.remark(a, NoteResolved)
		return nil
	default:
		d.resolve(Text{Body: rest}, "")
	}
	no, refused := err.(*Refusal)
	switch {
	case !refused:
		return err
	case no.Code == RefusedNoDeadline && d.s.Ladder.AcceptedAt.IsZero() && d.s.Status != Mitigated:
		d.remark(a, NoteNotTaken)
	default:
		d.remark(a, no.Code, no.Args...)
	}
	return nil
}

// remark keeps a note for the timeline. With an answer, which says why it did nothing, its writer is told on the same page, as long as there
// is one and not too many were.
func (d *decider) remark(a PagerNote, answer string, args ...string) {
	f := &Noted{Text: a.Text}
	if answer != "" && d.s.NotesAnswered < maxNoteAnswers {
		for _, p := range slices.Backward(slices.Concat(d.s.DutyPages, d.s.Pages)) {
			if p.Pager != "" && p.Pager == a.Pager {
				f.Page, f.Answer, f.Args = p.Key, answer, args
				break
			}
		}
	}
	d.add(f)
}

// What a whole note looks like that was meant to do something, though it does nothing.
var (
	noteAmount = regexp.MustCompile(`^\+ ?([5-9]|[1-9][0-9]{1,2}) ?(m|mn|min|minutes?|h|hours?|heures?)?\.?$`)
	notePark   = regexp.MustCompile(`^(park|parque|garer)( (until|till|jusqu'à|à) .{1,30}| [0-9]{1,2}([:h][0-9]{0,2})?)?\.?$`)
	noteSlash  = regexp.MustCompile(`^/[a-z]{2,20}( |$)`)
	noteSev    = regexp.MustCompile(`^sev[ -]?[1-4]\.?$`)
)

// noteAlone are the words of commands in Slack that are prose with others, and a command that notes do not know by themselves.
var noteAlone = []string{"ack", "acknowledge", "acknowledged", "take", "help", "escalate", "cancel", "close", "reopen", "resolve", "mitigate", "handover", "update"}

// proseVerbs are words of sentences that are near a verb of notes.
var proseVerbs = []string{"accepts", "accepted", "accepté", "accent", "resolve", "resolves", "mitigate", "mitigates", "progresse", "mitiger"}

// lookalike says what a note that is no command was meant as: "" is prose, which is never answered.
func lookalike(body string) string {
	s := strings.Join(strings.Fields(strings.ToLower(body)), " ")
	word, _, more := strings.Cut(s, " ")
	word = strings.Trim(word, ":,.")
	switch {
	case noteAmount.MatchString(s):
		return NotePlus
	case notePark.MatchString(s):
		return NotePark
	case noteSlash.MatchString(s), noteSev.MatchString(s), !more && slices.Contains(noteAlone, word):
		return NoteUnknown
	case more && slices.Contains(proseVerbs, word):
		return ""
	}
	for verb := range noteVerbs {
		if len([]rune(verb)) >= 6 && slip([]rune(word), []rune(verb)) {
			return NoteUnknown
		}
	}
	return ""
}

// slip reports whether a and b differ by one slip of a finger: a letter missing, added or wrong, or two neighbours the wrong way round.
func slip(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i < len(a) && (slices.Equal(a[i+1:], b[i+1:]) ||
			i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:]))
	case 1:
		return slices.Equal(a[i:], b[i+1:])
	}
	return false
}
