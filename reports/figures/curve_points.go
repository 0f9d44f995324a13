package figures

import (
	"math"

	"ancmbench"
	"ancmbench/reports/stats"
)

// CurvePoint is what one fresh start measured of two targets in one phase of a curve.
type CurvePoint struct {
	Launch int                 `json:"launch"`
	Phase  string              `json:"phase"`
	Kind   ancmbench.PhaseKind `json:"kind"`
	Factor ancmbench.Factor    `json:"factor,omitempty"`
	Level  float64             `json:"level,omitempty"`
	Front  string              `json:"front,omitempty"`
	// Rate per second in force, and connections.
	Rate        float64    `json:"rate"`
	Connections int        `json:"connections"`
	Base        PointValue `json:"base"`
	Other       PointValue `json:"other"`
}

// PointValue is what one target did, in seconds; NaN is not written, zero is unknown.
type PointValue struct {
	P50       float64 `json:"p50,omitempty"`
	P99       float64 `json:"p99,omitempty"`
	FirstByte float64 `json:"first_byte,omitempty"`
	// CPU per request of all the target's processes.
	CPU float64 `json:"cpu,omitempty"`
	// Samples behind the quantiles.
	Samples int64 `json:"samples"`
	// Done is answers per second while the target was loaded.
	Done float64 `json:"done,omitempty"`
}

// pointsOf takes from a run all phases that are points of a curve or rates of a
// sweep, fresh start by fresh start, in the order of the plan.
func pointsOf(run *ancmbench.Run, o *Observations, baseline, target string) []CurvePoint {
	var out []CurvePoint
	for _, t := range run.Plan {
		ph := t.Phase
		if ph.Factor == "" && ph.Kind != ancmbench.Sweep {
			continue
		}
		s := Scenario{ph.Name, ph.Kind, ph.Workload}
		b, other := o.Cell(t.Launch, s, baseline), o.Cell(t.Launch, s, target)
		if b == nil || other == nil {
			continue
		}
		// On a front of its own the engine is vegeta, whose lag belongs to nobody else.
		service := ph.Factor == ancmbench.FactorFront
		out = append(out, CurvePoint{Launch: t.Launch, Phase: ph.Name, Kind: ph.Kind, Factor: ph.Factor, Level: ph.Level,
			Front: ph.Front, Rate: b.Arrivals.Rate, Connections: b.Connections,
			Base: pointValue(b, service), Other: pointValue(other, service)})
	}
	return out
}

func pointValue(r *ancmbench.Result, service bool) PointValue {
	h := r.Response
	if service {
		h = r.Service
	}
	seconds := func(h *ancmbench.Histogram, q float64) float64 {
		d, _ := h.Quantile(q)
		return stats.SixDigits(d.Seconds())
	}
	v := PointValue{P50: seconds(h, 0.5), P99: seconds(h, 0.99), FirstByte: seconds(r.FirstByte, 0.5), Samples: h.Count()}
	if m, ok := ancmbench.MetricByName(ancmbench.CPUPerRequest); ok {
		cpu, _ := m.Read(r)
		v.CPU = stats.SixDigits(cpu)
	}
	if r.Busy > 0 {
		v.Done = stats.SixDigits(float64(r.Outcomes.OK) / r.Busy.Float())
	}
	return v
}

// quantity reads one figure of a PointValue; 0 is unknown.
type quantity func(PointValue) float64

func p50Of(v PointValue) float64 { return v.P50 }

func p99Of(v PointValue) float64 { return v.P99 }

func cpuOf(v PointValue) float64 { return v.CPU }

func firstByteOf(v PointValue) float64 { return v.FirstByte }

// place identifies a point over the launches.
type place struct {
	phase string
	kind  ancmbench.PhaseKind
}

// byPlace groups points, in the order in which they were first met.
func byPlace(points []CurvePoint) [][]CurvePoint {
	var out [][]CurvePoint
	at := map[place]int{}
	for _, p := range points {
		key := place{p.Phase, p.Kind}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}

// CurveEffect is what the target costs more in one respect.
type CurveEffect struct {
	// Base is the baseline's geometric mean.
	Base float64 `json:"baseline_value"`
	// Difference is the target's geometric mean less the baseline's.
	Difference stats.Estimate `json:"difference"`
	// Ratio is the geometric mean over fresh starts of target over baseline.
	Ratio    stats.Estimate `json:"ratio"`
	Launches int            `json:"launches"`
}

// curveEffect compares one quantity over the fresh starts; nil if it is known in none. A
// quantile beyond which fewer than MinBeyond samples lie in all fresh starts is not given.
func curveEffect(points []CurvePoint, q quantity, beyond float64) *CurveEffect {
	var others, logs, bases []float64
	var samples int64
	for _, p := range points {
		b, o := q(p.Base), q(p.Other)
		samples += min(p.Base.Samples, p.Other.Samples)
		if b <= 0 || o <= 0 {
			continue
		}
		others, logs, bases = append(others, o), append(logs, math.Log(o/b)), append(bases, b)
	}
	if len(others) == 0 || float64(samples)*beyond < ancmbench.MinBeyond {
		return nil
	}
	return &CurveEffect{Base: Center(bases).Value, Difference: stats.Difference(bases, others), Ratio: stats.RatioOf(stats.Student(logs)), Launches: len(others)}
}
