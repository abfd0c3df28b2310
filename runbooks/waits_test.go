package runbooks

import (
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// bounds are what each program that waits for somebody else is told, so that at night nothing stands there without an end.
var bounds = map[string][]string{
	"curl": {"--max-time"}, "aws": {"--cli-connect-timeout", "--cli-read-timeout"}, "ping": {"-c"}, "mtr": {"--report-cycles"}, "kafka-console-consumer.sh": {"--max-messages", "--timeout-ms"},
	"rabbitmqctl": {"--timeout"}, "journalctl": {"--no-pager"},
}

// endless are arguments with which a program goes on until somebody stops it.
var endless = []string{"--follow", "-f", "--watch", "-w"}

// Every command of ours that asks a server or a network ends by itself, and kubectl runs nothing in a pod without saying where its own flags end.
func TestNothingWaitsForEver(t *testing.T) {
	seen := map[string]int{}
	blocks(t, "sh", func(r *Runbook, c Command, text string) {
		f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
		if err != nil {
			t.Fatal(err)
		}
		syntax.Walk(f, func(node syntax.Node) bool {
			call, ok := node.(*syntax.CallExpr)
			if !ok {
				return true
			}
			var words []string
			for _, a := range call.Args {
				words = append(words, a.Lit()) // a quoted one is empty: no program and no flag of ours is quoted
			}
			if len(words) == 0 {
				return true
			}
			fault := func(what string) { t.Errorf("%s:%d: %s: %s", r.File, c.Line, strings.Join(words, " "), what) }
			inPod := len(words)
			for i, w := range words {
				if w == "--" {
					inPod = i
				}
			}
			for i, w := range words {
				// The program itself, one that sudo runs, and one that runs in a pod. An image's own program is named by the image.
				if i > 0 && i != inPod+1 && words[i-1] != "sudo" {
					if strings.HasPrefix(w, "--image=") && strings.HasSuffix(w, "/curl") {
						w = "curl"
					} else {
						continue
					}
				}
				wants, known := bounds[w]
				if !known {
					continue
				}
				seen[w]++
				for _, b := range wants {
					if !contains(words, b) {
						fault(w + " without " + b)
					}
				}
			}
			if words[0] != "kubectl" {
				return true
			}
			own := words[:inPod]
			for _, e := range endless {
				if contains(own, e) {
					fault("goes on with " + e)
				}
			}
			if contains(own, "exec") && inPod == len(words) {
				fault("runs something in a pod without --")
			}
			if contains(own, "rollout") && contains(own, "status") {
				seen["rollout status"]++
				if !strings.Contains(strings.Join(own, " "), " --timeout=") {
					fault("waits without --timeout")
				}
			}
			return true
		})
	})
	for _, w := range []string{"curl", "aws", "ping", "mtr", "kafka-console-consumer.sh", "rabbitmqctl", "journalctl", "rollout status"} {
		if seen[w] == 0 {
			t.Errorf("no %s was looked at", w)
		}
	}
}
