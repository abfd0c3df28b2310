package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// newDemo starts `tocsin demo` and returns its world.
func newDemo(t *testing.T, args ...string) *world {
	t.Helper()
	p := start(t, "demo", binary, bare(), append([]string{"demo"}, args...)...)
	w := &world{t: t, proc: p, dir: t.TempDir()}
	await(t, 30*time.Second, "the demo prints its address", func() bool {
		m := regexp.MustCompile(`Open (http://\S+)`).FindStringSubmatch(p.output())
		if m != nil {
			w.base = m[1]
		}
		return m != nil
	})
	w.do("GET", "/control/cast", nil, &w.cast)
	return w
}

// card is the pinned headline of a room as Slack holds it, empty before there is one.
func (w *world) card(room string) string {
	w.t.Helper()
	for _, m := range w.messages(room) {
		if m.Pinned {
			return readable(w.t, m.Blocks)
		}
	}
	return ""
}

// readable is JSON without HTML's escapes.
func readable(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	b := &bytes.Buffer{}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// open goes to a channel by the list. The list may grow under the pointer, and then it is pressed again.
func (b *browser) open(name string) {
	b.t.Helper()
	for range 5 {
		b.click(element("#channels .channel", name))
		here := false
		if b.eval(fmt.Sprintf(`!!(document.querySelector("#channels .channel[aria-current=page]")?.innerText || "").includes(%q)`, name), &here); here {
			return
		}
	}
	b.shot("failed")
	b.t.Fatalf("%s does not open", name)
}

// TestDemoInABrowser does on the demo's page what its reader is told to do, as a person with a mouse and a keyboard.
func TestDemoInABrowser(t *testing.T) {
	t.Parallel()
	tool(t, "chromium", "chromium-browser", "google-chrome")
	w := newDemo(t)
	b := newBrowser(t, w, 1400, 900)

	// Declare by form.
	b.write("/incident")
	b.until("the form is open", `document.querySelector("#modal[open]")`)
	b.types(`#modal [data-action="title"]`, "Checkout is down")
	b.click(`document.querySelector('#modal input[type=radio][value="2"]')`)
	b.shot("wide-1-form")
	b.click(`document.querySelector("#modal footer .primary")`)
	b.sees("#modal", "INC-1 is recorded as SEV-2: Checkout is down.")
	b.click(element("#modal footer button", "Close"))
	b.until("the form is gone", `!document.querySelector("#modal[open]")`)
	var room channel
	await(t, 20*time.Second, "a room", func() bool {
		for _, r := range w.rooms() {
			room = r
		}
		return room.ID != ""
	})
	if !strings.HasSuffix(room.Name, "-checkout-is-down") {
		t.Errorf("the room is called %s", room.Name)
	}
	b.open(room.Name)
	b.sees("#messages", "SEV-2 · INC-1 · Checkout is down")

	// A press counts, though what it fell on changes before it ends.
	all := w.channels()
	incidents := all[slices.IndexFunc(all, func(c channel) bool { return c.Name == "incidents" })]
	x, y := b.place(element("#channels .channel", "incidents"))
	b.mouse("mousePressed", x, y)
	w.do("POST", "/control/people/"+w.member(sandbox.Secondary).SlackID+"/messages", obj{"channel": incidents.ID, "text": "anybody here?"}, nil)
	time.Sleep(300 * time.Millisecond) // the page hears of it and would draw
	b.mouse("mouseReleased", x, y)
	b.sees("#messages", "anybody here?")
	b.open(room.Name)
	b.sees("#messages", "SEV-2 · INC-1 · Checkout is down")

	b.until("no word any more about a channel that is open", `document.getElementById("notice").hidden`)
	await(t, 20*time.Second, "the headline", func() bool { return w.card(room.ID) != "" })

	// Claim a role on the card.
	marc := w.member(sandbox.Primary).SlackID
	before := w.card(room.ID)
	b.click(`document.querySelector("#messages [data-action^='take-role']")`)
	await(t, 20*time.Second, "the card holds who took the role", func() bool {
		now := w.card(room.ID)
		return strings.Count(now, marc) > strings.Count(before, marc) || strings.Count(now, "Marc Lindqvist") > strings.Count(before, "Marc Lindqvist")
	})
	b.until("the page shows it", `/(Comms|Communications)[^\n]*Marc/.test(document.getElementById("messages").innerText)`)

	// A runbook and its first step.
	b.write("/incident runbook RB-004")
	b.sees("#messages", "RB-004 · 1 of")
	step := func() string {
		for _, m := range w.messages(room.ID) {
			if s := string(m.Blocks); !m.Deleted && strings.Contains(s, "RB-004 · 1 of") {
				return readable(t, m.Blocks)
			}
		}
		return ""
	}
	was := step()
	b.shot("wide-2-room")
	b.click(`[...document.querySelectorAll("#messages [data-action^='step-branch'], #messages [data-action^='step-done']")][0]`)
	await(t, 20*time.Second, "the step's card has changed", func() bool { now := step(); return now != was && !strings.Contains(now, `"step-skip`) })
	b.sees("#messages", "RB-004 · ")
	b.until("the next step", `/RB-004 · [2-9] of/.test(document.getElementById("messages").innerText)`)
	b.shot("wide-3-step")

	// A page by the lever, acknowledged in the pane of phones.
	b.eval(`document.getElementById("alert").value = "OcrServiceDown"`, nil)
	b.click(`document.querySelector("#fire button")`)
	b.sees("#phones", "OCR service is down")
	await(t, 20*time.Second, "a room for the page", func() bool { return len(w.rooms()) == 2 })
	b.click(`[...document.querySelectorAll("#phones article")].find((a) => a.innerText.includes("VitaKYC production")).querySelector("button.primary")`)
	await(t, 20*time.Second, "the page is acknowledged", func() bool {
		return slices.ContainsFunc(w.pages().Incidents, func(i pagerIncident) bool {
			return i.ServiceID == sandbox.ProductionServiceID && i.Status == "acknowledged"
		})
	})
	page := slices.DeleteFunc(w.rooms(), func(c channel) bool { return c.ID == room.ID })[0]
	await(t, 20*time.Second, "and the room's card knows by whom", func() bool {
		now := w.card(page.ID)
		return strings.Contains(now, marc) || strings.Contains(now, "Marc Lindqvist")
	})
	b.open(page.Name)
	b.sees("#messages", "INC-2")
	b.sees("#messages", "RB-002 · 1 of")
	b.shot("wide-4-page")
	b.fits("1400x900")

	// The same on a phone.
	b.size(390, 800)
	for _, pane := range []string{"phones", "channels", "messages"} {
		b.click(fmt.Sprintf(`document.querySelector('.tabs [data-show=%q]')`, pane))
		b.shot("narrow-" + pane)
		b.fits("390x800, " + pane)
	}
	b.eval(`document.getElementById("messages").scrollTop = 0`, nil)
	b.shot("narrow-messages-top")
	b.write("/incident")
	b.until("the form is open", `document.querySelector("#modal[open]")`)
	b.shot("narrow-form")
	b.fits("390x800, form")

	b.mu.Lock()
	says := slices.Clone(b.says)
	b.mu.Unlock()
	for _, s := range says {
		t.Errorf("the page complains: %s", s)
	}
	w.noOdd()
	w.proc.stop()
}

// maxPicture is what the README's picture may weigh, in bytes.
const maxPicture = 300_000

// TestReadmePicture sets the scene of deploy/readme/demo.png and holds that everything it promises is in view. TOCSIN_README_PICTURE=FILE
// keeps the picture.
func TestReadmePicture(t *testing.T) {
	t.Parallel()
	tool(t, "chromium", "chromium-browser", "google-chrome")
	w := newDemo(t)
	b := newBrowser(t, w, 1400, 1000)
	w.do("POST", "/control/pages/fire", obj{"alert": "PostgresConnectionsExhausted"}, nil)
	var room channel
	await(t, 20*time.Second, "a room", func() bool {
		for _, r := range w.rooms() {
			room = r
		}
		return room.ID != "" && w.card(room.ID) != "" && w.phones(sandbox.TechLead) == 1 && strings.Contains(fmt.Sprint(w.messages(room.ID)), "RB-004")
	})
	w.do("POST", "/control/clock", obj{"advance": "2m"}, nil)
	for _, i := range w.pages().Incidents {
		if i.ServiceID == sandbox.ProductionServiceID {
			w.do("POST", "/control/pages/"+i.ID+"/acknowledge", obj{"as": "primary"}, nil)
		}
	}
	b.open(room.Name)
	b.until("Marc commands", `/Commander\s+Marc/.test(document.getElementById("messages").innerText)`)
	b.sees("#messages", "RB-004 · 1 of")
	b.eval(`document.getElementById("notice").hidden = true; document.activeElement.blur()`, nil)
	b.eval(`(() => { const m = [...document.querySelectorAll("#messages .message")].find((e) => e.innerText.includes("SEV-2 · INC-1")); m.scrollIntoView({block: "start"}); })()`, nil)
	time.Sleep(2 * time.Second) // a ringing phone shakes for a moment
	for _, words := range []string{"SEV-2 · INC-1", "Commander", "I have progress", "RB-004 · 1 of 9", "SELECT count", "Page Tech lead"} {
		b.until(words+" is in view", fmt.Sprintf(`[...document.querySelectorAll("main *")].some((e) => { if (e.children.length > 3 || !e.innerText?.includes(%q)) return false; const r = e.getBoundingClientRect(); return r.height > 0 && r.top >= 0 && r.bottom <= innerHeight; })`, words))
	}
	img := b.shot("readme")
	if len(img) > maxPicture {
		t.Errorf("the picture weighs %d bytes, more than %d", len(img), maxPicture)
	}
	if to := os.Getenv("TOCSIN_README_PICTURE"); to != "" {
		if err := os.WriteFile(to, img, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w.proc.stop()
}
