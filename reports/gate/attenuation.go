package gate

import (
	"fmt"
	"math"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
)

// Attenuation is how much of a true effect a duel shows. Slices, where one target
// works at a time, show the true effect; a duel, where both share the cores at the
// same instant, shows less.
type Attenuation struct {
	Metric   string `json:"metric"`
	Launches int    `json:"launches"`
	// Share is the mean log ratio in the duel over that in slices, fresh start by fresh start
	// of the same processes, with Fieller's interval (J. R. Stat. Soc. B 16, 1954),
	// which takes in that the lower one is measured as well.
	Share stats.Estimate `json:"share"`
	// True is the ratio in slices, and Seen that in the duel; more is worse.
	True stats.Estimate `json:"ratio_in_slices"`
	Seen stats.Estimate `json:"ratio_in_duel"`
}

// AttenuationOf takes the attenuation of a metric from fresh starts of two things that
// differ, as Gate.Recorded gives them. The more they differ the better it is known.
func AttenuationOf(launches []RecordedLaunch, metric string) (*Attenuation, error) {
	e, err := effectOf(launches, metric)
	if err != nil {
		return nil, err
	}
	if len(e.duel) < figures.FewLaunches {
		return nil, fmt.Errorf("attenuation of %s: %d fresh starts with both slices and a duel: must be at least %d", metric, len(e.duel), figures.FewLaunches)
	}
	a := &Attenuation{Metric: metric, Launches: len(e.duel), True: stats.RatioOf(stats.Student(e.slices)), Seen: stats.RatioOf(stats.Student(e.duel))}
	interval, err := stats.Fieller(e.duel, e.slices)
	if err != nil {
		return nil, fmt.Errorf("attenuation of %s: %w", metric, err)
	}
	a.Share = stats.Estimate{Value: stats.Mean(e.duel) / stats.Mean(e.slices), Interval: &interval}
	return a, nil
}

// Effect is how much worse the target is than the baseline in some fresh starts, as
// ratios with the 95 % interval over fresh starts; 1.05 is 5 % worse.
type Effect struct {
	// Slices shows it as it is, one target at a time.
	Slices stats.Estimate `json:"ratio_in_slices"`
	// Duel shows it as the gate sees it; nil for what the gate reads from slices.
	Duel     *stats.Estimate `json:"ratio_in_duel,omitempty"`
	Launches int             `json:"launches"`
}

// EffectOf returns the effect in fresh starts, as Gate.Recorded gives them.
func EffectOf(launches []RecordedLaunch, metric string) (*Effect, error) {
	e, err := effectOf(launches, metric)
	if err != nil {
		return nil, err
	}
	out := &Effect{Slices: stats.RatioOf(stats.Student(e.slices)), Launches: len(e.slices)}
	if len(e.duel) > 0 {
		d := stats.RatioOf(stats.Student(e.duel))
		out.Duel = &d
	}
	return out, nil
}

// effectLogs are log ratios by fresh start, positive is worse; duel is nil, or as long as
// slices.
type effectLogs struct{ slices, duel []float64 }

func effectOf(launches []RecordedLaunch, metric string) (e effectLogs, err error) {
	m, ok := ancmbench.MetricByName(metric)
	if !ok {
		return e, fmt.Errorf("effect: unknown metric %q", metric)
	}
	for _, l := range launches {
		s, both := l[slicesKey(metric)]
		d, found := l[metric]
		switch {
		case both && found:
			e.slices, e.duel = append(e.slices, worseLog(s, m)), append(e.duel, worseLog(d, m))
		case found && e.duel == nil:
			e.slices = append(e.slices, worseLog(d, m))
		}
	}
	if len(e.slices) == 0 {
		return e, fmt.Errorf("effect: no fresh start has %s", metric)
	}
	if len(e.slices) != len(e.duel) {
		e.duel = nil
	}
	return e, nil
}

// worseLog returns the log ratio of target over baseline, positive is worse.
func worseLog(v [2]float64, m ancmbench.Metric) float64 {
	x := math.Log(v[1] / v[0])
	if m.Better == ancmbench.Higher {
		x = -x
	}
	return x
}
