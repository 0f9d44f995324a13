package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A mistake on the command line has one sentence, in the same words at every verb, and the
// exit code of its kind.
func TestFaultsAreOneSentence(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{"empty": " \n", "foreign": "not json", "cut": `{"version":1,"results":[`, "taken": ""} {
		writeFile(t, name, text)
	}
	if err := os.MkdirAll(filepath.Join("other", "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join("other", "run", reportFile), "<html>")
	writeFile(t, filepath.Join("other", "notes"), "")
	t.Setenv("BROWSER", "no-such-browser:no-such-browser-either")
	check := func(line string, code int, want string) {
		t.Helper()
		err := refusal(t, line)
		if err == nil || err.Error() != want && !strings.HasSuffix(want, "...") || !strings.HasPrefix(err.Error(), strings.TrimSuffix(want, "...")) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", line, err, want)
		} else if got := exitCode(t.Context(), err); got != code {
			t.Errorf("%s: exit code %d, want %d", line, got, code)
		}
	}
	for _, verb := range []string{"report", "export", "compare", "predict --app-time=1ms --at-rate=5", "gate --budget=p99<=1s --result"} {
		pre, more := "", ""
		if strings.HasPrefix(verb, "gate") {
			pre = "--result: "
		}
		if verb == "compare" {
			more = " empty"
		}
		check(verb+" empty"+more, exitTool, pre+"results file empty: is empty")
		check(verb+" foreign"+more, exitTool, pre+"results file foreign: is damaged, or no results file of ancmbench: invalid character...")
		check(verb+" cut"+more, exitTool, pre+"results file cut: is damaged, or no results file of ancmbench: unexpected end...")
		check(verb+" other"+more, exitTool, pre+"folder other: holds no run: stat "+filepath.Join("other", "result.json")+": ...")
	}
	check("report", exitUsage, "0 arguments are given; usage: ancmbench report RUN [flags]")
	check("compare empty", exitUsage, "1 argument is given; usage: ancmbench compare RUN RUN... [flags]")
	check("load --nosuch", exitUsage, "unknown flag: --nosuch: 'ancmbench load --help' lists them")
	check("agents new-token -Z", exitUsage, "unknown shorthand flag: 'Z' in -Z: 'ancmbench agents new-token --help' lists them")
	check("predict --app-time=x", exitUsage, "--app-time x: want a duration, as 10s")
	check("gate --launches=x", exitUsage, "--launches x: want a whole number")
	check("run --seed=-1", exitUsage, "--seed -1: want a whole number from 0")
	check("report --json=maybe", exitUsage, "--json maybe: want true or false")
	check("profiles new taken", exitUsage, "profiles new: taken exists, and is not overwritten: give another name")
	check("agents new-token taken", exitUsage, "agents new-token: taken exists, and is not overwritten: give another name")
	check("load http://127.0.0.1:1/ --threshold=x", exitUsage, `--threshold "x": no <= or >=; write as in "p99 <= 2ms"`)
	check("gate --budget=x", exitUsage, `--budget "x": no <= or >=; write as in "out-of-process p99 <= 2ms"`)
	check("open "+filepath.Join("other", "notes"), exitTool, "open: "+filepath.Join("other", "notes")+" is neither a report nor a file of a run that has one")
	check("open other", exitTool, "open: no browser opens it (no-such-browser: ...")
}

// Help that cannot be written is a fault, as any other output is.
func TestHelpThatCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no device here is always full: %v", err)
	}
	defer full.Close()
	for _, line := range []string{"--help", "run --help", "help gate", "profiles", "completion bash", "--version"} {
		c := exec.Command("ancmbench", strings.Fields(line)...)
		var stderr strings.Builder
		c.Stdout, c.Stderr = full, &stderr
		_ = c.Run()
		if code, said := c.ProcessState.ExitCode(), stderr.String(); code != exitTool || strings.Count(said, "no space left on device") != 1 {
			t.Errorf("%s ends with %d: %s", line, code, said)
		}
	}
}
