package bot

import (
	"context"
	"time"

	"github.com/tocsin-bot/tocsin/bot/engine"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/journal"
)

// OnDuty tells by address who is on call by a rotation that a policy file keeps, at a moment; empty: nobody, or the file keeps no such
// rotation.
type OnDuty func(rotation string, at time.Time) string

// DutyOf reads the rotations of a policy file: their turns, their overrides, and the covers that people agreed on beside them.
func DutyOf(path string, covers []house.Cover) (OnDuty, error) {
	p, err := readPolicy(path)
	if err != nil {
		return nil, err
	}
	rotas := map[string]*house.Rota{}
	for key, r := range p.file.Rotations {
		if rotas[key], err = r.Bind(covers); err != nil {
			return nil, err
		}
	}
	return func(rotation string, at time.Time) string {
		if a := rotas[rotation]; a != nil {
			return a.At(at).Person
		}
		return ""
	}, nil
}

// Recorded is what people told the bot that a forecast by its policy counts: announced holidays, and covers of the rotations. It reads beside
// a running bot.
func Recorded(ctx context.Context, r journal.Reader) (incident.AnnouncedDays, []house.Cover, error) {
	h, err := HouseOf(ctx, r)
	return engine.AnnouncedDays(h), h.Covers, err
}

// OnCallOf is who is on call for the targets of a policy at a moment: whom it names by address, and who has the duty of a rotation it keeps. A
// rotation that nobody is on is there without people; a target whose people the policy does not know is not there.
func OnCallOf(p *incident.Policy, duty OnDuty) func(time.Time) incident.OnCall {
	return func(at time.Time) incident.OnCall {
		out := incident.OnCall{}
		for key, t := range p.Targets {
			people := t.People
			switch {
			case t.Rotation != "" && duty != nil:
				people = nil
				if who := duty(t.Rotation, at); who != "" {
					people = []string{who}
				}
			case len(people) == 0:
				continue
			}
			var r incident.Roster
			for _, mail := range people {
				r.People = append(r.People, incident.Person{Pager: mail, Name: mail})
			}
			out[key] = r
		}
		return out
	}
}
