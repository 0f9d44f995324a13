package targets

import (
	"context"
	"time"

	"ancmbench"
)

// sampling reads memory during a load: near its end if the load is short, and at most
// once a second, because smaps_rollup is slow.
type sampling struct {
	done chan struct{}
	quit chan struct{}
	use  map[ancmbench.Role]*ancmbench.MemoryUse
	err  error
}

func sampleMemory(ctx context.Context, c *counting, length time.Duration) *sampling {
	s := &sampling{done: make(chan struct{}), quit: make(chan struct{})}
	go func() {
		defer close(s.done)
		timer := time.NewTimer(min(length*3/4, time.Second))
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
			} else {
				s.err = err
			}
			timer.Reset(time.Second)
		}
	}()
	return s
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
