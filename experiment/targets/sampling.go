package targets

import (
	"context"
	"time"

	"ancmbench"
)

// sampling reads memory during a load, every readEvery.
type sampling struct {
	done chan struct{}
	quit chan struct{}
	use  map[ancmbench.Role]*ancmbench.MemoryUse
	err  error
	// overTime has every reading; its times are from the start of the sampling.
	overTime map[ancmbench.Role][]ancmbench.MemoryAt
}

func sampleMemory(ctx context.Context, c *counting, length time.Duration) *sampling {
	s := &sampling{done: make(chan struct{}), quit: make(chan struct{}), overTime: map[ancmbench.Role][]ancmbench.MemoryAt{}}
	began := time.Now()
	go func() {
		defer close(s.done)
		timer := time.NewTimer(readEvery(length))
		defer timer.Stop()
		for {
			select {
			case <-s.quit:
				return
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			if use, err := c.readMemory(); err == nil {
				s.use = use
				s.keep(use, time.Since(began))
			} else {
				s.err = err
			}
			timer.Reset(readEvery(length))
		}
	}()
	return s
}

// readEvery returns the time between two readings of a load: a fifth of a short one, so that
// it has a course over time and a reading near its end, and otherwise a second, because
// smaps_rollup is slow.
func readEvery(length time.Duration) time.Duration {
	return min(max(length/5, 100*time.Millisecond), time.Second)
}

// mostReadings limits what is kept of a long phase: an hour.
const mostReadings = 3600

// keep keeps a reading for the memory over time.
func (s *sampling) keep(use map[ancmbench.Role]*ancmbench.MemoryUse, at time.Duration) {
	for role, m := range use {
		if len(s.overTime[role]) < mostReadings {
			s.overTime[role] = append(s.overTime[role], ancmbench.MemoryAt{
				At: ancmbench.Seconds(at.Round(time.Millisecond)), PSS: m.PSS, RSS: m.RSS})
		}
	}
}

// end ends the sampling and returns the last reading. It may be called again, and for a
// sampling that is nil.
func (s *sampling) end() (map[ancmbench.Role]*ancmbench.MemoryUse, error) {
	if s == nil {
		return nil, nil
	}
	select {
	case <-s.quit:
	default:
		close(s.quit)
	}
	<-s.done
	return s.use, s.err
}
