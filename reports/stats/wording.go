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

// Low and high are the ends of the interval, or the value where there is none.
func (e Estimate) Low() float64 {
	if e.Interval == nil {
		return e.Value
	}
	return e.Interval.Low
}

func (e Estimate) High() float64 {
	if e.Interval == nil {
		return e.Value
	}
	return e.Interval.High
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
	return Estimate{Value: 1 / e.Value,
		Interval: &Interval{Low: 1 / e.Interval.High, High: 1 / e.Interval.Low}}, true
}

func (e Estimate) Half() float64 {
	if e.Interval == nil {
		return 0
	}
	return (e.Interval.High - e.Interval.Low) / 2
}

// Bounds writes "[2.20, 2.43]".
func Bounds(e Estimate) string {
	h := e.Half()
	return "[" + words.Times(e.Interval.Low, h) + ", " + words.Times(e.Interval.High, h) + "]"
}
