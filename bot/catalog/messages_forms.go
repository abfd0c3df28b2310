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

	"form.finding.title":               {"What did you find?", "Votre constat"},
	"form.finding.submit":              {"Record, next step", "Noter et continuer"},
	"form.finding.what":                {"Finding", "Constat"},
	"form.finding.hint":                {"Look for: {text}", "À observer : {text}"},
	"form.finding.example":             {"What you saw: the figure, where, since when", "Ce que vous avez vu : le chiffre, où, depuis quand"},
	"form.finding.example.diagnosis":   {"kyc-svc at 95 % CPU since 02:58, the other services quiet", "kyc-svc à 95 % de CPU depuis 02:58, les autres services calmes"},
	"form.finding.example.mitigation":  {"Restarted at 03:12; errors fall from 40 % to 2 %", "Redémarré à 03:12 ; les erreurs passent de 40 % à 2 %"},
	"form.finding.example.replay":      {"1206 events replayed at 03:12, none refused", "1206 événements rejoués à 03:12, aucun refusé"},
	"form.finding.example.destructive": {"Done at 03:12 on the right host; the copy is kept in /backup", "Fait à 03:12 sur le bon hôte ; la copie est gardée dans /backup"},
	"form.finding.example.notify":      {"Told by phone at 03:12; they ask for news at 04:00", "Prévenu par téléphone à 03:12 ; demande des nouvelles à 04:00"},
	"form.finding.branch":              {"It leads to", "Suite"},
	"form.finding.none":                {"The next step in order", "L'étape suivante dans l'ordre"},

	"form.skip.title":               {"Skip a step", "Passer une étape"},
	"form.skip.submit":              {"Skip", "Passer"},
	"form.skip.branch":              {"Go on at", "Continuer à"},
	"form.skip.what":                {"Why is it skipped?", "Pourquoi la passer ?"},
	"form.skip.example":             {"Not needed here, because…", "Inutile ici, car…"},
	"form.skip.example.diagnosis":   {"The alert already names the service: kyc-svc", "L'alerte nomme déjà le service : kyc-svc"},
	"form.skip.example.mitigation":  {"It runs on the old version already, nothing to roll back", "L'ancienne version tourne déjà, rien à rétablir"},
	"form.skip.example.replay":      {"The queue has drained by itself, nothing to replay", "La file s'est vidée d'elle-même, rien à rejouer"},
	"form.skip.example.destructive": {"Nothing has to be deleted: the disk has room again", "Rien à supprimer : le disque a de nouveau de la place"},
	"form.skip.example.notify":      {"No tenant is touched: internal service", "Aucun client touché : service interne"},
	"form.step":                     {"*{runbook} · {n} of {of} · {name}*", "*{runbook} · {n} sur {of} · {name}*"},

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
