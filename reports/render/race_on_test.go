//go:build race

package render

// underRace says whether the race detector is in the test binary.
const underRace = true
