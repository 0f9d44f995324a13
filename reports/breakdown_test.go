package reports

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// ladder is a scene of every rung, with the true value of each part.
func ladder() scene {
	s := models()
	in, out := s.arms[0], s.arms[1]
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	rung := func(m ancmbench.Model, median int, front, app int) arm {
		a := out
		a.name, a.model, a.median, a.tail = string(m), m, us(median), 1
		a.cpu = []time.Duration{0, us(front), us(app)}
		return a
	}
	direct := in
	direct.name, direct.model, direct.median, direct.cpu, direct.tail = "direct", ancmbench.Direct, us(90), []time.Duration{0, us(20)}, 1
	in.tail = 1
	s.spread, s.own, s.launches, s.planned = 0.02, 0.005, 8, 8
	s.arms = []arm{direct, in, rung(ancmbench.Relay, 160, 20, 23), rung(ancmbench.Bare, 200, 25, 23), rung(ancmbench.OutOfProcess, 200, 25, 24),
		rung(ancmbench.OutOfProcessNoReuse, 320, 90, 60), rung(ancmbench.Nginx, 190, 22, 24)}
	return s
}

func TestPartsAddUpToThePenalty(t *testing.T) {
	b := analysed(t, ladder().run()).Breakdown
	if b == nil || len(b.Metrics) < 4 {
		t.Fatalf("the breakdown is %+v", b)
	}
	for _, d := range b.Metrics {
		sum := 0.0
		for _, p := range d.Parts {
			sum += p.Difference.Value
		}
		if math.Abs(sum-d.Penalty.Value) > 1e-9*d.Out || math.Abs(d.In+sum-d.Out) > 1e-9*d.Out {
			t.Errorf("%s: the parts add up to %v and the penalty is %v, from %v to %v", d.Metric, sum, d.Penalty.Value, d.In, d.Out)
		}
		if d.Launches != 8 {
			t.Errorf("%s rests on %d launches", d.Metric, d.Launches)
		}
	}
}

func TestPartsAreTheTrueOnes(t *testing.T) {
	b := analysed(t, ladder().run()).Breakdown
	p50, cpu := b.metric("response_p50_seconds"), b.metric("cpu_seconds_per_request")
	check := func(d *BrokenDown, name string, want float64, toldWanted bool) {
		t.Helper()
		for _, p := range slices.Concat(d.Parts, d.Beside) {
			if p.Name != name {
				continue
			}
			if math.Abs(p.Difference.Value-want) > 3e-6 || p.Told != toldWanted || p.Told == p.Difference.Interval.Holds(0) {
				t.Errorf("%s of %s is %s, told %v; its true value is %v", name, d.Metric, withInterval(p.Difference, d.Unit), p.Told, want)
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
	words := strings.Join(Answer(ladder().run(), analysed(t, ladder().run())), " ")
	for _, want := range []string{"2.04x", "is made of transport +", "module work cannot be told from zero"} {
		if !strings.Contains(words, want) {
			t.Errorf("the answer lacks %q: %s", want, words)
		}
	}
}

// A launch that lacks one rung has no sum, and is left out of every part alike.
func TestALaunchWithoutARungIsLeftOutOfTheSum(t *testing.T) {
	run := ladder().run()
	for i := range run.Results {
		if r := &run.Results[i]; r.Launch == 3 && r.Target == "bare" {
			r.Void = ancmbench.VoidRate
		}
	}
	d := analysed(t, run).Breakdown.headline()
	if d.Launches != 7 {
		t.Errorf("the sum rests on %d launches", d.Launches)
	}
	for _, p := range d.Parts {
		if p.Launches != 7 {
			t.Errorf("%s rests on %d launches", p.Name, p.Launches)
		}
	}
}

func TestNoSumWithoutEveryRung(t *testing.T) {
	s := ladder()
	s.arms = slices.DeleteFunc(s.arms, func(a arm) bool { return a.model == ancmbench.Bare })
	run := s.run()
	a := analysed(t, run)
	if b := a.Breakdown; b == nil || len(b.Metrics) != 0 || !slices.Equal(b.Absent, []string{"bare"}) {
		t.Errorf("the breakdown is %+v", a.Breakdown)
	}
	if words := strings.Join(Answer(run, a), " "); !strings.Contains(words, "not taken apart: bare was not measured") {
		t.Errorf("the answer is %s", words)
	}
	run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnLeftOut, Detail: "bare: cannot be had"})
	a = analysed(t, run)
	if words := strings.Join(Answer(run, a), " "); strings.Contains(words, "--model=all") {
		t.Errorf("what was asked for is recommended: %s", words)
	}
	var screen bytes.Buffer
	if err := Text(&screen, run, a, TextOptions{}); err != nil || !strings.Contains(screen.String(), "not run here: bare: cannot be had") {
		t.Errorf("the screen does not say why (%v):\n%s", err, screen.String())
	}
	if analysed(t, models().run()).Breakdown != nil {
		t.Error("a run of both models alone has a breakdown")
	}
}

func TestBreakdownText(t *testing.T) {
	run := ladder().run()
	run.Profile.Name = "breakdown"
	run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnLeftOut, Detail: "haproxy: not installed"})
	var b bytes.Buffer
	if err := Text(&b, run, analysed(t, run), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "breakdown.txt", b.Bytes())
	page := htmlOf(t, run)
	for _, want := range []string{`id="breakdown-response-p50-seconds"`, "connection per request", "haproxy: not installed"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestOneFreshStartHasNoIntervals(t *testing.T) {
	s := ladder()
	s.launches, s.planned = 1, 1
	run := s.run()
	words := strings.Join(Answer(run, analysed(t, run)), " ")
	if !strings.Contains(words, "From one fresh start no part") {
		t.Errorf("the answer is %s", words)
	}
	everything(t, run)
}
