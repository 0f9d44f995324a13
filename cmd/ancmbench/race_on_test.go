//go:build race

package main

// underRace reports that the race detector is in the test binary, and so in every
// process of the sites that the tests start.
const underRace = true
