package experiment

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// oneWorker returns the response times of a server with one worker behind a queue, which is
// busy half the time (Lindley's recursion). The queue is drained after each slice.
func oneWorker(t *testing.T, slice, length, mean time.Duration, exponential bool) *ancmbench.Histogram {
	t.Helper()
	plan, err := loadgen.NewPlan(ancmbench.Load{
		Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 0.5 / mean.Seconds(), Seed: 5},
		Dealing:  ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(slice), Settle: 0.1},
		Duration: ancmbench.Seconds(length), Connections: 8,
		Targets: []ancmbench.Target{{Name: "a", Address: "127.0.0.1:1", Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2)) // drawn in the order of arrival: the same in each design
	h := &ancmbench.Histogram{}
	var free time.Duration
	var dues []loadgen.Due
	for i := range plan.Segments() {
		s := plan.Segment(i)
		if s.First {
			free = 0
		}
		dues = plan.Dues(i, dues)
		for _, d := range dues {
			at, service := s.Virtual+d.Offset, mean
			if exponential {
				service = time.Duration(float64(mean) * rng.ExpFloat64())
			}
			if free = max(free, at) + service; !d.Settling {
				h.Record(free - at)
			}
		}
	}
	return h
}

// TestFittedSliceKeepsQuantiles: on servers with a queue and service times of 0.1 to 100
// ms, the fitted slice has the p50 and p99 of a continuous phase within 3 %, or slices are
// refused. A slice of ten service times does not, which shows that the test can fail.
func TestFittedSliceKeepsQuantiles(t *testing.T) {
	const bound = 0.03
	for _, mean := range []time.Duration{100 * time.Microsecond, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
		length := 100_000 * mean // about 50,000 requests
		for _, connections := range []int{1, 8} {
			// In a closed loop each of c connections waits for the c-1 others.
			r := &runner{run: &ancmbench.Run{}, cfg: Config{RateFixed: true, Targets: []TargetSpec{{Model: ancmbench.InProcess}}}}
			f := r.fitFrom(windowOf(time.Duration(connections) * mean))
			if f.continuous {
				if f.slice <= longSlice || len(r.run.Warnings) != 1 {
					t.Errorf("%v, %d connections: slices of %v refused, warnings %v", mean, connections, f.slice, r.run.Warnings)
				}
				continue
			}
			for _, exponential := range []bool{false, true} {
				whole := oneWorker(t, length, length, mean, exponential)
				fitted := oneWorker(t, f.slice, length, mean, exponential)
				tiny := oneWorker(t, 10*mean, length, mean, exponential)
				for _, q := range []float64{0.5, 0.99} {
					off := func(h *ancmbench.Histogram) float64 {
						a, _ := h.Quantile(q)
						b, _ := whole.Quantile(q)
						return math.Abs(a.Seconds()/b.Seconds() - 1)
					}
					if off(fitted) > bound {
						t.Errorf("%v, %d connections, exponential %v: slices of %v change quantile %v by %.1f %%", mean, connections, exponential, f.slice, q, 100*off(fitted))
					}
					if q == 0.99 && off(tiny) < bound {
						t.Errorf("%v: slices of ten service times should change the quantile", mean)
					}
				}
			}
		}
	}
}

// TestShortBlocksAreReported: one worker of 100 ms behind 8 connections has a median of
// 0.8 s in the warm-up, and blocks of 50 service times need a phase of 10 s.
func TestShortBlocksAreReported(t *testing.T) {
	for _, c := range []struct {
		median, phase time.Duration
		said          bool
	}{{800 * time.Millisecond, 2200 * time.Millisecond, true}, {790 * time.Millisecond, 10 * time.Second, false},
		{40 * time.Millisecond, 2200 * time.Millisecond, false}} {
		r := &runner{run: &ancmbench.Run{}, cfg: Config{RateFixed: true, Targets: []TargetSpec{{Model: ancmbench.InProcess}},
			Profile: ancmbench.Profile{Connections: 8, Phases: []ancmbench.Phase{
				{Kind: ancmbench.WarmUp, Duration: ancmbench.Seconds(time.Minute)},
				{Kind: ancmbench.Latency, Duration: ancmbench.Seconds(c.phase)}}}}}
		if f := r.fitFrom(windowOf(c.median)); !f.continuous || len(r.run.Warnings) != 1 || (r.run.Warnings[0].Detail != "") != c.said {
			t.Errorf("%+v: continuous %v, %+v", c, f.continuous, r.run.Warnings)
		}
	}
}
