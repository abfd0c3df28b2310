package catalog

// headlineMessages are the pinned card, the announcement, the topic and the purpose.
var headlineMessages = table{
	"headline.title":          {"{emoji} {sev} · {id} · {title}", "{emoji} {sev} · {id} · {title}"},
	"headline.title.resolved": {"✅ {id} resolved · {sev} · {title}", "✅ {id} résolu · {sev} · {title}"},
	"headline.title.cancelled": {
		"{id} cancelled · {sev} · {title}",
		"{id} annulé · {sev} · {title}"},
	"headline.summary": {
		"{sev} {id}: {title}. {status}, {commander}.",
		"{sev} {id} : {title}. {status}, {commander}."},

	"headline.investigating": {"*Investigating* since {since}", "*Diagnostic* depuis {since}"},
	"headline.identified":    {"*Cause identified*, open since {since}", "*Cause identifiée*, ouvert depuis {since}"},
	"headline.mitigated":     {"*Mitigated* at {at}, open since {since}", "*Effets maîtrisés* à {at}, ouvert depuis {since}"},
	"headline.resolved":      {"*Resolved* at {at}, {took} after detection.", "*Résolu* à {at}, {took} après la détection."},
	"headline.cancelled":     {"*Cancelled* at {at}, {took} after detection. It counts in no figure.", "*Annulé* à {at}, {took} après la détection. N'entre dans aucun chiffre."},
	"headline.service.team":  {"service {service} ({team})", "service {service} ({team})"},
	"headline.dashboards":    {"Dashboards: {links}", "Tableaux de bord : {links}"},
	"headline.service":       {"service {service}", "service {service}"},
	"headline.alert": {
		"alert {name}, {n, plural one{# firing} other{# firing}}",
		"alerte {name}, {n, plural one{# active} other{# actives}}"},
	"headline.alert.over": {"alert {name}, no longer firing", "alerte {name}, éteinte"},
	"headline.alerts.more": {
		"{n, plural one{# more alert} other{# more alerts}}",
		"{n, plural one{# autre alerte} other{# autres alertes}}"},
	"headline.reopened": {
		"reopened {n, plural one{# time} other{# times}}",
		"rouvert {n, plural one{# fois} other{# fois}}"},

	"headline.unconfirmed": {
		"*{sev} is not confirmed* ({rule}).",
		"*{sev} n'est pas confirmée* ({rule})."},

	"headline.commander":        {"*Commander* {who}", "*Responsable* {who}"},
	"headline.commander.acting": {"*Commander* {who} (acting)", "*Responsable* {who} (par intérim)"},
	"headline.commander.nobody": {
		"*Commander* nobody",
		"*Responsable* à pourvoir"},
	"headline.comms": {"*Comms* {who}", "*Communication* {who}"},
	"headline.comms.nobody": {
		"*Comms* nobody",
		"*Communication* à pourvoir"},
	"headline.scribe":        {"*Scribe* {who}", "*Scribe* {who}"},
	"headline.scribe.nobody": {"*Scribe* Tocsin records", "*Scribe* Tocsin consigne"},

	// What is due. "{next}" is the title of a target; French has it after a colon, since it cannot know its gender.
	"due.first-page":        {"⏱ *PagerDuty's page by {at}*", "⏱ *Appel de PagerDuty avant {at}*"},
	"due.acknowledge":       {"⏱ *Acknowledge by {at}*", "⏱ *Acquitter avant {at}*"},
	"due.accept":            {"⏱ *{level} takes it by {at}*", "⏱ *Prise en charge par {level} avant {at}*"},
	"due.progress":          {"⏱ *Progress by {at}*", "⏱ *Progrès attendu avant {at}*"},
	"due.mitigate":          {"⏱ *Mitigated by {at}*", "⏱ *Effets maîtrisés avant {at}*"},
	"due.restart":           {"⏱ *The last level did not answer: the first is rung again at {at}*", "⏱ *Le dernier niveau n'a pas répondu : nouvel appel du premier à {at}*"},
	"due.confirm":           {"⏱ *Confirm the severity by {at}*, else it counts as confirmed", "⏱ *Confirmer la sévérité avant {at}*, sinon elle vaut confirmée"},
	"due.commander":         {"⏱ *Somebody commands by {at}*", "⏱ *Un responsable avant {at}*"},
	"due.comms":             {"⏱ *A communications lead by {at}*", "⏱ *Un responsable communication avant {at}*"},
	"due.update":            {"⏱ *Status update by {at}*", "⏱ *Point de situation avant {at}*"},
	"due.unknown":           {"⏱ *{name} by {at}*", "⏱ *{name} avant {at}*"},
	"due.else.ring":         {", else the {next} is rung", ", sinon appel : {next}"},
	"due.else.ring.many":    {", else {next} are rung", ", sinon appel : {next}"},
	"due.else.passes":       {", else it passes to the {next}", ", sinon relais : {next}"},
	"due.else.told":         {", else the {next} is told; nobody is rung", ", sinon rappel, sans appel : {next}"},
	"due.then.ring":         {"; then the {next} is rung to look", " ; appel pour vérifier : {next}"},
	"due.else.ask":          {", else the {next} is asked", ", sinon demande : {next}"},
	"due.else.tocsin-rings": {", else Tocsin rings the {next}", ", sinon Tocsin appelle : {next}"},
	"due.nothing":           {"Nothing is due.", "Aucune échéance."},

	"headline.pages":      {"📟 {pages}", "📟 {pages}"},
	"headline.page":       {"{who} {state}", "{who} {state}"},
	"headline.pages.more": {"{n, plural one{# earlier} other{# earlier}}", "{n, plural one{# plus tôt} other{# plus tôt}}"},
	"headline.acknowledged": {
		"✅ Acknowledged by {who} at {at}",
		"✅ Acquitté par {who} à {at}"},
	"headline.told":     {"Told, not rung: {who}", "Prévenus, sans appel : {who}"},
	"headline.progress": {"Last progress {at}, {who}: {text}", "Dernier progrès {at}, {who} : {text}"},
	"headline.runbook": {
		"Runbook {id}: steps {done}/{of}",
		"Runbook {id} : étapes {done}/{of}"},
	"headline.exhausted": {
		"⛔ Every level was sent for and the last did not answer.",
		"⛔ Tous les niveaux ont été sollicités, le dernier n'a pas répondu."},

	"headline.figures": {
		"From detection: {figures}.",
		"Depuis la détection : {figures}."},
	"figure.acknowledged": {
		"acknowledged after {d}",
		"acquitté en {d}"},
	"figure.mitigated": {
		"mitigated after {d}",
		"effets maîtrisés en {d}"},
	"figure.never-acknowledged": {"never acknowledged", "jamais acquitté"},
	"headline.after.owed":       {"What happened: `{command} timeline`. To end what is owed: `{command} duties`", "Ce qui s'est passé : `{command} timeline`. Pour solder ce qui est dû : `{command} duties`"},
	"headline.after":            {"What happened: `{command} timeline`", "Ce qui s'est passé : `{command} timeline`"},

	"announcement": {
		"{emoji} {sev} · *{id}* · {title} · {status} · {room} · {commander}",
		"{emoji} {sev} · *{id}* · {title} · {status} · {room} · {commander}"},
	"announcement.resolved": {
		"✅ {sev} · *{id}* · {title} · resolved at {at}, {took} after detection · {room}",
		"✅ {sev} · *{id}* · {title} · résolu à {at}, {took} après la détection · {room}"},
	"announcement.cancelled": {
		"{sev} · *{id}* · {title} · cancelled at {at} · {room}",
		"{sev} · *{id}* · {title} · annulé à {at} · {room}"},
	"announcement.unconfirmed": {"{sev} (not confirmed)", "{sev} (non confirmée)"},

	"topic":      {"{emoji} {sev} · {status} · IC {who}", "{emoji} {sev} · {status} · responsable : {who}"},
	"topic.next": {" · next {at}", " · échéance {at}"},
	"topic.over": {
		"{emoji}{sev} · {status} {at}",
		"{emoji}{sev} · {status} {at}"},
	"purpose": {"{id}: {title}. Declared {at} by {by}. Tocsin keeps the time and the record.", "{id} : {title}. Déclaré {at} par {by}. Tocsin tient l'heure et le journal."},

	// Buttons, at most 75 characters; short, for thumbs.
	"button.ack":            {"Acknowledge", "Acquitter"},
	"button.progress":       {"I have progress…", "J'ai avancé…"},
	"button.why":            {"Give the reason…", "Donner le motif…"},
	"button.severity":       {"Severity…", "Sévérité…"},
	"button.update":         {"Update…", "Point de situation…"},
	"button.runbook":        {"Runbook…", "Runbook…"},
	"button.resolve":        {"Resolve…", "Clore…"},
	"button.take.commander": {"Take command", "Prendre la direction"},
	"button.take.comms":     {"Take comms", "Prendre la communication"},
	"button.take.scribe":    {"Take scribe", "Prendre le rôle de scribe"},
	"button.confirm":        {"Confirm {sev}", "Confirmer {sev}"},
	"button.less":           {"It is less…", "C'est moins grave…"},
	"button.more-time":      {"+{d} (once)", "+{d} (une fois)"},
	"button.more-time.menu": {"More time: +{d}, once per level", "Plus de temps : +{d}, une fois par niveau"},
	"button.help":           {"Send help now", "Envoyer du renfort"},
	"button.role":           {"Give a role…", "Attribuer un rôle…"},
	"button.cancel":         {"Cancel: it is noise…", "Annuler : fausse alerte…"},
	"button.reopen":         {"Reopen…", "Rouvrir…"},
	"button.take":           {"I take it", "Je prends"},
	"headline.dead": {
		"⛔ {n, plural one{# thing} other{# things}} Tocsin had to do failed for good: `tocsin show {id}`",
		"⛔ {n, plural one{# action de Tocsin a échoué définitivement} other{# actions de Tocsin ont échoué définitivement}} : `tocsin show {id}`"},
	"headline.unsure": {
		"⛔ Not known whether {who} received a message of Tocsin's: tell them",
		"⛔ On ne sait pas si un message de Tocsin est parvenu à {who} : les prévenir"},
	"button.worse": {"It is worse again…", "Cela s'aggrave de nouveau…"},
	"button.mitigated": {
		"It is mitigated",
		"Effets maîtrisés"},
}
