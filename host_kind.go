package ancmbench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
)

// Trait is one thing by which kinds of machines are told apart.
type Trait struct {
	// What is what a person calls it, Value what it is here, as coarse as it counts.
	What, Value string
	word        string // before Value in what a key is made of
}

// Traits are what makes a host the kind of machine that it is, so coarse that a
// security update or a slightly different share of memory does not make another of
// it: versions to the second number, memory to the nearest power of two, allowed
// cores to half a core. Whatever asks whether two machines are the same asks here.
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

// Key names the kind of machine: 16 hex digits. Two machines with one key may share
// what was learned of their noise, and their absolute values may be compared.
func (h Host) Key() string {
	var parts []string
	for _, t := range h.Traits() {
		parts = append(parts, t.word+t.Value)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "; ")))
	return hex.EncodeToString(sum[:8])
}

// Unlike gives the traits by which h is another kind of machine than other, each
// with its value on both; none if they are the same.
func (h Host) Unlike(other Host) (here, there []Trait) {
	theirs := other.Traits()
	for i, t := range h.Traits() {
		if t.Value != theirs[i].Value {
			here, there = append(here, t), append(there, theirs[i])
		}
	}
	return here, there
}

// twoNumbers keeps the first two numbers of a version: "6.18.44-generic" is "6.18".
func twoNumbers(version string) string {
	end := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		version = version[:end]
	}
	f := strings.Split(version, ".")
	return strings.Join(f[:min(2, len(f))], ".")
}
