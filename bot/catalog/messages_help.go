package catalog

// helpMessages are what the verbs of the slash command do (help.<verb>), what is wrong with words that do not fit them (usage.<why>, the
// end of "Nothing was done: …."), and what is wrong with an answer of a form (fault.<what>).
var helpMessages = table{
	"help.oncall":   {en: "who is on call now, until when, and who is next", fr: "qui est d'astreinte, jusqu'à quand, et qui suit"},
	"help.cover":    {en: "have somebody's duty covered for a while", fr: "faire remplacer quelqu'un d'astreinte"},
	"help.uncover":  {en: "call a cover or a swap off", fr: "annuler un remplacement ou un échange"},
	"help.swap":     {en: "swap a turn with somebody's next", fr: "échanger un tour contre le prochain de quelqu'un"},
	"help.holiday":  {en: "list the holidays to come, announce one, or take one back", fr: "lister, annoncer ou retirer un jour férié"},
	"help.covers":   {en: "list the covers and swaps agreed on", fr: "lister les remplacements et les échanges convenus"},
	"help.declare":  {en: "open an incident: a channel, its roles, its clocks", fr: "ouvrir un incident : une cellule de crise, ses rôles, ses échéances"},
	"help.ack":      {en: "take the page; without a commander you are it", fr: "acquitter l'appel ; sans responsable, c'est vous"},
	"help.lead":     {en: "take command, or give it to somebody", fr: "prendre la direction, ou la confier à quelqu'un"},
	"help.role":     {en: "take, give or free a role", fr: "prendre, confier ou libérer un rôle"},
	"help.sev":      {en: "set and confirm the severity", fr: "fixer et confirmer la sévérité"},
	"help.status":   {en: "show where it stands, or move it on", fr: "voir où en est l'incident, ou le faire avancer"},
	"help.progress": {en: "record progress; the deadline starts anew", fr: "consigner un progrès ; l'échéance repart"},
	"help.note":     {en: "add a remark to the timeline", fr: "ajouter une remarque au journal"},
	"help.update":   {en: "post a status update for those who wait", fr: "publier un point de situation pour ceux qui attendent"},
	"help.page":     {en: "ring the next level, or somebody by name; alone, it lists whom", fr: "appeler le niveau suivant, ou quelqu'un ; seul, il montre qui"},
	"help.runbook":  {en: "put a runbook in front of the room", fr: "dérouler un runbook dans la cellule de crise"},
	"help.timeline": {en: "show what happened when", fr: "voir ce qui s'est passé, et quand"},
	"help.resolve":  {en: "end the incident and stand everybody down", fr: "clore l'incident et libérer tout le monde"},
	"help.private":  {en: "make it private, or let somebody in", fr: "le rendre privé, ou y faire entrer quelqu'un"},
	"help.cancel":   {en: "end it as noise, with the reason", fr: "l'annuler (fausse alerte), avec le motif"},
	"help.reopen":   {en: "take it up again", fr: "le rouvrir"},
	"help.list":     {en: "list the open incidents, or all", fr: "lister les incidents ouverts, ou tous"},
	"help.help":     {en: "this list, or all about one verb", fr: "cette liste, ou tout sur un verbe"},

	"usage.person":   {en: "{word} is nobody of this workspace; mention them with @", fr: "{word} n'est personne de cet espace ; mentionnez la personne avec @"},
	"usage.role":     {en: "{word} is none of commander, comms, scribe", fr: "{word} n'est ni commander, ni comms, ni scribe"},
	"usage.severity": {en: "{word} is no severity; they go from 1 (worst) to 4", fr: "{word} n'est pas une sévérité ; elles vont de 1 (la pire) à 4"},
	"usage.status":   {en: "{word} is no status; it is identified, mitigated, resolved or closed", fr: "{word} n'est pas un statut ; c'est identified, mitigated, resolved ou closed"},
	"usage.words":    {en: "words are missing", fr: "il manque des mots"},
	"usage.timeline": {en: "the timeline is only shown here; to add {word} to it, use the verb note", fr: "le journal ne fait que s'afficher ici ; pour y ajouter {word}, utilisez le verbe note"},
	"usage.list":     {en: "{word} is no list; there are the open incidents, and all", fr: "{word} n'est pas une liste ; il y a les incidents ouverts, et tous (all)"},

	"fault.title":    {en: "Say what is wrong, in a few words.", fr: "Dites en quelques mots ce qui ne va pas."},
	"fault.role":     {en: "Choose a role.", fr: "Choisissez un rôle."},
	"fault.severity": {en: "Choose a severity.", fr: "Choisissez une sévérité."},
	"fault.minutes":  {en: "Minutes, from 1 to 1440.", fr: "En minutes, de 1 à 1440."},
	"fault.runbook":  {en: "Choose a runbook.", fr: "Choisissez un runbook."},
	"fault.finding":  {en: "Say what you found.", fr: "Dites ce que vous avez trouvé."},

	"help.where":      {en: "A verb about an incident is typed in its channel, or anywhere with its id: `{command} INC-42 sev 2`.", fr: "Un verbe qui concerne un incident se tape dans sa cellule de crise, ou partout avec son identifiant : `{command} INC-42 sev 2`."},
	"which.none.over": {en: "Nothing was done: this is no incident's channel, and no incident is over.", fr: "Rien n'a été fait : ce canal n'est celui d'aucun incident, et aucun n'est terminé."},
	"which.two": {
		en: "Nothing was done yet: you are in the channel of *{here}*, and your words end in *{named}*. Which one do you mean?",
		fr: "Rien n'a été fait : vous êtes dans la cellule de crise de *{here}*, et vos mots finissent par *{named}*. Lequel visez-vous ?"},
	"half-done": {en: "✅ Recorded in {id}, but ⛔ not all of it: the store did not answer. Add what is missing: `{line}`.", fr: "✅ Consigné dans {id}, mais ⛔ pas en entier : la base n'a pas répondu. Ajoutez ce qui manque : `{line}`."},

	"stale":            {en: "Nothing was done: the incident has moved on since this button was drawn. The pinned message shows how it stands.", fr: "Rien n'a été fait : l'incident a avancé depuis l'affichage de ce bouton. Le message épinglé montre où il en est."},
	"no-such-incident": {en: "Nothing was done: there is no {id}. The verb `list all` shows what there is.", fr: "Rien n'a été fait : {id} n'existe pas. Le verbe `list all` montre ce qui existe."},
}
