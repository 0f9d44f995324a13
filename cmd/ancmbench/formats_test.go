package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ancmbench"
)

// looksLike says how each format is recognised; it holds of no other format.
var looksLike = map[string]func(text string) bool{
	"text": func(s string) bool { return strings.Contains(s, "[95 % interval]") && !strings.ContainsAny(s, "|<") },
	"markdown": func(s string) bool {
		return strings.Contains(s, "\n|---|") && strings.Contains(s, "| response p50 |")
	},
	"json": func(s string) bool {
		var v map[string]any
		return json.Unmarshal([]byte(s), &v) == nil && v["version"] != nil
	},
	"csv":      func(s string) bool { head, _, _ := strings.Cut(s, "\n"); return strings.Contains(head, ",metric,") },
	"benchfmt": func(s string) bool { return strings.Contains(s, "\nBenchmarkLatency/target=") },
	"hgrm":     func(s string) bool { return strings.Contains(s, "Value\tPercentile\tTotalCount") },
	"junit": func(s string) bool {
		return xml.Unmarshal([]byte(s), &struct {
			XMLName xml.Name `xml:"testsuites"`
		}{}) == nil
	},
	"prometheus": func(s string) bool { return strings.HasPrefix(s, "# HELP ancmbench_") },
	"html": func(s string) bool {
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(s)), "<!doctype html>")
	},
}

// Every verb with formats writes each of them, to standard output and to a file alike, and
// the help names them all.
func TestEveryFormatOfEveryVerb(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	storedRun(t, "r")
	for verb, has := range map[string]func(format) bool{"report r --target=in-process": ofReport, "compare r r": ofCompare, "gate --result=r": ofGate} {
		name, _, _ := strings.Cut(verb, " ")
		c, _, err := newRoot().Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		usage := c.Flags().Lookup("format").Usage
		for _, form := range formatNames(has) {
			line := verb + " --format=" + form
			out, _ := printed(t, line) // of a gate it may have no decision
			var like []string
			for kind, is := range looksLike {
				if is(string(out)) {
					like = append(like, kind)
				}
			}
			if !slices.Equal(like, []string{form}) {
				t.Errorf("ancmbench %s looks like %v:\n%.300s", line, like, out)
			}
			file := filepath.Join(t.TempDir(), "out")
			screen, _ := printed(t, line+" --output="+file)
			written, err := os.ReadFile(file)
			if err != nil || len(bytes.TrimSpace(screen)) > 0 || withoutTimes(written) != withoutTimes(out) {
				t.Errorf("ancmbench %s --output: %v, prints %.100q, writes %.100q", line, err, screen, written)
			}
			if dash, _ := printed(t, line+" -o -"); withoutTimes(dash) != withoutTimes(out) {
				t.Errorf("ancmbench %s -o - prints %.100q", line, dash)
			}
			if !strings.Contains(usage, form) {
				t.Errorf("the help of %s --format lacks %s", verb, form)
			}
		}
	}
	for _, short := range []struct{ line, long string }{{"report r --json", "report r --format=json"}, {"report r --markdown", "report r --format=markdown"},
		{"compare r r --json", "compare r r --format=json"}, {"compare r r --markdown", "compare r r --format=markdown"}, {"export r --json", "export r --format=json"}, {"gate --result=r --json", "gate --result=r --format=json"}} {
		a, _ := printed(t, short.line)
		b, _ := printed(t, short.long)
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s prints %.200q, and %s %.200q", short.line, a, short.long, b)
		}
	}
	// A file beside what is printed, as before.
	out, _ := printed(t, "gate --result=r --junit=v.xml --markdown=v.md")
	junit, err := os.ReadFile("v.xml")
	if err != nil || !looksLike["junit"](string(junit)) || !looksLike["text"](string(out)) {
		t.Errorf("gate --junit: %v, %.100q beside %.100q", err, junit, out)
	}
}

// withoutTimes is text without its last line end, which a terminal's test may lack.
func withoutTimes(b []byte) string { return strings.TrimSpace(string(b)) }

// The file of --output is replaced as a whole: a reader of the old one keeps it, a link stays a
// link, and a device is written to as it is.
func TestOutputReplacesAFileAsAWhole(t *testing.T) {
	t.Chdir(t.TempDir())
	storedRun(t, "r")
	if err := os.WriteFile("old.prom", []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open("old.prom")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := os.Symlink("old.prom", "link.prom"); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := printed(t, "report r --format=prometheus --output=link.prom"); err != nil {
		t.Fatal(err)
	}
	if was, err := io.ReadAll(reader); err != nil || string(was) != "old\n" {
		t.Errorf("a reader of the old file sees %q, %v", was, err)
	}
	if info, err := os.Lstat("link.prom"); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link is a file: %v", err)
	}
	if now, err := os.ReadFile("old.prom"); err != nil || !looksLike["prometheus"](string(now)) {
		t.Errorf("%v, %.100q", err, now)
	}
	if _, err := printed(t, "report r --format=csv --output="+os.DevNull); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Errorf("%s is gone: %v", os.DevNull, err)
	}
	if _, err := printed(t, "report r --format=hgrm"); exitCode(t.Context(), err) != exitUsage || !strings.Contains(err.Error(), "--target: the file holds one target: name one of in-process and out-of-process") {
		t.Errorf("of two targets: %v", err)
	}
}

// A gate that had no verdict says so in the formats in which a reader would take a missing
// file for the old one.
func TestNoVerdictIsWritten(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("r", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("r", ancmbench.ResultFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string]string{"prometheus": `ancmbench_gate_outcome{outcome="error"} 1`, "junit": `errors="1"`, "markdown": "no verdict"} {
		_, err := printed(t, "gate --result=r --output=v --format="+form)
		text, read := os.ReadFile("v")
		if err == nil || read != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, %v, %q", form, err, read, text)
		}
	}
}
