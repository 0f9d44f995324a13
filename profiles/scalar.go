package profiles

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

// scalar returns the text of a value, quoted or not. ok is false, with a fault, if the
// value is a list, a mapping or missing.
func (r *reader) scalar(n ast.Node, key, want string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	r.wrongKind(n, key, want)
	return "", false
}

// read returns a value of that shape whose text is parsed into to.
func read[T any](r *reader, to *T, looks shape, parse func(string) (T, error)) value {
	return value{looks: looks, take: func(n ast.Node, key string) {
		text, ok := r.scalar(n, key, strings.Replace(looks.words, ", such", " such", 1))
		if !ok {
			return
		}
		v, err := parse(text)
		if err != nil {
			r.fault(lineOf(n), key, "%v", err)
			return
		}
		*to = v
	}}
}

func (r *reader) text(to *string) value {
	return read(r, to, textShape, notEmpty)
}

func notEmpty(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", fmt.Errorf("is empty: leave the key out or give it a value")
	}
	return s, nil
}

func (r *reader) whole(to *int) value {
	return read(r, to, wholeShape, func(s string) (int, error) {
		v, err := strconv.Atoi(s)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number, such as 8", short(s))
		}
		return v, nil
	})
}

func (r *reader) truth(to *bool) value {
	return read(r, to, truthShape, func(s string) (bool, error) {
		switch s {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return false, fmt.Errorf("%q is neither true nor false", short(s))
	})
}

func (r *reader) duration(to *ancmbench.Seconds) value {
	return read(r, to, durationShape, func(s string) (ancmbench.Seconds, error) {
		d, err := ParseDuration(s)
		return ancmbench.Seconds(d), err
	})
}

func (r *reader) rate(to *float64) value {
	return read(r, to, rateShape, parseRate)
}

func (r *reader) rateOrAuto(to *float64) value {
	return read(r, to, autoShape, ParseRate)
}

func (r *reader) share(to *float64) value {
	return read(r, to, shareShape, ParseShare)
}

func (r *reader) size(to *int64) value {
	return read(r, to, sizeShape, parseSize)
}

// weight reads a positive number without a unit.
func (r *reader) weight(to *float64) value {
	return read(r, to, numberShape, func(s string) (float64, error) {
		v, rest, ok := number(s)
		if !ok || rest != "" || v <= 0 {
			return 0, fmt.Errorf("%q: a weight is a number above 0, such as 3", short(s))
		}
		return v, nil
	})
}

// decimal matches a number, before its unit.
var decimal = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?`)

// number splits text into a number and what follows it.
func number(s string) (v float64, rest string, ok bool) {
	s = strings.TrimSpace(s)
	digits := decimal.FindString(s)
	v, err := strconv.ParseFloat(digits, 64)
	return v, strings.TrimSpace(s[len(digits):]), err == nil
}

// bare returns the error for a number without its unit, the most frequent fault.
func bare(s, kind, unit string) error {
	return fmt.Errorf("%q has no unit: %s is written %s%s", short(s), kind, short(s), unit)
}

// ParseDuration parses a duration with its unit: ns, us, ms, s, m or h. It fails on a
// number without a unit.
func ParseDuration(s string) (time.Duration, error) {
	if _, rest, ok := number(s); ok && rest == "" {
		return 0, bare(s, "a duration", "s")
	}
	d, err := time.ParseDuration(strings.TrimSpace(s))
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: write a number with ns, us, ms, s, m or h, such as 800ms", short(s))
	}
	return d, nil
}

// ParseRate parses a rate such as "1000/s"; "auto" is 0. It fails on anything else, and on
// a rate out of range.
func ParseRate(s string) (float64, error) {
	if strings.TrimSpace(s) == "auto" {
		return 0, nil
	}
	v, err := parseRate(s)
	if err != nil {
		return 0, fmt.Errorf("%w, or auto", err)
	}
	return v, nil
}

func parseRate(s string) (float64, error) {
	v, rest, ok := number(s)
	switch {
	case !ok || rest != "" && rest != "/s":
		return 0, fmt.Errorf("%q is not a rate: write requests per second, such as 1000/s", short(s))
	case rest == "":
		return 0, bare(s, "a rate", "/s")
	}
	if problem := rateProblem(v); problem != "" {
		return 0, fmt.Errorf("%s", problem)
	}
	return v, nil
}

// ParseShare parses a percentage such as "10%" and returns it as a share of 1. It fails on
// a number without a percent sign.
func ParseShare(s string) (float64, error) {
	v, rest, ok := number(s)
	switch {
	case !ok || rest != "" && rest != "%":
		return 0, fmt.Errorf("%q is not a share: write a percentage, such as 10%%", short(s))
	case rest == "":
		return 0, fmt.Errorf("%q has no unit: a share is written as a percentage, such as 10%%", short(s))
	}
	return v / 100, nil
}

var sizes = map[string]float64{"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "KiB": 1 << 10, "MiB": 1 << 20}

func parseSize(s string) (int64, error) {
	v, rest, ok := number(s)
	unit, known := sizes[rest]
	switch {
	case ok && rest == "":
		return 0, bare(s, "a size", "B")
	case !ok || !known:
		return 0, fmt.Errorf("%q is not a size: write a number with B, kB, MB, KiB or MiB, such as 10KiB", short(s))
	}
	bytes := v * unit
	if bytes < 0 || bytes > maxBody {
		return 0, fmt.Errorf("%s: a body has 0B to %dB", short(s), int64(maxBody))
	}
	if bytes != float64(int64(bytes)) {
		return 0, fmt.Errorf("%s is not a whole number of bytes", short(s))
	}
	return int64(bytes), nil
}
