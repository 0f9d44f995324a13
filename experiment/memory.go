package experiment

import (
	"context"
	"slices"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// memory loads each target alone, in random order, and reads the memory of its roles
// under load. Idle memory was read after the first answer; for a server that was running
// before, it is read now.
func (r *runner) memory(ctx context.Context, engine loadgen.Engine, live []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	results := make([]ancmbench.Result, len(live))
	for _, name := range t.Targets {
		for i, a := range live {
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
	if err := a.running.Open(ctx); err != nil {
		return ancmbench.Result{}, err
	}
	if a.idle == nil {
		a.readIdle(ctx)
	}
	load, err := r.load([]*target{a}, t.Phase)
	if err != nil {
		return ancmbench.Result{}, err
	}
	results, err := r.drive(ctx, engine, []*target{a}, load, targets.Watch{SystemCalls: true, Memory: load.Duration.D()})
	if err != nil {
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
		u.Idle = a.idle[u.Role]
		if u.Idle == nil {
			targets.Unsupported(u, "memory_idle", targets.WhyUnread(a.idleErr, u.Role))
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
