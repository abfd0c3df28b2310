package incident

// Type implements Fact.
func (*Declared) Type() string { return "declared" }

// Type implements Fact.
func (*AlertsSeen) Type() string { return "alerts" }

// Type implements Fact.
func (*Acknowledged) Type() string { return "acknowledged" }

// Type implements Fact.
func (*RoleSet) Type() string { return "role-set" }

// Type implements Fact.
func (*RoleAsked) Type() string { return "role-asked" }

// Type implements Fact.
func (*SeveritySet) Type() string { return "severity-set" }

// Type implements Fact.
func (*StatusSet) Type() string { return "status-set" }

// Type implements Fact.
func (*ProgressMade) Type() string { return "progress" }

// Type implements Fact.
func (*Noted) Type() string { return "note" }

// Type implements Fact.
func (*UpdatePosted) Type() string { return "update" }

// Type implements Fact.
func (*Paged) Type() string { return "paged" }

// Type implements Fact.
func (*PageChanged) Type() string { return "page-changed" }

// Type implements Fact.
func (*PagerSeen) Type() string { return "pager-seen" }

// Type implements Fact.
func (*LevelRaised) Type() string { return "level-raised" }

// Type implements Fact.
func (*Warned) Type() string { return "warned" }

// Type implements Fact.
func (*Missed) Type() string { return "missed" }

// Type implements Fact.
func (*MoreTimeGiven) Type() string { return "more-time" }

// Type implements Fact.
func (*Told) Type() string { return "told" }

// Type implements Fact.
func (*RunbookStarted) Type() string { return "runbook-started" }

// Type implements Fact.
func (*StepMarked) Type() string { return "step" }

// Type implements Fact.
func (*ResolvedFact) Type() string { return "resolved" }

// Type implements Fact.
func (*CancelledFact) Type() string { return "cancelled" }

// Type implements Fact.
func (*Reopened) Type() string { return "reopened" }

// Type implements Fact.
func (*MessageSeen) Type() string { return "message" }

// Type implements Fact.
func (*MessageEdited) Type() string { return "message-edited" }

// Type implements Fact.
func (*MessageDeleted) Type() string { return "message-deleted" }

// Type implements Fact.
func (*GapSeen) Type() string { return "gap" }

// Type implements Fact.
func (*ChannelOpened) Type() string { return "channel-opened" }

// Type implements Fact.
func (*ChannelTaken) Type() string { return "channel-taken" }

// Type implements Fact.
func (*Settled) Type() string { return "settled" }

// Type implements Fact.
func (*LatePosts) Type() string { return "late" }

// Texts implements Fact.
func (f *Declared) Texts() []*Text {
	out := []*Text{&f.Title}
	for i := range f.Alerts {
		out = append(out, &f.Alerts[i].Summary)
	}
	return out
}

// Texts implements Fact.
func (f *AlertsSeen) Texts() []*Text { return []*Text{&f.Set.Summary} }

// Texts implements Fact.
func (*Acknowledged) Texts() []*Text { return nil }

// Texts implements Fact.
func (*RoleSet) Texts() []*Text { return nil }

// Texts implements Fact.
func (*RoleAsked) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *SeveritySet) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (f *StatusSet) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (f *ProgressMade) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *Noted) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *UpdatePosted) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (*Paged) Texts() []*Text { return nil }

// Texts implements Fact.
func (*PageChanged) Texts() []*Text { return nil }

// Texts implements Fact.
func (*PagerSeen) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *LevelRaised) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (*Warned) Texts() []*Text { return nil }

// Texts implements Fact.
func (*Missed) Texts() []*Text { return nil }

// Texts implements Fact.
func (*MoreTimeGiven) Texts() []*Text { return nil }

// Texts implements Fact.
func (*Told) Texts() []*Text { return nil }

// Texts implements Fact.
func (*RunbookStarted) Texts() []*Text { return nil }

// Texts implements Fact.
func (f *StepMarked) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *ResolvedFact) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *CancelledFact) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (f *Reopened) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (f *MessageSeen) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (f *MessageEdited) Texts() []*Text { return []*Text{&f.Text} }

// Texts implements Fact.
func (*MessageDeleted) Texts() []*Text { return nil }

// Texts implements Fact.
func (*GapSeen) Texts() []*Text { return nil }

// Texts implements Fact.
func (*ChannelOpened) Texts() []*Text { return nil }

// Texts implements Fact.
func (*ChannelTaken) Texts() []*Text { return nil }

// Texts implements Fact.
func (*Settled) Texts() []*Text { return nil }

// Texts implements Fact.
func (*LatePosts) Texts() []*Text { return nil }

// Type implements Fact.
func (*Joined) Type() string { return "joined" }

// Texts implements Fact.
func (*Joined) Texts() []*Text { return nil }

// Type implements Fact.
func (*Parked) Type() string { return "parked" }

// Type implements Fact.
func (*Resumed) Type() string { return "resumed" }

// Type implements Fact.
func (*Recovered) Type() string { return "recovered" }

// Type implements Fact.
func (*HandedOn) Type() string { return "handed-on" }

// Texts implements Fact.
func (f *Parked) Texts() []*Text { return []*Text{&f.Reason} }

// Texts implements Fact.
func (*Resumed) Texts() []*Text { return nil }

// Texts implements Fact.
func (*Recovered) Texts() []*Text { return nil }

// Texts implements Fact.
func (*HandedOn) Texts() []*Text { return nil }
