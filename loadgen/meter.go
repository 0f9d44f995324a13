package loadgen

import (
	"maps"
	"runtime"
	"runtime/debug"
	"time"
)

// Generator is what the generator's process used during a load, and what delayed it.
type Generator struct {
	Elapsed time.Duration
	// CPU is user and system time of all its threads. Spun is the part of it that was
	// spent spinning until due times; the engine fills it in.
	CPU  time.Duration
	Spun time.Duration
	// RunQueue is how long its threads were ready to run but had no processor.
	RunQueue time.Duration
	// GCPause is the total time of the collector's stop-the-world pauses.
	GCPause time.Duration
	// Threads is how many processors it can keep busy.
	Threads int
	// Retransmits and Overflows are those of the whole machine (network namespace).
	Retransmits int64
	Overflows   int64
	// Unsupported maps a check's name to why its value cannot be read here.
	Unsupported map[string]string
}

// Meter measures a Generator between NewMeter and Read.
type Meter struct {
	from    reading
	at      time.Time
	Threads int // zero means GOMAXPROCS
}

// reading holds the counters at one instant.
type reading struct {
	cpu         time.Duration
	waited      map[int]time.Duration // by thread
	pause       time.Duration
	retransmits int64
	overflows   int64
	unsupported map[string]string
}

func readCounters() reading {
	r := reading{unsupported: map[string]string{}}
	var gc debug.GCStats
	debug.ReadGCStats(&gc)
	r.pause = gc.PauseTotal
	r.readSystem()
	return r
}

// NewMeter returns a meter that measures from now on.
func NewMeter() *Meter { return &Meter{from: readCounters(), at: time.Now()} }

// Read returns what was used since NewMeter.
func (m *Meter) Read() Generator {
	to := readCounters()
	g := Generator{Elapsed: time.Since(m.at), CPU: to.cpu - m.from.cpu, GCPause: to.pause - m.from.pause,
		Threads: m.Threads, Retransmits: to.retransmits - m.from.retransmits, Overflows: to.overflows - m.from.overflows,
		Unsupported: maps.Clone(to.unsupported)}
	if g.Threads == 0 {
		g.Threads = runtime.GOMAXPROCS(0)
	}
	// The waiting of a thread that has ended is lost; that of a thread that began
	// after NewMeter is counted in full.
	for thread, waited := range to.waited {
		g.RunQueue += waited - m.from.waited[thread]
	}
	return g
}
