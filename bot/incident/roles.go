package incident

func (d *decider) setRole(a SetRole) error {
	if !a.Role.Valid() {
		return refuse(RefusedNotHere, string(a.Role))
	}
	h, held := d.s.Roles[a.Role]
	switch {
	case a.Who.Zero() && !held:
		return refuse(RefusedVacant, string(a.Role))
	case held && h.Who.Same(a.Who) && !h.Acting:
		return &Refusal{Code: RefusedHolds, By: h.Who, Args: []string{string(a.Role)}}
	}
	d.add(&RoleSet{Role: a.Role, Who: a.Who, Was: h.Who})
	// Whoever takes command has taken the page.
	if a.Role == Commander && d.in.Actor.Person.Same(a.Who) && d.s.Ladder.AcceptedAt.IsZero() && (d.s.Ladder.Level > 0 || !d.rule().NoLadder) && !d.s.Ladder.AcceptedBy.Same(a.Who) {
		_ = d.ack(a.Who, "") // a refusal here only means that it was acknowledged
	}
	if a.Role == Commander && !a.Who.Zero() && (!d.rule().NeedsConfirm || d.s.Confirmed) {
		d.askComms()
	}
	return nil
}
