package catalog

// formMessages are modal forms: titles of at most 24 characters, labels that ask for one thing.
var formMessages = table{
	"form.send":   {"Send", "Envoyer"},
	"form.close":  {"Close", "Fermer"},
	"form.reason": {"Why?", "Pourquoi ?"},

	"form.why.title":  {"Why it is worse", "Motif de la hausse"},
	"form.why.submit": {"Record", "Consigner"},

	"form.declare.title":         {"Declare an incident", "Déclarer un incident"},
	"form.declare.submit":        {"Declare", "Déclarer"},
	"form.declare.what":          {"What is wrong?", "Que se passe-t-il ?"},
	"form.declare.what.example":  {"Checkout is down", "Paiement indisponible"},
	"form.declare.severity":      {"How bad is it?", "Quelle gravité ?"},
	"form.declare.severity.hint": {"Not sure: leave it. It can be changed at any time.", "Dans le doute, laissez vide. Modifiable à tout moment."},
	"form.declare.service":       {"Which service?", "Quel service ?"},
	"form.declare.follows": {
		"A channel opens, and you command until somebody takes over.",
		"Une cellule de crise s'ouvre, et vous dirigez jusqu'à ce que quelqu'un prenne le relais."},
	"form.declare.rung":    {"The {who} is rung, unless you are on call yourself.", "Appel : {who}, sauf si vous êtes d'astreinte."},
	"form.declare.at-once": {"{sev} also rings: {who}.", "En {sev}, appel aussi : {who}."},
	"form.declare.quiet":   {"{sev} rings nobody.", "En {sev}, aucun appel."},

	"form.progress.title":   {"I have progress", "J'ai avancé"},
	"form.progress.submit":  {"Record", "Noter"},
	"form.progress.what":    {"What did you find or rule out?", "Qu'avez-vous trouvé ou écarté ?"},
	"form.progress.example": {"Database not saturated; latency only on kyc-svc", "Base non saturée ; latence sur kyc-svc seulement"},

	"form.severity.title":      {"Severity of {id}", "Sévérité de {id}"},
	"form.severity.submit":     {"Set", "Fixer"},
	"form.severity.which":      {"How bad is it?", "Quelle gravité ?"},
	"form.severity.guide":      {"{emoji} *{sev}*: {definition}", "{emoji} *{sev}* : {definition}"},
	"form.severity.guide.bare": {"{emoji} *{sev}*", "{emoji} *{sev}*"},

	"form.update.title":   {"Status update", "Point de situation"},
	"form.update.submit":  {"Post", "Publier"},
	"form.update.what":    {"What do the people who wait need to know?", "Que doivent savoir les personnes qui attendent ?"},
	"form.update.example": {"Payments fail for some customers; a release is being rolled back.", "Paiements en échec pour certains clients ; retour arrière en cours."},
	"form.update.next":    {"Next update in", "Prochain point dans"},
	"form.update.next.rule": {
		"Left empty: as the severity says.",
		"Laissé vide : selon la sévérité."},

	"form.resolve.title":   {"Resolve {id}", "Clore {id}"},
	"form.resolve.submit":  {"Resolve", "Clore"},
	"form.resolve.what":    {"What ended it?", "Qu'est-ce qui y a mis fin ?"},
	"form.resolve.follows": {"Everybody who was rung is stood down and deadlines stop. It can be reopened.", "Les personnes appelées sont libérées et les échéances s'arrêtent. Réouverture possible."},

	"form.cancel.title":   {"Cancel {id}", "Annuler {id}"},
	"form.cancel.submit":  {"It was noise", "Fausse alerte"},
	"form.cancel.what":    {"Why is it no incident?", "Pourquoi n'est-ce pas un incident ?"},
	"form.cancel.follows": {"Everybody who was rung is stood down. It counts in no figure. It can be reopened.", "Les personnes appelées sont libérées. Exclu de tous les chiffres. Réouverture possible."},

	"form.reopen.title":   {"Reopen {id}", "Rouvrir {id}"},
	"form.reopen.submit":  {"Reopen", "Rouvrir"},
	"form.reopen.what":    {"What is back?", "Qu'est-ce qui revient ?"},
	"form.reopen.follows": {"Deadlines run again, under the policy of today.", "Les échéances repartent, selon la politique du jour."},

	"form.finding.title":  {"What did you find?", "Votre constat"},
	"form.finding.submit": {"Record, next step", "Noter et continuer"},
	"form.finding.what":   {"Finding", "Constat"},
	"form.finding.branch": {"It leads to", "Suite"},
	"form.finding.none":   {"The next step in order", "L'étape suivante dans l'ordre"},

	"form.skip.title":  {"Skip a step", "Passer une étape"},
	"form.skip.submit": {"Skip", "Passer"},
	"form.skip.branch": {"Go on at", "Continuer à"},
	"form.skip.what":   {"Why is it skipped?", "Pourquoi la passer ?"},
	"form.step":        {"*{runbook} · {n} of {of} · {name}*", "*{runbook} · {n} sur {of} · {name}*"},

	"form.role.title":  {"Give a role", "Attribuer un rôle"},
	"form.role.submit": {"Give", "Attribuer"},
	"form.role.which":  {"Role", "Rôle"},
	"form.role.who":    {"To whom?", "À qui ?"},
	"form.role.empty":  {"Leave it empty to free the role.", "Laissez vide pour libérer le rôle."},
	"form.role.holder": {"{role}, now {who}", "{role}, aujourd'hui {who}"},

	"form.runbook.title":   {"Take a runbook", "Choisir un runbook"},
	"form.runbook.submit":  {"Start", "Démarrer"},
	"form.runbook.which":   {"Runbook", "Runbook"},
	"form.runbook.option":  {"{id} · {name}", "{id} · {name}"},
	"form.runbook.started": {"in use here", "déjà en cours ici"},
	"form.runbook.trouble": {
		"*Not every file of the company's folder is in use as it is.* The last good revisions and the built-in runbooks stay in use.\n{why}",
		"*Des fichiers du dossier de l'entreprise ne sont pas en usage tels quels.* Leurs dernières révisions valables et les runbooks fournis restent en usage.\n{why}"},
	"form.runbook.none": {"No runbook is left to start.", "Aucun runbook à démarrer."},
}
