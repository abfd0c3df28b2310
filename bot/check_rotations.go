package bot

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/clock"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/pagerduty"
	"github.com/tocsin-bot/tocsin/bot/slack"
)

// rotationsAhead is how far ahead check looks at rotations and schedules. PagerDuty renders three months at most.
const rotationsAhead = 12 * 7 * 24 * time.Hour

// plans are the PagerDuty schedules that fill targets, as they are rendered for the weeks ahead. What cannot be read is a finding of
// PagerDuty's own check, and absent here.
func (k *checker) plans(ctx context.Context, p *incident.Policy, client *pagerduty.Client) map[string]pagerduty.Plan {
	out, read := map[string]pagerduty.Plan{}, map[string]pagerduty.Plan{}
	if client == nil || !client.HasToken() {
		return out
	}
	now := clock.New().Now().Truncate(time.Second)
	for _, target := range slices.Sorted(maps.Keys(p.Targets)) {
		t := p.Targets[target]
		if t.Schedule == "" || t.Rotation != "" || ctx.Err() != nil {
			continue
		}
		plan, ok := read[t.Schedule]
		if !ok {
			var err error
			if plan, err = client.Plan(ctx, t.Schedule, now, now.Add(rotationsAhead)); err != nil {
				continue
			}
			read[t.Schedule] = plan
		}
		out[target] = plan
	}
	return out
}

// rotations looks at how many people share the first rotation, and for a time in which one person is the first and the backup: in the policy
// file and in PagerDuty's schedules, and where one is of the file and the other PagerDuty's.
func (k *checker) rotations(pol *policies, plans map[string]pagerduty.Plan) {
	p, all := &pol.file.Policy, pol.file.Rotations
	if len(p.Ladder) == 0 || len(p.Ladder[0].Targets) == 0 {
		return
	}
	first, backup := p.Targets[p.Ladder[0].Targets[0]], p.Targets[p.Ladder[0].Backup]
	now := clock.New().Now()
	where := func(t incident.Target) string {
		return k.say("check.target", catalog.Args{"target": catalog.Words(t.Key)})
	}
	for _, f := range house.CheckRotations(house.RotationCheck{Rotations: slices.Collect(maps.Values(all)), Primary: first.Rotation, From: now}) {
		if f.Warning && f.Field == "people" { // faults were refused with the file
			n := catalog.Args{"n": catalog.Int(len(slices.Compact(slices.Sorted(slices.Values(all[f.Rotation].People)))))}
			k.add(false, where(first), "check.rotation.size", n)
		}
	}
	if plan, ok := plans[first.Key]; ok {
		if n := len(plan.Sharing()); n > 0 && (n < house.FewestOnCall || n > house.MostOnCall) {
			k.add(false, where(first), "check.schedule.size", catalog.Args{"n": catalog.Int(n), "schedule": k.schedule(plan.Schedule)})
		}
	}
	until := now.Add(rotationsAhead)
	s, both := house.MeetShifts(turnsOf(first, all, plans, now, until), turnsOf(backup, all, plans, now, until))
	if !both {
		return
	}
	when := func(t time.Time) catalog.Arg {
		if first.Schedule != "" || backup.Schedule != "" { // PagerDuty tells its times in UTC
			t = t.In(p.Location())
		}
		return catalog.Words(t.Format("2006-01-02 15:04 MST"))
	}
	key := "check.rotation.both"
	if backup.Schedule != "" {
		key = "check.schedule.both"
	}
	args := catalog.Args{"mail": catalog.Words(s.Person), "from": when(s.From), "to": when(s.To), "first": catalog.Words(first.Key)}
	if key == "check.schedule.both" {
		args["schedule"] = k.schedule(backup.Schedule)
	}
	k.add(false, where(backup), key, args)
}

// schedule names a schedule of PagerDuty's.
func (k *checker) schedule(id string) catalog.Text {
	return catalog.Say(k.lang, "check.pd.a.schedule", catalog.Args{"id": catalog.Words(id)})
}

// turnsOf are a target's turns between two moments, by its rotation in the policy file or by PagerDuty's schedule; none where nobody says.
func turnsOf(t incident.Target, all map[string]house.Rotation, plans map[string]pagerduty.Plan, from, to time.Time) []house.Shift {
	if r, ok := all[t.Rotation]; ok && t.Rotation != "" {
		rota, err := r.Bind(nil)
		if err != nil {
			return nil
		}
		shifts, err := rota.Shifts(from, to)
		if err != nil {
			return nil
		}
		return house.Clip(shifts, from, to)
	}
	var out []house.Shift
	for _, s := range plans[t.Key].Shifts {
		end := s.To
		if end.IsZero() {
			end = to
		}
		out = append(out, house.Shift{Rotation: t.Key, From: s.From, To: end, Person: s.Who.Email, Turn: s.Who.Email})
	}
	return house.Clip(out, from, to)
}

// scheduled looks for the Slack accounts of everybody who comes up on a PagerDuty schedule in the weeks ahead: somebody whose address Slack
// does not know would be rung and find no room.
func (k *checker) scheduled(ctx context.Context, people *slack.Directory, plans map[string]pagerduty.Plan) {
	for _, target := range slices.Sorted(maps.Keys(plans)) {
		plan, asked := plans[target], map[string]bool{}
		where := k.say("check.target", catalog.Args{"target": catalog.Words(target)})
		for _, s := range plan.Shifts {
			if asked[s.Who.Pager] {
				continue
			}
			asked[s.Who.Pager] = true
			args := catalog.Args{"schedule": k.schedule(plan.Schedule), "name": catalog.Words(s.Who.Name), "id": catalog.Words(s.Who.Pager), "mail": catalog.Words(s.Who.Email)}
			if s.Who.Email == "" {
				k.add(true, where, "check.schedule.no-mail", args)
				continue
			}
			_, err := people.ByEmail(ctx, s.Who.Email)
			switch {
			case err == nil:
			case slack.CodeOf(err) == "users_not_found":
				k.add(true, where, "check.schedule.stranger", args)
			default:
				k.add(false, where, "check.slack.person-unread", catalog.Args{"mail": catalog.Words(s.Who.Email), "why": catalog.Cause{Err: err}})
			}
		}
	}
}
