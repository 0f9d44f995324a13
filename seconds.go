package ancmbench

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Seconds is a time.Duration that is written as a number of seconds, with all
// nine decimals it needs and no more, so that it reads back exactly.
type Seconds time.Duration

// D gives the duration for computing with.
func (s Seconds) D() time.Duration { return time.Duration(s) }

// Float gives the number of seconds.
func (s Seconds) Float() float64 { return time.Duration(s).Seconds() }

func (s Seconds) String() string { return time.Duration(s).String() }

// MarshalJSON writes seconds in plain decimal notation.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s)/1e9, 'f', -1, 64), nil
}

// UnmarshalJSON reads a number of seconds, rounded to the nearest nanosecond.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("seconds: %w", err)
	}
	if math.Abs(f) > math.MaxInt64/1e9 {
		return fmt.Errorf("seconds: %v is beyond 292 years", f)
	}
	*s = Seconds(math.Round(f * 1e9))
	return nil
}
