package render

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

func TestAnIndependentRunIsHeldAgainstTheBreakdown(t *testing.T) {
	for _, c := range []struct {
		name     string
		out, all float64
		want     figures.CheckOutcome
	}{
		{"the same servers", 1, 1, figures.Agrees},
		{"a machine twice as slow", 1, 2, figures.AgreesInRatio},
		{"another penalty", 1.5, 1, figures.Disagrees},
	} {
		got, err := figures.CheckBreakdown(example.Ladder().Run(), example.Independent(c.out, c.all).Run())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var b bytes.Buffer
		if err := CheckText(&b, got, page.Options{}); err != nil {
			t.Fatal(err)
		}
		if got.Outcome != c.want || !strings.HasPrefix(b.String(), CheckSentence(got)[:40]) || len(got.Rows) != 3 {
			t.Errorf("%s: %s, want %s\n%s", c.name, got.Outcome, c.want, b.String())
		}
	}
	one, noisy := example.Independent(1, 1), example.Independent(1, 1)
	one.Launches = 1
	noisy.Launches, noisy.Own = 2, 0.5
	for name, s := range map[string]example.Scene{"one launch": one, "an interval around zero": noisy} {
		if got, err := figures.CheckBreakdown(example.Ladder().Run(), s.Run()); err != nil || got.Outcome != figures.CannotTell {
			t.Errorf("with %s: %+v, %v", name, got, err)
		}
	}
}
