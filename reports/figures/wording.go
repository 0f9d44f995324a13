package figures

import (
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Title is a row's name: the metric, and what its memory was read as.
func Title(s Statement) string {
	if s.Basis == "PSS" || s.Basis == "RSS" {
		return s.Title + " (" + s.Basis + ")"
	}
	return s.Title
}

func Difference(s Statement) string {
	if s.Difference == nil {
		return words.Absent
	}
	return words.Signed(s.Difference.Value, s.Unit)
}

// Ratio writes "2.31x [2.20, 2.43]"; a target that has less is "2.27x less
// [2.12, 2.44]" rather than 0.44x; and where the interval includes 1, "~".
func Ratio(s Statement) string {
	if s.Ratio == nil {
		return words.Absent
	}
	e, less := stats.Turned(*s.Ratio)
	word := ""
	if less {
		word = " less"
	}
	if e.Interval == nil {
		return words.Times(e.Value, 0) + "x" + word
	}
	tail := ""
	if !s.Told() {
		tail = " " + stats.Same
	}
	return words.Times(e.Value, e.Half()) + "x" + word + " " + stats.Bounds(e) + tail
}

// Judgement is one word on a statement for a table.
func Judgement(s Statement) string {
	switch {
	case s.Launches == 0 && s.Note != "":
		return s.Note
	case s.Launches == 0 || s.Ratio == nil && s.Difference == nil:
		return "not measured"
	case s.Launches == 1:
		return "one fresh start: no interval"
	case !s.Told():
		return "no difference told"
	case s.Worse():
		return "worse"
	default:
		return "a gain"
	}
}
