//go:build clr && linux && amd64 && cgo

package dotnet_test

import "ancmbench/models/leftovers"

// tellCounts lets this process, a worker, say what its native half counts.
func tellCounts() { go leftovers.Tell() }
