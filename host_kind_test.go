package ancmbench

import "testing"

func TestHostKey(t *testing.T) {
	base := Host{OS: "linux", Arch: "amd64", Kernel: "6.18.44-generic", CPUModel: "Some CPU", Cores: 8,
		CoresAllowed: 8, MemoryBytes: 31 << 30, Governor: "performance", ClockSource: "tsc", Virtual: "none", GoVersion: "go1.26.8"}
	// Every later version must find a stored host profile, so the key must not change.
	if k := base.Key(); k != "cb6a09c32f1a33cc" {
		t.Errorf("the key of this host was cb6a09c32f1a33cc, and is %s", k)
	}
	for what, change := range map[string]func(*Host){
		"a security update":      func(h *Host) { h.Kernel = "6.18.51-other" },
		"a little more memory":   func(h *Host) { h.MemoryBytes = 33 << 30 },
		"a newer patch of Go":    func(h *Host) { h.GoVersion = "go1.26.9" },
		"what it is called":      func(h *Host) { h.Name = "x" },
		"how it was disturbed":   func(h *Host) { h.Steal = []float64{1} },
		"what is in swap":        func(h *Host) { h.SwapBytes = 1 },
		"a sliver of processors": func(h *Host) { h.CoresAllowed = 7.9 },
	} {
		h := base
		change(&h)
		if here, _ := h.Unlike(base); h.Key() != base.Key() || len(here) > 0 {
			t.Errorf("%s makes another machine: %v", what, here)
		}
	}
	for what, change := range map[string]func(*Host){
		"system":                         func(h *Host) { h.OS = "darwin" },
		"architecture":                   func(h *Host) { h.Arch = "arm64" },
		"kernel":                         func(h *Host) { h.Kernel = "6.19.0" },
		"CPU":                            func(h *Host) { h.CPUModel = "Other CPU" },
		"cores":                          func(h *Host) { h.Cores = 16 },
		"cores allowed":                  func(h *Host) { h.CoresAllowed = 2 },
		"cores of generator and servers": func(h *Host) { h.GeneratorCores = []int{7} },
		"memory":                         func(h *Host) { h.MemoryBytes = 64 << 30 },
		"CPU governor":                   func(h *Host) { h.Governor = "powersave" },
		"clock source":                   func(h *Host) { h.ClockSource = "hpet" },
		"virtualization":                 func(h *Host) { h.Virtual = "kvm" },
		"Go":                             func(h *Host) { h.GoVersion = "go1.27.0" },
	} {
		h := base
		change(&h)
		here, there := h.Unlike(base)
		if h.Key() == base.Key() || len(here) != 1 || len(there) != 1 || here[0].What != what || here[0].Value == there[0].Value {
			t.Errorf("%s: %v and %v", what, here, there)
		}
	}
}
