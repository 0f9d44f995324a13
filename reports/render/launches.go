package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/perf/benchfmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// launchRow is one target in one fresh start of one scenario, and what can be read.
type launchRow struct {
	result *ancmbench.Result
	target ancmbench.TargetInfo
	values []metricValue
}

type metricValue struct {
	metric ancmbench.Metric
	value  float64
}

func (r launchRow) has(m ancmbench.Metric) bool {
	return slices.ContainsFunc(r.values, func(v metricValue) bool { return v.metric.Name == m.Name })
}

// launchRows returns the rows in the order of fresh starts, scenarios and targets, without
// rows that have no value.
func launchRows(run *ancmbench.Run) []launchRow {
	o := figures.Observe(run)
	var out []launchRow
	for _, l := range o.Launches {
		for _, s := range o.Scenarios {
			for _, t := range run.Targets {
				r := o.Cell(l, s, t.Name)
				if r == nil {
					continue
				}
				row := launchRow{result: r, target: t}
				for _, m := range ancmbench.Metrics {
					if m.Kind != s.Kind {
						continue
					}
					if v, ok := m.Read(r); ok {
						row.values = append(row.values, metricValue{m, v})
					}
				}
				if row.values != nil {
					out = append(out, row)
				}
			}
		}
	}
	return out
}

// CSV writes one line per fresh start, scenario, target and metric, with a header;
// every value as it reads back exactly. Discarded results are not in it.
func CSV(w io.Writer, run *ancmbench.Run) error {
	c := csv.NewWriter(w)
	write := func(fields ...string) error { return c.Write(fields) }
	err := write("started", "profile", "seed", "launch", "phase", "workload", "target", "twin_of", "metric", "unit",
		"better", "rate_per_second", "connections", "engine", "value")
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for _, row := range launchRows(run) {
		r := row.result
		for _, v := range row.values {
			if err != nil {
				break
			}
			err = write(run.Started.Format(time.RFC3339), words.Plain(run.Profile.Name), strconv.FormatUint(run.Seed, 10), strconv.Itoa(r.Launch),
				words.Plain(r.Phase), words.Plain(r.Workload), words.Plain(r.Target), words.Plain(row.target.TwinOf), v.metric.Name, v.metric.Unit,
				string(v.metric.Better), number(figures.OpenRate(r)), strconv.Itoa(r.Connections), words.Plain(r.Engine), number(v.value))
		}
	}
	if c.Flush(); err == nil {
		err = c.Error()
	}
	if err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

// Benchfmt writes the fresh starts in the Go benchmark format, one line per fresh start,
// scenario and target, so that benchstat takes them: `benchstat -col /target`.
func Benchfmt(w io.Writer, run *ancmbench.Run) error {
	out := benchfmt.NewWriter(w)
	rows := launchRows(run)
	for _, m := range ancmbench.Metrics {
		if !slices.ContainsFunc(rows, func(r launchRow) bool { return r.has(m) }) {
			continue
		}
		meta := &benchfmt.UnitMetadata{OrigUnit: benchUnit(m), Value: string(m.Better)}
		meta.Key = "better"
		if err := out.Write(meta); err != nil {
			return fmt.Errorf("benchfmt: %w", err)
		}
	}
	for _, row := range rows {
		r := row.result
		res := &benchfmt.Result{Name: benchName(row, run.Host), Iters: int(max(1, r.Outcomes.Sent, int64(len(r.Instants))))}
		for _, c := range [][2]string{{"goos", run.Host.OS}, {"goarch", run.Host.Arch}, {"cpu", run.Host.CPUModel},
			{"subject", string(run.Subject)}, {"program", run.Program}, {"profile", run.Profile.Name}, {"seed", strconv.FormatUint(run.Seed, 10)},
			{"started", run.Started.Format(time.RFC3339)}, {"engine", r.Engine}, {"connections", strconv.Itoa(r.Connections)},
			{"rate", strconv.FormatFloat(figures.OpenRate(r), 'g', -1, 64)}} {
			if c[1] != "" {
				res.Config = append(res.Config, benchfmt.Config{Key: c[0], Value: []byte(words.Plain(c[1])), File: true})
			}
		}
		for _, v := range row.values {
			res.Values = append(res.Values, benchfmt.Value{Value: v.value, Unit: benchUnit(v.metric)})
		}
		if err := out.Write(res); err != nil {
			return fmt.Errorf("benchfmt: %w", err)
		}
	}
	return nil
}

// benchUnit returns a metric's name as a unit in that format, whose base units are sec
// and B: "response-p50-sec", "cpu-sec/req", "memory-loaded-B".
func benchUnit(m ancmbench.Metric) string {
	s := strings.ReplaceAll(m.Name, "_", "-")
	for _, u := range [][2]string{{"-seconds-per-request", "-sec/req"}, {"-per-request", "/req"}, {"-per-second", "-req/sec"}, {"-seconds", "-sec"}, {"-bytes", "-B"}} {
		if name, ok := strings.CutSuffix(s, u[0]); ok {
			return name + u[1]
		}
	}
	return s
}

// benchName is "Latency/target=in-process/workload=plaintext/phase=latency-4"; the
// number at the end is that of processors, which a reader takes off.
func benchName(row launchRow, h ancmbench.Host) benchfmt.Name {
	r := row.result
	kind := string(r.PhaseKind)
	if kind == "" {
		kind = "phase"
	}
	return benchfmt.Name(fmt.Sprintf("%s/target=%s/workload=%s/phase=%s-%d", strings.ToUpper(kind[:1])+nameWord(kind[1:]),
		nameWord(r.Target), nameWord(r.Workload), nameWord(r.Phase), max(1, h.Cores)))
}

// nameWord removes all that would end a name or a part of one.
func nameWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '=' || unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return '_'
		}
		return r
	}, words.Plain(s))
}
