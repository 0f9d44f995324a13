package figures

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// app is a made-up pair of targets whose truth is known.
type app struct {
	base, more     float64 // seconds of response without work, and what the target adds
	cpu, cpuMore   float64 // seconds per request without work, and what the target adds
	perWork        float64 // what each second of work adds to cpuMore
	capacity, slow float64 // requests/s of the baseline and of the target
	spread         float64 // SD of a fresh start's log
}

var knownApp = app{base: 80e-6, more: 120e-6, cpu: 20e-6, cpuMore: 50e-6, perWork: 0.004, capacity: 60_000, slow: 20_000, spread: 0.002}

// at is the truth at a level and rate: M/M/1 in time, and a CPU that falls with
// the log of the rate, as wake-ups are shared.
func (a app) at(f ancmbench.Factor, level, rate float64) (base, other PointValue) {
	queue := func(s, capacity float64) float64 { return s / max(1-rate/capacity, 0.001) }
	work := level
	if f == ancmbench.FactorWait {
		work = 0
	}
	wake := 1 - 0.1*math.Log10(rate/100)
	base = PointValue{P50: queue(a.base, a.capacity) + level, CPU: a.cpu*wake + work, Samples: 2000, Done: rate}
	other = PointValue{P50: queue(a.base+a.more, a.slow) + level, CPU: (a.cpu+a.cpuMore)*wake + work*(1+a.perWork), Samples: 2000, Done: rate}
	base.P99, other.P99 = 4*base.P50, 4*other.P50
	return base, other
}

func (a app) points(launches int, seed uint64) []CurvePoint {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []CurvePoint
	for launch := range launches {
		luck := func(v *float64) { *v *= math.Exp(a.spread * rng.NormFloat64()) }
		add := func(p CurvePoint, level float64) {
			p.Launch = launch
			p.Base, p.Other = a.at(p.Factor, level, p.Rate)
			for _, v := range []*float64{&p.Base.P50, &p.Other.P50, &p.Base.P99, &p.Other.P99} {
				luck(v)
			}
			out = append(out, p)
		}
		for _, rate := range []float64{100, 500, 2000, 8000, 18000, 30000, 55000} {
			add(CurvePoint{Phase: "sweep at " + words.Digits(rate), Kind: ancmbench.Sweep, Rate: rate}, 0)
		}
		for i, level := range []float64{0, 50e-6, 200e-6, 1e-3, 5e-3} {
			for _, f := range []ancmbench.Factor{ancmbench.FactorCPU, ancmbench.FactorWait} {
				add(CurvePoint{Phase: string(f) + words.Amount(level, "seconds"), Kind: ancmbench.Latency, Factor: f, Level: level,
					Rate: []float64{400, 400, 400, 300, 110}[i]}, level)
			}
		}
	}
	return out
}

func TestThePenaltyFadesWhereItMust(t *testing.T) {
	c := CurveOf(knownApp.points(6, 3), "in", "out", DefaultSLO)
	for _, f := range c.Fades {
		if f.Share == 0.01 {
			if f.From != nil || f.Reached == f.Launches || f.Longest < 5e-3 || f.Longest > 6e-3 {
				t.Errorf("%s: under 1 %% from %+v, longest %v", f.Factor, f.From, f.Longest)
			}
			continue
		}
		want := knownApp.more/0.05 - knownApp.base // more / (base + S) = 5 %
		if f.From == nil || f.From.Interval == nil {
			t.Fatalf("%s: under 5 %% was not reached", f.Factor)
		}
		// The levels are coarse, and the rates differ from level to level.
		if off := f.From.Value / want; off < 0.7 || off > 1.4 {
			t.Errorf("%s: under 5 %% from %v, in truth %v", f.Factor, f.From.Value, want)
		}
	}
	if len(c.Fades) != 4 {
		t.Errorf("%d fades", len(c.Fades))
	}
}

// One fresh start without noise gives the crossing of straight lines exactly.
func TestFadeInOneLaunch(t *testing.T) {
	p := func(level, base, other float64) CurvePoint {
		return CurvePoint{Factor: ancmbench.FactorCPU, Level: level, Base: PointValue{P50: base}, Other: PointValue{P50: other}}
	}
	for _, c := range []struct {
		name  string
		ps    []CurvePoint
		share float64
		want  float64
		ok    bool
	}{
		{"between two levels", []CurvePoint{p(0, 1, 2), p(10, 11, 12)}, 0.1, 9, true},
		{"small from the start", []CurvePoint{p(0, 1, 1.01), p(10, 11, 11.1)}, 0.1, 0, true},
		{"never small", []CurvePoint{p(0, 1, 2), p(10, 11, 14)}, 0.1, 0, false},
		{"not before it stays small", []CurvePoint{p(0, 1, 1), p(10, 11, 13.1), p(20, 21, 22.1)}, 0.1, 15, true},
	} {
		got, ok := fadeIn(c.ps, c.share)
		if ok != c.ok || ok && math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestTheSweepFindsItsLimits(t *testing.T) {
	quiet := knownApp
	quiet.spread = 0
	c := CurveOf(quiet.points(3, 1), "in", "out", DefaultSLO)
	if len(c.Sweep) != 7 || len(c.Limits) != 2 {
		t.Fatalf("%d rates, %d limits", len(c.Sweep), len(c.Limits))
	}
	in, out := c.Limits[0], c.Limits[1]
	// M/M/1: the median is 3 times its least at two thirds of the capacity.
	knee := func(capacity float64) float64 { return capacity * 2 / 3 }
	if out.Knee == nil || math.Abs(out.Knee.Value/knee(knownApp.slow)-1) > 0.3 {
		t.Errorf("knee of the target %+v, in truth %v", out.Knee, knee(knownApp.slow))
	}
	if in.Knee == nil || in.Knee.Value <= out.Knee.Value {
		t.Errorf("knee of the baseline %+v", in.Knee)
	}
	if out.SLO == nil || out.SLO.Value < 8000 || out.SLO.Value > 20_000 {
		t.Errorf("p99 within 5 ms up to %+v", out.SLO)
	}
	if in.SLO != nil || in.Highest != 55_000 {
		t.Errorf("the baseline keeps it at every rate, up to %v: %+v", in.Highest, in.SLO)
	}
}

func TestTheSLOIsTheProfiles(t *testing.T) {
	if got := sloOf(ancmbench.Profile{SLO: ancmbench.Seconds(20 * time.Millisecond)}); got != 0.02 || sloOf(ancmbench.Profile{}) != DefaultSLO {
		t.Errorf("a profile's 20 ms are %v s", got)
	}
}

// The runtime's timer may wait longer than it was asked to.
func TestWaitsCountAsTheyWere(t *testing.T) {
	ps := []CurvePoint{{Level: 0, Base: PointValue{P50: 100e-6}}, {Level: 50e-6, Base: PointValue{P50: 1.2e-3}}, {Level: 5e-3, Base: PointValue{P50: 5e-3}}}
	asWaited(ps)
	if math.Abs(ps[1].Level-1.1e-3) > 1e-12 || ps[2].Level != 5e-3 || ps[0].Level != 0 {
		t.Errorf("levels %v %v %v", ps[0].Level, ps[1].Level, ps[2].Level)
	}
}

func TestTLSIsAFactorOfItsOwn(t *testing.T) {
	var points []CurvePoint
	for launch, luck := range []float64{0, 10e-6, -10e-6} {
		for front, v := range map[string][2]float64{"nethttp": {100e-6, 200e-6}, "tls": {130e-6, 240e-6}} {
			points = append(points, CurvePoint{Launch: launch, Phase: front, Factor: ancmbench.FactorFront, Front: front,
				Base: PointValue{P50: v[0] + luck, Samples: 100}, Other: PointValue{P50: v[1] + luck, Samples: 100}})
		}
	}
	got := tlsOf(points)
	near := func(e stats.Estimate, want float64) bool {
		return math.Abs(e.Value-want) < 1e-12 && e.Interval.High-e.Interval.Low < 1e-9
	}
	if got == nil || !near(got.Base, 30e-6) || !near(got.Other, 40e-6) || !near(got.Penalty, 10e-6) {
		t.Errorf("%+v", got)
	}
	if tlsOf(points[:1]) != nil {
		t.Error("one front alone tells nothing")
	}
}

// Ten samples of all fresh starts lie beyond a p99 that is known.
func TestASweepsP99NeedsTenSamplesBeyondIt(t *testing.T) {
	rates := []float64{100, 1000, 10000}
	for samples, known := range map[int64]bool{499: false, 500: true} {
		v := PointValue{P50: 1e-4, P99: 1e-3, Samples: samples}
		var ps []CurvePoint
		for launch := range 2 {
			for _, rate := range rates {
				ps = append(ps, CurvePoint{Launch: launch, Kind: ancmbench.Sweep, Phase: words.Digits(rate), Rate: rate, Base: v, Other: v})
			}
		}
		swept, limits := sweepOf(ps, "in", "out", DefaultSLO)
		if len(swept) != 3 || (swept[0].P99[1] > 0) != known || (limits[1].SLOOut.Past == 2) != known || (limits[1].SLOOut.Unknown == 2) == known {
			t.Errorf("2 x %d samples: %+v, %+v", samples, swept, limits)
		}
	}
}
