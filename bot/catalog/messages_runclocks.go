package catalog

// runbookClockMessages are the deadlines that a runbook carries.
var runbookClockMessages = table{
	"clock.if":             {"{what}, if {when}", "{what}, si {when}"},
	"clock.open":           {"*{title}* before the incident is closed", "*{title}* avant la clôture de l'incident"},
	"clock.begun":          {"⏱ *{id}: {title} by {at}.*", "⏱ *{id} : {title} avant {at}.*"},
	"clock.begun.open":     {"⏱ *{id}: {title}, before the incident is closed.*", "⏱ *{id} : {title}, avant la clôture de l'incident.*"},
	"clock.already":        {"⛔ *{id}: {title}, due already at {at}.*", "⛔ *{id} : {title}, échéance déjà passée, {at}.*"},
	"step.undated":         {"⏱ Fill in {names} first: deadlines of this runbook count from it, and none runs before.", "⏱ Renseignez d'abord {names} : des échéances de ce runbook en dépendent, et aucune ne court avant."},
	"clock.spent":          {"It counts from {from}, when the condition of alert {alert} began.", "Compté depuis {from}, début de la condition de l'alerte {alert}."},
	"tl.clock.already":     {"The clock of {title} counts from {from}, before alert {alert}: due already at {at}", "Le délai compte depuis {from}, avant l'alerte {alert}, {title} : échéance déjà passée, {at}"},
	"clock.remind.open":    {"⏱ *{id}: {title} is not done, and keeps the incident from being closed.*", "⏱ *{id} : {title} n'est pas fait et empêche de clore l'incident.*"},
	"clock.of":             {"A deadline of {runbook}. Doing step {step} settles it.", "Une échéance de {runbook}. L'étape {step}, une fois faite, la solde."},
	"clock.of.sent":        {"A deadline of {runbook}. Marking step {step} as sent settles it.", "Une échéance de {runbook}. L'étape {step}, une fois marquée envoyée, la solde."},
	"clock.ask":            {"Does it apply: {when}?", "Est-ce le cas : {when} ?"},
	"clock.applies":        {"✅ It applies, {by} says: {when}.", "✅ C'est le cas, selon {by} : {when}."},
	"duty.why.runbook":     {"a runbook in use says so", "un runbook en cours le demande"},
	"button.clock.yes":     {"Yes, it applies", "Oui, c'est le cas"},
	"button.clock.no":      {"No, because…", "Non, parce que…"},
	"clock.page":           {"{title} by {at} ({id}). Acknowledge to take it.", "{title} avant {at} ({id}). Acquittez pour vous en charger."},
	"clock.page.overdue":   {"{title} was due {at} ({id}). Acknowledge to take it.", "{title}, échéance {at} passée ({id}). Acquittez pour vous en charger."},
	"tl.clock.begun.open":  {"{title}: before the incident is closed", "{title} : avant la clôture de l'incident"},
	"tl.clock.remind.open": {"Reminded of what keeps the incident from being closed: {title} ({who})", "Rappel de ce qui empêche de clore l'incident : {title} ({who})"},
}
