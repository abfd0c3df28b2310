package commands

import (
	"slices"
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

// Only "private:" declares a private incident unasked; the word alone may belong to what is wrong, and the form asks, ticked.
func TestAWordThatLooksPrivateIsAskedAbout(t *testing.T) {
	for _, typed := range []string{"declare private API is slow sev2", "declare privé : ", "declare Private", "declare restricted area door is open", "declare private, the API"} {
		inWorld(t, "en", func(w *world) {
			r := w.say(sam, "", typed)
			if r.Form == nil || r.Form.ID != view.FormDeclare {
				t.Fatalf("%q: %+v", typed, r)
			}
			ticked := false
			for _, b := range r.Form.Blocks {
				if in, is := b.(view.Input); is && in.ID == view.InputPrivate {
					boxes, _ := in.Field.(view.ChecksField)
					ticked = slices.Contains(boxes.Chosen, view.Yes)
				}
			}
			if !ticked {
				t.Errorf("%q: the box is not ticked", typed)
			}
			w.wants(typed, r, "Nothing is declared yet")
		})
	}
	for typed, title := range map[string]string{"declare private: data was read sev1": "data was read", "declare privé : données lues sev1": "données lues", "declare RESTRICTED: x y": "x y"} {
		inWorld(t, "en", func(w *world) {
			if r := w.say(sam, outside, typed); r.Card == nil {
				t.Fatalf("%q: %+v", typed, r)
			}
			if s := w.state("INC-1"); s.Private == nil || s.Title.Body != title {
				t.Errorf("%q: private %v, title %q", typed, s.Private != nil, s.Title.Body)
			}
		})
	}
	inWorld(t, "en", func(w *world) {
		w.say(sam, outside, "declare our private API is slow")
		if s := w.state("INC-1"); s.Private != nil || s.Seq == 0 {
			t.Errorf("a word in the middle makes it private: %v", s.Private)
		}
	})
}

// What follows "private invite" and names nobody is a reason, and the form asks; a single name that is none is said to be none.
func TestPrivateInviteOfNobody(t *testing.T) {
	inWorld(t, "en", func(w *world) {
		s := w.declare("checkout is down sev2")
		r := w.say(sam, room(s.ID), "private invite tokens leaked")
		if r.Form == nil || r.Form.ID != view.FormPrivate {
			t.Fatalf("%+v", r)
		}
		w.wants("the form", r, "invite tokens leaked")
		if r := w.say(sam, room(s.ID), "private invite lea"); r.Form != nil {
			t.Error("a name that nobody has is no reason")
		}
	})
}
