package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// actionFile is what action.yml has for this test.
type actionFile struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []struct {
			ID, Name, Shell, Run string
			Env                  map[string]string
		}
	}
}

func readAction(t *testing.T) actionFile {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a actionFile
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if a.Runs.Using != "composite" || len(a.Runs.Steps) != 2 || len(a.Inputs) < 8 || len(a.Outputs) < 3 {
		t.Fatalf("%+v", a)
	}
	return a
}

var actionExpression = regexp.MustCompile(`\$\{\{ *([a-z._-]+) *\}\}`)

// runStep runs a step of the action as a runner does: with its environment, in which inputs and
// outputs of earlier steps stand for their expressions, and with bash.
func runStep(t *testing.T, a actionFile, i int, dir string, values map[string]string) (output string, code int) {
	t.Helper()
	step := a.Runs.Steps[i]
	c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
	c.Dir = dir
	c.Env = append(os.Environ(), "HOME="+dir, "GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+filepath.Join(dir, "outputs"), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"))
	for name, value := range step.Env {
		of := actionExpression.FindStringSubmatch(value)
		if of == nil || of[0] != value {
			t.Fatalf("%s=%s is not one expression", name, value)
		}
		is, given := values[of[1]]
		input, isInput := strings.CutPrefix(of[1], "inputs.")
		if in, there := a.Inputs[input]; isInput && !given && there {
			is, given = in.Default, true
		}
		if !given {
			t.Fatalf("%s=%s: nothing is known by this name", name, value)
		}
		c.Env = append(c.Env, name+"="+is)
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	_ = c.Run() // its code is looked at
	return out.String(), c.ProcessState.ExitCode()
}

// outputsOf reads the file of a step's outputs.
func outputsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "outputs"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		out[name] = value
	}
	return out
}

// No input gets into a script but by the environment, where it cannot be a command; every
// output is one of a step; and what bash reads, it can read.
func TestTheActionIsSound(t *testing.T) {
	a := readAction(t)
	ids := map[string]bool{}
	for _, s := range a.Runs.Steps {
		ids[s.ID] = true
		if s.Shell != "bash" || strings.Contains(s.Run, "${{") || s.Name == "" {
			t.Errorf("step %s: shell %q, or an expression in its script", s.ID, s.Shell)
		}
		for name := range s.Env {
			if !strings.Contains(s.Run, "$"+name) && !strings.Contains(s.Run, "${"+name) {
				t.Errorf("step %s does not use %s", s.ID, name)
			}
		}
	}
	for name, o := range a.Outputs {
		if of := actionExpression.FindStringSubmatch(o.Value); of == nil || !ids[strings.Split(of[1], ".")[1]] || o.Description == "" {
			t.Errorf("output %s is %q", name, o.Value)
		}
	}
	for name, in := range a.Inputs {
		if in.Description == "" {
			t.Errorf("input %s has no description", name)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("skipped: no bash")
	}
	scripts := map[string]string{}
	for _, s := range a.Runs.Steps {
		scripts["action.yml, step "+s.ID] = s.Run
	}
	files, err := filepath.Glob("../../scripts/*.sh")
	if err != nil || len(files) < 10 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		scripts[f] = string(text)
	}
	for name, text := range scripts {
		c := exec.Command(bash, "-n")
		c.Stdin = strings.NewReader(text)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// The steps find the program, run the gate of two commands, and leave what a workflow reads.
func TestTheActionRunsTheGate(t *testing.T) {
	t.Parallel()
	skipShort(t)
	if runtime.GOOS == "windows" {
		t.Skip("skipped: no bash")
	}
	a := readAction(t)
	program, err := exec.LookPath("ancmbench")
	if err != nil {
		t.Fatal(err)
	}
	dir, place := t.TempDir(), t.TempDir()
	// A release beside action.yml is found by its name.
	arch := map[string]string{"amd64": "amd64", "arm64": "arm64"}[runtime.GOARCH]
	released := filepath.Join(place, "ancmbench-v1.2.3-"+runtime.GOOS+"-"+arch)
	if err := os.WriteFile(released, []byte("#!/bin/sh\nexec '"+program+"' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"github.action_path": place}
	out, code := runStep(t, a, 0, dir, values)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	if outputsOf(t, dir)["binary"] != released || !strings.Contains(out, "ancmbench version") {
		t.Fatalf("exit code %d, outputs %v\n%s", code, outputsOf(t, dir), out)
	}
	values["inputs.binary"] = program // as a name given by hand
	if out, code := runStep(t, a, 0, dir, values); code != 0 || outputsOf(t, dir)["binary"] != program {
		t.Fatalf("exit code %d, outputs %v\n%s", code, outputsOf(t, dir), out)
	}

	if err := os.WriteFile(filepath.Join(dir, "p.yaml"), []byte(smallGate), 0o644); err != nil {
		t.Fatal(err)
	}
	values["steps.find.outputs.binary"] = program
	serve := "exec ancmbench serve --model=direct --quiet --listen=127.0.0.1:{port}"
	values["inputs.base"], values["inputs.head"] = serve, serve
	values["inputs.path"], values["inputs.arguments"] = "/plaintext", "--profile=p.yaml\n--launches=6\n--metric=p50\n"
	values["inputs.allow-inconclusive"] = "true"
	out, code = runStep(t, a, 1, dir, values)
	left := outputsOf(t, dir)
	// Of so short a gate on a machine at work anything may come; what counts is that it is said.
	known := map[string]string{"pass": "0", "inconclusive": "0", "unstable": "0", "invalid": "3", "fail": "99"}
	if want, ok := known[left["outcome"]]; !ok || left["exit-code"] != want {
		t.Errorf("outputs %v, exit code %d\n%s", left, code, out)
	}
	summary, err := os.ReadFile(filepath.Join(dir, "summary"))
	if err != nil || !strings.Contains(string(summary), "Gate: "+left["outcome"]) {
		t.Errorf("the summary: %v, %s", err, summary)
	}
	for _, file := range []string{left["report"], "ancmbench-gate/junit.xml"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}

	// Nothing in an input is a command.
	values["inputs.arguments"], values["inputs.path"] = "--metric=$(touch owned)", "/; touch owned"
	if out, code := runStep(t, a, 1, dir, values); code != exitUsage || !strings.Contains(out, "::error title=gate%3A no verdict::") && !strings.Contains(out, "ancmbench: ") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
		t.Error("an input was run as a command")
	}
}
