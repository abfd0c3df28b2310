package pagerduty

import (
	"regexp"
	"strings"

	"github.com/tocsin-bot/tocsin/bot/incident"
)

// The marks by which what we wrote is known when it comes back.

// DetailIncident and DetailInstallation are the keys in an event's custom_details that say which incident of which Tocsin it is about.
const (
	DetailIncident     = "tocsin_incident"
	DetailInstallation = "tocsin_installation"
)

// ownership says whose an incident of PagerDuty's is.
type ownership int

const (
	unknown  ownership = iota
	foreign            // PagerDuty opened it by itself: monitoring, or a person there
	ours               // one of our pages
	siblings           // a page of another Tocsin that shares the account: never an incident of ours, or two of us page each other without end
)

// pageKey is the shape of every Tocsin's dedup key: installation/incident/level/round/person.
var pageKey = regexp.MustCompile(`^([^/]*)/(INC-[1-9][0-9]*)/`)

// ofKey says whose an incident with this key is. An empty key says nothing.
func ofKey(installation, key string) ownership {
	if key == "" {
		return unknown
	}
	m := pageKey.FindStringSubmatch(key)
	switch {
	case m == nil:
		return foreign
	case m[1] == installation:
		return ours
	}
	return siblings
}

// pageTitle is how our page texts begin and the mark they carry: "SEV-1 Checkout is down. Acknowledge by 03:12 (INC-42)."
var pageTitle = regexp.MustCompile(`^SEV-[1-4]\b.*\((INC-[1-9][0-9]*)\)`)

// ofTitle returns the incident a page's title names, the last resort where PagerDuty tells no key.
func ofTitle(title string) (incident.ID, bool) {
	line, _, _ := strings.Cut(title, "\n")
	m := pageTitle.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	return incident.ID(m[1]), true
}

// noteMark ends every note of ours and names the effect it came from, so that it is found instead of written twice and is not taken
// for a person's word.
func noteMark(id incident.EffectID) string { return "[tocsin " + string(id) + "]" }

var anyNoteMark = regexp.MustCompile(`\[tocsin [^\]\n]+\]\s*$`)

func ownNote(text string) bool { return anyNoteMark.MatchString(text) }
