package host_test

import (
	"fmt"

	"ancmbench/internal/host"
)

// Before a run: what machine is this, and what is to be said about it.
func Example() {
	h := host.Fingerprint()
	h.GeneratorCores, h.ServerCores = host.Cores(0)
	found := host.Inspect(h, 0)
	h.Checks, h.Warnings = found.Checks, found.Warnings
	fmt.Println("checks were made:", len(h.Checks) > 0)
	fmt.Println("the key has", len(h.Key()), "digits")
	// Output:
	// checks were made: true
	// the key has 16 digits
}
