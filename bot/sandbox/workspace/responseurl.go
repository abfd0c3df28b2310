package workspace

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	responseURLUses = 5
	responseURLLife = 30 * time.Minute // by the clock
)

// responseURL lets an app answer an act of a person later.
type responseURL struct {
	app     *app
	channel *channel
	user    string
	message *Message // the one acted on; nil for commands
	last    *Message // what was posted through it last
	left    int
	expires time.Time
}

// newResponseURLLocked makes one for an act; message is what the person acted on.
func (w *Workspace) newResponseURLLocked(a *app, c *channel, user string, message *Message) string {
	id := w.secretLocked("response", 40)
	w.urls[id] = &responseURL{app: a, channel: c, user: user, message: message, left: responseURLUses, expires: w.clock.Now().Add(responseURLLife)}
	w.urlOrder = append(w.urlOrder, id)
	if len(w.urlOrder) > maxResponseURLs {
		delete(w.urls, w.urlOrder[0])
		w.urlOrder = w.urlOrder[1:]
	}
	return w.base + "/response/" + id
}

// serveResponseURL takes an answer.
func (w *Workspace) serveResponseURL(rw http.ResponseWriter, r *http.Request) {
	if !w.sleep(r.Context(), w.opt.Latency+w.faults.slow()) {
		cut(rw)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		http.Error(rw, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	w.mu.Lock()
	rerr, appID := w.respondLocked(r.PathValue("id"), body)
	c := Call{Method: "response_url", AppID: appID, Args: map[string]string{"body": clip(string(body), maxLoggedResult)}, OK: rerr == nil, Status: http.StatusOK}
	out := object{"ok": rerr == nil}
	if rerr != nil {
		out["error"], c.Error = rerr.Code, rerr.Code
		c.Status = http.StatusNotFound
		if rerr.Code != "used_url" && rerr.Code != "expired_url" && rerr.Code != "no_such_url" {
			c.Status = http.StatusBadRequest
		}
	}
	c.Result = mustJSON(out)
	w.logLocked(c)
	w.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(c.Status)
	_, _ = rw.Write(c.Result)
}

// respondLocked does what an answer asks for.
func (w *Workspace) respondLocked(id string, body []byte) (*Error, string) {
	u := w.urls[id]
	switch {
	case u == nil:
		return fail("no_such_url"), ""
	case w.clock.Now().After(u.expires):
		return fail("expired_url"), u.app.AppID
	case u.left <= 0:
		return fail("used_url"), u.app.AppID
	}
	if len(body) > 0 && strings.HasPrefix(string(body), "payload=") {
		return fail("invalid_payload", "send JSON"), u.app.AppID
	}
	r, err := parseReply(json.RawMessage(body))
	if err != nil {
		return err, u.app.AppID
	}
	original := u.message
	if original == nil {
		original = u.last
	}
	c := u.channel
	switch {
	case r.DeleteOriginal:
		if original == nil {
			return fail("no_text"), u.app.AppID
		}
		u.left--
		if original.Ephemeral {
			Person{w: w, id: u.user}.dismissLocked(original.TS)
		} else if !original.Deleted {
			w.deleteLocked(c, original)
		}
	case r.empty():
		return fail("no_text"), u.app.AppID
	case r.ReplaceOriginal && original != nil && !original.Deleted:
		u.left--
		m := u.app.message(r)
		change := func() { original.Text, original.Blocks, original.Attachments = m.Text, m.Blocks, m.Attachments }
		if original.Ephemeral {
			change()
			original.Edits++
			w.changedLocked(ChangeEphemeral, c.ID, original.TS, u.user)
		} else {
			w.editLocked(c, original, u.app.BotUserID, change)
		}
	default:
		u.left--
		m := u.app.message(r)
		if thread, terr := w.threadLocked(c, r.ThreadTS); terr == nil {
			m.ThreadTS = thread
		}
		if r.ResponseType == "in_channel" {
			if c.Archived {
				return fail("is_archived"), u.app.AppID
			}
			m.Metadata = r.Metadata
			if m.Metadata != nil && m.Metadata.EventType == "" {
				m.Metadata = nil
			}
			u.last = w.postLocked(c, m)
		} else {
			u.last = w.ephemeralLocked(c, u.user, m)
		}
	}
	return nil, u.app.AppID
}
