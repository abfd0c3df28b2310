package catalog

// refusalMessages are the words of a no: what did not happen, why, and what to do. Under "refused." and the code of incident.Refusal.
// Where somebody did it already, ".by" is the form that names them.
var refusalMessages = table{
	"refused.over": {
		"Not done: the incident is {status}. Reopen it first: `{command} reopen`.",
		"Rien n'a été fait : l'incident est {status}. Rouvrez-le d'abord : `{command} reopen`."},
	"refused.not-over": {
		"Not reopened: the incident is open. Nothing is needed.",
		"Pas de réouverture : l'incident est ouvert. Rien à faire."},
	"refused.alike": {
		"Not declared: {id} was declared with the same title. Join it, or insist.",
		"Pas de nouvelle déclaration : {id} porte déjà ce titre. Rejoignez-le, ou insistez."},
	"refused.already-acked.by": {
		"Not acknowledged again: {by} did at {at}. To take over: `{command} lead`.",
		"Pas de nouvel acquittement : {by} l'a fait à {at}. Pour prendre le relais : `{command} lead`."},
	"refused.already-acked": {
		"Not acknowledged again: it was acknowledged at {at}. To take over: `{command} lead`.",
		"Pas de nouvel acquittement : c'est fait depuis {at}. Pour prendre le relais : `{command} lead`."},
	"refused.already-holds": {
		"Nothing changed: {by} is the {role} already. To hand it over: `{command} role`.",
		"Rien n'a changé : {by} tient déjà le rôle ({role}). Pour le confier à quelqu'un : `{command} role`."},
	"refused.role-vacant": {
		"Nothing changed: nobody is the {role}. To take it: `{command} role`.",
		"Rien n'a changé : personne ne tient le rôle ({role}). Pour le prendre : `{command} role`."},
	"refused.reason-lower": {
		"Not lowered: whoever reads this later must know why. Type it in one go: `{command} sev {sev} why it is less`.",
		"Sévérité inchangée : qui lira plus tard doit savoir pourquoi la baisser. En une ligne : `{command} sev {sev} pourquoi c'est moins grave`."},
	"refused.reason-not-owed": {
		"Nothing changed: no reason is missing. For the timeline: `{command} note`.",
		"Rien n'a changé : aucun motif ne manque. Pour le journal : `{command} note`."},
	"refused.same-severity": {
		"Nothing changed: it is {sev} and confirmed already. Choose another severity if it is worse or less.",
		"Rien n'a changé : la sévérité est déjà {sev}, confirmée. Choisissez-en une autre si c'est plus ou moins grave."},
	"refused.status-back": {
		"Status not changed: it is “{now}”, and a status moves forward only, not to “{wanted}”. If it was mitigated and the harm is back: `{command} reopen`.",
		"Statut inchangé : il est « {now} », et un statut ne revient pas à « {wanted} ». Si les effets étaient maîtrisés et reviennent : `{command} reopen`."},
	"refused.too-short": {
		"Progress not recorded: it needs a sentence of {n} characters or more. Say what you found or ruled out: `{command} progress database not saturated`.",
		"Progrès non noté : il faut une phrase d'au moins {n} caractères. Dites ce que vous avez trouvé ou écarté : `{command} progress base non saturée`."},
	"refused.empty": {
		"Not recorded: {what} is empty. Write at least a few words.",
		"Rien n'a été noté : {what} est vide. Écrivez au moins quelques mots."},
	"refused.no-more-time": {
		"No more time: it was given once at {level}, and once is all. Record progress, or send for help.",
		"Pas de délai supplémentaire : il a déjà été accordé au niveau {level}, une seule fois. Notez un progrès ou demandez du renfort."},
	"refused.no-deadline": {
		"No more time given: no deadline runs that it would move. Nothing is needed.",
		"Pas de délai supplémentaire : aucune échéance en cours à repousser. Rien à faire."},
	"refused.last-level": {
		"Nobody new was rung: no level is left above. Ring somebody by name: `{command} page`.",
		"Aucun nouvel appel : il n'y a plus de niveau au-dessus. Appelez quelqu'un par son nom : `{command} page`."},
	"refused.unknown-target": {
		"Nobody was rung: the policy knows no {target}. It knows {known}.",
		"Aucun appel : la politique ne connaît pas {target}. Elle connaît {known}."},
	"refused.no-ladder": {
		"Nobody was rung: this severity escalates to nobody. Raise the severity, or ring somebody by name: `{command} page`.",
		"Aucun appel : cette sévérité ne prévoit pas d'escalade. Relevez-la, ou appelez quelqu'un par son nom : `{command} page`."},
	"refused.already-paged": {
		"Not rung again: a page for {target} is open. Wait for the answer, or choose “Send help now” on the headline to reach the next level.",
		"Pas de nouvel appel : un appel est déjà en cours ({target}). Attendez la réponse, ou choisissez « Envoyer du renfort » sur l'en-tête pour joindre le niveau suivant."},
	"refused.runbook-started": {
		"Not started again: {runbook} is in use here. Its card in the channel shows the step to do.",
		"Pas de nouveau départ : {runbook} est déjà en cours ici. Sa carte dans le canal montre l'étape à faire."},
	"refused.runbook-not-there": {
		"Not started: {runbook} is not a runbook in use or on the shelf. See the list: `{command} runbook`.",
		"Rien n'a démarré : {runbook} n'existe pas ou n'est pas en cours. Voyez la liste : `{command} runbook`."},
	"refused.no-step": {
		"Not marked: {runbook} has no step {step}. Its card in the channel shows the step to do.",
		"Rien n'a été marqué : {runbook} n'a pas d'étape {step}. Sa carte dans le canal montre l'étape à faire."},
	"refused.step-marked.by": {
		"Not marked again: {mark} by {by} at {at}. The card shows the step to do now.",
		"Pas de nouvelle marque : étape {mark} par {by} à {at}. La carte montre l'étape à faire."},
	"refused.step-marked": {
		"Not marked again: {mark} at {at}. The card shows the step to do now.",
		"Pas de nouvelle marque : étape {mark} à {at}. La carte montre l'étape à faire."},
	"refused.not-here": {
		"Not done: it makes no sense for this incident. See what does: `{command} help`.",
		"Rien n'a été fait : cela n'a pas de sens pour cet incident. Voyez ce qui en a : `{command} help`."},
	"refused.bad-severity": {
		"Severity not set: {sev} is none of 1 to 4. Write for example `{command} sev 2`.",
		"Sévérité inchangée : {sev} n'est pas entre 1 et 4. Écrivez par exemple `{command} sev 2`."},
	"refused.reason-needed": {
		"Not done: {what} needs a reason, for whoever reads this later. Add a few words.",
		"Rien n'a été fait : {what} demande un motif, pour qui lira plus tard. Ajoutez quelques mots."},
	"refused.unknown": {
		"Not done ({code}). See what can be done: `{command} help`.",
		"Rien n'a été fait ({code}). Voyez ce qui est possible : `{command} help`."},

	"refused.what.title":   {"the title", "le titre"},
	"refused.what.note":    {"the note", "la note"},
	"refused.what.update":  {"the status update", "le point de situation"},
	"refused.what.cancel":  {"cancelling", "annuler"},
	"refused.what.skip":    {"skipping a step", "passer une étape"},
	"refused.mark.done":    {"done", "faite"},
	"refused.mark.skipped": {"skipped", "passée"},
}
