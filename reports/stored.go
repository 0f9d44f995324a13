package reports

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"ancmbench"
)

// unlike says in what a run and a stored one differ so that they must not be
// compared: the ratio of two servers depends on rate, connections, engine and
// dealing, and absolute values on the machine as well.
func (g Gate) unlike(run, stored *ancmbench.Run, o *observations, cells []*cell) []string {
	var out []string
	say := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if run.Subject != stored.Subject {
		say(differs("subject", string(run.Subject), string(stored.Subject)))
	}
	old := observe(stored)
	for _, c := range cells {
		if c.Budget != nil {
			continue
		}
		targets := []string{c.Target}
		if g.Form == PenaltyAgainstStored {
			targets = append(targets, run.Targets[0].Name)
		}
		for _, t := range targets {
			now, then := o.series(c.at, t), old.series(c.at, t)
			switch {
			case len(now) == 0: // the cell says that it is missing
			case len(then) == 0:
				say(fmt.Sprintf("the stored run has nothing of %s in phase %s", plain(t), plain(c.at.phase)))
			default:
				for _, s := range settingsDiffer(now, then) {
					say("phase " + plain(c.at.phase) + ": " + s)
				}
			}
		}
	}
	for _, s := range targetsDiffer(run, stored) {
		say(s)
	}
	for _, s := range workloadsDiffer(run, stored, cells) {
		say(s)
	}
	if g.Form == AgainstStored && !g.AllowEnvironment {
		for _, s := range hostsDiffer(run.Host, stored.Host) {
			say("the host differs, " + s)
		}
	}
	return out
}

func differs(what, now, then string) string {
	return fmt.Sprintf("%s: %s instead of %s", what, plain(now), plain(then))
}

// settingsDiffer compares the first results of two series: every launch of a run
// has the same settings, fitted in its first.
func settingsDiffer(now, then []*ancmbench.Result) []string {
	var out []string
	a, b := now[0], then[0]
	if a.Arrivals.Kind != b.Arrivals.Kind {
		out = append(out, differs("arrivals", string(a.Arrivals.Kind), string(b.Arrivals.Kind)))
	}
	if x, y := meanRate(now), meanRate(then); math.Abs(x-y) > 0.01*y {
		out = append(out, differs("rate", rate(x), rate(y)))
	}
	if a.Connections != b.Connections {
		out = append(out, differs("connections", fmt.Sprint(a.Connections), fmt.Sprint(b.Connections)))
	}
	if a.Engine != b.Engine {
		out = append(out, differs("engine", a.Engine, b.Engine))
	}
	if !sameDealing(a.Dealing, b.Dealing) {
		out = append(out, differs("dealing", dealing(a.Dealing), dealing(b.Dealing)))
	}
	return out
}

func meanRate(rs []*ancmbench.Result) float64 {
	sum := 0.0
	for _, r := range rs {
		sum += openRate(r)
	}
	return sum / float64(max(1, len(rs)))
}

// sameDealing lets fitted slices differ by less than double: those of 50 and of
// 100 ms agree (MEASURING.md, "Two models, one question").
func sameDealing(a, b ancmbench.Dealing) bool {
	x, y := a.Slice.Float(), b.Slice.Float()
	return a.Kind == b.Kind && a.Mirrored == b.Mirrored && a.Settle == b.Settle && x <= 2*y && y <= 2*x
}

// targetsDiffer compares what the names that both runs have stand for.
func targetsDiffer(run, stored *ancmbench.Run) []string {
	var out []string
	if a, b := run.Targets[0].Name, stored.Targets[0].Name; a != b {
		out = append(out, differs("baseline", a, b))
	}
	for _, t := range run.Targets {
		for _, s := range stored.Targets {
			if a, b := hosted(t), hosted(s); t.Name == s.Name && a != b {
				out = append(out, differs(plain(t.Name), a, b))
			}
		}
	}
	return out
}

// hosted is what a target's name stands for.
func hosted(t ancmbench.TargetInfo) string {
	words := string(t.Model) + " " + t.Front
	if over := spokenTo(t); over != "" {
		words += " " + over
	}
	return words
}

func workloadsDiffer(run, stored *ancmbench.Run, cells []*cell) []string {
	var out []string
	for _, name := range workloadsChanged(run, stored) {
		if slices.ContainsFunc(cells, func(c *cell) bool { return c.Workload == name }) {
			out = append(out, "workload "+plain(name)+": its requests are others than the stored ones")
		}
	}
	return out
}

// workloadsChanged are the names of those that both runs have with other requests.
func workloadsChanged(run, stored *ancmbench.Run) []string {
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

// hostsDiffer compares fingerprints as coarsely as a host profile's key: versions
// to the second number, memory to a sixteenth, allowed cores to half a core.
func hostsDiffer(a, b ancmbench.Host) []string {
	var out []string
	compare := func(what string, x, y any) {
		if x != y {
			out = append(out, differs(what, fmt.Sprint(x), fmt.Sprint(y)))
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
		compare("memory", amount(x, "bytes"), amount(y, "bytes"))
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
