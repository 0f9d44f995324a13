package main

import (
	"strings"
	"testing"
)

// A word that no command knows is a usage error wherever it stands: a script that
// misspells one must not go on as if it had done something.
func TestUnknownWordsAreUsageErrors(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, line := range []string{"nosuch", "help nosuch", "help run nosuch", "help completion tcsh", "completion", "completion tcsh", "completion bash nosuch", "completion --nosuch",
		"profiles nosuch", "profiles quick nosuch", "help nosuch nosuch", "run nosuch", "doctor nosuch", "load", "report", "--nosuch", "help --nosuch"} {
		if err := refusal(t, line); exitCode(t.Context(), err) != exitUsage {
			t.Errorf("ancmbench %s: %v, exit code %d", line, err, exitCode(t.Context(), err))
		}
	}
	for _, line := range []string{"help", "help run", "help completion", "help completion bash", "help help", "completion bash", "completion --help", "help gate"} {
		if err := refusal(t, line); err != nil {
			t.Errorf("ancmbench %s: %v", line, err)
		}
	}
}

// Every verb of the help is one that help knows, and so is each below it.
func TestHelpKnowsEveryCommand(t *testing.T) {
	root := newRoot()
	for _, c := range root.Commands() {
		if err := refusal(t, "help "+c.Name()); err != nil {
			t.Errorf("help %s: %v", c.Name(), err)
		}
		for _, below := range c.Commands() {
			if err := refusal(t, "help "+strings.TrimPrefix(below.CommandPath(), "ancmbench ")); err != nil {
				t.Errorf("help %s: %v", below.CommandPath(), err)
			}
		}
	}
}
