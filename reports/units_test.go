package reports

import (
	"strings"
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
		if got := amount(c.v, c.unit); got != c.want {
			t.Errorf("amount(%v, %s) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
	if got := signed(1e-3, "seconds"); got != "+1.00 ms" {
		t.Errorf("signed: %q", got)
	}
}

func TestShellWords(t *testing.T) {
	got := shellWords([]string{"ancmbench", "run", "--target", "a b=http://x/?q=1&r='2'", ""})
	want := `ancmbench run --target 'a b=http://x/?q=1&r='\''2'\''' ''`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRatioWords(t *testing.T) {
	st := func(v, lo, hi float64) Statement {
		return Statement{Ratio: &Estimate{Value: v, Interval: &Interval{lo, hi}}, Launches: 6, Better: "lower"}
	}
	for _, c := range []struct {
		s    Statement
		want string
	}{
		{st(2.314, 2.2, 2.43), "2.31x [2.20, 2.43]"},
		{st(0.5, 0.4, 0.625), "2.00x less [1.60, 2.50]"},
		{st(1.02, 0.97, 1.07), "1.02x [0.97, 1.07] ~"},
		{st(0.98, 0.95, 1.01), "0.98x [0.95, 1.01] ~"},
		{st(12.34, 11, 14), "12.3x [11.0, 14.0]"},
		{st(1.0512, 1.049, 1.053), "1.051x [1.049, 1.053]"},
		{Statement{Ratio: &Estimate{Value: 2.3}, Launches: 1}, "2.30x"},
		{Statement{Ratio: &Estimate{Value: 0.5}, Launches: 1}, "2.00x less"},
		{Statement{}, "-"},
	} {
		if got := ratio(c.s); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestWrapKeepsUnits(t *testing.T) {
	for width := 8; width < 60; width++ {
		for _, l := range wrap("it takes 225 µs instead of 101 µs, and 7.18 MB. At 400 requests/s that is 95 % sure", width) {
			for _, unit := range []string{"µs", "MB", "requests/s", "%"} {
				if strings.HasPrefix(l, unit) {
					t.Fatalf("width %d: a line begins with %q: %q", width, unit, l)
				}
			}
			if len([]rune(l)) > max(width, 14) {
				t.Fatalf("width %d: %q is longer", width, l)
			}
		}
	}
}
