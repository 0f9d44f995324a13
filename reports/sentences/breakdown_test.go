package sentences

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
)

func TestPartsAreTheTrueOnes(t *testing.T) {
	b := analysed(t, example.Ladder().Run()).Breakdown
	p50, cpu := breakdownMetric(b, "response_p50_seconds"), breakdownMetric(b, "cpu_seconds_per_request")
	check := func(d *figures.BrokenDown, name string, want float64, toldWanted bool) {
		t.Helper()
		for _, p := range slices.Concat(d.Parts, d.Beside) {
			if p.Name != name {
				continue
			}
			if math.Abs(p.Difference.Value-want) > 3e-6 || p.Told != toldWanted || p.Told == p.Difference.Interval.Holds(0) {
				t.Errorf("%s of %s is %s, told %v; its true value is %v", name, d.Metric, WithInterval(p.Difference, d.Unit), p.Told, want)
			}
			return
		}
		t.Errorf("%s of %s is not there", name, d.Metric)
	}
	check(p50, "own-server", -5e-6, true)
	check(p50, "transport", 70e-6, true)
	check(p50, "http-work", 40e-6, true)
	check(p50, "module-work", 0, false)
	check(p50, "connection-set-up", 120e-6, true)
	check(p50, "nginx", -10e-6, true)
	check(cpu, "transport", 23e-6, true)
	check(cpu, "http-work", 5e-6, true)
	if len(b.App) != 3 || math.Abs(b.App[2].Difference.Value-4e-6) > 5e-7 || !b.App[2].Told {
		t.Errorf("the app behind a hop is %+v", b.App)
	}
	words := strings.Join(Answer(example.Ladder().Run(), analysed(t, example.Ladder().Run())), " ")
	for _, want := range []string{"2.04x", "is made of transport +", "module work cannot be distinguished from zero"} {
		if !strings.Contains(words, want) {
			t.Errorf("the answer lacks %q: %s", want, words)
		}
	}
}

// A fresh start that lacks one rung has no sum, and is left out of every part alike.
func TestALaunchWithoutARungIsLeftOutOfTheSum(t *testing.T) {
	run := example.Ladder().Run()
	for i := range run.Results {
		if r := &run.Results[i]; r.Launch == 3 && r.Target == "bare" {
			r.Void = ancmbench.VoidRate
		}
	}
	d := BreakdownHeadline(analysed(t, run).Breakdown)
	if d.Launches != 7 {
		t.Errorf("the sum rests on %d launches", d.Launches)
	}
	for _, p := range d.Parts {
		if p.Launches != 7 {
			t.Errorf("%s rests on %d launches", p.Name, p.Launches)
		}
	}
}
