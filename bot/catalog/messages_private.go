package catalog

// privateMessages are private incidents. What stands where others read says nothing of what the incident is.
var privateMessages = table{
	// All that PagerDuty ever hears of a private incident.
	"private.page": {"Private incident, open Tocsin", "Incident privé, ouvrez Tocsin"},

	// In the place of a card that others can read.
	"private.hidden": {"🔒 {id} is private. Those who are part of it work on it elsewhere.", "🔒 {id} est privé. Les personnes concernées y travaillent ailleurs."},
	"private.locked": {
		"🔒 {id} is private. This channel is given up: nothing more is written here. Those who are part of it have been invited to the new one.",
		"🔒 {id} est privé. Ce canal est abandonné : plus rien ne s'y écrit. Les personnes concernées ont été invitées dans le nouveau.",
	},
	// To somebody who is told of it without being part of it.
	"private.told": {
		"🔒 {id} is a private incident, {sev}. You are told that it runs; {by} can let you in: `{command} {id} private add @you`.",
		"🔒 {id} est un incident privé, {sev}. Vous êtes informé qu'il est en cours ; pour y entrer, adressez-vous à {by} : `{command} {id} private add @vous`.",
	},
	"private.told.due": {
		"🔒 {id} is a private incident, {sev}. Something is owed in it by {at}, and it is your turn; {by} can let you in: `{command} {id} private add @you`.",
		"🔒 {id} est un incident privé, {sev}. Une échéance y tombe {at} et c'est votre tour ; pour y entrer, adressez-vous à {by} : `{command} {id} private add @vous`.",
	},
	"private.told.anyone": {"whoever is part of it", "une personne concernée"},
	"private.purpose":     {"{id}, a private incident.", "{id}, incident privé."},
	"private.refused": {
		"🔒 Nothing was done: {id} is private, and only those who are part of it may read it. One of them can let you in: `{command} {id} private add @you`.",
		"🔒 Rien n'a été fait : {id} est privé, réservé aux personnes concernées. L'une d'elles peut vous y faire entrer : `{command} {id} private add @vous`.",
	},
	"private.headline": {"🔒 Private: only those in this channel may read it. PagerDuty hears “{page}”. Let somebody in: `{command} private add @person`.", "🔒 Privé : lisible dans ce canal seulement. PagerDuty n'affiche que « {page} ». Pour faire entrer quelqu'un : `{command} private add @personne`."},
	"private.declared": {"🔒 Private: it is announced nowhere, its channel is private, and PagerDuty hears only “{page}”.", "🔒 Privé : annoncé nulle part, cellule de crise privée, et PagerDuty n'affiche que « {page} »."},

	// In the new room.
	"private.now": {"🔒 *{id} is private since {at}* (by {by}). From here on it goes on in this channel; those involved were invited.", "🔒 *{id} est privé depuis {at}* (par {by}). La suite se passe ici ; les personnes concernées ont été invitées."},
	"private.now.attack": {
		"🔒 *{id} is private since {at}*: {by} answered that it is an attack. From here on it goes on in this channel; those involved were invited.",
		"🔒 *{id} est privé depuis {at}* : selon {by}, c'est une attaque. La suite se passe ici ; les personnes concernées ont été invitées.",
	},
	"private.was":            {"*What was done*", "*Ce qui a été fait*"},
	"private.was.room":       {"• The old channel {room} is given up: what Tocsin wrote there is blanked, its name, topic and purpose say nothing, it is archived.", "• L'ancien canal {room} est abandonné : les messages de Tocsin y sont effacés, son nom, son sujet et sa description ne disent plus rien, il est archivé."},
	"private.was.announced":  {"• The announcement and the updates beside it are blanked. Nothing more is announced.", "• L'annonce et les points de situation qui la suivent sont effacés. Plus rien n'est annoncé."},
	"private.was.card":       {"• What stood in the alerts channel is blanked.", "• Ce qui figurait dans le canal des alertes est effacé."},
	"private.was.merged":     {"• Merged into it and private with it: {ids}. Titles are out of every list, channels and announcements are treated alike.", "• Doublons, privés avec lui : {ids}. Leurs titres ont quitté toutes les listes ; même traitement pour leurs canaux et leurs annonces."},
	"private.was.pager":      {"• PagerDuty hears only “{page}” from now on.", "• Désormais PagerDuty n'affiche que « {page} »."},
	"private.stays":          {"*What stays visible*", "*Ce qui reste visible*"},
	"private.stays.room":     {"• What people wrote in the old channel, and Slack's own lines there about its former name and purpose: an archived channel can be read, searched and taken out of the archive by everybody in the workspace. Slack lets no app make a channel private. Delete there what must go.", "• Ce que chacun a écrit dans l'ancien canal, et les lignes de Slack sur son ancien nom et son ancienne description : un canal archivé reste lisible par tous les membres de l'espace, qui peuvent y chercher et le désarchiver. Slack ne permet à aucune application de rendre un canal privé. Supprimez-y ce qui doit disparaître."},
	"private.stays.merged":   {"• Of {ids} likewise: what people wrote in an old channel, what Slack delivered, what PagerDuty and the monitoring show.", "• De {ids}, de même : ce que chacun a écrit dans l'ancien canal, ce que Slack a distribué, ce qu'affichent PagerDuty et la supervision."},
	"private.stays.notified": {"• Notifications and e-mails of Slack that were delivered already.", "• Les notifications et les e-mails que Slack a déjà distribués."},
	"private.stays.pages":    {"• {n, plural one{The page} other{The # pages}} sent to PagerDuty before, with title, service and details.", "• {n, plural one{L'appel envoyé} other{Les # appels envoyés}} à PagerDuty auparavant, avec titre, service et détails."},
	"private.stays.foreign":  {"• PagerDuty's own {n, plural one{incident} other{# incidents}}: Tocsin did not write {n, plural one{it} other{them}} and does not change {n, plural one{it} other{them}}.", "• {n, plural one{L'incident} other{Les # incidents}} de PagerDuty même : Tocsin ne {n, plural one{l'a} other{les a}} pas écrit et n'y change rien."},
	"private.stays.alert":    {"• The alert in the monitoring and wherever else it is sent.", "• L'alerte dans la supervision, et partout où celle-ci l'envoie."},
	"private.stays.informed": {"• What was read before by {who}, not part of it; the message itself is blanked.", "• Ce qui a déjà été lu par {who}, hors du cercle ; le message lui-même est effacé."},
	"private.add":            {"Somebody is missing? `{command} private add @person`", "Il manque quelqu'un ? `{command} private add @personne`"},
	"private.lock-failed": {
		"⛔ *The old channel of {id} could not be closed* ({why}). Somebody who may: archive it, and rename it; its name tells what this is about.",
		"⛔ *L'ancien canal de {id} n'a pas pu être fermé* ({why}). Si vous en avez le droit : archivez-le et renommez-le, son nom dit de quoi il s'agit.",
	},
	"private.lock-failed.why": {"Slack refused it", "refus de Slack"},
	"private.roomless": {
		"⛔ *{id} has no channel*: Slack does not let Tocsin open a private one (the scope `groups:write`?). It is private, so nothing is said elsewhere. Deadlines are kept; pages and this conversation go on. Gather those involved by hand.",
		"⛔ *{id} n'a pas de canal* : Slack ne laisse pas Tocsin en ouvrir un privé (l'autorisation `groups:write` ?). L'incident est privé, donc rien n'est dit ailleurs. Les échéances courent ; les appels et cette conversation continuent. Réunissez vous-même les personnes concernées.",
	},

	"attack":            {"*{id}: is this an attack?* Alert {alert} may mean one.", "*{id} : est-ce une attaque ?* L'alerte {alert} peut en être le signe."},
	"attack.follows":    {"Yes makes {id} private: a new private channel, nothing announced, nothing more of it in PagerDuty. That is not taken back.", "Oui rend {id} privé : une nouvelle cellule de crise privée, aucune annonce, plus rien dans PagerDuty. C'est définitif."},
	"attack.change":     {"It turns out to be one: `{command} answer attack yes`.", "C'en est une finalement : `{command} answer attack yes`."},
	"button.attack.yes": {"Yes", "Oui"},
	"button.attack.no":  {"No", "Non"},
	"attack.question":   {"Is this an attack?", "Est-ce une attaque ?"},

	"private.will":           {"*What will happen*", "*Ce qui va se passer*"},
	"private.will.room":      {"• {id} goes on in a new private channel. Invited there: {who}.", "• {id} continue dans un nouveau canal privé. Y sont invités : {who}."},
	"private.will.old":       {"• {room} is given up: what Tocsin wrote there is blanked, its name, topic and purpose say nothing any more, it is archived.", "• {room} est abandonné : les messages de Tocsin y sont effacés, son nom, son sujet et sa description ne disent plus rien, il est archivé."},
	"private.will.announced": {"• The announcement and the updates beside it are blanked. Nothing more is announced.", "• L'annonce et les points de situation qui la suivent sont effacés. Plus rien n'est annoncé."},
	"private.will.merged":    {"• Merged into it, these go private with it: {ids}.", "• Ses doublons deviennent privés avec lui : {ids}."},
	"private.will.pager":     {"• PagerDuty hears only “{page}”.", "• PagerDuty n'affiche plus que « {page} »."},
	"form.private.title":     {"Make it private?", "Le rendre privé ?"},
	"form.private.submit":    {"Make it private", "Rendre privé"},
	"form.private.why":       {"Why?", "Pourquoi ?"},
	"form.private.hint":      {"Only those who are part of it read this.", "Lu seulement par les personnes concernées."},
	"form.private.follows":   {"🔒 This is not taken back: a private incident stays private.", "🔒 C'est définitif : un incident privé le reste."},

	"form.declare.private":      {"Who may read it?", "Qui peut le lire ?"},
	"form.declare.private.tick": {"🔒 Private: only those involved", "🔒 Privé : les personnes concernées"},
	"form.declare.private.hint": {"A private channel with a neutral name, announced nowhere; PagerDuty hears no title.", "Un canal privé au nom neutre, annoncé nulle part ; aucun titre dans PagerDuty."},

	"form.declare.private.typed": {
		"🔒 You typed “private”, so the box below is ticked. If it is part of what is wrong, untick the box and write the word into the title. Nothing is declared yet.",
		"🔒 Vous avez écrit « privé » : la case ci-dessous est cochée. Si le mot fait partie du problème, décochez-la et remettez-le dans le titre. Rien n'est encore déclaré."},

	"private.which": {"To declare a private incident: `{command} declare private: what is wrong`", "Pour déclarer un incident privé : `{command} declare private: ce qui se passe`"},

	"tl.private.declared":     {"🔒 Private from the beginning", "🔒 Privé dès le début"},
	"tl.private.merged":       {"Private with {with}, into which it was merged", "Privé avec {with}, dont il est un doublon"},
	"tl.private":              {"{by} made it private", "{by} a rendu l'incident privé"},
	"tl.private.attack":       {"It is private because it is an attack, says {by}", "L'incident devient privé : c'est une attaque, selon {by}"},
	"tl.admitted":             {"{by} let {who} in", "{by} a fait entrer {who}"},
	"tl.attack-asked":         {"Asked because of the alert {alert}: is this an attack?", "Question posée par l'alerte {alert} : est-ce une attaque ?"},
	"refused.private":         {"Nothing changed: it is private since {at}.", "Rien n'a changé : l'incident est privé depuis {at}."},
	"refused.not-private":     {"Nothing was done: the incident is not private, everybody may join its channel. To make it private: `{command} private`.", "Rien n'a été fait : l'incident n'est pas privé, chacun peut rejoindre son canal. Pour le rendre privé : `{command} private`."},
	"refused.inside":          {"Nothing changed: {by} was let in already.", "Rien n'a changé : {by} est déjà dans le cercle."},
	"usage.private.add":       {"{word} is nobody Slack knows; pick the person from the list that @ opens", "{word} n'est personne que Slack connaisse ; choisissez dans la liste qu'ouvre @"},
	"cli.private":             {"{id} is private: its title, messages and people are shown only when you say --private. Whoever reads over your shoulder, in a terminal's record or in a ticket, is not part of it.", "{id} est privé : titre, messages et personnes ne s'affichent qu'avec --private. Qui lit par-dessus votre épaule, dans l'historique du terminal ou dans un ticket, n'en fait pas partie."},
	"cli.list.private":        {"(private; --private shows it)", "(privé ; --private l'affiche)"},
	"cli.flag.list.private":   {"Show the titles of private incidents, too.", "Affiche aussi les titres des incidents privés."},
	"cli.flag.show.private":   {"Needed for a private incident: what is shown can be read over a shoulder or kept by the terminal.", "Nécessaire pour un incident privé : ce qui s'affiche peut être lu par-dessus l'épaule ou gardé par le terminal."},
	"cli.flag.export.private": {"Needed for a private incident: the file holds all that was said in it.", "Nécessaire pour un incident privé : le fichier contient tout ce qui s'y est dit."},
}
