package main

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

// One finding has one word, wherever it is said: on the terminal, in the report and by
// doctor. All codes are tried, so that all severities are.
func TestSeverityWordsAreOneSet(t *testing.T) {
	codes := []ancmbench.WarningCode{ancmbench.WarnWrongModel, ancmbench.WarnLag, ancmbench.WarnFewSamples, ancmbench.WarnSwap, ancmbench.WarnSharedCores}
	seen := map[advice.Severity]bool{}
	for _, code := range codes {
		run := smallRun()
		run.Warnings = []ancmbench.Warning{{Code: code, Value: 1, Bound: 0.5, Detail: "detail"}}
		said := advice.Advise(run.Warnings)
		severity := string(said[0].Severity)
		seen[said[0].Severity] = true
		a, err := figures.Analyse(run)
		if err != nil {
			t.Fatal(err)
		}
		var html, doctor, terminal bytes.Buffer
		if err := render.Text(&terminal, run, a, page.Options{Width: 100}); err != nil {
			t.Fatal(err)
		}
		if err := render.HTML(&html, run, a); err != nil {
			t.Fatal(err)
		}
		if err := showDiagnosis(&doctor, &diagnosis{Advice: said}, verbosity{}); err != nil && exitCode(t.Context(), err) != exitUndecided {
			t.Fatal(err)
		}
		first := strings.Join(strings.Fields(said[0].Text)[:2], " ")
		for name, c := range map[string]struct{ text, want string }{
			"terminal": {terminal.String(), "\n" + severity + strings.Repeat(" ", 9-len(severity)) + first},
			"report":   {strings.ReplaceAll(html.String(), "\u00a0", " "), "<strong>" + severity + "</strong> " + first},
			"doctor":   {doctor.String(), "\n" + severity + ": " + first},
		} {
			if !strings.Contains(c.text, c.want) {
				t.Errorf("%s, %s: %q is not in it", code, name, c.want)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("only %v were tried", seen)
	}
}

// A person reads a figure with its unit, and three digits of it.
func TestDoctorPrintsFiguresForPeople(t *testing.T) {
	for _, c := range []struct {
		check        ancmbench.Check
		value, bound string
	}{
		{ancmbench.Check{Name: "clock_read_seconds", Value: 4.3e-08, Bound: 1e-6}, "43.0 ns", "at most 1.00 µs"},
		{ancmbench.Check{Name: "ports_left_count", Value: 21930, Bound: 2000, AtLeast: true}, "21,930", "at least 2,000"},
		{ancmbench.Check{Name: "swap_used_bytes", Value: 12_345_678, Bound: 0}, "12.3 MB", "at most 0 B"},
		{ancmbench.Check{Name: "other_load_share", Value: 0.0534, Bound: 0.05}, "5.3 %", "at most 5.0 %"},
		{ancmbench.Check{Name: "cores_allowed_count", Value: 1.5, Bound: 2, AtLeast: true}, "1.50", "at least 2"},
	} {
		row := checkRow(c.check)
		if row[1] != c.value || row[2] != c.bound {
			t.Errorf("%s: %q, %q; want %q, %q", c.check.Name, row[1], row[2], c.value, c.bound)
		}
	}
	var b bytes.Buffer
	d := &diagnosis{}
	for _, name := range []string{"clock_read_seconds", "ports_left_count", "swap_used_bytes", "steal_share"} {
		d.Checks = append(d.Checks, ancmbench.Check{Name: name, Value: 2.193e+12, Bound: 1000, AtLeast: true})
	}
	if err := showDiagnosis(&b, d, verbosity{}); err != nil || strings.Contains(b.String(), "e+") || strings.Contains(b.String(), "e-") {
		t.Errorf("%v:\n%s", err, b.String())
	}
}

func TestReachable(t *testing.T) {
	for address, want := range map[string]string{"0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80", "127.0.0.1:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", ":80": "127.0.0.1:80", "192.0.2.1:80": "192.0.2.1:80"} {
		if got := reachable(address); got != want {
			t.Errorf("%s is reached at %s, want %s", address, got, want)
		}
	}
}
