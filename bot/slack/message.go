package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// message is a message as events and histories show it, of which only what we use is read. slack-go's own type refuses a whole page of
// history, or an event, for one block it does not understand; a timeline must not have that hole.
type message struct {
	SubType     string   `json:"subtype"`
	Hidden      bool     `json:"hidden"`
	User        string   `json:"user"`
	BotID       string   `json:"bot_id"`
	Username    string   `json:"username"`
	Text        string   `json:"text"`
	TS          string   `json:"ts"`
	ThreadTS    string   `json:"thread_ts"`
	LatestReply string   `json:"latest_reply"`
	ReplyCount  int      `json:"reply_count"`
	Channel     string   `json:"channel"`
	DeletedTS   string   `json:"deleted_ts"`
	EventTS     string   `json:"event_ts"`
	Message     *message `json:"message"`
	Previous    *message `json:"previous_message"`
	Edited      *struct {
		User string `json:"user"`
		TS   string `json:"ts"`
	} `json:"edited"`
	BotProfile *struct {
		Name string `json:"name"`
	} `json:"bot_profile"`
	Files []struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		Permalink string `json:"permalink"`
	} `json:"files"`
	Attachments []struct {
		Fallback string `json:"fallback"`
		Text     string `json:"text"`
		Title    string `json:"title"`
	} `json:"attachments"`
	Metadata *struct {
		EventType    string          `json:"event_type"`
		EventPayload json.RawMessage `json:"event_payload"`
	} `json:"metadata"`
}

// decodeMessage reads a message; one that has an unexpected shape somewhere still gives the rest.
func decodeMessage(raw json.RawMessage) (message, error) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil && (lenient(raw, &m) != nil || m.TS == "") {
		return message{}, fmt.Errorf("read a message: %w", err)
	}
	return m, nil
}

// words is what a message says: its text, else what its attachments say in plain words (alert bots write there).
func (m message) words() string {
	if m.Text != "" {
		return m.Text
	}
	var out []string
	for _, a := range m.Attachments {
		switch {
		case a.Fallback != "":
			out = append(out, a.Fallback)
		default:
			out = append(out, strings.TrimSpace(a.Title+"\n"+a.Text))
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// parseTS reads Slack's "1700000000.000100" as a moment, to the microsecond. It is never a float: two messages of one second would
// become one.
func parseTS(ts string) (time.Time, bool) {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil || s < 0 || s > 1<<40 || len(frac) > 9 {
		return time.Time{}, false
	}
	us := int64(0)
	if frac != "" {
		n, err := strconv.ParseUint(frac, 10, 64)
		if err != nil {
			return time.Time{}, false
		}
		us = int64(n)
		for range 6 - len(frac) {
			us *= 10
		}
		for range len(frac) - 6 {
			us /= 10
		}
	}
	return time.Unix(s, us*1000).UTC(), true
}

// formatTS is the ts of a moment, for asking "since then".
func formatTS(t time.Time) string {
	if t.Before(time.Unix(0, 0)) {
		return "0.000000"
	}
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// laterTS reports whether a is a later ts than b; an unreadable one is earlier than all.
func laterTS(a, b string) bool {
	ta, ok := parseTS(a)
	tb, ok2 := parseTS(b)
	return ok && (!ok2 || ta.After(tb))
}

// compareTS orders two ts.
func compareTS(a, b string) int {
	switch {
	case laterTS(a, b):
		return 1
	case laterTS(b, a):
		return -1
	}
	return 0
}

// pageOf is one page of a history.
type pageOf struct {
	Messages []message
	Unread   int  // how many could not be read at all
	Limited  bool // the workspace's plan hides older ones
	Next     string
}

// history reads one page of a channel's history, newest first, of messages after oldest.
func (c *Client) history(ctx context.Context, channel, oldest, latest, cursor string, metadata bool) (pageOf, error) {
	v := url.Values{"channel": {channel}, "limit": {"200"}}
	setIf(v, "oldest", oldest)
	setIf(v, "latest", latest)
	setIf(v, "cursor", cursor)
	if metadata {
		v.Set("include_all_metadata", "true")
	}
	return c.messages(ctx, "conversations.history", v)
}

// replies reads one page of a thread, oldest first; its parent comes along.
func (c *Client) replies(ctx context.Context, channel, thread, oldest, cursor string) (pageOf, error) {
	v := url.Values{"channel": {channel}, "ts": {thread}, "limit": {"200"}}
	setIf(v, "oldest", oldest)
	setIf(v, "cursor", cursor)
	return c.messages(ctx, "conversations.replies", v)
}

// exactly reads one message, or one reply of a thread, whose parent comes along.
func (c *Client) exactly(ctx context.Context, channel, thread, ts string) (pageOf, error) {
	v := url.Values{"channel": {channel}, "limit": {"10"}, "oldest": {ts}, "latest": {ts}, "inclusive": {"true"}}
	if thread == "" {
		return c.messages(ctx, "conversations.history", v)
	}
	v.Set("ts", thread)
	return c.messages(ctx, "conversations.replies", v)
}

func setIf(v url.Values, key, s string) {
	if s != "" {
		v.Set(key, s)
	}
}

func (c *Client) messages(ctx context.Context, method string, v url.Values) (pageOf, error) {
	var r struct {
		OK       bool              `json:"ok"`
		Error    string            `json:"error"`
		Needed   string            `json:"needed"`
		Provided string            `json:"provided"`
		Messages []json.RawMessage `json:"messages"`
		Limited  bool              `json:"is_limited"`
		Metadata struct {
			Next     string   `json:"next_cursor"`
			Messages []string `json:"messages"`
		} `json:"response_metadata"`
	}
	err := c.do(ctx, method, "", func(ctx context.Context) error {
		if err := c.form(ctx, method, v, &r); err != nil {
			return err
		}
		if !r.OK {
			return coded(method, r.Error, r.Needed, r.Provided, r.Metadata.Messages)
		}
		return nil
	})
	if err != nil {
		return pageOf{}, err
	}
	p := pageOf{Next: r.Metadata.Next, Limited: r.Limited}
	for _, raw := range r.Messages {
		m, err := decodeMessage(raw)
		if err != nil {
			p.Unread++
			continue
		}
		p.Messages = append(p.Messages, m)
	}
	return p, nil
}

// maxAnswer bounds what is read of one answer.
const maxAnswer = 16 << 20

// form calls a method by ourselves, where slack-go's decoding is too strict for what we need.
func (c *Client) form(ctx context.Context, method string, v url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, strings.NewReader(v.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+c.botToken)
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		f := status(method, resp.StatusCode)
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && f.Code == CodeRateLimited {
			f.after = max(time.Duration(n)*time.Second, time.Second)
		}
		return f
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out)
}
