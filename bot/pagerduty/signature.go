package pagerduty

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	signatureHeader = "X-PagerDuty-Signature"
	maxSignatures   = 16 // of one header; PagerDuty sends one for each active secret
)

// Sign returns the signature of a body under a secret, as PagerDuty writes it: "v1=" and the hex HMAC-SHA256 of the raw bytes
// (webhooks v3, "Verifying signatures").
func Sign(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Verify reports whether one of the signatures in a header fits the body under one of the secrets. While a secret is being rotated the
// header holds several, separated by commas; blanks around them do not matter (the library's own check refuses those). Versions other than
// v1 and empty secrets never fit. Every pair is compared in constant time.
func Verify(body []byte, header string, secrets []string) bool {
	fits := 0
	for n, s := range strings.Split(header, ",") {
		if n == maxSignatures {
			break
		}
		version, digits, ok := strings.Cut(strings.TrimSpace(s), "=")
		if !ok || version != "v1" {
			continue
		}
		sig, err := hex.DecodeString(strings.TrimSpace(digits))
		if err != nil || len(sig) != sha256.Size {
			continue
		}
		for _, secret := range secrets {
			if secret == "" {
				continue
			}
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(body)
			if hmac.Equal(mac.Sum(nil), sig) {
				fits++
			}
		}
	}
	return fits > 0
}
