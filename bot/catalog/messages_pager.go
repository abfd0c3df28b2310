package catalog

// pagerMessages are what a phone shows or reads aloud: no emoji, the first words say it all.
var pagerMessages = table{
	"page.summary":     {"{sev} {title}. Acknowledge by {at} ({id}).", "{sev} {title}. Acquitter avant {at} ({id})."},
	"page.summary.now": {"{sev} {title}. Acknowledge now ({id}).", "{sev} {title}. Acquitter maintenant ({id})."},
	"page.why":         {"Why you: {why}.", "Pourquoi vous : {why}."},
	"page.why.by":      {"Why you: {by} asked for you.", "Pourquoi vous : {by} a demandé votre aide."},
	"page.why.since":   {"Why you: {why} (level {level}).", "Pourquoi vous : {why} (niveau {level})."},
	"page.roster.old": {
		"You are on call as read at {at}; PagerDuty's schedule could not be read since. If it is no longer you, ring who it is.",
		"Vous êtes d'astreinte d'après la lecture de {at} ; le planning PagerDuty n'a pas pu être lu depuis. Si ce n'est plus vous, appelez qui l'est."},
	"page.alert":     {"Alert: {name}. {summary}", "Alerte : {name}. {summary}"},
	"page.service":   {"Service: {service}.", "Service : {service}."},
	"page.commander": {"Commander: {who}.", "Responsable : {who}."},
	"page.progress":  {"Last progress {at}: {text}", "Dernier progrès {at} : {text}"},
	"page.step": {
		"First step: {runbook} {n}/{of}: {title}{code}",
		"Première étape : {runbook} {n}/{of} : {title}{code}"},
	"page.step.now": {
		"Now at: {runbook} {n}/{of}: {title}{code}",
		"En cours : {runbook} {n}/{of} : {title}{code}"},
	"page.room":      {"Room: {url}", "Cellule de crise : {url}"},
	"page.room.name": {"Room: #{name}", "Cellule de crise : #{name}"},
	"page.call":      {"Call: {url}", "Appel : {url}"},
	"page.without": {
		"Without Slack: acknowledge this page, or add a PagerDuty note \"progress ...\", \"mitigated\" or \"+15\".",
		"Sans Slack : acquittez cet appel, ou ajoutez une note PagerDuty « progrès ... », « mitigé » ou « +15 »."},
	"note.warn": {
		"{text} Reply with a note: \"progress ...\", \"mitigated\" or \"+15\".",
		"{text} Répondez par une note : « progrès ... », « mitigé » ou « +15 »."},
	"note.warn.top": {
		"{text} Reply with a note: \"progress ...\" or \"mitigated\".",
		"{text} Répondez par une note : « progrès ... » ou « mitigé »."},
	"note.progress": {"{id}: progress {at}, {who}: {text}", "{id} : progrès {at}, {who} : {text}"},
	"note.warn.ack": {
		"{text} Acknowledge this page to take it.",
		"{text} Acquittez cet appel pour le prendre."},
	"page.without.more-time": {
		"Without Slack: acknowledge this page, or add a PagerDuty note \"progress ...\" or \"mitigated\".",
		"Sans Slack : acquittez cet appel, ou ajoutez une note PagerDuty « progrès ... » ou « mitigé »."},
	"page.alert.bare": {
		"Alert: {name}.",
		"Alerte : {name}."},
}
