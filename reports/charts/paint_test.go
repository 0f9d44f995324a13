package charts

import (
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// Out-of-process has its colour in every chart, whether it is the baseline, the second
// of two, or one of several.
func TestAModelKeepsItsColour(t *testing.T) {
	out := page.TargetPaint(ancmbench.OutOfProcess, 0)
	two := example.Models()
	turned := example.Models()
	slices.Reverse(turned.Arms)
	several := example.Ladder()
	slices.Reverse(several.Arms)
	for name, scene := range map[string]example.Scene{"second": two, "first": turned, "of several": several} {
		a, err := figures.Analyse(scene.Run())
		if err != nil {
			t.Fatal(err)
		}
		if got := paintOf(a, "out-of-process"); got != out || got.RGB() != out.RGB() {
			t.Errorf("%s: %v, want %v", name, got, out)
		}
		f := Strip(a, ancmbench.FirstAnswer, "")
		if f == nil || !strings.Contains(string(f.SVG), `class="`+out.Fill()+` faint"`) {
			t.Errorf("%s: the dots of a strip lack %s", name, out.Fill())
		}
	}
	// Servers of the user's, which have no model, have colours of their own.
	own := example.Models()
	for i := range own.Arms {
		own.Arms[i].Model = ""
	}
	a, err := figures.Analyse(own.Run())
	if err != nil {
		t.Fatal(err)
	}
	if paintOf(a, "in-process") == paintOf(a, "out-of-process") {
		t.Error("two servers have one colour")
	}
}
