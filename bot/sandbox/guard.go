package sandbox

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// guard lets only the sandbox's own page, and programs that are no browser, reach the control API.
func (s *Sandbox) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection() // refuses cross-origin requests that change something
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusForbidden, map[string]any{"error": "a page of another origin may not use the control API"})
	}))
	return s.guardHost(cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// and here those that only read: the answer would stay unreadable, but an event stream would be held open
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			answer(w, http.StatusForbidden, map[string]any{"error": "a page of another origin may not use the control API"})
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})))
}

// guardHost refuses names that somebody else could have pointed at this address.
func (s *Sandbox) guardHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") && net.ParseIP(host) == nil && !slices.Contains(s.hosts, host) {
			answer(w, http.StatusForbidden, map[string]any{"error": "the sandbox is not served under the host name " + host + "; use localhost or an IP address, or list the name when starting it"})
			return
		}
		next.ServeHTTP(w, r)
	})
}
