package experiment

import "testing"

// However few launches there are, a run has enough cold starts of each target, and no
// launch has one more than that takes.
func TestColdStartsAreEnough(t *testing.T) {
	for launches := 1; launches <= 30; launches++ {
		each := coldStarts(launches)
		if each*launches < leastColdStarts || each > 1 && (each-1)*launches >= leastColdStarts {
			t.Errorf("%d launches: %d cold starts each", launches, each)
		}
	}
}
