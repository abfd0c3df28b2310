package slack

import "github.com/tocsin-bot/tocsin/bot/catalog"

// The few things the receiver itself says. The catalogue's words go first; these stand in where it has none under the key.
const (
	sayUnknownYet  = "slack.unknown-yet"
	sayUnknown     = "slack.unknown"
	sayNotRecorded = "slack.not-recorded"
	sayBusy        = "slack.busy"
	sayRecorded    = "slack.recorded"
	sayNoForm      = "slack.no-form"
	sayTitle       = "slack.title"
	sayClose       = "slack.close"
)

var ownWords = map[string][2]string{
	sayUnknownYet: {
		"Not known yet whether this is recorded: the store is slow. I keep trying; you will see the outcome here.",
		"Enregistrement pas encore confirmé : le stockage est lent. Je continue ; le résultat s'affichera ici.",
	},
	sayUnknown: {
		"I cannot tell whether this was recorded: the store does not answer. Look at the incident's channel before you repeat it.",
		"Impossible de dire si c'est enregistré : le stockage ne répond pas. Vérifiez le canal de l'incident avant de recommencer.",
	},
	sayNotRecorded: {
		"Not recorded: something failed on our side. Nobody was paged by this. Send it again in a minute.",
		"Non enregistré : une erreur de notre côté. Personne n'a été appelé. Recommencez dans une minute.",
	},
	sayBusy: {
		"Not recorded: too much is waiting. Nobody was paged by this. Send it again in a minute.",
		"Non enregistré : trop de demandes en attente. Personne n'a été appelé. Recommencez dans une minute.",
	},
	sayRecorded: {"Recorded.", "Enregistré."},
	sayNoForm: {
		"The form could not be opened: Slack takes one only within three seconds. Nothing was recorded; try again.",
		"Le formulaire n'a pas pu s'ouvrir : Slack n'accorde que trois secondes. Rien n'a été enregistré ; recommencez.",
	},
	sayTitle: {"Tocsin", "Tocsin"},
	sayClose: {"Close", "Fermer"},
}

// say words one of them.
func say(language, key string) catalog.Text {
	if catalog.Has(key) {
		return catalog.Say(language, key, nil)
	}
	w := ownWords[key][0]
	if catalog.Language(language) == catalog.French {
		w = ownWords[key][1]
	}
	return catalog.Text{{Kind: catalog.Plain, S: w}}
}

// notRecorded says that nothing was, and how to page somebody by hand.
func (r *Receiver) notRecorded(language, key string) catalog.Text {
	t := say(language, key)
	if r.o.ByHand != nil {
		if by := r.o.ByHand(language); len(by) > 0 {
			t = append(append(t, catalog.Span{Kind: catalog.Break}), by...)
		}
	}
	return t
}
