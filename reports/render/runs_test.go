package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/words"
)

func statement(t *testing.T, a *figures.Analysis, metric, target string) figures.Statement {
	t.Helper()
	s, ok := a.Statement(metric, target)
	if !ok {
		t.Fatalf("no statement on %s of %s", metric, target)
	}
	return s
}

func budgets(t *testing.T, texts ...string) []gate.Budget {
	t.Helper()
	bs, err := gate.ParseBudgets(texts)
	if err != nil {
		t.Fatal(err)
	}
	return bs
}

func compared(t *testing.T, runs ...figures.NamedRun) *figures.Comparison {
	t.Helper()
	c, err := figures.Compare(runs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func rowOf(t *testing.T, c *figures.Comparison, metric string) figures.ComparedRow {
	t.Helper()
	for _, r := range c.Rows {
		if r.Metric == metric {
			return r
		}
	}
	t.Fatalf("no row of %s", metric)
	return figures.ComparedRow{}
}

func filled(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func judged(t *testing.T, g gate.Gate, run, stored *ancmbench.Run) *gate.Verdict {
	t.Helper()
	v, err := g.Judge(run, stored)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(v); err != nil {
		t.Fatalf("the verdict cannot be written: %v", err)
	}
	return v
}

// swept are fresh starts of a sweep whose p99 is 1 ms below a target's limit and 25 ms at
// it and above; a limit of 0 is broken at every rate.
func swept(limits [][2]float64) []figures.CurvePoint {
	var out []figures.CurvePoint
	for launch, l := range limits {
		for _, rate := range []float64{100, 1000, 10000} {
			p99 := func(limit float64) figures.PointValue {
				v := figures.PointValue{P50: 1e-4, P99: 1e-3, Samples: 2000}
				if rate >= limit {
					v.P99 = 25e-3
				}
				return v
			}
			out = append(out, figures.CurvePoint{Launch: launch, Kind: ancmbench.Sweep, Phase: words.Digits(rate), Rate: rate, Connections: 64, Base: p99(l[0]), Other: p99(l[1])})
		}
	}
	return out
}

var update = flag.Bool("update", false, "write the golden files anew")

func analysed(t *testing.T, run *ancmbench.Run) *figures.Analysis {
	t.Helper()
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run go test -update and look at the difference\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}
