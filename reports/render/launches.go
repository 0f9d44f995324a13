package render

import (
	"encoding/csv"
	"encoding/json"
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

// LaunchValue is one value of one target in one fresh start.
type LaunchValue struct {
	Started     time.Time           `json:"started"`
	Profile     string              `json:"profile"`
	Seed        uint64              `json:"seed"`
	Launch      int                 `json:"launch"`
	Phase       string              `json:"phase"`
	Workload    string              `json:"workload"`
	Target      string              `json:"target"`
	TwinOf      string              `json:"twin_of,omitempty"`
	Metric      string              `json:"metric"`
	Unit        string              `json:"unit"`
	Better      ancmbench.Direction `json:"better"`
	Rate        float64             `json:"rate_per_second"`
	Connections int                 `json:"connections"`
	Engine      string              `json:"engine"`
	Value       float64             `json:"value"`
}

// LaunchDocument is the one object that LaunchJSON writes.
type LaunchDocument struct {
	Version int           `json:"version"`
	Values  []LaunchValue `json:"values"`
}

// LaunchJSON writes what CSV writes as one object, ended by a line feed.
func LaunchJSON(w io.Writer, run *ancmbench.Run) error {
	doc := LaunchDocument{Version: DocumentVersion, Values: []LaunchValue{}}
	for _, row := range launchRows(run) {
		r := row.result
		for _, v := range row.values {
			doc.Values = append(doc.Values, LaunchValue{run.Started, run.Profile.Name, run.Seed, r.Launch, r.Phase, r.Workload, r.Target, row.target.TwinOf,
				v.metric.Name, v.metric.Unit, v.metric.Better, figures.OpenRate(r), r.Connections, r.Engine, v.value})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	return nil
}

// Benchfmt writes the fresh starts in the Go benchmark format, one line per fresh start,
// scenario and target, so that benchstat takes them: `benchstat -col /target`. Several runs
// follow one another, each with its label as the key run: `benchstat -col run`.
func Benchfmt(w io.Writer, runs ...figures.NamedRun) error {
	out := benchfmt.NewWriter(w)
	rows := make([][]launchRow, len(runs))
	for i, r := range runs {
		rows[i] = launchRows(r.Run)
	}
	for _, m := range ancmbench.Metrics {
		if !slices.ContainsFunc(slices.Concat(rows...), func(r launchRow) bool { return r.has(m) }) {
			continue
		}
		meta := &benchfmt.UnitMetadata{OrigUnit: benchUnit(m), Value: string(m.Better)}
		meta.Key = "better"
		if err := out.Write(meta); err != nil {
			return fmt.Errorf("benchfmt: %w", err)
		}
	}
	for i, r := range runs {
		for _, row := range rows[i] {
			if err := out.Write(benchResult(r, row)); err != nil {
				return fmt.Errorf("benchfmt: %w", err)
			}
		}
	}
	return nil
}

func benchResult(named figures.NamedRun, row launchRow) *benchfmt.Result {
	r, run := row.result, named.Run
	res := &benchfmt.Result{Name: benchName(row, run.Host), Iters: int(max(1, r.Outcomes.Sent, int64(len(r.Instants))))}
	for _, c := range [][2]string{{"goos", run.Host.OS}, {"goarch", run.Host.Arch}, {"cpu", run.Host.CPUModel},
		{"subject", string(run.Subject)}, {"program", run.Program}, {"profile", run.Profile.Name}, {"seed", strconv.FormatUint(run.Seed, 10)},
		{"started", run.Started.Format(time.RFC3339)}, {"engine", r.Engine}, {"connections", strconv.Itoa(r.Connections)},
		{"rate", strconv.FormatFloat(figures.OpenRate(r), 'g', -1, 64)}, {"run", named.Label}} {
		if c[1] != "" {
			res.Config = append(res.Config, benchfmt.Config{Key: c[0], Value: []byte(words.Plain(c[1])), File: true})
		}
	}
	for _, v := range row.values {
		res.Values = append(res.Values, benchfmt.Value{Value: v.value, Unit: benchUnit(v.metric)})
	}
	return res
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
