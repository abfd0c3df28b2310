package workspace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Surfaces on which blocks are shown.
const (
	surfaceMessage = "message"
	surfaceModal   = "modal"
	surfaceHome    = "home"
)

// Limits of Block Kit, from the reference pages of blocks and composition objects.
const (
	maxBlocksMessage = 50
	maxBlocksView    = 100
	maxBlockText     = 13_200 // of all text in a message's blocks; undocumented, observed
	maxMarkdownText  = 12_000 // of all markdown blocks together
	maxBlockErrors   = 20     // reported at once
)

// element is an interactive element found in blocks.
type element struct {
	BlockID, ActionID, Type string
	Input                   bool // in an input block
	Optional                bool // the input block's
	Raw                     map[string]any
}

// checker walks blocks, writes ids into those that lack one and collects what Slack
// would complain about.
type checker struct {
	surface  string
	errs     []string
	text     int // runes of all text objects
	markdown int
	blockIDs map[string]bool
	focus    bool
	elements []element
}

// checkedBlocks are blocks that passed.
type checkedBlocks struct {
	raw      json.RawMessage // normalized: every block has a block_id, every element an action_id
	elements []element
	text     int
	inputs   bool
}

// checkBlocks validates a blocks array against Slack's limits. errs are Slack's words
// with JSON pointers. Nothing of a refused array is usable.
func checkBlocks(raw []byte, surface string) (out checkedBlocks, errs []string) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var list []any
	if err := dec.Decode(&list); err != nil || dec.More() {
		return out, []string{"must be a valid JSON array of blocks [json-pointer:/blocks]"}
	}
	c := &checker{surface: surface, blockIDs: map[string]bool{}}
	limit := maxBlocksView
	if surface == surfaceMessage {
		limit = maxBlocksMessage
	}
	if len(list) > limit {
		c.err("/blocks", "no more than %d items allowed", limit)
		return out, c.errs
	}
	for i, b := range list {
		if m, ok := b.(map[string]any); ok {
			if id, _ := m["block_id"].(string); id != "" {
				if c.blockIDs[id] {
					c.err(fmt.Sprintf("/blocks/%d/block_id", i), "block_id %q already exists", clip(id, 60))
				}
				c.blockIDs[id] = true
			}
		}
	}
	for i, b := range list {
		if len(c.errs) >= maxBlockErrors {
			break
		}
		c.block(b, i)
	}
	if c.markdown > maxMarkdownText {
		c.err("/blocks", "markdown blocks hold %d characters, the limit is %d", c.markdown, maxMarkdownText)
	}
	if len(c.errs) > 0 {
		return out, c.errs
	}
	if list == nil {
		list = []any{}
	}
	out.raw, out.elements, out.text = mustJSON(list), c.elements, c.text
	out.inputs = slices.ContainsFunc(c.elements, func(e element) bool { return e.Input })
	return out, nil
}

func (c *checker) err(path, format string, args ...any) {
	if len(c.errs) < maxBlockErrors {
		c.errs = append(c.errs, fmt.Sprintf(format, args...)+" [json-pointer:"+path+"]")
	}
}

// fields are the allowed keys of each block type, without type and block_id.
var fields = map[string][]string{
	"section":   {"text", "fields", "accessory", "expand"},
	"divider":   {},
	"image":     {"image_url", "slack_file", "alt_text", "title"},
	"actions":   {"elements"},
	"context":   {"elements"},
	"header":    {"text", "level"},
	"input":     {"label", "element", "hint", "optional", "dispatch_action"},
	"markdown":  {"text"},
	"rich_text": {"elements"},
	"table":     {"rows", "column_settings"},
	"video":     {"video_url", "thumbnail_url", "alt_text", "title", "title_url", "author_name", "provider_name", "provider_icon_url", "description"},
}

func (c *checker) block(v any, i int) {
	path := fmt.Sprintf("/blocks/%d", i)
	m, ok := v.(map[string]any)
	if !ok {
		c.err(path, "must be an object")
		return
	}
	kind, _ := m["type"].(string)
	keys, known := fields[kind]
	if !known || kind == "table" && c.surface != surfaceMessage || kind == "markdown" && c.surface != surfaceMessage {
		c.err(path+"/type", "unsupported type: %s", clip(kind, 60))
		return
	}
	c.allowed(m, path, append([]string{"type", "block_id"}, keys...)...)
	c.str(m, "block_id", path, 0, 255, false)
	id, _ := m["block_id"].(string)
	if id == "" {
		for n := i; ; n += len(c.blockIDs) + 1 {
			id = fmt.Sprintf("b%d", n)
			if !c.blockIDs[id] {
				break
			}
		}
		c.blockIDs[id] = true
		m["block_id"] = id
	}
	actions := map[string]bool{}
	switch kind {
	case "section":
		if m["text"] == nil && m["fields"] == nil {
			c.err(path, "missing required field: text")
		}
		if m["text"] != nil {
			c.textObject(m["text"], path+"/text", 3000, false)
		}
		if m["fields"] != nil {
			for j, f := range c.list(m["fields"], path+"/fields", 1, 10) {
				c.textObject(f, fmt.Sprintf("%s/fields/%d", path, j), 2000, false)
			}
		}
		if m["accessory"] != nil {
			c.element(m["accessory"], path+"/accessory", "section", id, actions, false)
		}
	case "image":
		c.image(m, path)
		if m["title"] != nil {
			c.textObject(m["title"], path+"/title", 2000, true)
		}
	case "actions":
		for j, e := range c.list(m["elements"], path+"/elements", 1, 25) {
			c.element(e, fmt.Sprintf("%s/elements/%d", path, j), "actions", id, actions, false)
		}
	case "context":
		for j, e := range c.list(m["elements"], path+"/elements", 1, 10) {
			p := fmt.Sprintf("%s/elements/%d", path, j)
			o, _ := e.(map[string]any)
			if o != nil && o["type"] == "image" {
				c.allowed(o, p, "type", "image_url", "slack_file", "alt_text")
				c.image(o, p)
				continue
			}
			c.textObject(e, p, 2000, false)
		}
	case "header":
		c.textObject(m["text"], path+"/text", 150, true)
	case "input":
		c.textObject(m["label"], path+"/label", 2000, true)
		if m["hint"] != nil {
			c.textObject(m["hint"], path+"/hint", 2000, true)
		}
		c.boolean(m, "optional", path)
		c.boolean(m, "dispatch_action", path)
		optional, _ := m["optional"].(bool)
		c.element(m["element"], path+"/element", "input", id, actions, optional)
	case "markdown":
		s := c.str(m, "text", path, 1, maxMarkdownText, true)
		c.markdown += utf8.RuneCountInString(s)
		c.text += utf8.RuneCountInString(s)
	case "rich_text":
		for j, e := range c.list(m["elements"], path+"/elements", 0, 1000) {
			p := fmt.Sprintf("%s/elements/%d", path, j)
			o, _ := e.(map[string]any)
			if o == nil {
				c.err(p, "must be an object")
				continue
			}
			switch o["type"] {
			case "rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted":
			default:
				c.err(p+"/type", "unsupported type: %v", o["type"])
			}
			c.text += richTextLength(o)
		}
	case "table":
		for j, row := range c.list(m["rows"], path+"/rows", 1, 100) {
			for _, cell := range c.list(row, fmt.Sprintf("%s/rows/%d", path, j), 1, 20) {
				if o, ok := cell.(map[string]any); ok {
					c.text += richTextLength(o)
				}
			}
		}
	case "video":
		c.str(m, "video_url", path, 1, 3000, true)
		c.str(m, "thumbnail_url", path, 1, 3000, true)
		c.str(m, "alt_text", path, 1, 2000, true)
		c.textObject(m["title"], path+"/title", 200, true)
	}
}

// richTextLength adds up the text of rich text elements.
func richTextLength(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		if s, ok := v["text"].(string); ok {
			n += utf8.RuneCountInString(s)
		}
		for _, x := range v {
			switch x.(type) {
			case map[string]any, []any:
				n += richTextLength(x)
			}
		}
	case []any:
		for _, x := range v {
			n += richTextLength(x)
		}
	}
	return n
}

func (c *checker) image(m map[string]any, path string) {
	if m["slack_file"] == nil {
		c.str(m, "image_url", path, 1, 3000, true)
	}
	c.str(m, "alt_text", path, 1, 2000, true)
}

// elementFields are the allowed keys of each element type, without type and action_id,
// and the blocks it may stand in.
var elementFields = map[string]struct {
	in   string
	keys []string
}{
	"button":                     {"section actions", []string{"text", "url", "value", "style", "confirm", "accessibility_label"}},
	"workflow_button":            {"section actions", []string{"text", "workflow", "style", "accessibility_label"}},
	"overflow":                   {"section actions", []string{"options", "confirm"}},
	"image":                      {"section", []string{"image_url", "slack_file", "alt_text"}},
	"datepicker":                 {"section actions input", []string{"initial_date", "confirm", "placeholder", "focus_on_load"}},
	"timepicker":                 {"section actions input", []string{"initial_time", "confirm", "placeholder", "focus_on_load", "timezone"}},
	"datetimepicker":             {"actions input", []string{"initial_date_time", "confirm", "focus_on_load"}},
	"checkboxes":                 {"section actions input", []string{"options", "initial_options", "confirm", "focus_on_load"}},
	"radio_buttons":              {"section actions input", []string{"options", "initial_option", "confirm", "focus_on_load"}},
	"static_select":              {"section actions input", []string{"options", "option_groups", "initial_option", "confirm", "placeholder", "focus_on_load"}},
	"external_select":            {"section actions input", []string{"initial_option", "min_query_length", "confirm", "placeholder", "focus_on_load"}},
	"users_select":               {"section actions input", []string{"initial_user", "confirm", "placeholder", "focus_on_load"}},
	"channels_select":            {"section actions input", []string{"initial_channel", "response_url_enabled", "confirm", "placeholder", "focus_on_load"}},
	"conversations_select":       {"section actions input", []string{"initial_conversation", "default_to_current_conversation", "filter", "response_url_enabled", "confirm", "placeholder", "focus_on_load"}},
	"multi_static_select":        {"section input", []string{"options", "option_groups", "initial_options", "max_selected_items", "confirm", "placeholder", "focus_on_load"}},
	"multi_external_select":      {"section input", []string{"initial_options", "min_query_length", "max_selected_items", "confirm", "placeholder", "focus_on_load"}},
	"multi_users_select":         {"section input", []string{"initial_users", "max_selected_items", "confirm", "placeholder", "focus_on_load"}},
	"multi_channels_select":      {"section input", []string{"initial_channels", "max_selected_items", "confirm", "placeholder", "focus_on_load"}},
	"multi_conversations_select": {"section input", []string{"initial_conversations", "default_to_current_conversation", "filter", "max_selected_items", "confirm", "placeholder", "focus_on_load"}},
	"plain_text_input":           {"input", []string{"initial_value", "multiline", "min_length", "max_length", "dispatch_action_config", "placeholder", "focus_on_load"}},
	"email_text_input":           {"input", []string{"initial_value", "dispatch_action_config", "placeholder", "focus_on_load"}},
	"url_text_input":             {"input", []string{"initial_value", "dispatch_action_config", "placeholder", "focus_on_load"}},
	"number_input":               {"input", []string{"is_decimal_allowed", "initial_value", "min_value", "max_value", "dispatch_action_config", "placeholder", "focus_on_load"}},
	"rich_text_input":            {"input", []string{"initial_value", "dispatch_action_config", "placeholder", "focus_on_load"}},
	"file_input":                 {"input", []string{"filetypes", "max_files"}},
}

func (c *checker) element(v any, path, in, blockID string, actions map[string]bool, optional bool) {
	m, ok := v.(map[string]any)
	if !ok {
		c.err(path, "must be an object")
		return
	}
	kind, _ := m["type"].(string)
	spec, known := elementFields[kind]
	if !known || !slices.Contains(strings.Fields(spec.in), in) {
		c.err(path+"/type", "unsupported type: %s", clip(kind, 60))
		return
	}
	if kind == "image" {
		c.allowed(m, path, append([]string{"type"}, spec.keys...)...)
		c.image(m, path)
		return
	}
	c.allowed(m, path, append([]string{"type", "action_id"}, spec.keys...)...)
	c.str(m, "action_id", path, 0, 255, false)
	id, _ := m["action_id"].(string)
	if id == "" {
		for n := len(actions); ; n++ {
			id = fmt.Sprintf("a%d", n)
			if !actions[id] {
				break
			}
		}
		m["action_id"] = id
	} else if actions[id] {
		c.err(path+"/action_id", "action_id %q already exists in this block", clip(id, 60))
	}
	actions[id] = true
	if m["confirm"] != nil {
		c.confirm(m["confirm"], path+"/confirm")
	}
	if m["placeholder"] != nil {
		c.textObject(m["placeholder"], path+"/placeholder", 150, true)
	}
	if focus, _ := m["focus_on_load"].(bool); focus {
		if c.focus {
			c.err(path+"/focus_on_load", "only one element may have focus_on_load")
		}
		c.focus = true
	}
	switch kind {
	case "button", "workflow_button":
		c.textObject(m["text"], path+"/text", 75, true)
		c.str(m, "value", path, 0, 2000, false)
		c.str(m, "url", path, 0, 3000, false)
		c.str(m, "accessibility_label", path, 0, 75, false)
		if s, present := m["style"]; present && s != "primary" && s != "danger" {
			c.err(path+"/style", "must be one of: primary, danger")
		}
	case "overflow":
		c.options(m, "options", path, 1, 5, true)
	case "checkboxes", "radio_buttons":
		values := c.options(m, "options", path, 1, 10, false)
		c.initial(m, path, values)
	case "static_select", "multi_static_select":
		values := map[string]bool{}
		switch {
		case m["options"] != nil && m["option_groups"] != nil:
			c.err(path, "only one of options and option_groups is allowed")
		case m["option_groups"] != nil:
			for j, g := range c.list(m["option_groups"], path+"/option_groups", 1, 100) {
				p := fmt.Sprintf("%s/option_groups/%d", path, j)
				o, ok := g.(map[string]any)
				if !ok {
					c.err(p, "must be an object")
					continue
				}
				c.textObject(o["label"], p+"/label", 75, true)
				for v := range c.options(o, "options", p, 1, 100, true) {
					values[v] = true
				}
			}
		default:
			values = c.options(m, "options", path, 1, 100, true)
		}
		c.initial(m, path, values)
	case "plain_text_input":
		lo := c.integer(m, "min_length", path, 0, 3000)
		hi := c.integer(m, "max_length", path, 1, 3000)
		if m["min_length"] != nil && m["max_length"] != nil && lo > hi {
			c.err(path+"/min_length", "must not be more than max_length")
		}
		c.str(m, "initial_value", path, 0, 3000, false)
		c.boolean(m, "multiline", path)
	case "number_input":
		if _, ok := m["is_decimal_allowed"].(bool); !ok {
			c.err(path, "missing required field: is_decimal_allowed")
		}
	case "datepicker":
		c.pattern(m, "initial_date", path, "0000-00-00")
	case "timepicker":
		c.pattern(m, "initial_time", path, "00:00")
	}
	if strings.HasPrefix(kind, "multi_") {
		c.integer(m, "max_selected_items", path, 1, 1000)
	}
	c.elements = append(c.elements, element{BlockID: blockID, ActionID: id, Type: kind, Input: in == "input", Optional: optional, Raw: m})
}

// initial checks that what is selected at first is among the options.
func (c *checker) initial(m map[string]any, path string, values map[string]bool) {
	check := func(v any, p string) {
		o, _ := v.(map[string]any)
		s, ok := o["value"].(string)
		if !ok || !values[s] {
			c.err(p, "must be one of the options")
		}
	}
	if m["initial_option"] != nil {
		check(m["initial_option"], path+"/initial_option")
	}
	if m["initial_options"] != nil {
		for j, o := range c.list(m["initial_options"], path+"/initial_options", 1, 100) {
			check(o, fmt.Sprintf("%s/initial_options/%d", path, j))
		}
	}
}

func (c *checker) options(m map[string]any, key, path string, least, most int, plain bool) map[string]bool {
	values := map[string]bool{}
	for j, v := range c.list(m[key], path+"/"+key, least, most) {
		p := fmt.Sprintf("%s/%s/%d", path, key, j)
		o, ok := v.(map[string]any)
		if !ok {
			c.err(p, "must be an object")
			continue
		}
		c.allowed(o, p, "text", "value", "description", "url")
		c.textObject(o["text"], p+"/text", 75, plain)
		c.str(o, "url", p, 0, 3000, false)
		if o["description"] != nil {
			c.textObject(o["description"], p+"/description", 75, plain)
		}
		value := c.str(o, "value", p, 1, 150, true)
		if values[value] {
			c.err(p+"/value", "another option has the value %q", clip(value, 60))
		}
		values[value] = true
	}
	return values
}

func (c *checker) confirm(v any, path string) {
	m, ok := v.(map[string]any)
	if !ok {
		c.err(path, "must be an object")
		return
	}
	c.allowed(m, path, "title", "text", "confirm", "deny", "style")
	c.textObject(m["title"], path+"/title", 100, true)
	c.textObject(m["text"], path+"/text", 300, false)
	c.textObject(m["confirm"], path+"/confirm", 30, true)
	c.textObject(m["deny"], path+"/deny", 30, true)
}

// textObject checks a plain_text or mrkdwn object of 1 to most characters.
func (c *checker) textObject(v any, path string, most int, plainOnly bool) {
	m, ok := v.(map[string]any)
	if !ok {
		if v == nil {
			c.err(path, "missing required field")
		} else {
			c.err(path, "must be a text object")
		}
		return
	}
	switch m["type"] {
	case "plain_text":
		c.allowed(m, path, "type", "text", "emoji")
		c.boolean(m, "emoji", path)
	case "mrkdwn":
		if plainOnly {
			c.err(path+"/type", "must be plain_text")
		}
		c.allowed(m, path, "type", "text", "verbatim")
		c.boolean(m, "verbatim", path)
	default:
		c.err(path+"/type", "must be plain_text or mrkdwn")
		return
	}
	c.text += utf8.RuneCountInString(c.str(m, "text", path, 1, most, true))
}

func (c *checker) allowed(m map[string]any, path string, keys ...string) {
	for _, k := range sortedKeys(m) {
		if !slices.Contains(keys, k) {
			c.err(path, "invalid additional property: %s", clip(k, 60))
		}
	}
}

func (c *checker) str(m map[string]any, key, path string, least, most int, required bool) string {
	v, present := m[key]
	if !present || v == nil {
		if required {
			c.err(path, "missing required field: %s", key)
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		c.err(path+"/"+key, "must be a string")
		return ""
	}
	n := utf8.RuneCountInString(s)
	if n < least {
		c.err(path+"/"+key, "must be more than %d characters", least-1)
	}
	if n > most {
		c.err(path+"/"+key, "must be less than %d characters", most+1)
	}
	return s
}

func (c *checker) list(v any, path string, least, most int) []any {
	l, ok := v.([]any)
	if !ok {
		if v == nil {
			c.err(path, "missing required field")
		} else {
			c.err(path, "must be an array")
		}
		return nil
	}
	if len(l) < least {
		c.err(path, "no fewer than %d items allowed", least)
	}
	if len(l) > most {
		c.err(path, "no more than %d items allowed", most)
		return nil
	}
	return l
}

func (c *checker) boolean(m map[string]any, key, path string) {
	if v, present := m[key]; present {
		if _, ok := v.(bool); !ok {
			c.err(path+"/"+key, "must be a boolean")
		}
	}
}

func (c *checker) integer(m map[string]any, key, path string, least, most int64) int64 {
	v, present := m[key]
	if !present {
		return 0
	}
	n, ok := v.(json.Number)
	i, err := n.Int64()
	if !ok || err != nil || i < least || i > most {
		c.err(path+"/"+key, "must be a whole number from %d to %d", least, most)
		return 0
	}
	return i
}

// pattern checks digits against a pattern of 0 and punctuation.
func (c *checker) pattern(m map[string]any, key, path, pattern string) {
	v, present := m[key]
	if !present {
		return
	}
	if s, ok := v.(string); !ok || !matches(s, pattern) {
		c.err(path+"/"+key, "must look like %s", pattern)
	}
}

func matches(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		if pattern[i] == '0' {
			if s[i] < '0' || s[i] > '9' {
				return false
			}
		} else if s[i] != pattern[i] {
			return false
		}
	}
	return true
}
