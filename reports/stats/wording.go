package stats

import (
	"ancmbench/reports/words"
)

// Shown writes an estimate's centre, or "-"; a ratio as "2.31x".
func Shown(e *Estimate, unit string) string {
	if e != nil && unit == "ratio" {
		return words.Times(e.Value, e.Half()) + "x"
	}
	return Value(e, unit)
}

// Untold marks a difference that may as well be none.
func (e *Estimate) Untold() string {
	if e.Interval != nil && e.Interval.Holds(0) {
		return " (not told from zero)"
	}
	return ""
}

// Same marks a ratio whose interval includes 1: no difference is told.
const Same = "~"

// Value writes an estimate's centre, or "-".
func Value(e *Estimate, unit string) string {
	if e == nil {
		return words.Absent
	}
	return words.Amount(e.Value, unit)
}

// Turned gives the inverse of a ratio that is told to be less than 1, or that
// is less and has no interval.
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

// Bounds writes "[2.20, 2.43]".
func Bounds(e Estimate) string {
	h := e.Half()
	return "[" + words.Times(e.Interval.Low, h) + ", " + words.Times(e.Interval.High, h) + "]"
}

// Ratio writes "2.31x [2.20, 2.43]"; a ratio that is told to be less than 1 is "2.27x
// less [2.12, 2.44]" rather than 0.44x; where the interval includes 1, Same follows;
// and "-" where there is none.
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
