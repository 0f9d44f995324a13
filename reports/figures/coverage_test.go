package figures

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

const truth = 0.8 // log ratio of the two servers

// underTest are the metrics whose intervals are counted, and the true log ratio of
// each: medians, tails, and a quotient of sums.
var underTest = []struct {
	metric string
	truth  float64
}{
	{"response_p50_seconds", truth},
	{"response_p90_seconds", truth},
	{"response_p99_seconds", truth},
	{"cpu_seconds_per_request", truth + math.Log(otherCPUShare/baseCPUShare)},
}

// held is how many of so many runs had an interval that held the truth, by metric.
func held(t *testing.T, rng *rand.Rand, h host, as design, runs int) []int {
	lab := newLab()
	out := make([]int, len(underTest))
	for i := range runs {
		lab.measure(rng, h, as)
		for k, st := range lab.statements(t, i == 0) {
			if st.Ratio.Interval.Holds(math.Exp(underTest[k].truth)) {
				out[k]++
			}
		}
	}
	return out
}

// Whatever the machine does, the 95 % interval holds the truth in 93 to 97 % of
// runs, because slices alternate in an order that is drawn, and because the fresh start
// is the unit. Where a host has what one of these is there for, a design without it
// fails the same test: its share is below 93 %, and not by chance. With -short and
// under the race detector a tenth of the runs is made, and the bounds give way by
// the exact binomial interval of so few.
func TestCoverageOnMovingMachines(t *testing.T) {
	runs, broken, few := 1500, 200, testing.Short() || underRace
	if few {
		runs, broken = 150, 60
	}
	for i, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(4, uint64(i)))
			for k, n := range held(t, rng, h, asTheProduct, runs) {
				share := float64(n) / float64(runs)
				t.Logf("%s: %.1f %% of %d intervals hold the truth", underTest[k].metric, 100*share, runs)
				least, most := share, share
				if few {
					least, most = stats.Binomial(n, runs)
				}
				if most < 0.93 || least > 0.97 {
					t.Errorf("%s: %.1f %% of the intervals hold the truth, want 93 to 97 %%", underTest[k].metric, 100*share)
				}
			}
			for _, as := range h.defeats {
				for k, n := range held(t, rng, h, as, broken) {
					_, most := stats.Binomial(n, broken)
					t.Logf("%s, %s: %.1f %% of %d", as, underTest[k].metric, 100*float64(n)/float64(broken), broken)
					if most >= 0.93 {
						t.Errorf("%s, %s: %d of %d intervals hold the truth, so this test cannot tell good from bad", as, underTest[k].metric, n, broken)
					}
				}
			}
		})
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
			if stats.Student(logs).Interval.Holds(truth) {
				held++
			}
			lengths = append(lengths, len(logs))
			for len(greedy) < 3 || stats.Student(greedy).Half() > math.Log(1.03) {
				greedy = append(greedy, truth+sd*rng.NormFloat64())
			}
			if stats.Student(greedy).Interval.Holds(truth) {
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
	s := example.Builds()
	s.Arms = s.Arms[:2]
	s.Launches = 13
	whole := s.Run()
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
