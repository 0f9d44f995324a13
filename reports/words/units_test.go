package words

import (
	"testing"
)

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{95.64e-6, "seconds", "95.6 µs"}, {221.4e-6, "seconds", "221 µs"}, {999.9e-6, "seconds", "1.00 ms"},
		{1.234e-3, "seconds", "1.23 ms"}, {12.34, "seconds", "12.3 s"}, {125, "seconds", "2.08 min"},
		{0, "seconds", "0 ns"}, {-125e-6, "seconds", "-125 µs"}, {3e-9, "seconds", "3.00 ns"},
		{18_321, "per second", "18,300 req/s"}, {99.96, "per second", "100 req/s"}, {7.5, "per second", "7.50 req/s"},
		{1_234_567, "bytes", "1.23 MB"}, {512, "bytes", "512 B"}, {999_999, "bytes", "1.00 MB"},
		{0.0187, "cores", "0.019 cores"}, {0, "cores", "0 cores"}, {2.25, "cores", "2.2 cores"}, {0.00004, "cores", "0.0000 cores"},
		{0.5, "share", "50 %"}, {0.0123, "share", "1.2 %"}, {0.0001, "share", "under 0.1 %"}, {0, "share", "0 %"},
		{0.693, "log", "100 %"}, {-1.5, "log", "4.48x"}, {99, "log", "more than 1,000x"},
	} {
		if got := Amount(c.v, c.unit); got != c.want {
			t.Errorf("amount(%v, %s) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
	if got := Signed(1e-3, "seconds"); got != "+1.00 ms" {
		t.Errorf("signed: %q", got)
	}
}

func TestShellWords(t *testing.T) {
	got := ShellWords([]string{"ancmbench", "run", "--target", "a b=http://x/?q=1&r='2'", ""})
	want := `ancmbench run --target 'a b=http://x/?q=1&r='\''2'\''' ''`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A figure that a user asked for, or that a search has tried, has no exponent.
func TestPlain6HasNoExponent(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.5: "0.5", 1000.5: "1000.5", 12800: "12800", 57337.339: "57337.3", 999999.9: "1000000", 1e6: "1000000",
		1234567: "1234567", 1.024e5: "102400", 1.0 / 3: "0.333333", 1e9: "1000000000"} {
		if got := Plain6(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}
