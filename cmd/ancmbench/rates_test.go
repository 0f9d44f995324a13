package main

import (
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// The rates of a search and of a load are figures for people: 12800, not 1.28e+04.
func TestRatesHaveNoExponent(t *testing.T) {
	s := &search{slo: slo{text: "p99=5ms", q: 0.99}, steps: []step{{Rate: 2_048_000}, {Rate: 1_024_000, Kept: true}}}
	top := &search{slo: s.slo, steps: []step{{Rate: 819_200, Kept: true}}}
	for said, want := range map[string]string{
		step{Rate: 12_800}.line(s.slo):       "   12800 requests/s: broken, p99 = ",
		step{Rate: 1_024_049.3}.line(s.slo):  " 1024000 requests/s: broken",
		top.conclusion(819_200, time.Second): "819200 requests/s meet p99=5ms; no rate above 1000000/s is tried",
		s.conclusion(1_234_567, time.Second): "1234567 requests/s meet p99=5ms",
		s.conclusion(0, time.Second):         "none of the rates tried, from 1020000 to 2050000 requests/s",
		loopOf(ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 1e6}}):              "constant, 1000000 requests/s asked",
		loopOf(ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Ramp, Rate: 1e6, RampTo: 2500000}}): "from 1000000 to 2500000 requests/s",
		rateOfProfile(ancmbench.Profile{Rate: 1e6}):                                                            "1000000 requests/s",
	} {
		if !strings.Contains(said, want) || strings.Contains(said, "e+") {
			t.Errorf("%q lacks %q, or has an exponent", said, want)
		}
	}
}
