package pagerduty

import (
	"errors"
	"net/http"
	"testing"

	pd "github.com/PagerDuty/go-pagerduty"

	"github.com/tocsin-bot/tocsin/bot/clock"
)

type reached struct{ t *testing.T }

func (r reached) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		r.t.Errorf("%s %s reached PagerDuty", req.Method, req.URL.Path)
	}
	return nil, errors.New("reached")
}

// TestReadOnlyClientWritesNothing: no event and no change leaves a read-only client, by the client's own calls or by its transport.
func TestReadOnlyClientWritesNothing(t *testing.T) {
	c, err := NewClient(ClientOptions{Token: "t", Clock: clock.New(), ReadOnly: true, Transport: reached{t}})
	if err != nil {
		t.Fatal(err)
	}
	var f *Fault
	for _, action := range []string{"trigger", "acknowledge", "resolve"} {
		if err := c.send(t.Context(), action, &pd.V2Event{RoutingKey: "k", Action: action}); !errors.As(err, &f) || !f.Permanent() {
			t.Errorf("%s: %v", action, err)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if err := c.call(t.Context(), urgent, "x", method, "/incidents", nil, nil, nil); !errors.As(err, &f) || !f.Permanent() {
			t.Errorf("%s: %v", method, err)
		}
		req, _ := http.NewRequest(method, "https://api.pagerduty.com/incidents", nil)
		if _, err := (readOnly{reached{t}}).RoundTrip(req); err == nil {
			t.Errorf("%s passed the transport", method)
		}
	}
}
