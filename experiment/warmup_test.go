package experiment

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// windowOf returns one window of a warm-up, with one target per median.
func windowOf(medians ...time.Duration) []ancmbench.Result {
	out := make([]ancmbench.Result, len(medians))
	for i, m := range medians {
		out[i].Service = &ancmbench.Histogram{}
		for range 100 {
			out[i].Service.Record(m)
		}
	}
	return out
}

// TestWarmUpOnANoisyHost: the medians of a warm server scatter as recorded on a quiet
// 2-core virtual machine (SD 0.09 between neighbouring windows of one target, a third of it
// common to all targets). Two of four windows nearly always agree. With a bound of 10 %
// many warm-ups would not.
func TestWarmUpOnANoisyHost(t *testing.T) {
	const runs, targets, windows = 500, 3, 4
	rng := rand.New(rand.NewPCG(1, 2))
	missed, tight := 0, 0
	for range runs {
		var last []ancmbench.Result
		agreed, agreed10 := false, false
		for range windows {
			medians := make([]time.Duration, targets)
			host := rng.NormFloat64() * 0.04
			for i := range medians {
				medians[i] = time.Duration(300e3 * math.Exp(host+rng.NormFloat64()*0.06))
			}
			now := windowOf(medians...)
			apart := disagreement(last, now)
			agreed, agreed10 = agreed || apart <= warmAgree, agreed10 || apart <= 0.10
			last = now
		}
		if !agreed {
			missed++
		}
		if !agreed10 {
			tight++
		}
	}
	t.Logf("missed: %.1f %% of warm-ups, and %.0f %% by a bound of 10 %%", 100*float64(missed)/runs, 100*float64(tight)/runs)
	if tight < runs/10 {
		t.Error("the noise is so small that any bound would pass")
	}
	if missed > runs/100 {
		t.Errorf("%d of %d warm-ups of a warm server did not agree", missed, runs)
	}
}

// TestWarmUpDetectsAColdServer: a window in which one target was 1.5 or 2 times as slow
// does not agree with the next one; a single window agrees with nothing.
func TestWarmUpDetectsAColdServer(t *testing.T) {
	us := time.Microsecond
	for _, c := range []struct {
		what   string
		a, b   []ancmbench.Result
		agreed bool
	}{
		{"no window before", nil, windowOf(100*us, 100*us), false},
		{"warm", windowOf(100*us, 210*us), windowOf(108*us, 200*us), true},
		{"one target twice slower at first", windowOf(200*us, 200*us), windowOf(100*us, 200*us), false},
		{"the other half again as slow", windowOf(100*us, 300*us), windowOf(100*us, 200*us), false},
		{"slower later", windowOf(100*us, 200*us), windowOf(100*us, 400*us), false},
		{"a target without answers", windowOf(100*us, 200*us), []ancmbench.Result{windowOf(100 * us)[0], {Service: &ancmbench.Histogram{}}}, false},
	} {
		if got := disagreement(c.a, c.b) <= warmAgree; got != c.agreed {
			t.Errorf("%s: agreed = %v, differ by %v", c.what, got, disagreement(c.a, c.b))
		}
	}
}

// TestSlowFirstSecondsAreReported: the windows of a server that is twice as slow throughout
// its warm-up agree, but at the end of the fresh starts it is faster, which causes a
// warning. Noise of the host in single fresh starts does not.
func TestSlowFirstSecondsAreReported(t *testing.T) {
	for _, c := range []struct {
		what   string
		faster [][]float64
		want   string
	}{
		{"none was looked back at", nil, ""},
		{"noise", [][]float64{{0.1, -0.2, 0.45, 0.02, 0, -0.1}, {0.05, 0.29, 0.1}}, ""},
		{"slower at the end", [][]float64{{-0.7, -0.6}, {0, 0}}, ""},
		{"twice slower in each launch", [][]float64{{0.1, 0, -0.1}, {0.69, 0.5, 0.75}}, "b"},
		{"one launch only", [][]float64{{0}, {math.Log(2)}}, "b"},
	} {
		r := &runner{run: &ancmbench.Run{}, faster: c.faster,
			cfg: Config{Targets: []TargetSpec{{Name: "a"}, {Name: "b"}}}}
		r.stillWarming()
		got := ""
		for _, w := range r.run.Warnings {
			if w.Code == ancmbench.WarnStillWarming {
				got += w.Target
			}
		}
		if got != c.want {
			t.Errorf("%s: warned of %q, want %q", c.what, got, c.want)
		}
	}
}

// TestLookBackWaitsForSlowStarts: a fresh start of quick looks back 9 s after its warm-up
// began, however short its phases were; one of smoke looks back at once.
func TestLookBackWaitsForSlowStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for _, c := range []struct {
			each ancmbench.Seconds
			want time.Duration
		}{{ancmbench.Seconds(time.Second), 0}, {ancmbench.Seconds(4 * time.Second), lookBackAfter}} {
			plan := []ancmbench.Trial{{Phase: ancmbench.Phase{Duration: c.each}, Targets: []string{"a", "b"}}}
			r := &runner{run: &ancmbench.Run{Plan: plan}}
			w := &warmth{began: time.Now(), trial: plan[0]}
			if !waitUntil(context.Background(), r.lookBackAt(w)) || time.Since(w.began) != c.want {
				t.Errorf("%v per target: waited %v, want %v", c.each.D(), time.Since(w.began), c.want)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if waitUntil(ctx, began.Add(time.Hour)) {
			t.Error("the wait did not end with the run")
		}
	})
}

// slowAtFirst is an engine whose second target is twice as slow in the first 8 s.
type slowAtFirst struct{ began time.Time }

func (slowAtFirst) Name() string                  { return "wire" }
func (slowAtFirst) Supports(ancmbench.Load) error { return nil }

func (e slowAtFirst) Run(ctx context.Context, load ancmbench.Load, _ func(loadgen.Edge)) ([]ancmbench.Result, error) {
	second := 100 * time.Microsecond
	if time.Since(e.began) < 8*time.Second {
		second *= 2
	}
	waitUntil(ctx, time.Now().Add(load.Duration.D()*time.Duration(len(load.Targets))))
	return windowOf(100*time.Microsecond, second), nil
}

// TestSlowFirstEightSeconds carries out a fresh start of quick in a synctest bubble. The
// warm-up ends while the server is slow and its slow samples are counted, so the run warns
// of that server alone.
func TestSlowFirstEightSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := func(d time.Duration) ancmbench.Seconds { return ancmbench.Seconds(d) }
		profile := ancmbench.Profile{Launches: 3, Connections: 8,
			Workloads: []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{Path: "/"}}}},
			Phases: []ancmbench.Phase{
				{Name: "warm-up", Kind: ancmbench.WarmUp, Duration: s(800 * time.Millisecond), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed}},
				{Name: "latency", Kind: ancmbench.Latency, Duration: s(2200 * time.Millisecond)},
				{Name: "peak", Kind: ancmbench.Peak, Duration: s(800 * time.Millisecond), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed}}}}
		specs := []TargetSpec{{Name: "steady"}, {Name: "slow"}}
		r := &runner{cfg: Config{Profile: profile, Targets: specs, RateFixed: true}, began: time.Now(),
			run: &ancmbench.Run{Plan: Plan(Config{Profile: profile, Targets: specs, Seed: 1, FindPeak: true}),
				Targets: []ancmbench.TargetInfo{{Name: "steady"}, {Name: "slow"}}}}
		targets := []*target{{spec: specs[0], running: &still{}}, {spec: specs[1], running: &still{}}}
		for _, trial := range r.run.Plan {
			if trial.Phase.Kind != ancmbench.WarmUp {
				continue
			}
			engine := slowAtFirst{began: time.Now()} // fresh processes
			if err := r.warmUp(context.Background(), engine, targets, trial); err != nil {
				t.Fatal(err)
			}
			if time.Since(engine.began) > 4*time.Second {
				t.Fatalf("the warm-up took %v", time.Since(engine.began))
			}
			r.lookBack(context.Background(), engine, targets)
		}
		r.stillWarming()
		if w := r.run.Warnings; len(w) != 1 || w[0].Code != ancmbench.WarnStillWarming || w[0].Target != "slow" {
			t.Errorf("warnings %+v", w)
		}
	})
}

// A server that takes longer than a slice has all its requests in settle time. They show
// that it is warm, and that slices cannot be used to compare it.
func TestWarmUpOfAServerSlowerThanASlice(t *testing.T) {
	window := windowOf(40*time.Millisecond, 80*time.Millisecond)
	window[1].Service, window[1].SettleService = &ancmbench.Histogram{}, window[1].Service
	if d := disagreement(window, window); d != 0 {
		t.Errorf("a window differs from itself by %v", d)
	}
	if m := serviceMedians(window); math.Abs(m[1]-0.08) > 0.001 {
		t.Errorf("medians %v", m)
	}
	r := &runner{cfg: Config{Profile: ancmbench.Profile{Connections: 4}, RateFixed: true}, run: &ancmbench.Run{}}
	if f := r.fitFrom(window); f.slice < 7900*time.Millisecond || !f.continuous {
		t.Errorf("slices of %v, continuous %v", f.slice, f.continuous)
	}
	window[1].SettleService = nil
	if !math.IsInf(disagreement(window, window), 1) {
		t.Error("two windows without answers agree")
	}
}
