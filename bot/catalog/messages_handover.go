package catalog

// handOverMessages are command handed over: the pack, and what came of it.
var handOverMessages = table{
	"hand-over":          {"You are asked to command {id}: {title}. Answer by {at}.", "On vous demande de diriger {id} : {title}. Répondez avant {at}."},
	"hand-over.until":    {"Until you accept, {who} stays responsible.", "Jusqu'à votre accord, {who} reste responsable."},
	"hand-over.over":     {"{id}: nobody is asked to take over any more. Nothing is needed.", "{id} : la relève n'est plus demandée. Rien à faire."},
	"hand-over.update":   {"Last update {at}: {text}", "Dernier point {at} : {text}"},
	"hand-over.accepted": {"{id}: {who} took command over at {at}. Nothing more is needed of you.", "{id} : {who} a pris la direction à {at}. Plus rien n'est attendu de vous."},
	"hand-over.declined": {"{id}: {who} cannot take over. You stay responsible: ask somebody else.", "{id} : {who} ne peut pas prendre le relais. Vous restez responsable : demandez à quelqu'un d'autre."},
	"hand-over.expired":  {"{id}: {who} has not accepted by {at}. You stay responsible: ask somebody else, or call them.", "{id} : {who} n'a pas accepté à {at}. Vous restez responsable : demandez à quelqu'un d'autre, ou appelez."},
	"hand-over.due":      {"{id}: you have commanded since {since}. Hand over to somebody who is rested.", "{id} : vous dirigez depuis {since}. Passez le relais à quelqu'un de reposé."},

	"hand-over.expired.next":  {"{id}: {who} has not accepted by {at}. You stay responsible; {next} is asked now, until {until}.", "{id} : {who} n'a pas accepté à {at}. Vous restez responsable ; la demande va à {next}, jusqu'à {until}."},
	"hand-over.expired.again": {"{id}: {who} has not accepted by {at} and is asked again, until {until}. You stay responsible.", "{id} : {who} n'a pas accepté à {at} ; nouvelle demande, jusqu'à {until}. Vous restez responsable."},
	"hand-over.declined.next": {"{id}: {who} cannot take over. You stay responsible; {next} is asked now, until {until}.", "{id} : {who} ne peut pas prendre le relais. Vous restez responsable ; la demande va à {next}, jusqu'à {until}."},
	"hand-over.keep":          {"To keep command: `{command} handover keep`.", "Pour garder la direction : `{command} handover keep`."},
	"hand-over.due.asks":      {"{id}: you have commanded since {since}. Hand over to somebody who is rested; if you ask nobody by {until}, whoever is next in the policy is asked.", "{id} : vous dirigez depuis {since}. Passez le relais à quelqu'un de reposé ; sans demande de votre part avant {until}, la prochaine personne prévue est sollicitée."},

	"due.hand-over": {"⏱ *The hand-over is accepted by {at}*", "⏱ *Relève acceptée avant {at}*"},

	"button.hand-over":         {"Hand over…", "Passer le relais…"},
	"button.hand-over.accept":  {"Accept", "J'accepte"},
	"button.hand-over.decline": {"Not me", "Pas moi"},

	"form.hand-over.title":   {"Hand over command", "Passer le relais"},
	"form.hand-over.submit":  {"Ask them", "Demander"},
	"form.hand-over.who":     {"Who takes over?", "Qui prend le relais ?"},
	"form.hand-over.follows": {"They get a message with all they need. Until they accept, the commander stays responsible.", "La personne reçoit un message avec tout ce qu'il faut. Jusqu'à son accord, le responsable d'incident le reste."},

	"tl.hand-over":           {"{by} asked {to} to take command over from {from}", "{by} a demandé à {to} de prendre la direction, tenue par {from}"},
	"tl.hand-over.reminded":  {"{to} reminded of the hand-over", "Rappel de la relève à {to}"},
	"tl.hand-over.accepted":  {"{to} accepted the hand-over", "{to} a accepté la relève"},
	"tl.hand-over.declined":  {"{to} declined the hand-over", "{to} a décliné la relève"},
	"tl.hand-over.expired":   {"{to} did not accept the hand-over in time", "{to} n'a pas accepté la relève à temps"},
	"tl.hand-over.withdrawn": {"{by} keeps command; {to} is not asked any more", "{by} garde la direction ; {to} n'a plus à répondre"},
	"tl.hand-over.suggested": {"{to} told to hand over, in command since {at}", "Relève suggérée à {to}, aux commandes depuis {at}"},

	"refused.asked-too": {"Nothing changed: {by} was asked at {at} and has not answered yet.", "Rien n'a changé : la demande à {by}, {at}, est encore sans réponse."},
	"note.no.not-asked": {
		"Command of {id} has not passed to you: nobody asks you to take it. Your note is kept as a remark. In Slack: /incident lead.",
		"La direction de {id} ne vous est pas passée : personne ne vous le demande. Votre note est gardée comme remarque. Dans Slack : /incident lead."},
	"page.without.hand-over": {
		"To take command without Slack: add a PagerDuty note \"accept\". Acknowledging says that you have heard; until you accept, whoever commands stays responsible.",
		"Pour prendre la direction sans Slack : ajoutez une note PagerDuty « accepte ». Acquitter dit que vous avez entendu ; tant que vous n'acceptez pas, la personne qui dirige reste responsable."},
	"refused.not-asked":    {"Nothing changed: nobody asks you to take over. To take command: `{command} lead`.", "Rien n'a changé : personne ne vous demande de prendre le relais. Pour prendre la direction : `{command} lead`."},
	"refused.not-asked.by": {"Nothing changed: {by} was asked to take over, not you. To take command: `{command} lead`.", "Rien n'a changé : la demande s'adresse à {by}. Pour prendre la direction : `{command} lead`."},
	"refused.what.who":     {"who takes over", "qui prend le relais"},

	"help.handover": {"ask somebody to take command over", "demander à quelqu'un de diriger"},
}
