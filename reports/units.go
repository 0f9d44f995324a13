package reports

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// absent stands where a value could not be had. It is never zero.
const absent = "-"

// scale is one step of a unit: values of at least from are written in it.
type scale struct {
	from float64
	name string
}

var (
	secondScales = []scale{{3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}
	byteScales   = []scale{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}
)

// amount writes v, given in unit, with three significant digits in a unit fit
// for a person: "221 µs", "8.20 MB", "18,300 req/s".
func amount(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return absent
	}
	switch unit {
	case "seconds", "seconds per request":
		return scaled(v, secondScales)
	case "bytes":
		return scaled(v, byteScales)
	case "per second":
		return digits(v) + " req/s"
	case "count":
		return grouped(math.Round(v))
	case "cores":
		if v == math.Trunc(v) && v != 0 {
			return grouped(v) + " cores"
		}
		if v == 0 || math.Abs(v) >= 0.0005 {
			return twoDigits(v) + " cores"
		}
		return strconv.FormatFloat(v, 'f', 4, 64) + " cores"
	case "share":
		return percent(v)
	case "log": // a log ratio, as how far one is off the other
		if math.Abs(v) > math.Log(1000) { // or no ratio could be had at all
			return "more than 1,000x"
		}
		return effect(math.Expm1(min(math.Abs(v), maxLog)))
	}
	return digits(v)
}

// signed is amount with its sign, for differences.
func signed(v float64, unit string) string {
	s := amount(v, unit)
	if v > 0 && s != absent {
		return "+" + s
	}
	return s
}

// scaled picks the unit after rounding, so that 999.9 µs is 1.00 ms.
func scaled(v float64, scales []scale) string {
	abs := math.Abs(v)
	smallest := scales[len(scales)-1]
	if abs < smallest.from/2 {
		return "0 " + smallest.name
	}
	for _, s := range scales {
		if abs*(1+0.5e-3) >= s.from {
			return digits(v/s.from) + " " + s.name
		}
	}
	return digits(v/smallest.from) + " " + smallest.name
}

// digits writes three significant digits, and never fewer than the units.
func digits(v float64) string {
	abs := math.Abs(v)
	switch {
	case abs == 0:
		return "0"
	case abs >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case abs >= 99.95:
		p := math.Pow(10, max(math.Floor(math.Log10(abs))-2, 0))
		return grouped(math.Round(v/p) * p)
	case abs >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case abs >= 0.9995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}

func twoDigits(v float64) string {
	abs := math.Abs(v)
	if abs == 0 {
		return "0"
	}
	decimals := max(1-int(math.Floor(math.Log10(abs))), 0)
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// grouped writes a whole number with commas between thousands.
func grouped(v float64) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if v < 0 {
		return "-" + s
	}
	return s
}

// percent writes a share: 0.0123 is "1.2 %".
func percent(share float64) string {
	p := 100 * share
	switch abs := math.Abs(p); {
	case abs == 0:
		return "0 %"
	case abs < 0.05:
		return "under 0.1 %"
	case abs < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	default:
		return grouped(math.Round(p)) + " %"
	}
}

// effect writes a relative effect: "4.2 %", and "2.5x" where it is more than
// double.
func effect(share float64) string {
	if share > 1 {
		return times(1+share, 0) + "x"
	}
	return percent(share)
}

// times writes a ratio: "2.31x". The decimals follow the half-width of its
// interval, so that none is printed that the interval does not bear.
func times(v, half float64) string {
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

// count writes "1 fresh start", "6 fresh starts".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(float64(n)) + " " + many
}

// list writes "a", "a and b", "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// plain makes text that was given by others fit for a terminal and a chart:
// control characters, which could move a cursor, become U+FFFD.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// short is plain text of at most n runes.
func short(s string, n int) string {
	r := []rune(plain(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}

// shellWords joins a command so that a POSIX shell reads back the same words.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellWord(plain(w))
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

// byUnitSuffix writes the value of a check, whose name ends in its unit.
func byUnitSuffix(name string, v float64) string {
	switch {
	case strings.HasSuffix(name, "_seconds"):
		return amount(v, "seconds")
	case strings.HasSuffix(name, "_bytes"):
		return amount(v, "bytes")
	case strings.HasSuffix(name, "_share"):
		return percent(v)
	case strings.HasSuffix(name, "_per_second"):
		return digits(v) + "/s"
	}
	return digits(v)
}

// wordsOf turns a check's name into words: "lag_p99_seconds" is "lag p99".
func wordsOf(name string) string {
	for _, unit := range []string{"_seconds", "_bytes", "_share", "_per_second", "_count", "_ratio"} {
		if cut, ok := strings.CutSuffix(name, unit); ok {
			name = cut
			break
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

// rate writes "500 requests/s".
func rate(v float64) string { return fmt.Sprintf("%s requests/s", digits(v)) }
