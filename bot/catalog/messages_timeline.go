package catalog

var timelineMessages = table{}
