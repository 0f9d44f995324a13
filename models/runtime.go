package models

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"ancmbench"
)

// goRuntime reads what this process's Go runtime says of itself. GC CPU time is
// the runtime's own estimate (runtime/metrics, /cpu/classes/gc/total).
func goRuntime() ancmbench.GoRuntime {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(s)
	return ancmbench.GoRuntime{
		HeapLive:   int64(s[0].Value.Uint64()),
		GCCycles:   int64(s[1].Value.Uint64()),
		GCCPU:      seconds(s[2].Value.Float64()),
		Goroutines: int64(s[3].Value.Uint64()),
		GCPauses:   gcPauses(),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
	}
}

// gcPauses returns the exact sum, which the histogram in runtime/metrics lacks.
func gcPauses() ancmbench.Seconds {
	var g debug.GCStats
	debug.ReadGCStats(&g)
	return ancmbench.Seconds(g.PauseTotal)
}

func seconds(f float64) ancmbench.Seconds {
	return ancmbench.Seconds(time.Duration(f * float64(time.Second)))
}
