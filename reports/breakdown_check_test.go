package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// independent is a run of both models alone, made of the breakdown's true values
// times factor, with a seed of its own.
func independent(out, all float64) scene {
	s := ladder()
	in, behind := s.arms[1], s.arms[4]
	behind.median = time.Duration(float64(behind.median) * out)
	for i := range behind.cpu {
		behind.cpu[i] = time.Duration(float64(behind.cpu[i]) * out)
	}
	s.arms = []arm{in, behind}
	for i := range s.arms {
		a := &s.arms[i]
		a.median = time.Duration(float64(a.median) * all)
		cpu := make([]time.Duration, len(a.cpu))
		for k := range cpu {
			cpu[k] = time.Duration(float64(a.cpu[k]) * all)
		}
		a.cpu = cpu
	}
	s.seed, s.own = 99, 0.02
	return s
}

func TestAnIndependentRunIsHeldAgainstTheBreakdown(t *testing.T) {
	for _, c := range []struct {
		name     string
		out, all float64
		want     CheckOutcome
	}{
		{"the same servers", 1, 1, Agrees},
		{"a machine twice as slow", 1, 2, AgreesInRatio},
		{"another penalty", 1.5, 1, Disagrees},
	} {
		got, err := CheckBreakdown(ladder().run(), independent(c.out, c.all).run())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var b bytes.Buffer
		if err := CheckText(&b, got, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if got.Outcome != c.want || !strings.HasPrefix(b.String(), got.Sentence()[:40]) || len(got.Rows) != 3 {
			t.Errorf("%s: %s, want %s\n%s", c.name, got.Outcome, c.want, b.String())
		}
	}
	one, noisy := independent(1, 1), independent(1, 1)
	one.launches = 1
	noisy.launches, noisy.own = 2, 0.5
	for name, s := range map[string]scene{"one launch": one, "an interval around zero": noisy} {
		if got, err := CheckBreakdown(ladder().run(), s.run()); err != nil || got.Outcome != CannotTell {
			t.Errorf("with %s: %+v, %v", name, got, err)
		}
	}
}

// What is not the same thing is refused, and never found to agree.
func TestRunsThatCannotBeCheckedAreRefused(t *testing.T) {
	other := func(change func(*ancmbench.Run)) *ancmbench.Run {
		run := independent(1, 1).run()
		change(run)
		return run
	}
	breakdown := ladder().run()
	for want, run := range map[string]*ancmbench.Run{
		"agrees with itself": ladder().run(),
		"rate": other(func(r *ancmbench.Run) {
			for i := range r.Results {
				r.Results[i].Arrivals.Rate *= 2
			}
		}),
		"connections": other(func(r *ancmbench.Run) {
			for i := range r.Results {
				r.Results[i].Connections = 64
			}
		}),
		"front":        other(func(r *ancmbench.Run) { r.Targets[1].Front = "nethttp" }),
		"workload":     other(func(r *ancmbench.Run) { r.Profile.Workloads[0].Requests[0].Path = "/bytes/9" }),
		"both models":  other(func(r *ancmbench.Run) { r.Targets[1].Model = ancmbench.Bare }),
		"no breakdown": nil,
	} {
		check, with := breakdown, run
		if run == nil {
			check, with = independent(1, 1).run(), ladder().run()
		}
		if got, err := CheckBreakdown(check, with); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
}
