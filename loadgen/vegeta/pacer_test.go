package vegeta

import (
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// A load that is stopped accounts for what had fallen due: what waited, what the
// attacker had been told of and no worker had taken, and what nobody had looked at.
func TestFinishCountsEveryRequest(t *testing.T) {
	load := loadOf(ancmbench.Constant, 1000, ancmbench.Single, time.Hour)
	load.Targets = []ancmbench.Target{targetAt("a", "127.0.0.1:1")}
	plan, err := loadgen.NewPlan(load)
	if err != nil {
		t.Fatal(err)
	}
	waiter, err := loadgen.NewWaiter(loadgen.Idle)
	if err != nil {
		t.Fatal(err)
	}
	edges := 0
	r := &run{plan: plan, load: plan.Load(), waiter: waiter, edge: func(loadgen.Edge) { edges++ },
		stopped: make(chan struct{}), freed: make(chan struct{}, 1), pending: map[uint64]call{}}
	a, err := newTarget(t.Context(), r, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.targets = []*target{a}
	p := newPacer(r)
	p.begin()
	r.began = time.Now().Add(-900 * time.Millisecond) // four segments and a half
	if _, stop := p.Pace(0, 0); stop || len(r.pending) != 1 {
		t.Fatalf("stop %v, %d requests for the attacker", stop, len(r.pending))
	}
	close(r.stopped)
	p.finish()
	now := r.now()
	res := a.recorder.Result()
	balanced(t, res)
	if o := res.Outcomes; o.Sent != 0 || o.Shed < 900 || o.Shed > now.Milliseconds()+1 || a.busy.Load() != 0 {
		t.Errorf("%+v after %v, %d busy", o, now, a.busy.Load())
	}
	if edges != 2 || len(res.Slices) != 1 {
		t.Errorf("%d edges, slices %+v", edges, res.Slices)
	}
}
