package debuglog

import (
	"fmt"
	"testing"
)

func TestDebugLevel(t *testing.T) { t.Run("CF-13_debugLevel", testDebugLevel) }

func testDebugLevel(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "{OFF false false false} []"},
		{"error", "{ERROR false false false} []"},
		{"FILE,TRACE", "{TRACE false false true} []"},
		{"Console, Warning", "{WARNING true false false} []"},
		{"info,error,WARNING", "{INFO false false false} []"},
		{"FILE", "{INFO false false true} []"},
		{"eventlog", "{INFO false true false} []"},
		{"tracer", "{TRACE false false false} []"}, // only the beginning counts
		{"4,verbose,err", "{OFF false false false} [4 verbose err]"},
		{"file,loud", "{INFO false false true} [loud]"},
	} {
		s, unknown := ParseLevel(c.text)
		if got := fmt.Sprint(s, " ", unknown); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
