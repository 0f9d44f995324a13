package reports

import (
	"fmt"
	"strconv"
	"time"
)

// Amount writes a value as every report does: three significant digits in a
// unit fit for a person. unit is a Metric's: "seconds", "bytes", "per second".
func Amount(v float64, unit string) string { return amount(v, unit) }

// Span writes a time that was planned or taken, not measured as a result: "50 ms",
// "2.2 s", "73.5 ms", "1 min 13 s", "1 h 5 min". It has at most three digits, and
// none that say nothing.
func Span(d time.Duration) string {
	if d < 0 {
		return "-" + Span(-d)
	}
	switch sec, minutes := d.Round(time.Second), d.Round(time.Minute); {
	case minutes >= time.Hour:
		return twoUnits(int(minutes/time.Hour), "h", int(minutes%time.Hour/time.Minute), "min")
	case sec >= time.Minute:
		return twoUnits(int(sec/time.Minute), "min", int(sec%time.Minute/time.Second), "s")
	}
	return tidy(d.Seconds(), "seconds")
}

// twoUnits leaves out the smaller one if there is none of it.
func twoUnits(n int, unit string, rest int, smaller string) string {
	if rest == 0 {
		return strconv.Itoa(n) + " " + unit
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, rest, smaller)
}
