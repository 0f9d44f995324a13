package sentences

import (
	"fmt"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// LoadHostHead is the head of LoadHostRows, and MachineHead that of MachineRows.
var (
	LoadHostHead = []string{"load host", "requests", "failed", "response p50", "response p99, at most", "send lag p99, at most", "CPU per request", "clock", "known within"}
	MachineHead  = []string{"machine", "does", "processor", "cores", "system"}
)

// LoadHostRows returns a row for each load host; none if the load came from the coordinator.
func LoadHostRows(run *ancmbench.Run) (rows [][]string) {
	for _, h := range figures.LoadHosts(run) {
		p50 := timeOf(h.P50Least)
		if h.P50Most != h.P50Least {
			p50 += " to " + timeOf(h.P50Most)
		}
		rows = append(rows, []string{h.Name, words.Grouped(float64(h.Sent)), words.Grouped(float64(h.Failed)), p50, timeOf(h.P99Most),
			timeOf(h.LagP99Most), timeOf(ancmbench.Seconds(h.CPU * 1e9)), words.Signed(h.Offset.Float(), "seconds"), timeOf(h.Uncertainty)})
	}
	return rows
}

// timeOf writes a time; a hyphen for none.
func timeOf(s ancmbench.Seconds) string {
	if s == 0 {
		return "-"
	}
	return words.Amount(s.Float(), "seconds")
}

// LoadHostNotes says how the load hosts differ; nil if the load came from the coordinator.
func LoadHostNotes(run *ancmbench.Run) (notes []string) {
	hosts := figures.LoadHosts(run)
	for _, h := range hosts {
		if h.Slower > 0 {
			notes = append(notes, fmt.Sprintf("One load host was slower: the median of %s was longer than that of the others in %d of %s.", h.Name, h.Slower, words.Count(h.Trials, "trial", "trials")))
		}
		if h.Discarded > 0 {
			notes = append(notes, fmt.Sprintf("Because of %s, %s.", h.Name, words.Count(h.Discarded, "trial was discarded", "trials were discarded")))
		}
	}
	if len(hosts) > 1 && notes == nil {
		notes = append(notes, "In every trial the load hosts measured alike.")
	}
	return notes
}

// MachineRows returns a row for each machine beside the coordinator's; none if there was no
// other.
func MachineRows(run *ancmbench.Run) (rows [][]string) {
	for _, m := range run.Machines {
		var does []string
		if m.Load {
			does = append(does, "sends load")
		}
		if m.Serve {
			does = append(does, "runs the servers")
		}
		rows = append(rows, []string{words.Plain(m.Name), strings.Join(does, ", "), words.Plain(m.Host.CPUModel), fmt.Sprint(m.Host.Cores),
			words.Plain(strings.TrimSpace(m.Host.OS + " " + m.Host.Arch + " " + m.Host.Kernel))})
	}
	return rows
}
