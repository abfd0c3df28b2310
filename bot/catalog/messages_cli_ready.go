package catalog

// readyMessages are the reasons of /readyz, and what is wrong with who is on call.
var readyMessages = table{
	"ready.runbooks":         {"files in the folder of runbooks cannot be used, the last good revisions and the built-in runbooks stay in use: {why}", "des fichiers du dossier de runbooks sont inutilisables, leurs dernières révisions valables et les runbooks fournis restent en usage : {why}"},
	"ready.clock":            {"this machine's clock is {d} away from Redis: synchronise it (chrony, systemd-timesyncd)", "l'horloge de cette machine est à {d} de celle de Redis : synchronisez-la (chrony, systemd-timesyncd)"},
	"ready.auditor":          {"the auditor found logs that do not hold: {logs}; restore them from a backup", "l'auditeur a trouvé des journaux qui ne tiennent pas : {logs} ; restaurez-les depuis une sauvegarde"},
	"ready.slack.connecting": {"connecting: Slack has not answered yet; deadlines are kept and people are paged", "connexion en cours : Slack n'a pas encore répondu ; les échéances sont tenues et les personnes appelées"},
	"ready.slack.opening":    {"connecting: Slack's Web API answers, no socket is open yet; deadlines are kept and people are paged", "connexion en cours : l'API de Slack répond, aucun socket n'est encore ouvert ; les échéances sont tenues et les personnes appelées"},
	"ready.slack.socket":     {"only our socket is down: Slack's Web API answers; deadlines are kept and people are paged: {why}", "seul notre socket est coupé : l'API de Slack répond ; les échéances sont tenues et les personnes appelées : {why}"},
	"ready.slack.down":       {"Slack does not answer; deadlines are kept and people are paged: {why}", "Slack ne répond pas ; les échéances sont tenues et les personnes appelées : {why}"},

	"heartbeat.withheld": {"the heartbeat is held back, so that the outside service rings: {why}", "le signal de vie est retenu, pour que le service externe donne l'alerte : {why}"},
	"heartbeat.failed":   {"the heartbeat to {host} was not taken: {why}; deadlines are kept and people are paged", "le signal de vie vers {host} n'a pas été reçu : {why} ; les échéances sont tenues et les personnes appelées"},
	"heartbeat.store":    {"the store does not keep what it is told: {why}", "la base ne garde pas ce qu'on lui confie : {why}"},
	"heartbeat.overdue":  {"a deadline of {stream} is overdue by {d}", "une échéance de {stream} est dépassée de {d}"},
	"heartbeat.page":     {"a page of {stream} has waited {d} to be sent", "un appel de {stream} attend depuis {d} d'être envoyé"},
	"heartbeat.deaf":     {"neither Slack nor PagerDuty can be heard", "ni Slack ni PagerDuty ne peuvent être entendus"},

	"oncall.unread": {"who is on call has not been read yet", "les personnes d'astreinte n'ont pas encore été lues"},
	"oncall.no-slack": {
		"no Slack user was found for {mail} ({target}): their phone rings, and they are neither invited nor written to; correct the address or invite them: {why}",
		"aucun utilisateur Slack trouvé pour {mail} ({target}) : son téléphone sonne, mais la personne n'est ni invitée ni avertie ; corrigez l'adresse ou invitez-la : {why}"},
	"oncall.no-pager": {
		"no PagerDuty user has the address {mail} ({target}): an acknowledgement on their phone is not known to be theirs; correct the address or add them",
		"aucun utilisateur PagerDuty n'a l'adresse {mail} ({target}) : un acquittement sur son téléphone ne lui est pas attribué ; corrigez l'adresse ou ajoutez la personne"},
	"oncall.slack-silent": {"Slack could not be asked for {mail} ({target}); who they were before counts: {why}", "Slack n'a pu être interrogé sur {mail} ({target}) ; ce qu'on en savait reste valable : {why}"},
	"oncall.more":         {"and {n} more", "et {n} de plus"},
	"oncall.stale":        {"who is on call was last read at {at}", "les personnes d'astreinte ont été lues pour la dernière fois à {at}"},
}
