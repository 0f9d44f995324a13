package usage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// schedstat is the scheduler's account of one thread (proc_pid_schedstat): the time on a
// processor, and the time that the thread was runnable but waited for one.
type schedstat struct {
	ran, waited time.Duration
}

func parseSchedstat(text []byte) (schedstat, error) {
	f := bytes.Fields(text)
	if len(f) != 3 {
		return schedstat{}, errors.New("schedstat: not three fields")
	}
	ran, ok1 := decimal(f[0])
	waited, ok2 := decimal(f[1])
	if !ok1 || !ok2 || ran > 1<<63-1 || waited > 1<<63-1 {
		return schedstat{}, errors.New("schedstat: a field is not a number")
	}
	return schedstat{ran: time.Duration(ran), waited: time.Duration(waited)}, nil
}

// schedCounter sums over the threads of some processes. An ended thread keeps its last
// value.
type schedCounter struct {
	procs map[int]*schedThreads
	ticks ticks
}

type schedThreads struct {
	last map[int]schedstat
	end  bool
}

func newSchedCounter(pids []int) (counter, error) {
	c, err := openSched(pids)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func openSched(pids []int) (*schedCounter, error) {
	c := &schedCounter{procs: make(map[int]*schedThreads, len(pids))}
	for _, pid := range pids {
		c.procs[pid] = &schedThreads{last: make(map[int]schedstat)}
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	if gone := c.gone(); len(gone) > 0 {
		return nil, fmt.Errorf("process %d: %w", gone[0], ErrGone)
	}
	return c, nil
}

// read reads every thread that exists.
func (c *schedCounter) read() error {
	for pid, p := range c.procs {
		if p.end {
			continue
		}
		err := p.read(pid)
		if errors.Is(err, ErrGone) {
			p.end = true
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *schedThreads) read(pid int) error {
	tids, err := threads(pid)
	if err != nil {
		return err
	}
	for _, tid := range tids {
		text, err := taskFile(pid, tid, "schedstat")
		if errors.Is(err, ErrGone) {
			// The thread ended since it was listed, or this kernel has no
			// schedstat: then the main thread has none either.
			if tid == pid && processLives(pid) {
				return unsupported("process %d: this kernel has no schedstat", pid)
			}
			continue
		}
		if err != nil {
			return err
		}
		s, err := parseSchedstat(text)
		if err != nil {
			return fmt.Errorf("process %d: %w", pid, err)
		}
		// A reused thread id starts from zero: keep the first thread's value.
		if old := p.last[tid]; s.ran < old.ran {
			p.last[-tid] = schedstat{p.last[-tid].ran + old.ran, p.last[-tid].waited + old.waited}
		}
		p.last[tid] = s
	}
	return nil
}

func (c *schedCounter) sum() schedstat {
	var sum schedstat
	for _, p := range c.procs {
		for _, s := range p.last {
			sum.ran += s.ran
			sum.waited += s.waited
		}
	}
	return sum
}

func (c *schedCounter) total() (time.Duration, error) {
	if err := c.read(); err != nil {
		return 0, err
	}
	return c.sum().ran, nil
}

func (c *schedCounter) userSystem() (UserSystem, error) {
	for pid := range c.procs {
		if err := c.ticks.read(pid); err != nil {
			return UserSystem{}, err
		}
	}
	return c.ticks.sum(), nil
}

func (c *schedCounter) gone() []int {
	var out []int
	for _, pid := range slices.Sorted(maps.Keys(c.procs)) {
		if c.procs[pid].end {
			out = append(out, pid)
		}
	}
	return out
}

func (c *schedCounter) missed() (int, string) { return ended(c.gone()) }
func (c *schedCounter) source() string        { return "schedstat" }
func (c *schedCounter) close() error          { return nil }

// RunQueue measures how long the threads of some processes were runnable but
// waited for a processor.
type RunQueue struct {
	threads *schedCounter
}

// NewRunQueue takes a first reading. It fails if a process does not exist or the kernel
// has no schedstat.
func NewRunQueue(pids []int) (*RunQueue, error) {
	c, err := openSched(pids)
	if err != nil {
		return nil, fmt.Errorf("run queue: %w", err)
	}
	return &RunQueue{c}, nil
}

// Waited returns the total since the processes began. It is summed over threads, so it can
// grow faster than time passes.
func (q *RunQueue) Waited() (time.Duration, error) {
	if err := q.threads.read(); err != nil {
		return 0, fmt.Errorf("run queue: %w", err)
	}
	return q.threads.sum().waited, nil
}
