package figures

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"ancmbench"
	"ancmbench/reports/words"
)

// Choose returns for each workload the phase that the metric is read from. A named phase
// comes first. Then it is a duel for comparisons, and slices, where one target works at a
// time, for absolute values. Otherwise it is the first of its kind.
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

// Differs says that a setting has another value than before.
func Differs(what, now, then string) string {
	return fmt.Sprintf("%s: %s instead of %s", what, words.Plain(now), words.Plain(then))
}

// SettingsDiffer compares the first results of two series: every fresh start of a run
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

// MeanRate returns the mean of the open-loop rates of results, per second; 0 without any.
func MeanRate(rs []*ancmbench.Result) float64 {
	sum := 0.0
	for _, r := range rs {
		sum += OpenRate(r)
	}
	return sum / float64(max(1, len(rs)))
}

// sameDealing lets fitted slices differ by less than double: those of 50 and of
// 100 ms agree.
func sameDealing(a, b ancmbench.Dealing) bool {
	x, y := a.Slice.Float(), b.Slice.Float()
	return a.Kind == b.Kind && a.Mirrored == b.Mirrored && a.Settle == b.Settle && x <= 2*y && y <= 2*x
}

// TargetsDiffer compares the targets with the same names in both runs.
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

// hosted returns what a target is, apart from its name.
func hosted(t ancmbench.TargetInfo) string {
	said := string(t.Model) + " " + t.Front
	if over := spokenTo(t); over != "" {
		said += " " + over
	}
	return said
}

// WorkloadsChanged returns the names of those that both runs have with other requests.
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

// HostsDiffer returns the differences between two kinds of machine.
func HostsDiffer(a, b ancmbench.Host) []string {
	var out []string
	here, there := a.Unlike(b)
	for i := range here {
		out = append(out, Differs(here[i].What, here[i].Value, there[i].Value))
	}
	return out
}
