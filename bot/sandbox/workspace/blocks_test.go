package workspace

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// x repeats a letter.
func x(n int) string { return strings.Repeat("x", n) }

func button(text, id, more string) string {
	return fmt.Sprintf(`{"type":"button","action_id":%q,"text":{"type":"plain_text","text":%q}%s}`, id, text, more)
}

func actions(elements ...string) string {
	return `[{"type":"actions","elements":[` + strings.Join(elements, ",") + `]}]`
}

func options(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`{"text":{"type":"plain_text","text":"o%d"},"value":"v%d"}`, i, i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func selectMenu(opts string, more string) string {
	return `{"type":"static_select","action_id":"s","options":` + opts + more + `}`
}

func input(element string) string {
	return `[{"type":"input","label":{"type":"plain_text","text":"l"},"element":` + element + `}]`
}

func TestBlockLimits(t *testing.T) {
	repeat := func(n int, s string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(s+",", n), ",") + "]"
	}
	divider := `{"type":"divider"}`
	var many []string
	for i := range 26 {
		many = append(many, button("b", fmt.Sprint("a", i), ""))
	}
	cases := []struct{ name, surface, blocks, want string }{
		{"none", "message", `[]`, ""},
		{"not an array", "message", `{}`, "valid JSON array"},
		{"not an object", "message", `["x"]`, "/blocks/0"},
		{"50 blocks", "message", repeat(50, divider), ""},
		{"51 blocks", "message", repeat(51, divider), "no more than 50 items"},
		{"100 in a modal", "modal", repeat(100, divider), ""},
		{"101 in a modal", "modal", repeat(101, divider), "no more than 100 items"},
		{"unknown type", "message", `[{"type":"spinner"}]`, "unsupported type: spinner"},
		{"unknown key", "message", `[{"type":"divider","colour":"red"}]`, "invalid additional property: colour"},
		{"block id 255", "message", `[{"type":"divider","block_id":"` + x(255) + `"}]`, ""},
		{"block id 256", "message", `[{"type":"divider","block_id":"` + x(256) + `"}]`, "/block_id"},
		{"same block id", "message", `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`, "already exists"},
		{"section 3000", "message", section(x(3000)), ""},
		{"section 3001", "message", section(x(3001)), "less than 3001"},
		{"section empty text", "message", section(""), "more than 0"},
		{"section without anything", "message", `[{"type":"section"}]`, "missing required field: text"},
		{"fields 11", "message", `[{"type":"section","fields":` + repeat(11, `{"type":"mrkdwn","text":"x"}`) + `}]`, "no more than 10"},
		{"field 2001", "message", `[{"type":"section","fields":[{"type":"mrkdwn","text":"` + x(2001) + `"}]}]`, "less than 2001"},
		{"header 150", "message", `[{"type":"header","text":{"type":"plain_text","text":"` + x(150) + `"}}]`, ""},
		{"header 151", "message", `[{"type":"header","text":{"type":"plain_text","text":"` + x(151) + `"}}]`, "less than 151"},
		{"header mrkdwn", "message", `[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "must be plain_text"},
		{"context 10", "message", `[{"type":"context","elements":` + repeat(10, `{"type":"mrkdwn","text":"x"}`) + `}]`, ""},
		{"context 11", "message", `[{"type":"context","elements":` + repeat(11, `{"type":"mrkdwn","text":"x"}`) + `}]`, "no more than 10"},
		{"context empty", "message", `[{"type":"context","elements":[]}]`, "no fewer than 1"},
		{"25 actions", "message", actions(many[:25]...), ""},
		{"26 actions", "message", actions(many...), "no more than 25"},
		{"button text 75", "message", actions(button(x(75), "a", "")), ""},
		{"button text 76", "message", actions(button(x(76), "a", "")), "less than 76"},
		{"button value 2000", "message", actions(button("b", "a", `,"value":"`+x(2000)+`"`)), ""},
		{"button value 2001", "message", actions(button("b", "a", `,"value":"`+x(2001)+`"`)), "less than 2001"},
		{"button url 3001", "message", actions(button("b", "a", `,"url":"`+x(3001)+`"`)), "less than 3001"},
		{"button style", "message", actions(button("b", "a", `,"style":"blue"`)), "primary, danger"},
		{"action id 256", "message", actions(button("b", x(256), "")), "less than 256"},
		{"same action id in a block", "message", actions(button("b", "a", ""), button("c", "a", "")), "already exists in this block"},
		{"same action id in two blocks", "message", `[` + actions(button("b", "a", ""))[1:len(actions(button("b", "a", "")))-1] + `,` + actions(button("b", "a", ""))[1:], ""},
		{"input in actions", "message", actions(`{"type":"plain_text_input","action_id":"a"}`), "unsupported type"},
		{"100 options", "message", actions(selectMenu(options(100), "")), ""},
		{"101 options", "message", actions(selectMenu(options(101), "")), "no more than 100"},
		{"no options", "message", actions(selectMenu(`[]`, "")), "no fewer than 1"},
		{"option text 76", "message", actions(selectMenu(`[{"text":{"type":"plain_text","text":"`+x(76)+`"},"value":"v"}]`, "")), "less than 76"},
		{"option value 150", "message", actions(selectMenu(`[{"text":{"type":"plain_text","text":"o"},"value":"`+x(150)+`"}]`, "")), ""},
		{"option value 151", "message", actions(selectMenu(`[{"text":{"type":"plain_text","text":"o"},"value":"`+x(151)+`"}]`, "")), "less than 151"},
		{"option description 76", "message", actions(selectMenu(`[{"text":{"type":"plain_text","text":"o"},"value":"v","description":{"type":"plain_text","text":"`+x(76)+`"}}]`, "")), "less than 76"},
		{"placeholder 151", "message", actions(selectMenu(options(1), `,"placeholder":{"type":"plain_text","text":"`+x(151)+`"}`)), "less than 151"},
		{"initial option elsewhere", "message", actions(selectMenu(options(1), `,"initial_option":{"text":{"type":"plain_text","text":"o"},"value":"zz"}`)), "one of the options"},
		{"overflow 5", "message", actions(`{"type":"overflow","action_id":"o","options":` + options(5) + `}`), ""},
		{"overflow 6", "message", actions(`{"type":"overflow","action_id":"o","options":` + options(6) + `}`), "no more than 5"},
		{"checkboxes 11", "message", actions(`{"type":"checkboxes","action_id":"o","options":` + options(11) + `}`), "no more than 10"},
		{"radio 10", "message", actions(`{"type":"radio_buttons","action_id":"o","options":` + options(10) + `}`), ""},
		{"confirm title 101", "message", actions(button("b", "a", `,"confirm":{"title":{"type":"plain_text","text":"`+x(101)+`"},"text":{"type":"mrkdwn","text":"t"},"confirm":{"type":"plain_text","text":"y"},"deny":{"type":"plain_text","text":"n"}}`)), "less than 101"},
		{"confirm button 31", "message", actions(button("b", "a", `,"confirm":{"title":{"type":"plain_text","text":"t"},"text":{"type":"mrkdwn","text":"t"},"confirm":{"type":"plain_text","text":"`+x(31)+`"},"deny":{"type":"plain_text","text":"n"}}`)), "less than 31"},
		{"input 3000", "modal", input(`{"type":"plain_text_input","action_id":"a","max_length":3000}`), ""},
		{"input 3001", "modal", input(`{"type":"plain_text_input","action_id":"a","max_length":3001}`), "from 1 to 3000"},
		{"input initial 3001", "modal", input(`{"type":"plain_text_input","action_id":"a","initial_value":"` + x(3001) + `"}`), "less than 3001"},
		{"input label 2001", "modal", `[{"type":"input","label":{"type":"plain_text","text":"` + x(2001) + `"},"element":{"type":"plain_text_input","action_id":"a"}}]`, "less than 2001"},
		{"input without label", "modal", `[{"type":"input","element":{"type":"plain_text_input"}}]`, "/label"},
		{"two focused", "modal", `[` + input(`{"type":"plain_text_input","action_id":"a","focus_on_load":true}`)[1:][:len(input(`{"type":"plain_text_input","action_id":"a","focus_on_load":true}`))-2] + `,` + input(`{"type":"plain_text_input","action_id":"b","focus_on_load":true}`)[1:], "only one element"},
		{"image", "message", `[{"type":"image","image_url":"https://e.com/a.png","alt_text":"a"}]`, ""},
		{"image without alt", "message", `[{"type":"image","image_url":"https://e.com/a.png"}]`, "alt_text"},
		{"image url 3001", "message", `[{"type":"image","image_url":"` + x(3001) + `","alt_text":"a"}]`, "less than 3001"},
		{"markdown 12000", "message", `[{"type":"markdown","text":"` + x(12000) + `"}]`, ""},
		{"markdown together", "message", `[{"type":"markdown","text":"` + x(6001) + `"},{"type":"markdown","text":"` + x(6001) + `"}]`, "the limit is 12000"},
		{"markdown in a modal", "modal", `[{"type":"markdown","text":"x"}]`, "unsupported type"},
		{"table 101 rows", "message", `[{"type":"table","rows":` + repeat(101, `[{"type":"raw_text","text":"x"}]`) + `}]`, "no more than 100"},
		{"table 21 cells", "message", `[{"type":"table","rows":[` + repeat(21, `{"type":"raw_text","text":"x"}`) + `]}]`, "no more than 20"},
		{"date", "message", actions(`{"type":"datepicker","action_id":"d","initial_date":"2026-11-21"}`), ""},
		{"bad date", "message", actions(`{"type":"datepicker","action_id":"d","initial_date":"21/11/2026"}`), "must look like"},
	}
	for _, c := range cases {
		_, errs := checkBlocks([]byte(c.blocks), c.surface)
		got := strings.Join(errs, "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestNormalizedBlocksDecode: what passes decodes in slack-go, has ids, and passes again.
func TestNormalizedBlocksDecode(t *testing.T) {
	in := `[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"b"}},` + selectMenu(options(2), "") + `]},{"type":"divider","block_id":"b0"}]`
	out, errs := checkBlocks([]byte(in), surfaceMessage)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var blocks slack.Blocks
	if err := json.Unmarshal(out.raw, &blocks); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, b := range blocks.BlockSet {
		if b.ID() == "" || ids[b.ID()] {
			t.Fatalf("block id %q", b.ID())
		}
		ids[b.ID()] = true
	}
	if len(out.elements) != 2 || out.elements[0].ActionID == "" {
		t.Fatalf("elements %+v", out.elements)
	}
	again, errs := checkBlocks(out.raw, surfaceMessage)
	if len(errs) > 0 || string(again.raw) != string(out.raw) {
		t.Fatalf("not stable: %v\n%s\n%s", errs, out.raw, again.raw)
	}
}

func FuzzCheckBlocks(f *testing.F) {
	f.Add(section("x"))
	f.Add(actions(button("b", "a", ""), selectMenu(options(2), "")))
	f.Add(input(`{"type":"plain_text_input","action_id":"a","min_length":3}`))
	f.Add(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}]`)
	f.Add(`[{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}]`)
	f.Add(`[{"type":"actions","elements":[{"type":"overflow","options":[{"text":1}]}]}]`)
	f.Fuzz(func(t *testing.T, in string) {
		for _, surface := range []string{surfaceMessage, surfaceModal, surfaceHome} {
			out, errs := checkBlocks([]byte(in), surface)
			if len(errs) > maxBlockErrors {
				t.Fatalf("%d errors", len(errs))
			}
			if len(errs) > 0 {
				continue
			}
			again, errs := checkBlocks(out.raw, surface)
			if len(errs) > 0 {
				t.Fatalf("accepted %q, refused its own form %s: %v", in, out.raw, errs)
			}
			if string(again.raw) != string(out.raw) || again.text != out.text || len(again.elements) != len(out.elements) {
				t.Fatalf("not stable: %s, %s", out.raw, again.raw)
			}
			for _, e := range out.elements {
				if e.BlockID == "" || e.ActionID == "" {
					t.Fatalf("an element without ids in %s", out.raw)
				}
				initialValue(e)
			}
		}
	})
}

func FuzzDecodeArguments(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "", []byte("token=xoxb-1&channel=C1&text=a%20b"))
	f.Add("application/json; charset=utf-8", "", []byte(`{"token":"x","users":["U1","U2"],"n":1,"b":true,"v":{"a":"b"},"z":null}`))
	f.Add("multipart/form-data; boundary=x", "", []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"))
	f.Add("", "channel=C1&token=t", []byte(nil))
	f.Add("text/plain", "a=%zz", []byte("x"))
	f.Fuzz(func(t *testing.T, contentType, query string, body []byte) {
		a, err := decodeArguments(contentType, query, body)
		if err != nil {
			if err.Code == "" {
				t.Fatal("a refusal without a code")
			}
			return
		}
		if _, there := a.values["token"]; there {
			t.Fatal("the token is among the arguments")
		}
	})
}

func TestDecodeArguments(t *testing.T) {
	for _, c := range []struct {
		contentType, query, body, err string
		want                          map[string]string
		token                         string
	}{
		{"application/json", "", `{"token":"t","users":["U1","U2"],"limit":5,"b":true,"view":{"a": "b"},"z":null}`, "", map[string]string{"users": `["U1","U2"]`, "limit": "5", "b": "true", "view": `{"a":"b"}`}, "t"},
		{"application/x-www-form-urlencoded", "", "text=a%26b&token=t", "", map[string]string{"text": "a&b"}, "t"},
		{"", "channel=C1&token=q", "", "", map[string]string{"channel": "C1"}, "q"},
		{"application/json", "", "null", "", map[string]string{}, ""},
		{"application/json", "", "[1]", "json_not_object", nil, ""},
		{"application/json", "", "{", "invalid_json", nil, ""},
		{"text/plain", "", "x", "invalid_post_type", nil, ""},
		{"", "", "x", "missing_post_type", nil, ""},
		{"multipart/form-data; boundary=q", "", "--q\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--q--\r\n", "", map[string]string{"text": "hi"}, ""},
	} {
		a, err := decodeArguments(c.contentType, c.query, []byte(c.body))
		if c.err != "" {
			if err == nil || err.Code != c.err {
				t.Errorf("%q: %v, want %s", c.body, err, c.err)
			}
			continue
		}
		if err != nil || fmt.Sprint(a.values) != fmt.Sprint(c.want) || a.token != c.token {
			t.Errorf("%q: %v %q %v, want %v", c.body, a.values, a.token, err, c.want)
		}
	}
	if got := list(`["U1","U2"]`); len(got) != 2 || got[1] != "U2" {
		t.Errorf("list %v", got)
	}
	if got := list("U1, U2,"); len(got) != 2 || got[1] != "U2" {
		t.Errorf("list %v", got)
	}
}
