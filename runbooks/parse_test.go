package runbooks

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// small is a runbook with one of everything; the tests change one thing in it.
const small = `---
id: OPS-7
title: Disk full
severity: SEV-2
alerts: [DiskFull]
services: [storage]
owner: tech_lead
language: en
reviewed_on: 2026-11-21
review_every: 30d
parameters:
  host:
    what: The host
    pattern: '[a-z0-9-]{1,40}'
    in_words: small letters, digits and hyphens
    quoting: [shell]
    example: db-1
    from: [instance]
  expires_on:
    what: The day
    pattern: '[0-9-]{10}'
    in_words: a date
    quoting: [sql, text]
    example: '2026-12-01'
steps:
  look: {kind: diagnosis, minutes: 2}
  clear:
    kind: destructive
    minutes: 5
    who: [primary, secondary]
    approval: cto
    four_eyes: true
  tell:
    kind: notify
    minutes: 1
    phase: after
    notify: [legal]
    clocks:
      - {id: a, what: Tell, due: 4h after step look started, who: cto, when: it is late, obligation: true}
      - {id: b, what: Renew, due: 30d before parameter expires_on, who: cto}
      - {id: c, what: Lift, due: open, who: cto}
---

# OPS-7 · Disk full

The disk is full.

## 1. Look <a id="look"></a>

See [the last step](#tell) too.

` + "```bash\ndf -h {{host}}\n```" + `

Second paragraph.

**Look for:** 100 %
on a line.

**Then:**

- Full of *logs* → [step 2](#clear)
- Not full -> done
- Another cause → [RB-004 step 1](rb-004-x.md#how-full)

## 2. Clear <a id="clear"></a>

> **Warning:** what is gone
> is gone.

` + "```sh\nrm -- {{host}}.log\n```" + `

**Look for:** room.

> **Corrected:** it said more.

## 3. Tell <a id="tell"></a>

` + "```text\nFull until {{expires_on}}\n```" + `

**Look for:** an answer.
`

func TestParseReadsEverything(t *testing.T) {
	r, err := Parse("ops-7.md", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != "OPS-7" || r.Title != "Disk full" || r.Severity != "SEV-2" || r.Owner != "tech_lead" || r.ReviewEvery != 30 || r.Intro != "The disk is full." ||
		!r.ReviewedOn.Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)) || fmt.Sprint(r.Alerts, r.Services) != "[DiskFull] [storage]" {
		t.Errorf("header: %+v", r)
	}
	if len(r.Steps) != 3 || len(r.Parameters) != 2 {
		t.Fatalf("%d steps, %d parameters", len(r.Steps), len(r.Parameters))
	}
	look, clear, tell := r.Steps[0], r.Steps[1], r.Steps[2]
	if look.ID != "look" || look.Number != 1 || look.Title != "Look" || look.Kind != Diagnosis || look.Phase != During || look.Minutes != 2 {
		t.Errorf("look: %+v", look)
	}
	if look.Prose != "See [the last step](#tell) too.\n\nSecond paragraph." || look.LookFor != "100 %\non a line." {
		t.Errorf("look says %q, look for %q", look.Prose, look.LookFor)
	}
	if len(look.Parts) != 3 || look.Parts[1].Command != 0 || look.Parts[2].Text != "Second paragraph." {
		t.Errorf("parts %+v", look.Parts)
	}
	if c := look.Commands[0]; c.Language != "sh" || c.Code != "df -h {{host}}" || strings.Split(small, "\n")[c.Line-1] != c.Code {
		t.Errorf("command %+v", c)
	}
	want := []Branch{{Finding: "Full of logs", Step: "clear"}, {Finding: "Not full", Done: true}, {Finding: "Another cause", Runbook: "RB-004", Step: "how-full"}}
	for i, b := range look.Branches {
		b.Line, b.number = 0, 0
		if b != want[i] {
			t.Errorf("branch %d: %+v, want %+v", i, b, want[i])
		}
	}
	if clear.Approval != "cto" || !clear.FourEyes || fmt.Sprint(clear.Who) != "[primary secondary]" || clear.Warnings[0] != "what is gone\nis gone." || clear.Corrections[0] != "it said more." {
		t.Errorf("clear: %+v", clear)
	}
	if tell.Phase != After || fmt.Sprint(tell.Notify) != "[legal]" {
		t.Errorf("tell: %+v", tell)
	}
	a, b, c := tell.Clocks[0], tell.Clocks[1], tell.Clocks[2]
	if a.Offset != 4*time.Hour || a.Anchor != AtStepStarted || a.Ref != "look" || a.When != "it is late" || !a.Obligation || a.StepRef != "tell" {
		t.Errorf("clock a: %+v", a)
	}
	if b.Offset != 30*24*time.Hour || !b.Before || b.Anchor != AtParameter || b.Ref != "expires_on" || !c.Open {
		t.Errorf("clocks b and c: %+v %+v", b, c)
	}
	if r.Next("look") != "clear" || r.Next("tell") != "" || len(r.Clocks()) != 3 {
		t.Error("the order of steps is lost")
	}
}

func TestDigestIsOfTheCanonicalSource(t *testing.T) {
	a, err := Parse("a.md", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]string{
		"CRLF":            strings.ReplaceAll(small, "\n", "\r\n"),
		"byte order mark": "\ufeff" + small,
		"blank end":       small + "\n\n",
		"stored source":   a.Source,
	} {
		if b, err := Parse("b.md", []byte(other)); err != nil || b.Digest != a.Digest || b.Source != a.Source {
			t.Errorf("%s: another digest (%v)", name, err)
		}
	}
	if b, err := Parse("a.md", []byte(strings.Replace(small, "room", "space", 1))); err != nil || b.Digest == a.Digest {
		t.Errorf("another text has the same digest (%v)", err)
	}
	if a.Digest != DigestOf([]byte(small)) || len(a.Digest) != 64 {
		t.Errorf("digest %q", a.Digest)
	}
}

// Every fault is named with its line, its field and its mend.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, at, message string }{
		{"no front matter", "---\nid: OPS-7", "id: OPS-7", "id: OPS-7", "front matter"},
		{"unknown field", "owner: tech_lead", "ownr: tech_lead", "ownr", `did you mean "owner"?`},
		{"missing field", "severity: SEV-2\n", "", "---", "severity: is missing"},
		{"twice", "owner: tech_lead", "owner: tech_lead\nowner: cto", "owner: cto", ""},
		{"bad id", "id: OPS-7\n", "id: ops7\n", "id: ops7", "RB-012"},
		{"bad severity", "SEV-2", "sev2", "severity: sev2", "SEV-1"},
		{"bad date", "2026-11-21", "21/11/2026", "reviewed_on", "2026-11-21"},
		{"bad review span", "30d", "monthly", "review_every", "92d"},
		{"bad language", "language: en", "language: de", "language: de", "en or fr"},
		{"bad owner", "owner: tech_lead", "owner: Tech Lead", "owner", "is not a role"},
		{"alias", "alerts: [DiskFull]", "alerts: &a [DiskFull]", "alerts", "alias"},
		{"alerts no list", "alerts: [DiskFull]", "alerts: DiskFull", "alerts", "is not a list"},
		{"broken YAML", "alerts: [DiskFull]", "alerts: [DiskFull", "", "not YAML"},
		{"bad pattern", "'[a-z0-9-]{1,40}'", "'[a-z'", "pattern: '[a-z'", "regular expression"},
		{"empty pattern", "'[a-z0-9-]{1,40}'", "'[a-z]*'", "pattern: '[a-z]*'", "empty"},
		{"example", "example: db-1", "example: DB 1", "  host:", "does not fit its own pattern"},
		{"quoting", "quoting: [shell]", "quoting: [bash]", "quoting: [bash]", "kind of quoting"},
		{"lacks words", "    in_words: a date\n", "", "  expires_on:", "lacks in_words"},
		{"not quoted for", "quoting: [shell]", "quoting: [sql]", "df -h {{host}}", "into shell"},
		{"undeclared", "df -h {{host}}", "df -h {{hots}}", "df -h {{hots}}", `did you mean "host"?`},
		{"in quotes", "df -h {{host}}", "df -h '{{host}}'", "df -h '{{host}}'", "inside quotes"},
		{"unknown kind", "kind: diagnosis", "kind: reading", "  look:", "is not a kind"},
		{"minutes", "look: {kind: diagnosis, minutes: 2}", "look: {kind: diagnosis}", "  look:", "lacks minutes"},
		{"minutes no number", "minutes: 2}", "minutes: soon}", "  look:", "number of minutes"},
		{"step field", "four_eyes: true", "foureyes: true", "foureyes", `did you mean "four_eyes"?`},
		{"clock due", "due: open", "due: sometime", "id: c", "24h after detected"},
		{"clock step", "step look started", "step loko started", "id: a", `did you mean "look"?`},
		{"clock parameter", "parameter expires_on", "parameter expiry", "id: b", "not declared"},
		{"clock twice", "{id: b,", "{id: a,", "id: a, what: Renew", "declared twice"},
		{"title", "# OPS-7 · Disk full", "# Disk full", "# Disk full", "# OPS-7 · Disk full"},
		{"heading", `## 2. Clear <a id="clear"></a>`, "## 2. Clear", "## 2. Clear", "heading of a step"},
		{"number", "## 2. Clear", "## 5. Clear", "## 5. Clear", "stands at place 2"},
		{"step twice", `## 2. Clear <a id="clear">`, `## 2. Clear <a id="look">`, "## 2. Clear", "already the id"},
		{"no metadata", `<a id="clear"></a>`, `<a id="wipe"></a>`, "## 2. Clear", "has no metadata"},
		{"language of block", "```bash", "```python", "```python", "language"},
		{"no language of block", "```bash", "```", "```", "language"},
		{"unclosed", "```text\nFull until {{expires_on}}\n```", "```text\nFull until {{expires_on}}", "```text", "does not end"},
		{"indented fence", "```sh\nrm", "  ```sh\nrm", "  ```sh", "left margin"},
		{"indented code", "Second paragraph.", "    df -h", "df -h", "indented code"},
		{"html", "Second paragraph.", "The <svc> here.", "The <svc>", "GitHub hides"},
		{"comment", "Second paragraph.", "<!-- hidden -->", "<!-- hidden", "GitHub hides"},
		{"label without a blank line", "Second paragraph.", "Second.\n**Look for:** x", "**Look for:** x", "read as prose"},
		{"label misspelt", "**Look for:** room.", "**Look For :** room.", "**Look For", "write **Look for:**"},
		{"label of another language", "**Look for:** room.", "**À observer :** room.", "**À obs", "write **Look for:**"},
		{"warning outside a quote", "Second paragraph.", "**Warning:** no.", "**Warning", "write > **Warning:**"},
		{"findings without label", "**Then:**\n\n", "", "- Full of", "without **Then:**"},
		{"setext", "Second paragraph.", "Second\n---", "Second", "heading for GitHub"},
		{"branch nowhere", "- Not full -> done", "- Not full", "- Not full", "leads nowhere"},
		{"branch target", "- Not full -> done", "- Not full → step two", "- Not full", `leads to "step two"`},
		{"long finding", "- Not full ->", "- " + strings.Repeat("x", 76) + " →", "- xxx", "a button holds"},
		{"look for twice", "> **Corrected:** it said more.", "**Look for:** more room.", "**Look for:** more", "twice"},
		{"quote", "> **Warning:**", "> Beware", "> Beware", "without a label"},
		{"bidi", "Second", "Sec\u202eond", "Sec\u202e", "U+202E"},
		{"command before steps", "The disk is full.", "```sh\nls\n```", "```sh", "before the first step"},
		{"placeholder in promql", "```text\nFull until {{expires_on}}", "```promql\nup{{expires_on}}", "up{{", "never filled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(small, c.old) == 0 {
				t.Fatalf("%q is not in the fixture", c.old)
			}
			source := strings.Replace(small, c.old, c.new, 1)
			_, err := Parse("ops-7.md", []byte(source))
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("accepted")
			}
			for _, p := range ps {
				if !strings.Contains(p.Error(), c.message) {
					continue
				}
				if p.Mend("en") == "" || p.Mend("fr") == "" || p.What("fr") == p.What("en") {
					t.Errorf("no mend: %v", p)
				}
				lines := strings.Split(Canonical([]byte(source)), "\n")
				if p.Line < 1 || p.Line > len(lines) || !strings.Contains(lines[p.Line-1], c.at) {
					t.Errorf("%v does not point at %q", p, c.at)
				}
				if !strings.HasPrefix(p.Error(), fmt.Sprintf("ops-7.md:%d: ", p.Line)) {
					t.Errorf("%v", p)
				}
				return
			}
			t.Errorf("no problem says %q:\n%v", c.message, ps)
		})
	}
	for name, source := range map[string]string{"too big": "---\n" + strings.Repeat("x", MaxSource), "not UTF-8": "---\n\xff", "empty": "", "only a line": "---"} {
		if _, err := Parse("x.md", []byte(source)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzParse: no input makes Parse panic; what it accepts it accepts again from its own Source, with the same digest, and every step can
// be filled with the parameters' examples.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range []string{"en/rb-000-generic.md", "fr/rb-004-connexions-postgres-epuisees.md", "en/rb-008-audit-hash-chain-broken.md"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		r, err := Parse("f.md", source)
		if err != nil {
			var ps Problems
			if !errors.As(err, &ps) || len(ps) == 0 || len(ps) > maxProblems {
				t.Fatalf("not problems: %v", err)
			}
			return
		}
		again, err := Parse("f.md", []byte(r.Source))
		if err != nil || again.Digest != r.Digest || len(again.Steps) != len(r.Steps) {
			t.Fatalf("its own source: %v", err)
		}
		examples := map[string]string{}
		for _, q := range r.Parameters {
			examples[q.Name] = q.Example
		}
		for _, s := range r.Steps {
			if _, missing, err := r.Fill(s.ID, examples); err == nil && len(missing) > 0 {
				t.Fatalf("step %s misses %v", s.ID, missing)
			}
			_, _ = Mrkdwn(s.Prose), Plain(s.LookFor)
		}
	})
}
