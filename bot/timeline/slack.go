package timeline

import (
	"regexp"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// token is what Slack puts between < and > in a message's text (docs.slack.dev, "Retrieving messages").
var token = regexp.MustCompile(`<([@#!]?)([^<>|\s][^<>|]*)(?:\|([^<>]*))?>`)

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// slack reads the text of a message as Slack sent it: people become names, channels "#name", <!channel> the words "@channel", links
// links. Nothing in it can call anybody.
func (w *writer) slack(t incident.Text) catalog.Arg {
	if t.Body == "" && t.Digest != "" {
		return catalog.Term("erased")
	}
	var out catalog.Text
	plain := func(s string) {
		out = catalog.Join("", out, catalog.Of(w.lang, catalog.Lines(unescape.Replace(s))))
	}
	rest := t.Body
	for {
		m := token.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return rest[m[2*i]:m[2*i+1]]
		}
		plain(rest[:m[0]])
		sigil, what, label := part(1), part(2), unescape.Replace(part(3))
		switch sigil {
		case "@":
			out = append(out, catalog.Of(w.lang, w.person(incident.Person{Slack: what, Name: label}))...)
		case "#":
			out = append(out, catalog.Of(w.lang, catalog.Room{ID: what, Name: label})...)
		case "!":
			word, _, _ := strings.Cut(what, "^")
			if label == "" {
				label = "@" + word
			}
			plain(label)
		default:
			if label == "" {
				label = unescape.Replace(what)
			}
			out = append(out, catalog.Of(w.lang, catalog.URL{Label: label, URL: unescape.Replace(what)})...)
		}
		rest = rest[m[1]:]
	}
	plain(rest)
	return out
}
