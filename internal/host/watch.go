package host

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"

	"ancmbench"
)

// The bounds of Watch, for means over the time in question.
const (
	// stealBound is the limit of the hypervisor's share; above it, the hypervisor
	// decides the quantiles.
	stealBound = 0.02
	// otherLoadBound is a share of all cores; on two cores a tenth of one.
	otherLoadBound = 0.05
	// swappedBound is the limit of bytes moved to or from swap. Other processes easily
	// move one MiB.
	swappedBound = 1 << 20
	// watchEvery is the time between two samples.
	watchEvery = time.Second
)

// Watcher samples once a second what disturbs a run. Fill in the fields, call Start, and
// finally Stop. After Start it is safe for concurrent use.
type Watcher struct {
	// Own returns the processor time that the run has used so far, including the
	// generator. It must never decrease, even while targets are started and stopped
	// (usage.Ledger.CPU). If nil, the load of others is unsupported, because it cannot
	// be separated from our own.
	Own func() (time.Duration, error)

	read    func() (machine, error) // nil: this machine
	mu      sync.Mutex
	last    sample
	seconds []second
	missing map[string]string
	stop    chan struct{}
	done    chan struct{}
}

// machine holds the system's counters since it was started, over all cores.
type machine struct {
	busy, idle, steal time.Duration
	hasSteal          bool
	swapped           int64 // bytes, both ways
	hasSwapped        bool
}

type sample struct {
	at      time.Time
	own     time.Duration
	machine machine
}

// second is what lies between two samples.
type second struct {
	from, to     time.Time
	steal, other float64
	swapped      int64
}

// Start takes the first sample and begins to watch. It fails if this system does not
// report how busy it is.
func (w *Watcher) Start() error {
	if w.stop != nil {
		return errors.New("watcher: started twice")
	}
	if w.read == nil {
		w.read = readMachine
	}
	w.missing = make(map[string]string)
	if w.Own == nil {
		w.missing["other_load_share_by_second"] = "the run's own load is not known"
	}
	first, err := w.sample()
	if err != nil {
		return fmt.Errorf("watcher: %w", bare(err))
	}
	if !first.machine.hasSteal {
		w.missing["steal_share_by_second"] = "this system does not tell"
	}
	if !first.machine.hasSwapped {
		w.missing["swapped_bytes"] = "this system does not tell"
	}
	w.last = first
	w.stop, w.done = make(chan struct{}), make(chan struct{})
	go w.watch()
	return nil
}

func (w *Watcher) watch() {
	defer close(w.done)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.take()
		case <-w.stop:
			return
		}
	}
}

// sample reads everything once. If reading our own load fails, the load of others is
// unsupported from then on, because a wrong difference would blame others.
func (w *Watcher) sample() (sample, error) {
	s := sample{at: time.Now()}
	var err error
	if w.Own != nil {
		if s.own, err = w.Own(); err != nil {
			w.missing["other_load_share_by_second"] = "the run's own load could not be read"
		}
	}
	s.machine, err = w.read()
	return s, err
}

func (w *Watcher) take() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, err := w.sample()
	if err != nil {
		w.missing["steal_share_by_second"] = bare(err).Error()
		w.missing["other_load_share_by_second"] = bare(err).Error()
		return
	}
	if s, ok := between(w.last, now); ok {
		w.seconds = append(w.seconds, s)
	}
	w.last = now
}

// between compares two samples. The kernel counts busy time in ticks, so the use of one
// core in one second is known to about a hundredth, and a negative difference counts as
// zero. ok is false if the system counted nothing between the two.
func between(a, b sample) (s second, ok bool) {
	s = second{from: a.at, to: b.at, swapped: b.machine.swapped - a.machine.swapped}
	busy, steal := b.machine.busy-a.machine.busy, b.machine.steal-a.machine.steal
	total := busy + steal + b.machine.idle - a.machine.idle
	if total <= 0 {
		return s, false
	}
	s.steal = share01(steal, total)
	s.other = share01(busy-(b.own-a.own), total)
	return s, true
}

func share01(part, whole time.Duration) float64 {
	return min(1, max(0, float64(part)/float64(whole)))
}

// Stop ends the watch. It takes a last sample if at least half a second has passed since
// the previous one. A second Stop, or a Stop without Start, does nothing.
func (w *Watcher) Stop() {
	if w.stop == nil {
		return
	}
	select {
	case <-w.done:
		return
	default:
	}
	close(w.stop)
	<-w.done
	if time.Since(w.last.at) >= watchEvery/2 {
		w.take()
	}
}

// Seen is what a Watcher saw.
type Seen struct {
	Inspection
	// Steal and OtherLoad have one element per second, in [0,1], as in Host; nil
	// if unsupported.
	Steal, OtherLoad []float64
	// Unsupported maps the names of the fields of Host to why they are missing.
	Unsupported map[string]string
}

// Seen returns everything since the start.
func (w *Watcher) Seen() Seen { return w.Between(time.Time{}, time.Time{}) }

// Between returns the seconds that lie in [from, to] at least by half; a zero time means
// no limit. It shows what disturbed a single trial.
func (w *Watcher) Between(from, to time.Time) Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := Seen{Unsupported: maps.Clone(w.missing)}
	var steal, other float64
	var swapped int64
	n := 0
	for _, s := range w.seconds {
		middle := s.from.Add(s.to.Sub(s.from) / 2)
		if (!from.IsZero() && middle.Before(from)) || (!to.IsZero() && middle.After(to)) {
			continue
		}
		n++
		steal += s.steal
		other += s.other
		swapped += s.swapped
		out.Steal = append(out.Steal, s.steal)
		out.OtherLoad = append(out.OtherLoad, s.other)
	}
	why := func(field string) string {
		if reason := w.missing[field]; reason != "" {
			return reason
		}
		if n == 0 {
			return "shorter than a second"
		}
		return ""
	}
	mean := func(sum float64) float64 { return sum / float64(max(1, n)) }
	out.note(ancmbench.Check{Name: "steal_share", Value: mean(steal), Bound: stealBound,
		Unsupported: why("steal_share_by_second")}, ancmbench.WarnSteal, "")
	out.note(ancmbench.Check{Name: "other_load_share", Value: mean(other), Bound: otherLoadBound,
		Unsupported: why("other_load_share_by_second")}, ancmbench.WarnOtherLoad, "")
	out.note(ancmbench.Check{Name: "swapped_bytes", Value: float64(swapped), Bound: swappedBound,
		Unsupported: why("swapped_bytes")}, ancmbench.WarnSwapping, "")
	if w.missing["steal_share_by_second"] != "" {
		out.Steal = nil
	}
	if w.missing["other_load_share_by_second"] != "" {
		out.OtherLoad = nil
	}
	return out
}

// StealSample is the share of processor time, in [0,1], that the hypervisor took between
// two instants.
type StealSample struct {
	From, To time.Time
	Share    float64
}

// Steal returns all samples in order of time, about one a second; nil if this system does
// not tell.
func (w *Watcher) Steal() []StealSample {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.missing["steal_share_by_second"] != "" {
		return nil
	}
	var out []StealSample
	for _, s := range w.seconds {
		out = append(out, StealSample{s.from, s.to, s.steal})
	}
	return out
}

// Stolen returns how much processor time the hypervisor has taken of this machine since it
// was started, and how much there was, over all cores. It fails where the system does not
// tell.
func Stolen() (stolen, all time.Duration, err error) {
	m, err := readMachine()
	if err == nil && !m.hasSteal {
		err = unsupported("this system does not tell")
	}
	return m.steal, m.busy + m.idle + m.steal, err
}

// readMachine reads the system's counters. A guest's time is part of user time; iowait is
// idle time.
func readMachine() (machine, error) {
	all, err := cpu.Times(false)
	if err != nil {
		return machine{}, err
	}
	if len(all) == 0 {
		return machine{}, unsupported("the system does not tell how busy it is")
	}
	t := all[0]
	d := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	m := machine{
		busy:     d(t.User + t.Nice + t.System + t.Irq + t.Softirq),
		idle:     d(t.Idle + t.Iowait),
		steal:    d(t.Steal),
		hasSteal: runtime.GOOS == "linux",
	}
	m.swapped, m.hasSwapped = swapped()
	return m, nil
}
