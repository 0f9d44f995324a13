package page

import (
	"fmt"
	"strings"
	"testing"

	"ancmbench"
)

// A model has one colour, whatever it is compared with, and no other model has it.
func TestModelsHaveColoursOfTheirOwn(t *testing.T) {
	seen := map[string]ancmbench.Model{}
	for _, m := range ancmbench.Models {
		p := TargetPaint(m, 0)
		if p != TargetPaint(m, 3) {
			t.Errorf("the colour of %s depends on its position", m)
		}
		for _, tint := range []uint32{p.tint.Light, p.tint.Dark} {
			if other, taken := seen[fmt.Sprint(tint)]; taken {
				t.Errorf("%s has the colour of %s", m, other)
			}
			seen[fmt.Sprint(tint)] = m
		}
	}
	if len(modelTint) != len(ancmbench.Models) {
		t.Errorf("%d models have a colour, and there are %d", len(modelTint), len(ancmbench.Models))
	}
	if TargetPaint("", 0) == TargetPaint("", 1) || RolePaint("worker", 5) != RolePaint("worker", 0) || RolePaint("own", 0) == RolePaint("own", 1) {
		t.Error("servers and roles without a colour of their own take one by their position, and others do not")
	}
}

// No two targets of a run have one colour, also where servers stand between models whose
// colours are fixed. The eleventh target has to share.
func TestTargetsOfARunHaveColoursOfTheirOwn(t *testing.T) {
	direct, out := ancmbench.Direct, ancmbench.OutOfProcess
	for _, models := range [][]ancmbench.Model{{direct, out, "", "", "", ""}, {"", "", direct}, {"", direct, "", out, ""}, make([]ancmbench.Model, 10)} {
		seen := map[Paint]int{}
		for i, p := range TargetPaints(models) {
			if before, taken := seen[p]; taken {
				t.Errorf("%q: targets %d and %d have one colour", models, before, i)
			}
			seen[p] = i
			if models[i] != "" && p != TargetPaint(models[i], 0) {
				t.Errorf("%q: the model at %d has another colour than elsewhere", models, i)
			}
		}
	}
	if got := TargetPaints(make([]ancmbench.Model, 11)); got[10] != got[0] {
		t.Errorf("the eleventh target has %v", got[10])
	}
}

// What a chart is painted with is what the style sheet defines, in each scheme.
func TestTheStyleSheetHasEveryPaint(t *testing.T) {
	css := PaletteCSS()
	paints := []Paint{PartPaint(true), PartPaint(false)}
	for i := range targetTints {
		paints = append(paints, TargetPaint("", i))
	}
	for i := range roleTints {
		paints = append(paints, RolePaint("", i))
	}
	for _, p := range paints {
		name := fmt.Sprintf("--%c%d", p.kind, p.place)
		rgb := p.RGB()
		for _, want := range []string{"." + p.Fill() + "{fill:var(" + name + ")}", "." + p.Stroke() + "{stroke:var(" + name + ")}",
			fmt.Sprintf("%s:#%02x%02x%02x;", name, rgb.R, rgb.G, rgb.B), fmt.Sprintf("%s:#%06x;", name, p.tint.Dark)} {
			if !strings.Contains(css, want) {
				t.Errorf("the style sheet lacks %s", want)
			}
		}
	}
}
