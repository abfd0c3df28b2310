package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tocsin-bot/tocsin/bot/catalog"
	"github.com/tocsin-bot/tocsin/bot/house"
	"github.com/tocsin-bot/tocsin/bot/incident"
)

// Limits of the duties a policy hands round.
const (
	maxRotations = 100
	maxOverrides = 500
	maxRotating  = 200 // people of one rotation
)

func (r *reader) rotations(n *yaml.Node, at string, out map[string]house.Rotation) {
	r.as(n, shape{kind: "map", form: nameForm, most: maxRotations, hasLimit: true})
	r.entries(n, at, maxRotations, func(key string, k, v *yaml.Node, at string) {
		if !nameForm.MatchString(key) {
			r.fault(k.Line, at, "not-name", nil)
			return
		}
		out[key] = r.rotation(key, v, at)
	})
}

// rotation reads one duty. What is wrong with it as a whole, house.Rotation says; its fields are those of the file but for the hand-over,
// which is a weekday and a time in one.
func (r *reader) rotation(key string, n *yaml.Node, at string) house.Rotation {
	rot := house.Rotation{Key: key}
	var overrides []*yaml.Node
	faults := len(r.faults)
	r.object(n, at, fields{
		"zone":  func(v *yaml.Node, at string) { rot.Zone = r.zone(v, at) },
		"start": func(v *yaml.Node, at string) { rot.Start, _ = r.scalar(v, at) },
		"handover": func(v *yaml.Node, at string) {
			s, ok := r.scalar(v, at)
			if !ok {
				return
			}
			words := strings.Fields(strings.ToLower(s))
			if len(words) == 2 {
				if day := weekdayOf(words[0]); strings.EqualFold(day.String(), words[0]) {
					rot.Weekday, words = day, words[1:]
				}
			}
			if len(words) == 1 {
				if t, err := time.Parse("15:04", words[0]); err == nil {
					rot.Time = t.Format("15:04")
					return
				}
			}
			r.fault(v.Line, at, "rotation.handover", with{"got": said(s)})
		},
		"weeks":  func(v *yaml.Node, at string) { rot.Weeks = r.whole(v, at, 1, 52) },
		"days":   func(v *yaml.Node, at string) { rot.Days = r.whole(v, at, 1, 365) },
		"people": func(v *yaml.Node, at string) { rot.People = r.turns(v, at) },
		"overrides": func(v *yaml.Node, at string) {
			r.list(v, at, maxOverrides, func(v *yaml.Node, _ string) { overrides = append(overrides, v) })
		},
	})
	if n.Kind != yaml.MappingNode {
		return rot
	}
	for i, v := range overrides { // after the zone they are read in
		rot.Overrides = append(rot.Overrides, r.override(v, fmt.Sprintf("%s.overrides[%d]", at, i), rot.Zone))
	}
	if rot.Zone == "" && !r.faulted(at+".zone") {
		r.fault(n.Line, at+".zone", "rotation.no-zone", nil)
	}
	if rot.Time == "" && !r.faulted(at+".handover") {
		r.fault(n.Line, at+".handover", "rotation.no-handover", nil)
	}
	if len(r.faults) > faults {
		return rot // what follows from those is not said again
	}
	for _, f := range rot.Faults() {
		field, key := join(at, f.Field), ""
		switch part, _, _ := strings.Cut(f.Field, "["); part {
		case "start":
			key = "rotation.start"
		case "weeks":
			key = "rotation.length"
			if rot.Weeks == 0 && rot.Days == 0 {
				key = "rotation.no-length"
			}
		case "people":
			key = "rotation.nobody"
		case "overrides":
			key = "rotation.override-backwards"
			if i := len(f.Field) - 1; strings.TrimSpace(overrideAt(rot, f.Field[len("overrides["):i]).Person) == "" {
				key = "rotation.override-nobody"
			}
		}
		if key == "" {
			r.fault(r.line(field), field, "rotation.other", nil)
			continue
		}
		r.fault(r.line(field), field, key, with{"got": said(rot.Start), "weeks": catalog.Int(rot.Weeks), "days": catalog.Int(rot.Days)})
	}
	return rot
}

// overrideAt is the override with an index as a field writes it.
func overrideAt(r house.Rotation, index string) house.Override {
	if i, err := strconv.Atoi(index); err == nil && i < len(r.Overrides) {
		return r.Overrides[i]
	}
	return house.Override{}
}

// turns reads the people of a rotation in the order of their turns. Somebody may have two of them.
func (r *reader) turns(n *yaml.Node, at string) []string {
	var out []string
	r.list(n, at, maxRotating, func(v *yaml.Node, at string) {
		if s := strings.ToLower(r.form(v, at, mailForm, false, "mail")); s != "" {
			out = append(out, s)
		}
	})
	return out
}

// override reads an interval of a rotation that is somebody's whoever's turn it is, on the wall clock of the rotation's zone.
func (r *reader) override(n *yaml.Node, at, zone string) house.Override {
	var o house.Override
	moment := func(to *time.Time) func(*yaml.Node, string) {
		return func(v *yaml.Node, at string) {
			s, ok := r.scalar(v, at)
			if !ok {
				return
			}
			t, err := house.Moment(zone, strings.Replace(s, "T", " ", 1))
			if err != nil {
				r.fault(v.Line, at, "rotation.moment", with{"got": said(s)})
				return
			}
			*to = t
		}
	}
	r.object(n, at, fields{
		"from": moment(&o.From),
		"to":   moment(&o.To),
		"person": func(v *yaml.Node, at string) {
			o.Person = strings.ToLower(r.form(v, at, mailForm, false, "mail"))
		},
	})
	if n.Kind == yaml.MappingNode && (o.From.IsZero() || o.To.IsZero()) && !r.faulted(at) {
		r.fault(n.Line, at, "rotation.override-times", with{"form": catalog.Literal("{from: 2026-12-24 18:00, to: 2026-12-26 09:00, person: lea@example.com}")})
	}
	return o
}

// onRotations holds that every target's rotation is there and is the only one that says who is on call.
func (r *reader) onRotations(p *incident.Policy, rotations map[string]house.Rotation) {
	used := map[string]bool{}
	for _, key := range sortedKeys(p.Targets) {
		t, at := p.Targets[key], "targets."+key
		if t.Rotation == "" {
			if t.Address.OnCall && t.Schedule == "" && len(t.People) == 0 {
				r.fault(r.line(at+".address"), at+".address", "on-call-nobody", nil)
			}
			continue
		}
		used[t.Rotation] = true
		switch _, ok := rotations[t.Rotation]; {
		case t.Schedule != "" || len(t.People) > 0:
			r.fault(r.line(at+".rotation"), at+".rotation", "rotation.beside", nil)
		case !ok && !r.faulted("rotations"):
			r.fault(r.line(at+".rotation"), at+".rotation", "rotation.unknown", with{"got": said(t.Rotation), "known": listed(sortedKeys(rotations)...)})
		}
	}
	for _, key := range sortedKeys(rotations) {
		if at := "rotations." + key; !used[key] && !r.faulted(at) {
			r.fault(r.line(at), at, "rotation.unused", with{"line": catalog.Literal("rotation: " + key)})
		}
	}
}
