package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// workflow is what is looked at of a workflow of GitHub's.
type workflow struct {
	On   map[string]any `yaml:"on"`
	Jobs map[string]struct {
		If    string   `yaml:"if"`
		Steps []ciStep `yaml:"steps"`
	} `yaml:"jobs"`
}

type ciStep struct {
	ID, Uses, Run, If string
	With              map[string]any
}

func (w workflow) step(job string, is func(ciStep) bool) *ciStep {
	for _, s := range w.Jobs[job].Steps {
		if is(s) {
			return &s
		}
	}
	return nil
}

// The sample workflow is YAML, has all that a gate in CI needs, and each of its
// command lines is one that this ancmbench takes.
func TestSampleWorkflow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "ci", "github.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"pull_request", "schedule"} {
		if _, there := w.On[event]; !there {
			t.Errorf("it is not run on %s", event)
		}
	}
	checkout := w.step("gate", func(s ciStep) bool { return strings.HasPrefix(s.Uses, "actions/checkout@") })
	if checkout == nil || checkout.With["fetch-depth"] != uint64(0) {
		t.Errorf("the gate's checkout is shallow: %+v", checkout)
	}
	upload := w.step("gate", func(s ciStep) bool { return strings.HasPrefix(s.Uses, "actions/upload-artifact@") })
	if upload == nil || upload.If != "always()" {
		t.Errorf("what was measured is not kept when the gate fails: %+v", upload)
	}
	var verbs []string
	for name, job := range w.Jobs {
		for _, s := range job.Steps {
			for _, line := range commandLines(s.Run) {
				verbs = append(verbs, line[0])
				accepted(t, name, line)
			}
		}
	}
	if !slices.Contains(verbs, "gate") || !slices.Contains(verbs, "selftest") {
		t.Errorf("the commands are %v", verbs)
	}
}

var (
	expression = regexp.MustCompile(`\$\{\{ *([^ }]+) *\}\}`)
	word       = regexp.MustCompile(`'[^']*'|"[^"]*"|[^ \t\n'"]+`)
)

// commandLines are the arguments of each call of ancmbench in a script.
func commandLines(script string) [][]string {
	script = strings.ReplaceAll(script, "\\\n", " ")
	script = expression.ReplaceAllStringFunc(script, func(e string) string {
		if strings.Contains(e, "matrix.metric") {
			return "p50"
		}
		return "x"
	})
	var out [][]string
	for _, line := range strings.Split(script, "\n") {
		words := word.FindAllString(line, -1)
		if len(words) == 0 || strings.Trim(words[0], `"'`) != "$RUNNER_TEMP/ancmbench" {
			continue
		}
		var args []string
		for _, w := range words[1:] {
			args = append(args, strings.Trim(w, `"'`))
		}
		out = append(out, args)
	}
	return out
}

// accepted takes a command line through the real command's flags, and a gate's
// through the gate's own checks, without running it.
func accepted(t *testing.T, job string, args []string) {
	t.Helper()
	c, rest, err := newRoot().Find(args)
	if err != nil || c.Name() != args[0] {
		t.Errorf("%s: %q: no such verb: %v", job, args, err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%s: %q: %v", job, args, err)
		return
	}
	if err := c.Args(c, c.Flags().Args()); err != nil {
		t.Errorf("%s: %q: %v", job, args, err)
	}
	value := func(name string) string { return c.Flags().Lookup(name).Value.String() }
	switch args[0] {
	case "gate":
		f := &gateFlags{baseRev: value("base-rev"), start: value("start"), margin: value("margin"), targetPath: value("path")}
		if _, _, err := gateOf(f); err != nil {
			t.Errorf("%s: %q: %v", job, args, err)
		}
		if words := strings.Fields(f.start); len(words) > 3 && words[0] == "exec" {
			accepted(t, job, words[2:])
		}
	case "selftest":
		if _, known := injectable(value("metric")); !known {
			t.Errorf("no metric %q", value("metric"))
		}
		if _, err := parseShare(value("inject")); err != nil {
			t.Errorf("%s: %q: %v", job, args, err)
		}
	}
}

// The check sees what is wrong.
func TestCommandLines(t *testing.T) {
	lines := commandLines("echo ancmbench gate\n\"$RUNNER_TEMP/ancmbench\" gate \\\n  --start 'a b' --base-rev \"origin/${{ github.base_ref }}\"\n")
	if len(lines) != 1 || !slices.Equal(lines[0], []string{"gate", "--start", "a b", "--base-rev", "origin/x"}) {
		t.Errorf("%q", lines)
	}
	c, rest, err := newRoot().Find([]string{"gate", "--no-such-flag"})
	if err != nil || c.ParseFlags(rest) == nil {
		t.Errorf("an unknown flag is taken: %v", err)
	}
}
