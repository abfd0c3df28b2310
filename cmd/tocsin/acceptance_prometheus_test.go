package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-bot/tocsin/bot/incident"
	"github.com/tocsin-bot/tocsin/bot/sandbox"
)

// TestRealPrometheus goes the whole way with what deploy/ ships: a metric crosses its threshold, a real Prometheus evaluates the rule files as
// they are, a real Alertmanager with the shipped configuration (its addresses, secrets and waits apart) sends to PagerDuty and to the bot,
// and there is a room with the runbook's first step and one ring. Below the threshold there is nothing; when the metric falls the alert is
// over, in both. The dead-man's switch reaches the service outside, and nobody else.
func TestRealPrometheus(t *testing.T) {
	t.Parallel()
	prometheus := tool(t, "prometheus")
	alertmanager := tool(t, "prometheus-alertmanager", "alertmanager")
	w := newWorld(t)
	edit := func(text string, pairs ...string) string {
		t.Helper()
		for i := 0; i+1 < len(pairs); i += 2 {
			if !strings.Contains(text, pairs[i]) {
				t.Fatalf("%q is not where it was", pairs[i])
			}
			text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
		}
		return text
	}
	file := func(path string) string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	w.write(w.config, edit(file(w.config), "first_page: tocsin\n", "first_page: pagerduty\n"))
	data := filepath.Join(w.dir, "data")
	bot := w.serve("bot", w.env("TOCSIN_DATA_DIR="+data))
	reader := bare("TOCSIN_DATA_DIR="+data, "TOCSIN_CONFIG="+w.config)

	// A database's exporter: 100 connections at most, in two states, of which one moves.
	var idle atomic.Int64
	idle.Store(45)
	exporter := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprintf(rw, "pg_settings_max_connections{server=\"db1:5432\"} 100\npg_stat_activity_count{datname=\"kyc\",state=\"active\"} 40\n"+
			"pg_stat_activity_count{datname=\"kyc\",state=\"idle\"} %d\n", idle.Load())
	}))
	t.Cleanup(exporter.Close)
	// The service outside that rings when it hears nothing.
	var beats, strangers atomic.Int64
	outside := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var n struct {
			Alerts []struct{ Labels map[string]string }
		}
		if b, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(b, &n) != nil {
			strangers.Add(1)
		}
		for _, a := range n.Alerts {
			if a.Labels["alertname"] == "Watchdog" {
				beats.Add(1)
			} else {
				strangers.Add(1)
			}
		}
	}))
	t.Cleanup(outside.Close)

	token, key := filepath.Join(w.dir, "token"), filepath.Join(w.dir, "key")
	w.write(token, alertToken)
	w.write(key, sandbox.ProductionKey)
	managerConfig := filepath.Join(w.dir, "alertmanager.yml")
	w.write(managerConfig, "global: {pagerduty_url: "+w.base+"/pagerduty/v2/enqueue}\n"+edit(file("../../deploy/alertmanager/alertmanager.yml"),
		"http://tocsin:8080/webhooks/alertmanager #", "http://"+w.bot+"/webhooks/alertmanager #", "/run/secrets/alertmanager_token", token,
		"/run/secrets/pagerduty_alertmanager_key", key, "https://heartbeat.example.com", outside.URL,
		"group_wait: 10s", "group_wait: 500ms", "group_interval: 1m", "group_interval: 1s", "repeat_interval: 50s", "repeat_interval: 900ms"))
	manager := freeAddr(t)
	start(t, "alertmanager", alertmanager, bare(), "--config.file="+managerConfig, "--storage.path="+filepath.Join(w.dir, "am"), "--web.listen-address="+manager, "--cluster.listen-address=")
	await(t, 20*time.Second, "alertmanager is ready", func() bool { s, _ := get("http://" + manager + "/-/ready"); return s == http.StatusOK })

	rules, err := filepath.Abs("../../deploy/prometheus")
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(exporter.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(w.dir, "prometheus.yml")
	w.write(config, fmt.Sprintf(`
global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
rule_files: [%[1]s/catalogue.yaml, %[1]s/early-warnings.yaml, %[1]s/watchdog.yaml, %[1]s/rules.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: ["%[2]s"]}]}]}
scrape_configs:
  - {job_name: postgres, static_configs: [{targets: ["%[3]s"], labels: {instance: db1}}]}
  - {job_name: ocr-svc, metrics_path: /ocr, metric_relabel_configs: [{source_labels: [__name__], regex: pg_.*, action: drop}], static_configs: [{targets: ["%[3]s"]}]}
  - {job_name: tocsin, static_configs: [{targets: ["%[4]s"]}]}
`, rules, manager, net.JoinHostPort(host, port), w.bot))
	server := freeAddr(t)
	start(t, "prometheus", prometheus, bare(), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(w.dir, "tsdb"), "--web.listen-address="+server,
		"--rules.alert.resend-delay=1s") // it finds Alertmanager some seconds after its first evaluation
	// value is the first value a query finds, and whether it found anything.
	value := func(query string) (string, bool) {
		_, body := get("http://" + server + "/api/v1/query?query=" + url.QueryEscape(query))
		var out struct {
			Data struct {
				Result []struct{ Value [2]any }
			}
		}
		if json.Unmarshal([]byte(body), &out) != nil || len(out.Data.Result) == 0 {
			return "", false
		}
		return fmt.Sprint(out.Data.Result[0].Value[1]), true
	}

	// said is everything a room reads.
	said := func(room channel) string {
		var words strings.Builder
		for _, m := range w.messages(room.ID) {
			words.WriteString(m.Text + "\n" + string(m.Blocks) + "\n")
		}
		return words.String()
	}

	// ours is the one incident of the service Alertmanager sends to; the tech lead's page is another's.
	ours := func() (p pagerIncident) {
		t.Helper()
		n := 0
		for _, i := range w.pages().Incidents {
			if i.ServiceID == sandbox.ProductionServiceID {
				n++
				p = i
			}
		}
		if n != 1 {
			t.Fatalf("PagerDuty has %d incidents of the production service, not one", n)
		}
		return p
	}

	// 85 of 100 are not more than 85 %: the rule has been evaluated, and nothing came of it.
	await(t, 40*time.Second, "Prometheus has seen the connections", func() bool { v, _ := value("sum(pg_stat_activity_count)"); return v == "85" })
	await(t, 40*time.Second, "Prometheus has seen the bot", func() bool { v, _ := value(`up{job="tocsin"}`); return v == "1" })
	heard := beats.Load()
	await(t, 40*time.Second, "the dead-man's switch, again and again", func() bool { return beats.Load() >= heard+3 })
	if v, fires := value(`ALERTS{alertname!="Watchdog",alertstate="firing"}`); fires || len(w.rooms()) > 0 || w.phones(sandbox.Primary) > 0 {
		t.Fatalf("below the threshold: fires %v %s, %d rooms, %d rings", fires, v, len(w.rooms()), w.phones(sandbox.Primary))
	}

	idle.Store(46) // 86
	await(t, 40*time.Second, "a room with the runbook's first step", func() bool {
		rooms := w.rooms()
		return len(rooms) > 0 && strings.Contains(said(rooms[0]), "RB-004 · 1 of")
	})
	await(t, 40*time.Second, "the page of PagerDuty in the incident", func() bool { return len(show(t, reader, "INC-1").State.Pagers) == 1 })
	s := show(t, reader, "INC-1").State
	if len(s.Alerts) != 1 || s.Alerts[0].Name != "PostgresConnectionsExhausted" || s.Alerts[0].Firing != 1 {
		t.Errorf("the alerts of INC-1: %+v", s.Alerts)
	}
	if s.Severity != incident.SEV2 || !s.Confirmed || s.Service != "postgres" {
		t.Errorf("INC-1 is a SEV-%d, confirmed %v, of service %q; the catalogue says a confirmed SEV-2, the rule postgres", s.Severity, s.Confirmed, s.Service)
	}
	if words := said(w.rooms()[0]); !strings.Contains(words, "PostgreSQL db1: the connections run out") {
		t.Errorf("nobody in the room reads what the alert says:\n%s", words)
	}
	for _, role := range []string{sandbox.Primary, sandbox.TechLead} { // level 1, and who a SEV-2 pages at once
		if n := w.phones(role); n != 1 {
			t.Errorf("the phone of %s rang %d times, not once", role, n)
		}
	}
	if p := ours(); p.Status != "triggered" || p.Title != "PostgreSQL db1: the connections run out" {
		t.Errorf("PagerDuty's incident: %+v", p)
	}

	idle.Store(45)
	await(t, 40*time.Second, "the alert has cleared in INC-1", func() bool { return show(t, reader, "INC-1").State.Alerts[0].Firing == 0 })
	await(t, 40*time.Second, "the alert has cleared in PagerDuty", func() bool { return ours().Status == "resolved" })
	if !show(t, reader, "INC-1").State.Open() {
		t.Error("INC-1 closed itself: that the alert is over does not end the incident")
	}

	list, _, _ := tocsin(t, reader, "list", "--all")
	if strings.Count(list, "INC-") != 1 || len(w.rooms()) != 1 || strings.Contains(list, "Watchdog") {
		t.Errorf("%d rooms; incidents:\n%s", len(w.rooms()), list)
	}
	if n := strangers.Load(); n > 0 {
		t.Errorf("%d alerts that are no sign of life reached the service outside", n)
	}
	w.noOdd()
	bot.stop()
	w.noSecret("the bot's log", bot.output())
}
