package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports/advice"
)

// hostileMarks begin the names of a hostile run: each is what a spreadsheet computes, or
// what makes it look behind, and all that steers a terminal or a page follows, once with
// each at the front, where a name that is cut off still has it.
var hostileMarks = func() (out []string) {
	steer := []string{"\x1b[31;1m", "\a", "\u202e", "\x1b]0;title\a", "\u009b2J", "\n\nforged: 0 errors", "\r", "\u2066", "\u200b", "\x00", "<script>alert(1)</script>", "\ufeff", "\u2028"}
	begin := []string{"=1+1", "+1+1", "-1+1", "@SUM(1)", "\r", "\ufeff"}
	for i, first := range begin {
		n := i * len(steer) / len(begin)
		out = append(out, first+strings.Join(steer[n:], "")+strings.Join(steer[:n], ""))
	}
	return out
}()

// hostileRun is a small run whose every text holds a mark, except the words that reports
// go by.
func hostileRun(mark string) *ancmbench.Run {
	run := smallRun()
	bad := func(name string) string { return mark + name }
	for i := range run.Targets {
		t := &run.Targets[i]
		t.Name, t.Front, t.Roles = bad(t.Name), bad("lean"), []ancmbench.Role{ancmbench.Role(bad("worker"))}
		t.Model = ancmbench.Model(bad(string(t.Model)))
		t.Revision = &ancmbench.Revision{Commit: bad("abc"), Subject: bad("subject")}
	}
	run.Subject, run.Program, run.Reason = ancmbench.Subject(bad("subject")), bad("program"), bad("reason")
	run.Command = []string{"ancmbench", bad("run")}
	run.Tool = ancmbench.Tool{Version: bad("v1"), Go: bad("go1"), Modules: map[string]string{bad("module"): bad("v2")}}
	h := &run.Host
	h.OS, h.Arch, h.Kernel, h.CPUModel, h.Governor, h.ClockSource, h.Virtual, h.GoVersion, h.Name = bad("os"), bad("arch"), bad("kernel"), bad("cpu"), bad("governor"), bad("clock"), bad("virtual"), bad("go"), bad("host")
	h.Details = map[string]string{bad("key"): bad("value")}
	h.Unsupported = map[string]string{bad("key"): bad("why")}
	h.Checks = []ancmbench.Check{{Name: bad("check"), Value: 2, Bound: 1}, {Name: bad("other"), Unsupported: bad("why")}}
	h.Warnings = []ancmbench.Warning{{Code: ancmbench.WarnUnsupported, Detail: bad("detail")}}
	run.Warnings = []ancmbench.Warning{{Code: ancmbench.WarningCode(bad("code")), Phase: bad("latency"), Target: bad("target"), Detail: bad("detail")},
		{Code: ancmbench.WarnLeftOut, Detail: bad("detail")}, {Code: ancmbench.WarnProcessesNotFound, Detail: bad("detail")}}
	run.Profile.Name, run.Profile.Description = bad("profile"), bad("description")
	run.Profile.Workloads[0].Name, run.Profile.Phases[0].Name = bad("plaintext"), bad("latency")
	for i := range run.Plan {
		run.Plan[i].Phase.Name = bad("latency")
		run.Plan[i].Targets = []string{run.Targets[0].Name, run.Targets[1].Name}
	}
	for i := range run.Results {
		r := &run.Results[i]
		r.Target, r.Phase, r.Workload, r.Engine = bad(r.Target), bad(r.Phase), bad(r.Workload), bad(r.Engine)
		r.Usage[0].Role, r.Usage[0].CPU.Source = ancmbench.Role(bad("worker")), bad("cgroup")
		r.Usage[0].Unsupported = map[string]string{bad("memory"): bad("why")}
		r.Warnings = []ancmbench.Warning{{Code: ancmbench.WarnErrors, Value: 1, Target: r.Target, Phase: r.Phase, Detail: bad("server says")}}
		r.Checks = []ancmbench.Check{{Name: bad("lag_p99_seconds"), Value: 2, Bound: 1}}
		r.Outcomes.Status = map[int]int64{503: 1}
	}
	void := run.Results[0]
	void.Void = bad("server reported: " + mark)
	run.Results = append([]ancmbench.Result{void}, run.Results...)
	return run
}

// steering finds what may not be in an output: a character that steers, or a field that
// a spreadsheet computes. Line feeds and tabs are the output's own.
func steering(out []byte) string {
	for i, r := range string(out) {
		if r == '\n' || r == '\t' || r == ' ' || r == utf8.RuneError || unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r) {
			continue
		}
		return fmt.Sprintf("%q in %q", r, out[max(0, i-40):min(len(out), i+40)])
	}
	return ""
}

// Whatever a results file has for names and messages, no output of any verb is steered
// by it.
func TestOutputsAreNotSteered(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for i, mark := range hostileMarks {
		if underRace && i > 0 {
			continue // one goroutine draws pictures: ten times slower, and no race to find
		}
		t.Run(fmt.Sprintf("%q", mark), func(t *testing.T) {
			t.Chdir(t.TempDir())
			run := hostileRun(mark)
			if err := os.Mkdir("run", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := run.WriteFile(filepath.Join("run", ancmbench.ResultFile)); err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{"report run", "report run --json", "report run --metrics=all", "report run --check=run", "compare run run", "compare run run --markdown",
				"export run -q", "export run --format=benchfmt", "export run --format=history", "predict run --app-time=1ms --at-rate=5",
				"report run --format=csv", "report run --format=markdown", "report run --format=prometheus", "report run -v", "report run --format=html", "compare run run --format=csv", "compare run run --json",
				"compare run run --format=prometheus", "compare run run --format=benchfmt", "gate --result=run --format=csv", "gate --result=run --format=prometheus", "gate --result=run -v",
				"runs .", "runs . --json", "runs . -v", "predict run --app-time=1ms --at-rate=5 -v", "gate --result=run --markdown=gate.md --junit=gate.xml", "gate --result=run --json", "gate --against=run", "gate --result=run --budget=p99<=1us"} {
				out, err := printed(t, line)
				if found := steering(out); found != "" {
					t.Errorf("ancmbench %s prints %s", line, found)
				}
				if err != nil {
					if found := steering([]byte(clean.Lines(err.Error()))); found != "" {
						t.Errorf("ancmbench %s fails with %s", line, found)
					}
				}
				if line == "export run -q" || strings.HasSuffix(line, "--format=csv") && err == nil {
					checkTable(t, out)
				}
			}
			for _, file := range []string{"run/report.html", "gate.md", "gate.xml"} {
				text, err := os.ReadFile(file)
				if err != nil && (file == "run/report.html") {
					t.Error(err)
				}
				if found := steering(text); found != "" {
					t.Errorf("%s has %s", file, found)
				}
				if bytes.Contains(text, []byte("<script>alert")) {
					t.Errorf("%s runs what a name says", file)
				}
			}
		})
	}
}

// What the machine calls itself is as foreign.
func TestDoctorIsNotSteered(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var b bytes.Buffer
		run := hostileRun("\x1b[2J\u202e")
		if err := showDiagnosis(&b, &diagnosis{Host: run.Host, Key: "\a", Checks: run.Host.Checks, Advice: advice.Advise(run.Host.Warnings)}, verbosity{asJSON: asJSON}); err != nil && exitCode(t.Context(), err) != exitUndecided {
			t.Fatal(err)
		}
		if found := steering(b.Bytes()); found != "" || b.Len() == 0 {
			t.Errorf("doctor prints %s", found)
		}
	}
}

func checkTable(t *testing.T, out []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, field := range row {
			if field != clean.CSV(field) {
				t.Errorf("the field %q of the table is computed", field)
			}
		}
	}
}

// printed is what a verb writes to where a person looks.
func printed(t *testing.T, line string) ([]byte, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(strings.Fields(line))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.Bytes(), err
}
