package figures

import (
	"math"

	"ancmbench/reports/stats"
)

// OverLaunches returns the mean of values, one per fresh start, with Student's t interval:
// of log ratios, as every statement here is made. It leaves the slice as it is;
// of none the value is NaN.
func OverLaunches(values []float64) stats.Estimate {
	if len(values) == 0 {
		return stats.Estimate{Value: math.NaN()}
	}
	return stats.Student(values)
}
