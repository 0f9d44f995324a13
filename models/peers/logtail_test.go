package peers

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// However the output arrives and however much there is of it: no value shows,
// whole lines are left, and not too many.
func TestLogTail(t *testing.T) {
	env := []string{"A=correct horse", "B=correct horse battery", "C=one line\nand another", "SHORT=abc", "EMPTY=", "NOT A VARIABLE"}
	for _, c := range []struct{ name, out, want string }{
		{"nothing", "", ""},
		{"plain", "hello\nworld\n\n", "hello\nworld"},
		{"values", "x correct horse y", "x (hidden) y"},
		{"the longer of two", "correct horse battery staple", "(hidden) staple"},
		{"lines of a value", "one line\nand another\nand another!", "(hidden)\n(hidden)!"},
		{"short ones stay", "abc", "abc"},
		{"no text", "\xff\xfe ok", "? ok"},
		{"much", strings.Repeat("0123456\n", 10_000) + "the end", ""},
		{"one endless line", strings.Repeat("correct horse ", 10_000), ""},
	} {
		for _, split := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader} {
			tail := newLogTail(env, "")
			tail.fill(io.NopCloser(split(strings.NewReader(c.out))), nowhere{})
			got := tail.text()
			if c.want != "" && got != c.want || c.out == "" && got != "" {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
			if len(got) > tailBytes {
				t.Errorf("%s: %d bytes", c.name, len(got))
			}
			if strings.Contains(got, "horse") || strings.Contains(got, "another") {
				t.Errorf("%s: a value shows in %.200q", c.name, got)
			}
			if c.name == "much" && (!strings.HasPrefix(got, "0123456\n") || !strings.HasSuffix(got, "\nthe end") || len(got) < tailBytes-8) {
				t.Errorf("%s: %d bytes, %q ... %q", c.name, len(got), got[:10], got[len(got)-10:])
			}
		}
	}
}
