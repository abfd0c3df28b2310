package catalog

// serviceMessages list the services of the policy: whose each is, who is on call for it, what helps.
var serviceMessages = table{
	"services.head":       {"*Services*", "*Services*"},
	"services.none":       {"The policy names no service. They are added under `services` in the policy file.", "La politique ne nomme aucun service. Ils s'ajoutent sous `services` dans le fichier de politique."},
	"services.title":      {"*{title}* ({key})", "*{title}* ({key})"},
	"services.title.team": {"*{title}* ({key}), {team}", "*{title}* ({key}), {team}"},
	"services.on":         {"{title}: {people}", "{title} : {people}"},
	"services.on.nobody":  {"{title}: nobody is known to be on call", "{title} : personne de connu"},
	"services.then":       {"Then: {list}", "Ensuite : {list}"},
	"services.books":      {"Runbooks: {list}", "Runbooks : {list}"},
	"services.books.none": {"No runbook is its own.", "Aucun runbook ne lui est propre."},
	"services.boards":     {"Dashboards: {links}", "Tableaux de bord : {links}"},
	"services.labels":     {"Its alerts carry {labels}, or `service` with its name.", "Ses alertes portent {labels}, ou `service` avec son nom."},
	"services.more":       {"{n, plural one{# more} other{# more}}: `{command} services <name>`.", "{n, plural one{# autre} other{# autres}} : `{command} services <nom>`."},
	"services.hint":       {"More of one: `{command} services <name>`. Who is on call until when: `{command} oncall`.", "En détail : `{command} services <nom>`. Qui est d'astreinte, jusqu'à quand : `{command} oncall`."},
	"services.unknown":    {"There is no service called {word}. There are {known}.", "Aucun service ne s'appelle {word}. Il y a {known}."},
	"help.services":       {"the services: team, who is on call, runbooks", "les services : équipe, astreinte, runbooks"},
}
