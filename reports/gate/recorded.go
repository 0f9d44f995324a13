package gate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
)

// RecordedLaunch is one fresh start of a run in the fewest words: metric to the values
// of baseline and target, in the metric's unit. In JSON it is one line:
//
//	{ancmbench.CPUPerRequest:[2.1e-05,2.11e-05],"response_p50_seconds":[9.5e-05,9.6e-05]}
type RecordedLaunch map[string][2]float64

// maxRecordedLine limits a line; a fresh start has only a handful of metrics.
const maxRecordedLine = 1 << 16

// slicesKey returns the key of a quantile as slices show it, beside that of the duel
// which the gate reads: the duel's attenuation is the one against the other.
func slicesKey(metric string) string { return metric + inSlices }

const inSlices = "/slices"

// ReadLaunches reads JSON lines. It skips empty lines, and comments that begin with #. An
// error names its line.
func ReadLaunches(r io.Reader) ([]RecordedLaunch, error) {
	var out []RecordedLaunch
	var faults ancmbench.FaultList
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxRecordedLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		var l RecordedLaunch
		err := ancmbench.UnmarshalBounded(line, &l)
		if err == nil {
			err = l.check()
		}
		if err != nil {
			faults.Add(fmt.Errorf("recorded fresh starts, line %d: %w", n, err))
			continue
		}
		out = append(out, l)
	}
	if err := lines.Err(); err != nil {
		faults.Add(fmt.Errorf("recorded fresh starts: %w", err))
	}
	return out, faults.Err()
}

func (l RecordedLaunch) check() error {
	if len(l) == 0 {
		return errors.New("no metric")
	}
	for name, v := range l {
		if _, ok := ancmbench.MetricByName(strings.TrimSuffix(name, inSlices)); !ok {
			return fmt.Errorf("unknown metric %q", name)
		}
		for _, x := range v {
			if !(x > 0) || math.IsInf(x, 0) {
				return fmt.Errorf("%s: %v: must be a positive number", name, x)
			}
		}
	}
	return nil
}

// Recorded returns the fresh starts of a run as the gate reads them: the gated metrics of
// the first workload, baseline and target, every value with six digits, which is
// ten times what a histogram resolves; what is read from a duel also as slices show
// it, under its name with "/slices". A fresh start without any value is left out.
func (g Gate) Recorded(run *ancmbench.Run) ([]RecordedLaunch, error) {
	g.Form, g.Budgets = HeadAgainstBase, nil
	if err := g.check(run, nil); err != nil {
		return nil, err
	}
	o := figures.Observe(run)
	cells, err := g.cells(&Verdict{}, run, nil, o)
	if err != nil {
		return nil, err
	}
	at := map[int]RecordedLaunch{}
	for _, c := range cells {
		if c.Workload != cells[0].Workload {
			continue
		}
		for i, launch := range c.launches {
			if at[launch] == nil {
				at[launch] = RecordedLaunch{}
			}
			at[launch][c.Metric] = [2]float64{stats.SixDigits(c.base[i]), stats.SixDigits(c.other[i])}
		}
		if c.Dealing == ancmbench.Duel {
			for _, p := range alternating(o, c, run.Targets[0].Name) {
				if at[p.Launch] != nil && p.Base > 0 && p.Other > 0 {
					at[p.Launch][slicesKey(c.Metric)] = [2]float64{stats.SixDigits(p.Base), stats.SixDigits(p.Other)}
				}
			}
		}
	}
	var out []RecordedLaunch
	for _, launch := range o.Launches {
		if at[launch] != nil {
			out = append(out, at[launch])
		}
	}
	return out, nil
}

// WriteLaunches writes one line per fresh start, its metrics in alphabetical order.
func WriteLaunches(w io.Writer, launches []RecordedLaunch) error {
	for _, l := range launches {
		b, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("recorded fresh starts: %w", err)
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return fmt.Errorf("recorded fresh starts: %w", err)
		}
	}
	return nil
}

// LogsOf returns the log ratios of a metric, fresh start by fresh start; positive is worse,
// and NaN stands for a fresh start without a value. ok is false when none has one.
func LogsOf(launches []RecordedLaunch, m ancmbench.Metric) (logs []float64, ok bool) {
	for _, l := range launches {
		v, found := l[m.Name]
		if !found {
			logs = append(logs, math.NaN())
			continue
		}
		logs, ok = append(logs, worseLog(v, m)), true
	}
	return logs, ok
}

// alternating returns the fresh starts of a cell's metric as slices show it.
func alternating(o *figures.Observations, c *cell, baseline string) []figures.Pair {
	m, _ := ancmbench.MetricByName(c.Metric)
	for _, at := range o.Choose(m, baseline, "", true) {
		if rs := o.Series(at, baseline); at.Workload == c.Workload && len(rs) > 0 && rs[0].Dealing.Kind == ancmbench.Slices {
			return o.State(m, at, baseline, c.Target).Pairs
		}
	}
	return nil
}
