package render

import (
	"bytes"
	"encoding/json"
	"testing"

	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

// A verdict reads back, and the same run gives the same bytes.
func TestGateJSON(t *testing.T) {
	write := func() []byte {
		var b bytes.Buffer
		if err := GateJSON(&b, judged(t, gate.Gate{Budgets: budgets(t, "head p50 <= 1ms")}, example.GateRun(nil), nil)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	one := write()
	if !bytes.Equal(one, write()) {
		t.Error("two verdicts on one run differ")
	}
	var v gate.Verdict
	if err := json.Unmarshal(one, &v); err != nil || v.Outcome != gate.Pass || v.Plan != (stats.Plan{First: 6, Most: 20, Alpha: 0.01, Beta: 0.05}) || len(v.Metrics[0].Looks) == 0 {
		t.Errorf("%v: %+v", err, v)
	}
}
