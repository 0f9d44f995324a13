package fleet

import (
	"context"
	"errors"

	"ancmbench"
	"ancmbench/loadgen"
)

// alone reports whether one agent of the coordinator's own process sends the load, and
// serves whatever is watched during it: the case of one machine.
func (r *joint) alone() bool {
	if len(r.members) != 1 || !r.members[0].hello.Local {
		return false
	}
	for _, target := range r.engine.Coordinator.watched() {
		if target.member != r.members[0] {
			return false
		}
	}
	return true
}

// runHere carries the load out on one machine. There is one clock, so slices need no
// timetable: each waits for the drain of the one before.
func (r *joint) runHere(ctx context.Context, tell func(loadgen.Edge)) ([]ancmbench.Result, error) {
	m := r.members[0]
	var all results
	stop := context.AfterFunc(ctx, r.stop)
	defer stop()
	// Not with ctx: what was observed until it ends comes with the answer.
	err := m.call(context.WithoutCancel(ctx), opRun, prepare{Engine: r.engine.Like.Name(), Threads: r.engine.Threads, Load: r.load}, &all)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else {
		err = all.Fault.err()
	}
	if n := len(all.Results); n != len(r.load.Targets) {
		return nil, errors.Join(err, errors.New("the load has no results"))
	}
	if tell != nil {
		for _, e := range all.Edges {
			tell(loadgen.Edge{Slice: e.Slice - 1, Target: e.Target - 1, At: r.engine.Coordinator.clock.at(e.At.d())})
		}
	}
	return all.Results, err
}
