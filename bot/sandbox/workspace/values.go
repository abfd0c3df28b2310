package workspace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// initialValue is what view.state holds for an element before a person touched it;
// false for elements that hold nothing (buttons, overflow menus).
func initialValue(e element) (json.RawMessage, bool) {
	o := object{"type": e.Type}
	from := func(key, initial string) {
		o[key] = e.Raw[initial]
	}
	list := func(key, initial string) {
		v, ok := e.Raw[initial].([]any)
		if !ok {
			v = []any{}
		}
		o[key] = v
	}
	switch e.Type {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		from("value", "initial_value")
	case "rich_text_input":
		from("rich_text_value", "initial_value")
	case "static_select", "external_select", "radio_buttons":
		from("selected_option", "initial_option")
	case "users_select":
		from("selected_user", "initial_user")
	case "channels_select":
		from("selected_channel", "initial_channel")
	case "conversations_select":
		from("selected_conversation", "initial_conversation")
	case "datepicker":
		from("selected_date", "initial_date")
	case "timepicker":
		from("selected_time", "initial_time")
	case "datetimepicker":
		from("selected_date_time", "initial_date_time")
	case "checkboxes", "multi_static_select", "multi_external_select":
		list("selected_options", "initial_options")
	case "multi_users_select":
		list("selected_users", "initial_users")
	case "multi_channels_select":
		list("selected_channels", "initial_channels")
	case "multi_conversations_select":
		list("selected_conversations", "initial_conversations")
	case "file_input":
		o["files"] = []any{}
	default:
		return nil, false
	}
	// Slack's decoders read a missing selection as null or as absent; an empty text is
	// null, and slack-go reads null into the zero value.
	return mustJSON(o), true
}

// choose makes Slack's value object of what a person entered into an element: a string
// (text, an option's value, a user, channel or date), or several strings for checkboxes
// and multi selects. An empty string or list means nothing is entered.
func (w *Workspace) chooseLocked(e element, value any) (json.RawMessage, error) {
	var one string
	var many []string
	switch v := value.(type) {
	case nil:
	case string:
		one = v
		if v != "" {
			many = []string{v}
		}
	case []string:
		many = v
	case []any:
		for _, x := range v {
			many = append(many, fmt.Sprint(x))
		}
	case int:
		one = strconv.Itoa(v)
	case int64:
		one = strconv.FormatInt(v, 10)
	case float64:
		one = strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return nil, fmt.Errorf("workspace: %s: a bool is no value; give the option's value", e.ActionID)
	case fmt.Stringer:
		one = v.String()
	default:
		return nil, fmt.Errorf("workspace: %s: cannot enter a %T", e.ActionID, value)
	}
	if one == "" && len(many) == 1 {
		one = many[0]
	}
	o := object{"type": e.Type}
	single := func(key string, ok func(string) bool) error {
		o[key] = nil
		if one == "" {
			return nil
		}
		if !ok(one) {
			return fmt.Errorf("workspace: %s %q cannot be %q", e.Type, e.ActionID, one)
		}
		o[key] = one
		return nil
	}
	several := func(key string, ok func(string) bool) error {
		for _, s := range many {
			if !ok(s) {
				return fmt.Errorf("workspace: %s %q cannot hold %q", e.Type, e.ActionID, s)
			}
		}
		o[key] = nonNil(many)
		return nil
	}
	limit := func() error {
		if n, ok := e.Raw["max_selected_items"].(json.Number); ok {
			if most, err := n.Int64(); err == nil && int64(len(many)) > most {
				return fmt.Errorf("workspace: %s %q takes at most %d", e.Type, e.ActionID, most)
			}
		}
		return nil
	}
	user := func(s string) bool { u := w.userByID[s]; return u != nil && !u.Deleted }
	known := func(s string) bool { return w.chanByID[s] != nil }
	var err error
	switch e.Type {
	case "plain_text_input":
		n := utf8.RuneCountInString(one)
		most := intField(e.Raw, "max_length", 3000)
		least := intField(e.Raw, "min_length", 0)
		if n > most || n > 0 && n < least {
			return nil, fmt.Errorf("workspace: %q takes %d to %d characters, not %d", e.ActionID, least, most, n)
		}
		err = single("value", func(string) bool { return true })
	case "email_text_input":
		err = single("value", func(s string) bool { return strings.Contains(s, "@") })
	case "url_text_input":
		err = single("value", func(s string) bool { return strings.Contains(s, "://") })
	case "number_input":
		err = single("value", func(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil })
	case "static_select", "radio_buttons", "overflow":
		o["selected_option"] = nil
		if one != "" {
			opt := findOption(e, one)
			if opt == nil {
				return nil, fmt.Errorf("workspace: %s %q has no option %q", e.Type, e.ActionID, one)
			}
			o["selected_option"] = opt
		}
	case "checkboxes", "multi_static_select":
		opts := []any{}
		for _, s := range many {
			opt := findOption(e, s)
			if opt == nil {
				return nil, fmt.Errorf("workspace: %s %q has no option %q", e.Type, e.ActionID, s)
			}
			opts = append(opts, opt)
		}
		o["selected_options"] = opts
		err = limit()
	case "users_select":
		err = single("selected_user", user)
	case "channels_select":
		err = single("selected_channel", func(s string) bool { c := w.chanByID[s]; return c != nil && c.Kind == KindPublic })
	case "conversations_select":
		err = single("selected_conversation", known)
	case "multi_users_select":
		if err = several("selected_users", user); err == nil {
			err = limit()
		}
	case "multi_channels_select":
		if err = several("selected_channels", known); err == nil {
			err = limit()
		}
	case "multi_conversations_select":
		if err = several("selected_conversations", known); err == nil {
			err = limit()
		}
	case "datepicker":
		err = single("selected_date", func(s string) bool { _, err := time.Parse("2006-01-02", s); return err == nil })
	case "timepicker":
		err = single("selected_time", func(s string) bool { _, err := time.Parse("15:04", s); return err == nil })
	case "datetimepicker":
		o["selected_date_time"] = nil
		if one != "" {
			n, perr := strconv.ParseInt(one, 10, 64)
			if perr != nil {
				return nil, fmt.Errorf("workspace: %q takes Unix seconds: %w", e.ActionID, perr)
			}
			o["selected_date_time"] = n
		}
	case "rich_text_input":
		o["rich_text_value"] = nil
		if one != "" {
			o["rich_text_value"] = object{"type": "rich_text", "elements": []any{object{
				"type": "rich_text_section", "elements": []any{object{"type": "text", "text": one}}}}}
		}
	default:
		return nil, fmt.Errorf("workspace: a person cannot enter a value into a %s (%q)", e.Type, e.ActionID)
	}
	if err != nil {
		return nil, err
	}
	return mustJSON(o), nil
}

func intField(m map[string]any, key string, otherwise int) int {
	if n, ok := m[key].(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			return int(i)
		}
	}
	return otherwise
}

// findOption finds an option of an element by its value.
func findOption(e element, value string) any {
	var all []any
	if l, ok := e.Raw["options"].([]any); ok {
		all = append(all, l...)
	}
	if groups, ok := e.Raw["option_groups"].([]any); ok {
		for _, g := range groups {
			if m, ok := g.(map[string]any); ok {
				if l, ok := m["options"].([]any); ok {
					all = append(all, l...)
				}
			}
		}
	}
	i := slices.IndexFunc(all, func(v any) bool {
		m, ok := v.(map[string]any)
		return ok && m["value"] == value
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// empty reports whether a value object holds nothing.
func empty(raw json.RawMessage) bool {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return true
	}
	for k, v := range m {
		if k == "type" {
			continue
		}
		switch v := v.(type) {
		case nil:
		case string:
			if v != "" {
				return false
			}
		case []any:
			if len(v) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}
