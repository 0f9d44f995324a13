package experiment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models/peers"
)

// A command that never listens is started once and has the time in its error; one that ends
// at once is started a second time.
func TestCommandThatDoesNotListenIsStartedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		then, says string
		starts     int
	}{
		"never listens": {"exec sleep 600", "does not listen on 127.0.0.1:", 1},
		"ends at once":  {"exit 3", "ended (exit status 3)", 2},
	} {
		t.Run(name, func(t *testing.T) {
			started := filepath.Join(t.TempDir(), "started")
			command := peers.Command{Line: "echo x >> '" + started + "'; " + c.then, StartTimeout: 3 * time.Second}
			_, err := Run(t.Context(), Config{Dir: t.TempDir(), Targets: []TargetSpec{{Name: "head", Command: &command}},
				Profile: ancmbench.Profile{Name: "p", Launches: 1, Phases: []ancmbench.Phase{{Name: "slices", Kind: ancmbench.Latency, Duration: 1}}}})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
			if text, _ := os.ReadFile(started); strings.Count(string(text), "x") != c.starts {
				t.Errorf("the command was started %d times, want %d", strings.Count(string(text), "x"), c.starts)
			}
		})
	}
}
