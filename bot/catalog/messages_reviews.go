package catalog

// reviewMessages are about runbooks as living documents: how they were used, and who reviews them when.
var reviewMessages = table{
	"cli.verb.runbooks.usage": {"How each step was used: done, skipped, blocked, median time.", "L'usage de chaque étape : faite, passée, bloquée, durée médiane."},
	"cli.about.runbooks.usage": {
		"From the logs of the incidents that started a runbook since then, private ones included: figures, never texts. It works while the bot is running on the same data.",
		"D'après les journaux des incidents qui ont lancé un runbook depuis, incidents privés compris : des chiffres, jamais de textes. Fonctionne pendant que le bot tourne sur les mêmes données."},
	"cli.flag.runbooks.usage.since": {"How far back, in days or hours: 90d, 36h; at most 365d.", "Jusqu'où remonter, en jours ou en heures : 90d, 36h ; 365d au plus."},
	"cli.flag.runbooks.usage.csv":   {"As CSV, a row for each step.", "En CSV, une ligne par étape."},
	"cli.value.SPAN":                {"SPAN", "DURÉE"},

	"cli.rb.usage.none":     {"No runbook was used since {day}.", "Aucun runbook n'a servi depuis le {day}."},
	"cli.rb.usage.head":     {"{title}: {n, plural one{# incident} other{# incidents}} since {day}", "{title} : {n, plural one{# incident} other{# incidents}} depuis le {day}"},
	"cli.rb.usage.step":     {"STEP", "ÉTAPE"},
	"cli.rb.usage.done":     {"DONE", "FAITE"},
	"cli.rb.usage.skipped":  {"SKIPPED", "PASSÉE"},
	"cli.rb.usage.blocked":  {"BLOCKED", "BLOQUÉE"},
	"cli.rb.usage.findings": {"NO BRANCH", "SANS SUITE"},
	"cli.rb.usage.over":     {"LONGER", "PLUS LONGUE"},
	"cli.rb.usage.median":   {"MEDIAN MIN", "MÉDIANE MIN"},
	"cli.rb.usage.stated":   {"STATED MIN", "PRÉVU MIN"},
	"cli.rb.usage.title":    {"TITLE", "TITRE"},
	"cli.rb.usage.legend": {
		"NO BRANCH: findings that named no next step. LONGER: done later than the step's stated time. MEDIAN: from the step being shown to done.",
		"SANS SUITE : constats qui ne menaient à aucune étape. PLUS LONGUE : faite au-delà de la durée prévue. MÉDIANE : de l'affichage de l'étape à « fait »."},
}
