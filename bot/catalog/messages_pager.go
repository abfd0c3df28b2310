package catalog

// pagerMessages are what a phone shows or reads aloud: no emoji, the first words say it all.
var pagerMessages = table{
	"page.summary":     {"{sev} {title}. Acknowledge by {at} ({id}).", "{sev} {title}. Acquitter avant {at} ({id})."},
	"page.summary.now": {"{sev} {title}. Acknowledge now ({id}).", "{sev} {title}. Acquitter maintenant ({id})."},
	"page.why":         {"Why you: {why}.", "Pourquoi vous : {why}."},
	"page.why.by":      {"Why you: {by} asked for you.", "Pourquoi vous : {by} a demandé votre aide."},
	"page.why.parked": {
		"Why you: {by} set it aside until now and named you to take it up.",
		"Pourquoi vous : {by} l'avait mis de côté jusqu'à maintenant, avec vous pour le reprendre."},
	"page.why.parked.self": {
		"Why you: you set it aside until now.",
		"Pourquoi vous : vous l'avez mis de côté jusqu'à maintenant."},
	"page.why.since": {"Why you: {why} (level {level}).", "Pourquoi vous : {why} (niveau {level})."},
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
	// Why a note did nothing, and what to write instead. None begins like a note that does something.
	"note.no.private": {
		"Your note did nothing.",
		"Votre note n'a rien changé."},
	"note.no.too-short": {
		"Not recorded as progress: it takes a sentence of {n} characters or more. Write \"progress\" and what you found or ruled out.",
		"Rien n'est noté comme progrès : il faut une phrase d'au moins {n} caractères. Écrivez « progrès » puis ce que vous avez trouvé ou écarté."},
	"note.no.no-more-time": {
		"No more time: it was given once at {level}, and once is all. Write \"progress ...\" or \"mitigated\", or let the next level come.",
		"Pas de délai supplémentaire : il a déjà été accordé au niveau {level}, une seule fois. Écrivez « progrès ... » ou « mitigé », ou laissez venir le niveau suivant."},
	"note.no.not-taken": {
		"No more time: nobody has taken {id} yet. Acknowledge this page to take it.",
		"Pas de délai supplémentaire : personne n'a encore pris {id}. Acquittez cet appel pour le prendre."},
	"note.no.no-deadline": {
		"No more time given: no deadline of {id} runs that it would move. Nothing is needed.",
		"Pas de délai supplémentaire : aucune échéance de {id} en cours à repousser. Rien à faire."},
	"note.no.no-ladder": {
		"No more time given: the severity of {id} escalates to nobody. Nothing is needed.",
		"Pas de délai supplémentaire : la sévérité de {id} ne prévoit pas d'escalade. Rien à faire."},
	"note.no.plus": {
		"No more time given: only \"+15\" is understood; it gives {d}, once per level.",
		"Pas de délai supplémentaire : seul « +15 » est compris ; il donne {d}, une fois par niveau."},
	"note.no.park": {
		"Not set aside: a note cannot. In Slack: /incident park until 09:00. Until then write \"progress ...\" or \"+15\".",
		"Rien n'est mis en attente : une note ne le peut pas. Dans Slack : /incident park until 09:00. D'ici là, écrivez « progrès ... » ou « +15 »."},
	"note.no.status-back": {
		"Status of {id} not changed: it is “{status}” already. Nothing is needed.",
		"Statut de {id} inchangé : il est déjà « {status} ». Rien à faire."},
	"note.no.over": {
		"Your note is kept as a remark and did nothing else: {id} is {status}. If it is not over, reopen it in Slack: /incident reopen.",
		"Votre note est gardée comme remarque, sans autre effet : {id} est {status}. Si ce n'est pas fini, rouvrez-le dans Slack : /incident reopen."},
	"note.no.resolved": {
		"{id} is not resolved, your note is kept as a remark. To end it, write \"resolved\" alone, or \"resolved:\" and why.",
		"{id} n'est pas résolu, votre note est gardée comme remarque. Pour le clore, écrivez « résolu » seul, ou « résolu : » puis pourquoi."},
	"note.no.unknown": {
		"Not understood: \"{typed}\" is kept as a remark and did nothing else. Notes that count: \"progress ...\", \"mitigated\", \"+15\", \"resolved\".",
		"Note non comprise : « {typed} » est gardé comme remarque, sans autre effet. Notes qui comptent : « progrès ... », « mitigé », « +15 », « résolu »."},
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
