package ancmbench

import (
	"encoding/json"
	"math"
)

// Check is one thing that was looked at to see whether a Result can be trusted.
type Check struct {
	// Name ends in its unit: "lag_p99_seconds", "generator_cpu_share".
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Bound is the value past which the check fails; AtLeast says that values
	// below the bound fail, rather than values above.
	Bound   float64 `json:"bound"`
	AtLeast bool    `json:"at_least,omitempty"`
	// Unsupported is why there is no value here; empty if there is one.
	Unsupported string `json:"unsupported,omitempty"`
}

// OK reports whether the value keeps its bound. What could not be read is OK.
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

// MarshalJSON writes a value that JSON has no word for as the nearest one that it
// has, so that one division by nothing does not cost the whole results file: an
// infinity as the largest number, no number as an unsupported value.
func (c Check) MarshalJSON() ([]byte, error) {
	if math.IsNaN(c.Value) && c.Unsupported == "" {
		c.Unsupported = "not a number"
	}
	c.Value, c.Bound = finite(c.Value), finite(c.Bound)
	type plain Check
	return json.Marshal(plain(c))
}

// finite maps the infinities to the largest numbers, and no number to 0.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -math.MaxFloat64), math.MaxFloat64)
}
