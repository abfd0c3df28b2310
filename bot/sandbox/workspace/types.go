package workspace

import (
	"encoding/json"
	"time"
)

// Kinds of channel, as in the types argument of conversations.list.
const (
	KindPublic  = "public_channel"
	KindPrivate = "private_channel"
	KindIM      = "im"
	KindMPIM    = "mpim"
)

// Channel is a copy of a conversation.
type Channel struct {
	ID            string     `json:"id"`
	Name          string     `json:"name"` // empty for direct messages
	Kind          string     `json:"kind"`
	Created       time.Time  `json:"created"`
	Creator       string     `json:"creator"`
	Topic         string     `json:"topic"`
	TopicBy       string     `json:"topic_by,omitempty"`
	Purpose       string     `json:"purpose"`
	PurposeBy     string     `json:"purpose_by,omitempty"`
	Archived      bool       `json:"archived"`
	General       bool       `json:"general"`
	Members       []string   `json:"members"` // user ids, in order of joining
	Pins          []Pin      `json:"pins"`
	Bookmarks     []Bookmark `json:"bookmarks"`
	PreviousNames []string   `json:"previous_names,omitempty"`
}

// Pin is a pinned message.
type Pin struct {
	TS string    `json:"ts"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Bookmark is a link in a channel's header.
type Bookmark struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Link    string    `json:"link"`
	Emoji   string    `json:"emoji"`
	Type    string    `json:"type"`
	AppID   string    `json:"app_id"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	By      string    `json:"by"`
}

// Message is a copy of a message. Text is Slack's mrkdwn, stored as an app sent it
// and escaped as Slack escapes what a person typed.
type Message struct {
	Channel     string          `json:"channel"`
	TS          string          `json:"ts"`
	User        string          `json:"user"`
	BotID       string          `json:"bot_id,omitempty"`
	AppID       string          `json:"app_id,omitempty"`
	Subtype     string          `json:"subtype,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"` // an array; every block has a block_id
	Attachments json.RawMessage `json:"attachments,omitempty"`
	ThreadTS    string          `json:"thread_ts,omitempty"` // set on replies and on a parent with replies
	Broadcast   bool            `json:"broadcast,omitempty"` // a reply also sent to the channel
	ReplyCount  int             `json:"reply_count,omitempty"`
	ReplyUsers  []string        `json:"reply_users,omitempty"`
	LatestReply string          `json:"latest_reply,omitempty"`
	EditedBy    string          `json:"edited_by,omitempty"`
	EditedTS    string          `json:"edited_ts,omitempty"`
	Edits       int             `json:"edits,omitempty"`
	Deleted     bool            `json:"deleted,omitempty"`
	Metadata    *Metadata       `json:"metadata,omitempty"`
	Reactions   []Reaction      `json:"reactions,omitempty"`
	Files       []File          `json:"files,omitempty"`
	Pinned      bool            `json:"pinned,omitempty"`
	Username    string          `json:"username,omitempty"` // chat:write.customize
	IconEmoji   string          `json:"icon_emoji,omitempty"`

	// Inviter, Topic, Purpose, Name and OldName belong to system messages.
	Inviter string `json:"inviter,omitempty"`
	Topic   string `json:"topic,omitempty"`
	Purpose string `json:"purpose,omitempty"`
	Name    string `json:"name,omitempty"`
	OldName string `json:"old_name,omitempty"`

	// Ephemeral messages are seen by EphemeralTo alone and are in no history.
	Ephemeral   bool   `json:"ephemeral,omitempty"`
	EphemeralTo string `json:"ephemeral_to,omitempty"`

	// Notified are the ids of the people whom mentions in this message alerted when it
	// was posted (not its author, not bots), sorted. Broadcasts names the
	// @channel, @here and @everyone among them.
	Notified   []string `json:"notified,omitempty"`
	Broadcasts []string `json:"broadcasts,omitempty"`
}

// Metadata is a message's metadata.
type Metadata struct {
	EventType    string          `json:"event_type"`
	EventPayload json.RawMessage `json:"event_payload"`
}

// Reaction is one emoji under a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

// File is a file's description. Its content is kept up to a limit and served under
// URL to callers with the bot token.
type File struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Mimetype string    `json:"mimetype"`
	Size     int       `json:"size"`
	User     string    `json:"user"`
	Created  time.Time `json:"created"`
	URL      string    `json:"url_private"`
}

// View is a copy of a modal or of a home tab.
type View struct {
	ID              string          `json:"id"`
	AppID           string          `json:"app_id"`
	User            string          `json:"user"`
	Type            string          `json:"type"` // "modal" or "home"
	Title           string          `json:"title,omitempty"`
	Submit          string          `json:"submit,omitempty"`
	Close           string          `json:"close,omitempty"`
	CallbackID      string          `json:"callback_id,omitempty"`
	ExternalID      string          `json:"external_id,omitempty"`
	PrivateMetadata string          `json:"private_metadata,omitempty"`
	Blocks          json.RawMessage `json:"blocks"`
	Hash            string          `json:"hash"`
	RootID          string          `json:"root_view_id"`
	PreviousID      string          `json:"previous_view_id,omitempty"`
	ClearOnClose    bool            `json:"clear_on_close,omitempty"`
	NotifyOnClose   bool            `json:"notify_on_close,omitempty"`
	// State is what the form holds now: block_id, action_id, Slack's value object.
	State map[string]map[string]json.RawMessage `json:"state"`
	// Errors are what the app's last answer put under the inputs, by block_id.
	Errors map[string]string `json:"errors,omitempty"`
}

// Outcomes of an act that an app must answer.
const (
	// Acked: the app acknowledged in time.
	Acked = "ok"
	// TimedOut is what the person sees when nothing answered within three seconds.
	TimedOut = "operation_timeout"
	// Undelivered is what the person sees when no socket was open.
	Undelivered = "dispatch_failed"
	// BadAnswer is what the person sees when the answer was not acceptable: invalid
	// blocks, an unknown response_action, a view over the limits.
	BadAnswer = "invalid_response"
)

// Outcome is what came of a command, a click, a submission or a shortcut.
type Outcome struct {
	Status  string            `json:"status"` // Acked, TimedOut, Undelivered, BadAnswer
	Detail  string            `json:"detail,omitempty"`
	Payload json.RawMessage   `json:"payload,omitempty"` // of the acknowledgement, as sent
	AckedAt time.Time         `json:"-"`                 // when its frame had arrived, in real time; what is shown of it comes after
	Message *Message          `json:"message,omitempty"` // what the acknowledgement posted
	Action  string            `json:"response_action,omitempty"`
	Errors  map[string]string `json:"errors,omitempty"` // of response_action errors, by block_id
	Views   []View            `json:"views,omitempty"`  // the person's modals afterwards, topmost last
}

// Call is one Web API call, as the workspace saw it.
type Call struct {
	Seq      int               `json:"seq"`
	At       time.Time         `json:"at"`
	AppID    string            `json:"app_id,omitempty"`
	Method   string            `json:"method"`
	Args     map[string]string `json:"args"` // without the token; structured arguments as JSON
	OK       bool              `json:"ok"`
	Error    string            `json:"error,omitempty"`
	Status   int               `json:"status"` // HTTP status; 0 when the connection was cut
	Result   json.RawMessage   `json:"result,omitempty"`
	Warnings []string          `json:"warnings,omitempty"`
}

// Oddity is something a strict test does not expect: an argument that Slack does not
// document, an unknown method, an acknowledgement nobody waits for.
type Oddity struct {
	At    time.Time `json:"at"`
	AppID string    `json:"app_id,omitempty"`
	What  string    `json:"what"`
}

// EnvelopeStats count what went over Socket Mode since the start.
type EnvelopeStats struct {
	Events      int `json:"events"`      // events that were due to an app
	Requests    int `json:"requests"`    // commands and interactions
	Delivered   int `json:"delivered"`   // frames with an envelope handed to a socket
	Acked       int `json:"acked"`       // events and requests acknowledged in time
	Redelivered int `json:"redelivered"` // deliveries with retry_attempt > 0
	Duplicated  int `json:"duplicated"`  // sent twice by the fault
	Lost        int `json:"lost"`        // events given up after the third retry, requests never answered
	Waiting     int `json:"waiting"`     // events not yet acknowledged nor lost
}

// Connection is an open socket.
type Connection struct {
	ID       int       `json:"id"`
	AppID    string    `json:"app_id"`
	Since    time.Time `json:"since"`
	Draining bool      `json:"draining"`  // was told to reconnect
	HalfOpen bool      `json:"half_open"` // by the fault
}

// Kinds of Change.
const (
	ChangeResync     = "resync"     // the subscriber fell behind: read everything again
	ChangeMessage    = "message"    // posted, edited, deleted, reacted to, pinned
	ChangeEphemeral  = "ephemeral"  // seen by User alone
	ChangeChannel    = "channel"    // created, renamed, archived, topic, members, bookmarks
	ChangeView       = "view"       // a modal of User
	ChangeHome       = "home"       // the home tab of User
	ChangeConnection = "connection" // a socket opened or closed
	ChangeFault      = "fault"      // a switch moved
)

// Change says what to read again.
type Change struct {
	Seq     int    `json:"seq"`
	Kind    string `json:"kind"`
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	User    string `json:"user,omitempty"`
}

// Error is a refusal in Slack's words.
type Error struct {
	Code   string   // Slack's error code, such as channel_not_found
	Detail []string // what Slack puts into response_metadata.messages

	extra map[string]any // further fields of the response
}

// Error joins the code and the details.
func (e *Error) Error() string {
	s := e.Code
	for _, d := range e.Detail {
		s += "; " + d
	}
	return s
}
