package ancmbench

import (
	"encoding/json"
)

// Warning is a reason to doubt a result: a code from a closed set, with its figures.
// Package reports/advice turns it into text that says what to do about it.
type Warning struct {
	Code WarningCode `json:"code"`
	// Phase and Target say what the warning is about; empty means the whole run.
	Phase  string `json:"phase,omitempty"`
	Target string `json:"target,omitempty"`
	// Value and Bound are in the unit that Warnings has for the code.
	Value float64 `json:"value,omitempty"`
	Bound float64 `json:"bound,omitempty"`
	// Detail is further text, without host names and paths.
	Detail string `json:"detail,omitempty"`
}

// MarshalJSON writes infinities as Check.MarshalJSON does, and leaves NaN out.
func (w Warning) MarshalJSON() ([]byte, error) {
	w.Value, w.Bound = finite(w.Value), finite(w.Bound)
	type plain Warning
	return json.Marshal(plain(w))
}
