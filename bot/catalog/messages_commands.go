package catalog

// commandMessages are what the verbs of the command and the chat's receiver say beside the cards: help.<verb>, usage.<why>,
// fault.<what is wrong with an answer>, slack.<outcome>.
var commandMessages = table{
	"help.declare":  {"declare an incident: open a channel, ring the on-call engineer", "déclarer un incident : ouvrir une cellule de crise, appeler l'ingénieur d'astreinte"},
	"help.ack":      {"acknowledge: you take it, the phone stops ringing", "acquitter : vous prenez l'incident, le téléphone se tait"},
	"help.lead":     {"take command, or give it to somebody", "prendre la direction, ou la confier à quelqu'un"},
	"help.role":     {"take, give or free a role", "prendre, confier ou libérer un rôle"},
	"help.sev":      {"set and confirm the severity", "fixer et confirmer la sévérité"},
	"help.status":   {"show where it stands, or move it forward", "voir où en est l'incident, ou le faire avancer"},
	"help.progress": {"record progress: the deadline starts anew", "noter un progrès : l'échéance repart"},
	"help.note":     {"write a line into the timeline", "ajouter une ligne au journal"},
	"help.update":   {"post a status update for those who wait", "publier un point de situation pour ceux qui attendent"},
	"help.page":     {"ring the next level, or somebody by name", "appeler le niveau suivant, ou quelqu'un par son nom"},
	"help.runbook":  {"put a runbook in front of the room, step by step", "dérouler un runbook ici, étape par étape"},
	"help.timeline": {"show what happened, in order", "montrer ce qui s'est passé, dans l'ordre"},
	"help.resolve":  {"it is over: stand everybody down", "c'est terminé : libérer tout le monde"},
	"help.cancel":   {"it was noise: stand everybody down, count it nowhere", "fausse alerte : libérer tout le monde, ne compter nulle part"},
	"help.reopen":   {"take it up again: deadlines run", "reprendre l'incident : les échéances repartent"},
	"help.list":     {"list what is open", "lister ce qui est ouvert"},
	"help.help":     {"this list, or all about one verb", "cette liste, ou tout sur un verbe"},

	"usage.words":    {"words are missing", "il manque des mots"},
	"usage.person":   {"{word} is nobody of this workspace; mention them with @", "{word} n'est personne de cet espace ; mentionnez la personne avec @"},
	"usage.role":     {"{word} is none of commander, comms, scribe", "{word} n'est ni commander, ni comms, ni scribe"},
	"usage.severity": {"{word} is no severity; it is 1, 2, 3 or 4", "{word} n'est pas une sévérité ; c'est 1, 2, 3 ou 4"},
	"usage.status":   {"{word} is no status; it is identified, mitigated or resolved", "{word} n'est pas un statut ; c'est identified, mitigated ou resolved"},

	"fault.title":    {"Say in a few words what is wrong.", "Dites en quelques mots ce qui ne va pas."},
	"fault.severity": {"Choose one of the four.", "Choisissez l'une des quatre."},
	"fault.role":     {"Choose one of the three.", "Choisissez l'un des trois."},
	"fault.runbook":  {"This runbook is not there any more. Choose another.", "Ce runbook n'existe plus. Choisissez-en un autre."},
	"fault.finding":  {"Say in a few words what you found.", "Dites en quelques mots ce que vous avez constaté."},
	"fault.minutes":  {"Choose one of the times.", "Choisissez l'une des durées."},

	"no-such-incident": {
		"Nothing was done: there is no incident {id}. The verb `list all` shows what there is.",
		"Rien n'a été fait : il n'y a pas d'incident {id}. Le verbe `list all` montre ceux qui existent."},
	"stale": {"Nothing was done: this button is out of date. The incident's channel shows how it stands.", "Rien n'a été fait : ce bouton n'est plus à jour. Le canal de l'incident montre où il en est."},

	// What the receiver itself says when the outcome of an act is in doubt.
	"slack.unknown-yet": {
		"⏱ Not known yet whether this is recorded: the store is slow. I keep trying; you will see the outcome here. Do not send it again.",
		"⏱ Enregistrement pas encore confirmé : la base est lente. Je continue d'essayer ; le résultat suivra ici. Ne renvoyez rien."},
	"slack.unknown": {
		"⛔ Not known whether this was recorded: the store does not answer. Look at the incident's channel before you repeat it.",
		"⛔ Impossible de dire si c'est enregistré : la base ne répond pas. Regardez le canal de l'incident avant de recommencer."},
	"slack.not-recorded": {
		"⛔ *Not recorded*: something failed on our side. Nobody was paged by this; what was recorded before is safe. Send it again in a minute.",
		"⛔ *Rien n'a été enregistré* : une panne de notre côté. Personne n'a été appelé pour cela ; ce qui était consigné est intact. Recommencez dans une minute."},
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
