package html

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// machineSection has the machine, the versions, and the command that repeats the run.
func machineSection(run *ancmbench.Run) *Section {
	versions := page.Grid{Class: "prose", Rows: [][]string{{"profile", words.Plain(run.Profile.Name)}, {"seed", fmt.Sprint(run.Seed)}, {"program", toolLine(run.Tool)}}}
	return &Section{ID: "machine", Title: "The machine, the versions, and how to repeat it", Collapsed: true,
		Tables: []Table{{"The machine", hostGrid(run.Host)}, {"The run", versions}}, Code: words.ShellWords(run.Command),
		After: []string{"Every figure comes from result.json beside this file; ancmbench report on it makes this page again."}}
}

// hostGrid returns the table of the host. It has name and details only if the run kept
// them.
func hostGrid(h ancmbench.Host) page.Grid {
	g := page.Grid{Class: "prose"}
	add := func(name, value string) {
		if value != "" {
			g.Rows = append(g.Rows, []string{name, words.Plain(value)})
		}
	}
	add("name", h.Name)
	add("system", strings.TrimSpace(h.OS+" "+h.Arch))
	add("kernel", h.Kernel)
	add("processor", h.CPUModel)
	if h.Cores > 0 {
		cores := fmt.Sprint(h.Cores)
		if h.CoresAllowed > 0 && h.CoresAllowed != float64(h.Cores) {
			cores += ", of which " + words.Digits(h.CoresAllowed) + " may be used"
		}
		add("cores", cores)
	}
	add("cores of the generator", coreSet(h.GeneratorCores))
	add("cores of the servers", coreSet(h.ServerCores))
	if h.MemoryBytes > 0 {
		add("memory", words.Amount(float64(h.MemoryBytes), "bytes"))
	}
	if h.SwapBytes > 0 {
		add("swap in use", words.Amount(float64(h.SwapBytes), "bytes"))
	}
	add("CPU governor", h.Governor)
	add("clock source", h.ClockSource)
	add("virtualization", h.Virtual)
	add("Go", h.GoVersion)
	for _, k := range slices.Sorted(maps.Keys(h.Details)) {
		add(words.Plain(k), h.Details[k])
	}
	for _, k := range slices.Sorted(maps.Keys(h.Unsupported)) {
		add(words.Plain(k), "not known: "+h.Unsupported[k])
	}
	return g
}

func coreSet(cores []int) string {
	said := make([]string, len(cores))
	for i, c := range cores {
		said[i] = fmt.Sprint(c)
	}
	return words.List(said)
}

func toolLine(t ancmbench.Tool) string {
	said := []string{"ancmbench " + words.Plain(t.Version)}
	if t.Go != "" {
		said = append(said, words.Plain(t.Go))
	}
	for _, m := range slices.Sorted(maps.Keys(t.Modules)) {
		said = append(said, words.Plain(m+" "+t.Modules[m]))
	}
	return strings.Join(said, ", ")
}
