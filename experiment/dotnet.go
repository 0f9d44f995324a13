package experiment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ancmbench"
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
)

// warming follows the runtimes of all targets during a warm-up.
type warming struct {
	began   time.Time
	targets []*warmingTarget // as the targets of the warm-up; nil for one without .NET
}

// warmingTarget is one target in .NET.
type warmingTarget struct {
	ancmbench.Warmup
	target *target
	pids   []int
	// compiled is how many methods there were at the end of the whole warm-up.
	compiled int64
}

// watchRuntimes begins to follow the runtimes of the targets. It returns nil if none of them
// is .NET.
func (r *runner) watchRuntimes(ctx context.Context, live []*target, launch int) (*warming, error) {
	w := &warming{began: time.Now(), targets: make([]*warmingTarget, len(live))}
	found := false
	for i, a := range live {
		if err := a.running.Open(ctx); err != nil { // finds the processes
			return nil, err
		}
		compiled, err := a.running.Compiled(ctx, true)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.spec.Name, err)
		}
		if compiled.PIDs != nil {
			found = true
			w.targets[i] = &warmingTarget{target: a, pids: compiled.PIDs,
				Warmup: ancmbench.Warmup{Launch: launch, Target: a.spec.Name, Runtime: compiled.Runtime}}
		}
	}
	if !found {
		return nil, nil
	}
	return w, nil
}

// window takes down what one window showed. It fails if a runtime says nothing any more.
func (w *warming) window(ctx context.Context, results []ancmbench.Result) error {
	if w == nil {
		return nil
	}
	for i, t := range w.targets {
		if t == nil {
			continue
		}
		row := ancmbench.WarmupWindow{Ended: ancmbench.Seconds(time.Since(w.began)),
			Busy: results[i].Busy, Requests: results[i].Outcomes.Sent}
		if d, ok := windowMedian(&results[i]); ok {
			row.Median = ancmbench.Seconds(d)
		}
		compiled, err := t.target.running.Compiled(ctx, true)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Target, err)
		}
		row.Compiled = compiled.Methods
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
	last := len(windows) - 1
	switch {
	case last < 0:
		return 0, false
	case last < quietWindows:
		return windows[last].Compiled - windows[0].Compiled, false
	}
	compiled = windows[last].Compiled - windows[last-quietWindows].Compiled
	return compiled, busy.D() >= leastWarmUp && requests >= leastRequests && compiled <= strayMethods
}

// quiet reports whether all runtimes are quiet.
func (w *warming) quiet() bool {
	return w == nil || !slices.ContainsFunc(w.targets, func(t *warmingTarget) bool { return t != nil && !t.Quiet })
}

// keepWarmups writes the warm-ups into the run, in place of those of an earlier attempt at
// the same fresh start, with a warning for each runtime that still compiled.
func (r *runner) keepWarmups(ctx context.Context, w *warming, phase string) error {
	r.warmups = nil
	if w == nil {
		return nil
	}
	for _, t := range w.targets {
		if t == nil {
			continue
		}
		last, err := t.target.running.Compiled(ctx, false) // from here on the runtime is not asked
		if err != nil {
			return fmt.Errorf("%s: %w", t.Target, err)
		}
		t.compiled = last.Methods
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
	return nil
}

// compiledLater takes down how many methods the runtimes compiled since their warm-up. One
// that does not answer, or that another process has replaced, is left out.
func (r *runner) compiledLater(ctx context.Context) {
	for _, t := range r.warmups {
		now, err := t.target.running.Compiled(ctx, false)
		if err != nil || !slices.Equal(now.PIDs, t.pids) {
			continue
		}
		later := now.Methods - t.compiled
		for i := range r.run.Warmups {
			if w := &r.run.Warmups[i]; w.Launch == t.Launch && w.Target == t.Target {
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
