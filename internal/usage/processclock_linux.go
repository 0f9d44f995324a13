package usage

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// clockCounter reads the CPU clock of each process (clock_getcpuclockid(3)) with one system
// call, in nanoseconds, including ended threads.
type clockCounter struct {
	procs []processClock
	time  unix.Timespec
	ticks ticks
}

type processClock struct {
	pid  int
	last time.Duration
	end  bool
}

func newClockCounter(pids []int) (counter, error) {
	c := &clockCounter{procs: make([]processClock, len(pids))}
	for i, pid := range pids {
		c.procs[i].pid = pid
		if err := c.read(&c.procs[i]); err != nil {
			if !processLives(pid) {
				return nil, fmt.Errorf("process %d: %w", pid, ErrGone)
			}
			return nil, fmt.Errorf("process %d: %w", pid, err)
		}
	}
	return c, nil
}

func (c *clockCounter) read(p *processClock) error {
	if err := unix.ClockGettime(clockOf(p.pid), &c.time); err != nil {
		return err
	}
	d := time.Duration(c.time.Nano())
	if d < p.last {
		return unix.ESRCH // another process has the id by now
	}
	p.last = d
	return nil
}

func (c *clockCounter) total() (time.Duration, error) {
	var sum time.Duration
	for i := range c.procs {
		p := &c.procs[i]
		// The kernel returns EINVAL for a process that does not exist.
		if !p.end && c.read(p) != nil {
			p.end = true
		}
		sum += p.last
	}
	return sum, nil
}

func (c *clockCounter) userSystem() (UserSystem, error) {
	for _, p := range c.procs {
		if err := c.ticks.read(p.pid); err != nil {
			return UserSystem{}, err
		}
	}
	return c.ticks.sum(), nil
}

func (c *clockCounter) gone() []int {
	var out []int
	for _, p := range c.procs {
		if p.end {
			out = append(out, p.pid)
		}
	}
	return out
}

func (c *clockCounter) missed() (int, string) { return ended(c.gone()) }
func (c *clockCounter) source() string        { return "process-clock" }
func (c *clockCounter) close() error          { return nil }
