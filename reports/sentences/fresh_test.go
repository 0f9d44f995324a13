package sentences

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
)

// Servers that nobody restarted began no fresh start with new processes, and no report says
// so.
func TestServersThatNobodyRestarted(t *testing.T) {
	info := func(name string, kept bool) ancmbench.TargetInfo {
		return ancmbench.TargetInfo{Name: name, AlreadyRunning: kept}
	}
	for _, c := range []struct {
		targets []ancmbench.TargetInfo
		starts  string
		has     []string
		lacks   string
	}{
		{[]ancmbench.TargetInfo{info("a", false), info("b", false)}, "6 fresh starts", []string{"Every fresh start begins with new server processes"}, "nobody"},
		{[]ancmbench.TargetInfo{info("a", true), info("b", true)}, "6 rounds", []string{"nobody restarted them", "not what a restart would change"}, "new server processes"},
		{[]ancmbench.TargetInfo{info("a", true), info("b", false)}, "6 fresh starts", []string{"new processes of b,", "a ran before, and nobody restarted them"}, "new server processes"},
	} {
		run := &ancmbench.Run{Targets: c.targets}
		if got := figures.Starts(run, 6); got != c.starts {
			t.Errorf("%+v: %s, want %s", c.targets, got, c.starts)
		}
		said := FreshStarts(run)
		for _, has := range c.has {
			if !strings.Contains(said, has) {
				t.Errorf("%+v: %q lacks %q", c.targets, said, has)
			}
		}
		if strings.Contains(said, c.lacks) {
			t.Errorf("%+v: %q has %q", c.targets, said, c.lacks)
		}
	}
}
