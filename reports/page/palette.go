package page

import (
	"fmt"
	"image/color"
	"strings"

	"ancmbench"
)

// Tint is one colour: one value for light pages and paper, one for dark pages.
type Tint struct{ Light, Dark uint32 }

// The palette: every colour of a chart that stands for a thing. The style sheet and
// the PNGs are made of it.
var (
	// targetTints are of models, by the place that modelTint gives, and of servers of
	// the user's in their order.
	targetTints = []Tint{{0x0b62a4, 0x6cb2f0}, {0xc2570c, 0xf39a58}, {0x2f7d3b, 0x79c787}, {0x8440a4, 0xc79ae0}, {0xb0263d, 0xef8693},
		{0x666b00, 0xc8d05c}, {0x00737d, 0x5ecad2}, {0x4d5bb5, 0x9aa6f0}, {0x7a5636, 0xcfae8b}, {0xa83279, 0xe893c6}}
	// roleTints are of roles of processes, by the place that roleTint gives.
	roleTints = []Tint{{0x9aa6b1, 0x6b7885}, {0x2b8288, 0x54b3b9}, {0xd0a21f, 0xe0b94a}, {0x6a5aa8, 0xa498e0},
		{0xb35a7a, 0xe091ad}, {0x5f8a2f, 0x98c565}, {0x94623a, 0xcc9a70}, {0x4a6fa8, 0x86a9e0}}
	// partTints are of a part of a penalty that costs something, and of one that gains.
	partTints = []Tint{{0xd0a21f, 0xe0b94a}, {0x2b8288, 0x54b3b9}}
)

// modelTint is the place of each model's colour: the same in every chart of every run.
var modelTint = map[ancmbench.Model]int{
	ancmbench.InProcess: 0, ancmbench.OutOfProcess: 1, ancmbench.Direct: 2, ancmbench.Relay: 3, ancmbench.Bare: 4,
	ancmbench.OutOfProcessUnix: 5, ancmbench.OutOfProcessNoReuse: 6, ancmbench.ReverseProxy: 7, ancmbench.Nginx: 8, ancmbench.HAProxy: 9,
}

// roleTint is the place of each role's colour.
var roleTint = map[ancmbench.Role]int{ancmbench.RoleWAS: 0, ancmbench.RoleWorker: 1, ancmbench.RoleApp: 2, ancmbench.RoleProxy: 3,
	ancmbench.RoleServer: 4, ancmbench.RoleUpstream: 5, ancmbench.GeneratorRole: 7}

// Paint is a colour of the palette: a class of the style sheet, and an RGB value.
type Paint struct {
	kind  byte // of target, role or part
	place int
	tint  Tint
}

func paint(kind byte, tints []Tint, place int) Paint {
	place %= len(tints)
	return Paint{kind, place, tints[place]}
}

// TargetPaints returns the colours of the targets of a run: models have theirs, and each
// other target the first that no target before it and no model of the run has. From the
// eleventh target on colours come twice.
func TargetPaints(models []ancmbench.Model) []Paint {
	taken := map[int]bool{}
	for _, m := range models {
		if place, known := modelTint[m]; known {
			taken[place] = true
		}
	}
	out, next := make([]Paint, len(models)), 0
	for i, m := range models {
		if _, known := modelTint[m]; known {
			out[i] = TargetPaint(m, 0)
			continue
		}
		for taken[next] && next < len(targetTints) {
			next++
		}
		out[i] = TargetPaint(m, next)
		taken[next] = true
		next++
	}
	return out
}

// TargetPaint returns the colour of a model. A target without a model gets the colour of its
// position.
func TargetPaint(m ancmbench.Model, position int) Paint {
	if place, known := modelTint[m]; known {
		position = place
	}
	return paint('t', targetTints, position)
}

// RolePaint returns the colour of a role. An unknown role gets the colour of its position.
func RolePaint(role ancmbench.Role, position int) Paint {
	if place, known := roleTint[role]; known {
		position = place
	}
	return paint('r', roleTints, position)
}

// PartPaint returns the colour of a part of a penalty.
func PartPaint(gains bool) Paint {
	return paint('p', partTints, map[bool]int{true: 1}[gains])
}

// Fill and Stroke are classes of the style sheet.
func (p Paint) Fill() string   { return fmt.Sprintf("f%c%d", p.kind, p.place) }
func (p Paint) Stroke() string { return fmt.Sprintf("s%c%d", p.kind, p.place) }

// Inside is the class of text on a ground of this colour.
func (p Paint) Inside() string {
	if c := p.RGB(); 299*int(c.R)+587*int(c.G)+114*int(c.B) > 130_000 {
		return "inside dark"
	}
	return "inside"
}

// dashes are the lengths of dashes and gaps by place, so that lines differ without their
// colours.
var dashes = [][]float64{nil, {8, 4}, {2, 3}, {10, 3, 2, 3}, {5, 2}}

// Dash is the class of the style sheet with the dashes of a line, and Dashes their lengths.
func (p Paint) Dash() string      { return fmt.Sprintf("d%d", p.place%len(dashes)) }
func (p Paint) Dashes() []float64 { return dashes[p.place%len(dashes)] }

// RGB returns the colour by day.
func (p Paint) RGB() color.RGBA {
	v := p.tint.Light
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// PaletteCSS returns the part of a style sheet that defines the classes of every Paint.
func PaletteCSS() string {
	var light, dark, classes strings.Builder
	for _, group := range []struct {
		kind  byte
		tints []Tint
	}{{'t', targetTints}, {'r', roleTints}, {'p', partTints}} {
		for i, t := range group.tints {
			fmt.Fprintf(&light, "--%c%d:#%06x;", group.kind, i, t.Light)
			fmt.Fprintf(&dark, "--%c%d:#%06x;", group.kind, i, t.Dark)
			p := Paint{group.kind, i, t}
			fmt.Fprintf(&classes, ".%s{fill:var(--%c%d)}.%s{stroke:var(--%c%d)}\n", p.Fill(), group.kind, i, p.Stroke(), group.kind, i)
		}
	}
	for i, lengths := range dashes {
		if said := strings.Trim(fmt.Sprint(lengths), "[]"); said != "" {
			fmt.Fprintf(&classes, ".d%d{stroke-dasharray:%s}\n", i, said)
		}
	}
	return Schemes(light.String(), dark.String()) + classes.String()
}

// Schemes returns the rules that set variables of a style sheet: light by default and on
// paper, and dark where the reader prefers it or chose it.
func Schemes(light, dark string) string {
	return ":root{color-scheme:light;" + light + "}\n" +
		"@media screen and (prefers-color-scheme:dark){:root:not([data-scheme=light]){color-scheme:dark;" + dark + "}}\n" +
		"@media screen{:root[data-scheme=dark]{color-scheme:dark;" + dark + "}}\n"
}
