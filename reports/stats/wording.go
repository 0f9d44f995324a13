package stats

import (
	"strings"

	"ancmbench/reports/words"
)

// Shown writes an estimate's centre, or "-"; a ratio as "2.31x".
func Shown(e *Estimate, unit string) string {
	if e != nil && unit == "ratio" {
		return words.Times(e.Value, e.Half()) + "x"
	}
	return Value(e, unit)
}

// Untold marks a difference that is not distinguished from zero.
func (e *Estimate) Untold() string {
	if e.Interval != nil && e.Interval.Holds(0) {
		return " (not distinguished from zero)"
	}
	return ""
}

// Same marks a ratio whose interval includes 1: no difference was detected.
const Same = "~"

// Value writes an estimate's centre, or "-".
func Value(e *Estimate, unit string) string {
	if e == nil {
		return words.Absent
	}
	return words.Amount(e.Value, unit)
}

// Turned returns the inverse of a ratio that is detected to be less than 1, or that is less
// than 1 and has no interval.
func Turned(e Estimate) (Estimate, bool) {
	if e.Interval == nil {
		if e.Value < 1 {
			return Estimate{Value: 1 / e.Value}, true
		}
		return e, false
	}
	if e.Interval.High >= 1 {
		return e, false
	}
	return e.Inverse(), true
}

// Range writes the interval, each end by number, after a space: " [2.20, 2.43]"; empty
// without one. Every interval in brackets is written here.
func (e Estimate) Range(number func(float64) string) string {
	if e.Interval == nil {
		return ""
	}
	return " [" + number(e.Interval.Low) + ", " + number(e.Interval.High) + "]"
}

// Bounds writes the interval of a ratio with as many decimals as it bears.
func Bounds(e Estimate) string {
	return strings.TrimSpace(e.Range(func(v float64) string { return words.Times(v, e.Half()) }))
}

// Signed writes "+102 µs [+95 µs, +110 µs]", or "-" where there is no estimate.
func Signed(e *Estimate, unit string) string {
	if e == nil {
		return words.Absent
	}
	number := func(v float64) string { return words.Signed(v, unit) }
	return number(e.Value) + e.Range(number)
}

// Ratio writes "2.31x [2.20, 2.43]". A ratio that is detected to be less than 1 is "2.27x
// less [2.12, 2.44]" instead of 0.44x. Same follows where the interval includes 1, and "-"
// stands for a missing ratio.
func Ratio(r *Estimate) string {
	if r == nil {
		return words.Absent
	}
	e, less := Turned(*r)
	s := words.Times(e.Value, e.Half()) + "x"
	if less {
		s += " less"
	}
	if e.Interval == nil {
		return s
	}
	s += " " + Bounds(e)
	if e.Interval.Holds(1) {
		s += " " + Same
	}
	return s
}
