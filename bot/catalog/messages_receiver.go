package catalog

// receiverMessages are what the chat's receiver itself says when the outcome of an act is in doubt.
var receiverMessages = table{
	"slack.unknown-yet": {
		"⏱ Not known yet whether this is recorded: the store is slow. I keep trying; you will see the outcome here. Do not send it again.",
		"⏱ Enregistrement pas encore confirmé : la base est lente. Je continue d'essayer ; le résultat suivra ici. Ne renvoyez rien."},
	"slack.unknown": {
		"⛔ Not known whether this was recorded: the store does not answer. Look at the incident's channel before you repeat it.",
		"⛔ Impossible de dire si c'est enregistré : la base ne répond pas. Regardez le canal de l'incident avant de recommencer."},
	"slack.not-recorded": {
		"⛔ *Not recorded*: the store does not answer. Nobody was paged by this; what was recorded before is safe. Send it again in a minute.",
		"⛔ *Rien n'a été enregistré* : la base ne répond pas. Personne n'a été appelé pour cela ; ce qui était consigné est intact. Recommencez dans une minute."},
	"slack.busy": {
		"⛔ *Not recorded*: too much is waiting. Nobody was paged by this. Send it again in a minute.",
		"⛔ *Rien n'a été enregistré* : trop de demandes en attente. Personne n'a été appelé pour cela. Recommencez dans une minute."},
	"slack.recorded": {"✅ Recorded.", "✅ Consigné."},
	"slack.no-form": {
		"The form did not open: Slack takes one only within three seconds. Nothing was recorded; press again.",
		"Le formulaire ne s'est pas ouvert : Slack n'accorde que trois secondes. Rien n'a été enregistré ; appuyez de nouveau."},
	"slack.title": {"Tocsin", "Tocsin"},
	"slack.close": {"Close", "Fermer"},
}
