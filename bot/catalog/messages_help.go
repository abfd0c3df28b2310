package catalog

// helpMessages are what the verbs of the slash command do, and what is wrong with words that do not fit them.
var helpMessages = table{
	"help.declare":  {en: "open an incident: a channel, its roles, its clocks", fr: "ouvrir un incident : un canal, ses rôles, ses échéances"},
	"help.ack":      {en: "take the page; without a commander you are it", fr: "acquitter l'appel ; sans commandant, c'est vous"},
	"help.lead":     {en: "take command, or give it to somebody", fr: "prendre le commandement, ou le confier à quelqu'un"},
	"help.role":     {en: "take, give or free a role", fr: "prendre, confier ou libérer un rôle"},
	"help.sev":      {en: "set and confirm the severity", fr: "fixer et confirmer la sévérité"},
	"help.status":   {en: "show where it stands, or move it on", fr: "voir où en est l'incident, ou le faire avancer"},
	"help.progress": {en: "record progress; the clock starts anew", fr: "consigner un progrès ; l'échéance repart"},
	"help.note":     {en: "add a remark to the timeline", fr: "ajouter une remarque à la chronologie"},
	"help.update":   {en: "post a status update for those who wait", fr: "publier un point de situation pour ceux qui attendent"},
	"help.page":     {en: "ring the next level, or somebody by name", fr: "appeler le niveau suivant, ou quelqu'un par son nom"},
	"help.runbook":  {en: "put a runbook in front of the room", fr: "afficher un runbook dans le canal"},
	"help.timeline": {en: "show what happened when", fr: "voir ce qui s'est passé, et quand"},
	"help.resolve":  {en: "end the incident and stand everybody down", fr: "clore l'incident et libérer tout le monde"},
	"help.cancel":   {en: "end it as noise, with the reason", fr: "l'annuler (fausse alerte), avec la raison"},
	"help.reopen":   {en: "take it up again", fr: "le rouvrir"},
	"help.list":     {en: "list the open incidents, or all", fr: "lister les incidents ouverts, ou tous"},
	"help.help":     {en: "this list, or all about one verb", fr: "cette liste, ou tout sur un verbe"},

	"usage.person":   {en: "{word} is nobody I know. Mention them with @.", fr: "Je ne connais pas {word}. Mentionnez la personne avec @."},
	"usage.role":     {en: "{word} is no role.", fr: "{word} n'est pas un rôle."},
	"usage.severity": {en: "{word} is no severity: they go from 1 (worst) to 4.", fr: "{word} n'est pas une sévérité : elles vont de 1 (la pire) à 4."},
	"usage.status":   {en: "{word} is no status.", fr: "{word} n'est pas un statut."},
	"usage.words":    {en: "It needs words.", fr: "Il faut un texte."},

	"fault.title":    {en: "Say what is wrong, in a few words.", fr: "Dites en quelques mots ce qui ne va pas."},
	"fault.role":     {en: "Choose a role.", fr: "Choisissez un rôle."},
	"fault.severity": {en: "Choose a severity.", fr: "Choisissez une sévérité."},
	"fault.minutes":  {en: "Minutes, from 1 to 1440.", fr: "En minutes, de 1 à 1440."},
	"fault.runbook":  {en: "Choose a runbook.", fr: "Choisissez un runbook."},
	"fault.finding":  {en: "Say what you found.", fr: "Dites ce que vous avez trouvé."},

	"stale":            {en: "This has moved on since the button was drawn. Nothing was changed; the pinned message shows how it stands.", fr: "La situation a changé depuis l'affichage de ce bouton. Rien n'a été modifié ; le message épinglé montre où l'on en est."},
	"no-such-incident": {en: "There is no {id}. Nothing was changed.", fr: "{id} n'existe pas. Rien n'a été modifié."},
}
