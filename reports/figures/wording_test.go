package figures

import (
	"testing"

	"ancmbench/reports/stats"
)

func TestRatioWords(t *testing.T) {
	st := func(v, lo, hi float64) Statement {
		return Statement{Ratio: &stats.Estimate{Value: v, Interval: &stats.Interval{Low: lo, High: hi}}, Launches: 6, Better: "lower"}
	}
	for _, c := range []struct {
		s    Statement
		want string
	}{
		{st(2.314, 2.2, 2.43), "2.31x [2.20, 2.43]"},
		{st(0.5, 0.4, 0.625), "2.00x less [1.60, 2.50]"},
		{st(1.02, 0.97, 1.07), "1.02x [0.97, 1.07] ~"},
		{st(0.98, 0.95, 1.01), "0.98x [0.95, 1.01] ~"},
		{st(12.34, 11, 14), "12.3x [11.0, 14.0]"},
		{st(1.0512, 1.049, 1.053), "1.051x [1.049, 1.053]"},
		{Statement{Ratio: &stats.Estimate{Value: 2.3}, Launches: 1}, "2.30x"},
		{Statement{Ratio: &stats.Estimate{Value: 0.5}, Launches: 1}, "2.00x less"},
		{Statement{}, "-"},
	} {
		if got := stats.Ratio(c.s.Ratio); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
