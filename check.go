package ancmbench

import (
	"encoding/json"
	"math"
)

// Check is one measured condition for trusting a Result, with its bound.
type Check struct {
	// Name ends in its unit: "lag_p99_seconds", "generator_cpu_share".
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Bound is the limit of Value. Values above it fail; with AtLeast, values
	// below it fail.
	Bound   float64 `json:"bound"`
	AtLeast bool    `json:"at_least,omitempty"`
	// Unsupported is why there is no value here; empty if there is one.
	Unsupported string `json:"unsupported,omitempty"`
}

// OK reports whether the value is within its bound. An unsupported value is OK.
func (c Check) OK() bool {
	switch {
	case c.Unsupported != "":
		return true
	case c.AtLeast:
		return c.Value >= c.Bound
	default:
		return c.Value <= c.Bound
	}
}

// MarshalJSON writes an infinity as the largest number, and NaN as an unsupported
// value. JSON has neither, and one division by zero must not make the whole results
// file unwritable.
func (c Check) MarshalJSON() ([]byte, error) {
	if math.IsNaN(c.Value) && c.Unsupported == "" {
		c.Unsupported = "not a number"
	}
	c.Value, c.Bound = finite(c.Value), finite(c.Bound)
	type plain Check
	return json.Marshal(plain(c))
}

// finite maps the infinities to the largest numbers, and NaN to 0.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -math.MaxFloat64), math.MaxFloat64)
}
