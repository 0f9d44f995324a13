package charts

import (
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// stack is one bar made of roles.
type stack struct {
	target string
	parts  []float64 // by role, in the order of roles
	sum    float64
}

// CPUByRole returns the chart of what each role of each target uses per request. It
// returns nil if the run has no CPU by role.
func CPUByRole(a *figures.Analysis) *page.Figure {
	f := &page.Figure{ID: "cpu", Title: "CPU per request, by role", Note: cpuNote(a),
		Table: page.Grid{Head: []string{"target", "role", "CPU per request", "cores at the rate", "background, others loaded"}}}
	stacks := stacksOf(a, func(c figures.RoleCost) *float64 { return c.CPU })
	if stacks == nil {
		return nil
	}
	for _, c := range a.Costs {
		if c.CPU == nil {
			continue
		}
		row := []string{words.Plain(c.Target), words.Plain(string(c.Role)), words.Amount(*c.CPU, "seconds"), words.Absent, words.Absent}
		if c.Cores != nil {
			row[3] = words.Amount(*c.Cores, "cores")
		}
		if c.Background != nil {
			row[4] = words.Amount(*c.Background, "cores")
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	f.SVG = bars(a, stacks, "seconds", "CPU per request; right is worse").SVG(f.ID, f.Title, "CPU per request of each target, split by role; the table below has the same figures.")
	return f
}

func cpuNote(a *figures.Analysis) string {
	for _, c := range a.Costs {
		if c.Rate > 0 {
			return "At " + words.Rate(c.Rate) + ", in each target's own slices, including the settle time, without the load generator. These are arithmetic means over fresh starts, so the roles add up. " + figures.RoleLegend(a.Costs)
		}
	}
	return "In each target's own slices, without the load generator. " + figures.RoleLegend(a.Costs)
}

// MemoryByRole returns the chart of loaded PSS by role, or of RSS where PSS is missing. It
// returns nil if the run has neither.
func MemoryByRole(a *figures.Analysis) *page.Figure {
	f := &page.Figure{ID: "memory", Title: "Memory under load, by role (PSS: shared pages split)",
		Note:  "Each target runs from its own copy of the program, so its processes share pages only with each other. USS is the memory that would become free if the process ended. " + figures.RoleLegend(a.Costs),
		Table: page.Grid{Head: []string{"target", "role", "loaded PSS", "loaded USS", "loaded RSS", "peak RSS", "idle PSS"}}}
	caption := "PSS under load; right is worse"
	stacks := stacksOf(a, func(c figures.RoleCost) *float64 { return c.LoadedPSS })
	if stacks == nil || someRSSOnly(a) {
		f.Title = "Memory under load, by role (RSS)"
		f.Note = "PSS could not be read, and RSS counts shared pages once per process, so the sum is too high. " + figures.RoleLegend(a.Costs)
		caption = "RSS under load; right is worse"
		stacks = stacksOf(a, func(c figures.RoleCost) *float64 { return c.LoadedRSS })
	}
	if stacks == nil {
		return nil
	}
	for _, c := range a.Costs {
		row := []string{words.Plain(c.Target), words.Plain(string(c.Role))}
		seen := false
		for _, v := range []*float64{c.LoadedPSS, c.LoadedUSS, c.LoadedRSS, c.PeakRSS, c.IdlePSS} {
			cell := words.Absent
			if v != nil {
				cell, seen = words.Amount(*v, "bytes"), true
			}
			row = append(row, cell)
		}
		if seen {
			f.Table.Rows = append(f.Table.Rows, row)
		}
	}
	addHeaps(a, &f.Table)
	f.SVG = bars(a, stacks, "bytes", caption).SVG(f.ID, f.Title, "Memory of each target under load, split by role; the table below has the same figures.")
	return f
}

func someRSSOnly(a *figures.Analysis) bool {
	for _, c := range a.Costs {
		if c.LoadedPSS == nil && c.LoadedRSS != nil {
			return true
		}
	}
	return false
}

// addHeaps adds a column for the managed heap of .NET to a table of memory by target and role,
// if a role has one.
func addHeaps(a *figures.Analysis, table *page.Grid) {
	heaps := map[[2]string]string{}
	for _, c := range a.Costs {
		if c.LoadedHeap != nil {
			heaps[[2]string{words.Plain(c.Target), words.Plain(string(c.Role))}] = words.Amount(*c.LoadedHeap, "bytes")
		}
	}
	if len(heaps) == 0 {
		return
	}
	table.Head = append(table.Head, "of it managed heap (.NET)")
	for i, row := range table.Rows {
		role, _, _ := strings.Cut(row[1], " ")
		cell := heaps[[2]string{row[0], role}]
		if cell == "" {
			cell = words.Absent
		}
		table.Rows[i] = append(row, cell)
	}
}

// roles lists every role, in the order in which targets have them.
func roles(a *figures.Analysis) []ancmbench.Role {
	var out []ancmbench.Role
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

// stacksOf makes a bar for each target of which all roles could be read; nil if
// there is none. Twins are left out.
func stacksOf(a *figures.Analysis, of func(figures.RoleCost) *float64) []stack {
	roles := roles(a)
	var out []stack
	for _, t := range a.EveryTarget() {
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

func bars(a *figures.Analysis, stacks []stack, unit, caption string) *page.Drawing {
	roles := roles(a)
	top, step := 30.0, 46.0
	bottom := top + step*float64(len(stacks))
	most := 0.0
	for _, s := range stacks {
		most = max(most, s.sum)
	}
	d := &page.Drawing{Height: bottom + 46}
	var used, classes []string
	for i, r := range roles {
		for _, s := range stacks {
			if s.parts[i] > 0 {
				used, classes = append(used, string(r)), append(classes, page.RolePaint(r, i).Fill())
				break
			}
		}
	}
	d.Legend(14, classes, used)
	x := page.Axis{Lo: 0, Hi: most * 1.04, From: page.LabelWidth, To: page.ChartWidth - 110, Log: false}
	d.Grid(x, top, bottom, unit, caption)
	for i, s := range stacks {
		y := top + step*float64(i) + 9
		d.Text("label", "end", page.LabelWidth-12, y+19, words.Short(s.target, 24))
		at := 0.0
		for j, v := range s.parts {
			if v <= 0 {
				continue
			}
			left, right := x.At(at), x.At(at+v)
			d.Rect(page.RolePaint(roles[j], j).Fill(), left, y, right-left, step-18)
			if name := words.Amount(v, unit); right-left > page.TextWidth(name)+8 {
				d.Text("inside", "middle", (left+right)/2, y+19, name)
			}
			at += v
		}
		d.Text("label", "start", x.At(s.sum)+8, y+19, words.Amount(s.sum, unit))
	}
	return d
}
