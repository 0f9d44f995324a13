package gate

import (
	"encoding/json"
	"math"
	"math/rand/v2"
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

// recordings are synthetic A/A launches whose log ratios have exactly mean zero:
// each comes with its mirror image. Quantiles of a launch share two thirds of
// their luck.
func recordings(n int, sd float64) []RecordedLaunch {
	rng := rand.New(rand.NewPCG(9, 9))
	var out []RecordedLaunch
	for range n / 2 {
		common := rng.NormFloat64()
		luck := func(share float64) float64 {
			return sd * (share*common + math.Sqrt(1-share*share)*rng.NormFloat64())
		}
		p50, p90, cpu := luck(0.8), luck(0.8), luck(0.3)
		for _, sign := range []float64{1, -1} {
			out = append(out, RecordedLaunch{
				"response_p50_seconds":    {95e-6, 95e-6 * math.Exp(sign*p50)},
				"response_p90_seconds":    {140e-6, 140e-6 * math.Exp(sign*p90)},
				"cpu_seconds_per_request": {21e-6, 21e-6 * math.Exp(sign*cpu)},
			})
		}
	}
	rng.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
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

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6*math.Abs(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
