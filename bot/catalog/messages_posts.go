package catalog

// postMessages are posts in the room and direct messages: what people must not miss.
var postMessages = table{
	// The ladder rises.
	"escalation.why": {"*{at}* · {why}.", "*{at}* · {why}."},
	"escalation.not-acknowledged": {
		"{d} without acknowledgement",
		"{d} sans acquittement"},
	"escalation.no-progress":   {"No progress recorded for {d}", "Aucun progrès noté depuis {d}"},
	"escalation.not-mitigated": {"Not mitigated after {d}", "Effets non maîtrisés après {d}"},
	"escalation.help":          {"{by} asked for help", "{by} demande du renfort"},
	"escalation.severity":      {"The severity calls for it", "La sévérité le demande"},
	"escalation.detected":      {"The incident began", "L'incident a commencé"},
	"escalation.lowered":       {"The severity went down", "La sévérité a baissé"},
	"escalation.page-failed":   {"PagerDuty refused the page of the level below", "PagerDuty a refusé l'appel du niveau inférieur"},
	"escalation.unsaid":        {"The escalation went up", "L'escalade monte d'un cran"},
	"escalation.rung": {
		"📟 {level}: {who} is being rung.",
		"📟 {level} : appel en cours, {who}."},
	"escalation.not-taken": {
		"{who}: sent for at {since}, nobody took it",
		"{who} : appel de {since} sans prise en charge"},
	"escalation.rung.before": {
		"📟 {level}: {who} was rung at {since} already and has not answered. Not rung again.",
		"📟 {level} : {who}, appel de {since} encore sans réponse. Pas de nouvel appel."},
	"escalation.owed.before": {
		"📟 {level}: {who} was sent for at {since}; PagerDuty has not taken it yet.",
		"📟 {level} : {who}, appel demandé à {since}, pas encore passé par PagerDuty."},
	"escalation.rung.many": {
		"📟 {level}: {who} are being rung; one answer is enough.",
		"📟 {level} : appels en cours, {who} ; une réponse suffit."},
	"roster.old": {
		"On call as read at {at}; PagerDuty's schedule could not be read since.",
		"Astreinte telle que lue à {at} ; le planning PagerDuty n'a pas pu être lu depuis."},
	"escalation.answered":    {"✅ {level}: {who} has answered.", "✅ {level} : {who} a répondu."},
	"escalation.answered.at": {"✅ {level}: {who} was rung at {since} and answered at {acked}.", "✅ {level} : {who}, appel de {since}, a répondu à {acked}."},
	"escalation.answered.unrung": {
		"✅ {level}: {who} answered at {acked}, before the phone rang.",
		"✅ {level} : {who} a répondu à {acked}, avant que le téléphone ne sonne."},
	"escalation.nobody": {
		"⛔ {level}: nobody could be rung.",
		"⛔ {level} : aucun appel possible."},
	"escalation.then": {
		"Not taken by {at}: then the {next}.",
		"Sans prise en charge à {at}, ensuite : {next}."},
	"escalation.then.last": {
		"Not taken by {at}: there is no level above; the ladder starts again later.",
		"Sans réponse à {at} : aucun niveau au-dessus ; l'escalade reprendra du début."},
	"escalation.far.steps": {
		"{id} steps {done}/{of}",
		"{id} étapes {done}/{of}"},
	"escalation.far.progress": {
		"{at} {text}",
		"{at} {text}"},
	"escalation.far":         {"So far: {what}", "Jusqu'ici : {what}"},
	"escalation.far.nothing": {"So far: nothing recorded.", "Jusqu'ici : rien de noté."},
	"escalation.summary": {
		"{id}: ringing {who}. {why}.",
		"{id} : appel, {who}. {why}."},

	"ladder-end": {
		"*{at}* · Every level was sent for and the last did not answer either.",
		"*{at}* · Tous les niveaux ont été sollicités, le dernier n'a pas répondu non plus."},
	"ladder-end.again": {
		"⏱ The {next} is rung again at {at}, and so on until somebody takes it.",
		"⏱ Nouvel appel à {at} : {next}, et ainsi de suite jusqu'à une prise en charge."},
	"ladder-end.hand": {
		"Whoever reads this: press *I take it*, or ring somebody you know.",
		"Si vous lisez ceci : appuyez sur *Je prends*, ou appelez quelqu'un que vous connaissez."},

	// Three minutes before.
	"warn.progress": {
		"{id}: {then} at {at} unless you record progress.",
		"{id} : notez un progrès avant {at}, sinon {then}."},
	"warn.acknowledge": {
		"{id}: {then} at {at} unless you acknowledge.",
		"{id} : acquittez avant {at}, sinon {then}."},
	"warn.accept": {
		"{id}: {then} at {at} unless you take it.",
		"{id} : prenez l'incident avant {at}, sinon {then}."},
	"warn.mitigate": {
		"{id}: {then} at {at} unless it is mitigated.",
		"{id} : effets à maîtriser avant {at}, sinon {then}."},
	"warn.commander": {
		"{id}: nobody commands. Unless somebody takes command, {then} at {at}.",
		"{id} : personne ne dirige. Sans responsable à {at}, {then}."},
	"warn.impact": {
		"{id}: are customers or regulators touched? Unless somebody says so by {at}, these are rung: {next}.",
		"{id} : des clients ou des régulateurs sont-ils touchés ? Sans réponse à {at}, appel : {next}."},
	"warn.ring":          {"the {next} is rung", "appel : {next}"},
	"warn.passes":        {"it passes to the {next}", "relais : {next}"},
	"next.how":           {"{next} ({how})", "{next} ({how})"},
	"next.owed":          {"sent for {since} already", "appel déjà demandé à {since}"},
	"next.sent":          {"rung {since} already", "appel déjà passé à {since}"},
	"next.answered":      {"answered {since}", "a répondu à {since}"},
	"next.answered.bare": {"has answered", "a déjà répondu"},
	"warn.update": {
		"{id}: post the status update by {at}.",
		"{id} : publiez le point de situation avant {at}."},
	"warn.bare":  {"{id}: a deadline is near.", "{id} : une échéance approche."},
	"warn.other": {"{id}: {name} is due at {at}.", "{id} : {name} arrive à échéance à {at}."},
	"warn.top.progress": {
		"{id}: record progress by {at}. There is no level above you.",
		"{id} : notez un progrès avant {at}. Aucun niveau au-dessus de vous."},
	"warn.top": {
		"{id}: act by {at}. There is no level above you.",
		"{id} : agissez avant {at}. Aucun niveau au-dessus de vous."},
	"warn.title": {"{emoji} {sev} · {title} · {room}", "{emoji} {sev} · {title} · {room}"},

	"standdown.resolved": {
		"{id} is over: resolved at {at}.",
		"{id} est terminé : résolu à {at}."},
	"standdown.cancelled": {
		"{id} is over: false alarm, closed at {at}.",
		"{id} est terminé : fausse alerte, annulé à {at}."},
	"standdown.mitigated": {
		"{id} is mitigated since {at}; your page is closed.",
		"{id} : effets maîtrisés depuis {at} ; votre appel est levé."},
	"standdown.lowered": {
		"{id} is {sev} now, since {at}; your page is closed.",
		"{id} est {sev} depuis {at} ; votre appel est levé."},
	"standdown.taken": {
		"{id} was taken by {who} at {at}; your page is closed.",
		"{id} est pris en charge par {who} depuis {at} ; votre appel est levé."},
	"standdown.met": {
		"{id}: what you were called for was done by {at}; your page is closed.",
		"{id} : ce pour quoi vous étiez appelé est fait depuis {at} ; votre appel est levé."},
	"standdown.pager": {
		"Your page for {id} was closed in PagerDuty at {at}.",
		"Votre appel pour {id} a été fermé dans PagerDuty à {at}."},
	"standdown.not-acknowledged": {
		"Your page for {id} was closed at {at}.",
		"Votre appel pour {id} a été fermé à {at}."},
	"standdown.words": {"{title}: {text}", "{title} : {text}"},

	"told": {
		"{emoji} *{sev}* · {id} · {title}",
		"{emoji} *{sev}* · {id} · {title}"},
	"told.why": {
		"You are told because the severity says so. *Nobody rings you, and nothing is needed from you.*",
		"La sévérité prévoit de vous informer. *Aucun appel, rien n'est attendu de vous.*"},
	"told.state": {
		"{state}, {commander}. Follow it in {room}.",
		"{state}, {commander}. À suivre dans {room}."},
	"told.update": {"Next status update by {at}.", "Prochain point de situation avant {at}."},

	"role-ask": {
		"{id} has no *{role}*: {title}.\nTake the role, or give it to somebody.",
		"{id} n'a pas de *{role}* : {title}.\nPrenez ce rôle, ou confiez-le à quelqu'un."},
	"role-ask.declared": {
		"You are asked first because you command the incident.",
		"Vous êtes la première personne sollicitée, car vous dirigez l'incident."},
	"role-ask.nobody-answered": {
		"You are asked because nobody has taken it so far.",
		"On vous sollicite car personne ne l'a pris jusqu'ici."},
	"role-ask.comms.what": {
		"Its work: the status updates. Next one by {at}.",
		"Son travail : les points de situation. Le prochain avant {at}."},
	"role-ask.comms.what.free": {
		"Its work: the status updates.",
		"Son travail : les points de situation."},
	"role-ask.by": {
		"⏱ Not taken by {at}, the {next} is asked.",
		"⏱ Sans réponse à {at}, demande suivante : {next}."},
	"role-ask.taken": {
		"{id}: {who} is the {role} now. Nothing is needed from you.",
		"{id} : {who} a pris le rôle de {role}. Rien n'est attendu de vous."},

	"severity.raised": {
		"{emoji} *{id} is {sev} now*, was {was} ({by}).",
		"{emoji} *{id} passe en {sev}*, était {was} ({by})."},
	"severity.lowered": {
		"{emoji} *{id} is down to {sev}*, was {was} ({by}).",
		"{emoji} *{id} redescend en {sev}*, était {was} ({by})."},
	"severity.confirmed": {
		"{emoji} *{id}: {sev} is confirmed* ({by}).",
		"{emoji} *{id} : {sev} est confirmée* ({by})."},
	"severity.timeout": {
		"{emoji} *{id}: {sev} counts as confirmed*: nobody said otherwise by {at}.",
		"{emoji} *{id} : {sev} vaut confirmée* : personne n'a dit le contraire avant {at}."},
	"severity.by-alert":   {"Decided by: {rule}.", "Décidé par : {rule}."},
	"severity.to-confirm": {"A human confirms it or says less.", "À confirmer, ou à ramener plus bas, par une personne."},
	"severity.reason":     {"Why: {text}", "Motif : {text}"},
	"severity.why":        {"Why? Not said yet: *Give the reason*, or `{command} sev why it is worse`.", "Motif : pas encore donné. *Donner le motif*, ou `{command} sev why ce qui s'aggrave`."},
	"severity.follows":    {"What follows:", "Conséquences :"},
	"severity.standdown":  {"Pages that this severity does not need are taken back.", "Les appels que cette sévérité ne demande pas sont levés."},
	"severity.no-ladder":  {"Nobody is escalated over.", "Aucune escalade."},
	"severity.told":       {"Told, not rung: {who}.", "Prévenus, sans appel : {who}."},
	"severity.rung":       {"📟 Sent for: {who}.", "📟 Appels demandés : {who}."},

	"update":         {"*Status update* · {id} · {at} · {by}", "*Point de situation* · {id} · {at} · {by}"},
	"update.far":     {"{emoji} {sev} · {title} · {status} · {room}", "{emoji} {sev} · {title} · {status} · {room}"},
	"update.next":    {"⏱ Next update by {at}.", "⏱ Prochain point avant {at}."},
	"update.summary": {"{id} status update: {text}", "{id}, point de situation : {text}"},

	"update-missed": {
		"*{id}: no status update* by {due}. {who}, post one, even if it says that nothing is new.",
		"*{id} : pas de point de situation* à {due}. {who}, publiez-en un, même pour dire que rien n'a changé."},
	"update-missed.nobody": {
		"*{id}: no status update* by {due}, and nobody holds communications or command.",
		"*{id} : pas de point de situation* à {due}, et personne ne tient la communication ni la direction."},
	"update-missed.count": {
		"{n, plural one{# update in a row was missed} other{# updates in a row were missed}}; the {next} is rung.",
		"{n, plural one{# point a manqué} other{# points de suite ont manqué}} ; appel : {next}."},
	"missed.asked":       {"{who}: it is your turn to see to it, take it or say who does.", "{who} : c'est votre tour ; prenez-le ou dites qui s'en charge."},
	"update-missed.next": {"⏱ Next reminder {at}.", "⏱ Prochain rappel à {at}."},

	"commander-missing": {
		"*{at}* · Nobody has commanded {id} since {since}.",
		"*{at}* · Personne ne dirige {id} depuis {since}."},
	"commander-missing.rung": {"📟 {who} is being rung to command.", "📟 Appel en cours pour diriger : {who}."},
	"commander-missing.take": {"Anybody here may take it.", "Toute personne présente peut prendre la direction."},

	"resolved": {
		"✅ *{id} is resolved* by {by} at {at}, {took} after detection.",
		"✅ *{id} est résolu* par {by} à {at}, {took} après la détection."},
	"resolved.pagerduty": {
		"✅ *{id} is resolved*: ended in PagerDuty by {by} at {at}, {took} after detection.",
		"✅ *{id} est résolu* : fermé dans PagerDuty par {by} à {at}, {took} après la détection."},
	"resolved.standdown":   {"Everybody who was rung is stood down; the response rings nobody any more.", "Toutes les personnes appelées sont libérées ; la réponse n'appelle plus personne."},
	"resolved.post-mortem": {"A post-mortem is owed for {sev}.", "Un post-mortem est dû pour une {sev}."},
	"cancelled": {
		"*{id} is cancelled* by {by} at {at}: it was noise and counts in no figure.",
		"*{id} est annulé* par {by} à {at} : fausse alerte, exclue de tous les chiffres."},
	"reopened": {
		"{emoji} *{id} is open again* ({by}, {at}).",
		"{emoji} *{id} est rouvert* ({by}, {at})."},

	"page-failed": {
		"⛔ *{who} was not rung*: PagerDuty refused the page ({error}).",
		"⛔ *Pas d'appel pour {who}* : PagerDuty a refusé ({error})."},
	"page-failed.bare": {
		"⛔ *{who} was not rung*: PagerDuty refused the page.",
		"⛔ *Pas d'appel pour {who}* : PagerDuty a refusé."},
	"page-stuck": {
		"⛔ *{who} could not be rung* since {since}: PagerDuty does not answer.",
		"⛔ *Pas d'appel pour {who}* depuis {since} : PagerDuty ne répond pas."},
	"page-stuck.safe": {
		"Tocsin keeps trying; you will see it here when the phone rings. Deadlines run on.",
		"Tocsin continue d'essayer et le dira ici dès que l'appel passe. Les échéances courent."},
	"page-through": {
		"📟 *{who} was rung* at {at}, sent for at {since}: PagerDuty answers again.",
		"📟 *Appel passé, {who}*, à {at}, demandé à {since} : PagerDuty répond de nouveau."},
	"page-failed.phone": {"{by}, ring by hand: {phone}.", "{by}, appelez à la main : {phone}."},
	"page-failed.none":  {"{by}, ring by hand; the policy holds no number for them.", "{by}, appelez à la main ; la politique n'a pas son numéro."},
	"page-failed.safe": {
		"Deadlines run on: if nobody answers, the next level is rung.",
		"Les échéances courent : sans réponse, le niveau suivant est appelé."},
	"page-failed.duty": {
		"Reminders go on until it is done or dropped by name.",
		"Les rappels continuent jusqu'à ce que ce soit fait ou abandonné nommément."},
	"page-failed.somebody": {"Whoever is here", "Vous qui êtes là"},

	"late":      {"Slack was unreachable from {from} to {to}. Deadlines were kept.", "Slack était injoignable de {from} à {to}. Les échéances ont été tenues."},
	"late.bare": {"Slack was unreachable for a while. Deadlines were kept.", "Slack était injoignable un moment. Les échéances ont été tenues."},
	"late.what": {
		"Meanwhile: {what}.",
		"Entre-temps : {what}."},
	"late.quiet": {"Meanwhile nobody was rung and nothing was decided.", "Entre-temps, aucun appel et aucune décision."},
	"late.rung": {
		"{who} rung {at}",
		"appel à {at}, {who}"},
	"late.acked":     {"{who} acknowledged {at}", "acquitté par {who} à {at}"},
	"late.mitigated": {"mitigated {at}", "effets maîtrisés à {at}"},
	"late.resolved":  {"resolved {at}", "résolu à {at}"},
	"late.cancelled": {"cancelled {at}", "annulé à {at}"},
	"late.progress":  {"progress {at} ({who}): {text}", "progrès à {at} ({who}) : {text}"},
	"late.folded": {
		"{n, plural one{# message of that time is} other{# messages of that time are}} replaced by this one. The timeline has them all.",
		"{n, plural one{# message de cette période est remplacé} other{# messages de cette période sont remplacés}} par celui-ci. Le journal les contient tous."},

	// A runbook's step.
	"step.title":     {"*{runbook} · {n} of {of} · {name}*", "*{runbook} · {n} sur {of} · {name}*"},
	"step.kind":      {"{kind} · {d}", "{kind} · {d}"},
	"step.kind.only": {"{kind}", "{kind}"},
	"step.intro":     {"*{title}*\n{text}", "*{title}*\n{text}"},
	"step.warning":   {"⛔ {text}", "⛔ {text}"},
	"step.look":      {"*Look for:* {text}", "*À observer :* {text}"},
	"step.missing": {
		"⛔ Fill in {names} before you run it.",
		"⛔ Renseignez {names} avant de lancer la commande."},
	"step.before.done": {
		"✅ {name} · {who} {at}",
		"✅ {name} · {who} {at}"},
	"step.before.skipped": {
		"Skipped: {name} · {who} {at}",
		"Passée : {name} · {who} {at}"},
	"step.leads":         {"{finding} → {to}", "{finding} → {to}"},
	"step.leads.step":    {"{finding} → step {n}", "{finding} → étape {n}"},
	"step.leads.through": {"{finding} → this runbook is through", "{finding} → ce runbook est terminé"},
	"step.cannot":        {"⛔ {runbook}: the step cannot be shown ({why}). Follow the runbook's page; marks still count.", "⛔ {runbook} : l'étape ne peut pas être affichée ({why}). Suivez la page du runbook ; vos marques comptent."},
	"step.through": {
		"✅ *{runbook} is through*: {done, plural one{# done} other{# done}}, {skipped, plural one{# skipped} other{# skipped}}, {open, plural one{# not reached} other{# not reached}}.",
		"✅ *{runbook} est terminé* : {done, plural one{# faite} other{# faites}}, {skipped, plural one{# passée} other{# passées}}, {open, plural one{# non atteinte} other{# non atteintes}}."},
	"step.through.done":    {"✅ {name} · {who} {at}", "✅ {name} · {who} {at}"},
	"step.through.skipped": {"– {name} · skipped, {who} {at}", "– {name} · passée, {who} {at}"},
	"step.through.open":    {"· {name} · not reached", "· {name} · non atteinte"},
	"step.through.next":    {"Solved? Resolve it. Not solved? Take another runbook, or send for help.", "Résolu ? Clôturez. Pas résolu ? Prenez un autre runbook, ou demandez du renfort."},
	"step.summary":         {"{runbook} {n}/{of}: {name}", "{runbook} {n}/{of} : {name}"},
	"button.done":          {"Done", "Fait"},
	"button.done.none":     {"None of these", "Rien de tout cela"},
	"button.finding":       {"Finding…", "Constat…"},
	"button.skip":          {"Skip because…", "Passer car…"},
	"button.runbook.other": {"Another runbook…", "Autre runbook…"},
	"escalation.summary.waits": {
		"{id}: waiting for {who}. {why}.",
		"{id} : on attend {who}. {why}."},
	"escalation.summary.answered": {
		"{id}: {who} answered. {why}.",
		"{id} : {who} a répondu. {why}."},
	"role-ask.summary": {
		"{id} has no {role}: {title}.",
		"{id} n'a pas de {role} : {title}."},
	"warn.top.acknowledge": {
		"{id}: acknowledge by {at}. There is no level above you.",
		"{id} : acquittez avant {at}. Aucun niveau au-dessus de vous."},
	"warn.top.accept": {
		"{id}: take it by {at}. There is no level above you.",
		"{id} : prenez l'incident avant {at}. Aucun niveau au-dessus de vous."},
	"standdown.nothing": {
		"Nothing is needed from you.",
		"Rien n'est attendu de vous."},
	"standdown.then.review": {
		"Nothing is needed from you for now. If it fires again, it rings; else the {next} is asked to look at it at {at}.",
		"Rien n'est attendu de vous pour l'instant. Si l'alerte revient, l'appel reprend ; sinon, vérification demandée : {next}, {at}."},
	"standdown.then.parked": {
		"Nothing is needed from you before {at}; {who} is rung then.",
		"Rien n'est attendu de vous avant {at} ; appel à ce moment-là : {who}."},
	"standdown.role": {
		"You still hold the role of {role}.",
		"Vous gardez le rôle de {role}."},
}
