package catalog

// closeMessages are the end of an incident's books: closed is when nothing is owed any more. French says "classé", because "clos" is what
// people say of a resolved one.
var closeMessages = table{
	"status.closed":         {"closed", "classé"},
	"headline.title.closed": {"✅ {id} closed · {sev} · {title}", "✅ {id} classé · {sev} · {title}"},
	"headline.closed": {
		"*Resolved* at {at}, {took} after detection. *Closed* {closed}: nothing is owed any more.",
		"*Résolu* à {at}, {took} après la détection. *Classé* {closed} : plus rien n'est dû."},
	"headline.owed.close": {"Still owed before it is closed:", "Reste dû avant de classer le dossier :"},
	"announcement.closed": {
		"✅ {sev} · *{id}* · {title} · resolved at {at}, {took} after detection, closed · {room}",
		"✅ {sev} · *{id}* · {title} · résolu à {at}, {took} après la détection, classé · {room}"},
	"row.closed": {"{sev} · *{id}* · {title} · resolved {at}, closed", "{sev} · *{id}* · {title} · résolu {at}, classé"},
	"resolved.closed": {
		"Nothing is owed: the incident is closed.",
		"Rien n'est dû : l'incident est classé."},
	"closed":     {"✅ *{id} is closed*: nothing is owed any more.", "✅ *{id} est classé* : plus rien n'est dû."},
	"closed.by":  {"✅ *{id} is closed* by {by}: nothing is owed any more.", "✅ *{id} est classé* par {by} : plus rien n'est dû."},
	"closed.was": {"Resolved {at}. What was owed: {done, plural one{# done} other{# done}}, {dropped, plural one{# dropped} other{# dropped}}.", "Résolu {at}. Ce qui était dû : {done, plural one{# fait} other{# faits}}, {dropped, plural one{# abandonné} other{# abandonnés}}."},
	"closed.not": {
		"*{id} is not closed*: it is {status}, and something is owed since.",
		"*{id} n'est pas classé* : il est {status}, et quelque chose est dû depuis."},

	"close.owed":   {"*{id} is not closed*, because this is still owed.", "*{id} n'est pas classé* : il reste dû ce qui suit."},
	"close.later":  {"*{id} is resolved*, and closed once this is done or dropped.", "*{id} est résolu* et sera classé quand ceci sera fait ou abandonné."},
	"close.line":   {"`{key}` {duty}", "`{key}` {duty}"},
	"close.nobody": {"{duty}, nobody has taken it yet; it is asked of {whom}", "{duty}, personne ne s'en charge encore ; c'est demandé à : {whom}"},
	"close.asked":  {"`{key}` {question} by {at}: `{command} answer {name} yes`, `no <why>` or `unknown`", "`{key}` {question} avant {at} : `{command} answer {name} yes`, `no <motif>` ou `unknown`"},
	"close.paused": {"`{key}` still paused: {text}, said by {who}. When it may go on: `{command} freeze lift {n}`", "`{key}` toujours suspendu : {text}, demandé par {who}. Quand cela peut reprendre : `{command} freeze lift {n}`"},

	"tl.closed":        {"Closed: nothing is owed any more", "Classé : plus rien n'est dû"},
	"tl.closed.by":     {"{by} closed the incident", "{by} a classé l'incident"},
	"tl.duty.brought":  {"{title}, due {at}: goes on here, from {from}", "{title}, échéance {at} : se poursuit ici, venant de {from}"},
	"tl.duty.moved":    {"{title}: goes on in the incident it was merged into", "{title} : se poursuit dans l'incident auquel celui-ci est réuni"},
	"duty.how.moved":   {"moved to the incident it was merged into", "passé à l'incident auquel celui-ci est réuni"},
	"duty.moved":       {"*{id}: {title} goes on in {into}*, {at}.", "*{id} : {title} se poursuit dans {into}*, {at}."},
	"duty.begun.moved": {"Taken over from {from}, which is a duplicate; the clock runs from {since}.", "Repris de {from}, qui est un doublon ; le délai court depuis {since}."},

	"button.close":             {"Close", "Classer"},
	"button.merge":             {"The same after all: merge into {into}", "C'est le même : réunir à {into}"},
	"button.split":             {"Split off {service} ({n})", "Séparer {service} ({n})"},
	"form.update.moments":      {"What just happened", "Ce qui vient d'arriver"},
	"form.update.moments.hint": {"Recorded with its time.", "Consigné avec l'heure."},
	"help.close":               {"close it once nothing is owed", "le classer quand plus rien n'est dû"},
	"late.closed":              {"resolved {at}, closed since", "résolu à {at}, classé depuis"},
	"refused.closed": {
		"Nothing changed: it is closed since {at}.",
		"Rien n'a changé : il est classé depuis {at}."},
	"refused.closed.by": {
		"Nothing changed: {by} closed it {at}.",
		"Rien n'a changé : {by} l'a classé {at}."},
	"refused.still-owed": {
		"Not closed: still owed are {known}. See each: `{command} duty`.",
		"Rien n'a été fait : reste dû {known}. Voir chacun : `{command} duty`."},
	"refused.merged-into": {
		"Not done: this incident goes on as {id}. Do it there: `{command} {id} …`.",
		"Rien n'a été fait : cet incident continue dans {id}. Faites-le là : `{command} {id} …`."},

	"form.page.title":    {"Ring somebody", "Appeler quelqu'un"},
	"form.page.submit":   {"Ring", "Appeler"},
	"form.page.unknown":  {"Nobody was rung: {word} is none that Tocsin can ring.", "Personne n'a été appelé : {word} n'est pas joignable par Tocsin."},
	"form.page.whom":     {"Whom?", "Qui ?"},
	"form.page.next":     {"Next level: {next}", "Niveau suivant : {next}"},
	"form.page.option":   {"{title}: {who}", "{title} : {who}"},
	"form.page.nobody":   {"who is not known now", "personne de connu à cette heure"},
	"form.page.none":     {"The policy names nobody who can be rung.", "La politique ne nomme personne à appeler."},
	"form.page.why":      {"Why?", "Pourquoi ?"},
	"form.page.why.hint": {"Goes into the timeline, so that whoever comes reads why they were sent for.", "Consigné au journal : qui arrive y lit le motif de l'appel."},
	"fault.target":       {"Choose whom to ring.", "Choisissez qui appeler."},
}
