//go:build !race

package models_test

// underRace tells that the race detector is in the test binary, and so in every
// process of the sites that the tests start.
const underRace = false
