package bot

import (
	"context"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
	"github.com/tocsin-bot/tocsin/bot/journal/bolt"
	"github.com/tocsin-bot/tocsin/bot/journal/redis"
	"github.com/tocsin-bot/tocsin/bot/policy"
)

// OpenReader opens what a bot recorded for reading, also while the bot is running. The installation on Redis is the policy's; empty: the
// default's.
func OpenReader(ctx context.Context, redisURL, dataDir, installation string) (journal.Reader, error) {
	if redisURL != "" {
		if installation == "" {
			p, _ := policy.Default()
			installation = p.Installation
		}
		return redis.Open(ctx, redisURL, redis.Options{Installation: installation})
	}
	return bolt.OpenReader(dataDir)
}

// FrozenPolicy reads the policy an incident was frozen with.
func FrozenPolicy(ctx context.Context, r journal.Reader, digest string) (*incident.Policy, error) {
	src, err := r.Blob(ctx, digest)
	if err != nil {
		return nil, err
	}
	return policy.Parse("a frozen policy", src)
}

// Installation is the installation a policy file names; of the embedded default when path is empty.
func Installation(path string) (string, error) {
	p, err := readPolicy(path)
	if err != nil {
		return "", err
	}
	return p.file.Policy.Installation, nil
}

// PolicyZone is the zone of a policy file, of the embedded default when path is empty; UTC when the file cannot be read.
func PolicyZone(path string) *time.Location {
	p, err := readPolicy(path)
	if err != nil {
		return time.UTC
	}
	return p.file.Policy.Location()
}
