package charts

import (
	"slices"
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
	// system is how much of each part was used in the kernel; nil if that is not known, or
	// means nothing.
	system []float64
	sum    float64
}

// CPUByRole returns the chart of what each role of each target uses per request. It
// returns nil if the run has no CPU by role.
func CPUByRole(a *figures.Analysis) *page.Figure {
	f := &page.Figure{ID: "cpu", Title: "CPU per request, by role", Note: cpuNote(a),
		Table: page.Grid{Head: []string{"target", "role", "CPU per request", "of it user", "of it system", "cores at the rate", "background, others loaded"}}}
	stacks := stacksOf(a, func(c figures.RoleCost) *float64 { return c.CPU })
	if stacks == nil {
		return nil
	}
	splitSystem(a, stacks)
	for _, c := range a.Costs {
		if c.CPU == nil {
			continue
		}
		row := []string{words.Plain(c.Target), figures.RoleName(c.Role), words.Amount(*c.CPU, "seconds"), words.Absent, words.Absent, words.Absent, words.Absent}
		if c.System != nil {
			row[3], row[4] = words.Amount(*c.CPU*(1-*c.System), "seconds"), words.Amount(*c.CPU**c.System, "seconds")
		}
		if c.Cores != nil {
			row[5] = words.Amount(*c.Cores, "cores")
		}
		if c.Background != nil {
			row[6] = words.Amount(*c.Background, "cores")
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	f.Draw("CPU per request of each target, split by role; the table below has the same figures.", func(d *page.Drawing) {
		drawBars(d, a, stacks, "seconds", "CPU per request; right is worse")
	})
	return f
}

// splitSystem fills in how much of each bar's parts was used in the kernel, where all
// roles of a target know.
func splitSystem(a *figures.Analysis, stacks []stack) {
	roles := roles(a)
	for i := range stacks {
		s := &stacks[i]
		system := make([]float64, len(roles))
		known := true
		for _, c := range a.Costs {
			if c.Target != s.target || c.CPU == nil || *c.CPU == 0 {
				continue
			}
			if c.System == nil {
				known = false
				break
			}
			system[slices.Index(roles, c.Role)] = *c.CPU * *c.System
		}
		if known {
			s.system = system
		}
	}
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
		row := []string{words.Plain(c.Target), figures.RoleName(c.Role)}
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
	f.Draw("Memory of each target under load, split by role; the table below has the same figures.", func(d *page.Drawing) {
		drawBars(d, a, stacks, "bytes", caption)
	})
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

// drawBars draws a bar per target, made of its roles.
func drawBars(d *page.Drawing, a *figures.Analysis, stacks []stack, unit, caption string) {
	roles := roles(a)
	most := 0.0
	for _, s := range stacks {
		most = max(most, s.sum)
	}
	var keys []page.Key
	split := false
	for i, r := range roles {
		used := slices.ContainsFunc(stacks, func(s stack) bool { return s.parts[i] > 0 })
		split = split || slices.ContainsFunc(stacks, func(s stack) bool { return s.system != nil && s.system[i] > 0 })
		if used {
			keys = append(keys, page.Key{Name: figures.RoleName(r), Paint: page.RolePaint(r, i)})
		}
	}
	top := d.Legend(keys)
	if split {
		d.Rect("box", 2, top-3, 12, 10)
		d.Rect("hatch", 2, top-3, 12, 10)
		d.Text("label", "start", 22, top+6, "pale: in the kernel (system)")
		top += 18
	}
	l := d.Lanes(len(stacks), top+4, 40, 190, 110)
	x := page.Axis{Lo: 0, Hi: most * 1.04, From: l.Left, To: l.Right}
	d.Grid(x, l.Top, l.Bottom, unit, caption)
	for i, s := range stacks {
		y, said := l.Middle(i)-13, words.Amount(s.sum, unit)
		l.Name(i, s.target, said)
		l.Value(i, x.At(s.sum)+8, said)
		at := 0.0
		for j, v := range s.parts {
			if v <= 0 {
				continue
			}
			left, right := x.At(at), x.At(at+v)
			d.Rect("part "+page.RolePaint(roles[j], j).Fill(), left, y, right-left, 26)
			if s.system != nil && s.system[j] > 0 {
				from := x.At(at + v - s.system[j])
				d.Rect("hatch", from, y, right-from, 26)
			} else if name := words.Amount(v, unit); right-left > page.TextWidth(name)+8 {
				d.Text(page.RolePaint(roles[j], j).Inside(), "middle", (left+right)/2, y+17, name)
			}
			at += v
		}
	}
	d.Height = l.Bottom + d.Foot()
}
