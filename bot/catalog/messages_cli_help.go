package catalog

// helpTextMessages are what --help says: verbs (cli.verb), their further words (cli.about), flags (cli.flag.<name>, or of one verb
// cli.flag.<verb>.<name>), arguments, groups of flags and what stands for a flag's value.
var helpTextMessages = table{
	"cli.app":            {"The incident bot that runs in Slack. Try it without an account: `tocsin demo`", "Le bot d'incidents qui vit dans Slack. À essayer sans compte : `tocsin demo`"},
	"cli.usage":          {"Usage: {line}", "Utilisation : {line}"},
	"cli.usage.flags":    {"[flags]", "[options]"},
	"cli.usage.command":  {"<command>", "<commande>"},
	"cli.help.flags":     {"Flags:", "Options :"},
	"cli.help.arguments": {"Arguments:", "Arguments :"},
	"cli.help.commands":  {"Commands:", "Commandes :"},
	"cli.help.examples":  {"Examples:", "Exemples :"},
	"cli.help.more":      {"Run `{line}` for more information on a command.", "`{line}` en dit plus sur une commande."},
	"cli.group.slack":    {"Slack", "Slack"},
	"cli.group.pager":    {"PagerDuty", "PagerDuty"},
	"cli.group.http":     {"HTTP", "HTTP"},
	"cli.group.data":     {"Data", "Données"},
	"cli.group.process":  {"Process", "Processus"},

	"cli.value.URL":       {"URL", "URL"},
	"cli.value.CHANNEL":   {"CHANNEL", "CANAL"},
	"cli.value.KEY":       {"KEY", "CLÉ"},
	"cli.value.TOKEN":     {"TOKEN", "JETON"},
	"cli.value.EMAIL":     {"EMAIL", "ADRESSE"},
	"cli.value.SECRET":    {"SECRET", "SECRET"},
	"cli.value.HOST:PORT": {"HOST:PORT", "HÔTE:PORT"},
	"cli.value.FILE":      {"FILE", "FICHIER"},
	"cli.value.DIR":       {"DIR", "DOSSIER"},
	"cli.value.NAME":      {"NAME", "NOM"},

	"cli.verb.serve":          {"Run the bot in a Slack workspace.", "Faire tourner le bot dans un espace Slack."},
	"cli.verb.demo":           {"Run the bot with a local Slack and a local PagerDuty; nothing else is needed.", "Faire tourner le bot avec un Slack et un PagerDuty locaux ; rien d'autre n'est requis."},
	"cli.verb.sandbox":        {"Run the local Slack and PagerDuty alone, for any Slack SDK to be pointed at.", "Faire tourner seuls le Slack et le PagerDuty locaux, pour n'importe quel SDK Slack."},
	"cli.verb.check":          {"Check configuration, runbooks and, with tokens, scopes and reachability.", "Vérifier la configuration, les runbooks et, avec des jetons, les autorisations et l'accès."},
	"cli.verb.policy":         {"See what a policy does, check it, and print one to start from.", "Voir ce que fait une politique, la vérifier, en afficher une pour commencer."},
	"cli.verb.policy.explain": {"Who is rung and when, as a table and a small drawing.", "Qui est appelé et quand, en tableau et en petit dessin."},
	"cli.verb.policy.check":   {"Check a policy file alone.", "Vérifier un fichier de politique, seul."},
	"cli.verb.policy.show":    {"Print the policy in force: the file's, or the built-in one.", "Afficher la politique en vigueur : celle du fichier, ou celle fournie."},
	"cli.verb.policy.example": {"Print the commented example, to start your own from.", "Afficher l'exemple commenté, pour écrire la vôtre."},
	"cli.verb.list":           {"List the open incidents, or all.", "Lister les incidents ouverts, ou tous."},
	"cli.verb.show":           {"Show an incident and its timeline.", "Montrer un incident et sa chronologie."},
	"cli.verb.export":         {"Write an incident's log or account to standard output.", "Écrire le journal ou le récit d'un incident sur la sortie standard."},
	"cli.verb.version":        {"Print the version.", "Afficher la version."},

	"cli.about.serve": {
		"Every flag is an environment variable too, and a flag wins; a secret NAME may be given as a file by NAME_FILE. What the process logs is English, one JSON object a line (readable lines on a terminal).",
		"Chaque option est aussi une variable d'environnement, et l'option l'emporte ; un secret NOM peut être donné par un fichier, dans NOM_FILE. Le processus journalise en anglais, un objet JSON par ligne (des lignes lisibles dans un terminal)."},
	"cli.about.demo": {
		"It prints the address of a page where you act as anybody: fire a page, type, click, move the clock, take Slack or PagerDuty down.",
		"L'adresse d'une page s'affiche : vous y agissez au nom de chacun, déclenchez un appel, écrivez, cliquez, avancez l'horloge, coupez Slack ou PagerDuty."},
	"cli.about.sandbox": {
		"Any Slack SDK can be pointed at it: Web API under `/api/`, Socket Mode, a page at `/`, a control API at `/control/`.",
		"N'importe quel SDK Slack peut s'y brancher : API web sous `/api/`, Socket Mode, une page à `/`, une API de pilotage à `/control/`."},
	"cli.about.check": {
		"Every finding comes with its mend. Nobody is rung and nothing is changed. Exit status 1 when there is an error, 0 with warnings only.",
		"Chaque constat vient avec son remède. Personne n'est appelé et rien n'est modifié. Code de sortie 1 s'il y a une erreur, 0 s'il n'y a que des avertissements."},
	"cli.about.policy.explain": {
		"It declares the incident to the very rules the bot runs by, in virtual time, and writes down whom they reach. Ask in words, English or French, or with flags; what was understood comes first. Nothing is sent.",
		"L'incident est déclaré aux règles mêmes que suit le bot, en temps virtuel, et chaque personne atteinte est notée. Posez la question en toutes lettres, en français ou en anglais, ou par options ; ce qui a été compris vient d'abord. Rien n'est envoyé."},
	"cli.about.policy.check": {
		"Without a file it is the one of --config. Exit status 1 when there is an error, 0 with warnings only.",
		"Sans fichier, c'est celui de --config. Code de sortie 1 s'il y a une erreur, 0 s'il n'y a que des avertissements."},
	"cli.about.read": {"It works while the bot is running on the same data.", "Fonctionne pendant que le bot tourne sur les mêmes données."},

	"cli.arg.question":                       {"What you want to know, in words.", "Ce que vous voulez savoir, en toutes lettres."},
	"cli.arg.file":                           {"The policy file.", "Le fichier de politique."},
	"cli.flag.policy.explain.severity":       {"The severity that is declared: SEV-1 to SEV-4.", "La sévérité déclarée : SEV-1 à SEV-4."},
	"cli.flag.policy.explain.at":             {"Day and time it begins, in the policy's zone: \"saturday 23:50\", \"2026-12-25 03:00\", \"now\".", "Jour et heure du début, dans le fuseau de la politique : \"samedi 23:50\", \"2026-12-25 03:00\", \"maintenant\"."},
	"cli.flag.policy.explain.alert":          {"The alert that begins it, instead of a person.", "L'alerte qui le déclenche, au lieu d'une personne."},
	"cli.flag.policy.explain.service":        {"The service it is about.", "Le service concerné."},
	"cli.flag.policy.explain.silent":         {"Nobody ever moves. This is what holds unless --ack-after is given.", "Personne ne bouge. C'est le cas sans --ack-after."},
	"cli.flag.policy.explain.ack-after":      {"Whoever is rung first acknowledges that long after it began.", "La première personne appelée acquitte après ce temps."},
	"cli.flag.policy.explain.progress-every": {"And then records progress that often.", "Puis note un progrès à ce rythme."},
	"cli.flag.policy.explain.empty":          {"A rotation that nobody is on; may be given several times.", "Une astreinte que personne n'assure ; peut être répété."},
	"cli.flag.policy.explain.for":            {"How much is told. Default: until the ladder begins again.", "Durée racontée. Par défaut : jusqu'à la reprise de l'escalade."},
	"cli.value.DURATION":                     {"DURATION", "DURÉE"},
	"cli.value.TIME":                         {"TIME", "HEURE"},
	"cli.value.SEV":                          {"SEV-n", "SEV-n"},
	"cli.value.ALERT":                        {"ALERT", "ALERTE"},
	"cli.value.SERVICE":                      {"SERVICE", "SERVICE"},
	"cli.value.TARGET":                       {"TARGET", "CIBLE"},
	"cli.arg.incident":                       {"INC-1, or its number.", "INC-1, ou son numéro."},

	"cli.flag.help": {"Show this help.", "Afficher cette aide."},
	"cli.flag.language": {
		"Language of what is printed, and of people whose own is unknown: en or fr. Default: the policy's. `show` and `export` print in the incident's unless you say.",
		"Langue de ce qui s'affiche, et des personnes dont on ignore la langue : en ou fr. Par défaut : celle de la politique. `show` et `export` prennent celle de l'incident, sauf indication."},

	"cli.flag.slack-bot-token":   {"Bot token. Secret: better by environment, or SLACK_BOT_TOKEN_FILE.", "Jeton du bot. Secret : de préférence par l'environnement, ou SLACK_BOT_TOKEN_FILE."},
	"cli.flag.slack-app-token":   {"App-level token with `connections:write`. Secret.", "Jeton d'application avec `connections:write`. Secret."},
	"cli.flag.slack-api-url":     {"Base URL of a Slack-compatible Web API. Default: Slack itself.", "URL de base d'une API compatible avec Slack. Par défaut : Slack lui-même."},
	"cli.flag.command":           {"Name of the slash command.", "Nom de la commande slash."},
	"cli.flag.incidents-channel": {"Channel of announcements, name or id. Default: what the policy says (incidents).", "Canal d'annonces, nom ou identifiant. Par défaut : celui de la politique (incidents)."},

	"cli.flag.pagerduty-routing-key":    {"Events v2 routing key of the first level, where the policy names none. Secret.", "Clé de routage Events v2 du premier niveau, si la politique n'en nomme pas. Secret."},
	"cli.flag.pagerduty-api-token":      {"REST API key: polling, rosters, notes, pages by user or escalation policy. Secret.", "Clé de l'API REST : interrogation, astreintes, notes, appels par utilisateur ou politique d'escalade. Secret."},
	"cli.flag.pagerduty-from":           {"User in whose name the REST API is written to.", "Utilisateur au nom duquel l'API REST est modifiée."},
	"cli.flag.pagerduty-webhook-secret": {"Webhook v3 secret; several separated by commas. Secret.", "Secret du webhook v3 ; plusieurs séparés par des virgules. Secret."},
	"cli.flag.pagerduty-api-url":        {"Base URL of the REST API. Default: PagerDuty itself.", "URL de base de l'API REST. Par défaut : PagerDuty lui-même."},
	"cli.flag.pagerduty-events-url":     {"Base URL of the Events API v2. Default: PagerDuty itself.", "URL de base de l'API Events v2. Par défaut : PagerDuty lui-même."},

	"cli.flag.alertmanager-token": {"Bearer token Alertmanager sends. Empty: Alertmanager is refused. Secret.", "Jeton Bearer qu'envoie Alertmanager. Vide : Alertmanager est refusé. Secret."},
	"cli.flag.http-addr":          {"Listen here for webhooks, `/healthz`, `/readyz` and `/metrics`. Empty: no listener.", "Écouter ici les webhooks, `/healthz`, `/readyz` et `/metrics`. Vide : aucune écoute."},

	"cli.flag.heartbeat-url":   {"Call this address while nothing is overdue: the check of an outside service, which rings when it stays silent. Secret: better by environment, or TOCSIN_HEARTBEAT_URL_FILE.", "Appeler cette adresse tant que rien n'est en retard : celle d'un service externe, qui donne l'alerte quand elle se tait. Secret : de préférence par l'environnement, ou TOCSIN_HEARTBEAT_URL_FILE."},
	"cli.flag.heartbeat-every": {"How often, 10s to 1h.", "Tous les combien, de 10s à 1h."},

	"cli.flag.config":      {"Policy file. Default: the embedded policy.", "Fichier de politique. Par défaut : la politique livrée."},
	"cli.flag.data.config": {"Policy file; with --redis-url it names the installation. Default: the embedded policy.", "Fichier de politique ; avec --redis-url, il nomme l'installation. Par défaut : la politique livrée."},
	"cli.flag.runbooks":    {"Folder of runbooks that add to and override the embedded ones.", "Dossier de runbooks qui complètent et remplacent ceux qui sont livrés."},
	"cli.flag.log-level":   {"debug, info, warn or error.", "debug, info, warn ou error."},
	"cli.flag.data-dir":    {"Directory of the embedded store. Default: ./tocsin-data.", "Dossier de la base embarquée. Par défaut : ./tocsin-data."},
	"cli.flag.redis-url":   {"Redis for several replicas (redis://host:6379/0), instead of the embedded store. Secret when it holds a password.", "Redis pour plusieurs réplicas (redis://host:6379/0), au lieu de la base embarquée. Secret s'il contient un mot de passe."},

	"cli.flag.demo.play":      {"Run one whole incident by itself, print what happened, and judge it. Exit status 0 only if everything expected happened and nothing else did.", "Dérouler seul un incident entier, afficher ce qui s'est passé, et le juger. Code de sortie 0 seulement si tout l'attendu s'est produit, et rien d'autre."},
	"cli.flag.demo.addr":      {"Where the page listens. Default: a free port of this machine.", "Où la page écoute. Par défaut : un port libre de cette machine."},
	"cli.flag.demo.data-dir":  {"Keep what is recorded here, for show and export. Default: a temporary directory.", "Garder ici ce qui est consigné, pour show et export. Par défaut : un dossier temporaire."},
	"cli.flag.demo.log-level": {"debug, info, warn, error or off.", "debug, info, warn, error ou off."},

	"cli.flag.sandbox.addr":            {"Where to listen. Whoever reaches it can act as anybody: keep it on the loopback interface.", "Où écouter. Qui l'atteint peut agir au nom de chacun : gardez-le sur l'interface locale."},
	"cli.flag.sandbox.bot-token":       {"Bot token to accept. Default: generated and printed.", "Jeton de bot à accepter. Par défaut : créé et affiché."},
	"cli.flag.sandbox.app-token":       {"App-level token to accept. Default: generated and printed.", "Jeton d'application à accepter. Par défaut : créé et affiché."},
	"cli.flag.sandbox.pagerduty-token": {"REST key of the local PagerDuty. Default: generated and printed.", "Clé REST du PagerDuty local. Par défaut : créée et affichée."},
	"cli.flag.sandbox.webhook":         {"Where the local PagerDuty sends webhooks, for example http://127.0.0.1:8080/webhooks/pagerduty. Default: nowhere.", "Où le PagerDuty local envoie ses webhooks, par exemple http://127.0.0.1:8080/webhooks/pagerduty. Par défaut : nulle part."},
	"cli.flag.sandbox.webhook-secret":  {"What it signs them with. Default: generated and printed.", "Avec quoi il les signe. Par défaut : créé et affiché."},
	"cli.flag.sandbox.command":         {"Slash commands of the app.", "Commandes slash de l'application."},
	"cli.flag.sandbox.app-name":        {"Name of the app and of its bot user.", "Nom de l'application et de son utilisateur bot."},
	"cli.flag.sandbox.no-rate-limits":  {"Answer as fast as asked.", "Répondre aussi vite qu'on demande."},

	"cli.flag.list.all":      {"Also those that are over.", "Aussi ceux qui sont terminés."},
	"cli.flag.show.json":     {"The state, the events and what is still owed, as JSON.", "L'état, les événements et ce qui reste dû, en JSON."},
	"cli.flag.export.format": {"jsonl: the log with its hash chain, verifiable offline. md: the account, for people.", "jsonl : le journal avec sa chaîne d'empreintes, vérifiable hors ligne. md : le récit, pour les personnes."},
}
