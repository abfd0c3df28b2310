package catalog

// alertMessages are what stands about alert groups: storms, their cards in the channel of alerts, merged incidents.
var alertMessages = table{
	"storm.title": {"Alert storm", "Tempête d'alertes"},
	"storm": {
		"{n, plural one{# alert group} other{# alert groups}} taken in, {firing} firing. Alerts opened too many rooms; this one takes in what comes.",
		"{n, plural one{# groupe d'alertes} other{# groupes d'alertes}} ici, dont {firing} en cours. Trop de cellules ouvertes par des alertes : celle-ci reçoit la suite."},
	"storm.service": {"{service} {n}", "{service} {n}"},
	"storm.rest":    {"others {n}", "autres {n}"},
}
