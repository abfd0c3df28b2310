package commands

import (
	"testing"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/view"
)

// Going private is not taken back: the command alone shows what it will do; the form's button or the word confirm does it.
func TestPrivateIsAskedFirst(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down sev2")
		here := room(s.ID)
		s = w.state(s.ID)
		r := w.say(sam, here, "private customer data was read")
		if r.Form == nil || r.Form.ID != view.FormPrivate || r.Form.Ref.Incident != string(s.ID) {
			t.Fatalf("%+v", r)
		}
		w.wants("the form", r, "What will happen", "new private channel", "What stays visible", "customer data was read", "not taken back")
		w.quiet("a form that is shown", s)
		w.submit(sam, view.FormPrivate, r.Form.Ref, map[string]string{view.InputReason: "customer data was read"})
		s = w.state(s.ID)
		if s.Private == nil || s.Private.Why != incident.PrivateAsked {
			t.Fatal("not private")
		}
		w.wants("again", w.say(sam, "", "INC-1 private"), "it is private since")
	})
	inWorld(t, "fr", func(w *world) {
		s := w.declare("checkout is down sev2")
		w.say(sam, room(s.ID), "private confirmer lecture de données")
		if w.state(s.ID).Private == nil {
			t.Error("the word confirm does not do it")
		}
	})
}
