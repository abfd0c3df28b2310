package workspace

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is the size from which a request is refused with 413.
const maxBody = 2 << 20

// arguments are what a Web API call carries, the token apart.
type arguments struct {
	values map[string]string
	token  string
}

// readArguments reads a request as Slack does: query, form, multipart form or JSON. An
// Authorization header counts before a token argument.
func readArguments(r *http.Request) (arguments, *Error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return arguments{}, fail("request_timeout", err.Error())
	}
	if len(body) > maxBody {
		return arguments{}, fail("request_too_large")
	}
	a, aerr := decodeArguments(r.Header.Get("Content-Type"), r.URL.RawQuery, body)
	if aerr != nil {
		return a, aerr
	}
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return a, fail("invalid_auth")
		}
		a.token = strings.TrimSpace(token)
	}
	return a, nil
}

// decodeArguments is readArguments without the request. JSON strings, numbers and
// booleans become their text; objects and arrays stay JSON.
func decodeArguments(contentType, query string, body []byte) (arguments, *Error) {
	a := arguments{values: map[string]string{}}
	add := func(v url.Values) {
		for k, list := range v {
			if len(list) > 0 {
				a.values[k] = list[0]
			}
		}
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return a, fail("invalid_form_data")
	}
	add(q)
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
	case contentType == "":
		return a, fail("missing_post_type")
	case err != nil:
		return a, fail("invalid_post_type")
	case kind == "application/x-www-form-urlencoded":
		f, err := url.ParseQuery(string(body))
		if err != nil {
			return a, fail("invalid_form_data")
		}
		add(f)
	case kind == "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(maxBody)
		if err != nil {
			return a, fail("invalid_form_data")
		}
		add(form.Value)
		_ = form.RemoveAll() // all of it fits in memory; there is nothing on disk
	case kind == "application/json":
		if err := a.addJSON(body); err != nil {
			return a, err
		}
	default:
		return a, fail("invalid_post_type")
	}
	a.token = a.values["token"]
	delete(a.values, "token")
	return a, nil
}

func (a arguments) addJSON(body []byte) *Error {
	var top any
	if json.Unmarshal(body, &top) != nil {
		return fail("invalid_json")
	}
	if top == nil {
		return nil // slack-go sends null where a method takes no arguments
	}
	if _, ok := top.(map[string]any); !ok {
		return fail("json_not_object")
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return fail("invalid_json")
	}
	for k, raw := range m {
		var s string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &s) == nil:
			a.values[k] = s
		default:
			var b bytes.Buffer
			if json.Compact(&b, raw) == nil {
				a.values[k] = b.String()
			}
		}
	}
	return nil
}

// list reads a comma-separated argument, or a JSON array of strings.
func list(s string) []string {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if strings.HasPrefix(s, "[") {
		var l []string
		if json.Unmarshal([]byte(s), &l) == nil {
			return l
		}
	}
	var out []string
	for _, x := range strings.Split(s, ",") {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}
