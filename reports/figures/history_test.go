package figures

import (
	"testing"

	"ancmbench"
)

// A line of history is of this machine by its key; one of before there was a key by
// the little that it says.
func TestHistoryKnowsItsMachine(t *testing.T) {
	h := ancmbench.Host{OS: "linux", Arch: "amd64", CPUModel: "Some CPU", Cores: 8, Kernel: "6.1.2", MemoryBytes: 8 << 30}
	line := historyHost(h)
	old := line
	old.Key = ""
	newer, other := h, h
	newer.Kernel, other.Cores = "6.2.1", 4
	for _, c := range []struct {
		name string
		line HistoryHost
		host ancmbench.Host
		want bool
	}{
		{"itself", line, h, true}, {"another kernel", line, newer, false}, {"fewer cores", line, other, false},
		{"old, itself", old, h, true}, {"old, another kernel", old, newer, true}, {"old, fewer cores", old, other, false},
	} {
		if got := c.line.Is(c.host); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
