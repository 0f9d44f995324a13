//go:build race

package figures

// underRace reports that the race detector is in the test binary, which makes a
// simulation some twenty times slower.
const underRace = true
