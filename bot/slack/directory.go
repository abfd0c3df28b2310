package slack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Directory knows the workspace's people: by e-mail (for rosters and policies) and by id (for names). It remembers up to 5,000 of each for an
// hour, and for a minute that somebody could not be found. Safe for concurrent use.
type Directory struct {
	client *Client
	clock  *clock.Clock

	mu    sync.Mutex
	byID  map[string]entry
	email map[string]entry
	rooms map[string]members // by channel
}

type entry struct {
	person incident.Person
	lang   string
	mail   string // in lower case
	err    error
	until  time.Time
}

const (
	personKept  = time.Hour
	absenceKept = time.Minute
	maxPeople   = 5000
)

// NewDirectory makes a Directory.
func NewDirectory(c *Client, ck *clock.Clock) *Directory {
	return &Directory{client: c, clock: ck, byID: map[string]entry{}, email: map[string]entry{}, rooms: map[string]members{}}
}

// ByEmail returns the person with an e-mail address (users.lookupByEmail). A *Fault with Permanent says that there is nobody.
func (d *Directory) ByEmail(ctx context.Context, email string) (incident.Person, error) {
	key := strings.ToLower(strings.TrimSpace(email))
	e := d.get(ctx, d.email, key, func(ctx context.Context) (slackgo.User, error) { return d.client.userByEmail(ctx, key) })
	return e.person, e.err
}

// Person returns who a Slack id is (users.info). When Slack does not say, it is the id alone, with the error.
func (d *Directory) Person(ctx context.Context, id string) (incident.Person, error) {
	e := d.get(ctx, d.byID, id, func(ctx context.Context) (slackgo.User, error) { return d.client.user(ctx, id) })
	if e.err != nil {
		return incident.Person{Slack: id}, e.err
	}
	return e.person, nil
}

// nameBudget is how long a message may wait for a name, in real time.
const nameBudget = time.Second

// name is what to call somebody; "" when Slack does not say in time.
func (d *Directory) name(ctx context.Context, id string) string {
	ctx, cancel := context.WithTimeout(WithClass(ctx, incident.ClassCosmetic), nameBudget)
	defer cancel()
	p, _ := d.Person(ctx, id)
	return p.Name
}

// Language is the language of somebody already known, else otherwise; it asks nobody.
func (d *Directory) Language(id, otherwise string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e, ok := d.byID[id]; ok && e.lang != "" {
		return e.lang
	}
	return otherwise
}

func (d *Directory) get(ctx context.Context, from map[string]entry, key string, ask func(context.Context) (slackgo.User, error)) entry {
	d.mu.Lock()
	e, ok := from[key]
	d.mu.Unlock()
	now := d.clock.Now()
	if ok && now.Before(e.until) {
		return e
	}
	u, err := ask(ctx)
	if err != nil {
		if f := classify("", err); ok && e.err == nil && !f.Permanent() {
			return e // what was true an hour ago is better than nothing
		}
		e = entry{err: err, until: now.Add(absenceKept)}
		if errors.Is(ctx.Err(), context.Canceled) {
			return e // that the caller went away says nothing of the person
		}
	} else {
		e = entry{person: incident.Person{Slack: u.ID, Name: nameOf(u)}, until: now.Add(personKept)}
		e.mail = strings.ToLower(strings.TrimSpace(u.Profile.Email))
		if u.Locale != "" {
			e.lang = catalog.Language(u.Locale)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(from) >= maxPeople {
		clear(from)
	}
	from[key] = e
	return e
}

// nameOf is what a person calls themself.
func nameOf(u slackgo.User) string {
	for _, s := range []string{u.RealName, u.Profile.RealName, u.Profile.DisplayName, u.Name, u.ID} {
		if s = incident.Clip(s, 80); s != "" {
			return s
		}
	}
	return ""
}

// known is the name of somebody already looked up; it asks nobody.
func (d *Directory) known(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byID[id].person.Name
}
