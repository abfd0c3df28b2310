package catalog

// termMessages are single words and short phrases that stand inside others: pass them as Term.
var termMessages = table{
	"role.commander": {"incident commander", "responsable d'incident"},
	"role.comms":     {"communications lead", "responsable communication"},
	"role.scribe":    {"scribe", "scribe"},

	"status.investigating": {"investigating", "diagnostic en cours"},
	"status.identified":    {"cause identified", "cause identifiée"},
	"status.mitigated":     {"mitigated", "effets maîtrisés"},
	"status.resolved":      {"resolved", "résolu"},
	"status.cancelled":     {"cancelled", "annulé"},

	"emoji.sev0": {"⚪", "⚪"},
	"emoji.sev1": {"🔴", "🔴"},
	"emoji.sev2": {"🟠", "🟠"},
	"emoji.sev3": {"🟡", "🟡"},
	"emoji.sev4": {"⚪", "⚪"},

	// The bot and the machines that act.
	"system.tocsin":       {"Tocsin", "Tocsin"},
	"system.alertmanager": {"Alertmanager", "Alertmanager"},
	"system.pagerduty":    {"PagerDuty", "PagerDuty"},
	"system.unknown":      {"somebody", "quelqu'un"},

	"person.as": {"{who} ({title})", "{who} ({title})"},

	"nobody": {"nobody", "personne"},
	"erased": {"(text erased)", "(texte effacé)"},

	// Why somebody is rung, after "because" or a colon.
	"why.detected":         {"the incident began", "l'incident a commencé"},
	"why.not-acknowledged": {"nobody acknowledged in time", "personne n'a acquitté à temps"},
	"why.no-progress":      {"no progress was recorded in time", "aucun progrès noté à temps"},
	"why.not-mitigated":    {"it is not mitigated in time", "les effets ne sont pas maîtrisés à temps"},
	"why.no-commander":     {"nobody commands the incident", "personne ne dirige l'incident"},
	"why.severity":         {"the severity calls for it", "la sévérité le demande"},
	"why.help":             {"help was asked for", "de l'aide a été demandée"},
	"why.asked":            {"they were asked for by name", "leur présence a été demandée"},
	"why.update-missed":    {"status updates were missed", "des points de situation ont manqué"},
	"why.hand-over":        {"nobody asked before has taken command over", "la relève de la direction n'a pas été acceptée"},
	"why.declared":         {"the incident was declared", "l'incident a été déclaré"},
	"why.nobody-answered":  {"nobody answered so far", "personne n'a répondu jusqu'ici"},
	"why.not-taken":        {"nobody of {level} took it in time", "{level} n'a pas répondu à temps"},
	"why.not-taken.below":  {"nobody of the level below took it in time", "le niveau inférieur n'a pas répondu à temps"},
	"why.exhausted":        {"the last level did not answer either", "le dernier niveau n'a pas répondu non plus"},

	// What a runbook's step does to the world.
	"kind.diagnosis":   {"reads only", "lecture seule"},
	"kind.mitigation":  {"changes something, can be put back", "modifie, réversible"},
	"kind.replay":      {"processes again what was processed", "retraite ce qui l'a déjà été"},
	"kind.destructive": {"⛔ can lose data or service", "⛔ peut perdre des données ou couper le service"},
	"kind.notify":      {"tells people", "prévient des personnes"},

	// Pages, by where they stand.
	"page.owed":     {"sent for {at}, not rung yet", "appel demandé {at}, pas encore passé"},
	"page.stuck":    {"⛔ sent for {at}, not rung: PagerDuty does not answer", "⛔ appel demandé {at}, non passé : PagerDuty ne répond pas"},
	"page.never":    {"sent for {at}, not rung: no longer needed", "appel demandé {at}, non passé : plus nécessaire"},
	"page.sent":     {"rung {at}", "appel {at}"},
	"page.answered": {"rung {at}, acknowledged", "appel {at}, acquitté"},
	"page.closed":   {"rung {at}, stood down", "appel {at}, levé"},
	"page.failed":   {"⛔ not rung: PagerDuty refused", "⛔ pas d'appel : PagerDuty a refusé"},

	"sev.rule.hand": {
		"declared by hand",
		"déclaration manuelle"},
	"sev.rule.unconfirmed-timeout": {"nobody said otherwise in time, so it counts as confirmed", "personne n'a dit le contraire à temps : elle vaut confirmée"},
	"commander.who": {
		"commander {who}",
		"responsable {who}"},
	"commander.nobody": {
		"no commander",
		"sans responsable"},
	"sev.rule.default": {
		"nobody said how bad it is",
		"personne n'a dit si c'est grave"},
	"sev.rule.alert": {
		"alert {name}",
		"alerte {name}"},
	"sev.rule.label": {
		"the alert says {name}",
		"l'alerte indique {name}"},
	"page.answered.at": {
		"rung {at}, acknowledged {acked}",
		"appel {at}, acquitté {acked}"},
	"page.answered.unrung": {
		"sent for {at}, acknowledged {acked} before it rang",
		"appel demandé {at}, acquitté {acked} avant l'appel"},
	"and-more": {
		"{n, plural one{# more} other{# more}}",
		"{n, plural one{# autre} other{# autres}}"},
}
