package models

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"ancmbench"
)

// Runtime is what the Go runtimes of a role's processes say of themselves.
type Runtime struct {
	ancmbench.GoRuntime
	// Pauses are the collector's last stop-the-world pauses, in no order, and all of those
	// after PausesFrom. The runtime remembers 256 of each process.
	Pauses     []Pause   `json:"pauses,omitempty"`
	PausesFrom time.Time `json:"pauses_from,omitzero"`
}

// Pause is one stop-the-world pause, by the wall clock.
type Pause struct {
	End    time.Time     `json:"end"`
	Length time.Duration `json:"length"`
}

// goRuntime reads what this process's Go runtime says of itself. GC CPU time is
// the runtime's own estimate (runtime/metrics, /cpu/classes/gc/total).
func goRuntime() Runtime {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(s)
	r := Runtime{GoRuntime: ancmbench.GoRuntime{
		HeapLive:   int64(s[0].Value.Uint64()),
		GCCycles:   int64(s[1].Value.Uint64()),
		GCCPU:      seconds(s[2].Value.Float64()),
		Goroutines: int64(s[3].Value.Uint64()),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
	}}
	r.readPauses()
	return r
}

// readPauses reads the pauses one by one and their exact sum, which the histogram in
// runtime/metrics lacks.
func (r *Runtime) readPauses() {
	var g debug.GCStats
	debug.ReadGCStats(&g)
	r.GCPauses = ancmbench.Seconds(g.PauseTotal)
	for i, length := range g.Pause {
		r.Pauses = append(r.Pauses, Pause{g.PauseEnd[i], length})
	}
	if n := len(g.PauseEnd); int64(n) < g.NumGC && n > 0 {
		r.PausesFrom = g.PauseEnd[n-1] // the most recent is the first
	}
}

func seconds(f float64) ancmbench.Seconds {
	return ancmbench.Seconds(time.Duration(f * float64(time.Second)))
}
