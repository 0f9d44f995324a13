package page

import (
	"fmt"
	"math"
	"testing"

	"ancmbench"
)

// sights are how people see linear red, green and blue: with all cones, and without one kind
// of them (Machado, Oliveira and Fernandes 2009, severity 1).
var sights = map[string][3][3]float64{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// lab is a colour as it is seen, in CIE L*a*b* (D65).
func lab(v uint32, sight [3][3]float64) [3]float64 {
	var linear, seen, xyz [3]float64
	for i := range 3 {
		c := float64(uint8(v>>(16-8*i))) / 255
		if linear[i] = c / 12.92; c > 0.04045 {
			linear[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	for i := range 3 {
		for k := range 3 {
			seen[i] += sight[i][k] * linear[k]
		}
		seen[i] = min(max(seen[i], 0), 1)
	}
	white := [3]float64{0.95047, 1, 1.08883}
	for i, row := range [3][3]float64{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}} {
		for k := range 3 {
			xyz[i] += row[k] * seen[k] / white[i]
		}
		if t := xyz[i]; t > 216.0/24389 {
			xyz[i] = math.Cbrt(t)
		} else {
			xyz[i] = (24389.0/27*t + 16) / 116
		}
	}
	return [3]float64{116*xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])}
}

// apart is the distance of two colours as they are seen (CIE 1976): 2 can just be seen.
func apart(a, b uint32, sight [3][3]float64) float64 {
	x, y := lab(a, sight), lab(b, sight)
	return math.Sqrt(math.Pow(x[0]-y[0], 2) + math.Pow(x[1]-y[1], 2) + math.Pow(x[2]-y[2], 2))
}

// Whoever lacks a kind of cones tells the two models apart by colour, and so the roles, which
// have no dashes; and all targets by colour or by dashes and shape.
func TestColoursForAll(t *testing.T) {
	tell := func(what string, a, b Tint, least float64) {
		t.Helper()
		for name, sight := range sights {
			for scheme, d := range map[string]float64{"light": apart(a.Light, b.Light, sight), "dark": apart(a.Dark, b.Dark, sight)} {
				if d < least {
					t.Errorf("%s, %s, %s: %.0f apart, want %.0f", what, name, scheme, d, least)
				}
			}
		}
	}
	tell("in-process and out-of-process", targetTints[modelTint[ancmbench.InProcess]], targetTints[modelTint[ancmbench.OutOfProcess]], 40)
	roles := []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker, ancmbench.RoleApp}
	for i, r := range roles {
		for _, other := range roles[i+1:] {
			tell(string(r)+" and "+string(other), roleTints[roleTint[r]], roleTints[roleTint[other]], 12)
		}
	}
	tell("the parts of a penalty", partTints[0], partTints[1], 20)
	for i := range targetTints {
		for k := i + 1; k < len(targetTints); k++ {
			if TargetPaint("", i).Dash() == TargetPaint("", k).Dash() {
				tell(fmt.Sprintf("targets %d and %d", i, k), targetTints[i], targetTints[k], 12)
			}
		}
	}
}
