package catalog

var refusalMessages = table{}
