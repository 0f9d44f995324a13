package ancmbench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
)

// Trait is one property that distinguishes kinds of machines.
type Trait struct {
	// What is the property's name for people. Value is its value, rounded as Traits says.
	What, Value string
	word        string // stands before Value in the text that Key hashes
}

// Traits returns the properties that make up a host's kind. They are rounded, so that a
// security update or slightly less memory does not make another kind: versions to
// the second number, memory to the nearest power of two, allowed cores to half a core.
// All code that asks whether two machines are the same must compare these.
func (h Host) Traits() []Trait {
	memory := 0.0
	if h.MemoryBytes > 0 {
		memory = math.Exp2(math.Round(math.Log2(float64(h.MemoryBytes) / (1 << 30))))
	}
	return []Trait{
		{"system", h.OS, ""},
		{"architecture", h.Arch, ""},
		{"kernel", twoNumbers(h.Kernel), "kernel "},
		{"CPU", h.CPUModel, "cpu "},
		{"cores", fmt.Sprint(h.Cores), "cores "},
		{"cores allowed", fmt.Sprintf("%.1f", math.Round(2*h.CoresAllowed)/2), "allowed "},
		{"cores of generator and servers", fmt.Sprintf("%d+%d", len(h.GeneratorCores), len(h.ServerCores)), "pinned "},
		{"memory", fmt.Sprintf("%g GiB", memory), "memory "},
		{"CPU governor", h.Governor, "governor "},
		{"clock source", h.ClockSource, "clock "},
		{"virtualization", h.Virtual, "virtual "},
		{"Go", twoNumbers(strings.TrimPrefix(h.GoVersion, "go")), "go "},
	}
}

// Key returns a name for the kind of machine, 16 hex digits. Machines with the same key
// may share a calibration, and their absolute values may be compared.
func (h Host) Key() string {
	var parts []string
	for _, t := range h.Traits() {
		parts = append(parts, t.word+t.Value)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "; ")))
	return hex.EncodeToString(sum[:8])
}

// Unlike returns the traits in which h and other differ, with the values of each; none
// if they are the same kind of machine.
func (h Host) Unlike(other Host) (here, there []Trait) {
	theirs := other.Traits()
	for i, t := range h.Traits() {
		if t.Value != theirs[i].Value {
			here, there = append(here, t), append(there, theirs[i])
		}
	}
	return here, there
}

// twoNumbers returns the first two numbers of a version: "6.18" for "6.18.44-generic".
func twoNumbers(version string) string {
	end := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		version = version[:end]
	}
	f := strings.Split(version, ".")
	return strings.Join(f[:min(2, len(f))], ".")
}
