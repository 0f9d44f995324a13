package wire

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// serverLog is what a server with known delays did: the reference. A time is
// taken when a request has been read, and another before its answer is written,
// so that no honest client can have seen less.
type serverLog struct {
	mu      sync.Mutex
	answers []logged
}

type logged struct{ read, written time.Time }

func (s *serverLog) served() (out []time.Duration) {
	for _, a := range s.answers {
		out = append(out, a.written.Sub(a.read))
	}
	return out
}

// serve answers each request when delay, asked at its arrival, is over.
func (s *serverLog) serve(delay func(at time.Time) time.Duration) func(w io.Writer, r *http.Request) bool {
	return func(w io.Writer, _ *http.Request) bool {
		at := time.Now()
		if d := delay(at); d > 0 {
			time.Sleep(d)
		}
		s.mu.Lock()
		s.answers = append(s.answers, logged{at, time.Now()})
		s.mu.Unlock()
		_, err := io.WriteString(w, hello)
		return err == nil
	}
}

// quantile is of the same rank as a histogram's.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, max(0, int(q*float64(len(sorted))+0.5)-1))]
}

// beside is by how much two answers written at one moment can be swapped.
const beside = 50 * time.Microsecond

// compare holds the engine's histogram against the reference. It may not be
// below, but for the histogram's own precision. How far above is bounded for the
// median only, by the test's slack: a machine that does other things makes any
// tail. scripts/truth.sh has the tight bounds, for a quiet one.
func compare(t *testing.T, what string, got *ancmbench.Histogram, want []time.Duration, slack time.Duration) {
	t.Helper()
	slices.Sort(want)
	if int(got.Count()) != len(want) {
		t.Fatalf("%s: %d samples, the reference has %d", what, got.Count(), len(want))
	}
	for _, q := range []float64{0.5, 0.9, 0.99} {
		w := quantile(want, q)
		g, ok := got.Quantile(q)
		if !ok || g < w-w/500-beside || q == 0.5 && g > w+w/4+slack {
			t.Errorf("%s p%v: %v, the server's log says %v", what, 100*q, g, w)
		}
	}
}

// TestStallTruth: with a stall that recurs, each request's response time is what
// its due time and the server's log imply, however few connections there are.
func TestStallTruth(t *testing.T) {
	const every, stall = 250 * time.Millisecond, 50 * time.Millisecond
	began := time.Now()
	var s serverLog
	l := listen(t, "tcp", each(s.serve(func(at time.Time) time.Duration {
		if in := at.Sub(began) % every; in < stall {
			return stall - in
		}
		return 0
	})))
	load := single(constant(1000), time.Second, 16, at(l, "a"))
	var start time.Time
	r := carry(t, nil, load, func(e loadgen.Edge) {
		if e.Slice < 0 {
			start = e.At
		}
	})[0]
	plan, err := loadgen.NewPlan(load)
	if err != nil {
		t.Fatal(err)
	}
	var due []time.Duration
	for i := range plan.Segments() {
		for _, d := range plan.Dues(i, nil) {
			due = append(due, plan.Segment(i).Virtual+d.Offset)
		}
	}
	// Requests are sent in the order in which they are due, so that is the order
	// in which the server reads them, but for a few side by side.
	slices.SortFunc(s.answers, func(a, b logged) int { return a.read.Compare(b.read) })
	if len(s.answers) != len(due) {
		t.Fatalf("%d answers for %d due", len(s.answers), len(due))
	}
	var implied []time.Duration
	for i, a := range s.answers {
		implied = append(implied, a.written.Sub(start)-r.Slices[0].Epoch.D()-due[i])
	}
	compare(t, "response", r.Response, implied, 20*time.Millisecond)
	if p90, _ := r.Response.Quantile(0.9); p90 < stall/3 {
		t.Errorf("p90 %v hides a stall of %v in each %v", p90, stall, every)
	}
}

// TestServiceTruth: service times follow the server's own, whatever their law.
func TestServiceTruth(t *testing.T) {
	for name, draw := range map[string]func(*rand.Rand) time.Duration{
		"constant": func(*rand.Rand) time.Duration { return time.Millisecond },
		"bimodal": func(r *rand.Rand) time.Duration {
			if r.IntN(10) == 0 {
				return 10 * time.Millisecond
			}
			return time.Millisecond
		},
		"lognormal": func(r *rand.Rand) time.Duration {
			return time.Duration(math.Exp(r.NormFloat64()*0.5) * 2e6)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			rnd := rand.New(rand.NewPCG(1, 2))
			var s serverLog
			l := listen(t, "tcp", each(s.serve(func(time.Time) time.Duration {
				mu.Lock()
				defer mu.Unlock()
				return draw(rnd)
			})))
			r := carry(t, nil, single(ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 500, Seed: 4}, time.Second, 16, at(l, "a")), nil)[0]
			compare(t, "service", r.Service, s.served(), 20*time.Millisecond)
		})
	}
}

// TestSchedule: requests leave when the timetable says, never before, and the
// rate is the one asked for. A machine that stands still makes all late that fell
// due meanwhile; an engine that is late by itself is late each time.
func TestSchedule(t *testing.T) {
	for _, spin := range []string{loadgen.Precise, loadgen.Balanced, loadgen.Idle} {
		l := listen(t, "tcp", say(hello))
		load := single(constant(2000), 500*time.Millisecond, 16, at(l, "a"))
		load.Spin = spin
		var r ancmbench.Result
		var lags []time.Duration
		for len(lags) < 10 {
			r = carry(t, nil, load, nil)[0]
			if r.Outcomes.OK != 1000 {
				t.Errorf("%s: %+v", spin, r.Outcomes)
			}
			lag, _ := r.Lag.Quantile(0.5)
			lags = append(lags, lag)
			if lag <= 20*time.Millisecond {
				break
			}
		}
		if slices.Min(lags) > 20*time.Millisecond {
			t.Errorf("%s: lag p50 %v", spin, lags)
		}
		found := ""
		for _, c := range r.Checks {
			found += fmt.Sprint(c.Name, " ")
		}
		if len(r.Checks) < 10 {
			t.Errorf("%s: checks: %s", spin, found)
		}
	}
}
