package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// browser is a headless Chromium with one page, driven over the Chrome DevTools Protocol. A client of our own, because a page of it is all
// that is needed: evaluate, keys, pointer, window size, picture (https://chromedevtools.github.io/devtools-protocol/).
type browser struct {
	t   *testing.T
	w   *world
	dir string // of pictures

	ws      *websocket.Conn
	mu      sync.Mutex // of what follows, and of writes
	last    int
	waiting map[int]chan answer
	says    []string // errors and warnings of the page's console, and its exceptions
}

type answer struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// newBrowser opens a page of the world in a window of a size in CSS pixels.
func newBrowser(t *testing.T, w *world, width, height int) *browser {
	t.Helper()
	path := tool(t, "chromium", "chromium-browser", "google-chrome")
	b := &browser{t: t, w: w, dir: os.Getenv("TOCSIN_SCREENSHOTS"), waiting: map[int]chan answer{}}
	if b.dir == "" {
		b.dir = t.TempDir()
	}
	profile, err := os.MkdirTemp("", "tocsin-chromium-") // its helpers write to it a little longer than it lives: not t.TempDir, which fails then
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	p := start(t, "chromium", path, bare(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0", "--user-data-dir="+profile, "about:blank")
	var target []struct {
		Type string `json:"type"`
		URL  string `json:"webSocketDebuggerUrl"`
	}
	url := ""
	await(t, 60*time.Second, "chromium opens a page", func() bool {
		if p.ended() {
			t.Fatalf("chromium ended:\n%s", p.output())
		}
		port, err := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		if err != nil {
			return false
		}
		n, _, _ := strings.Cut(string(port), "\n")
		status, body := get("http://127.0.0.1:" + n + "/json/list")
		if status != http.StatusOK || json.Unmarshal([]byte(body), &target) != nil {
			return false
		}
		for _, x := range target {
			if x.Type == "page" {
				url = x.URL
			}
		}
		return url != ""
	})
	if b.ws, _, err = websocket.DefaultDialer.DialContext(t.Context(), url, nil); err != nil {
		t.Fatal(err)
	}
	b.ws.SetReadLimit(64 << 20)
	read := make(chan struct{})
	go func() { b.read(); close(read) }()
	t.Cleanup(func() {
		b.mu.Lock()
		_ = b.ws.WriteJSON(obj{"id": 1 << 30, "method": "Browser.close"})
		b.mu.Unlock()
		select { // an orderly end takes its helpers along
		case <-p.done:
		case <-time.After(10 * time.Second):
			p.signal(syscall.SIGTERM)
		}
		_ = b.ws.Close()
		<-read
	})
	b.call("Runtime.enable", nil, nil)
	b.call("Log.enable", nil, nil)
	b.call("Page.enable", nil, nil)
	b.size(width, height)
	b.call("Page.navigate", obj{"url": w.base + "/"}, nil)
	b.until("the page shows that the app is connected", `document.getElementById("sockets")?.textContent === "app connected"`)
	return b
}

// read hands answers to who waits for them, until the browser ends.
func (b *browser) read() {
	for {
		var m struct {
			ID int `json:"id"`
			answer
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
		}
		if err := b.ws.ReadJSON(&m); err != nil {
			b.mu.Lock()
			for id, ch := range b.waiting {
				close(ch)
				delete(b.waiting, id)
			}
			b.waiting = nil
			b.mu.Unlock()
			return
		}
		b.mu.Lock()
		if ch := b.waiting[m.ID]; ch != nil {
			ch <- m.answer
			delete(b.waiting, m.ID)
		}
		var p struct {
			Type  string `json:"type"`
			Entry struct {
				Level string `json:"level"`
				Text  string `json:"text"`
				URL   string `json:"url"`
			} `json:"entry"`
		}
		_ = json.Unmarshal(m.Params, &p)
		switch {
		case m.Method == "Runtime.exceptionThrown", m.Method == "Runtime.consoleAPICalled" && (p.Type == "error" || p.Type == "warning" || p.Type == "assert"),
			m.Method == "Log.entryAdded" && (p.Entry.Level == "error" || p.Entry.Level == "warning"):
			b.says = append(b.says, string(m.Params))
		}
		b.mu.Unlock()
	}
}

// call asks the browser and waits for the answer.
func (b *browser) call(method string, params obj, into any) {
	b.t.Helper()
	b.mu.Lock()
	if b.waiting == nil {
		b.mu.Unlock()
		b.t.Fatalf("%s: the browser has ended", method)
	}
	b.last++
	ch := make(chan answer, 1)
	b.waiting[b.last] = ch
	err := b.ws.WriteJSON(obj{"id": b.last, "method": method, "params": params})
	b.mu.Unlock()
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case a, ok := <-ch:
		if !ok || a.Error != nil {
			b.t.Fatalf("%s: %+v", method, a.Error)
		}
		if into != nil {
			if err := json.Unmarshal(a.Result, into); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(60 * time.Second):
		b.t.Fatalf("%s: no answer", method)
	}
}

// size sets the window's size; a narrow one is a phone's.
func (b *browser) size(width, height int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", obj{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}, nil)
}

// eval evaluates an expression in the page.
func (b *browser) eval(expression string, into any) {
	b.t.Helper()
	var out struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", obj{"expression": expression, "returnByValue": true, "awaitPromise": true}, &out)
	if out.Exception != nil {
		b.shot("failed")
		b.t.Fatalf("in the page: %s %s\n%s", out.Exception.Text, out.Exception.Exception.Description, expression)
	}
	if into != nil && len(out.Result.Value) > 0 {
		if err := json.Unmarshal(out.Result.Value, into); err != nil {
			b.t.Fatalf("in the page: %v\n%s", err, expression)
		}
	}
}

// until waits for an expression to become true.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		ok := false
		if b.eval("!!("+expression+")", &ok); ok {
			return
		}
		if time.Now().After(end) {
			b.shot("failed")
			b.t.Fatalf("in the page, waited in vain: %s", what)
		}
	}
}

// sees waits until an element shows words.
func (b *browser) sees(selector, words string) {
	b.t.Helper()
	b.until(selector+" shows "+words, fmt.Sprintf(`(document.querySelector(%q)?.innerText || "").includes(%q)`, selector, words))
}

// element is an expression: the first visible element of a selector that shows words.
func element(selector, words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].find((e) => e.getClientRects().length && e.innerText.includes(%q))`, selector, words)
}

// click presses what an expression finds, with a pointer, where it stands: what something else covers is not pressed.
func (b *browser) click(found string) {
	b.t.Helper()
	x, y := b.place(found)
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		b.mouse(kind, x, y)
	}
}

// place is the middle of what an expression finds, in the window.
func (b *browser) place(found string) (x, y float64) {
	b.t.Helper()
	b.until("there is "+found, found)
	var at struct{ X, Y float64 }
	b.eval(`(() => { const e = `+found+`; e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`, &at)
	hit := false
	b.eval(fmt.Sprintf(`(() => { const e = %s, at = document.elementFromPoint(%f, %f); return !!at && (e.contains(at) || at.contains(e)); })()`, found, at.X, at.Y), &hit)
	if !hit {
		b.shot("failed")
		b.t.Fatalf("something covers %s", found)
	}
	return at.X, at.Y
}

// mouse moves, presses or releases the pointer.
func (b *browser) mouse(kind string, x, y float64) {
	b.t.Helper()
	b.call("Input.dispatchMouseEvent", obj{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}, nil)
}

// types writes into what a selector finds.
func (b *browser) types(selector, text string) {
	b.t.Helper()
	b.until("there is "+selector, fmt.Sprintf(`document.querySelector(%q)`, selector))
	b.eval(fmt.Sprintf(`document.querySelector(%q).focus()`, selector), nil)
	b.call("Input.insertText", obj{"text": text}, nil)
}

// enter presses Enter.
func (b *browser) enter() {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", obj{"type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13}, nil)
	}
}

// says sends a message or a command from the message box.
func (b *browser) write(text string) {
	b.t.Helper()
	b.types("#composer-text", text)
	b.enter()
	b.until("it is sent: "+text, `document.getElementById("composer-text").value === ""`)
}

// shot takes a picture.
func (b *browser) shot(name string) []byte {
	b.t.Helper()
	var out struct{ Data string }
	b.call("Page.captureScreenshot", obj{"format": "png"}, &out)
	img, err := base64.StdEncoding.DecodeString(out.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(b.dir, name+".png"), img, 0o644)
	}
	if err != nil {
		b.t.Fatalf("picture %s: %v", name, err)
	}
	return img
}

// fits fails when something reaches beyond the window: on a phone nobody scrolls sideways at three in the morning.
func (b *browser) fits(where string) {
	b.t.Helper()
	wide := ""
	b.eval(`(() => { const w = document.documentElement.clientWidth; for (const e of document.querySelectorAll("body *")) { const r = e.getBoundingClientRect(); if (r.width && r.height && r.right > w + 1 && getComputedStyle(e).visibility !== "hidden" && !e.closest(".hidden, .skip, pre, .table, .topic, code")) return e.tagName + "." + e.className + ": " + r.right + " of " + w; } return ""; })()`, &wide)
	if wide != "" {
		b.t.Errorf("%s: something reaches beyond the window: %s", where, wide)
	}
}
