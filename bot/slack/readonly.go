package slack

import (
	"net/http"
	"path"
	"strings"
)

// CodeShadow is the answer of a read-only client to a method that would change something.
const CodeShadow = "read_only"

// readMethods are the methods that change nothing in the workspace: the only ones a read-only client calls. What is not here is refused, a
// method of a later release too.
var readMethods = map[string]bool{
	"auth.test": true, "apps.connections.open": true, "conversations.list": true, "conversations.info": true, "conversations.members": true, "conversations.history": true,
	"conversations.replies": true, "users.conversations": true, "users.info": true, "users.lookupByEmail": true, "bookmarks.list": true,
}

func refusedAsWrite(method string) *Fault {
	return &Fault{Method: method, Code: CodeShadow, Detail: "this client only reads, and nothing was sent", permanent: true}
}

// readOnly lets nothing through but reading, whoever calls.
type readOnly struct {
	next http.RoundTripper
	base string
}

// RoundTrip implements http.RoundTripper.
func (t readOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	method := path.Base(r.URL.Path)
	if !readMethods[method] || !strings.HasPrefix(r.URL.String(), t.base) {
		if !strings.HasPrefix(r.URL.String(), t.base) {
			method = "response_url" // the address is a secret
		}
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, refusedAsWrite(method)
	}
	return t.next.RoundTrip(r)
}

// CloseIdleConnections is what http.Client looks for on its transport.
func (t readOnly) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
