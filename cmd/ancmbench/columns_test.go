package main

import (
	"bytes"
	"testing"
)

// The variable COLUMNS sets the width where there is no terminal to ask, and what is no number
// of columns does not.
func TestColumnsSetTheWidth(t *testing.T) {
	for value, want := range map[string]int{"60": 60, "200": 200, "": defaultWidth, "0": defaultWidth, "-5": defaultWidth, "wide": defaultWidth, "99999999": defaultWidth} {
		t.Setenv("COLUMNS", value)
		if got := width(new(bytes.Buffer)); got != want {
			t.Errorf("COLUMNS=%q: %d columns, want %d", value, got, want)
		}
	}
}
