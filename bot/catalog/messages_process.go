package catalog

// processMessages are what stands beside the ladder: the direct message with a page, setting aside, what cleared by itself.
var processMessages = table{
	"paged": {
		"{emoji} {sev} · {id}: you are being rung. Acknowledge now.",
		"{emoji} {sev} · {id} : cet appel est pour vous. Acquittez maintenant."},
	"paged.review": {
		"{emoji} {sev} · {id}: you are being rung. Cleared by itself, nobody looked: check today.",
		"{emoji} {sev} · {id} : cet appel est pour vous. Cessé tout seul, jamais regardé : à vérifier aujourd'hui."},
	"paged.by": {
		"{emoji} {sev} · {id}: you are being rung. Acknowledge by {at}.",
		"{emoji} {sev} · {id} : cet appel est pour vous. Acquittez avant {at}."},
	"handed-on": {
		"{who} asks you to take {id}.",
		"{who} vous demande de prendre {id}."},
	"handed-on.until": {
		"Until you take it, it stays with {who}.",
		"Tant que vous ne l'avez pas pris, il reste à {who}."},
	"button.hand-on": {"Hand on…", "Transmettre…"},
	"button.resume":  {"Take it up now", "Reprendre maintenant"},

	"page.summary.review": {
		"{sev} {title}. Cleared by itself, nobody looked: check today ({id}).",
		"{sev} {title}. Cessé tout seul, jamais regardé : à vérifier ({id})."},
	"impact-ask": {
		"Are customers or regulators touched?",
		"Des clients ou des régulateurs sont-ils touchés ?"},
	"impact-ask.who": {
		"{who}: are customers or regulators touched?",
		"{who} : des clients ou des régulateurs sont-ils touchés ?"},
	"impact-ask.else": {
		"Yes rings {next}. So does no answer by {at}.",
		"Un oui déclenche l'appel : {next}. L'absence de réponse à {at} aussi."},
	"button.touched.customers":  {"Customers, yes", "Des clients, oui"},
	"button.touched.regulators": {"Regulators, yes", "Des régulateurs, oui"},
	"button.touched.neither":    {"Neither", "Ni l'un ni l'autre"},
	"due.impact":                {"⏱ *Customers or regulators touched? Answer by {at}*", "⏱ *Clients ou régulateurs touchés ? Répondre avant {at}*"},
	"tl.impact-asked":           {"Asked whether customers or regulators are touched", "Question posée : des clients ou des régulateurs sont-ils touchés ?"},
	"tl.missed.impact":          {"Nobody said by {at} whether customers or regulators are touched: that counts as yes", "Personne n'a dit à {at} si des clients ou des régulateurs sont touchés : cela vaut oui"},
	"standdown.untouched": {
		"{id}: no customers and no regulators are touched, said at {at}; your page is closed.",
		"{id} : ni clients ni régulateurs touchés, dit à {at} ; votre appel est levé."},

	"awaited": {
		"Alert {name} joins {id}: {runbook} waits for this signal.",
		"L'alerte {name} rejoint {id} : {runbook} attend ce signal."},
	"awaited.why": {
		"It opens no incident of its own. If it has another cause, split it off.",
		"Elle n'ouvre pas d'incident à part. Si sa cause est autre, séparez-la."},
	"parked": {
		"{id} is set aside by {by} until {until}. {owner} is rung then.",
		"{id} est mis de côté par {by}. Reprise : {until}, appel : {owner}."},
	"parked.bare": {
		"{id} is set aside by {by}.",
		"{id} est mis de côté par {by}."},
	"parked.still": {
		"Until then nobody is rung and no update is due. A higher severity or the button takes it up before.",
		"D'ici là, aucun appel et aucun point de situation attendu. Une sévérité plus haute ou le bouton le reprend avant."},
	"resumed.asked": {
		"{by} takes {id} up again: the clocks run.",
		"{by} reprend {id} : les échéances courent."},
	"resumed.firing": {
		"*{at}* · It fires again: the clocks of {id} run.",
		"*{at}* · L'alerte est revenue : les échéances de {id} courent."},
	"resumed.severity": {
		"The severity of {id} is not set aside: the clocks run.",
		"La sévérité de {id} ne permet pas de le mettre de côté : les échéances courent."},
	"recovered": {
		"*{at}* · Every alert of {id} has cleared, and nobody has answered.",
		"*{at}* · Toutes les alertes de {id} ont cessé, et personne n'a répondu."},
	"recovered.review": {
		"The clocks pause and the phones are quiet. The {next} is asked to look at it at {at}.",
		"Les échéances s'arrêtent, les téléphones se taisent. Vérification demandée : {next}, {at}."},
	"recovered.again": {
		"If it fires again within {d}, the ladder goes on where it stood.",
		"Si l'alerte revient dans les {d}, l'escalade reprend où elle en était."},
	"recovered.rings": {
		"At this severity the {next} is rung on until somebody looks; nobody above is.",
		"À cette sévérité, l'appel continue jusqu'à une réponse : {next}. Personne au-dessus n'est appelé."},
	"recovered.rings.bare": {
		"At this severity the phone rings on until somebody looks; nobody above is rung.",
		"À cette sévérité, l'appel continue jusqu'à une réponse. Personne au-dessus n'est appelé."},
	"alerts-over": {
		"*{at}* · Every alert has cleared.",
		"*{at}* · Toutes les alertes ont cessé."},
	"alerts-over.ask": {
		"{who}: is the harm over? Nothing closes by itself.",
		"{who} : les effets sont-ils maîtrisés ? Rien ne se ferme tout seul."},
	"take-due": {
		"{id} was to be taken by {at}, and nobody has.",
		"{id} devait être pris, échéance {at} : personne ne l'a fait."},
	"take-due.next": {
		"The {next} was told. Nobody is rung; the next reminder comes at {at}.",
		"Prévenu : {next}. Aucun appel ; prochain rappel à {at}."},

	"form.hand-on.title":  {"Hand the page on", "Transmettre l'appel"},
	"form.hand-on.submit": {"Ask them", "Demander"},
	"form.hand-on.who":    {"Who should take it?", "Qui doit le prendre ?"},
	"form.hand-on.hint":   {"It stays with you until they press I take it.", "Il reste à vous tant que cette personne n'a pas appuyé sur Je prends."},

	"due.parked": {"⏱ *Set aside until {at}*, then its owner is rung", "⏱ *Mis de côté jusqu'à {at}*, puis appel de la personne désignée"},
	"due.review": {"⏱ *Every alert cleared, nobody answered: quiet until {at}*", "⏱ *Alertes éteintes, sans réponse : silence jusqu'à {at}*"},
	"due.review.rung": {
		"⏱ *Every alert cleared, nobody answered: {who} is being rung to look*, again at {at}",
		"⏱ *Alertes éteintes, sans réponse : appel en cours pour vérifier, {who}* ; nouvel appel à {at}"},
	"due.restart.recovered": {
		"⏱ *Every alert cleared, nobody answered: the {next} is rung at {at}*",
		"⏱ *Alertes éteintes, sans réponse : appel à {at}, {next}*"},
	"due.take": {"⏱ *Somebody takes it by {at}*", "⏱ *Prise en charge avant {at}*"},

	"why.impact":        {"customers or regulators are touched", "des clients ou des régulateurs sont touchés"},
	"why.impact-unsaid": {"nobody said in time whether customers or regulators are touched", "personne n'a dit à temps si des clients ou des régulateurs sont touchés"},
	"why.parked":        {"it was set aside until now", "il était mis de côté jusqu'à maintenant"},
	"why.again":         {"it fires again", "l'alerte est revenue"},
	"why.pager-over":    {"PagerDuty closed its own page, and nobody has taken this", "PagerDuty a fermé son propre appel, et personne n'a pris l'incident"},
	"why.review":        {"it cleared with nobody answering", "tout a cessé sans que personne réponde"},
	"why.handed":        {"somebody handed it on", "quelqu'un l'a transmis"},
	"escalation.parked": {"It was set aside until now", "Il était mis de côté jusqu'à maintenant"},
	"escalation.again":  {"It fires again", "L'alerte est revenue"},
	"standdown.recovered": {
		"{id}: every alert has cleared since {at}; your page is closed.",
		"{id} : toutes les alertes ont cessé depuis {at} ; votre appel est levé."},
	"standdown.parked": {
		"{id} is set aside since {at}; your page is closed.",
		"{id} est mis de côté depuis {at} ; votre appel est levé."},

	"tl.parked":           {"{by} set it aside until {until}; {owner} is rung then", "{by} le met de côté ; reprise : {until}, appel : {owner}"},
	"tl.resumed.asked":    {"{by} took it up again", "{by} le reprend"},
	"tl.resumed.due":      {"The time it was set aside until had come", "L'heure jusqu'à laquelle il était mis de côté est venue"},
	"tl.resumed.firing":   {"It fires again: the clocks run", "L'alerte est revenue : les échéances courent"},
	"tl.resumed.severity": {"The new severity is not set aside: the clocks run", "La nouvelle sévérité ne se met pas de côté : les échéances courent"},
	"tl.recovered":        {"Every alert has cleared, and nobody has answered", "Toutes les alertes ont cessé, et personne n'a répondu"},
	"tl.handed-on":        {"{by} asked {who} to take it", "{by} demande à {who} de le prendre"},
	"tl.missed.take":      {"Nobody had taken it by {at}", "Personne ne l'avait pris à {at}"},
	"tl.missed.recall":    {"PagerDuty closed its own page and, a minute later, nobody had taken this", "PagerDuty a fermé son propre appel et, une minute après, personne n'avait pris l'incident"},
	"tl.missed.review":    {"Somebody is asked to look at what cleared by itself, {at}", "Vérification demandée de ce qui a cessé tout seul, {at}"},

	"refused.no-park": {
		"Not set aside: a {sev} is not. Lower the severity first if it is less.",
		"Pas de mise de côté : une {sev} ne s'y prête pas. Abaissez d'abord la sévérité si c'est moins grave."},
	"refused.park-time": {
		"Not set aside: {at} is past, or more than {d} ahead. Write a time: `{command} park until 09:00`.",
		"Pas de mise de côté : {at} est passé, ou au-delà de {d}. Donnez une heure : `{command} park until 09:00`."},
	"refused.no-phone": {
		"Not set aside: {by} could not be rung then: they are on no rotation, and PagerDuty does not know them. Name somebody who is.",
		"Pas de mise de côté : aucun moyen d'appeler {by}, hors de toute astreinte et inconnu de PagerDuty. Désignez quelqu'un d'autre."},
	"refused.not-paused": {
		"Nothing changed: the clocks run already.",
		"Rien n'a changé : les échéances courent déjà."},
	"refused.not-rung": {
		"Nothing handed on: you have no page of this incident. To send for somebody: `{command} page`.",
		"Rien n'a été transmis : vous n'avez pas d'appel pour cet incident. Pour faire venir quelqu'un : `{command} page`."},
	"refused.oneself": {
		"Nothing handed on: that is you. To take it: `{command} ack`.",
		"Rien n'a été transmis : c'est vous. Pour le prendre : `{command} ack`."},
	"refused.rung-too": {
		"Nothing handed on: {by} is being rung already.",
		"Rien n'a été transmis : un appel pour {by} est déjà en cours."},

	"guide.tenants":                {"Share of tenants for whom it is down, in percent", "Part des clients pour qui c'est en panne, en pour cent"},
	"guide.tenants.example":        {"30", "30"},
	"guide.slo":                    {"How many times over the SLO?", "Combien de fois le SLO est-il dépassé ?"},
	"guide.slo.example":            {"3", "3"},
	"guide.facts":                  {"What is known for certain?", "Qu'est-ce qui est certain ?"},
	"guide.data-loss":              {"Data is lost, confirmed", "Perte de données confirmée"},
	"guide.breach":                 {"A security breach is going on", "Violation de sécurité en cours"},
	"guide.critical":               {"A critical function is impossible (KYC, AML, TCR)", "Fonction critique impossible (KYC, AML, TCR)"},
	"guide.degraded":               {"Something is partly degraded", "Dégradation partielle"},
	"guide.workaround":             {"There is a workaround", "Un contournement existe"},
	"guide.proposes":               {"The guide proposes a severity and says which rule decided. You confirm it.", "Le guide propose une sévérité et dit quelle règle l'emporte. Vous la confirmez."},
	"guide.proposed":               {"{emoji} The guide proposes *{sev}*: {rule}. Confirm it, or choose another.", "{emoji} Le guide propose *{sev}* : {rule}. Confirmez, ou choisissez-en une autre."},
	"form.guide.title":             {"How bad is it?", "Quelle gravité ?"},
	"form.guide.submit":            {"Propose", "Proposer"},
	"form.proposed.submit":         {"Confirm", "Confirmer"},
	"sev.rule.guide.tenants":       {"{is} % of tenants, and {limit} % is the limit", "{is} % des clients, la limite étant {limit} %"},
	"sev.rule.guide.slo":           {"{is} times over the SLO, more than {limit}", "SLO dépassé {is} fois, plus de {limit}"},
	"sev.rule.guide.data-loss":     {"confirmed data loss", "perte de données confirmée"},
	"sev.rule.guide.breach":        {"an active security breach", "violation de sécurité en cours"},
	"sev.rule.guide.critical":      {"a critical function is impossible", "une fonction critique est impossible"},
	"sev.rule.guide.no-workaround": {"degraded, without a workaround", "dégradation sans contournement"},
	"sev.rule.guide.degraded":      {"partial degradation, a workaround is possible", "dégradation partielle, contournement possible"},
	"sev.rule.guide.otherwise":     {"no rule for a worse one applies", "aucune règle d'une sévérité plus haute ne s'applique"},
	"fault.figure":                 {"Write a number, for example 30.", "Écrivez un nombre, par exemple 30."},

	"help.park":   {"set it aside until a time; its owner is rung then", "le mettre de côté jusqu'à une heure, puis appel de la personne désignée"},
	"help.resume": {"take up what was set aside", "reprendre ce qui était mis de côté"},
	"help.hand":   {"hand your page on to somebody", "transmettre votre appel à quelqu'un"},
	"usage.until": {"{word} is no time; write 09:00, tomorrow 09:00, monday 09:00 or 2h", "{word} n'est pas une heure ; écrivez 09:00, demain 09:00, lundi 09:00 ou 2h"},
}
