package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// PersonPlace is where the file names somebody of a target: "policy.yaml:24" and the field, "targets.tech_lead.people[0]", or in the rotation
// the target is handed round by. Empty where the file does not name them: PagerDuty's schedule does.
func (f *File) PersonPlace(target, mail string) (place, field string) {
	t := f.Policy.Targets[target]
	is := func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(mail)) }
	rot := f.Rotations[t.Rotation]
	switch i, j := slices.IndexFunc(t.People, is), slices.IndexFunc(rot.People, is); {
	case i >= 0:
		field = fmt.Sprintf("targets.%s.people[%d]", target, i)
	case j >= 0:
		field = fmt.Sprintf("rotations.%s.people[%d]", t.Rotation, j)
	default:
		for n, o := range rot.Overrides {
			if is(o.Person) {
				field = fmt.Sprintf("rotations.%s.overrides[%d].person", t.Rotation, n)
				break
			}
		}
	}
	if field == "" || f.lines == nil {
		return "", ""
	}
	place = f.Name
	if l := f.lines.line(field); l > 0 {
		place += ":" + strconv.Itoa(l)
	}
	return place, field
}
