package experiment

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
)

// byMessages is a target of which everything crosses a wire as JSON, and whose counters are
// read at the edges without a word in between, as on another machine.
type byMessages struct {
	targets.Running
	t *testing.T
}

func crossed[T any](t *testing.T, v T) (out T) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Errorf("%T does not cross: %v", v, err)
	}
	if !reflect.DeepEqual(v, out) {
		t.Errorf("%T lost something on its way:\n%+v\n%+v", v, v, out)
	}
	return out
}

func (b byMessages) Info() targets.Info { return crossed(b.t, b.Running.Info()) }
func (b byMessages) Target(front string) (ancmbench.Target, error) {
	t, err := b.Running.Target(front)
	return crossed(b.t, t), err
}
func (b byMessages) Memory(ctx context.Context) (map[ancmbench.Role]*ancmbench.MemoryUse, error) {
	m, err := b.Running.Memory(ctx)
	return crossed(b.t, m), err
}
func (b byMessages) Begin(ctx context.Context, w targets.Watch) error {
	return b.Running.Begin(ctx, crossed(b.t, w))
}
func (b byMessages) Asked(a targets.Asked) { b.Running.Asked(crossed(b.t, a)) }
func (b byMessages) Compiled(ctx context.Context, follow bool) (targets.Compiled, error) {
	c, err := b.Running.Compiled(ctx, follow)
	return crossed(b.t, c), err
}
func (b byMessages) End(ctx context.Context) (targets.Costs, error) {
	c, err := b.Running.End(ctx)
	return crossed(b.t, c), err
}

// A run whose targets are reached by messages alone has the results of one on this
// machine: CPU by role and slice, memory, system calls.
func TestTargetsCanBeReachedByMessages(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	defer s.Close()
	spec := func(name string) TargetSpec {
		return TargetSpec{Name: name, Target: ancmbench.Target{Name: name, Address: strings.TrimPrefix(s.URL, "http://"),
			Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Method: "GET", Path: "/"}}}}}
	}
	p := ancmbench.Profile{Name: "p", Launches: 1, Rate: 200, Connections: 2, Timeout: ancmbench.Seconds(time.Second), MaxErrorShare: 0.01,
		Workloads: []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{Path: "/"}}}},
		Phases: []ancmbench.Phase{
			{Name: "latency", Kind: ancmbench.Latency, Duration: ancmbench.Seconds(400 * time.Millisecond), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson},
				Dealing: ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(100 * time.Millisecond)}},
			{Name: "memory", Kind: ancmbench.Memory, Duration: ancmbench.Seconds(300 * time.Millisecond), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson}}}}
	local := &targets.Local{}
	started := 0
	run, err := Run(t.Context(), Config{Profile: p, Targets: []TargetSpec{spec("a"), spec("b")}, Dir: t.TempDir(), Seed: 1,
		NewEngine: func() loadgen.Engine { return &vegeta.Engine{} },
		Start: func(ctx context.Context, spec TargetSpec, place targets.Place, report func(ancmbench.SiteEvent)) (targets.Running, error) {
			started++
			a, err := local.Start(ctx, crossed(t, spec), crossed(t, place), report)
			return byMessages{a, t}, err
		}})
	if err != nil || started != 2 || len(run.Results) < 4 {
		t.Fatalf("%v: %d started, %d results", err, started, len(run.Results))
	}
	for _, res := range run.Results {
		if res.Void != "" { // on a busy machine the rate is not reached, and a trial is repeated
			continue
		}
		u := res.Usage[0]
		if len(res.Usage) != 2 || u.Role != ancmbench.RoleServer {
			t.Skipf("no processes are found here: %+v", res.Usage)
		}
		if u.CPU == nil || u.CPU.Own == 0 || u.Processes != 1 {
			t.Errorf("%s of %s: CPU %+v of %d processes", res.Phase, res.Target, u.CPU, u.Processes)
		}
		if memory := res.PhaseKind == ancmbench.Memory; memory != (u.Loaded != nil && u.Idle != nil) || memory != (u.SystemCalls != nil || u.Unsupported["system_calls"] != "") {
			t.Errorf("%s of %s: memory %v, %v", res.Phase, res.Target, u.Loaded, u.SystemCalls)
		}
		if res.PhaseKind == ancmbench.Latency && (len(res.Slices) == 0 || len(res.Slices[0].CPU) != 2) {
			t.Errorf("%s: slices %+v", res.Target, res.Slices)
		}
	}
}
