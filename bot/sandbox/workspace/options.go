package workspace

import (
	"context"
	"time"
)

// Clock tells and waits for the time by which the workspace lives. The owner may
// move it forward; it must never go back.
type Clock interface {
	// Now is the current time.
	Now() time.Time
	// WaitUntil returns nil once Now is at or after t, and the error of ctx when
	// ctx ends first.
	WaitUntil(ctx context.Context, t time.Time) error
}

// Options describe a workspace. The zero value is usable: it has one app with every
// scope, the command "/incident" and generated tokens, the channels "general" and
// "random", and two people.
type Options struct {
	// Clock is the domain clock; nil means real time.
	Clock Clock

	// TeamID, TeamName and Domain name the workspace. Defaults: T0SANDBOX,
	// "Sandbox", "sandbox".
	TeamID, TeamName, Domain string

	// Users are the people (and foreign bots). Empty means two people, Alice and
	// Bob. The bot user of every app is added by itself.
	Users []User

	// Channels exist from the start. "general" is added when it is missing.
	Channels []ChannelSpec

	// Apps are the installed apps. Empty means one default app.
	Apps []App

	// UserGroups are what usergroups.list answers.
	UserGroups []UserGroup

	// NoRateLimits switches the rate limits of the Web API off. They are on by
	// default and follow the published tiers.
	NoRateLimits bool

	// UnknownMethods answer unknown_method although the workspace knows them: a
	// Slack that lacks bookmarks, pins or user groups.
	UnknownMethods []string

	// Latency is added, in real time, to every Web API call before it is done.
	Latency time.Duration

	// PingInterval is the real time between two WebSocket pings; default 10 s.
	// Clients give up after 30 s without one.
	PingInterval time.Duration

	// AckTimeout is the real time an app has to acknowledge; default 3 s.
	AckTimeout time.Duration

	// ConnectionLife is the real time after which a socket is asked to reconnect
	// (a warning, ten seconds later refresh_requested); default 18060 s, as Slack's
	// hello says. Negative means never.
	ConnectionLife time.Duration

	// MaxConnections is the number of sockets one app may hold; default 10.
	MaxConnections int

	// Seed, when it is not 0, makes tokens, tickets and URLs repeatable. Leave it 0
	// where the workspace is reachable by others.
	Seed uint64
}

// User is a person or a bot in the workspace.
type User struct {
	ID       string `json:"id"`        // default: counted, U0SBX0001 and on
	Name     string `json:"name"`      // handle, without @
	RealName string `json:"real_name"` // default: Name
	Email    string `json:"email"`     // default: Name@<domain>.example
	TZ       string `json:"tz"`        // IANA name; default Europe/Paris
	Locale   string `json:"locale"`    // default en-US
	Bot      bool   `json:"is_bot"`
	BotID    string `json:"bot_id,omitempty"` // set for the bot users of apps
	Deleted  bool   `json:"deleted"`
	Admin    bool   `json:"is_admin"`
}

// ChannelSpec is a channel that exists from the start.
type ChannelSpec struct {
	ID      string   // default: counted, C0SBX0001 and on
	Name    string   // checked as Slack checks it
	Private bool     //
	Members []string // user ids or names; for a public channel nil means every person
	Topic   string
	Purpose string
}

// App is an installed app.
type App struct {
	AppID    string `json:"app_id"`    // default: counted, A0SBX0001 and on
	Name     string `json:"name"`      // default: "tocsin"; also the handle of the bot user
	BotToken string `json:"bot_token"` // xoxb-...; generated when empty
	AppToken string `json:"app_token"` // xapp-...; generated when empty
	// Scopes of the bot token; nil means all that the workspace knows. An empty,
	// non-nil list means none.
	Scopes []string `json:"scopes"`
	// Commands are the slash commands, with the slash; nil means "/incident".
	Commands []string `json:"commands"`
	// EscapeCommands is the manifest's should_escape: @name and #channel in a
	// command's text arrive as <@U…|name> and <#C…|channel>.
	EscapeCommands bool `json:"escape_commands"`
	// Events are the subscribed bot events ("message.channels", "app_mention", …);
	// nil means all that the workspace can send.
	Events []string `json:"events"`
	// Shortcuts are the callback ids of global and message shortcuts. An app that
	// lists none gets every shortcut when it is the only app.
	Shortcuts []string `json:"shortcuts,omitempty"`
	// BotUserID and BotID default to counted ids.
	BotUserID string `json:"bot_user_id"`
	BotID     string `json:"bot_id"`
	// Channels the bot is a member of from the start, by name or id.
	Channels []string `json:"-"`
}

// UserGroup is a user group (@handle) for usergroups.list.
type UserGroup struct {
	ID     string   `json:"id"` // default: counted, S0SBX0001 and on
	Handle string   `json:"handle"`
	Name   string   `json:"name"`
	Users  []string `json:"users"`
}

// realClock is the default Clock.
type realClock struct{}

// Now is time.Now.
func (realClock) Now() time.Time { return time.Now() }

// WaitUntil sleeps until t or until ctx ends.
func (realClock) WaitUntil(ctx context.Context, t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
