package pagerduty

import "net/http"

// readOnly lets nothing through but GET, whoever calls: every event and every change is another method.
type readOnly struct{ next http.RoundTripper }

func refusedAsWrite(op string) *Fault {
	return refuse(op, "", "this client only reads, and nothing was sent")
}

// RoundTrip implements http.RoundTripper.
func (t readOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, refusedAsWrite(r.Method + " " + r.URL.Path)
	}
	return t.next.RoundTrip(r)
}

// CloseIdleConnections is what http.Client looks for on its transport.
func (t readOnly) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
