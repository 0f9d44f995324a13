package example

import (
	"math"
	"math/rand/v2"
)

// Recordings are synthetic A/A fresh starts, metric to the values of both sides, whose
// log ratios have exactly mean zero: each comes with its mirror image. Quantiles of a
// fresh start share two thirds of their luck.
func Recordings[Launch ~map[string][2]float64](n int, sd float64) []Launch {
	rng := rand.New(rand.NewPCG(9, 9))
	var out []Launch
	for range n / 2 {
		common := rng.NormFloat64()
		luck := func(share float64) float64 {
			return sd * (share*common + math.Sqrt(1-share*share)*rng.NormFloat64())
		}
		p50, p90, cpu := luck(0.8), luck(0.8), luck(0.3)
		for _, sign := range []float64{1, -1} {
			out = append(out, Launch{
				"response_p50_seconds":    {95e-6, 95e-6 * math.Exp(sign*p50)},
				"response_p90_seconds":    {140e-6, 140e-6 * math.Exp(sign*p90)},
				"cpu_seconds_per_request": {21e-6, 21e-6 * math.Exp(sign*cpu)},
			})
		}
	}
	rng.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
