package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
	"github.com/tocsin-bot/tocsin/commands"
)

// Kinds of request.
const (
	kindCommand = iota
	kindClick
	kindSubmit
)

// request is a command, click or submission on its way to an answer. Slack waits three seconds for its acknowledgement and never sends it
// again, so it is always acknowledged: with the outcome, or at two seconds with "not known yet", and then the outcome follows.
type request struct {
	r        *Receiver
	s        *socket
	env      string
	kind     int
	user     string
	lang     string
	url      string // response_url; a secret
	trigger  string
	view     string // id of the view it was made in
	viewType slackgo.ViewType
	field    string // a field of the form, to hang an error on

	telling  chan struct{} // capacity 1: "not known yet" is told before the outcome
	mu       sync.Mutex
	answered bool
	timer    *time.Timer
}

// begin puts a request into the queue of key and starts its clock. do is called by the queue's worker.
func (q *request) begin(key string, do func(ctx context.Context) (commands.Reply, error)) {
	r := q.r
	q.lang = r.language(q.user)
	q.telling = make(chan struct{}, 1)
	r.wg.Add(1)
	q.timer = time.AfterFunc(answerWithin, func() {
		defer r.wg.Done()
		q.late()
	})
	if r.pool.put(key, func() { q.work(do) }) {
		return
	}
	r.count(func(s *Status) *int64 { return &s.Refused })
	// The pool is full; there must be an answer all the same. It is a write on a socket, and the reader does not write.
	r.wg.Go(func() {
		if q.answer() {
			q.ackWith(commands.Reply{Card: say1(r.notRecorded(q.lang, sayBusy))}, true)
		}
	})
}

// answer claims the right to acknowledge; false when it was done already.
func (q *request) answer() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.answered {
		return false
	}
	q.answered = true
	if q.timer.Stop() {
		q.r.wg.Done()
	}
	return true
}

// late acknowledges a request whose outcome is not known in time.
func (q *request) late() {
	q.telling <- struct{}{}
	defer func() { <-q.telling }()
	q.mu.Lock()
	if q.answered {
		q.mu.Unlock()
		return
	}
	q.answered = true
	q.mu.Unlock()
	q.r.count(func(s *Status) *int64 { return &s.Late })
	words := say1(say(q.lang, sayUnknownYet))
	switch q.kind {
	case kindCommand:
		q.acknowledge(q.message(words, false, false))
	case kindSubmit:
		q.acknowledge(map[string]any{"response_action": "update", "view": q.page(words)})
	default:
		q.acknowledge(nil)
		q.follow(q.r.work, commands.Reply{Card: words})
	}
}

// work carries the request out and answers.
func (q *request) work(do func(ctx context.Context) (commands.Reply, error)) {
	r := q.r
	if r.o.AckFirst && q.answer() {
		_ = q.acknowledge(nil)
	}
	reply, err := do(r.work)
	// The store did not say whether it was recorded: the same key asked again finds out, and cannot record it twice.
	for wait := time.Second; err != nil && errors.Is(err, engine.ErrUnknown) && wait < time.Minute; wait *= 2 {
		if r.o.Clock.Sleep(r.work, wait) != nil {
			break
		}
		reply, err = do(r.work)
	}
	failed := err != nil
	if failed {
		r.o.Log.Error().Err(err).Str("envelope", q.env).Msg("slack: a request failed")
		key := sayNotRecorded
		if errors.Is(err, engine.ErrUnknown) {
			key = sayUnknown
		}
		if errors.Is(err, engine.ErrBusy) {
			key = sayBusy
		}
		reply = commands.Reply{Card: say1(r.notRecorded(q.lang, key))}
	}
	if q.answer() {
		q.ackWith(reply, failed)
		return
	}
	if reply.Form == nil && reply.Card == nil && len(reply.Errors) == 0 {
		reply.Card = say1(say(q.lang, sayRecorded))
	}
	q.telling <- struct{}{}
	defer func() { <-q.telling }()
	q.follow(r.work, reply)
}

// ackWith acknowledges with a reply that came in time.
func (q *request) ackWith(reply commands.Reply, failed bool) {
	switch q.kind {
	case kindSubmit:
		q.ackSubmission(reply, failed)
		return
	case kindCommand:
		if reply.Form == nil && reply.Card != nil {
			if errors.Is(q.acknowledge(q.message(reply.Card, reply.Public, false)), errTooBig) {
				q.acknowledge(nil)
				q.follow(q.r.work, reply)
			}
			return
		}
	}
	q.acknowledge(nil)
	q.follow(q.r.work, reply)
}

func (q *request) acknowledge(payload any) error {
	err := q.r.ack(q.s, q.env, payload)
	if err != nil && !errors.Is(err, errTooBig) {
		q.r.o.Log.Warn().Str("envelope", q.env).Msg("slack: an acknowledgement could not be written")
	}
	return err
}

// ackSubmission answers a submitted form.
func (q *request) ackSubmission(reply commands.Reply, failed bool) {
	var payload any
	switch {
	case len(reply.Errors) > 0:
		payload = map[string]any{"response_action": "errors", "errors": q.errors(reply.Errors)}
	case failed && q.field != "":
		// The form stays, with what was typed in it.
		payload = map[string]any{"response_action": "errors", "errors": map[string]string{q.field: blocks.Words(reply.Card.Summary, q.options(), 300)}}
	case reply.Form != nil:
		payload = map[string]any{"response_action": "update", "view": blocks.Modal(*reply.Form, q.options())}
	case reply.Card != nil:
		payload = map[string]any{"response_action": "update", "view": q.page(reply.Card)}
	case reply.Close:
		payload = map[string]any{"response_action": "clear"}
	}
	if errors.Is(q.acknowledge(payload), errTooBig) {
		// Too much for the socket: a page in its place, and the Web API brings the rest.
		q.acknowledge(map[string]any{"response_action": "update", "view": q.page(say1(catalog.Text{{S: "…"}}))})
		q.follow(q.r.work, reply)
	}
}

func (q *request) errors(errs map[string]catalog.Text) map[string]string {
	out := map[string]string{}
	for id, t := range errs {
		if out[id] = blocks.Words(t, q.options(), 300); out[id] == "" {
			out[id] = "?"
		}
	}
	return out
}

func (q *request) options() blocks.Options { return blocks.Options{Zone: q.r.o.Zone, Language: q.lang} }

// page is a card as a modal without fields.
func (q *request) page(c *view.Card) slackgo.ModalViewRequest {
	bs := c.Blocks
	if len(bs) == 0 {
		bs = []view.Block{view.Section{Text: c.Summary}}
	}
	return blocks.Modal(view.Form{Title: say(q.lang, sayTitle), Close: say(q.lang, sayClose), Blocks: bs}, q.options())
}

// say1 is a card of one sentence.
func say1(t catalog.Text) *view.Card {
	return &view.Card{Summary: t, Blocks: []view.Block{view.Section{Text: t}}}
}

// reply is what Slack takes as an answer, on an acknowledgement or a response URL.
type reply struct {
	Type    string          `json:"response_type"`
	Replace bool            `json:"replace_original"`
	Text    string          `json:"text"`
	Blocks  []slackgo.Block `json:"blocks,omitempty"`
}

func (q *request) message(c *view.Card, public, replace bool) reply {
	m := blocks.Message(*c, q.options())
	out := reply{Type: "ephemeral", Replace: replace, Text: m.Text, Blocks: m.Blocks}
	if public {
		out.Type = "in_channel"
	}
	if err := blocks.Check(m.Blocks, false); err != nil {
		q.r.o.Log.Error().Err(err).Msg("slack: a card that Slack would refuse goes as words")
		out.Blocks = nil
	}
	return out
}

// follow delivers a reply after the acknowledgement: a form by the trigger, an open form by views.update, everything else by response URL, or
// as a direct message where there is none.
func (q *request) follow(ctx context.Context, rep commands.Reply) {
	ctx, cancel := context.WithTimeout(WithClass(ctx, incident.ClassAck), 3*callTimeout)
	defer cancel()
	err := q.deliver(ctx, rep)
	if err != nil && rep.Form != nil {
		q.r.o.Log.Warn().Err(err).Msg("slack: a form could not be opened")
		err = q.deliver(ctx, commands.Reply{Card: say1(say(q.lang, sayNoForm))})
	}
	if err != nil {
		q.r.o.Log.Error().Err(err).Str("envelope", q.env).Msg("slack: an answer could not be delivered")
	}
}

func (q *request) deliver(ctx context.Context, rep commands.Reply) error {
	c := q.r.o.Client
	if len(rep.Errors) > 0 && rep.Card == nil { // the form is gone; its faults are told
		var t catalog.Text
		for _, id := range sortedKeys(rep.Errors) {
			t = append(append(t, rep.Errors[id]...), catalog.Span{Kind: catalog.Break})
		}
		rep.Card = say1(t)
	}
	if rep.Form != nil {
		v := blocks.Modal(*rep.Form, q.options())
		if err := blocks.CheckModal(v); err != nil {
			return &Fault{Method: "views.open", Code: CodeNoCard, Detail: clip(err.Error()), permanent: true, Mend: "report this form: " + rep.Form.ID}
		}
		if q.kind == kindSubmit {
			return c.updateView(ctx, q.view, v)
		}
		if q.view != "" && q.viewType == slackgo.VTModal {
			return c.updateView(ctx, q.view, v)
		}
		if err := c.openView(ctx, q.trigger, v); err != nil {
			return err
		}
	}
	if q.viewType == slackgo.VTHomeTab {
		q.r.home(q.user) // what was pressed there has changed it
	}
	if rep.Card == nil {
		return nil
	}
	if q.url != "" {
		return q.respond(ctx, q.message(rep.Card, rep.Public, rep.Replace))
	}
	if q.viewType == slackgo.VTModal && c.updateView(ctx, q.view, q.page(rep.Card)) == nil {
		return nil
	}
	ch, err := c.openDirect(ctx, q.user)
	if err != nil {
		return err
	}
	_, _, err = c.post(ctx, ch, blocks.Message(*rep.Card, q.options()), nil)
	return err
}

// respond answers by response URL, which takes five answers within thirty minutes. The URL is a secret: it is in no error.
func (q *request) respond(ctx context.Context, m reply) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	const method = "response_url"
	for try := 1; ; try++ {
		err = q.r.o.Client.postURL(ctx, method, q.url, body)
		f := classify(method, err)
		if f == nil || f.Permanent() || try == 3 {
			return err
		}
		if q.r.o.Clock.Sleep(ctx, max(f.RetryAfter(), time.Duration(try)*time.Second)) != nil {
			return err
		}
	}
}

// postURL posts JSON to a URL that Slack gave us. No token goes with it.
func (c *Client) postURL(ctx context.Context, method, url string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return &Fault{Method: method, Code: CodeNotSlack, Detail: "it is no address", permanent: true}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.http.Do(req)
	if err != nil {
		return classify(method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
	switch {
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return status(method, resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return &Fault{Method: method, Code: "refused", Detail: fmt.Sprintf("HTTP %d: %s", resp.StatusCode, clip(strings.TrimSpace(string(answer)))), permanent: true}
	}
	return nil
}

// publish shows a Home page.
func (r *Receiver) publish(ctx context.Context, user string, card view.Card) error {
	v := blocks.Home(card, blocks.Options{Zone: r.o.Zone, Language: r.language(user)})
	if err := blocks.Check(v.Blocks.BlockSet, true); err != nil {
		return &Fault{Method: "views.publish", Code: CodeNoCard, Detail: clip(err.Error()), permanent: true}
	}
	return r.o.Client.publishHome(ctx, user, v)
}
