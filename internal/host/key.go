package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"ancmbench"
)

// Key names the kind of machine, for host profiles: 16 hex digits of the digest
// of Buckets. Two machines with one key may share what was learned of their noise.
func Key(h ancmbench.Host) string {
	sum := sha256.Sum256([]byte(Buckets(h)))
	return hex.EncodeToString(sum[:8])
}

// Buckets is what a key is made of, so coarse that a security update or a
// slightly different share of memory does not make another machine of it:
// versions to the second number, memory to the nearest power of two, allowed
// cores to half a core.
func Buckets(h ancmbench.Host) string {
	memory := 0.0
	if h.MemoryBytes > 0 {
		memory = math.Exp2(math.Round(math.Log2(float64(h.MemoryBytes) / (1 << 30))))
	}
	return strings.Join([]string{
		h.OS, h.Arch,
		"kernel " + version(h.Kernel),
		"cpu " + h.CPUModel,
		fmt.Sprintf("cores %d", h.Cores),
		fmt.Sprintf("allowed %.1f", math.Round(2*h.CoresAllowed)/2),
		fmt.Sprintf("pinned %d+%d", len(h.GeneratorCores), len(h.ServerCores)),
		fmt.Sprintf("memory %g GiB", memory),
		"governor " + h.Governor,
		"clock " + h.ClockSource,
		"virtual " + h.Virtual,
		"go " + version(strings.TrimPrefix(h.GoVersion, "go")),
	}, "; ")
}

// version keeps the first two numbers: "6.18.44-generic" is "6.18".
func version(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		s = s[:end]
	}
	f := strings.Split(s, ".")
	return strings.Join(f[:min(2, len(f))], ".")
}
