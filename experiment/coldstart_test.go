package experiment

import "testing"

// A run has enough cold starts of each target, however few fresh starts it has, and no
// fresh start has more than necessary.
func TestColdStartsAreEnough(t *testing.T) {
	for launches := 1; launches <= 30; launches++ {
		each := coldStarts(launches)
		if each*launches < leastColdStarts || each > 1 && (each-1)*launches >= leastColdStarts {
			t.Errorf("%d launches: %d cold starts each", launches, each)
		}
	}
}
