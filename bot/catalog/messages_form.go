package catalog

var formMessages = table{}
