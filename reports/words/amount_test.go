package words

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                          "0",
		73471900:                   "73.5 ms",
		50 * time.Millisecond:      "50 ms",
		2200 * time.Millisecond:    "2.2 s",
		2003 * time.Millisecond:    "2 s",
		100 * time.Second:          "1 min 40 s",
		59900 * time.Millisecond:   "1 min",
		59400 * time.Millisecond:   "59.4 s",
		73 * time.Second:           "1 min 13 s",
		time.Minute:                "1 min",
		3599900 * time.Millisecond: "1 h",
		65 * time.Minute:           "1 h 5 min",
		99960 * time.Microsecond:   "100 ms",
		999600 * time.Microsecond:  "1 s",
		120 * time.Millisecond:     "120 ms",
		-time.Second:               "-1 s",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%d) = %q, want %q", d, got, want)
		}
	}
}
