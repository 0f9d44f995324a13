package ancmbench

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Seconds is a time.Duration that is written as a number of seconds, with as many
// decimals as it needs, at most nine, so that it reads back exactly.
type Seconds time.Duration

// D returns s as a time.Duration.
func (s Seconds) D() time.Duration { return time.Duration(s) }

// Float returns the number of seconds.
func (s Seconds) Float() float64 { return time.Duration(s).Seconds() }

func (s Seconds) String() string { return time.Duration(s).String() }

// MarshalJSON writes seconds in plain decimal notation. It computes with integers,
// because a float64 loses nanoseconds after 26 days.
func (s Seconds) MarshalJSON() ([]byte, error) {
	whole, nanos := int64(s)/1e9, int64(s)%1e9
	b := make([]byte, 0, 24)
	if s < 0 {
		b, whole, nanos = append(b, '-'), -whole, -nanos
	}
	b = strconv.AppendInt(b, whole, 10)
	if nanos == 0 {
		return b, nil
	}
	digits := strings.TrimRight(fmt.Sprintf("%09d", nanos), "0")
	return append(append(b, '.'), digits...), nil
}

// UnmarshalJSON reads a number of seconds and rounds it to the nearest nanosecond. It
// fails beyond 292 years. A null changes nothing, as encoding/json demands.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if d, ok := exactSeconds(string(b)); ok {
		*s = d
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("seconds: %w", err)
	}
	nanos := math.Round(f * 1e9)
	if !(math.Abs(nanos) < math.MaxInt64) { // which as a float64 is 2^63
		return fmt.Errorf("seconds: %v is beyond 292 years", f)
	}
	*s = Seconds(nanos)
	return nil
}

// exactSeconds parses what MarshalJSON writes: digits, and at most nine decimals.
func exactSeconds(text string) (Seconds, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, point := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 10 || len(decimals) > 9 || point && decimals == "" {
		return 0, false
	}
	decimals += strings.Repeat("0", 9-len(decimals))
	w, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || len(whole) > 1 && whole[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(decimals, 10, 64)
	if err != nil {
		return 0, false
	}
	nanos := w*1e9 + n
	switch {
	case negative && nanos <= 1<<63:
		return Seconds(-nanos), true
	case !negative && nanos < 1<<63:
		return Seconds(nanos), true
	}
	return 0, false
}
