package runbooks

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func bash(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	return path
}

// Every shell block of every runbook is accepted by bash itself, as it stands and with the parameters' examples in place. What a parser of ours
// says of them one by one is TestEmbeddedRunbooksAreClean's.
func TestEmbeddedShellParses(t *testing.T) {
	sh := bash(t)
	for _, filled := range []bool{false, true} {
		var script strings.Builder
		n := blocks(t, "sh", func(r *Runbook, c Command, text string) {
			if !filled {
				text = c.Code
			}
			// Each in brackets of its own: one that is not whole cannot lean on the next.
			fmt.Fprintf(&script, "( : %s:%d\n%s\n)\n", r.File, c.Line, text)
		})
		if n < 40 {
			t.Errorf("only %d blocks were tried", n)
		}
		cmd := exec.CommandContext(context.Background(), sh, "-n")
		cmd.Stdin = strings.NewReader(script.String())
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("bash -n: %v\n%s", err, out)
		}
	}
}

// The corrected commands do what they are for, tried with stand-ins for the programs they call.
func TestCorrectedCommandsDoWhatTheyMean(t *testing.T) {
	sh := bash(t)
	c := mustDefault(t)
	r, _ := c.ByID("RB-001", "en")
	run := func(script string) string {
		cmd := exec.CommandContext(context.Background(), sh, "-c", script)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		_ = cmd.Run()
		return out.String()
	}
	t.Run("two more replicas", func(t *testing.T) {
		f, _, err := r.Fill("scale-service", map[string]string{"svc": "kyc-svc"})
		if err != nil {
			t.Fatal(err)
		}
		fake := `kubectl() { case " $* " in *" get "*) printf %s "$REPLICAS";; *) printf "%s " "$@";; esac; }` + "\n"
		got := run("REPLICAS=8\n" + fake + f[1].Text)
		if want := "-n vitakyc scale deployment/kyc-svc --current-replicas=8 --replicas=10 "; got != want {
			t.Errorf("on eight replicas: %q, want %q", got, want)
		}
		if got := run("REPLICAS=\n" + fake + f[1].Text); strings.Contains(got, "--replicas=") {
			t.Errorf("without knowing the number it still scaled: %q", got)
		}
	})
	t.Run("the lag column", func(t *testing.T) {
		if _, err := exec.LookPath("awk"); err != nil {
			t.Skip("no awk here")
		}
		s, _ := r.Step("kafka")
		fake := `kubectl() { cat <<'OUT'
GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID
kyc cases 0 900000 900010 10 c-1 /10.0.0.1 kyc
ocr pages 0 100 9100 9000 c-2 /10.0.0.2 ocr
ocr pages 1 - 500000 - c-2 /10.0.0.2 ocr
OUT
}
`
		got := run(fake + s.Commands[0].Code)
		if !strings.Contains(got, "ocr pages 0") || strings.Contains(got, "kyc cases") || !strings.Contains(got, "ocr pages 1 -") {
			t.Errorf("partitions more than 1000 behind, and those without a place: %q", got)
		}
	})
}

// What kafka-log-dirs.sh writes (org.apache.kafka.tools.LogDirsCommand), and what the step makes of it.
func TestTopicSizesReadWhatKafkaWrites(t *testing.T) {
	sh := bash(t)
	for _, p := range []string{"jq", "sort", "grep"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("no " + p + " here")
		}
	}
	r, _ := mustDefault(t).ByID("RB-003", "en")
	fake := `kubectl() {
  case " $* " in *" --json "*) echo "json is not a recognized option" >&2; return 1;; esac
  echo "Querying brokers for log directories information"
  echo "Received log directory information from brokers 1,2"
  echo '{"version":1,"brokers":[{"broker":1,"logDirs":[{"logDir":"/a","error":null,"partitions":[{"partition":"aml.subjects-0","size":900,"offsetLag":0,"isFuture":false},{"partition":"kyc-1","size":10240,"offsetLag":0,"isFuture":false}]}]},{"broker":2,"logDirs":[{"logDir":"/a","error":null,"partitions":[{"partition":"aml.subjects-0","size":901,"offsetLag":0,"isFuture":false}]}]}]}'
}
`
	run := func(script string) string {
		out, _ := exec.CommandContext(context.Background(), sh, "-c", fake+script).CombinedOutput()
		return string(out)
	}
	code := r.mustStep(t, "topic-sizes").Commands[0].Code
	if got, want := run(code), "kyc-1 10240\naml.subjects-0 901\naml.subjects-0 900\n"; got != want {
		t.Errorf("the largest partitions are %q, want %q", got, want)
	}
	if got := run(strings.Replace(code, "--describe | grep '^{'", "--describe --json", 1)); strings.Contains(got, "kyc-1") {
		t.Errorf("the form that ERRATA.md warns of works: %q", got)
	}
	if got := run(strings.Replace(code, "| grep '^{' ", "", 1)); strings.Contains(got, "kyc-1") {
		t.Errorf("without grep it works: %q", got)
	}
}

func TestScanShellRefuses(t *testing.T) {
	for code, want := range map[string]string{
		"echo '{{x}}'":               "inside quotes",
		`echo "{{x}}"`:               "inside quotes",
		`echo "$(cat "{{x}}")"`:      "inside quotes",
		"echo $(( {{x}} + 1 ))":      "inside quotes",
		"echo ${y:-{{x}}}":           "inside quotes",
		"ls # {{x}}":                 "in a comment",
		"{{x}} --help":               "in the place of a command's name",
		"ls; {{x}}":                  "in the place of a command's name",
		"A=1 {{x}}":                  "in the place of a command's name",
		"echo $({{x}})":              "in the place of a command's name",
		"if {{x}}; then ls; fi":      "in the place of a command's name",
		"sh -c {{x}}":                "",
		"eval echo {{x}}":            "reads them as code",
		"ssh host ls {{x}}":          "reads them as code",
		"find . | xargs grep {{x}}":  "reads them as code",
		"psql -c {{x}}":              "reads code",
		"psql --command={{x}}":       "reads code",
		"echo $home{{x}}":            "directly after a variable",
		"echo ${{x}}":                "",
		"echo {{x}}>f":               "directly before a redirection",
		"echo >&{{x}}":               "directly after &",
		"cat <<EOF\n{{x}}\nEOF":      "here document",
		"echo `ls {{x}}`":            "backquote",
		"diff <(ls {{x}}) b":         "process substitution",
		"echo $'a' {{x}}":            "$'",
		"case {{x}} in a) ls;; esac": "closes nothing",
		"echo 'unfinished {{x}}":     "does not end",
		"echo \"unfinished {{x}}":    "does not end",
		"( ls {{x}}":                 "does not end",
		"ls {{x}} )":                 "closes nothing",
		"echo \\{{x}}":               "inside quotes",
		"ls {{x}} \\":                "backslash",
	} {
		slots, err := scan("sh", code)
		if err == nil {
			t.Errorf("%q was accepted with %v", code, slots)
		} else if !strings.Contains(err.Error(), want) || (mendOf{err}).Error() == "" {
			t.Errorf("%q: %q (mend %q), want %q", code, err.Error(), (mendOf{err}).Error(), want)
		}
	}
	for _, code := range []string{
		"kubectl -n vitakyc scale deployment/{{x}} --replicas=2",
		"a=$(kubectl get {{x}} -o json) && echo \"$(ls {{x}})\"",
		"( cd {{x}} && ls ) 2>&1 | head",
		"FOO={{x}} kubectl get pods > /tmp/{{x}}",
		"for i in {{x}} b; do echo \"$i\"; done",
		"kubectl exec p -- awk '{print $1}' {{x}}\n# done's comment\nls {{x}}",
	} {
		if slots, err := scan("sh", code); err != nil || len(slots) == 0 {
			t.Errorf("%q: %v %v", code, slots, err)
		}
	}
}

// What the scanner cannot read is refused only where a value would be put into it.
func TestForeignShellWithoutPlaceholders(t *testing.T) {
	for _, code := range []string{"cat <<EOF\nx\nEOF", "echo `ls`", "diff <(ls a) b", "case $x in a) ls;; esac", "f() { ls; }"} {
		if _, err := scan("sh", code); err == nil || !err.foreign {
			t.Errorf("%q: %v", code, err)
		}
	}
	for _, code := range []string{"ls )", "echo 'x", "echo \"x", "( ls", "echo $(ls"} {
		if _, err := scan("sh", code); err == nil || err.foreign {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestScanSQLRefuses(t *testing.T) {
	for code, want := range map[string]string{
		"SELECT '{{x}}';":               "inside quotes",
		`SELECT "{{x}}";`:               "inside quotes",
		"SELECT 1 -- {{x}}\n;":          "inside quotes",
		"SELECT /* {{x}} */ 1;":         "inside quotes",
		"SELECT $a${{x}}$a$;":           "inside quotes",
		"SELECT 'a'{{x}};":              "directly after",
		"SELECT E{{x}};":                "directly after",
		"SELECT {{x}}'a';":              "directly before",
		"SELECT {{x}}a;":                "directly before",
		"SELECT {{x}}":                  "semicolon",
		"SELECT ({{x}};":                "does not end",
		"SELECT {{x}});":                "closes nothing",
		"SELECT 'a {{x}};":              "does not end",
		"\\c {{x}};":                    "backslash",
		"SELECT E'\\'' || {{x}} || 'b;": "does not end",
		"SELECT /* a /*/ {{x}} */ 1;":   "comment within",
		"SELECT /* /* */ {{x}} */ 1;":   "comment within",
	} {
		slots, err := scan("sql", code)
		if err == nil {
			t.Errorf("%q was accepted with %v", code, slots)
		} else if !strings.Contains(err.Error(), want) || (mendOf{err}).Error() == "" {
			t.Errorf("%q: %q, want %q", code, err.Error(), want)
		}
	}
	for _, code := range []string{"SELECT {{x}}::uuid;", "SELECT f({{x}},{{x}}) WHERE a={{x}};", "SELECT 'it''s' || {{x}};", "SELECT E'\\'' , {{x}};", "SELECT $$;$$, {{x}};"} {
		if slots, err := scan("sql", code); err != nil || len(slots) == 0 {
			t.Errorf("%q: %v %v", code, slots, err)
		}
	}
}
