package pagerduty

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLabelsOfDetails(t *testing.T) {
	for name, x := range map[string]struct{ details, want string }{
		"fields":               {`{"service": "kyc-svc", "pods": 3, "ok": true, "nested": {"a": "b"}, "list": [1]}`, "ok=true pods=3 service=kyc-svc"},
		"labels in a field":    {`{"labels": {"tenant_id": "alpha"}, "tenant_id": "beta", "x": "y"}`, "tenant_id=alpha x=y"},
		"Alertmanager's text":  {`{"firing": "Labels:\n - alertname = A\n - service = checkout\nAnnotations:\n - service = other\nSource: http://x\n", "num_firing": 1}`, "alertname=A service=checkout"},
		"where all agree":      {`{"firing": "Labels:\n - service = checkout\n - pod = a\nAnnotations:\n - summary = s\nLabels:\n - service = checkout\n - pod = b\n"}`, "service=checkout"},
		"what is no label":     {`{"two words": "x", "svc": "a\nb", "long": "` + strings.Repeat("x", 300) + `", "rtl": "a\u202eb", "empty": " ", "good": " v "}`, "good=v"},
		"number as written":    {`{"n": 12345678901234567890, "f": 1.50}`, "f=1.50 n=12345678901234567890"},
		"no object":            {`"down"`, ""},
		"nothing":              {``, ""},
		"a value with signs":   {`{"svc": "x'; rm -rf /"}`, "svc=x'; rm -rf /"}, // kept as it is said: the pattern of the parameter refuses it, in words
		"Alertmanager's value": {`{"firing": "Labels:\n - job = a = b\n"}`, "job=a = b"},
	} {
		var got []string
		for _, l := range labelsIn(json.RawMessage(x.details)) {
			got = append(got, l.Name+"="+l.Value)
		}
		if s := strings.Join(got, " "); s != x.want {
			t.Errorf("%s: %q, want %q", name, s, x.want)
		}
	}
}

func FuzzLabelsOfDetails(f *testing.F) {
	for _, s := range []string{`{"firing": "Labels:\n - a = b\n"}`, `{"labels": {"a": {"b": 1}}, "x": null}`, `[]`, `{"a":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list := labelsIn(raw)
		if len(list) > maxLabels {
			t.Fatalf("%d labels", len(list))
		}
		for i, l := range list {
			if !labelName.MatchString(l.Name) || l.Value == "" || len(l.Value) > maxLabelValue || !utf8.ValidString(l.Value) || strings.ContainsAny(l.Value, "\r\n") || i > 0 && list[i-1].Name >= l.Name {
				t.Fatalf("%+v", list)
			}
		}
	})
}
