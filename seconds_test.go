package ancmbench

import (
	"encoding/json"
	"math"
	"testing"
	"testing/quick"
	"time"
)

func TestSecondsAreExact(t *testing.T) {
	exact := func(s Seconds) bool { return back(t, s) == s }
	for _, s := range []Seconds{0, 1, -1, 999_999_999, 1_000_000_001, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64} {
		if !exact(s) {
			t.Errorf("%d ns came out as %d", s, back(t, s))
		}
	}
	if err := quick.Check(exact, nil); err != nil {
		t.Error(err)
	}
}

func TestSecondsAreWrittenPlainly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", time.Second: "1", -time.Second: "-1", 1: "0.000000001", -1: "-0.000000001",
		1500 * time.Millisecond: "1.5", 2200 * time.Millisecond: "2.2", time.Hour: "3600",
		-90 * time.Second: "-90", time.Microsecond: "0.000001", math.MaxInt64: "9223372036.854775807",
		math.MinInt64: "-9223372036.854775808",
	} {
		if b, err := json.Marshal(Seconds(d)); err != nil || string(b) != want {
			t.Errorf("%d ns is written %s (%v), want %s", d, b, err, want)
		}
	}
}

func TestSecondsAreReadFromAnyNumber(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1e3": 1000 * time.Second, "2.5E-1": 250 * time.Millisecond, "1e-9": 1, "0.0000000004": 0, "0.0000000006": 1,
		"-0": 0, "-0.0": 0, "1.0": time.Second, "12.3456789012": 12345678901, "null": 0,
	} {
		var s Seconds
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.D() != want {
			t.Errorf("%s is read as %v (%v), want %v", text, s, err, want)
		}
	}
	for _, text := range []string{`"1s"`, "1e10", "-1e10", "9223372036.854775808", "-9223372036.9", "true", "{}", "[1]", `""`, "1e400"} {
		var s Seconds
		if err := json.Unmarshal([]byte(text), &s); err == nil {
			t.Errorf("%s is taken as %v", text, s)
		}
	}
}

// Whatever number is read, what is then written reads back as itself, and lies
// within a nanosecond, or within what a float64 can tell, of the number.
func FuzzSeconds(f *testing.F) {
	for _, text := range []string{"0", "-1.5", "9223372036.854775807", "1e3", "0.1234567891", "-0", "null", "1E-7"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s Seconds
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return
		}
		if again := back(t, s); again != s {
			t.Fatalf("%s is %d ns, and then %d", text, s, again)
		}
		var v float64
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%q is taken, and is no number: %v", text, err)
		}
		if off := math.Abs(s.Float() - v); off > 0.6e-9+1e-15*math.Abs(v) {
			t.Fatalf("%s is read as %v, %v off", text, s, off)
		}
	})
}
