package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/profiles"
)

// storedAt writes the small run as one that began at a time.
func storedAt(t *testing.T, dir string, began time.Time, change func(*ancmbench.Run)) {
	t.Helper()
	run := smallRun()
	run.Started = began
	if change != nil {
		change(run)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run.WriteFile(filepath.Join(dir, ancmbench.ResultFile)); err != nil {
		t.Fatal(err)
	}
}

// runs lists every run with its penalty, the newest first, and names every folder that should
// be one and is not.
func TestRunsAreListed(t *testing.T) {
	t.Chdir(t.TempDir())
	if out, err := printed(t, "runs"); err != nil || !strings.Contains(string(out), "no runs in results: 'ancmbench run' makes the first") {
		t.Errorf("without a folder: %v, %s", err, out)
	}
	if _, err := printed(t, "runs nowhere"); exitCode(t.Context(), err) != exitTool {
		t.Errorf("of a folder that is not there: %v", err)
	}
	day := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	storedAt(t, "results/b-first", day, nil)
	storedAt(t, "results/a-second", day.Add(time.Hour), func(r *ancmbench.Run) {
		r.Subject, r.Profile.Name, r.State = ancmbench.SubjectServers, "mine", ancmbench.Interrupted
	})
	storedAt(t, "results/alone", day.Add(-time.Hour), func(r *ancmbench.Run) {
		r.Targets = r.Targets[:1]
		r.Results = slices.DeleteFunc(r.Results, func(x ancmbench.Result) bool { return x.Target != r.Targets[0].Name })
	})
	for name, text := range map[string]string{"results/cut/result.json": `{"version":1,`, "results/other/notes.txt": "x", "results/history.jsonl": "{}\n", "results/\u202edark/result.json": "[]"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := printed(t, "runs --json")
	var list runList
	if err != nil || json.Unmarshal(out, &list) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var dirs, damaged []string
	for _, r := range list.Runs {
		dirs = append(dirs, r.Dir)
	}
	for _, d := range list.Damaged {
		damaged = append(damaged, d.Dir)
	}
	if want := []string{"results/a-second", "results/b-first", "results/alone"}; !slices.Equal(dirs, want) {
		t.Errorf("runs %q, want %q", dirs, want)
	}
	if want := []string{"results/cut", "results/other", `results/\u202edark`}; !slices.Equal(damaged, want) {
		t.Errorf("damaged %q, want %q", damaged, want)
	}
	if p := list.Runs[1].Penalties; len(p) != 1 || p[0].Target != "out-of-process" || p[0].Ratio == nil || p[0].Ratio.Value < 1.2 || p[0].Ratio.Interval == nil {
		t.Errorf("penalties %+v", p)
	}
	text, err := printed(t, "runs")
	said := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{"loopback penalty", "2026-01-02 04:04Z mine", "(interrupted)", "your servers", "reference models results/b-first", "damaged results/cut: ", "damaged results/other: holds no result.json"} {
		if err != nil || !strings.Contains(said, want) {
			t.Errorf("lacks %q: %v\n%s", want, err, text)
		}
	}
	if short, err := printed(t, "runs -q"); err != nil || string(short) != strings.Join(dirs, "\n")+"\n" {
		t.Errorf("-q: %v, %q", err, short)
	}
}

// browserScript makes a command that writes its arguments to a file, as a browser would open
// them.
func browserScript(t *testing.T, dir string) (command, file string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("skipped: no shell")
	}
	command, file = filepath.Join(dir, "browser"), filepath.Join(dir, "opened")
	if err := os.WriteFile(command, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" >> '"+file+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return command, file
}

// open gives the newest report to the browser that BROWSER names.
func TestOpenGivesTheNewestReportToTheBrowser(t *testing.T) {
	at := t.TempDir()
	command, file := browserScript(t, at)
	dir := filepath.Join(at, "my runs")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("BROWSER", command)
	if _, err := printed(t, "open"); err == nil || !strings.Contains(err.Error(), "'ancmbench run' makes the first report") {
		t.Errorf("before any run: %v", err)
	}
	for i, name := range []string{"results/z-older", "results/a-newest", "results/m-middle"} {
		storedRun(t, name)
		if _, err := printed(t, "report "+name+" -q"); err != nil {
			t.Fatal(err)
		}
		when := time.Unix(2e9, 0).Add(time.Duration(i%2*10-i) * time.Hour)
		if err := os.Chtimes(filepath.Join(name, reportFile), when, when); err != nil {
			t.Fatal(err)
		}
	}
	storedRun(t, "results/no-report")
	address := func(name string) string {
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		return "file://" + strings.ReplaceAll(filepath.ToSlash(here), " ", "%20") + "/results/" + name + "/report.html\n"
	}
	for _, c := range []struct{ line, browser, opens string }{
		{"open", command, address("a-newest")},
		{"open results", command, address("a-newest")},
		{"open results/z-older", command, address("z-older")},
		{"open results/z-older/result.json", command, address("z-older")},
		{"open results/m-middle/report.html", command, address("m-middle")},
		{"open", "/nowhere/browser:" + command, address("a-newest")},
		{"open", "false:" + command + " --new-window %s", "--new-window\n" + address("a-newest")},
		{"open results/no-report", command, ""},
		{"open", "/nowhere/browser", ""},
	} {
		_ = os.Remove(file)
		t.Setenv("BROWSER", c.browser)
		out, err := printed(t, c.line)
		got, _ := os.ReadFile(file)
		if string(got) != c.opens || (err == nil) != (c.opens != "") {
			t.Errorf("BROWSER=%s ancmbench %s opens %q, want %q (%v)", c.browser, c.line, got, c.opens, err)
		}
		if err == nil && !strings.Contains(string(out), "report.html") {
			t.Errorf("ancmbench %s does not say what it opened: %s", c.line, out)
		}
	}
	if _, err := printed(t, "open"); err == nil || !strings.Contains(err.Error(), "Fix: open results/a-newest/report.html by hand") {
		t.Errorf("without a browser: %v", err)
	}
}

// A new profile is read by profiles and by run, has every key, and is never written over one.
func TestANewProfileIsSound(t *testing.T) {
	t.Chdir(t.TempDir())
	if out, err := printed(t, "profiles new mine.yaml"); err != nil || !strings.Contains(string(out), "ancmbench run --profile=mine.yaml") {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := printed(t, "profiles mine.yaml")
	if err != nil || !strings.Contains(string(out), "mine: 6 fresh starts, 500 requests/s, 8 connections, 5 phases") {
		t.Errorf("profiles reads it as: %v\n%s", err, out)
	}
	text, err := os.ReadFile("mine.yaml")
	if err != nil || strings.Count(string(text), "#") < 30 {
		t.Errorf("%v, %d comments", err, strings.Count(string(text), "#"))
	}
	keys := 0
	for _, section := range profiles.Manual() {
		for _, key := range section.Keys {
			keys++
			if !strings.Contains(string(text), "#   "+key.Name+" ") {
				t.Errorf("the key %s is not in it", key.Name)
			}
		}
	}
	if keys < 30 {
		t.Errorf("only %d keys are known", keys)
	}
	if _, err := printed(t, "profiles new mine.yaml"); exitCode(t.Context(), err) != exitUsage || !strings.Contains(err.Error(), "mine.yaml exists") {
		t.Errorf("it was written again: %v", err)
	}
	if out, err := printed(t, "profiles new -"); err != nil || string(out) != string(text) {
		t.Errorf("to standard output: %v, %.100q", err, out)
	}
	if err := os.WriteFile("bad.yaml", []byte("launches: 0\nratee: 5/s\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := printed(t, "profiles bad.yaml"); exitCode(t.Context(), err) != exitUsage || !strings.Contains(err.Error(), "bad.yaml:1") || !strings.Contains(err.Error(), "bad.yaml:2") {
		t.Errorf("of a bad one: %v", err)
	}
	if err := refusal(t, "run --profile=mine.yaml --rate=0"); err == nil || !strings.HasPrefix(err.Error(), "--rate 0: ") {
		t.Errorf("run finds another fault in it: %v", err)
	}
}

// The comments in the new profile are wholly true: what stands there as a comment is legal.
func TestWhatANewProfileOffersIsLegal(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err := exec.Command("ancmbench", "profiles", "new", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(out), "# All keys.")
	plain := strings.NewReplacer("# precision: ", "precision: ", "# budgets:\n", "budgets:\n", "#   - ", "  - ").Replace(body)
	if strings.Count(plain, "#") > strings.Count(body, "#")-4 {
		t.Fatalf("it offers other keys than this test knows:\n%s", body)
	}
	body = plain
	if err := os.WriteFile("all.yaml", []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := printed(t, "profiles all.yaml"); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, body)
	}
}
