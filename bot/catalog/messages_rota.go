package catalog

// rotaMessages are about who is on call: the answers, the covers people agree on, what they are told of a duty.
var rotaMessages = table{
	"rota.head":          {"*On call*", "*Astreinte*"},
	"rota.row":           {"*{title}*: {people}", "*{title}* : {people}"},
	"rota.row.nobody":    {"*{title}*: nobody is known", "*{title}* : personne n'est connu"},
	"rota.since":         {"since {at}", "depuis {at}"},
	"rota.until":         {"until {at}", "fin : {at}"},
	"rota.gap":           {"⛔ nobody from {from} to {to}", "⛔ personne du {from} au {to}"},
	"rota.gap.open":      {"⛔ nobody from {from} on", "⛔ personne à partir du {from}"},
	"rota.both":          {"⛔ the same person as *{title}* from {from}", "⛔ même personne que *{title}* à partir du {from}"},
	"rota.next":          {"then {who}", "puis {who}"},
	"rota.for":           {"for {who}, cover {n}", "à la place de {who}, remplacement {n}"},
	"rota.read":          {"{source}, read {at}", "{source}, lu : {at}"},
	"rota.source.file":   {"rotation of the policy file", "rotation du fichier de politique"},
	"rota.source.people": {"named in the policy file", "nommé dans le fichier de politique"},
	"rota.source.pager":  {"PagerDuty", "PagerDuty"},
	"rota.unread":        {"not read: the last known stands", "lecture impossible : le dernier connu fait foi"},
	"rota.never":         {"not read yet", "pas encore lu"},
	"rota.none":          {"The policy names nobody to be rung.", "La politique ne désigne personne à appeler."},
	"rota.cover.hint":    {"To have a duty covered: `{command} cover @me 18:00-22:00 @lea`", "Pour vous faire remplacer : `{command} cover @me 18:00-22:00 @lea`"},

	"cover.head":      {"*Covers and swaps*", "*Remplacements et échanges*"},
	"cover.more":      {"And {n} more.", "Et {n} de plus."},
	"cover.none":      {"No cover or swap is agreed on. To agree on one: `{command} cover @me 18:00-22:00 @lea`.", "Aucun remplacement ni échange prévu. Pour en convenir : `{command} cover @me 18:00-22:00 @lea`."},
	"cover.row":       {"*{n}* · {title}: {by} for {of}, {from} – {to}", "*{n}* · {title} : {by} à la place de {of}, {from} – {to}"},
	"cover.set":       {"✅ {title}: {by} is on call for {of}, {from} – {to}.", "✅ {title} : {by} d'astreinte à la place de {of}, {from} – {to}."},
	"cover.row.pager": {"*{n}* · {title}: {by} for {of}, {from} – {to}, override in PagerDuty", "*{n}* · {title} : {by} à la place de {of}, {from} – {to}, exception dans PagerDuty"},
	"cover.row.waits": {"*{n}* · {title}: {by} for {of}, {from} – {to}, ⏱ not in PagerDuty yet", "*{n}* · {title} : {by} à la place de {of}, {from} – {to}, ⏱ pas encore dans PagerDuty"},
	"cover.row.off":   {"*{n}* · {title}: {by} for {of}, {from} – {to}, called off, ⏱ to be deleted in PagerDuty", "*{n}* · {title} : {by} à la place de {of}, {from} – {to}, annulé, ⏱ à supprimer dans PagerDuty"},
	"cover.waits":     {"⏱ {title}: {by} for {of}, {from} – {to}, is recorded and not in PagerDuty yet.", "⏱ {title} : {by} à la place de {of}, {from} – {to}, est consigné mais pas encore dans PagerDuty."},
	"cover.waits.why": {
		"{why}. Until it stands there, {of} is rung. Tocsin keeps trying until {at} and tells you.",
		"{why}. Tant que ce n'est pas fait, c'est {of} qui est appelé. Tocsin réessaie (fin : {at}) et vous préviendra."},
	"cover.called":       {"✅ Cover {n} is called off.", "✅ Le remplacement {n} est annulé."},
	"cover.called.pager": {"✅ Cover {n} is called off, and its override in PagerDuty is deleted.", "✅ Le remplacement {n} est annulé et son exception supprimée dans PagerDuty."},
	"cover.called.gone": {
		"✅ Cover {n} is called off. Its override was gone from PagerDuty already: somebody deleted it there.",
		"✅ Le remplacement {n} est annulé. Son exception n'était déjà plus dans PagerDuty : quelqu'un l'y avait supprimée."},
	"cover.called.waits": {
		"⏱ Cover {n} is called off and its override still stands in PagerDuty: {why}. Until it is deleted, {by} is rung. Tocsin keeps trying and tells you.",
		"⏱ Le remplacement {n} est annulé, mais son exception est encore dans PagerDuty : {why}. Tant qu'elle y est, c'est {by} qui est appelé. Tocsin réessaie et vous préviendra."},
	"cover.off":  {"To call it off: `{command} uncover {n}`", "Pour l'annuler : `{command} uncover {n}`"},
	"cover.told": {"Told by direct message: {who}.", "Message direct envoyé : {who}."},
	"cover.called.unsure": {
		"⏱ Cover {n} is called off. Whether its override stands in PagerDuty is not known yet: {why}. Tocsin looks again, deletes what it finds, and tells you.",
		"⏱ Le remplacement {n} est annulé. On ne sait pas encore si son exception est dans PagerDuty : {why}. Tocsin vérifiera, la supprimera s'il la trouve, et vous préviendra."},
	"cover.in-pager": {
		"It stands in PagerDuty as an override of the schedule.",
		"C'est une exception du planning dans PagerDuty."},
	"cover.why.turn":    {"another replica of Tocsin is asking PagerDuty at this moment", "une autre instance de Tocsin interroge PagerDuty en ce moment"},
	"cover.why.no-id":   {"PagerDuty does not tell the override's id; delete it there", "PagerDuty ne donne pas l'identifiant de l'exception ; supprimez-la là-bas"},
	"cover.why.no-user": {"PagerDuty has no user with the address {mail}", "aucun utilisateur de PagerDuty n'a l'adresse {mail}"},
	"cover.which": {
		"Nothing was done: {who} is on several duties then. Say which: {duties}, like `{command} {line}`.",
		"Rien n'a été fait : {who} a plusieurs astreintes à ce moment. Dites laquelle : {duties}, par exemple `{command} {line}`."},
	"cover.no-mail": {
		"Nothing was done: Slack does not tell the e-mail address of {who}, by which people of a rotation are known. Give the app the scope `users:read.email`, or write the address itself.",
		"Rien n'a été fait : Slack ne donne pas l'adresse de {who}, par laquelle les personnes d'une rotation sont connues. Accordez `users:read.email` à l'application, ou écrivez l'adresse elle-même."},
	"cover.no-shift": {
		"Nothing was done: neither {who} nor {with} has a turn {at} in a rotation both could swap in.",
		"Rien n'a été fait : ni {who} ni {with} n'a de tour à cette date ({at}) dans une rotation à échanger."},
	"cover.no-other": {
		"Nothing was done: {who} has no turn to give in return within {d}.",
		"Rien n'a été fait : {who} n'a aucun tour à donner en échange d'ici {d}."},
	"cover.no-rotation": {
		"Nothing was done: no rotation is kept in the policy file, and no schedule is read from PagerDuty.",
		"Rien n'a été fait : le fichier de politique ne tient aucune rotation, et aucun planning n'est lu dans PagerDuty."},
	"cover.pager.no-token": {
		"Nothing was done: {title} is a schedule of PagerDuty, and Tocsin has no `PAGERDUTY_API_TOKEN` to write an override. Set the override in PagerDuty.",
		"Rien n'a été fait : {title} est un planning de PagerDuty, et Tocsin n'a pas de `PAGERDUTY_API_TOKEN` pour y écrire une exception. Saisissez-la dans PagerDuty."},
	"cover.pager.no-user": {
		"Nothing was done: PagerDuty has no user with the address of {who}.",
		"Rien n'a été fait : aucun utilisateur de PagerDuty n'a l'adresse de {who}."},
	"cover.pager.refused": {
		"Nothing was done: PagerDuty refused the override of {title}: {why}.",
		"Rien n'a été fait : PagerDuty a refusé l'exception de {title} : {why}."},

	"usage.cover":   {"{word} does not say who covers whom, and when", "{word} ne dit pas qui remplace qui, ni quand"},
	"usage.swap":    {"{word} does not say who swaps with whom, and which turn", "{word} ne dit pas qui échange avec qui, ni quel tour"},
	"usage.uncover": {"{word} is no number of a cover", "{word} n'est pas un numéro de remplacement"},
	"usage.oncall":  {"{word} does not belong there", "{word} n'est pas attendu ici"},

	"cli.verb.oncall":          {"Show who is on call now and next, or report on a month of it.", "Montrer qui est d'astreinte maintenant et ensuite, ou le bilan d'un mois."},
	"cli.arg.report":           {"report: what a month of on-call asked of people.", "report : ce qu'un mois d'astreinte a demandé aux personnes."},
	"cli.flag.oncall.month":    {"Month of the report. Default: the last that is over.", "Mois du bilan. Par défaut : le dernier mois terminé."},
	"cli.flag.oncall.format":   {"table: for people. csv: for a spreadsheet.", "table : pour les personnes. csv : pour un tableur."},
	"cli.flag.oncall.config":   {"Policy file with the rotations. Default: the embedded policy.", "Fichier de politique avec les rotations. Par défaut : la politique livrée."},
	"cli.value.MONTH":          {"2026-11", "2026-11"},
	"cli.oncall.no-month":      {"{word} is no month; write it like 2026-11", "{word} n'est pas un mois ; écrivez-le comme 2026-11"},
	"cli.oncall.no-calendar":   {"the policy has no `calendars`: nothing says what working time is", "la politique n'a pas de `calendars` : rien ne dit ce qu'est le temps ouvré"},
	"cli.oncall.duty":          {"DUTY", "ASTREINTE"},
	"cli.oncall.person":        {"PERSON", "PERSONNE"},
	"cli.oncall.from":          {"FROM", "DÉBUT"},
	"cli.oncall.until":         {"UNTIL", "FIN"},
	"cli.oncall.source":        {"SOURCE", "SOURCE"},
	"cli.oncall.now":           {"now", "maintenant"},
	"cli.oncall.nobody":        {"nobody", "personne"},
	"cli.oncall.title":         {"On call in {month} ({zone}), hours by kind of time", "Astreintes de {month} ({zone}), heures par type de temps"},
	"cli.oncall.none":          {"Nobody was on call and no phone rang, as far as is recorded.", "Personne d'astreinte et aucun appel, d'après ce qui est consigné."},
	"cli.oncall.hours":         {"HOURS", "HEURES"},
	"cli.oncall.working":       {"WORK", "OUVRÉ"},
	"cli.oncall.off":           {"OFF", "HORS"},
	"cli.oncall.night":         {"NIGHT", "NUIT"},
	"cli.oncall.weekend":       {"WEEKEND", "WEEK-END"},
	"cli.oncall.holiday":       {"HOLIDAY", "FÉRIÉ"},
	"cli.oncall.pages":         {"PAGES", "APPELS"},
	"cli.oncall.answered":      {"ANSWERED", "RÉPONDUS"},
	"cli.oncall.outside":       {"OUTSIDE", "HORS OUVRÉ"},
	"cli.oncall.useful":        {"ACTIONABLE", "UTILES"},
	"cli.oncall.nights":        {"AT NIGHT", "DE NUIT"},
	"cli.oncall.nights-useful": {"ACTIONABLE", "UTILES"},
	"cli.oncall.legend": {
		"OUTSIDE: answered outside working time. ACTIONABLE: share of the pages before it whose incident was not cancelled.",
		"HORS OUVRÉ : réponses hors du temps ouvré. UTILES : part des appels qui précèdent dont l'incident n'a pas été annulé."},

	"check.pd.schedule-unread":      {"{what} could not be read: {why}. Tocsin goes on by who was last seen on call", "{what} n'a pas pu être lu : {why}. Tocsin s'en tient à la dernière astreinte connue"},
	"check.pd.schedule-unread.mend": {"check the token's rights and the schedule, and run the check again", "vérifiez les droits du jeton et le planning, puis relancez la vérification"},
	"check.rotation.size":           {"{n, plural one{# person shares} other{# people share}} the weekly primary duty", "{n, plural one{# personne se partage} other{# personnes se partagent}} l'astreinte hebdomadaire principale"},
	"check.rotation.size.mend":      {"5 to 7 is what lets people sleep and keeps them in practice", "5 à 7 laissent dormir tout en gardant la main"},
	"check.rotation.both":           {"{mail} is this and {first} at once from {from} to {to}: the backup's phone is the one that did not answer", "{mail} tient cette astreinte et {first} à la fois du {from} au {to} : la suppléance sonnerait sur le téléphone resté muet"},
	"check.rotation.both.mend":      {"begin the second list with somebody else, or agree on a cover", "commencez la seconde liste par quelqu'un d'autre, ou convenez d'un remplacement"},
	"check.schedule.size": {
		"{n, plural one{# person has} other{# people share}} the primary duty on PagerDuty {schedule}",
		"{n, plural one{# personne assure} other{# personnes se partagent}} l'astreinte principale dans PagerDuty ({schedule})"},
	"check.schedule.size.mend": {
		"put 5 to 7 people in its layers: that lets people sleep and keeps them in practice",
		"mettez 5 à 7 personnes dans ses couches : de quoi dormir tout en gardant la main"},
	"check.schedule.both": {
		"{mail} is on call on PagerDuty {schedule} and for {first} at once from {from} to {to}: the backup's phone is the one that did not answer",
		"{mail} est d'astreinte à la fois dans PagerDuty ({schedule}) et pour {first} du {from} au {to} : la suppléance sonnerait sur le téléphone resté muet"},
	"check.schedule.both.mend": {
		"begin one of the two with somebody else, or put an override on that time in PagerDuty",
		"commencez l'un des deux par quelqu'un d'autre, ou posez une exception (override) sur ce créneau dans PagerDuty"},
	"check.schedule.stranger": {
		"PagerDuty {schedule} has {name} ({mail}), and no Slack user has that address",
		"PagerDuty ({schedule}) compte {name} ({mail}), et aucun utilisateur Slack n'a cette adresse"},
	"check.schedule.stranger.mend": {
		"give PagerDuty user {id} the e-mail address of their Slack account, or invite them to Slack; until then their phone rings, and they are neither invited nor written to",
		"donnez à l'utilisateur PagerDuty {id} l'adresse de son compte Slack, ou invitez la personne dans Slack ; d'ici là son téléphone sonne, mais elle n'est ni invitée ni avertie"},
	"check.schedule.no-mail": {
		"PagerDuty {schedule} has {name}, whose account ({id}) shows no e-mail address: nobody in Slack can be matched",
		"PagerDuty ({schedule}) compte {name}, dont le compte ({id}) ne montre aucune adresse : personne dans Slack ne peut lui correspondre"},
	"check.schedule.no-mail.mend": {
		"take them off the schedule if the account was deleted, or let the token read users",
		"retirez la personne du planning si son compte a été supprimé, ou laissez le jeton lire les utilisateurs"},
	"check.rotation.no-user":      {"no PagerDuty user has the address {mail}: their phone would not ring on their turn", "aucun utilisateur PagerDuty n'a l'adresse {mail} : son téléphone ne sonnerait pas à son tour"},
	"check.rotation.no-user.mend": {"write the address of their PagerDuty account in the rotation", "écrivez dans la rotation l'adresse de son compte PagerDuty"},

	"notice.covers":  {"{who} gave you a duty: you are on call as {title} for {of}, {from} – {to}.", "{who} vous a confié une astreinte : {title}, à la place de {of}, {from} – {to}."},
	"notice.covered": {"{who} agreed that {by} has your duty as {title}, {from} – {to}.", "{who} a convenu que {by} prend votre astreinte ({title}), {from} – {to}."},
	"notice.uncover": {"{who} called cover {n} off. From now on {title} is again whose turn it is: {of}, not {by}.", "{who} a annulé le remplacement {n}. À partir de maintenant, {title} revient à {of}, et non à {by}."},
	"notice.stands":  {"Cover {n} stands in PagerDuty now: {by} is on call as {title} for {of}, {from} – {to}.", "Le remplacement {n} est maintenant dans PagerDuty : {by} d'astreinte ({title}) à la place de {of}, {from} – {to}."},
	"notice.not-taken": {
		"Cover {n} does not hold: PagerDuty refused it ({why}). {of} stays on call as {title}, {from} – {to}.",
		"Le remplacement {n} ne tient pas : PagerDuty l'a refusé ({why}). {of} reste d'astreinte ({title}), {from} – {to}."},
	"notice.not-asked": {
		"Cover {n} did not hold: PagerDuty could not be asked for it until it was over. {of} stayed on call as {title}, {from} – {to}.",
		"Le remplacement {n} n'a pas tenu : PagerDuty est resté injoignable jusqu'à sa fin. {of} est resté d'astreinte ({title}), {from} – {to}."},
	"notice.lifted":   {"Cover {n} does not stand in PagerDuty any more: {title} is the turn of {of}, not of {by}.", "Le remplacement {n} n'est plus dans PagerDuty : {title} revient à {of}, et non à {by}."},
	"notice.off":      {"Not possible? `{command} uncover {n}` calls it off.", "Impossible ? `{command} uncover {n}` l'annule."},
	"notice.incoming": {"You are on call from {at}: {title}, until {to}. Before you: {who}.", "Votre astreinte commence ({title}) : {at}. Fin : {to}. Avant vous : {who}."},
	"notice.outgoing": {"Your duty as {title} passes to {who} {at}.", "Votre astreinte ({title}) passe à {who} : {at}."},
	"notice.quiet":    {"No incident is open.", "Aucun incident n'est ouvert."},
	"notice.open":     {"{n, plural one{# incident is open} other{# incidents are open}}:", "{n, plural one{# incident ouvert} other{# incidents ouverts}} :"},

	"refused.cover-nobody": {
		"Nothing was done: it does not say who covers, or whom.",
		"Rien n'a été fait : il manque qui remplace, ou qui est remplacé."},
	"refused.cover-self": {
		"Nothing was done: {who} would cover their own duty.",
		"Rien n'a été fait : {who} remplacerait sa propre personne."},
	"refused.cover-past": {
		"Nothing was done: that is over since {at}.",
		"Rien n'a été fait : c'est passé ({at})."},
	"refused.cover-backwards": {
		"Nothing was done: it would end {to}, before it begins {from}.",
		"Rien n'a été fait : la fin ({to}) précède le début ({from})."},
	"refused.cover-long": {
		"Nothing was done: a cover lasts at most {n} days. Longer belongs into the policy file.",
		"Rien n'a été fait : un remplacement dure au plus {n} jours. Au-delà, modifiez le fichier de politique."},
	"refused.cover-off-duty": {
		"Nothing was done: {who} has no duty {from} – {to}; {holder} has. See `{command} oncall`.",
		"Rien n'a été fait : {who} n'est pas d'astreinte {from} – {to} ; c'est {holder}. Voyez `{command} oncall`."},
	"refused.cover-overlap": {
		"Nothing was done: both halves of the swap lie in the same time.",
		"Rien n'a été fait : les deux moitiés de l'échange tombent en même temps."},
	"refused.cover-taken": {
		"Nothing was done: {who} gave {from} – {to} to {by} already (cover {n}). Call that off first with `{command} uncover {n}`, or choose another time.",
		"Rien n'a été fait : {who} a déjà confié {from} – {to} à {by} (remplacement {n}). Annulez-le d'abord avec `{command} uncover {n}`, ou choisissez un autre moment."},
	"refused.cover-built-on": {
		"Nothing was done: cover {later} gives on what cover {n} gives. Call that one off first with `{command} uncover {later}`.",
		"Rien n'a été fait : le remplacement {later} transmet ce que donne le remplacement {n}. Annulez d'abord celui-là avec `{command} uncover {later}`."},
	"refused.cover-rotation": {
		"Nothing was done: the policy file keeps no rotation {rotation}.",
		"Rien n'a été fait : le fichier de politique ne tient pas de rotation {rotation}."},
	"refused.cover-unknown": {
		"Nothing was done: there is no cover {n}. See `{command} covers`.",
		"Rien n'a été fait : il n'y a pas de remplacement {n}. Voyez `{command} covers`."},
	"refused.cover-over": {
		"Nothing was done: cover {n} is over since {at}.",
		"Rien n'a été fait : le remplacement {n} est terminé depuis {at}."},
	"refused.cover-many": {
		"Nothing was done: {n} covers are agreed on already, and that is the most. Change the rotation in the policy file.",
		"Rien n'a été fait : {n} remplacements sont déjà convenus, c'est le maximum. Modifiez la rotation dans le fichier de politique."},
}
