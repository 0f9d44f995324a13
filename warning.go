package ancmbench

import (
	"encoding/json"
)

// Warning is doubt as data: a code out of a closed set, and what it is about.
// Its text, with what to do about it, is made in one place, reports/advice.
type Warning struct {
	Code WarningCode `json:"code"`
	// Phase and Target say where; empty means the whole run.
	Phase  string `json:"phase,omitempty"`
	Target string `json:"target,omitempty"`
	// Value and Bound have the unit of the code in Warnings.
	Value float64 `json:"value,omitempty"`
	Bound float64 `json:"bound,omitempty"`
	// Detail is a further word, free of host names and paths.
	Detail string `json:"detail,omitempty"`
}

// MarshalJSON writes Value and Bound as Check.MarshalJSON does; what is no number
// is left out.
func (w Warning) MarshalJSON() ([]byte, error) {
	w.Value, w.Bound = finite(w.Value), finite(w.Bound)
	type plain Warning
	return json.Marshal(plain(w))
}
