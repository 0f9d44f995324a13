package render

import (
	"bytes"
	"testing"

	"ancmbench/reports/gate"
	"ancmbench/reports/stats"
)

func TestErrorRatesMarkdown(t *testing.T) {
	const n = 10_000
	metric := func(fail, pass int, bias float64) gate.MetricRates {
		return gate.MetricRates{Metric: "response_p50_seconds", Fail: gate.RateOf(fail, n), Pass: gate.RateOf(pass, n), SD: 0.035,
			Bias: stats.Estimate{Value: bias, Interval: &stats.Interval{Low: bias - 0.01, High: bias + 0.01}}}
	}
	all := []*gate.ErrorRates{
		{Recorded: 120, Runs: n, Seed: 1, Pass: gate.RateOf(9976, n), Fail: gate.RateOf(24, n), Median: 9, Metrics: []gate.MetricRates{metric(24, 9976, 1)}},
		{Recorded: 120, Runs: n, Seed: 1, Effect: 0.05, Metric: "response_p50_seconds", Fail: gate.RateOf(9700, n), Pass: gate.RateOf(280, n),
			Inconclusive: gate.RateOf(20, n), Median: 12, Metrics: []gate.MetricRates{metric(9700, 280, 1.05)}},
	}
	golden(t, "error_rates.md", []byte(filled(t, func(b *bytes.Buffer) error { return ErrorRatesMarkdown(b, all) })))
}
