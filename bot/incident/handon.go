package incident

// HandOn passes a page on: the other is asked to take it, and until they do it stays with who was rung.
type HandOn struct{ Who Person }

func (HandOn) act() {}

// HandedOn records that somebody who was rung asked another to take it.
type HandedOn struct {
	Page string `json:"page"`
	Who  Person `json:"who"`
}

func (d *decider) handOn(a HandOn) error {
	var own Page
	for _, p := range d.s.Pages {
		if p.Outstanding() && p.Person.Same(d.in.Actor.Person) {
			own = p // the newest
		}
	}
	switch {
	case a.Who.Zero():
		return refuse(RefusedEmpty, "person")
	case own.Key == "":
		return refuse(RefusedNotRung)
	case a.Who.Same(d.in.Actor.Person):
		return refuse(RefusedOneself)
	case d.rings(a.Who):
		return &Refusal{Code: RefusedRungToo, By: a.Who}
	}
	d.add(&HandedOn{Page: own.Key, Who: a.Who})
	return nil
}
