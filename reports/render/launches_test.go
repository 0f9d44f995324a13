package render

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/words"
)

func csvOf(t *testing.T, run *ancmbench.Run) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return CSV(b, run) })
}

func benchfmtOf(t *testing.T, run *ancmbench.Run) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return Benchfmt(b, figures.NamedRun{Run: run}) })
}

func TestLaunchGoldens(t *testing.T) {
	s := example.Models()
	s.Launches, s.Planned, s.Samples = 1, 1, 1000
	golden(t, "launches.csv", []byte(csvOf(t, s.Run())))
	golden(t, "launches.bench", []byte(benchfmtOf(t, s.Run())))
}

// What is written reads back to the values of the fresh starts, exactly and all.
func TestLaunchesReadBack(t *testing.T) {
	run := example.Three().Run()
	run.Targets[3].Name = "far \t/away=-2\n"
	for i := range run.Results {
		if run.Results[i].Target == "far" {
			run.Results[i].Target = run.Targets[3].Name
		}
	}
	want, n := map[string]float64{}, 0
	for _, row := range launchRows(run) {
		for _, v := range row.values {
			want[fmt.Sprint(row.result.Launch, row.result.Phase, words.Plain(row.result.Target), v.metric.Name)] = v.value
			n++
		}
	}
	if n < 6*4*6 || len(want) != n {
		t.Fatalf("%d values, %d keys", n, len(want))
	}

	rows, err := csv.NewReader(strings.NewReader(csvOf(t, run))).ReadAll()
	if err != nil || len(rows) != n+1 {
		t.Fatalf("%d lines of CSV for %d values: %v", len(rows), n, err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, r := range rows[1:] {
		launch, err := strconv.Atoi(r[column["launch"]])
		if err != nil {
			t.Fatal(err)
		}
		v, err := strconv.ParseFloat(r[column["value"]], 64)
		key := fmt.Sprint(launch, r[column["phase"]], r[column["target"]], r[column["metric"]])
		if w, ok := want[key]; err != nil || !ok || w != v {
			t.Fatalf("CSV %q: %v, want %v (%v)", key, v, w, err)
		}
	}

	units := map[string]string{}
	for _, m := range ancmbench.Metrics {
		units[benchUnit(m)] = m.Name
	}
	if len(units) != len(ancmbench.Metrics) {
		t.Error("two metrics share a unit")
	}
	seen := 0
	in := benchfmt.NewReader(strings.NewReader(benchfmtOf(t, run)), "x")
	for in.Scan() {
		switch rec := in.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Fatal(rec)
		case *benchfmt.Result:
			seen += len(rec.Values)
			if !strings.Contains(string(rec.Name), "/target=") || !strings.HasSuffix(string(rec.Name), "-4") {
				t.Fatalf("name %q", rec.Name)
			}
			for _, v := range rec.Values {
				if _, ok := units[v.Unit]; !ok || v.OrigUnit != "" {
					t.Fatalf("unit %q, as written %q", v.Unit, v.OrigUnit)
				}
			}
		}
	}
	if in.Err() != nil || seen != n {
		t.Errorf("%d of %d values read back: %v", seen, n, in.Err())
	}
	if u := in.Units().Get("throughput-req/sec", "better"); u == nil || u.Value != "higher" {
		t.Errorf("better: %+v", u)
	}
}

func TestLaunchesLeaveOutVoid(t *testing.T) {
	run := example.Small()
	before := strings.Count(csvOf(t, run), "\n")
	run.Results[0].Void = ancmbench.VoidDied
	if after := strings.Count(csvOf(t, run), "\n"); after != before-1 {
		t.Errorf("%d lines, and %d without a void cold start", before, after)
	}
}
