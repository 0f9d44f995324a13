package host

import (
	"slices"
	"testing"

	"ancmbench"
)

// good is a machine of which nothing is to be said.
func good() ancmbench.Host {
	return ancmbench.Host{Cores: 8, CoresAllowed: 8, MemoryBytes: 32 << 30, Governor: "performance",
		ClockSource: "tsc", GeneratorCores: []int{6, 7}, ServerCores: []int{0, 1, 2, 3, 4, 5}}
}

// about are the codes of a machine, without those of the clock and of the
// ports, which are of the machine that runs the test.
func about(in Inspection) []ancmbench.WarningCode {
	var out []ancmbench.WarningCode
	for _, w := range in.Warnings {
		if w.Code != ancmbench.WarnClock && w.Code != ancmbench.WarnPortsLeft {
			out = append(out, w.Code)
		}
	}
	return out
}

func TestInspect(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*ancmbench.Host)
		want   []ancmbench.WarningCode
	}{
		{"good", func(h *ancmbench.Host) {}, nil},
		{"governor", func(h *ancmbench.Host) { h.Governor = "powersave" }, []ancmbench.WarningCode{ancmbench.WarnGovernor}},
		{"one core's governor", func(h *ancmbench.Host) { h.Governor = "ondemand,performance" }, []ancmbench.WarningCode{ancmbench.WarnGovernor}},
		{"no governor to be seen", func(h *ancmbench.Host) {
			h.Governor, h.Unsupported = "", map[string]string{"cpu_governor": "virtual"}
		}, nil},
		{"swap", func(h *ancmbench.Host) { h.SwapBytes = 1 << 30 }, []ancmbench.WarningCode{ancmbench.WarnSwap}},
		{"a little swap", func(h *ancmbench.Host) { h.SwapBytes = 1 << 20 }, nil},
		{"limit", func(h *ancmbench.Host) { h.CoresAllowed = 1.5 }, []ancmbench.WarningCode{ancmbench.WarnCPULimit}},
		{"shared cores", func(h *ancmbench.Host) { h.GeneratorCores = nil }, []ancmbench.WarningCode{ancmbench.WarnSharedCores}},
		{"all of it", func(h *ancmbench.Host) {
			*h = ancmbench.Host{Cores: 2, CoresAllowed: 1, MemoryBytes: 1 << 30, SwapBytes: 1 << 30, Governor: "powersave"}
		}, []ancmbench.WarningCode{ancmbench.WarnGovernor, ancmbench.WarnSwap, ancmbench.WarnCPULimit, ancmbench.WarnSharedCores}},
	} {
		h := good()
		tt.change(&h)
		if got := about(Inspect(h, 1)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestInspectLaws: each check has a unit, each failed one its warning with the
// check's own figures, and no other warning is there.
func TestInspectLaws(t *testing.T) {
	bad := ancmbench.Host{Cores: 2, CoresAllowed: 1, MemoryBytes: 1 << 30, SwapBytes: 1 << 30, Governor: "powersave"}
	for _, h := range []ancmbench.Host{good(), bad, Fingerprint()} {
		in := Inspect(h, 1<<20) // more ports than there are
		failed := 0
		for _, c := range in.Checks {
			if !hasUnit(c.Name) {
				t.Errorf("check %s has no unit", c.Name)
			}
			if !c.OK() {
				failed++
			}
		}
		if failed != len(in.Warnings) {
			t.Errorf("%d checks failed, and there are %d warnings: %+v", failed, len(in.Warnings), in)
		}
		if !slices.ContainsFunc(in.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnPortsLeft }) && portsKnown() {
			t.Errorf("a million ports are wanted, and nothing is said: %+v", in.Warnings)
		}
	}
}

func portsKnown() bool {
	_, err := PortsLeft()
	return err == nil
}

func hasUnit(name string) bool {
	for _, unit := range []string{"_seconds", "_bytes", "_count", "_share"} {
		if len(name) > len(unit) && name[len(name)-len(unit):] == unit {
			return true
		}
	}
	return false
}

func TestReadClock(t *testing.T) {
	cost, step := readClock()
	if cost <= 0 || step <= 0 {
		t.Errorf("cost %v, step %v: a clock that is free or stands still", cost, step)
	}
}

func TestTrafficSince(t *testing.T) {
	before := Traffic{Retransmits: 100, Overflows: 5}
	for _, tt := range []struct {
		name string
		now  Traffic
		want []ancmbench.WarningCode
	}{
		{"nothing", before, nil},
		{"a few retransmits", Traffic{Retransmits: 105, Overflows: 5}, nil},
		{"many retransmits", Traffic{Retransmits: 150, Overflows: 5}, []ancmbench.WarningCode{ancmbench.WarnRetransmits}},
		{"one overflow", Traffic{Retransmits: 100, Overflows: 6}, []ancmbench.WarningCode{ancmbench.WarnListenOverflow}},
		{"not known", Traffic{Unsupported: map[string]string{"retransmits": "x", "listen_overflows": "y"}}, nil},
	} {
		in := tt.now.Since(before)
		var got []ancmbench.WarningCode
		for _, w := range in.Warnings {
			got = append(got, w.Code)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
		for _, c := range in.Checks {
			if c.Unsupported != "" && c.Value != 0 {
				t.Errorf("%s: %s has a value and a reason", tt.name, c.Name)
			}
		}
	}
}
