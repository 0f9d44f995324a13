package experiment

import (
	"context"
	"errors"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// memory loads each target alone, in random order, and reads the memory of its roles
// under load. Idle memory was read after the first answer; for a server that was running
// before, it is read now.
func (r *runner) memory(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	results := make([]ancmbench.Result, len(targets))
	for _, name := range t.Targets {
		for i, a := range targets {
			if a.spec.Name != name {
				continue
			}
			res, err := r.memoryOf(ctx, engine, a, t)
			if err != nil {
				return nil, err
			}
			results[i] = res
		}
	}
	return results, nil
}

func (r *runner) memoryOf(ctx context.Context, engine loadgen.Engine, a *target, t ancmbench.Trial) (ancmbench.Result, error) {
	if err := a.measure(ctx, &r.ledger); err != nil {
		return ancmbench.Result{}, err
	}
	if a.idle == nil {
		a.readIdle()
	}
	load, err := r.load([]*target{a}, t.Phase)
	if err != nil {
		return ancmbench.Result{}, err
	}
	callsErr := a.countCalls()
	reading := sampleMemory(ctx, a, load.Duration.D())
	results, err := r.drive(ctx, engine, []*target{a}, load)
	loaded, why := reading.end()
	if err = errors.Join(err, a.stopCounting()); err != nil {
		return ancmbench.Result{}, err
	}
	res := results[0]
	res.Void = r.void(&res)
	withoutTimes(&res)
	for k := range res.Usage {
		u := &res.Usage[k]
		if u.Role == ancmbench.GeneratorRole {
			continue
		}
		if u.SystemCalls == nil {
			unsupported(u, "system_calls", reason(callsErr))
		}
		u.Idle, u.Loaded, u.OverTime = a.idle[u.Role], loaded[u.Role], reading.overTime[u.Role]
		if u.Loaded == nil {
			unsupported(u, "memory_loaded", reason(why))
		}
		if u.Idle == nil {
			unsupported(u, "memory_idle", "not read")
		}
	}
	return res, nil
}

// memoryRate is the share of the asked rate that is enough for memory under load, because
// a server's buffers depend on its connections.
const memoryRate = 0.9

// withoutTimes removes the warnings and checks of response times. No statement uses the
// times of a memory phase: it is short, each target is alone in it, and reading memory
// disturbs it.
func withoutTimes(res *ancmbench.Result) {
	res.Warnings = slices.DeleteFunc(res.Warnings, func(w ancmbench.Warning) bool {
		return ancmbench.Warnings[w.Code].Time ||
			w.Code == ancmbench.WarnRateNotReached && w.Value >= memoryRate*w.Bound
	})
	for i, c := range res.Checks {
		if slices.Contains(loadgen.TimeChecks, c.Name) {
			res.Checks[i] = ancmbench.Check{Name: c.Name, Unsupported: "no times are reported of a memory phase"}
		}
	}
}

// countCalls begins to count the target's system calls. It fails where that is not
// possible.
func (a *target) countCalls() error {
	if a.meter == nil {
		return errors.New(a.whyNoCPU(nil))
	}
	var err error
	a.calls, err = usage.OpenSystemCalls(a.procs)
	if err != nil {
		a.calls = nil
	}
	return err
}

func (a *target) stopCounting() error {
	if a.calls == nil {
		return nil
	}
	err := a.calls.Close()
	a.calls = nil
	return err
}

// readCalls returns the system calls of each role so far; nil if they are not counted.
func (a *target) readCalls() []int64 {
	if a.calls == nil {
		return nil
	}
	n := make([]int64, len(a.procs))
	if err := a.calls.Read(n); err != nil {
		return nil
	}
	return n
}

// sampling reads memory during a load: near its end if the load is short, and at most
// once a second, because smaps_rollup is slow.
type sampling struct {
	done chan struct{}
	quit chan struct{}
	use  map[ancmbench.Role]*ancmbench.MemoryUse
	err  error
	// overTime has every reading; its times are from the start of the sampling.
	overTime map[ancmbench.Role][]ancmbench.MemoryAt
}

func sampleMemory(ctx context.Context, a *target, length time.Duration) *sampling {
	s := &sampling{done: make(chan struct{}), quit: make(chan struct{}), overTime: map[ancmbench.Role][]ancmbench.MemoryAt{}}
	began := time.Now()
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
			if use, err := a.readMemory(); err == nil {
				s.use = use
				s.keep(use, time.Since(began))
			} else {
				s.err = err
			}
			timer.Reset(time.Second)
		}
	}()
	return s
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

// end ends the sampling and returns the last reading.
func (s *sampling) end() (map[ancmbench.Role]*ancmbench.MemoryUse, error) {
	close(s.quit)
	<-s.done
	return s.use, s.err
}
