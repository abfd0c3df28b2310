package pager

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// hook is one subscription. Its sender goroutine is the only one that takes from queue; everything is guarded by Pager.mu.
type hook struct {
	Webhook
	queue         []*delivery
	drops         int // in a row
	dropped       int
	disabledUntil time.Time
	cancelWait    context.CancelFunc
	stop          context.CancelFunc
}

type delivery struct {
	id, event string // of the webhook; of the event
	typ       string
	body      []byte
	queued    time.Time
	next      time.Time // not before
	attempt   int
	copies    int // further copies to send once delivered
}

func (h *hook) wake() {
	if h.cancelWait != nil {
		h.cancelWait()
	}
}

// Sign returns the X-PagerDuty-Signature header for a body: one "v1=" HMAC-SHA256 for each secret, comma separated.
func Sign(body []byte, secrets ...string) string {
	out := make([]string, len(secrets))
	for i, s := range secrets {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write(body)
		out[i] = "v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(out, ",")
}

// AddWebhook adds a subscription and returns its id. It gets the events from now on.
func (p *Pager) AddWebhook(w Webhook) (string, error) {
	u, err := url.Parse(w.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("pager: webhook: %q is not an http or https address", w.URL)
	}
	if len(w.Secrets) == 0 {
		return "", fmt.Errorf("pager: webhook %s: no secret", w.URL)
	}
	p.begin()
	defer p.end()
	if p.closed {
		return "", fmt.Errorf("pager: webhook %s: the pager is closed", w.URL)
	}
	if w.ServiceID != "" && p.service(w.ServiceID) == nil {
		return "", fmt.Errorf("pager: webhook %s: service %q: %w", w.URL, w.ServiceID, ErrNotFound)
	}
	if w.ID == "" {
		w.ID = p.newID("PW")
	}
	ctx, stop := context.WithCancel(p.ctx)
	h := &hook{Webhook: w, stop: stop}
	p.hooks = append(p.hooks, h)
	p.wg.Go(func() { p.send(ctx, h) })
	return w.ID, nil
}

// RemoveWebhook ends a subscription; what it still had queued is not delivered.
func (p *Pager) RemoveWebhook(id string) error {
	p.begin()
	defer p.end()
	i := slices.IndexFunc(p.hooks, func(h *hook) bool { return h.ID == id })
	if i < 0 {
		return fmt.Errorf("pager: webhook %q: %w", id, ErrNotFound)
	}
	p.hooks[i].stop()
	p.hooks = slices.Delete(p.hooks, i, i+1)
	return nil
}

// EnableWebhook switches a disabled subscription on again, before its 24 hours are over.
func (p *Pager) EnableWebhook(id string) error {
	at := p.begin()
	defer p.end()
	for _, h := range p.hooks {
		if h.ID == id {
			h.disabledUntil, h.drops = time.Time{}, 0
			p.changedLocked("webhook", "", at)
			return nil
		}
	}
	return fmt.Errorf("pager: webhook %q: %w", id, ErrNotFound)
}

// Webhooks returns the subscriptions.
func (p *Pager) Webhooks() []WebhookStatus {
	at := p.begin()
	defer p.end()
	out := make([]WebhookStatus, 0, len(p.hooks))
	for _, h := range p.hooks {
		out = append(out, WebhookStatus{ID: h.ID, URL: h.URL, Disabled: at.Before(h.disabledUntil), DisabledUntil: h.disabledUntil, Drops: h.drops, Queued: len(h.queue), Dropped: h.dropped})
	}
	return out
}

// Deliveries returns the attempts to deliver webhooks, oldest first; at most 4000 are kept.
func (p *Pager) Deliveries() []Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.delivered)
}

// hookLocked queues an event for every subscription that wants it.
func (p *Pager) hookLocked(in *incident, typ string, by actor, at time.Time, note *IncidentNote) {
	if len(p.hooks) == 0 {
		return
	}
	data := p.webhookIncident(in)
	if note != nil {
		data = map[string]any{"incident": p.ref("incident", in.id, in.title), "id": note.ID, "content": note.Content, "trimmed": false, "type": "incident_note"}
	}
	p.queueLocked(in, typ, by, at, data)
}

func (p *Pager) queueLocked(in *incident, typ string, by actor, at time.Time, data map[string]any) {
	var agent, client any
	switch {
	case by.user != nil:
		agent = p.userRef(by.user)
	case by.integration != nil:
		agent = map[string]any{
			"id": by.integration.ID, "type": "inbound_integration_reference", "summary": by.integration.Name,
			"self":     p.opts.APIURL + "/services/" + in.svc.ID + "/integrations/" + by.integration.ID,
			"html_url": p.opts.HTMLURL + "/services/" + in.svc.ID + "/integrations/" + by.integration.ID,
		}
	}
	if by.client != "" {
		client = map[string]any{"name": by.client, "url": orNil(by.clientURL)}
	}
	id := p.newID("01EVENT")
	body, err := json.Marshal(map[string]any{"event": map[string]any{
		"id": id, "event_type": typ, "resource_type": "incident", "occurred_at": at.Format("2006-01-02T15:04:05.000Z"),
		"agent": agent, "client": client, "data": data,
	}})
	if err != nil { // the data comes from decoded JSON and our own maps
		panic(fmt.Sprintf("pager: encode webhook %s: %v", typ, err))
	}
	for _, h := range p.hooks {
		if len(h.Events) > 0 && !slices.Contains(h.Events, typ) || h.ServiceID != "" && h.ServiceID != in.svc.ID {
			continue
		}
		if at.Before(h.disabledUntil) || len(h.queue) >= maxWebhookQueue {
			h.dropped++
			continue
		}
		d := &delivery{id: p.newID("WH"), event: id, typ: typ, body: body, queued: at, next: at}
		if p.faults.twice {
			d.copies = 1
		}
		h.queue = append(h.queue, d)
		h.wake()
	}
}

func (p *Pager) webhookIncident(in *incident) map[string]any {
	m := p.ref("incident", in.id, in.title)
	delete(m, "summary")
	m["type"], m["number"], m["status"], m["title"], m["urgency"] = "incident", in.number, in.status, in.title, in.urgency
	m["incident_key"], m["created_at"] = in.key, stamp(in.created, time.UTC)
	m["service"], m["escalation_policy"], m["assignees"] = p.serviceRef(in.svc), p.policyRef(in.policy), p.assignees(in.assignees)
	m["teams"], m["priority"], m["resolve_reason"], m["conference_bridge"] = []any{}, nil, nil, nil
	if in.bridge != nil {
		m["conference_bridge"] = in.bridge
	}
	if in.priority != nil {
		m["priority"] = p.ref("priority", in.priority.ID, in.priority.Name)
	}
	return m
}

// send delivers one subscription's webhooks, one after another, until its context ends.
func (p *Pager) send(ctx context.Context, h *hook) {
	for ctx.Err() == nil {
		wait, cancel := context.WithCancel(ctx)
		at := p.begin()
		h.cancelWait = cancel
		d, next := p.nextDeliveryLocked(h, at)
		p.end()
		switch {
		case d != nil:
			status, err := p.post(ctx, h, d)
			if ctx.Err() == nil {
				p.settle(h, d, status, err)
			}
		case next.IsZero():
			<-wait.Done()
		default:
			_ = p.clock.WaitUntil(wait, next) // woken or closed: both are looked at above
		}
		cancel()
	}
}

// nextDeliveryLocked returns what to send now, or when to look again (zero: when woken).
func (p *Pager) nextDeliveryLocked(h *hook, now time.Time) (*delivery, time.Time) {
	if len(h.queue) == 0 || p.faults.hold || p.faults.down {
		return nil, time.Time{}
	}
	d := h.queue[0]
	if p.faults.reorder && d.attempt == 0 {
		if len(h.queue) == 1 && now.Before(d.queued.Add(reorderWait)) {
			return nil, d.queued.Add(reorderWait)
		}
		d = h.queue[len(h.queue)-1]
	}
	if now.Before(d.next) {
		return nil, d.next
	}
	return d, time.Time{}
}

func (p *Pager) post(ctx context.Context, h *hook, d *delivery) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(d.body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "PagerDuty-Webhook/V3.0")
	req.Header.Set("X-Webhook-Id", d.id)
	req.Header.Set("X-Webhook-Subscription", h.ID)
	req.Header.Set("X-PagerDuty-Signature", Sign(d.body, h.Secrets...))
	resp, err := p.rt.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // the body is of no interest; reading some keeps the connection
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// settle records an attempt and decides: delivered, tried again, or dropped.
func (p *Pager) settle(h *hook, d *delivery, status int, err error) {
	at := p.begin()
	defer p.end()
	d.attempt++
	rec := Delivery{WebhookID: h.ID, EventID: d.event, EventType: d.typ, At: at, Attempt: d.attempt, Status: status, Outcome: "delivered"}
	if err != nil {
		rec.Error = err.Error()
	}
	remove := func() { h.queue = slices.DeleteFunc(h.queue, func(x *delivery) bool { return x == d }) }
	back := min(retryFirst<<min(d.attempt-1, 16), retryMost)
	switch {
	case status >= 200 && status < 300:
		h.drops = 0
		if d.copies > 0 {
			d.copies--
		} else {
			remove()
		}
	case (status == 0 || status == http.StatusTooManyRequests || status >= 500) && !at.Add(back).After(d.queued.Add(retryFor)):
		rec.Outcome = "retry"
		d.next = at.Add(back)
	default:
		rec.Outcome = "dropped"
		remove()
		h.drops++
		h.dropped++
		if h.drops >= dropsToDisable {
			h.disabledUntil = at.Add(disabledFor)
			h.dropped += len(h.queue)
			h.queue, h.drops = nil, 0
		}
	}
	p.delivered = keep(append(p.delivered, rec), maxDeliveries)
	p.changedLocked("webhook", "", at)
}
