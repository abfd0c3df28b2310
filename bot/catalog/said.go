package catalog

import (
	"errors"
	"io/fs"
	"strings"
)

// Said is an error in the catalogue's words: it reads in English where nobody chose (Error), and in the reader's language where somebody
// prints it for a person (In). Err is the cause, for errors.Is and errors.As; its words are part of the message only where an argument
// says so.
type Said struct {
	Key  string
	Args Args
	Err  error
}

// Error words it in English.
func (s *Said) Error() string { return s.In(English) }

// In words it in a language, times in UTC.
func (s *Said) In(lang string) string { return Say(lang, s.Key, s.Args).Plain(nil) }

// Unwrap returns the cause.
func (s *Said) Unwrap() error { return s.Err }

// Worded is an error that can say itself in either language.
type Worded interface {
	error
	In(lang string) string
}

// ErrorIn says an error in a language: every part of it that is Worded in that language's words, the rest as it stands.
func ErrorIn(lang string, err error) string {
	if err == nil {
		return ""
	}
	if w, ok := err.(Worded); ok {
		return w.In(Language(lang))
	}
	text := err.Error()
	if key := system(err); key != "" && Language(lang) != English {
		return Say(lang, key, nil).Plain(nil)
	}
	var causes []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		causes = []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		causes = e.Unwrap()
	}
	for _, c := range causes {
		if c == nil {
			continue
		}
		if was, now := c.Error(), ErrorIn(lang, c); was != "" && was != now {
			text = strings.Replace(text, was, now, 1)
		}
	}
	return text
}

// system is the message for what an operating system says in English only, of a file that somebody named; empty: there is none.
func system(err error) string {
	_, several := err.(interface{ Unwrap() []error })
	switch {
	case several, errors.Unwrap(err) != nil: // the words of its causes are asked for by themselves
		return ""
	case errors.Is(err, fs.ErrNotExist):
		return "system.absent"
	case errors.Is(err, fs.ErrPermission):
		return "system.denied"
	case err.Error() == "is a directory": // EISDIR; a pure room does not ask the system
		return "system.directory"
	case err.Error() == "not a directory":
		return "system.no-directory"
	}
	return ""
}

// Cause is an error as an argument, in the language around it where it has words for it; it may have several lines.
type Cause struct{ Err error }

func (c Cause) spans(lang string) Text { return Lines(ErrorIn(lang, c.Err)).spans(lang) }
