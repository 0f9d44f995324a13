package html

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// sharedRun is a run whose load two machines shared: of its three trials the first is valid,
// one was discarded because of load 2, and one is a warm-up.
func sharedRun() *ancmbench.Run {
	us := func(n int) ancmbench.Seconds { return ancmbench.Seconds(time.Duration(n) * time.Microsecond) }
	cpu := us(4000)
	host := func(name string, sent int64, p50, p99, lag, offset, within int) ancmbench.LoadHost {
		return ancmbench.LoadHost{Name: name, Outcomes: ancmbench.Outcomes{Due: sent, Sent: sent, OK: sent - 1}, P50: us(p50), P99: us(p99), LagP99: us(lag), CPU: &cpu,
			Clocks: []ancmbench.Clock{{Offset: us(1), Uncertainty: us(within)}, {Offset: us(offset), Uncertainty: us(1)}}}
	}
	result := func(kind ancmbench.PhaseKind, void string, hosts ...ancmbench.LoadHost) ancmbench.Result {
		return ancmbench.Result{PhaseKind: kind, Void: void, LoadHosts: hosts}
	}
	bad := host("load 2", 7, 1, 1, 1, 5, 9)
	bad.Void = ancmbench.VoidLate
	run := &ancmbench.Run{Results: []ancmbench.Result{
		result(ancmbench.WarmUp, "", host("load 1", 5000, 1, 1, 1, 1, 1)),
		result(ancmbench.Latency, "", host("load 1", 1000, 100, 900, 20, 3, 30), host("load 2", 1100, 150, 1000, 25, 4, 40)),
		result(ancmbench.Latency, "", host("load 1", 1000, 120, 800, 22, -7, 35), host("load 2", 1100, 160, 700, 21, 4, 40)),
		result(ancmbench.Latency, ancmbench.VoidLate, host("load 1", 8, 1, 1, 1, -7, 35), bad),
	}, Machines: []ancmbench.Machine{{Name: "load 1", Load: true, Host: ancmbench.Host{OS: "linux", Arch: "arm64", Kernel: "6.1", CPUModel: "A1", Cores: 3}},
		{Name: "serve", Serve: true, Host: ancmbench.Host{Cores: 5, Warnings: []ancmbench.Warning{{Code: ancmbench.WarnSwap, Value: 1 << 20}}}}}}
	run.Results[1].Warnings = []ancmbench.Warning{{Code: ancmbench.WarnLoadHostSlower, Value: 0.4, Bound: 0.2, Detail: "load 2"}}
	return run
}

// The page has the figures of each load host and machine: counts are those of valid trials
// after the warm-up, of percentiles the least and the most, and of clocks the last offset and
// the worst uncertainty.
func TestLoadHostsSection(t *testing.T) {
	s := loadHostsSection(sharedRun())
	want := [][]string{
		{"load 1", "2,000", "2", "100 µs to 120 µs", "900 µs", "22.0 µs", "4.00 µs", "-7.00 µs", "35.0 µs"},
		{"load 2", "2,200", "2", "150 µs to 160 µs", "1.00 ms", "25.0 µs", "3.64 µs", "+5.00 µs", "40.0 µs"},
	}
	if !slices.EqualFunc(s.Tables[0].Rows, want, slices.Equal) {
		t.Errorf("the load hosts: %q, want %q", s.Tables[0].Rows, want)
	}
	machines := [][]string{{"load 1", "sends load", "A1", "3", "linux arm64 6.1"}, {"serve", "runs the servers", "", "5", ""}}
	if !slices.EqualFunc(s.Tables[1].Rows, machines, slices.Equal) {
		t.Errorf("the machines: %q, want %q", s.Tables[1].Rows, machines)
	}
	notes := []string{"One load host was slower: the median of load 2 was longer than that of the others in 1 of 2 trials.", "Because of load 2, 1 trial was discarded."}
	if !slices.Equal(s.Notes, notes) {
		t.Errorf("notes %q, want %q", s.Notes, notes)
	}
	if len(s.Panels) != 1 || s.Panels[0].Where != "on serve" || !strings.Contains(s.Panels[0].Text, "swap") {
		t.Errorf("panels %+v", s.Panels)
	}
	if s := loadHostsSection(&ancmbench.Run{Results: []ancmbench.Result{{PhaseKind: ancmbench.Latency}}}); s != nil {
		t.Errorf("without load hosts there is a section: %+v", s)
	}
}
