package bot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// policies is the policy in force. It is read once: an edit counts from the next start, and never for an incident in flight.
type policies struct {
	file   *policy.File
	source []byte
	shadow bool   // the installation has ShadowSuffix
	alerts string // channel of alerts, where it is not what the file says
}

// alertsIn puts the alerts' cards into a channel, whatever the file says: one that was given when the bot started, empty for the file's own.
func (p *policies) alertsIn(channel string) {
	if p.alerts = strings.TrimPrefix(strings.TrimSpace(channel), "#"); p.alerts != "" {
		p.file.Policy.AlertsChannel = p.alerts
	}
}

// readPolicy reads the policy file, or takes the embedded default. Language and zone given by flag win over the file's: they are then
// part of what is frozen, so the source says so in its last lines.
func readPolicy(path string) (*policies, error) {
	if path == "" {
		_, src := policy.Default()
		f, err := policy.ParseFile("default.yaml", src)
		if err != nil {
			return nil, err
		}
		return &policies{file: f, source: src}, nil
	}
	src, err := os.ReadFile(path)
	if err != nil {
		why := err
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			why = p.Err // the path is in the message already
		}
		return nil, &catalog.Said{Key: "start.policy-file", Args: catalog.Args{"path": catalog.Words(path), "why": catalog.Cause{Err: why}}, Err: err}
	}
	f, err := policy.ParseFile(filepath.Base(path), src)
	if err != nil {
		return nil, err
	}
	return &policies{file: f, source: src}, nil
}

// ReadPolicy reads the policy file at path, or takes the embedded default when path is empty: what is in force when the bot starts so, and
// its source. The error can say itself in either language.
func ReadPolicy(path string) (*incident.Policy, []byte, error) {
	p, err := readPolicy(path)
	if err != nil {
		return nil, nil, err
	}
	return &p.file.Policy, p.source, nil
}

// parsePolicy is readPolicy of a source in memory.
func parsePolicy(name string, src []byte) (*policies, error) {
	f, err := policy.ParseFile(name, src)
	if err != nil {
		return nil, err
	}
	return &policies{file: f, source: src}, nil
}

// Current implements engine.Policies.
func (p *policies) Current() (*incident.Policy, []byte) { return &p.file.Policy, p.source }

// policyUnreadable says of an incident that it goes by other rules than it was opened under.
func (b *Bot) policyUnreadable(id incident.ID, err error) {
	b.log.Error().Str("incident", string(id)).Err(err).
		Msg("the policy this incident was opened under cannot be read; it goes on by the policy in force: look at its deadlines, or run the release that could read it")
}

// Decode implements engine.Policies.
func (p *policies) Decode(source []byte) (*incident.Policy, error) {
	f, err := policy.Parse("a frozen policy", source)
	if err == nil && p.shadow {
		f.Installation += ShadowSuffix
	}
	if err == nil && p.alerts != "" {
		f.AlertsChannel = p.alerts
	}
	return f, err
}
