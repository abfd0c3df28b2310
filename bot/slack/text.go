package slack

import "strings"

// Slack's mrkdwn, read: references in angle brackets, three characters escaped
// (https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages).

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// references walks the text of a message: plain stretches, unescaped, and the insides of <...>. What is no closed reference is plain.
func references(s string, plain func(string), ref func(body, label string)) {
	for s != "" {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		shut := strings.IndexByte(s[open:], '>')
		if shut < 0 {
			break
		}
		if open > 0 {
			plain(unescape.Replace(s[:open]))
		}
		body, label, _ := strings.Cut(s[open+1:open+shut], "|")
		ref(body, unescape.Replace(label))
		s = s[open+shut+1:]
	}
	if s != "" {
		plain(unescape.Replace(s))
	}
}

// readable writes a message's text as people read it: names for people, addresses for links, entities undone. name may be nil or return ""
// for people it does not know.
func readable(s string, name func(id string) string) string {
	var b strings.Builder
	references(s, func(p string) { b.WriteString(p) }, func(body, label string) {
		switch {
		case body == "":
			b.WriteString("<" + label + ">")
		case body[0] == '@':
			if label == "" && name != nil {
				label = name(body[1:])
			}
			if label == "" {
				label = body[1:]
			}
			b.WriteString("@" + strings.TrimPrefix(label, "@"))
		case body[0] == '#':
			if label == "" {
				label = body[1:]
			}
			b.WriteString("#" + label)
		case body[0] == '!':
			if label == "" { // <!here>, <!subteam^S1>, <!date^1^{time}|fallback>
				label = "@" + body[1:]
			}
			b.WriteString(label)
		default:
			url := unescape.Replace(body)
			switch bare := strings.TrimPrefix(strings.TrimPrefix(url, "mailto:"), "tel:"); label {
			case "", url, bare:
				b.WriteString(bare)
			default:
				b.WriteString(label + " (" + bare + ")")
			}
		}
	})
	return b.String()
}

// commandText is the text of a command for commands.Call: people and channels stay references, links become bare, entities are undone.
func commandText(s string) string {
	var b strings.Builder
	references(s, func(p string) { b.WriteString(p) }, func(body, label string) {
		switch {
		case body != "" && (body[0] == '@' || body[0] == '#'):
			b.WriteString("<" + body)
			if label != "" {
				b.WriteString("|" + label)
			}
			b.WriteString(">")
		case body != "" && body[0] == '!':
			b.WriteString(readable("<"+body+"|"+label+">", nil))
		case label != "" && strings.HasSuffix(unescape.Replace(body), label):
			b.WriteString(label) // what was typed: example.org became <http://example.org|example.org>
		default:
			b.WriteString(unescape.Replace(body))
		}
	})
	return strings.TrimSpace(b.String())
}
