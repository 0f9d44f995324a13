package loadgen

import (
	"maps"
	"runtime"
	"runtime/debug"
	"time"
)

// Generator is what the generator's process used and suffered during a load.
type Generator struct {
	Elapsed time.Duration
	// CPU is user and system time of all its threads, Spun the part of it that
	// went into spinning for due times. The engine fills Spun in.
	CPU  time.Duration
	Spun time.Duration
	// RunQueue is how long its threads were ready to run and did not.
	RunQueue time.Duration
	// GCPause is the total of the collector's stops of the world.
	GCPause time.Duration
	// Threads is how many processors it can keep busy.
	Threads int
	// Retransmits and Overflows are of the whole machine (network namespace).
	Retransmits int64
	Overflows   int64
	// Unsupported maps a check's name to why its value cannot be had here.
	Unsupported map[string]string
}

// Meter reads a Generator as the difference of two moments.
type Meter struct {
	from    reading
	at      time.Time
	Threads int // zero means GOMAXPROCS
}

// reading is one moment's counters.
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

// NewMeter begins.
func NewMeter() *Meter { return &Meter{from: readCounters(), at: time.Now()} }

// Read gives what was used since NewMeter.
func (m *Meter) Read() Generator {
	to := readCounters()
	g := Generator{Elapsed: time.Since(m.at), CPU: to.cpu - m.from.cpu, GCPause: to.pause - m.from.pause,
		Threads: m.Threads, Retransmits: to.retransmits - m.from.retransmits, Overflows: to.overflows - m.from.overflows,
		Unsupported: maps.Clone(to.unsupported)}
	if g.Threads == 0 {
		g.Threads = runtime.GOMAXPROCS(0)
	}
	// A thread that ended in between takes its waiting with it; one that began
	// has all of it counted.
	for thread, waited := range to.waited {
		g.RunQueue += waited - m.from.waited[thread]
	}
	return g
}
