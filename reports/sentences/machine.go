package sentences

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/words"
)

// HostRows returns what is known of a host, by name. It has name and details only if the
// run kept them.
func HostRows(h ancmbench.Host) [][]string {
	var rows [][]string
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, words.Plain(value)})
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
	return rows
}

func coreSet(cores []int) string {
	said := make([]string, len(cores))
	for i, c := range cores {
		said[i] = fmt.Sprint(c)
	}
	return words.List(said)
}

// ToolLine says which program measured, with the versions of its libraries.
func ToolLine(t ancmbench.Tool) string {
	said := []string{"ancmbench " + words.Plain(t.Version)}
	if t.Go != "" {
		said = append(said, words.Plain(t.Go))
	}
	for _, m := range slices.Sorted(maps.Keys(t.Modules)) {
		said = append(said, words.Plain(m+" "+t.Modules[m]))
	}
	return strings.Join(said, ", ")
}
