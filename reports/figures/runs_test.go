package figures

import (
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

func analysed(t *testing.T, run *ancmbench.Run) *Analysis {
	t.Helper()
	a, err := Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
