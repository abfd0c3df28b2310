package slack

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-bot/tocsin/bot/clock"
)

// names remembers which channel a name, and which conversation a person, stands for.
type names struct {
	client *Client
	clock  *clock.Clock

	mu       sync.Mutex
	channels map[string]known // by name without #
	directs  map[string]string
}

type known struct {
	id    string // empty: there is no such channel
	until time.Time
}

const (
	knownFor   = 10 * time.Minute // a channel may be renamed
	missingFor = time.Minute      // every card asks again, and a list of all channels is dear
	maxDirects = 2000
)

func newNames(c *Client, ck *clock.Clock) *names {
	return &names{client: c, clock: ck, channels: map[string]known{}, directs: map[string]string{}}
}

var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{7,30}$`)

// channel returns the id of a channel given by name or id. A public channel that we are not in is joined.
func (n *names) channel(ctx context.Context, name string) (string, error) {
	if channelID.MatchString(name) {
		return name, nil
	}
	name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "#")
	n.mu.Lock()
	k, ok := n.channels[name]
	n.mu.Unlock()
	missing := &Fault{Method: "conversations.list", Code: "channel_not_found", Detail: "#" + clip(name), permanent: true,
		Mend: "create the channel, or name one that exists (TOCSIN_INCIDENTS_CHANNEL, TOCSIN_ALERTS_CHANNEL); /invite Tocsin there when it is private"}
	if ok && n.clock.Now().Before(k.until) {
		if k.id == "" {
			return "", missing
		}
		return k.id, nil
	}
	r, found, err := n.client.findRoom(ctx, name, true)
	if err == nil && !found {
		if r, found, err = n.client.findRoom(ctx, name, false); err == nil && found && !r.Member && !r.Archived {
			if err := n.client.joinChannel(ctx, r.ID); err != nil {
				return "", err
			}
		}
	}
	if err != nil {
		return "", err
	}
	keep := knownFor
	if !found {
		keep = missingFor
	}
	n.mu.Lock()
	n.channels[name] = known{r.ID, n.clock.Now().Add(keep)}
	n.mu.Unlock()
	if !found {
		return "", missing
	}
	return r.ID, nil
}

// forget drops a channel that turned out not to be there.
func (n *names) forget(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, k := range n.channels {
		if k.id == id {
			delete(n.channels, name)
		}
	}
}

// direct returns the conversation with a person; Slack never changes it.
func (n *names) direct(ctx context.Context, user string) (string, error) {
	n.mu.Lock()
	id, ok := n.directs[user]
	n.mu.Unlock()
	if ok {
		return id, nil
	}
	id, err := n.client.openDirect(ctx, user)
	if err != nil {
		return "", err
	}
	n.mu.Lock()
	if len(n.directs) >= maxDirects {
		clear(n.directs)
	}
	n.directs[user] = id
	n.mu.Unlock()
	return id, nil
}
