package catalog

var replyMessages = table{}
