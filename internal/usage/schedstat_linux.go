package usage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// schedstat is what the scheduler says of one thread (proc_pid_schedstat):
// time on a processor, and time runnable but waiting for one.
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
		return schedstat{}, errors.New("schedstat: a field is no number")
	}
	return schedstat{ran: time.Duration(ran), waited: time.Duration(waited)}, nil
}

// schedCounter sums over the threads of some processes. A thread that ended
// keeps its last value.
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

// read takes a new reading of every thread that is there.
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
		// A number that is used again begins anew: keep what the first had.
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

func (c *schedCounter) source() string { return "schedstat" }
func (c *schedCounter) close() error   { return nil }

// RunQueue measures how long the threads of some processes were runnable but
// waited for a processor.
type RunQueue struct {
	threads *schedCounter
}

// NewRunQueue begins with a first reading; processes that are not there, and
// kernels that do not tell, are errors.
func NewRunQueue(pids []int) (*RunQueue, error) {
	c, err := openSched(pids)
	if err != nil {
		return nil, fmt.Errorf("run queue: %w", err)
	}
	return &RunQueue{c}, nil
}

// Waited is the total since the processes began, summed over threads, so that
// it can grow by more than the time that passed.
func (q *RunQueue) Waited() (time.Duration, error) {
	if err := q.threads.read(); err != nil {
		return 0, fmt.Errorf("run queue: %w", err)
	}
	return q.threads.sum().waited, nil
}
