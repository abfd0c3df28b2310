package runbooks

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// anyCluster is an API server in which every deployment, stateful set, pod, node and setting that is asked for by name is there and well. It answers
// whatever a runbook's kubectl may ask, writes down what was asked, and refuses all else.
type anyCluster struct {
	mu         sync.Mutex
	asked      []string // in order, each once; discovery and what describe asks beside its subject are left out
	unexpected []string
}

type object = map[string]any

// canned is what the programs in the cluster say: a line for every filter that a runbook puts behind one.
var canned = strings.Join([]string{
	"GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID", "aml aml.subjects 3 10 90010 90000 c-1", "jwt of issuer refused: 401 ", "could not sign: hmac",
	"s3 bucket: no such object", "billing report denied", "receipt chain at 7", "198.51.100.4 GET /verify/1", "proofs.retry 3 0 1",
}, "\n") + "\n"

// The programs whose answer is read by another.
const (
	sizes  = "Querying brokers\n" + `{"brokers":[{"broker":0,"logDirs":[{"partitions":[{"partition":"aml.subjects-3","size":7}]}]}]}` + "\n"
	issuer = `{"issuer":"https://id.example.com/realms/exawipe","jwks_uri":"https://id.example.com/certs"}` + "\n"
)

// openAPI tells kubectl edit that the server itself checks the fields of what it sends.
var openAPI = object{"openapi": "3.0.0", "info": object{"title": "x", "version": "1"}, "paths": object{"/api/v1/namespaces/{namespace}/configmaps/{name}": object{"patch": object{
	"parameters": []any{object{"name": "fieldValidation", "in": "query", "schema": object{"type": "string"}}}, "responses": object{},
	"x-kubernetes-group-version-kind": object{"group": "", "version": "v1", "kind": "ConfigMap"}}}}}

var discovery = map[string]any{
	"/version": object{"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
	"/api":     object{"kind": "APIVersions", "versions": []string{"v1"}},
	"/apis": object{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{
		group("apps", "v1"), group("autoscaling", "v2"), group("metrics.k8s.io", "v1beta1")}},
	"/openapi/v3":                  object{"paths": object{"api/v1": object{"serverRelativeURL": "/openapi/v3/api/v1"}}},
	"/openapi/v3/api/v1":           openAPI,
	"/api/v1":                      resources("v1", "Pod", "Node", "ConfigMap"),
	"/apis/apps/v1":                resources("apps/v1", "Deployment", "StatefulSet"),
	"/apis/autoscaling/v2":         resources("autoscaling/v2", "HorizontalPodAutoscaler"),
	"/apis/metrics.k8s.io/v1beta1": resources("metrics.k8s.io/v1beta1", "PodMetrics"),
}

func group(name, version string) any {
	v := object{"groupVersion": name + "/" + version, "version": version}
	return object{"name": name, "versions": []any{v}, "preferredVersion": v}
}

func resources(version string, kinds ...string) any {
	var list []any
	for _, k := range kinds {
		name := strings.ToLower(k) + "s"
		r := object{"name": name, "singularName": strings.ToLower(k), "namespaced": k != "Node", "kind": k, "verbs": []string{"get", "list", "watch", "patch", "update", "create", "delete"}}
		switch k {
		case "HorizontalPodAutoscaler":
			r["shortNames"] = []string{"hpa"}
		case "PodMetrics":
			r["name"] = "pods"
		case "Deployment":
			r["shortNames"] = []string{"deploy"}
		}
		list = append(list, r)
		if k == "Deployment" {
			list = append(list, object{"name": "deployments/scale", "namespaced": true, "kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": []string{"get", "patch", "update"}})
		}
	}
	return object{"kind": "APIResourceList", "groupVersion": version, "resources": list}
}

// named is an object of a kind with that name. A deployment's pods carry its name as their label app.
func named(kind, namespace, name string) object {
	env := func(n, v string) any { return object{"name": n, "value": v} }
	meta := object{"name": name, "namespace": namespace, "uid": "u-1", "resourceVersion": "7", "generation": 1, "labels": object{"app": name}, "creationTimestamp": "2026-11-21T03:00:00Z"}
	spec := object{"nodeName": "gpu-node-1", "containers": []any{object{"name": "main", "image": "x", "resources": object{"limits": object{"memory": "4Gi"}}, "env": []any{
		env("OCR_PRIMARY", "internal"), env("TENANT_acme-bank_LIVENESS_LEVEL", "2"), env("SIGNER_MODE", "remote"), env("S3_BUCKET", "proofs"), env("ANCHOR_ENABLED", "true"), env("VERIFY_RATE_LIMIT", "9")}}}}
	o := object{"kind": kind, "apiVersion": "v1", "metadata": meta}
	template := object{"metadata": object{"labels": object{"app": name}}, "spec": spec}
	selector := object{"matchLabels": object{"app": name}}
	switch kind {
	case "Pod":
		phase := "Running"
		if strings.Contains(name, "check") { // of kubectl run: it has said what it had to say
			phase = "Succeeded"
		}
		o["spec"], o["status"] = spec, object{"phase": phase, "conditions": []any{object{"type": "Ready", "status": "True"}},
			"containerStatuses": []any{object{"name": "main", "ready": true, "restartCount": 3, "state": object{"running": object{}}}}}
	case "Node":
		o["status"] = object{"allocatable": object{"nvidia.com/gpu": "1"}, "conditions": []any{object{"type": "Ready", "status": "True"}}}
	case "ConfigMap":
		o["data"] = object{"maximum-pool-size": "10"}
	case "Deployment":
		o["apiVersion"] = "apps/v1"
		o["spec"] = object{"replicas": 5, "selector": selector, "template": template}
		o["status"] = object{"observedGeneration": 1, "replicas": 5, "updatedReplicas": 5, "readyReplicas": 5, "availableReplicas": 5}
	case "StatefulSet":
		o["apiVersion"] = "apps/v1"
		o["spec"] = object{"replicas": 1, "selector": selector, "template": template, "updateStrategy": object{"type": "RollingUpdate"}}
		o["status"] = object{"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "currentReplicas": 1, "currentRevision": "r", "updateRevision": "r"}
	case "Scale":
		o["apiVersion"], o["spec"], o["status"] = "autoscaling/v1", object{"replicas": 5}, object{"replicas": 5}
	case "HorizontalPodAutoscaler":
		o["apiVersion"], o["spec"] = "autoscaling/v2", object{"maxReplicas": 8, "scaleTargetRef": object{"kind": "Deployment", "name": "kyc-svc"}}
	case "PodMetrics":
		o["apiVersion"], o["timestamp"], o["window"] = "metrics.k8s.io/v1beta1", "2026-11-21T03:00:00Z", "30s"
		o["containers"] = []any{object{"name": "main", "usage": object{"cpu": "250m", "memory": "64Mi"}}}
	}
	return o
}

var (
	namespaced = regexp.MustCompile(`^/(?:api/v1|apis/[a-z0-9.]+/v[a-z0-9]+)/(?:namespaces/([a-z0-9-]+)/)?([a-z]+)(?:/([a-z0-9.-]+))?(?:/([a-z]+))?$`)
	kinds      = map[string]string{"pods": "Pod", "nodes": "Node", "configmaps": "ConfigMap", "deployments": "Deployment", "statefulsets": "StatefulSet", "horizontalpodautoscalers": "HorizontalPodAutoscaler"}
	when       = regexp.MustCompile(`20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:+Z-]+`)
)

func (c *anyCluster) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.asked, line) {
		c.asked = append(c.asked, line)
	}
}

func (c *anyCluster) refuse(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.unexpected = append(c.unexpected, r.Method+" "+r.URL.RequestURI())
	c.mu.Unlock()
	http.NotFound(w, r)
}

func (c *anyCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	if v, ok := discovery[r.URL.Path]; ok && r.Method == http.MethodGet {
		say(v)
		return
	}
	m := namespaced.FindStringSubmatch(r.URL.Path)
	if m == nil {
		c.refuse(w, r)
		return
	}
	namespace, resource, name, sub, q := m[1], m[2], m[3], m[4], r.URL.Query()
	if r.Method == http.MethodGet && (resource == "events" || resource == "leases") {
		if name != "" {
			say(object{"kind": "Lease", "apiVersion": "coordination.k8s.io/v1", "metadata": object{"name": name}})
			return
		}
		say(object{"kind": "List", "apiVersion": "v1", "metadata": object{}, "items": []any{}})
		return
	}
	kind, ok := kinds[resource]
	if !ok {
		c.refuse(w, r)
		return
	}
	if strings.Contains(r.URL.Path, "metrics.k8s.io") {
		kind = "PodMetrics"
	}
	at := path.Join(namespace, resource, name, sub)
	switch {
	case resource == "pods" && sub == "exec":
		c.note("EXEC %s: %s", path.Join(namespace, name), strings.Join(q["command"], " "))
		c.exec(w, r)
	case r.Method == http.MethodGet && resource == "pods" && sub == "log":
		c.note("LOG %s %s", path.Join(namespace, name), logQuery(q.Get("tailLines"), q.Get("sinceSeconds")))
		text := canned
		if strings.Contains(name, "check") {
			text = issuer
		}
		_, _ = io.WriteString(w, text)
	case r.Method == http.MethodGet && name == "" && q.Get("watch") != "":
		// What is waited for is so already: the list said it. The watch stays open until kubectl leaves.
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	case r.Method == http.MethodGet && name == "":
		names := []string{"keycloak-postgres-0", "reverse-proxy-7"}
		if _, field, ok := strings.Cut(q.Get("fieldSelector"), "metadata.name="); ok {
			names = []string{field}
		} else if _, app, ok := strings.Cut(q.Get("labelSelector"), "app="); ok {
			names = []string{app + "-1"}
		}
		var items []any
		for _, n := range names {
			items = append(items, named(kind, namespace, n))
		}
		c.note("LIST %s %s%s", at, q.Get("labelSelector"), q.Get("fieldSelector"))
		say(object{"kind": kind + "List", "apiVersion": named(kind, namespace, names[0])["apiVersion"], "metadata": object{"resourceVersion": "7"}, "items": items})
	case r.Method == http.MethodGet && sub == "":
		c.note("GET %s", at)
		say(named(kind, namespace, name))
	case sub == "scale" && (r.Method == http.MethodGet || r.Method == http.MethodPut || r.Method == http.MethodPatch):
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		var in struct{ Spec struct{ Replicas int } }
		_ = json.Unmarshal(body, &in)
		if r.Method != http.MethodGet {
			c.note("SCALE %s to %d", at, in.Spec.Replicas)
		}
		say(named("Scale", namespace, name))
	case r.Method == http.MethodPatch && sub == "":
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			c.refuse(w, r)
			return
		}
		sorted, _ := json.Marshal(v)
		c.note("PATCH %s %s", at, when.ReplaceAllString(string(sorted), "TIME"))
		say(named(kind, namespace, name))
	case r.Method == http.MethodPost && resource == "pods" && name == "":
		var in struct {
			Metadata struct{ Name string }
			Spec     struct {
				RestartPolicy string
				Containers    []struct {
					Image string
					Args  []string
				}
			}
		}
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&in); err != nil || len(in.Spec.Containers) != 1 {
			c.refuse(w, r)
			return
		}
		c.note("RUN %s %s, restart %s: %s", path.Join(namespace, in.Metadata.Name), in.Spec.Containers[0].Image, in.Spec.RestartPolicy, strings.Join(in.Spec.Containers[0].Args, " "))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		say(named(kind, namespace, in.Metadata.Name))
	case r.Method == http.MethodDelete && resource == "pods" && name != "":
		c.note("DELETE %s", at)
		say(named(kind, namespace, name))
	default:
		c.refuse(w, r)
	}
}

func logQuery(tail, since string) string {
	switch {
	case tail != "":
		return "last " + tail + " lines"
	case since != "":
		return "of " + since + " s"
	}
	return "all"
}

// exec runs no program: it says what programs say, and that it went well (the WebSocket protocol of kubectl 1.31 and later: the first byte is
// the channel, 1 standard output, 3 the outcome).
func (c *anyCluster) exec(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{"v5.channel.k8s.io", "v4.channel.k8s.io"}, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	for r.URL.Query().Get("stdin") == "true" && conn.Subprotocol() == "v5.channel.k8s.io" { // a program reads to the end, or what writes to it dies of a broken pipe
		if _, m, err := conn.ReadMessage(); err != nil {
			return
		} else if len(m) == 2 && m[0] == 255 && m[1] == 0 { // standard input is closed
			break
		}
	}
	text := canned
	switch command := r.URL.Query()["command"]; {
	case slices.Contains(command, "kafka-log-dirs.sh"):
		text = sizes
	case slices.Contains(command, "kafka-get-offsets.sh"):
		text = "aml.subjects:3:1200000\n"
	}
	for _, m := range []string{"\x01" + text, "\x03" + `{"metadata":{},"status":"Success"}`} {
		if err := conn.WriteMessage(websocket.BinaryMessage, []byte(m)); err != nil {
			return
		}
	}
	_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	for { // until kubectl has read it and leaves
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}
