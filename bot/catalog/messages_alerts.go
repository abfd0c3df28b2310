package catalog

// alertMessages are what stands about alert groups: storms, their cards in the channel of alerts, merged incidents.
var alertMessages = table{
	"storm.title": {"Alert storm", "Tempête d'alertes"},
	"storm": {
		"{n, plural one{# alert group} other{# alert groups}} taken in, {firing} firing. Alerts opened too many rooms; this one takes in what comes.",
		"{n, plural one{# groupe d'alertes} other{# groupes d'alertes}} ici, dont {firing} en cours. Trop de cellules ouvertes par des alertes : celle-ci reçoit la suite."},
	"storm.service": {"{service} {n}", "{service} {n}"},
	"storm.rest":    {"others {n}", "autres {n}"},
	"storm.split": {
		"`{command} split checkout` makes an incident of its own of a service's.",
		"`{command} split checkout` fait d'un service un incident à part."},

	// The card of an alert group in the channel of alerts.
	"card": {
		"{emoji} {sev} · *{id}* · *{title}*",
		"{emoji} {sev} · *{id}* · *{title}*"},
	"card.firing":     {"{n, plural one{# alert fires} other{# alerts fire}}, since {at}", "{n, plural one{# alerte en cours} other{# alertes en cours}} depuis {at}"},
	"card.since":      {"Since {at}, by PagerDuty", "Depuis {at}, par PagerDuty"},
	"card.cleared":    {"✅ Cleared; it began {at}", "✅ Alerte terminée ; début {at}"},
	"card.nobody":     {"Nobody has taken it.", "Personne ne l'a pris."},
	"card.taken":      {"Taken by {who}, {at}.", "Pris par {who}, {at}."},
	"card.commander":  {"Commanded by {who}.", "Dirigé par {who}."},
	"card.room":       {"Room: {room}", "Cellule : {room}"},
	"card.room.soon":  {"Its room is being opened.", "Sa cellule est en cours d'ouverture."},
	"card.room.later": {"Its room opens when somebody takes it, or nobody has in time.", "Sa cellule s'ouvre dès que quelqu'un le prend, ou si personne ne l'a pris à temps."},
	"card.take": {
		"⏱ *Take it by {at}*, else its room opens and the {next} is told; nobody is rung.",
		"⏱ *À prendre avant {at}*, sinon sa cellule s'ouvre, avec un rappel sans appel : {next}."},
	"card.recovered": {
		"It cleared by itself, and nobody had taken it.",
		"Tout a cessé sans intervention ; personne ne l'avait pris."},
	"button.noise": {"Noise…", "Fausse alerte…"},

	"tl.room":        {"Room opened: {why}", "Ouverture de la cellule : {why}"},
	"tl.held":        {"; no room until somebody takes it, or nobody has in time", " ; pas de cellule avant que quelqu'un le prenne, ou que personne ne l'ait pris à temps"},
	"room.accepted":  {"somebody took it", "quelqu'un l'a pris"},
	"room.overdue":   {"nobody took it in time", "personne ne l'a pris à temps"},
	"room.severity":  {"it is worse than what goes without", "la sévérité ne permet plus de s'en passer"},
	"room.asked":     {"somebody does something about it", "quelqu'un s'en occupe"},
	"room.question":  {"a question must be answered", "une question attend sa réponse"},
	"room.merged":    {"another incident came in", "un autre incident l'a rejoint"},
	"room.no-card":   {"its card could not be posted in the channel of alerts", "sa fiche n'a pas pu être publiée dans le canal des alertes"},
	"room.policy":    {"the policy in force holds no room back", "la politique en vigueur ouvre la cellule aussitôt"},
	"room.unknown":   {"it needs one", "il en faut une"},
	"room.none":      {"no room yet", "pas encore de cellule"},
	"page.room.none": {"No room yet: it opens when you acknowledge.", "Pas encore de cellule : elle s'ouvre quand vous acquittez."},

	"merged": {
		"*{id} goes on as {into}* ({by}): it is the same incident. Its alerts go there, and so did everybody. {room}",
		"*{id} continue dans {into}* ({by}) : c'est le même incident. Ses alertes y vont, et tout le monde y est. {room}"},
	"merged.bare": {
		"*{id} was merged into another incident* ({by}).",
		"*{id} a été réuni à un autre incident* ({by})."},
	"absorbed.bare": {
		"*Another incident was the same as this one* ({by}). Its alerts and its history are here now.",
		"*Un autre incident était le même que celui-ci* ({by}). Ses alertes et son histoire sont ici désormais."},
	"split-off.bare": {
		"*Some alerts of this one are an incident of their own now* ({by}).",
		"*Une partie des alertes forme désormais un incident à part* ({by})."},
	"merged.history": {
		"What is written here still stands in this incident's record; {into} shows both histories.",
		"Ce qui s'écrit ici reste dans le dossier de cet incident ; {into} montre les deux histoires."},
	"absorbed": {
		"*{from} was the same incident* ({by}). Its alerts and its history are here now, and those in its room are invited.",
		"*{from} était le même incident* ({by}). Ses alertes et son histoire sont ici désormais, et les personnes de sa cellule sont invitées."},
	"split-off": {
		"*{into} is an incident of its own now* ({by}): {n, plural one{# alert group} other{# alert groups}}, {name}.",
		"*{into} est désormais un incident à part* ({by}) : {n, plural one{# groupe d'alertes} other{# groupes d'alertes}}, {name}."},
	"headline.into":      {"Goes on as *{into}*: {room}", "Continue dans *{into}* : {room}"},
	"headline.absorbed":  {"with {ids}", "avec {ids}"},
	"status.duplicate":   {"duplicate", "doublon"},
	"headline.duplicate": {"*Duplicate* since {at}. It counts in no figure of its own.", "*Doublon* depuis {at}. N'entre dans aucun chiffre à part."},
	"headline.title.duplicate": {
		"{id} is a duplicate · {sev} · {title}",
		"{id} est un doublon · {sev} · {title}"},
	"announcement.duplicate": {
		"{sev} · *{id}* · {title} · the same as {into} · {room}",
		"{sev} · *{id}* · {title} · identique à {into} · {room}"},
	"standdown.merged": {
		"{id} goes on as {into}; your page of {id} is closed.",
		"{id} continue dans {into} ; votre appel pour {id} est levé."},
	"tl.merged":      {"{by} merged it into {into}: it is a duplicate", "{by} l'a réuni à {into} : c'est un doublon"},
	"tl.absorbed":    {"{by} merged {from} into this one", "{by} a réuni {from} à celui-ci"},
	"tl.split-off":   {"{by} split {name} off as {into}", "{by} a fait de {name} un incident à part, {into}"},
	"tl.of":          {"{id} · ", "{id} · "},
	"tl.down.merged": {"it goes on as another incident", "il continue dans un autre incident"},
	"late.duplicate": {"a duplicate since {at}", "doublon depuis {at}"},
	"export.duplicate": {
		"It is a duplicate of {into} and counts with that one.",
		"C'est un doublon de {into} et compte avec lui."},

	"refused.merge-self": {
		"Not merged: that is this incident. Name the one it is a duplicate of: `{command} merge INC-41`.",
		"Rien n'a été réuni : c'est cet incident même. Indiquez celui dont il est le doublon : `{command} merge INC-41`."},
	"refused.merge-over": {
		"Not merged: {id} is {status}. Reopen it first, or resolve this one.",
		"Rien n'a été réuni : {id} est {status}. Rouvrez-le d'abord, ou terminez celui-ci."},
	"refused.merge-circle": {
		"Not merged: {id} was merged into this one, and this one would be part of itself.",
		"Rien n'a été réuni : {id} a été réuni à celui-ci, qui ferait partie de lui-même."},
	"refused.no-incident": {
		"Nothing changed: there is no {id}.",
		"Rien n'a changé : {id} n'existe pas."},
	"refused.no-group": {
		"Nothing split off: no alert group here is of {name}. There are: {known}.",
		"Rien n'a été séparé : aucun groupe d'alertes ici pour {name}. Il y a : {known}."},
	"refused.no-group.bare": {
		"Nothing split off: this incident holds no alert groups.",
		"Rien n'a été séparé : cet incident ne contient aucun groupe d'alertes."},
	"refused.private-merge": {
		"Nothing changed: a private incident is neither merged nor split; what its room says would be read elsewhere.",
		"Rien n'a changé : un incident privé n'est ni réuni à un autre ni séparé ; ce qui se dit dans sa cellule se lirait ailleurs."},
	"refused.all-groups": {
		"Nothing split off: nothing would be left here.",
		"Rien n'a été séparé : il ne resterait rien ici."},
	"help.merge":  {"this incident is a duplicate: it ends, and goes on as the other", "c'est un doublon : il se termine et continue dans l'autre"},
	"help.split":  {"make an incident of its own of some of its alerts", "faire un incident à part d'une partie de ses alertes"},
	"usage.merge": {"{word} is no incident; write it as INC-41", "{word} n'est pas un incident ; écrivez INC-41"},
}
