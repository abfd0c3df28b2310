package demo

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// transcript prints a channel as a reader sees it at the end: cards as they stand, edits and deletions marked.
func (p *player) transcript(channel string) {
	for _, m := range p.Sandbox.Workspace.Messages(channel) {
		if m.Subtype != "" && m.Subtype != "bot_message" && m.Subtype != "thread_broadcast" && m.Subtype != "file_share" {
			continue
		}
		who := m.User
		if u, ok := p.Sandbox.Workspace.User(m.User); ok {
			who = u.RealName
			if who == "" {
				who = u.Name
			}
		}
		text := m.Text
		if lines := linesOf(m.Blocks); len(lines) > 0 {
			text = strings.Join(lines, "\n")
		}
		text = p.plain(text)
		mark := ""
		switch {
		case m.Deleted:
			mark = " " + p.say("demo.deleted", nil)
		case m.Edits > 0 && m.BotID == "":
			mark = " " + p.say("demo.edited", nil)
		}
		indent := ""
		if m.ThreadTS != "" && m.ThreadTS != m.TS {
			indent = "      ↳ "
		}
		fmt.Fprintf(p.out, "%s%s %s%s%s %s\n", indent, tsTime(m.TS).In(p.zone).Format("15:04"), who, mark, p.say("demo.colon", nil), strings.ReplaceAll(text, "\n", "\n      "))
	}
}

// tsTime is the moment of a Slack timestamp, to the second.
func tsTime(ts string) time.Time {
	var sec int64
	_, _ = fmt.Sscanf(ts, "%d.", &sec)
	return time.Unix(sec, 0)
}

var (
	dateToken = regexp.MustCompile(`<!date\^(\d+)\^[^|>]*\|([^>]*)>`)
	userToken = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^>]*)?>`)
	linkToken = regexp.MustCompile(`<(https?://[^|>]*)(?:\|([^>]*))?>`)
	roomToken = regexp.MustCompile(`<#(C[A-Z0-9]+)(?:\|[^>]*)?>`)
)

// plain turns Slack's tokens into words.
func (p *player) plain(s string) string {
	s = dateToken.ReplaceAllString(s, "$2")
	s = userToken.ReplaceAllStringFunc(s, func(t string) string {
		if u, ok := p.Sandbox.Workspace.User(userToken.FindStringSubmatch(t)[1]); ok {
			return "@" + u.RealName
		}
		return t
	})
	s = roomToken.ReplaceAllStringFunc(s, func(t string) string {
		if c, ok := p.Sandbox.Workspace.Channel(roomToken.FindStringSubmatch(t)[1]); ok {
			return "#" + c.Name
		}
		return t
	})
	s = linkToken.ReplaceAllString(s, "$2 ($1)")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// linesOf are the words of a card: paragraphs, and buttons in brackets.
func linesOf(raw json.RawMessage) []string {
	var blocks []map[string]any
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var out []string
	for _, b := range blocks {
		if t := textOf(b["text"]); t != "" {
			out = append(out, t)
		}
		for _, f := range list(b["fields"]) {
			out = append(out, textOf(f))
		}
		var row []string
		for _, e := range append(list(b["elements"]), b["accessory"]) {
			el, ok := e.(map[string]any)
			if !ok {
				continue
			}
			switch el["type"] {
			case "button":
				row = append(row, "["+textOf(el["text"])+"]")
			case "overflow":
				row = append(row, "[…]")
			case "mrkdwn", "plain_text":
				row = append(row, textOf(el))
			}
		}
		if len(row) > 0 {
			out = append(out, strings.Join(row, " "))
		}
	}
	return out
}

func list(v any) []any { l, _ := v.([]any); return l }

func textOf(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	s, _ := m["text"].(string)
	return s
}

// button is a button of a card.
type button struct{ action, value string }

func buttonsOf(raw json.RawMessage) []button {
	var blocks []map[string]any
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var out []button
	for _, b := range blocks {
		for _, e := range append(list(b["elements"]), b["accessory"]) {
			if el, ok := e.(map[string]any); ok && el["type"] == "button" {
				a, _ := el["action_id"].(string)
				v, _ := el["value"].(string)
				out = append(out, button{a, v})
			}
		}
	}
	return out
}
