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
	"escalation.page-failed":   {"PagerDuty refused the page before", "PagerDuty a refusé l'appel précédent"},
	"escalation.asked":         {"{by} sent for them", "À la demande de {by}"},
	"escalation.no-commander":  {"Nobody commands the incident", "Personne ne dirige l'incident"},
	"escalation.update-missed": {"Status updates were missed", "Des points de situation ont manqué"},
	"escalation.round": {
		"round {n}",
		"tour {n}"},
	"escalation.rung": {
		"📟 {who} is being rung ({level}).",
		"📟 Appel en cours : {who} ({level})."},
	"escalation.rung.many": {
		"📟 {who} are being rung ({level}); one answer is enough.",
		"📟 Appels en cours : {who} ({level}) ; une réponse suffit."},
	"escalation.answered": {"✅ {who} answered.", "✅ {who} a répondu."},
	"escalation.nobody": {
		"Nobody new is rung: everybody of {level} is rung already.",
		"Aucun nouvel appel : {level} est déjà appelé."},
	"escalation.then": {
		"Not taken by {at}: then the {next}.",
		"Sans réponse à {at}, appel suivant : {next}."},
	"escalation.then.last": {
		"Not taken by {at}: there is no level above; the ladder starts again later.",
		"Sans réponse à {at} : aucun niveau au-dessus ; l'escalade reprendra du début."},
	"escalation.far.steps": {
		"{id}: {done} of {of} steps",
		"{id} : {done} étapes sur {of}"},
	"escalation.far.progress": {"{at}: {text}", "{at} : {text}"},
	"escalation.far":          {"So far: {what}", "Jusqu'ici : {what}"},
	"escalation.far.nothing":  {"So far: nothing recorded.", "Jusqu'ici : rien de noté."},
	"escalation.summary":      {"{id}: {who} is being rung. {why}.", "{id} : appel de {who}. {why}."},

	"ladder-end": {
		"*{at}* · Every level was rung and nobody took the incident.",
		"*{at}* · Tous les niveaux ont été appelés, personne n'a pris l'incident."},
	"ladder-end.again": {
		"⏱ The {next} is rung again at {at}, and so on until somebody takes it.",
		"⏱ Nouvel appel à {at} : {next}, et ainsi de suite jusqu'à une prise en charge."},
	"ladder-end.hand": {
		"Whoever reads this: press *I take it*, or ring somebody you know.",
		"Si vous lisez ceci : appuyez sur *Je prends*, ou appelez quelqu'un que vous connaissez."},

	// Three minutes before.
	"warn.progress":     {"{id}: the {next} is rung at {at} unless you record progress.", "{id} : sans progrès noté de votre part, appel à {at} : {next}."},
	"warn.acknowledge":  {"{id}: the {next} is rung at {at} unless you acknowledge.", "{id} : sans acquittement de votre part, appel à {at} : {next}."},
	"warn.accept":       {"{id}: the {next} is rung at {at} unless you take it.", "{id} : sans prise en charge de votre part, appel à {at} : {next}."},
	"warn.mitigate":     {"{id}: the {next} is rung at {at} unless it is mitigated.", "{id} : si les effets ne sont pas maîtrisés, appel à {at} : {next}."},
	"warn.commander":    {"{id}: nobody commands. The {next} is rung at {at} unless somebody takes command.", "{id} : personne ne dirige. Sans responsable, appel à {at} : {next}."},
	"warn.update":       {"{id}: the status update is due at {at}.", "{id} : le point de situation est dû à {at}."},
	"warn.other":        {"{id}: {name} is due at {at}.", "{id} : {name} arrive à échéance à {at}."},
	"warn.top.progress": {"{id}: progress is due at {at}. There is no level above you.", "{id} : un progrès est attendu à {at}. Aucun niveau au-dessus de vous."},
	"warn.top":          {"{id}: this is due at {at}. There is no level above you.", "{id} : échéance à {at}. Aucun niveau au-dessus de vous."},
	"warn.title":        {"{emoji} {sev} · {title} · {room}", "{emoji} {sev} · {title} · {room}"},

	"standdown.resolved":         {"{id} is over: resolved by {by} at {at}. Nothing is needed from you.", "{id} est terminé : résolu par {by} à {at}. Rien n'est attendu de vous."},
	"standdown.cancelled":        {"{id} is over: false alarm, closed by {by} at {at}. Nothing is needed from you.", "{id} est terminé : fausse alerte, annulé par {by} à {at}. Rien n'est attendu de vous."},
	"standdown.mitigated":        {"{id} is mitigated since {at}. Nothing is needed from you.", "{id} : effets maîtrisés depuis {at}. Rien n'est attendu de vous."},
	"standdown.lowered":          {"{id} is {sev} now ({by}, {at}). Nothing is needed from you.", "{id} est désormais {sev} ({by}, {at}). Rien n'est attendu de vous."},
	"standdown.taken":            {"{id} was taken by {who}. Nothing is needed from you.", "{id} est pris en charge par {who}. Rien n'est attendu de vous."},
	"standdown.pager":            {"Your page for {id} was closed in PagerDuty by {by} at {at}. Nothing is needed from you.", "Votre appel pour {id} a été fermé dans PagerDuty par {by} à {at}. Rien n'est attendu de vous."},
	"standdown.not-acknowledged": {"Your page for {id} was closed at {at}. Nothing is needed from you for now.", "Votre appel pour {id} a été fermé à {at}. Rien n'est attendu de vous pour l'instant."},
	"standdown.words":            {"{title}: {text}", "{title} : {text}"},

	"told": {
		"{emoji} *{sev}* · {id} · {title}",
		"{emoji} *{sev}* · {id} · {title}"},
	"told.why": {
		"You are told because the severity says so. *You are not rung, and nothing is needed from you.*",
		"Vous êtes prévenu(e) car la sévérité le prévoit. *Vous n'êtes pas d'astreinte ici, rien n'est attendu de vous.*"},
	"told.state": {
		"{status} since {since}, commander {who}. Follow it in {room}.",
		"{status} depuis {since}, responsable {who}. À suivre dans {room}."},
	"told.update": {"Next status update by {at}.", "Prochain point de situation avant {at}."},

	"role-ask": {
		"Please take *{role}* for {id}: {title}.",
		"Merci de prendre le rôle *{role}* pour {id} : {title}."},
	"role-ask.declared": {
		"You hold the command; either take it too or give it to somebody.",
		"Vous dirigez l'incident ; prenez aussi ce rôle ou confiez-le à quelqu'un."},
	"role-ask.nobody-answered": {
		"It was asked before and nobody took it.",
		"La demande a déjà été faite, personne ne l'a pris."},
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
		"✅ {who} has taken it. Nothing is needed from you.",
		"✅ {who} l'a pris. Rien n'est attendu de vous."},

	"severity.raised":    {"{emoji} *{id} is {sev} now*, up from {was}, said {by}.", "{emoji} *{id} passe en {sev}*, auparavant {was}, selon {by}."},
	"severity.lowered":   {"{emoji} *{id} is {sev} now*, down from {was}, said {by}.", "{emoji} *{id} redescend en {sev}*, auparavant {was}, selon {by}."},
	"severity.confirmed": {"{emoji} *{id}: {sev} is confirmed* by {by}.", "{emoji} *{id} : {sev} est confirmée* par {by}."},
	"severity.timeout": {
		"{emoji} *{id}: {sev} counts as confirmed*: nobody said otherwise by {at}.",
		"{emoji} *{id} : {sev} vaut confirmée* : personne n'a dit le contraire avant {at}."},
	"severity.reason":    {"Why: {text}", "Motif : {text}"},
	"severity.follows":   {"What follows:", "Conséquences :"},
	"severity.standdown": {"Pages that this severity does not need are taken back.", "Les appels que cette sévérité ne demande pas sont levés."},
	"severity.no-ladder": {"Nobody is escalated over.", "Aucune escalade."},
	"severity.told":      {"Told, not rung: {who}.", "Prévenus, sans appel : {who}."},
	"severity.rung":      {"📟 Rung: {who}.", "📟 Appelés : {who}."},

	"update":         {"*Status update* · {id} · {at} · {by}", "*Point de situation* · {id} · {at} · {by}"},
	"update.far":     {"{emoji} {sev} · {title} · {status}", "{emoji} {sev} · {title} · {status}"},
	"update.next":    {"⏱ Next update by {at}.", "⏱ Prochain point avant {at}."},
	"update.summary": {"{id} status update: {text}", "{id}, point de situation : {text}"},

	"update-missed": {
		"*{id}: no status update by {due}.* {who}, post one, even if it says that nothing is new.",
		"*{id} : pas de point de situation à {due}.* {who}, publiez-en un, même pour dire que rien n'a changé."},
	"update-missed.nobody": {
		"*{id}: no status update by {due}*, and nobody holds communications or command.",
		"*{id} : pas de point de situation à {due}*, et personne ne tient la communication ni la direction."},
	"update-missed.count": {
		"{n, plural one{# update in a row was missed} other{# updates in a row were missed}}; the {next} is rung.",
		"{n, plural one{# point a manqué} other{# points de suite ont manqué}} ; appel : {next}."},
	"update-missed.next": {"⏱ Next reminder {at}.", "⏱ Prochain rappel à {at}."},

	"commander-missing": {
		"*{at}* · Nobody has commanded {id} since {since}.",
		"*{at}* · Personne ne dirige {id} depuis {since}."},
	"commander-missing.rung": {"📟 {who} is being rung to command.", "📟 Appel en cours pour diriger : {who}."},
	"commander-missing.take": {"Anybody here may take it.", "Toute personne présente peut prendre la direction."},

	"resolved":             {"✅ *{id} is resolved*, said {by} at {at}. It took {took} from detection.", "✅ *{id} est résolu*, selon {by} à {at}. Durée depuis la détection : {took}."},
	"resolved.pagerduty":   {"✅ *{id} is resolved*: closed in PagerDuty by {by} at {at}. It took {took} from detection.", "✅ *{id} est résolu* : fermé dans PagerDuty par {by} à {at}. Durée depuis la détection : {took}."},
	"resolved.standdown":   {"Everybody who was rung is stood down. Deadlines have stopped.", "Toutes les personnes appelées sont libérées. Les échéances sont arrêtées."},
	"resolved.post-mortem": {"A post-mortem is owed for {sev}.", "Un post-mortem est dû pour une {sev}."},
	"cancelled":            {"*{id} is cancelled*, said {by} at {at}: it was noise and counts in no figure.", "*{id} est annulé*, selon {by} à {at} : fausse alerte, exclue de tous les chiffres."},
	"reopened":             {"{emoji} *{id} is open again*, said {by} at {at}.", "{emoji} *{id} est rouvert*, selon {by} à {at}."},
	"over.text":            {"{text}", "{text}"},

	"page-failed": {
		"⛔ *{who} was not rung*: PagerDuty refused the page ({error}).",
		"⛔ *{who} n'a pas été appelé* : PagerDuty a refusé l'appel ({error})."},
	"page-failed.unreached": {
		"⛔ *{who} was not rung*: PagerDuty could not be reached in time ({error}).",
		"⛔ *{who} n'a pas été appelé* : PagerDuty n'a pas répondu à temps ({error})."},
	"page-failed.phone":    {"{by}, ring by hand: {phone}.", "{by}, appelez à la main : {phone}."},
	"page-failed.none":     {"{by}, ring by hand; the policy has no number for this target.", "{by}, appelez à la main ; la politique n'a pas de numéro pour cette cible."},
	"page-failed.safe":     {"Everything else goes on: deadlines run, and the next level will be rung in its turn.", "Le reste continue : les échéances courent et le niveau suivant sera appelé à son tour."},
	"page-failed.somebody": {"Whoever is here", "Vous qui êtes là"},

	"late":           {"Slack was unreachable from {from} to {to}. Deadlines were kept.", "Slack était injoignable de {from} à {to}. Les échéances ont été tenues."},
	"late.what":      {"Meanwhile: {what}.", "Entre-temps : {what}."},
	"late.quiet":     {"Meanwhile nobody was rung and nothing was decided.", "Entre-temps, aucun appel et aucune décision."},
	"late.rung":      {"{who} rung {at}", "appel de {who} à {at}"},
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
	"step.warning":   {"⛔ {text}", "⛔ {text}"},
	"step.look":      {"*Look for:* {text}", "*À observer :* {text}"},
	"step.missing": {
		"⛔ Not filled in: {names}. The command does not run as it stands.",
		"⛔ À compléter : {names}. La commande ne marche pas telle quelle."},
	"step.before.done":    {"✅ {name}, {who} {at}", "✅ {name}, {who} {at}"},
	"step.before.skipped": {"Skipped: {name}, {who} {at}", "Passée : {name}, {who} {at}"},
	"step.before.text":    {": {text}", " : {text}"},
	"step.leads":          {"{finding} → {to}", "{finding} → {to}"},
	"step.cannot":         {"⛔ {runbook}: the step cannot be shown ({why}). Follow the runbook's page; marks still count.", "⛔ {runbook} : l'étape ne peut pas être affichée ({why}). Suivez la page du runbook ; vos marques comptent."},
	"step.through": {
		"✅ *{runbook} is through*: {done} done, {skipped} skipped, {open} not reached.",
		"✅ *{runbook} est terminé* : {done} faites, {skipped} passées, {open} non atteintes."},
	"step.through.done":    {"✅ {name} · {who} {at}", "✅ {name} · {who} {at}"},
	"step.through.skipped": {"– {name} · skipped, {who} {at}", "– {name} · passée, {who} {at}"},
	"step.through.open":    {"· {name} · not reached", "· {name} · non atteinte"},
	"step.through.next":    {"Not solved? Take another runbook, or send for help.", "Pas résolu ? Prenez un autre runbook, ou demandez du renfort."},
	"step.summary":         {"{runbook} {n}/{of}: {name}", "{runbook} {n}/{of} : {name}"},
	"button.done":          {"Done", "Fait"},
	"button.finding":       {"Finding…", "Constat…"},
	"button.skip":          {"Skip…", "Passer…"},
	"button.runbook.other": {"Another runbook…", "Autre runbook…"},
}
