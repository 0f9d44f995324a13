package experiment

import (
	"testing"

	"ancmbench"
)

func TestHopThatOpensAConnectionPerRequest(t *testing.T) {
	n := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name           string
		opened         *int64
		sent           int64
		checked, warns bool
	}{
		{"one per request", n(1000), 1000, true, true},
		{"one for two requests", n(500), 1000, true, false},
		{"a pool that fills", n(8), 1000, true, false},
		{"none", n(0), 1000, true, false},
		{"too few requests", n(49), 49, false, false},
		{"not counted", nil, 1000, false, false},
	} {
		res := ancmbench.Result{Phase: "p", Target: "hop", Outcomes: ancmbench.Outcomes{Sent: c.sent}}
		checkReconnects(&res, c.opened)
		if len(res.Checks) == 1 != c.checked || len(res.Warnings) == 1 != c.warns {
			t.Errorf("%s: checks %+v, warnings %+v", c.name, res.Checks, res.Warnings)
		}
		if c.warns && (res.Warnings[0].Code != ancmbench.WarnHopReconnects || res.Warnings[0].Value != 1 || res.Warnings[0].Bound != ReconnectShare || res.Warnings[0].Target != "hop") {
			t.Errorf("%s: %+v", c.name, res.Warnings[0])
		}
	}
}
