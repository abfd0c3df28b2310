package catalog

// holidayMessages are about the days without working time: those of the policy file and those announced since.
var holidayMessages = table{
	"holiday.day":          {"{weekday} {date}", "{weekday} {date}"},
	"holiday.office-hours": {"office hours", "heures de bureau"},
	"holiday.head":         {"*Holidays to come*", "*Jours fériés à venir*"},
	"holiday.row":          {"*{day}*", "*{day}*"},
	"holiday.policy":       {"policy file", "fichier de politique"},
	"holiday.announced":    {"announced by {who}, {at}", "annoncé par {who}, {at}"},
	"holiday.unknown":      {"the policy has no such calendar", "la politique n'a pas ce calendrier"},
	"holiday.none":         {"No holiday is known for the year to come.", "Aucun jour férié n'est connu pour l'année à venir."},
	"holiday.hint": {
		"To announce one: `{command} holiday add tomorrow Aïd el-Fitr`",
		"Pour en annoncer un : `{command} holiday add demain Aïd el-Fitr`"},
	"holiday.set":      {"✅ {day} is a holiday: {name} ({calendar}).", "✅ {day} est férié : {name} ({calendar})."},
	"holiday.set.bare": {"✅ {day} is a holiday ({calendar}).", "✅ {day} est férié ({calendar})."},
	"holiday.effect": {
		"It is no working time, in open incidents too: business days, reminders and reviews skip it, and low-urgency pages stay quiet that day. Clocks in minutes and legal clocks in hours run on.",
		"Ce n'est pas du temps ouvré, y compris pour les incidents en cours : jours ouvrés, rappels et relectures le sautent, et les appels à faible urgence restent discrets ce jour-là. Les délais en minutes et les délais légaux en heures continuent de courir."},
	"holiday.others": {
		"It does not count in {others}. To count it there as well: `{command} holiday add {line} calendar={other}`",
		"Il ne compte pas dans {others}. Pour l'y compter aussi : `{command} holiday add {line} calendar={other}`"},
	"holiday.back":        {"To take it back: `{command} holiday remove {date}`", "Pour le retirer : `{command} holiday remove {date}`"},
	"holiday.gone":        {"✅ {day} is a working day after all ({calendar}).", "✅ {day} est finalement un jour ouvré ({calendar})."},
	"holiday.gone.effect": {"What is due in business days moves back, in open incidents too.", "Les échéances en jours ouvrés sont avancées d'autant, y compris pour les incidents en cours."},

	"usage.holiday": {"{word} does not say which day to add or to remove", "{word} ne dit pas quel jour ajouter ou retirer"},

	"refused.holiday-date": {
		"Nothing was done: {word} is no date. Write it like 2026-03-20, or `tomorrow`.",
		"Rien n'a été fait : {word} n'est pas une date. Écrivez-la comme 2026-03-20, ou `demain`."},
	"refused.holiday-past": {
		"Nothing was done: {day} is over. What was counted stays counted.",
		"Rien n'a été fait : {day} est passé. Ce qui a été compté reste compté."},
	"refused.holiday-far": {
		"Nothing was done: {day} is more than {n} days ahead. What is known that early belongs into the policy file.",
		"Rien n'a été fait : {day} est à plus de {n} jours. Un jour connu si tôt s'écrit dans le fichier de politique."},
	"refused.holiday-calendar": {
		"Nothing was done: the policy has no calendar {name}. It has {known}.",
		"Rien n'a été fait : la politique n'a pas de calendrier {name}. Elle a {known}."},
	"refused.holiday-calendar.none": {
		"Nothing was done: the policy has no calendar {name}, and no other: office hours count. Leave the calendar out.",
		"Rien n'a été fait : la politique n'a pas de calendrier {name}, ni aucun autre : les heures de bureau comptent. Omettez le calendrier."},
	"refused.holiday-twice": {
		"Nothing was done: {day} is announced already: {name} ({calendar}).",
		"Rien n'a été fait : {day} est déjà annoncé : {name} ({calendar})."},
	"refused.holiday-twice.bare": {
		"Nothing was done: {day} is announced already ({calendar}).",
		"Rien n'a été fait : {day} est déjà annoncé ({calendar})."},
	"refused.holiday-policy": {
		"Nothing was done: the policy file has {day} already: {name} ({calendar}). It is changed there.",
		"Rien n'a été fait : le fichier de politique contient déjà {day} : {name} ({calendar}). Cela se modifie là-bas."},
	"refused.holiday-policy.bare": {
		"Nothing was done: the policy file has {day} already ({calendar}). It is changed there.",
		"Rien n'a été fait : le fichier de politique contient déjà {day} ({calendar}). Cela se modifie là-bas."},
	"refused.holiday-unknown": {
		"Nothing was done: nothing is announced for {day} ({calendar}). See `{command} holiday`.",
		"Rien n'a été fait : rien n'est annoncé pour {day} ({calendar}). Voyez `{command} holiday`."},
	"refused.holiday-many": {
		"Nothing was done: {n} days to come are announced already, and that is the most. Write them into the policy file.",
		"Rien n'a été fait : {n} jours à venir sont déjà annoncés, c'est le maximum. Écrivez-les dans le fichier de politique."},

	"cli.holidays.unread":      {"Announced holidays could not be read, those of the policy file alone count: {why}", "Les jours fériés annoncés n'ont pas pu être lus, seuls comptent ceux du fichier de politique : {why}"},
	"check.holiday":            {"announced holidays", "jours fériés annoncés"},
	"check.holiday.where":      {"{day}: the policy has no calendar {calendar}, so that it counts in no new incident", "{day} : la politique n'a pas de calendrier {calendar}, il ne compte donc dans aucun nouvel incident"},
	"check.holiday.where.mend": {"give the calendar its name back, or announce the day for one that there is: `/incident holiday add`", "rendez son nom au calendrier, ou annoncez le jour pour un calendrier existant : `/incident holiday add`"},
	"cli.oncall.holidays":      {"Holidays within five weeks: {days}", "Jours fériés d'ici cinq semaines : {days}"},
	"cli.oncall.day":           {"{day} {name} ({calendar})", "{day} {name} ({calendar})"},
	"cli.oncall.day.bare":      {"{day} ({calendar})", "{day} ({calendar})"},
}
