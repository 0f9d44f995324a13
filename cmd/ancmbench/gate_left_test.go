package main

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// gateLeft runs a gate as a job of GitHub would (with --junit=j.xml and
// --markdown=s.md among its flags), checks all that it leaves, and gives its exit
// code and the outcome of $GITHUB_OUTPUT.
func gateLeft(t *testing.T, c *exec.Cmd) (code int, outcome string) {
	t.Helper()
	outputs, summary := filepath.Join(c.Dir, "output"), filepath.Join(c.Dir, "summary")
	c.Env = append(c.Env, "GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+outputs, "GITHUB_STEP_SUMMARY="+summary, "XDG_CONFIG_HOME="+c.Dir)
	err := c.Run()
	stdout, stderr := output(c)
	if code = c.ProcessState.ExitCode(); code == 2 || code < 0 {
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	if n := len(regexp.MustCompile(`(?m)^::`).FindAllString(stdout, -1)); n > 5 || code != 0 && n == 0 {
		t.Errorf("%d annotations at exit code %d:\n%s", n, code, stdout)
	}
	read := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	for _, path := range []string{summary, filepath.Join(c.Dir, "s.md")} {
		if text := read(path); len(text) == 0 || len(text) > 60_000 {
			t.Errorf("%s has %d bytes", filepath.Base(path), len(text))
		}
	}
	var suites struct {
		Suite struct {
			Tests    int        `xml:"tests,attr"`
			Failures int        `xml:"failures,attr"`
			Cases    []struct{} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(read(filepath.Join(c.Dir, "j.xml"))), &suites); err != nil || suites.Suite.Tests == 0 || len(suites.Suite.Cases) != suites.Suite.Tests {
		t.Errorf("JUnit: %v, %+v", err, suites)
	}
	if (code == 99) != (suites.Suite.Failures > 0) {
		t.Errorf("JUnit has %d failures at exit code %d", suites.Suite.Failures, code)
	}
	for _, line := range strings.Split(read(outputs), "\n") {
		if o, found := strings.CutPrefix(line, "outcome="); found {
			outcome = o
		}
	}
	if (code == 1) != (outcome == "error") {
		t.Errorf("outcome=%s at exit code %d: %v\n%s\n%s", outcome, code, err, stdout, stderr)
	}
	if outcome == "" || !strings.Contains(read(summary), outcome) {
		t.Errorf("outcome=%q, and the summary says\n%s", outcome, read(summary))
	}
	t.Logf("%s", stdout)
	return code, outcome
}
