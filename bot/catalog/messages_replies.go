package catalog

// replyMessages answer a command or a click; mostly only the person who asked sees them.
var replyMessages = table{
	"row":       {"{emoji} {sev} · *{id}* · {title} · {status} · {room} · {commander}", "{emoji} {sev} · *{id}* · {title} · {status} · {room} · {commander}"},
	"row.since": {"since {at}", "depuis {at}"},
	"row.over":  {"{sev} · *{id}* · {title} · {status} · {at}", "{sev} · *{id}* · {title} · {status} · {at}"},
	"row.short": {"{id} · {title}", "{id} · {title}"},
	"list.open": {"*{n, plural one{# open incident} other{# open incidents}}*", "*{n, plural one{# incident ouvert} other{# incidents ouverts}}*"},
	"list.all":  {"*{n, plural one{# incident} other{# incidents}}, newest first*", "*{n, plural one{# incident} other{# incidents}}, du plus récent au plus ancien*"},
	"list.none": {
		"No incident is open. To declare one: `{command}`.",
		"Aucun incident ouvert. Pour en déclarer un : `{command}`."},
	"list.none.all": {"No incident on record.", "Aucun incident enregistré."},
	"list.more":     {"{n, plural one{# more} other{# more}}: `tocsin list --all`", "{n, plural one{# de plus} other{# de plus}} : `tocsin list --all`"},

	"timeline.title":       {"*Timeline of {id}*: {title}", "*Journal de {id}* : {title}"},
	"timeline.empty":       {"Nothing is recorded yet.", "Rien n'est encore consigné."},
	"timeline.more":        {"{n, plural one{# later line} other{# later lines}}.", "{n, plural one{# ligne suivante} other{# lignes suivantes}}."},
	"button.timeline.more": {"Go on", "Suite"},

	"help.title": {"*{command}*: what it can do", "*{command}* : ce que vous pouvez faire"},
	"help.entry": {"`{usage}` {short}", "`{usage}` {short}"},
	"help.entry.who": {
		" ({who})",
		" ({who})"},
	"help.aliases": {"also {aliases}", "aussi {aliases}"},
	"help.example": {"for example `{example}`", "par exemple `{example}`"},
	"help.alone":   {"`{command}` alone opens a form; `{command} checkout is down sev1` declares at once.", "`{command}` seul ouvre un formulaire ; `{command} paiement indisponible sev1` déclare aussitôt."},
	"help.more":    {"`{command} help <verb>` says more about one.", "`{command} help <verbe>` en dit plus sur un verbe."},

	"unknown-verb": {
		"Nothing was done: there is no verb {verb}. Did you mean {nearest}?",
		"Rien n'a été fait : le verbe {verb} n'existe pas. Vouliez-vous dire {nearest} ?"},
	"unknown-verb.none": {
		"Nothing was done: there is no verb {verb}. See them all: `{command} help`.",
		"Rien n'a été fait : le verbe {verb} n'existe pas. Voyez-les tous : `{command} help`."},
	"unknown-verb.declare": {
		"To declare an incident with these words: `{command} declare {words}`.",
		"Pour déclarer un incident avec ces mots : `{command} declare {words}`."},

	"usage":         {"Nothing was done: {why}.", "Rien n'a été fait : {why}."},
	"usage.bare":    {"Nothing was done: the words after `{verb}` are not what it takes.", "Rien n'a été fait : la suite de `{verb}` ne convient pas."},
	"usage.write":   {"Write `{usage}`", "Écrivez `{usage}`"},
	"usage.example": {"For example `{example}`", "Par exemple `{example}`"},

	"which":       {"Nothing was done yet: this is no incident's channel. Which one do you mean?", "Rien n'a été fait : ce canal n'est celui d'aucun incident. Lequel visez-vous ?"},
	"which.none":  {"Nothing was done: this is no incident's channel, and no incident is open.", "Rien n'a été fait : ce canal n'est celui d'aucun incident, et aucun n'est ouvert."},
	"which.typed": {"You wrote `{typed}`.", "Vous avez écrit `{typed}`."},
	"which.name":  {"Or name it: `{command} … INC-42`.", "Ou nommez-le : `{command} … INC-42`."},

	"looks-alike": {
		"Not declared yet: *{id}* looks alike.",
		"Pas encore déclaré : *{id}* y ressemble."},
	"looks-alike.ask": {
		"Join it, or open another anyway?",
		"Le rejoindre, ou en ouvrir un autre malgré tout ?"},
	"button.join":        {"Join {id}", "Rejoindre {id}"},
	"button.open-anyway": {"Open anyway", "Ouvrir malgré tout"},

	"declared": {
		"{emoji} *{id}* is recorded as {sev}: {title}.",
		"{emoji} *{id}* est enregistré en {sev} : {title}."},
	"declared.room": {"The channel is {room}.", "La cellule de crise : {room}."},
	"declared.room.soon": {
		"The channel #{name} is being opened; you get an invitation.",
		"La cellule de crise #{name} s'ouvre ; vous recevez une invitation."},
	"declared.commander": {"You command until somebody takes over.", "Vous dirigez jusqu'à ce que quelqu'un prenne le relais."},
	"declared.joined": {
		"{id} is being worked on in {room}; you get an invitation.",
		"{id} est traité dans {room} ; vous recevez une invitation."},

	"recorded":      {"✅ Recorded in {id}.", "✅ Consigné dans {id}."},
	"recorded.what": {"✅ {id}: {what}", "✅ {id} : {what}"},

	"not-recorded": {
		"⛔ *Not recorded*: the store does not answer.",
		"⛔ *Rien n'a été enregistré* : la base ne répond pas."},
	"not-recorded.paged": {
		"Nobody was paged by this.",
		"Personne n'a été appelé pour cela."},
	"not-recorded.safe":  {"What was recorded before is safe.", "Ce qui était déjà consigné est intact."},
	"not-recorded.phone": {"If it cannot wait, ring {phone}.", "Si cela ne peut attendre, appelez le {phone}."},
	"not-recorded.service": {
		"If it cannot wait, page by hand: PagerDuty service {service}.",
		"Si cela ne peut attendre, déclenchez à la main le service PagerDuty {service}."},
	"not-recorded.again": {"Try again in a minute.", "Réessayez dans une minute."},
	"not-recorded.typed": {"You wrote `{typed}`.", "Vous avez écrit `{typed}`."},

	"not-known-yet": {
		"⏱ Not known yet: the store is slow. I keep trying; the outcome follows here.",
		"⏱ Pas encore de réponse : la base est lente. Je continue d'essayer ; le résultat suivra ici."},
	"not-known-yet.dont": {"Do not send it again.", "Ne renvoyez pas la commande."},

	"not-allowed": {
		"Nothing was done: this is for {who}.",
		"Rien n'a été fait : réservé à : {who}."},
	"who.anyone": {"anyone", "tout le monde"},
	"who.responder": {
		"responders",
		"intervenants"},
	"who.commander": {"the incident commander", "responsable d'incident"},

	"home.title":     {"Tocsin", "Tocsin"},
	"home.yours":     {"*Yours*", "*Vos incidents*"},
	"home.open":      {"*Open incidents*", "*Incidents ouverts*"},
	"home.others":    {"*Other open incidents*", "*Autres incidents ouverts*"},
	"home.recent":    {"*Over*", "*Terminés*"},
	"home.quiet":     {"No incident is open.", "Aucun incident ouvert."},
	"home.help":      {"`{command} help` lists what you can do.", "`{command} help` montre ce que vous pouvez faire."},
	"button.declare": {"Declare an incident…", "Déclarer un incident…"},
}
