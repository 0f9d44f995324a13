package wire

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// threadWaited returns how long the calling thread was ready to run but had no processor,
// since it began: the second number of its schedstat
// (Documentation/scheduler/sched-stats.rst). It is 0 if the kernel has no schedstat.
func threadWaited() time.Duration {
	b, err := os.ReadFile("/proc/thread-self/schedstat")
	if err != nil {
		return 0
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	waited, err := strconv.ParseInt(string(f[1]), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(waited)
}
