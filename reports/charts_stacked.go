package reports

import (
	"strings"
)

// stack is one bar made of roles.
type stack struct {
	target string
	parts  []float64 // by role, in the order of roles
	sum    float64
}

// cpuByRole shows what each role of each target uses per request.
func cpuByRole(a *Analysis) *figure {
	f := &figure{ID: "cpu", Title: "CPU per request, by role", Note: cpuNote(a),
		Table: grid{Head: []string{"target", "role", "CPU per request", "cores at the rate", "background, others loaded"}}}
	stacks := a.stacks(func(c RoleCost) *float64 { return c.CPU })
	if stacks == nil {
		return nil
	}
	for _, c := range a.Costs {
		if c.CPU == nil {
			continue
		}
		row := []string{plain(c.Target), plain(c.Role), amount(*c.CPU, "seconds"), absent, absent}
		if c.Cores != nil {
			row[3] = amount(*c.Cores, "cores")
		}
		if c.Background != nil {
			row[4] = amount(*c.Background, "cores")
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	f.SVG = a.bars(stacks, "seconds", "CPU per request; right is worse").svg(f.ID, f.Title, "CPU per request of each target, split by role; the table below has the same figures.")
	return f
}

func cpuNote(a *Analysis) string {
	for _, c := range a.Costs {
		if c.Rate > 0 {
			return "At " + rate(c.Rate) + ", in each target's own turns, settle time included; the load generator is left out. Means over fresh starts are arithmetic here, so that roles add up."
		}
	}
	return "In each target's own turns; the load generator is left out."
}

// memoryByRole shows loaded PSS by role, or RSS where PSS is not to be had.
func memoryByRole(a *Analysis) *figure {
	f := &figure{ID: "memory", Title: "Memory under load, by role (PSS: shared pages split)",
		Note:  "Each target runs from its own copy of the program, so pages are shared only within it. USS is what a process alone would free.",
		Table: grid{Head: []string{"target", "role", "loaded PSS", "loaded USS", "loaded RSS", "peak RSS", "idle PSS"}}}
	caption := "PSS under load; right is worse"
	stacks := a.stacks(func(c RoleCost) *float64 { return c.LoadedPSS })
	if stacks == nil || a.someRSSOnly() {
		f.Title = "Memory under load, by role (RSS)"
		f.Note = "PSS could not be read, and RSS counts shared pages once per process: the sum overstates."
		caption = "RSS under load; right is worse"
		stacks = a.stacks(func(c RoleCost) *float64 { return c.LoadedRSS })
	}
	if stacks == nil {
		return nil
	}
	for _, c := range a.Costs {
		row := []string{plain(c.Target), plain(c.Role)}
		seen := false
		for _, v := range []*float64{c.LoadedPSS, c.LoadedUSS, c.LoadedRSS, c.PeakRSS, c.IdlePSS} {
			cell := absent
			if v != nil {
				cell, seen = amount(*v, "bytes"), true
			}
			row = append(row, cell)
		}
		if seen {
			f.Table.Rows = append(f.Table.Rows, row)
		}
	}
	f.SVG = a.bars(stacks, "bytes", caption).svg(f.ID, f.Title, "Memory of each target under load, split by role; the table below has the same figures.")
	return f
}

func (a *Analysis) someRSSOnly() bool {
	for _, c := range a.Costs {
		if c.LoadedPSS == nil && c.LoadedRSS != nil {
			return true
		}
	}
	return false
}

// roles lists every role, in the order in which targets have them.
func (a *Analysis) roles() []string {
	var out []string
	for _, c := range a.Costs {
		known := false
		for _, r := range out {
			known = known || r == c.Role
		}
		if !known {
			out = append(out, c.Role)
		}
	}
	return out
}

// stacks makes a bar for each target of which all roles could be read; nil if
// there is none. Twins are left out.
func (a *Analysis) stacks(of func(RoleCost) *float64) []stack {
	roles := a.roles()
	var out []stack
	for _, t := range a.everyTarget() {
		s := stack{target: t, parts: make([]float64, len(roles))}
		known, whole := false, true
		for _, c := range a.Costs {
			if c.Target != t {
				continue
			}
			v := of(c)
			if v == nil {
				whole = false
				continue
			}
			for i, r := range roles {
				if r == c.Role {
					s.parts[i] = *v
				}
			}
			s.sum += *v
			known = true
		}
		if known && whole && s.sum > 0 {
			out = append(out, s)
		}
	}
	return out
}

func (a *Analysis) bars(stacks []stack, unit, caption string) *drawing {
	roles := a.roles()
	top, step := 30.0, 46.0
	bottom := top + step*float64(len(stacks))
	most := 0.0
	for _, s := range stacks {
		most = max(most, s.sum)
	}
	d := &drawing{height: bottom + 46}
	var used, classes []string
	for i, r := range roles {
		for _, s := range stacks {
			if s.parts[i] > 0 {
				used, classes = append(used, r), append(classes, targetClass("r", i))
				break
			}
		}
	}
	d.legend(14, classes, used)
	x := axis{0, most * 1.04, labelWidth, chartWidth - 110, false}
	d.grid(x, top, bottom, unit, caption)
	for i, s := range stacks {
		y := top + step*float64(i) + 9
		d.text("label", "end", labelWidth-12, y+19, short(s.target, 24))
		at := 0.0
		for j, v := range s.parts {
			if v <= 0 {
				continue
			}
			left, right := x.at(at), x.at(at+v)
			d.rect(targetClass("r", j), left, y, right-left, step-18)
			if name := amount(v, unit); right-left > textWidth(name)+8 {
				d.text("inside", "middle", (left+right)/2, y+19, name)
			}
			at += v
		}
		d.text("label", "start", x.at(s.sum)+8, y+19, amount(s.sum, unit))
	}
	return d
}

// slug makes an id fit for HTML of any text.
func slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, s), "-")
}
