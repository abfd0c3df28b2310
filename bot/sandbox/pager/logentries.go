package pager

import "time"

// logEntry is one line of the account's log. It is guarded by Pager.mu and never changed once its moment has passed.
type logEntry struct {
	id, typ, summary string
	at               time.Time
	in               *incident
	by               actor
	channelType      string
	channel          map[string]any // shown with include[]=channels
	user             *User          // who was notified
	assignees        []string
}

func (p *Pager) logLocked(in *incident, typ string, by actor, at time.Time, summary string, channel map[string]any) *logEntry {
	e := &logEntry{id: p.newID("R"), typ: typ, summary: summary, at: at, in: in, by: by, channelType: by.channel, channel: channel}
	if e.channelType == "" {
		e.channelType = "api"
	}
	p.log = keep(append(p.log, e), maxLogEntries)
	return e
}

func (p *Pager) logAssignedLocked(in *incident, typ string, by actor, at time.Time, summary string) {
	e := p.logLocked(in, typ, by, at, summary, nil)
	e.assignees = in.assignees
}
