package catalog

// backtestMessages are the words of tocsin policy backtest and of the shadow's report.
var backtestMessages = table{
	"backtest.head": {
		"{n, plural one{# incident} other{# incidents}} of PagerDuty from {from} to {to}, run through the policy.",
		"{n, plural one{# incident} other{# incidents}} de PagerDuty du {from} au {to}, passés par la politique."},
	"backtest.assumed": {"What is assumed, because PagerDuty's record does not say it:", "Ce qui est supposé, faute d'être dit par PagerDuty :"},
	"backtest.assumed.alone": {
		"Each incident is taken by itself. Alerts that Tocsin would join to an open incident count separately, so this is an upper bound.",
		"Chaque incident est pris seul. Les alertes que Tocsin rattacherait à un incident ouvert comptent à part : c'est donc un maximum."},
	"backtest.assumed.progress": {
		"Whoever acknowledged recorded progress, updates and answers in time until the incident was resolved.",
		"Qui a acquitté a noté ses avancées, points de situation et réponses à temps, jusqu'à la résolution."},
	"backtest.assumed.none": {
		"Nobody recorded progress, updates or answers after acknowledging: every clock runs out.",
		"Personne n'a noté d'avancée, de point de situation ni de réponse après l'acquittement : chaque délai expire."},
	"backtest.assumed.first": {
		"The first page is PagerDuty's own, as loud as it was.",
		"Le premier appel est celui de PagerDuty même, aussi insistant qu'il le fut."},
	"backtest.assumed.people": {
		"People are those the policy names or has on its own rotations at the time; what it takes from a PagerDuty schedule is rung as itself.",
		"Les personnes sont celles que nomme la politique, ou que ses propres rotations désignent à ce moment ; une astreinte tirée d'un planning PagerDuty est appelée comme telle."},
	"backtest.assumed.holidays": {
		"{n, plural one{# announced holiday counts} other{# announced holidays count}}, beside those of the policy.",
		"{n, plural one{# jour férié annoncé compte} other{# jours fériés annoncés comptent}}, avec ceux de la politique."},
	"backtest.assumed.no-holidays": {
		"Announced holidays and covers are not counted: the bot's data were not read (TOCSIN_DATA_DIR or REDIS_URL). Those of the policy are.",
		"Jours fériés annoncés et remplacements non comptés : les données du bot n'ont pas été lues (TOCSIN_DATA_DIR ou REDIS_URL). Ceux de la politique le sont."},
	"backtest.assumed.day": {
		"The severity is what the policy's catalogue gives the alert; nobody raised or lowered it. Nobody is rung for more than a day.",
		"La sévérité est celle que le catalogue de la politique donne à l'alerte ; personne ne l'a changée. Nul n'est appelé au-delà d'un jour."},
	"backtest.assumed.cut": {
		"{n, plural one{# incident was never resolved and ends} other{# incidents were never resolved and end}} here after a day.",
		"{n, plural one{# incident n'a jamais été résolu et s'arrête} other{# incidents n'ont jamais été résolus et s'arrêtent}} ici après un jour."},
	"backtest.worst": {
		"Worst night: that of {day}, woken {n, plural one{# time} other{# times}}.",
		"Pire nuit : celle du {day}, {n, plural one{# réveil} other{# réveils}}."},
	"backtest.col.what":      {"in all", "au total"},
	"backtest.col.policy":    {"policy", "politique"},
	"backtest.col.pagerduty": {"PagerDuty", "PagerDuty"},
	"backtest.col.target":    {"rung by the policy", "appelé par la politique"},
	"backtest.col.person":    {"person", "personne"},
	"backtest.col.rung":      {"rung by PagerDuty", "appelé par PagerDuty"},
	"backtest.col.pages":     {"pages", "appels"},
	"backtest.col.wakes":     {"night wakes", "réveils"},
	"backtest.col.week":      {"week", "semaine"},
	"backtest.col.incidents": {"incidents", "incidents"},
	"backtest.col.rings":     {"PagerDuty", "PagerDuty"},
	"backtest.col.ringwakes": {"at night", "la nuit"},
	"backtest.row.pages":     {"people rung", "personnes appelées"},
	"backtest.row.wakes":     {"of those, woken at night", "dont réveillées la nuit"},
	"backtest.row.cto":       {"calls to the CTO", "appels au CTO"},
	"backtest.row.cto.wakes": {"of those, at night", "dont la nuit"},
	"backtest.no-token": {
		"there is nothing to read the past from: set PAGERDUTY_API_TOKEN (a read-only key is enough), or give a file with --from",
		"il n'y a rien d'où lire le passé : renseignez PAGERDUTY_API_TOKEN (une clé en lecture seule suffit), ou donnez un fichier avec --from"},
	"shadow.typed": {
		"Tocsin runs in shadow here: it reads, and sends nothing. Nothing was recorded and nobody was told. In an incident, work as you did before Tocsin.",
		"Tocsin fonctionne ici en observateur : il lit et n'envoie rien. Rien n'a été consigné et personne n'a été prévenu. En cas d'incident, faites comme avant Tocsin."},
	"shadow.taken": {
		"these data belong to a Tocsin that acts: a shadow keeps its own; give another TOCSIN_DATA_DIR or REDIS_URL",
		"ces données sont celles d'un Tocsin qui agit : un observateur garde les siennes ; indiquez un autre TOCSIN_DATA_DIR ou REDIS_URL"},
	"shadow.mark": {
		"these data belong to a shadow: started on them, Tocsin would take people for rung who never were; give another TOCSIN_DATA_DIR or REDIS_URL, or add --shadow",
		"ces données sont celles d'un observateur : Tocsin y croirait appelées des personnes qui ne l'ont pas été ; indiquez un autre TOCSIN_DATA_DIR ou REDIS_URL, ou ajoutez --shadow"},
	"shadow.day": {"{day} is no day: write it like 2026-11-21", "{day} n'est pas un jour : écrivez-le comme 2026-11-21"},
	"shadow.head": {
		"{day}: Tocsin would have rung {n, plural one{# time} other{# times}}; PagerDuty rang {m, plural one{# time} other{# times}}.",
		"{day} : Tocsin aurait appelé {n, plural one{# fois} other{# fois}} ; PagerDuty a appelé {m, plural one{# fois} other{# fois}}."},
	"shadow.deaf": {
		"What PagerDuty did was not read: set PAGERDUTY_API_TOKEN.",
		"Ce qu'a fait PagerDuty n'a pas été lu : renseignez PAGERDUTY_API_TOKEN."},
	"shadow.kind.would-ring": {"would have rung", "aurait appelé"},
	"shadow.kind.would-tell": {"would have told", "aurait prévenu"},
	"shadow.kind.rang":       {"PagerDuty rang", "PagerDuty a appelé"},
	"shadow.kind.answered":   {"acknowledged", "acquitté par"},
	"backtest.file":          {"read {path}: {why}", "lecture de {path} : {why}"},
	"backtest.read":          {"PagerDuty's past could not be read: {why}", "le passé de PagerDuty n'a pu être lu : {why}"},
	"backtest.many":          {"there are more than {n} past incidents: give a shorter --since", "il y a plus de {n} incidents passés : donnez un --since plus court"},
	"backtest.since":         {"{since} is no stretch of time: give days or hours, like 90d or 36h, at most 365d", "{since} n'est pas une durée : donnez des jours ou des heures, comme 90d ou 36h, 365d au plus"},
}
