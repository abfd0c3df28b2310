package slack

import (
	"context"

	slackgo "github.com/slack-go/slack"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/slack/blocks"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Tell sends a card to one person by direct message, outside any incident: once, without looking for an earlier one. The error is a *Fault;
// whoever repeats it may tell them twice.
func (p *Performer) Tell(ctx context.Context, user string, card view.Card, language string) error {
	_, err := p.Write(ctx, user, card, language)
	return err
}

// Write is Tell that says where the message stands.
func (p *Performer) Write(ctx context.Context, user string, card view.Card, language string) (incident.Posted, error) {
	ch, err := p.names.direct(ctx, user)
	if err != nil {
		return incident.Posted{}, err
	}
	r := blocks.Message(card, blocks.Options{Zone: p.o.Zone, Language: language})
	if err := blocks.Check(r.Blocks, false); err != nil {
		return incident.Posted{}, &Fault{Method: postMessage, Code: CodeNoCard, Detail: clip(err.Error()), permanent: true, Mend: "report this card"}
	}
	ch, ts, err := p.o.Client.post(ctx, ch, r, nil)
	return incident.Posted{Channel: ch, TS: ts}, err
}

// Email is the address of a Slack account, in lower case; empty when Slack does not say (the scope users:read.email).
func (d *Directory) Email(ctx context.Context, id string) (string, error) {
	e := d.get(ctx, d.byID, id, func(ctx context.Context) (slackgo.User, error) { return d.client.user(ctx, id) })
	return e.mail, e.err
}
