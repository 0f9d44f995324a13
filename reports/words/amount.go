package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span writes a duration that was planned or taken, not a measured result: "50 ms", "2.2 s",
// "73.5 ms", "1 min 13 s", "1 h 5 min". It has at most three significant digits.
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
	return Tidy(d.Seconds(), "seconds")
}

// twoUnits leaves out the smaller unit if it is zero.
func twoUnits(n int, unit string, rest int, smaller string) string {
	if rest == 0 {
		return strconv.Itoa(n) + " " + unit
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, rest, smaller)
}

// Tidy writes an axis label without trailing zeros: "200 µs", "1.5 MB".
func Tidy(v float64, unit string) string {
	if v == 0 {
		return "0"
	}
	number, name, found := strings.Cut(Amount(v, unit), " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if !found {
		return number
	}
	return number + " " + name
}
