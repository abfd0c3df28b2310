package main

import (
	"bytes"
	"strings"
	"testing"
)

// played walks a runbook with lines typed beforehand.
func played(t *testing.T, typed []string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := runFrom(strings.NewReader(strings.Join(typed, "\n")+"\n"), append([]string{"runbooks", "play"}, args...), &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("status %d %s\n%s", code, errs.String(), out.String())
	}
	return out.String()
}

func account(t *testing.T, out, head string) string {
	t.Helper()
	_, after, ok := strings.Cut(out, head)
	if !ok {
		t.Fatalf("no account:\n%s", out)
	}
	return after
}

// TestRunbooksPlay walks RB-003 as somebody would: a value refused, a finding, a way back, a lock that holds until it gets its answers.
func TestRunbooksPlay(t *testing.T) {
	quietly(t)
	out := played(t, []string{
		"2",                      // step 1: nothing is consumed -> step 3
		"x; rm -rf /", "aml-svc", // step 3: a value that would break out, then one that fits
		"note the database is fine",
		"6",             // nothing is slow: too few consumers -> step 4
		"aml-screening", // step 4 asks for the group; the topic was given
		"skip", "skip numbers are known",
		"12", // step 5: partitions
		"back",
		"go 7", "", // the purge: no capture, so it stays locked
		"done",
		"show", "capture is in the channel", "Lea, CTO: the disk is full in 10 min", "Marc",
		"1", // -> step 8
		"list",
		"quit",
	}, "rb-003", "--set", "topic=aml.subjects", "--set", "purge_partition=3", "--set", "purge_before=1204500", "--set", "copy_name=inc-42-subjects")
	for _, want := range []string{
		"── RB-003 · 3/8", "Not used: it does not fit. Write a Kubernetes name", "kubectl -n vitakyc logs deployment/aml-svc --tail=200", "--describe --topic aml.subjects",
		"Not skipped: say why", "🔒 Locked", "--arg topic aml.subjects --argjson partition 3 --argjson offset 1204500", "  – 4/8 ", "  ✅ 3/8", "  → 8/8", "  · 2/8",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "logs deployment/x; rm") {
		t.Error("a value left its place")
	}
	locked, opened, _ := strings.Cut(out, "Who is the second person")
	if strings.Contains(locked, "kafka-delete-records.sh") || !strings.Contains(opened, "kafka-delete-records.sh") {
		t.Error("the purge's commands are shown before its locks are open, or never")
	}
	got := account(t, out, "What was done, to paste into the incident:")
	last := 0
	for _, want := range []string{
		"RB-003 1/8 · Which group lags behind? (0 s): Nothing is consumed any more", "Note: the database is fine", "RB-003 3/8", "Nothing is slow: too few consumers", "4/8 · How many partitions, how many replicas?, skipped: numbers are known",
		"step 7, first-response capture: capture is in the channel", "step 7, approved (CTO): Lea, CTO: the disk is full in 10 min", "step 7, second person: Marc", "✅ RB-003 7/8", "The disk has room again", "topic=aml.subjects",
	} {
		at := strings.Index(strings.ReplaceAll(got, "\u00a0", " "), want)
		if at < last {
			t.Errorf("%q is missing or out of order in\n%s", want, got)
			continue
		}
		last = at
	}
	if strings.Count(got, "7/8") != 1 {
		t.Errorf("a locked step was marked done:\n%s", got)
	}
}

// TestRunbooksPlayLeadsOn follows a finding into another runbook, in French, to the end of the input.
func TestRunbooksPlayLeadsOn(t *testing.T) {
	quietly(t)
	out := played(t, []string{"2", "aml-svc", "1", "fait trop de connexions"}, "RB-003", "--language", "fr")
	for _, want := range []string{"── RB-004 · 1/", "À observer", "Ce qui a été fait, à coller dans l'incident", "trop de connexions"} {
		if !strings.Contains(strings.ReplaceAll(out, "\u00a0", " "), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	// What the runbook owes by the clock is not lost.
	if out := played(t, []string{"quit"}, "RB-006"); !strings.Contains(account(t, out, "to paste"), "⏱ Tell the tenant's compliance officer that IDES is unavailable") {
		t.Errorf("a deadline is lost:\n%s", out)
	}
	for _, bad := range []string{"topic=a b", "nothing=1", "topic"} {
		if _, errs, code := said(t, "runbooks", "play", "RB-003", "--set", bad); code != failed || errs == "" {
			t.Errorf("--set %s: status %d %s", bad, code, errs)
		}
	}
}
