package host

import (
	"cmp"
	"strings"

	"ancmbench"
)

// The bounds of Inspect.
const (
	// clockCostBound is the limit of one clock reading. From user space it takes 20 to
	// 60 ns. Above the limit it is a system call, and three readings per request would
	// show in the results.
	clockCostBound = 250e-9
	// clockStepBound is a hundredth of the shortest response times.
	clockStepBound = 1e-6
	// swapBound is the share of memory in swap above which pages of a measured process
	// are probably among them.
	swapBound = 0.01
	// defaultPorts is enough ports for one minute of TIME_WAIT at the rates of the
	// bundled profiles, which keep their connections.
	defaultPorts = 4096
)

// Inspection is what Inspect found.
type Inspection struct {
	Checks   []ancmbench.Check
	Warnings []ancmbench.Warning
}

// note adds a check, and a warning if the check fails. A check of a value that could not
// be read has a reason instead.
func (i *Inspection) note(c ancmbench.Check, code ancmbench.WarningCode, detail string) {
	if c.Unsupported != "" {
		c.Value = 0
	}
	i.Checks = append(i.Checks, c)
	if !c.OK() {
		i.Warnings = append(i.Warnings, ancmbench.Warning{Code: code, Value: c.Value, Bound: c.Bound, Detail: detail})
	}
}

// Inspect checks whether a machine is fit to measure, before a run. h comes from
// Fingerprint, with the pinned cores filled in. ports is how many free local ports the run
// needs; zero means 4096. It takes some milliseconds.
func Inspect(h ancmbench.Host, ports int) Inspection {
	var out Inspection
	out.governor(h)
	out.clock(h)
	out.swap(h)
	out.limit(h)
	out.ports(ports)
	own := ancmbench.Check{Name: "generator_own_cores_count", Value: float64(len(h.GeneratorCores)), Bound: 1, AtLeast: true}
	out.note(own, ancmbench.WarnSharedCores, "")
	if !own.OK() {
		// The value of this warning is the number of shared cores.
		out.Warnings[len(out.Warnings)-1].Value = float64(h.Cores)
		out.Warnings[len(out.Warnings)-1].Bound = coresToPin
	}
	return out
}

// governor checks the CPU governors. Any but "performance" lets the frequency follow the
// load, so that a server at a low rate looks slower than it is.
func (i *Inspection) governor(h ancmbench.Host) {
	c := ancmbench.Check{Name: "governors_not_performance_count", Unsupported: h.Unsupported["cpu_governor"]}
	if c.Unsupported == "" {
		for name := range strings.SplitSeq(h.Governor, ",") {
			if name != "performance" {
				c.Value++
			}
		}
	}
	i.note(c, ancmbench.WarnGovernor, h.Governor)
}

func (i *Inspection) clock(h ancmbench.Host) {
	cost, step := readClock()
	source := cmp.Or(h.ClockSource, "not named by this system")
	i.note(ancmbench.Check{Name: "clock_read_seconds", Value: cost.Seconds(), Bound: clockCostBound},
		ancmbench.WarnClock, source)
	i.note(ancmbench.Check{Name: "clock_step_seconds", Value: step.Seconds(), Bound: clockStepBound},
		ancmbench.WarnClockStep, source)
}

func (i *Inspection) swap(h ancmbench.Host) {
	c := ancmbench.Check{Name: "swap_used_bytes", Value: float64(h.SwapBytes),
		Bound: swapBound * float64(h.MemoryBytes), Unsupported: h.Unsupported["swap_bytes"]}
	if c.Unsupported == "" {
		c.Unsupported = h.Unsupported["memory_bytes"]
	}
	i.note(c, ancmbench.WarnSwap, "")
}

func (i *Inspection) limit(h ancmbench.Host) {
	i.note(ancmbench.Check{Name: "cores_allowed_count", Value: h.CoresAllowed, Bound: float64(h.Cores),
		AtLeast: true, Unsupported: h.Unsupported["cores_allowed"]}, ancmbench.WarnCPULimit, "")
}

func (i *Inspection) ports(need int) {
	if need <= 0 {
		need = defaultPorts
	}
	c := ancmbench.Check{Name: "ports_left_count", Bound: float64(need), AtLeast: true}
	n, err := PortsLeft()
	if err != nil {
		c.Unsupported = bare(err).Error()
	}
	c.Value = float64(n)
	i.note(c, ancmbench.WarnPortsLeft, "")
}
