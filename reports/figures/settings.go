package figures

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/words"
)

// Choose gives for each workload the phase that the metric is read from: the one
// named; else for what is compared a duel, and for absolute values slices, where
// one target works at a time; else the first of the kind.
func (o *Observations) Choose(m ancmbench.Metric, baseline, phase string, absolute bool) []Scenario {
	prefer := []ancmbench.DealingKind{ancmbench.Duel, ancmbench.Slices, ancmbench.Single}
	if absolute {
		prefer = []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Single, ancmbench.Duel}
	}
	rank := func(s Scenario) int {
		if r := o.Series(s, baseline); len(r) > 0 && slices.Contains(prefer, r[0].Dealing.Kind) {
			return slices.Index(prefer, r[0].Dealing.Kind)
		}
		return len(prefer)
	}
	var out []Scenario
	for _, s := range o.Scenarios {
		if s.Kind != m.Kind || phase != "" && s.Phase != phase {
			continue
		}
		i := slices.IndexFunc(out, func(x Scenario) bool { return x.Workload == s.Workload })
		switch {
		case i < 0:
			out = append(out, s)
		case rank(s) < rank(out[i]):
			out[i] = s
		}
	}
	if out == nil { // nothing that counts yet: the metric is missing, not forgotten
		out = []Scenario{{Phase: phase, Kind: m.Kind}}
	}
	return out
}

func Differs(what, now, then string) string {
	return fmt.Sprintf("%s: %s instead of %s", what, words.Plain(now), words.Plain(then))
}

// SettingsDiffer compares the first results of two series: every launch of a run
// has the same settings, fitted in its first.
func SettingsDiffer(now, then []*ancmbench.Result) []string {
	var out []string
	a, b := now[0], then[0]
	if a.Arrivals.Kind != b.Arrivals.Kind {
		out = append(out, Differs("arrivals", string(a.Arrivals.Kind), string(b.Arrivals.Kind)))
	}
	if x, y := MeanRate(now), MeanRate(then); math.Abs(x-y) > 0.01*y {
		out = append(out, Differs("rate", words.Rate(x), words.Rate(y)))
	}
	if a.Connections != b.Connections {
		out = append(out, Differs("connections", fmt.Sprint(a.Connections), fmt.Sprint(b.Connections)))
	}
	if a.Engine != b.Engine {
		out = append(out, Differs("engine", a.Engine, b.Engine))
	}
	if !sameDealing(a.Dealing, b.Dealing) {
		out = append(out, Differs("dealing", Dealing(a.Dealing), Dealing(b.Dealing)))
	}
	return out
}

func MeanRate(rs []*ancmbench.Result) float64 {
	sum := 0.0
	for _, r := range rs {
		sum += OpenRate(r)
	}
	return sum / float64(max(1, len(rs)))
}

// sameDealing lets fitted slices differ by less than double: those of 50 and of
// 100 ms agree (MEASURING.md, "Two models, one question").
func sameDealing(a, b ancmbench.Dealing) bool {
	x, y := a.Slice.Float(), b.Slice.Float()
	return a.Kind == b.Kind && a.Mirrored == b.Mirrored && a.Settle == b.Settle && x <= 2*y && y <= 2*x
}

// TargetsDiffer compares what the names that both runs have stand for.
func TargetsDiffer(run, stored *ancmbench.Run) []string {
	var out []string
	if a, b := run.Targets[0].Name, stored.Targets[0].Name; a != b {
		out = append(out, Differs("baseline", a, b))
	}
	for _, t := range run.Targets {
		for _, s := range stored.Targets {
			if a, b := hosted(t), hosted(s); t.Name == s.Name && a != b {
				out = append(out, Differs(words.Plain(t.Name), a, b))
			}
		}
	}
	return out
}

// hosted is what a target's name stands for.
func hosted(t ancmbench.TargetInfo) string {
	said := string(t.Model) + " " + t.Front
	if over := spokenTo(t); over != "" {
		said += " " + over
	}
	return said
}

// WorkloadsChanged are the names of those that both runs have with other requests.
func WorkloadsChanged(run, stored *ancmbench.Run) []string {
	var out []string
	for _, w := range run.Profile.Workloads {
		for _, s := range stored.Profile.Workloads {
			if w.Name == s.Name && !reflect.DeepEqual(w.Requests, s.Requests) {
				out = append(out, w.Name)
			}
		}
	}
	return out
}

// HostsDiffer compares fingerprints as coarsely as a host profile's key: versions
// to the second number, memory to a sixteenth, allowed cores to half a core.
func HostsDiffer(a, b ancmbench.Host) []string {
	var out []string
	compare := func(what string, x, y any) {
		if x != y {
			out = append(out, Differs(what, fmt.Sprint(x), fmt.Sprint(y)))
		}
	}
	compare("system", a.OS+"/"+a.Arch, b.OS+"/"+b.Arch)
	compare("kernel", twoNumbers(a.Kernel), twoNumbers(b.Kernel))
	compare("CPU", a.CPUModel, b.CPUModel)
	compare("cores", a.Cores, b.Cores)
	compare("cores allowed", math.Round(2*a.CoresAllowed)/2, math.Round(2*b.CoresAllowed)/2)
	compare("cores of the generator", len(a.GeneratorCores), len(b.GeneratorCores))
	compare("cores of the servers", len(a.ServerCores), len(b.ServerCores))
	if x, y := float64(a.MemoryBytes), float64(b.MemoryBytes); math.Abs(x-y) > max(x, y)/16 {
		compare("memory", words.Amount(x, "bytes"), words.Amount(y, "bytes"))
	}
	compare("CPU governor", a.Governor, b.Governor)
	compare("clock source", a.ClockSource, b.ClockSource)
	compare("virtualization", a.Virtual, b.Virtual)
	compare("Go", twoNumbers(strings.TrimPrefix(a.GoVersion, "go")), twoNumbers(strings.TrimPrefix(b.GoVersion, "go")))
	return out
}

// twoNumbers keeps the first two numbers of a version: "6.18.44-generic" is "6.18".
func twoNumbers(version string) string {
	end := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		version = version[:end]
	}
	f := strings.Split(version, ".")
	return strings.Join(f[:min(2, len(f))], ".")
}
