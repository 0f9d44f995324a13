package reports

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ancmbench"
)

// machine is the noise of a shared host: the log of how slow it is at time t, in
// seconds from the start of the run.
type machine func(t float64) float64

// machines draws one of each kind for a run.
func machines(rng *rand.Rand) map[string]machine {
	phase, slope := 2*math.Pi*rng.Float64(), 0.003*rng.NormFloat64()
	var steps []float64
	for range 40 {
		steps = append(steps, 0.15*rng.NormFloat64())
	}
	return map[string]machine{
		"still":    func(float64) float64 { return 0 },
		"drift":    func(t float64) float64 { return slope * t },
		"steps":    func(t float64) float64 { return steps[int(t/7)%len(steps)] },
		"periodic": func(t float64) float64 { return 0.2 * math.Sin(2*math.Pi*t/13+phase) },
	}
}

const truth = 0.8 // log ratio of the two servers

// measure is a run of n launches of 2 s per server. fine alternates slices of
// 50 ms in an order drawn for each pair; otherwise all of one comes first and then
// all of the other, launch for launch. Each process has luck of its own for life,
// and each slice noise.
func measure(rng *rand.Rand, m machine, n int, fine bool) []float64 {
	const slice, slices, length = 0.05, 40, 5.0
	var logs []float64
	at := func(start float64, offset float64) float64 { return m(start+offset) + 0.05*rng.NormFloat64() }
	for l := range n {
		luckA, luckB := 0.02*rng.NormFloat64(), 0.02*rng.NormFloat64()
		a, b := 0.0, 0.0
		for s := range slices {
			if fine {
				first, second := float64(2*s)*slice, float64(2*s+1)*slice
				if rng.IntN(2) == 0 {
					first, second = second, first
				}
				a, b = a+at(float64(l)*length, first), b+at(float64(l)*length, second)
				continue
			}
			a += at(float64(l)*length/2, float64(s)*slice)
			b += at(float64(n)*length/2+float64(l)*length/2, float64(s)*slice)
		}
		logs = append(logs, truth+luckB-luckA+(b-a)/slices)
	}
	return logs
}

// The 95 % interval holds the truth in 93 to 97 % of runs whatever the machine
// does, because slices alternate and launches are the unit; all of one and then
// all of the other fails the same test.
func TestCoverageOnMovingMachines(t *testing.T) {
	const runs = 1500
	held, apart := map[string]int{}, map[string]int{}
	rng := rand.New(rand.NewPCG(4, 4))
	for range runs {
		for name, m := range sorted(machines(rng)) {
			if student(measure(rng, m, 6, true)).Interval.Holds(truth) {
				held[name]++
			}
			if student(measure(rng, m, 6, false)).Interval.Holds(truth) {
				apart[name]++
			}
		}
	}
	for _, name := range []string{"still", "drift", "steps", "periodic"} {
		share, other := float64(held[name])/runs, float64(apart[name])/runs
		t.Logf("%s: alternating %.1f %%, one after the other %.1f %%", name, 100*share, 100*other)
		if share < 0.93 || share > 0.97 {
			t.Errorf("%s: %.1f %% of the intervals hold the truth, want 93 to 97 %%", name, 100*share)
		}
	}
	for _, name := range []string{"drift", "steps", "periodic"} {
		if share := float64(apart[name]) / runs; share > 0.93 && share < 0.97 {
			t.Errorf("%s: one after the other holds %.1f %%, so this test cannot tell good from bad", name, 100*share)
		}
	}
}

// sorted visits a map in the order of its keys, so that a seed gives one answer.
func sorted(ms map[string]machine) func(func(string, machine) bool) {
	return func(yield func(string, machine) bool) {
		for _, name := range []string{"still", "drift", "steps", "periodic"} {
			if !yield(name, ms[name]) {
				return
			}
		}
	}
}

// Stopping at a planned look because the interval is tight keeps its coverage.
func TestPrecisionCoverage(t *testing.T) {
	const runs = 3000
	for _, sd := range []float64{0.02, 0.04, 0.06, 0.08} {
		rng := rand.New(rand.NewPCG(6, uint64(1000*sd)))
		held, each := 0, 0
		var lengths []int
		for range runs {
			var logs, greedy []float64
			for !Precision(0.03).reached(logs) && len(logs) < 60 {
				logs = append(logs, truth+sd*rng.NormFloat64())
			}
			if student(logs).Interval.Holds(truth) {
				held++
			}
			lengths = append(lengths, len(logs))
			for len(greedy) < 3 || student(greedy).half() > math.Log(1.03) {
				greedy = append(greedy, truth+sd*rng.NormFloat64())
			}
			if student(greedy).Interval.Holds(truth) {
				each++
			}
		}
		slices.Sort(lengths)
		t.Logf("SD %v: %.1f %% hold the truth, median %d launches; looking after each %.1f %%", sd, 100*float64(held)/runs, lengths[runs/2], 100*float64(each)/runs)
		if share := float64(held) / runs; share < 0.93 || share > 0.97 {
			t.Errorf("SD %v: %.1f %% of the intervals hold the truth, want 93 to 97 %%", sd, 100*share)
		}
	}
}

// A run stops at a planned look and nowhere else.
func TestPrecisionReached(t *testing.T) {
	s := builds()
	s.arms = s.arms[:2]
	s.launches = 13
	whole := s.run()
	run := *whole
	stopped := 0
	for n := 1; n <= 13; n++ {
		run.Results = slices.DeleteFunc(slices.Clone(whole.Results), func(r ancmbench.Result) bool { return r.Launch >= n })
		run.State = ancmbench.Running
		reached := Precision(0.05).Reached(&run)
		if reached && stopped == 0 {
			stopped = n
		}
		if reached && !slices.Contains(precisionLooks, n) {
			t.Errorf("stopped after %d launches, which is no look", n)
		}
	}
	if stopped == 0 {
		t.Error("an interval of some 1 % is not within 5 %")
	}
	if Precision(0.0001).Reached(whole) || Precision(0.05).Reached(nil) || Precision(0.5).Reached(&ancmbench.Run{Targets: whole.Targets}) {
		t.Error("stopped without reason")
	}
}

// Analysis and gate of 20 launches of 10 targets stay far under a second.
func BenchmarkGateOfTenTargets(b *testing.B) {
	s := builds()
	for len(s.arms) < 10 {
		a := s.arms[1]
		a.name += "+"
		a.median += time.Duration(len(s.arms)) * time.Microsecond
		s.arms = append(s.arms, a)
		s.arms[len(s.arms)-1].name = a.name + string(rune('a'+len(s.arms)))
	}
	run := s.run()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Gate{Target: "head"}).Judge(run, nil); err != nil {
			b.Fatal(err)
		}
	}
}
