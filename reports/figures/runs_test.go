package figures

import (
	"math"
	"testing"

	"ancmbench"
)

func statement(t *testing.T, a *Analysis, metric, target string) Statement {
	t.Helper()
	s, ok := a.Statement(metric, target)
	if !ok {
		t.Fatalf("no statement on %s of %s", metric, target)
	}
	return s
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6*math.Abs(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func analysed(t *testing.T, run *ancmbench.Run) *Analysis {
	t.Helper()
	a, err := Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
