package catalog

// cliMessages are what the command line prints beside its help.
var cliMessages = table{
	"cli.prefix":             {"tocsin: {words}", "tocsin : {words}"},
	"cli.hint":               {"Help: `{line}`", "Aide : `{line}`"},
	"cli.wrong.flag":         {"there is no flag {flag}", "l'option {flag} n'existe pas"},
	"cli.wrong.flag.like":    {"there is no flag {flag}; did you mean {like}?", "l'option {flag} n'existe pas ; vouliez-vous dire {like} ?"},
	"cli.wrong.word":         {"{word} is not expected here", "{word} n'est pas attendu ici"},
	"cli.oncall.report-only": {"--month and --format belong to the report: {example}", "--month et --format vont avec le rapport : {example}"},
	"cli.wrong.word.like":    {"{word} is not expected here; did you mean {like}?", "{word} n'est pas attendu ici ; vouliez-vous dire {like} ?"},
	"cli.wrong.verb":         {"say what to do: {verbs}", "dites quoi faire : {verbs}"},
	"cli.wrong.missing":      {"{what} is missing", "il manque {what}"},
	"cli.wrong.choice":       {"{flag} is one of {choices}, not {got}", "{flag} vaut {choices}, et non {got}"},
	"cli.wrong.value":        {"{flag} needs a value", "{flag} attend une valeur"},
	"cli.wrong.no-value":     {"{flag} takes no value, or true or false", "{flag} ne prend pas de valeur, ou true ou false"},
	"cli.wrong.env":          {"{words} (from the environment variable {name})", "{words} (variable d'environnement {name})"},

	"cli.no-id":      {"{word} is no incident; write it like INC-42 or 42", "{word} n'est pas un incident ; écrivez INC-42 ou 42"},
	"cli.no-such":    {"there is no {id} in this data; `{line}` shows what there is", "{id} n'existe pas dans ces données ; `{line}` montre ce qu'il y a"},
	"cli.no-data":    {"nothing was ever recorded in {dir}; name the bot's data directory with --data-dir, or its Redis with --redis-url", "rien n'a jamais été consigné dans {dir} ; nommez le dossier de données du bot par --data-dir, ou son Redis par --redis-url"},
	"cli.no-reading": {"the data cannot be read: {why}", "les données ne peuvent pas être lues : {why}"},
	"cli.secret":     {"{name}: {why}", "{name} : {why}"},

	"cli.list.never":     {"No incident was ever recorded here.", "Aucun incident n'a jamais été consigné ici."},
	"cli.list.none":      {"No incident is open. See those that are over with --all.", "Aucun incident n'est ouvert. Ceux qui sont terminés se voient avec --all."},
	"cli.list.first":     {"The newest {n} are shown.", "Les {n} plus récents sont affichés."},
	"cli.list.id":        {"ID", "ID"},
	"cli.list.severity":  {"SEVERITY", "SÉVÉRITÉ"},
	"cli.list.status":    {"STATUS", "STATUT"},
	"cli.list.declared":  {"DECLARED", "DÉCLARÉ"},
	"cli.list.commander": {"COMMANDER", "RESPONSABLE"},
	"cli.list.title":     {"TITLE", "TITRE"},
	"cli.show.dead":      {"⛔ {id} could not be done: {why}", "⛔ {id} n'a pas pu être fait : {why}"},
	"cli.show.doubt":     {"⛔ {id} may not have been done: {why}", "⛔ {id} n'a peut-être pas été fait : {why}"},

	"cli.demo.open":         {"Open {url}", "Ouvrez {url}"},
	"cli.demo.you":          {"You are Marc, on call. Press “Fire a page”, or type `{command}` in #general.", "Vous êtes Marc, d'astreinte. Sur la page (en anglais), appuyez sur « Fire a page », ou tapez `{command}` dans #general."},
	"cli.demo.alertmanager": {"A real Alertmanager may join in: {url} (bearer token {token})", "Un véritable Alertmanager peut s'y joindre : {url} (jeton Bearer {token})"},
	"cli.demo.kept":         {"What is recorded stays in {dir}: `{line}`", "Ce qui est consigné reste dans {dir} : `{line}`"},
	"cli.demo.stop":         {"Stop with Ctrl-C.", "Arrêtez avec Ctrl-C."},
	"cli.demo.end":          {"end of the demo: {why}", "fin de la démo : {why}"},
	"cli.demo.wrong":        {"not as expected: {what}", "pas comme prévu : {what}"},

	"cli.sandbox.page":    {"Page", "Page"},
	"cli.sandbox.control": {"Control API", "API de pilotage"},
	"cli.sandbox.key":     {"# routing key of {who} ({mail}): {key}", "# clé de routage de {who} ({mail}) : {key}"},
	"cli.sandbox.listen":  {"listen for the sandbox on {addr}: {why}", "écoute du bac à sable sur {addr} : {why}"},
	"cli.sandbox.serve":   {"serve the sandbox: {why}", "service du bac à sable : {why}"},
}

// startMessages are why a bot refuses to start or ends.
var startMessages = table{
	"start.refused":         {"the configuration is not right:\n{faults}", "la configuration n'est pas bonne :\n{faults}"},
	"start.no-bot-token":    {"SLACK_BOT_TOKEN is not set: create the app from deploy/slack/manifest.yaml, install it and copy its Bot User OAuth Token", "SLACK_BOT_TOKEN n'est pas renseigné : créez l'application depuis deploy/slack/manifest.yaml, installez-la et copiez son Bot User OAuth Token"},
	"start.no-app-token":    {"SLACK_APP_TOKEN is not set: create an app-level token with the scope `connections:write` under Basic Information", "SLACK_APP_TOKEN n'est pas renseigné : créez un jeton d'application avec l'autorisation `connections:write` sous Basic Information"},
	"start.no-store":        {"neither REDIS_URL nor TOCSIN_DATA_DIR is set: there is nowhere to keep incidents", "ni REDIS_URL ni TOCSIN_DATA_DIR ne sont renseignés : il n'y a nulle part où garder les incidents"},
	"start.heartbeat-url":   {"TOCSIN_HEARTBEAT_URL is not an http or https address: copy it from the outside service (it is a secret and not repeated here)", "TOCSIN_HEARTBEAT_URL n'est pas une adresse http ou https : copiez-la depuis le service externe (elle est secrète et n'est pas répétée ici)"},
	"start.heartbeat-every": {"TOCSIN_HEARTBEAT_EVERY is {d}: give {least} to {most}", "TOCSIN_HEARTBEAT_EVERY vaut {d} : indiquez de {least} à {most}"},
	"system.absent":         {"no such file or directory", "ce fichier n'existe pas"},
	"system.denied":         {"permission denied", "accès refusé"},
	"system.directory":      {"is a directory", "c'est un répertoire"},
	"system.no-directory":   {"not a directory", "ce n'est pas un répertoire"},
	"start.policy-file":     {"read the policy file {path}: {why}; give its path in TOCSIN_CONFIG, or leave it out for the embedded one", "lecture du fichier de politique {path} : {why} ; indiquez son chemin dans TOCSIN_CONFIG, ou rien pour la politique livrée"},
	"start.journal":         {"open the journal: {why}", "ouverture du journal : {why}"},
	"start.part":            {"{part}: {why}", "{part} : {why}"},
	"start.twice":           {"the bot was started before", "le bot a déjà été démarré"},
	"start.stop-late":       {"not everything ended in time: {why}", "tout ne s'est pas terminé à temps : {why}"},

	"secret.unset": {"the secret {name} is not set: set the environment variable {name}, or {name}_FILE with the path of a file that holds it", "le secret {name} n'est pas renseigné : donnez la variable d'environnement {name}, ou {name}_FILE avec le chemin d'un fichier qui le contient"},
	"secret.read":  {"read a secret: {why}", "lecture d'un secret : {why}"},
	"secret.long":  {"{path} is longer than {n} bytes: that is no secret of ours", "{path} dépasse {n} octets : ce n'est pas un de nos secrets"},
	"secret.empty": {"{path} is empty: put the secret into it", "{path} est vide : mettez-y le secret"},
}
