package wire

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync"
)

// The garbage collector's settings belong to the process, so the runs that hold it back
// are counted per process, too.
var held struct {
	sync.Mutex
	runs    int
	percent int
	limit   int64
}

// heldHeap is how far the heap may grow during runs before the collector runs: enough for
// what edge callbacks allocate in hours.
const heldHeap = 64 << 20

// holdGC collects now and keeps the collector idle until undo is called.
func holdGC() (undo func()) {
	held.Lock()
	defer held.Unlock()
	if held.runs++; held.runs == 1 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		held.limit = debug.SetMemoryLimit(-1)
		limit := int64(m.Sys-m.HeapReleased) + heldHeap
		if held.limit == math.MaxInt64 || limit < held.limit {
			debug.SetMemoryLimit(limit)
		}
		held.percent = debug.SetGCPercent(-1)
	}
	return func() {
		held.Lock()
		defer held.Unlock()
		if held.runs--; held.runs == 0 {
			debug.SetGCPercent(held.percent)
			debug.SetMemoryLimit(held.limit)
		}
	}
}
