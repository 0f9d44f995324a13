package usage

import (
	"math"
	"time"
)

// QuietTime is how long a Watch observes the machine without load. What flows then is not
// the measured requests.
const QuietTime = 150 * time.Millisecond

// carried reports whether a count of pieces of data, seen while a target got some requests
// for a time, is more than others send without the load. quiet is the count of a time
// without load. A stray request among many is not the load's.
func carried(count uint64, took time.Duration, quiet uint64, quietTook time.Duration, requests int64) bool {
	excess := float64(count)
	if quiet > 0 && quietTook > 0 {
		scale := float64(took) / float64(quietTook)
		expected := float64(quiet) * scale
		excess -= expected
		// Three standard deviations of a difference of two Poisson counts.
		if excess < 3*math.Sqrt(expected*(1+scale)) {
			return false
		}
	}
	least := 1.0
	if requests > 1 {
		least = max(2, float64(requests)*leastShare)
	}
	return excess >= least
}

// leastShare is the share of the measured requests that a connection must have carried:
// one of 200 backends behind a balancer does, and a stray request does not.
const leastShare = 1.0 / 200

// worked is carried for the processor time of a process whose connections cannot be counted
// into: those of Unix sockets.
func worked(used, took, quiet, quietTook time.Duration, requests int64) bool {
	excess := used
	if quietTook > 0 {
		excess -= time.Duration(float64(quiet) * float64(took) / float64(quietTook))
	}
	return excess >= max(time.Duration(float64(requests)*leastShare*float64(leastWork)), leastWork) && excess >= used/4
}

// leastWork is less than what any process needs to answer one request: reading it and
// writing the answer are two system calls.
const leastWork = 2 * time.Microsecond
