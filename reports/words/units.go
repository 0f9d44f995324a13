package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Relative writes a ratio as what it adds: "+4.1 %", "-3.0 %", and "2.50x" for
// more than double.
func Relative(r float64) string {
	switch {
	case r > 0.9995 && r < 1.0005:
		return "0.0 %"
	case r < 1:
		return "-" + Percent(1-r)
	case r > 2:
		return Times(r, 0) + "x"
	}
	return "+" + Percent(r-1)
}

// MaxLog bounds a log ratio before it is raised: past it an interval says
// nothing, and the JSON format has no infinity.
const MaxLog = 300

// Absent stands for a missing value, which is never shown as zero.
const Absent = "-"

// Scale is one step of a unit: values of at least from are written in it.
type Scale struct {
	From float64
	Name string
}

var (
	SecondScales = []Scale{{3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}
	ByteScales   = []Scale{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}
)

// Amount writes v, given in unit, with three significant digits in a unit fit
// for a person: "221 µs", "8.20 MB", "18,300 req/s".
func Amount(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Absent
	}
	switch unit {
	case "seconds", "seconds per request":
		return scaled(v, SecondScales)
	case "bytes":
		return scaled(v, ByteScales)
	case "per second":
		return Digits(v) + " req/s"
	case "count":
		return Grouped(math.Round(v))
	case "cores":
		if v == math.Trunc(v) && v != 0 {
			return Grouped(v) + " cores"
		}
		if v == 0 || math.Abs(v) >= 0.0005 {
			return TwoDigits(v) + " cores"
		}
		return strconv.FormatFloat(v, 'f', 4, 64) + " cores"
	case "share":
		return Percent(v)
	case "log": // a log ratio, as how far one is off the other
		if math.Abs(v) > math.Log(1000) { // or no ratio could be had at all
			return "more than 1,000x"
		}
		return Effect(math.Expm1(min(math.Abs(v), MaxLog)))
	}
	return Digits(v)
}

// Signed is amount with its sign, for differences.
func Signed(v float64, unit string) string {
	s := Amount(v, unit)
	if v > 0 && s != Absent {
		return "+" + s
	}
	return s
}

// scaled picks the unit after rounding, so that 999.9 µs is 1.00 ms.
func scaled(v float64, scales []Scale) string {
	abs := math.Abs(v)
	smallest := scales[len(scales)-1]
	if abs < smallest.From/2 {
		return "0 " + smallest.Name
	}
	for _, s := range scales {
		if abs*(1+0.5e-3) >= s.From {
			return Digits(v/s.From) + " " + s.Name
		}
	}
	return Digits(v/smallest.From) + " " + smallest.Name
}

// Digits writes three significant digits, and never fewer than the units.
func Digits(v float64) string {
	abs := math.Abs(v)
	switch {
	case abs == 0:
		return "0"
	case abs >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case abs >= 99.95:
		p := math.Pow(10, max(math.Floor(math.Log10(abs))-2, 0))
		return Grouped(math.Round(v/p) * p)
	case abs >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case abs >= 0.9995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}

// TwoDigits writes two significant digits.
func TwoDigits(v float64) string {
	abs := math.Abs(v)
	if abs == 0 {
		return "0"
	}
	decimals := max(1-int(math.Floor(math.Log10(abs))), 0)
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Grouped writes a whole number with commas between thousands.
func Grouped(v float64) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if v < 0 {
		return "-" + s
	}
	return s
}

// Percent writes a share: 0.0123 is "1.2 %".
func Percent(share float64) string {
	p := 100 * share
	switch abs := math.Abs(p); {
	case abs == 0:
		return "0 %"
	case abs < 0.05:
		return "under 0.1 %"
	case abs < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	default:
		return Grouped(math.Round(p)) + " %"
	}
}

// Effect writes a relative effect: "4.2 %", and "2.5x" where it is more than
// double.
func Effect(share float64) string {
	if share > 1 {
		return Times(1+share, 0) + "x"
	}
	return Percent(share)
}

// Times writes a ratio: "2.31x". The decimals follow the half-width of its
// interval, so that none is printed that the interval does not bear.
func Times(v, half float64) string {
	decimals := 2
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v, 'g', 2, 64)
	case v >= 99.5:
		decimals = 0
	case v >= 9.95:
		decimals = 1
	case half > 0 && half < 0.01:
		decimals = 3
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Count writes "1 fresh start", "6 fresh starts".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(float64(n)) + " " + many
}

// List writes "a", "a and b", "a, b and c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Plain cleans text from outside for a terminal and a chart: control characters, which could
// move a cursor, become U+FFFD.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Short is plain text of at most n runes.
func Short(s string, n int) string {
	r := []rune(Plain(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}

// ShellWords joins a command so that a POSIX shell reads back the same words.
func ShellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellWord(Plain(w))
	}
	return strings.Join(quoted, " ")
}

func shellWord(w string) string {
	safe := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:=,@%+", r)
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !safe(r) }) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// ByUnitSuffix writes the value of a check, whose name ends in its unit.
func ByUnitSuffix(name string, v float64) string {
	switch {
	case strings.HasSuffix(name, "_seconds"):
		return Amount(v, "seconds")
	case strings.HasSuffix(name, "_bytes"):
		return Amount(v, "bytes")
	case strings.HasSuffix(name, "_share"):
		return Percent(v)
	case strings.HasSuffix(name, "_per_second"):
		return Digits(v) + "/s"
	}
	return Digits(v)
}

// WordsOf turns a check's name into words: "lag_p99_seconds" is "lag p99".
func WordsOf(name string) string {
	for _, unit := range []string{"_seconds", "_bytes", "_share", "_per_second", "_count", "_ratio"} {
		if cut, ok := strings.CutSuffix(name, unit); ok {
			name = cut
			break
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

// Plain6 writes a number that a user may have asked for, such as a rate: to six digits if it is
// below a million, and never with an exponent.
func Plain6(v float64) string {
	if math.Abs(v) < 1e6 {
		if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64); err == nil {
			return strconv.FormatFloat(rounded, 'f', -1, 64)
		}
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// Rate writes "500 requests/s".
func Rate(v float64) string { return fmt.Sprintf("%s requests/s", Digits(v)) }
