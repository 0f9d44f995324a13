package host

import (
	"encoding/json"
	"os"
	"os/user"
	"slices"
	"strings"
	"testing"
)

// TestFingerprintIsComplete: each field has a value, or a reason, and not both.
func TestFingerprintIsComplete(t *testing.T) {
	h := Fingerprint()
	check := func(field string, has bool) {
		t.Helper()
		if why := h.Unsupported[field]; has == (why != "") {
			t.Errorf("%s: value %v, reason %q", field, has, why)
		}
	}
	check("kernel", h.Kernel != "")
	check("cpu_model", h.CPUModel != "")
	check("cpu_governor", h.Governor != "")
	check("clock_source", h.ClockSource != "")
	check("virtualization", h.Virtual != "")
	check("memory_bytes", h.MemoryBytes > 0)
	if h.OS == "" || h.Arch == "" || h.GoVersion == "" || h.Cores < 1 || h.CoresAllowed <= 0 || h.CoresAllowed > float64(h.Cores) {
		t.Errorf("got %+v", h)
	}
}

// TestFingerprintIsAnonymous: what identifies the machine is there only when
// it is asked for.
func TestFingerprintIsAnonymous(t *testing.T) {
	h := Fingerprint()
	in := Inspect(h, 0)
	h.Checks, h.Warnings = in.Checks, in.Warnings
	plain, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	AddDetails(&h)
	full, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	canaries := map[string]string{}
	if name, err := os.Hostname(); err == nil {
		canaries["host name"] = name
	}
	if dir, err := os.Getwd(); err == nil {
		canaries["directory"] = dir
	}
	if u, err := user.Current(); err == nil {
		canaries["user"] = u.Username
	}
	for what, canary := range canaries {
		word, err := json.Marshal(canary)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(plain), string(word)) {
			t.Errorf("the %s is in the fingerprint", what)
		}
		if !strings.Contains(string(full), string(word)) {
			t.Errorf("the %s is not in the details", what)
		}
	}
	if h.Name == "" && h.Details["host_name"] == "" {
		t.Error("details without a name, and no reason")
	}
}

// TestPlanCores: the sets are disjoint, lie within what may be used, and no
// physical core is in both.
func TestPlanCores(t *testing.T) {
	alone := func(ids ...int) []core {
		var out []core
		for _, id := range ids {
			out = append(out, core{id, id})
		}
		return out
	}
	paired := func(n int) []core { // n processors, i and i+n/2 of one core
		var out []core
		for i := range n {
			out = append(out, core{i, i % (n / 2)})
		}
		return out
	}
	for _, tt := range []struct {
		name              string
		all               []core
		n                 int
		generator, server []int
	}{
		{"two", alone(0, 1), 0, nil, nil},
		{"three", alone(0, 1, 2), 0, nil, nil},
		{"four", alone(0, 1, 2, 3), 0, []int{3}, []int{0, 1, 2}},
		{"four of many", alone(0, 1, 2, 3, 4, 5, 6, 7), 4, []int{3}, []int{0, 1, 2}},
		{"three of many", alone(0, 1, 2, 3, 4, 5, 6, 7), 3, nil, nil},
		{"a set with gaps", alone(2, 5, 6, 9), 0, []int{9}, []int{2, 5, 6}},
		{"eight", alone(0, 1, 2, 3, 4, 5, 6, 7), 0, []int{6, 7}, []int{0, 1, 2, 3, 4, 5}},
		{"two cores with threads", paired(4), 0, []int{1, 3}, []int{0, 2}},
		{"four cores with threads", paired(8), 0, []int{3, 7}, []int{0, 1, 2, 4, 5, 6}},
		{"one core with four threads", []core{{0, 0}, {1, 0}, {2, 0}, {3, 0}}, 0, nil, nil},
		{"none", nil, 0, nil, nil},
	} {
		g, s := planCores(tt.all, tt.n)
		if !slices.Equal(g, tt.generator) || !slices.Equal(s, tt.server) {
			t.Errorf("%s: got %v, %v; want %v, %v", tt.name, g, s, tt.generator, tt.server)
		}
	}
	if g, s := Cores(0); (g == nil) != (s == nil) {
		t.Errorf("on this machine: %v, %v", g, s)
	}
}
