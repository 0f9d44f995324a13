package figures

import (
	"ancmbench/reports/words"
)

// Title is a row's name: the metric, and what its memory was read as.
func Title(s Statement) string {
	if s.Basis == "PSS" || s.Basis == "RSS" {
		return s.Title + " (" + s.Basis + ")"
	}
	return s.Title
}

// Difference writes the difference of a statement with its sign, or "-".
func Difference(s Statement) string {
	if s.Difference == nil {
		return words.Absent
	}
	return words.Signed(s.Difference.Value, s.Unit)
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
		return "no difference detected"
	case s.Worse():
		return "worse"
	default:
		return "a gain"
	}
}
