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

	"timeline.title":          {"*Timeline of {id}*: {title}", "*Journal de {id}* : {title}"},
	"timeline.empty":          {"Nothing is recorded yet.", "Rien n'est encore consigné."},
	"timeline.part":           {"Lines {from} to {to} of {n}", "Lignes {from} à {to} sur {n}"},
	"button.timeline.earlier": {"Earlier", "Plus tôt"},
	"button.timeline.later":   {"Later", "Plus tard"},

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
	"declared.sent-for":  {"📟 Sent for: {who}.", "📟 Appels demandés : {who}."},
	"declared.on-call":   {"Nobody is rung: you are on call, and it counts as acknowledged.", "Aucun appel : vous êtes d'astreinte, et c'est acquitté."},
	"declared.no-ladder": {"Nobody is rung: {sev} does not ask for it.", "Aucun appel : une {sev} n'en demande pas."},
	"declared.joined": {
		"{id} is being worked on in {room}; you get an invitation.",
		"{id} est traité dans {room} ; vous recevez une invitation."},

	"recorded":      {"✅ Recorded in {id}.", "✅ Consigné dans {id}."},
	"recorded.what": {"✅ {id}: {what}", "✅ {id} : {what}"},

	"not-recorded.phone":   {"If it cannot wait: ring {phone}.", "Si cela ne peut attendre : appelez le {phone}."},
	"not-recorded.service": {"If it cannot wait: trigger the PagerDuty service {service} by hand.", "Si cela ne peut attendre : déclenchez à la main le service PagerDuty {service}."},
	"not-recorded.both": {
		"If it cannot wait: ring {phone}, or trigger the PagerDuty service {service} by hand.",
		"Si cela ne peut attendre : appelez le {phone}, ou déclenchez à la main le service PagerDuty {service}."},
	"not-recorded.neither": {
		"If it cannot wait: ring the on-call engineer yourself, or use PagerDuty directly.",
		"Si cela ne peut attendre : appelez vous-même l'ingénieur d'astreinte, ou passez par PagerDuty."},

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
