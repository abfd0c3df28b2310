package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// TestRealAlertmanager lets a real Alertmanager send the same group by its webhook, again and again, and through PagerDuty as well: one
// incident, one room, one ring; and what it sends without the token is refused.
func TestRealAlertmanager(t *testing.T) {
	t.Parallel()
	path := tool(t, "prometheus-alertmanager", "alertmanager")
	amtool := tool(t, "amtool")
	w := newWorld(t)
	src, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "first_page: tocsin\n") {
		t.Fatal("the default policy's first_page is not where it was")
	}
	w.write(w.config, strings.Replace(string(src), "first_page: tocsin\n", "first_page: pagerduty\n", 1))
	data := filepath.Join(w.dir, "data")
	bot := w.serve("bot", w.env("TOCSIN_DATA_DIR="+data, "TOCSIN_LOG_LEVEL=debug"))

	hook := "http://" + w.bot + "/webhooks/alertmanager"
	config := filepath.Join(w.dir, "alertmanager.yml")
	w.write(config, fmt.Sprintf(`
route:
  receiver: tocsin
  group_by: [alertname]
  group_wait: 200ms
  group_interval: 1s
  repeat_interval: 1s
  routes:
    - {receiver: stranger, matchers: ['alertname="Stranger"']}
receivers:
  - name: tocsin
    webhook_configs:
      - url: %[1]s
        http_config: {authorization: {credentials: %[2]s}}
    pagerduty_configs:
      - routing_key: %[3]s
        url: %[4]s/pagerduty/v2/enqueue
  - name: stranger
    webhook_configs:
      - url: %[1]s
`, hook, alertToken, sandbox.ProductionKey, w.base))
	addr := freeAddr(t)
	manager := start(t, "alertmanager", path, bare(), "--config.file="+config, "--storage.path="+filepath.Join(w.dir, "am"), "--web.listen-address="+addr, "--cluster.listen-address=")
	await(t, 20*time.Second, "alertmanager is ready", func() bool { s, _ := get("http://" + addr + "/-/ready"); return s == http.StatusOK })

	fire := func(ends time.Time) {
		t.Helper()
		b, _ := json.Marshal([]obj{{"labels": obj{"alertname": "OcrServiceDown", "service": "ocr-svc", "severity": "critical"}, "annotations": obj{"summary": "OCR is down"},
			"startsAt": time.Now().Add(-time.Minute).UTC().Format(time.RFC3339), "endsAt": ends.UTC().Format(time.RFC3339), "generatorURL": "http://prometheus.example/g"}})
		if got := send(t, "http://"+addr+"/api/v2/alerts", b); got != http.StatusOK {
			t.Fatalf("alertmanager answers %d", got)
		}
	}
	fire(time.Now().Add(time.Hour))
	reader := bare("TOCSIN_DATA_DIR="+data, "TOCSIN_CONFIG="+w.config)
	await(t, 20*time.Second, "a room", func() bool { return len(w.rooms()) > 0 })
	await(t, 40*time.Second, "four deliveries by webhook", func() bool { return sent(addr, "notifications_total", "webhook") >= 4 })
	await(t, 20*time.Second, "the page of PagerDuty in the incident", func() bool { return len(show(t, reader, "INC-1").State.Pagers) == 1 })
	s := show(t, reader, "INC-1")
	if len(s.State.Alerts) != 1 || s.State.Alerts[0].Firing != 1 || s.State.Alerts[0].Name != "OcrServiceDown" {
		t.Errorf("the alerts of INC-1: %+v", s.State.Alerts)
	}
	if n := w.phones(sandbox.Primary); n != 1 {
		t.Errorf("the phone of the on-call engineer rang %d times, not once", n)
	}

	fire(time.Now()) // resolved
	await(t, 20*time.Second, "the alert has cleared in INC-1", func() bool { return show(t, reader, "INC-1").State.Alerts[0].Firing == 0 })

	// Without the token, as amtool's user would do it.
	out, err := exec.Command(amtool, "--alertmanager.url=http://"+addr, "alert", "add", "Stranger", "service=other", "--annotation=summary=hello").CombinedOutput()
	if err != nil {
		t.Fatalf("amtool: %v %s", err, out)
	}
	await(t, 20*time.Second, "a refusal counted by Alertmanager", func() bool { return strings.Contains(manager.output(), "401") })

	list, _, _ := tocsin(t, reader, "list", "--all")
	if strings.Count(list, "INC-") != 1 || len(w.rooms()) != 1 {
		t.Errorf("%d rooms; incidents:\n%s", len(w.rooms()), list)
	}
	if n := w.phones(sandbox.Primary); n != 1 {
		t.Errorf("the phone of the on-call engineer rang %d times, not once", n)
	}
	w.noOdd()
	bot.stop()
	w.noSecret("the bot's log", bot.output())
}

// sent reads a counter of Alertmanager.
func sent(addr, name, integration string) int {
	_, body := get("http://" + addr + "/metrics")
	m := regexp.MustCompile(`(?m)^alertmanager_` + name + `\{[^}]*integration="` + integration + `"[^}]*\} ([0-9.]+)$`).FindStringSubmatch(body)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	return int(n)
}
