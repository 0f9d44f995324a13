package figures

import (
	"math"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Progress returns the penalty so far in a few words, such as "p50 2.31x [1.92,
// 2.44] after 3 fresh starts", for the first target against the baseline; ""
// while no fresh start has both. It is cheap enough to be asked after every
// trial, and takes a run that is still growing.
func Progress(run *ancmbench.Run) string {
	baseline, target, ok := firstPair(run)
	if !ok {
		return ""
	}
	metric, ok := ancmbench.MetricByName(ancmbench.LatencyName(LatencyHeadline(run), 0.5))
	if !ok {
		return ""
	}
	logs := logsSoFar(run, metric, baseline, target)
	if len(logs) == 0 {
		return ""
	}
	e := stats.RatioOf(stats.Student(logs))
	return "p50 " + stats.Ratio(&e) + " after " + words.Count(len(logs), "fresh start", "fresh starts")
}

func firstPair(run *ancmbench.Run) (baseline, target string, ok bool) {
	if run == nil || len(run.Targets) == 0 {
		return "", "", false
	}
	for _, t := range run.Targets[1:] {
		if t.TwinOf == "" {
			return run.Targets[0].Name, t.Name, true
		}
	}
	return "", "", false
}

// logsSoFar has one log ratio per fresh start, of the first phase that has the
// metric. It reads the Results as they lie, without pooling: one Result of each
// target is the rule, and the last stands for several.
func logsSoFar(run *ancmbench.Run, metric ancmbench.Metric, baseline, target string) []float64 {
	type sides struct{ base, other float64 }
	byLaunch := map[int]sides{}
	var first *ancmbench.Result
	var order []int
	for i := range run.Results {
		r := &run.Results[i]
		if r.Void != "" || r.PhaseKind != metric.Kind || r.Target != baseline && r.Target != target {
			continue
		}
		if first == nil {
			first = r
		}
		if r.Phase != first.Phase || r.Workload != first.Workload {
			continue
		}
		v, ok := metric.Read(r)
		if !ok {
			continue
		}
		s, seen := byLaunch[r.Launch]
		if !seen {
			order = append(order, r.Launch)
		}
		if r.Target == baseline {
			s.base = v
		} else {
			s.other = v
		}
		byLaunch[r.Launch] = s
	}
	var logs []float64
	for _, l := range order {
		if s := byLaunch[l]; s.base > 0 && s.other > 0 {
			logs = append(logs, math.Log(s.other/s.base))
		}
	}
	return logs
}
