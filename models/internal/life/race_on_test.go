//go:build race

package life

// underRace reports whether the race detector is in the test binary.
const underRace = true
