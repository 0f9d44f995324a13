package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/models/dotnet/diagnostics"
)

// An app in .NET is compiled while it runs: a method again after some 30 calls, and again
// with what was seen of it. So its warm-up has bounds of its own, for every target alike.
// The reference app compiled 2,200 methods in its first 7 s under full load, and from then
// on about one in a second (timers and other code that is seldom called).
const (
	// dotnetWarmUp is how long each target is loaded at most, unless the profile says
	// otherwise.
	dotnetWarmUp = 30 * time.Second
	// dotnetWindow is how long each target is loaded in one window.
	dotnetWindow = 500 * time.Millisecond
	// leastWarmUp and leastRequests are what each target must have had before its
	// runtime may count as quiet: code that has had less is compiled later.
	leastWarmUp   = 5 * time.Second
	leastRequests = 10_000
	// quietWindows is how many windows a runtime must have been quiet in, and
	// strayMethods how many methods it may have compiled in them.
	quietWindows = 4
	strayMethods = 4
	// diagnosticsBound is how long a runtime may take to answer.
	diagnosticsBound = 10 * time.Second
	// counterInterval is how often a runtime sends its counters during a warm-up: so
	// often that the code that does it is soon compiled as well as it can be.
	counterInterval = 50 * time.Millisecond
)

// runtimes returns the diagnostics ports of the target's processes, by role; empty if none
// of them is .NET. A server that we did not start is not asked.
func (a *target) runtimes() map[ancmbench.Role][]diagnostics.Port {
	out := map[ancmbench.Role][]diagnostics.Port{}
	if a.spec.foreign() {
		return out
	}
	for _, role := range a.procs {
		for _, pid := range role.PIDs {
			if port, err := diagnostics.Find(pid); err == nil {
				out[role.Name] = append(out[role.Name], port)
			}
		}
	}
	return out
}

// readHeaps adds the managed heaps of the target's processes to what was read of their
// memory. A runtime that does not answer is left out.
func (a *target) readHeaps(ctx context.Context, use map[ancmbench.Role]*ancmbench.MemoryUse) {
	ctx, cancel := context.WithTimeout(ctx, diagnosticsBound)
	defer cancel()
	for role, ports := range a.runtimes() {
		var heap, committed int64
		for _, port := range ports {
			v, err := port.Read(ctx, diagnostics.HeapMB, diagnostics.CommittedMB)
			if err != nil {
				return
			}
			heap += int64(v[diagnostics.HeapMB] * 1e6)
			committed += int64(v[diagnostics.CommittedMB] * 1e6)
		}
		if m := use[role]; m != nil {
			m.CLRHeap, m.CLRCommitted = &heap, &committed
		}
	}
}

// warming follows the runtimes of all targets during a warm-up.
type warming struct {
	began   time.Time
	targets []*warmingTarget // as the targets of the warm-up; nil for one without .NET
}

// warmingTarget is one target in .NET.
type warmingTarget struct {
	ancmbench.Warmup
	ports   []diagnostics.Port
	watches []*diagnostics.Watch
}

// watchRuntimes begins to follow the runtimes of the targets. It returns nil if none of them
// is .NET.
func (r *runner) watchRuntimes(ctx context.Context, targets []*target, launch int) (*warming, error) {
	ctx, cancel := context.WithTimeout(ctx, diagnosticsBound)
	defer cancel()
	w := &warming{began: time.Now(), targets: make([]*warmingTarget, len(targets))}
	found := false
	for i, a := range targets {
		if err := a.measure(ctx, &r.ledger); err != nil { // finds the processes
			return nil, errors.Join(err, w.close())
		}
		byRole := a.runtimes()
		if len(byRole) == 0 {
			continue
		}
		found = true
		one := &warmingTarget{Warmup: ancmbench.Warmup{Launch: launch, Target: a.spec.Name}}
		w.targets[i] = one
		for _, role := range a.roles {
			one.ports = append(one.ports, byRole[role]...)
		}
		if err := one.watch(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", a.spec.Name, err), w.close())
		}
	}
	if !found {
		return nil, nil
	}
	return w, nil
}

// watch begins to follow each runtime of a target.
func (t *warmingTarget) watch(ctx context.Context) error {
	for _, port := range t.ports {
		info, err := port.Info(ctx)
		if err != nil {
			return err
		}
		t.Runtime = info.Runtime
		watch, err := port.Watch(ctx, counterInterval)
		if err != nil {
			return err
		}
		t.watches = append(t.watches, watch)
	}
	return nil
}

// close ends all sessions. It returns nil, so that it can be joined.
func (w *warming) close() error {
	for _, t := range w.targets {
		if t == nil {
			continue
		}
		for _, watch := range t.watches {
			watch.Close()
		}
		t.watches = nil
	}
	return nil
}

// window takes down what one window showed. It fails if a runtime says nothing any more.
func (w *warming) window(ctx context.Context, results []ancmbench.Result) error {
	ctx, cancel := context.WithTimeout(ctx, diagnosticsBound)
	defer cancel()
	for i, t := range w.targets {
		if t == nil {
			continue
		}
		row := ancmbench.WarmupWindow{Ended: ancmbench.Seconds(time.Since(w.began)),
			Busy: results[i].Busy, Requests: results[i].Outcomes.Sent}
		if d, ok := windowMedian(&results[i]); ok {
			row.Median = ancmbench.Seconds(d)
		}
		for _, watch := range t.watches {
			n, err := watch.Next(ctx, diagnostics.CompiledMethods)
			if err != nil {
				return fmt.Errorf("%s: %w", t.Target, err)
			}
			row.Compiled += int64(n)
		}
		t.Windows = append(t.Windows, row)
		_, t.Quiet = quiet(t.Windows)
	}
	return nil
}

// quiet reports whether a runtime has had enough load and compiles no more, and how many
// methods it compiled in the last quietWindows.
func quiet(windows []ancmbench.WarmupWindow) (compiled int64, ok bool) {
	var busy ancmbench.Seconds
	var requests int64
	for _, w := range windows {
		busy += w.Busy
		requests += w.Requests
	}
	if len(windows) <= quietWindows {
		return 0, false
	}
	last := len(windows) - 1
	compiled = windows[last].Compiled - windows[last-quietWindows].Compiled
	return compiled, busy.D() >= leastWarmUp && requests >= leastRequests && compiled <= strayMethods
}

// quiet reports whether all runtimes are quiet.
func (w *warming) quiet() bool {
	return w == nil || !slices.ContainsFunc(w.targets, func(t *warmingTarget) bool { return t != nil && !t.Quiet })
}

// keep writes the warm-ups into the run, in place of those of an earlier attempt at the same
// fresh start, with a warning for each runtime that still compiled.
func (r *runner) keepWarmups(w *warming, phase string) {
	if w == nil {
		return
	}
	r.warmups = nil
	for _, t := range w.targets {
		if t == nil {
			continue
		}
		r.run.Warmups = slices.DeleteFunc(r.run.Warmups, func(old ancmbench.Warmup) bool {
			return old.Launch == t.Launch && old.Target == t.Target
		})
		r.run.Warmups = append(r.run.Warmups, t.Warmup)
		r.warmups = append(r.warmups, t)
		if compiled, ok := quiet(t.Windows); !ok {
			r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnStillCompiling,
				Phase: phase, Target: t.Target, Value: float64(compiled), Bound: strayMethods})
		}
	}
}

// compiledLater takes down how many methods the runtimes compiled since their warm-up. One
// that does not answer, or has compiled less than before, because it is another process, is
// left out.
func (r *runner) compiledLater(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, diagnosticsBound)
	defer cancel()
	for _, t := range r.warmups {
		var all int64
		for _, port := range t.ports {
			v, err := port.Read(ctx, diagnostics.CompiledMethods)
			if err != nil {
				all = -1
				break
			}
			all += int64(v[diagnostics.CompiledMethods])
		}
		last := t.Windows[len(t.Windows)-1].Compiled
		for i := range r.run.Warmups {
			if w := &r.run.Warmups[i]; w.Launch == t.Launch && w.Target == t.Target && all >= last {
				later := all - last
				w.Later = &later
			}
		}
	}
	r.warmups = nil
}

// warmUpBounds returns how long each target is loaded in one window of a warm-up, and in
// all windows at most.
func (r *runner) warmUpBounds(ph ancmbench.Phase, dotnet bool) (window, limit ancmbench.Seconds) {
	if !dotnet {
		return warmWindow(ph), ph.Duration
	}
	limit = ancmbench.Seconds(dotnetWarmUp)
	if d := r.cfg.Profile.Dotnet; d != nil && d.WarmUp > 0 {
		limit = d.WarmUp
	}
	return min(ancmbench.Seconds(dotnetWindow), max(limit/4, ancmbench.Seconds(100*time.Millisecond))), limit
}
