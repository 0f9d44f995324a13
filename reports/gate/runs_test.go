package gate

import (
	"encoding/json"
	"testing"

	"ancmbench"
)

func budgets(t *testing.T, texts ...string) []Budget {
	t.Helper()
	bs, err := ParseBudgets(texts)
	if err != nil {
		t.Fatal(err)
	}
	return bs
}

func judged(t *testing.T, g Gate, run, stored *ancmbench.Run) *Verdict {
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
