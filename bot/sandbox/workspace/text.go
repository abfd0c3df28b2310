package workspace

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// typed finds what Slack's client turns into references while a person types.
var typed = regexp.MustCompile(`https?://[^\s<>|]+|@[\p{L}\p{N}._-]+|#[a-z0-9_-]+`)

// typedLocked turns what a person typed into Slack's text: & < > are escaped, @name of
// someone known, @channel, @here, @everyone, #channel and links become references.
// The form of a reference in slash commands has the name after a bar.
func (w *Workspace) typedLocked(text string, command bool) string {
	var out strings.Builder
	last := 0
	for _, at := range typed.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		// "a@bob" and "x#general" are no references.
		if word[0] != 'h' && at[0] > 0 {
			if r, _ := utf8.DecodeLastRuneInString(text[:at[0]]); !strings.ContainsRune(" \t\n([{\"'*_~:,;/-", r) {
				continue
			}
		}
		ref, rest := w.referenceLocked(word, command)
		if ref == "" {
			continue
		}
		out.WriteString(escaper.Replace(text[last:at[0]]))
		out.WriteString(ref)
		last = at[1] - len(rest)
	}
	out.WriteString(escaper.Replace(text[last:]))
	return out.String()
}

// referenceLocked resolves one word; rest is trailing punctuation that is not part of
// it. An empty ref means that the word is plain text.
func (w *Workspace) referenceLocked(word string, command bool) (ref, rest string) {
	trim := func(s string) string { return strings.TrimRight(s, ".,;:!?)-_'\"") }
	switch word[0] {
	case 'h':
		u := trim(word)
		return "<" + strings.ReplaceAll(u, "&", "&amp;") + ">", word[len(u):]
	case '@':
		for name := word[1:]; name != ""; name = shorter(name, trim) {
			rest = word[1+len(name):]
			switch name {
			case "channel", "here", "everyone":
				return "<!" + name + ">", rest
			}
			if u := w.findUserLocked("@" + name); u != nil && strings.EqualFold(u.Name, name) {
				if command {
					return "<@" + u.ID + "|" + u.Name + ">", rest
				}
				return "<@" + u.ID + ">", rest
			}
			for _, g := range w.groups {
				if g.Handle == name {
					return "<!subteam^" + g.ID + ">", rest
				}
			}
		}
	case '#':
		for name := word[1:]; name != ""; name = shorter(name, trim) {
			if c := w.names[name]; c != nil && c.Kind == KindPublic {
				return "<#" + c.ID + "|" + c.Name + ">", word[1+len(name):]
			}
		}
	}
	return "", ""
}

// shorter takes trailing punctuation off, or ends the search.
func shorter(name string, trim func(string) string) string {
	if t := trim(name); t != name {
		return t
	}
	return ""
}

// mention finds what alerts people in mrkdwn.
var mention = regexp.MustCompile(`<(?:@([UW][A-Z0-9]+)|!(channel|here|everyone|group)|!subteam\^([A-Z0-9]+))(?:\|[^>]*)?>`)

// reference finds every reference in mrkdwn.
var reference = regexp.MustCompile(`<([^<>]+)>`)

// notify works out whom a message alerts.
func (w *Workspace) notifyLocked(c *channel, m *Message) {
	users := map[string]bool{}
	var broadcasts []string
	scan := func(text string) {
		for _, hit := range mention.FindAllStringSubmatch(text, -1) {
			switch {
			case hit[1] != "":
				users[hit[1]] = true
			case hit[2] != "":
				if hit[2] == "group" {
					hit[2] = "channel"
				}
				if !slices.Contains(broadcasts, hit[2]) {
					broadcasts = append(broadcasts, hit[2])
				}
			case hit[3] != "":
				for _, g := range w.groups {
					if g.ID == hit[3] {
						for _, u := range g.Users {
							users[u] = true
						}
					}
				}
			}
		}
	}
	scan(m.Text)
	for _, raw := range []json.RawMessage{m.Blocks, m.Attachments} {
		if len(raw) == 0 {
			continue
		}
		var v any
		if json.Unmarshal(raw, &v) == nil {
			walkMentions(v, scan)
		}
	}
	if len(broadcasts) > 0 {
		for _, u := range c.Members {
			users[u] = true
		}
	}
	for id := range users {
		u := w.userByID[id]
		if u == nil || u.Bot || u.Deleted || id == m.User {
			continue
		}
		m.Notified = append(m.Notified, id)
	}
	slices.Sort(m.Notified)
	slices.Sort(broadcasts)
	m.Broadcasts = broadcasts
}

// walkMentions gives scan every text in blocks or attachments that Slack parses for
// mentions: mrkdwn objects, markdown blocks, attachment fields, and rich text.
func walkMentions(v any, scan func(string)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			walkMentions(x, scan)
		}
	case map[string]any:
		text, _ := v["text"].(string)
		switch v["type"] {
		case "plain_text", "text":
			return
		case "user":
			if id, ok := v["user_id"].(string); ok {
				scan("<@" + id + ">")
			}
			return
		case "usergroup":
			if id, ok := v["usergroup_id"].(string); ok {
				scan("<!subteam^" + id + ">")
			}
			return
		case "broadcast":
			if r, ok := v["range"].(string); ok {
				scan("<!" + r + ">")
			}
			return
		}
		scan(text)
		for _, key := range sortedKeys(v) {
			switch x := v[key].(type) {
			case string:
				// Of an attachment, pretext, title, fallback and fields are parsed too.
				if key == "pretext" || key == "value" && v["type"] == nil {
					scan(x)
				}
			default:
				walkMentions(x, scan)
			}
		}
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// richText is the block that Slack's client makes of what a person typed.
func richText(blockID, text string) json.RawMessage {
	var elements []any
	plain := func(s string) {
		if s != "" {
			elements = append(elements, map[string]any{"type": "text", "text": unescaper.Replace(s)})
		}
	}
	last := 0
	for _, at := range reference.FindAllStringSubmatchIndex(text, -1) {
		plain(text[last:at[0]])
		last = at[1]
		body, label, _ := strings.Cut(text[at[2]:at[3]], "|")
		switch {
		case strings.HasPrefix(body, "@"):
			elements = append(elements, map[string]any{"type": "user", "user_id": body[1:]})
		case strings.HasPrefix(body, "#"):
			elements = append(elements, map[string]any{"type": "channel", "channel_id": body[1:]})
		case strings.HasPrefix(body, "!subteam^"):
			elements = append(elements, map[string]any{"type": "usergroup", "usergroup_id": strings.TrimPrefix(body, "!subteam^")})
		case strings.HasPrefix(body, "!"):
			elements = append(elements, map[string]any{"type": "broadcast", "range": body[1:]})
		default:
			link := map[string]any{"type": "link", "url": unescaper.Replace(body)}
			if label != "" {
				link["text"] = unescaper.Replace(label)
			}
			elements = append(elements, link)
		}
	}
	plain(text[last:])
	if len(elements) == 0 {
		return nil
	}
	return mustJSON([]any{map[string]any{
		"type": "rich_text", "block_id": blockID,
		"elements": []any{map[string]any{"type": "rich_text_section", "elements": elements}},
	}})
}

// mustJSON encodes what the workspace itself built; it cannot fail.
func mustJSON(v any) json.RawMessage {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("workspace: encode: " + err.Error())
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}
