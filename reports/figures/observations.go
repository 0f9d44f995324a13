package figures

import (
	"cmp"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Scenario is what fresh starts repeat: one phase under one workload.
type Scenario struct {
	Phase    string
	Kind     ancmbench.PhaseKind
	Workload string
}

type cellKey struct {
	launch int
	Scenario
	target string
}

// Observations are the counted Results, pooled by fresh start, phase, workload and target.
type Observations struct {
	Scenarios []Scenario // in the order of the profile
	Launches  []int      // ascending
	cells     map[cellKey]*ancmbench.Result
}

// Observe sorts a run's Results: void ones are left out, and of
// several attempts at a trial only the last is taken.
func Observe(run *ancmbench.Run) *Observations {
	o := &Observations{cells: map[cellKey]*ancmbench.Result{}}
	type attempt struct {
		trial  int
		target string
	}
	last := map[attempt]int{}
	for i := range run.Results {
		r := &run.Results[i]
		last[attempt{r.Trial, r.Target}] = i
	}
	parts := map[cellKey][]*ancmbench.Result{}
	for i := range run.Results {
		r := &run.Results[i]
		if r.Void != "" || last[attempt{r.Trial, r.Target}] != i {
			continue
		}
		s := Scenario{r.Phase, r.PhaseKind, r.Workload}
		if !slices.Contains(o.Scenarios, s) {
			o.Scenarios = append(o.Scenarios, s)
		}
		if !slices.Contains(o.Launches, r.Launch) {
			o.Launches = append(o.Launches, r.Launch)
		}
		key := cellKey{r.Launch, s, r.Target}
		parts[key] = append(parts[key], r)
	}
	for key, results := range parts {
		o.cells[key] = pool(results)
	}
	slices.Sort(o.Launches)
	o.sortScenarios(run.Profile)
	return o
}

// sortScenarios sorts the scenarios in the order of the profile, because each fresh start
// takes them in a random order. What the profile does not name comes last, in the order of
// its first occurrence.
func (o *Observations) sortScenarios(p ancmbench.Profile) {
	place := func(i int) int {
		if i < 0 {
			return len(p.Phases) + len(p.Workloads)
		}
		return i
	}
	slices.SortStableFunc(o.Scenarios, func(a, b Scenario) int {
		workload := func(s Scenario) int {
			return place(slices.IndexFunc(p.Workloads, func(w ancmbench.Workload) bool { return w.Name == s.Workload }))
		}
		phase := func(s Scenario) int {
			return place(slices.IndexFunc(p.Phases, func(f ancmbench.Phase) bool { return f.Name == s.Phase }))
		}
		return cmp.Or(cmp.Compare(workload(a), workload(b)), cmp.Compare(phase(a), phase(b)))
	})
}

// Cell returns the pooled Result, and nil if no counted one exists.
func (o *Observations) Cell(launch int, s Scenario, target string) *ancmbench.Result {
	return o.cells[cellKey{launch, s, target}]
}

// Series returns the target's Results of one scenario, fresh start by fresh start.
func (o *Observations) Series(s Scenario, target string) []*ancmbench.Result {
	var out []*ancmbench.Result
	for _, l := range o.Launches {
		if r := o.Cell(l, s, target); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// pool makes one Result of the parts of a fresh start: histograms are merged, counts
// and processor time summed, memory averaged; of single instants the median
// stays. The parts are left as they are.
func pool(parts []*ancmbench.Result) *ancmbench.Result {
	if len(parts) == 1 && len(parts[0].Instants) < 2 {
		return parts[0]
	}
	sum := *parts[0]
	if len(parts) > 1 {
		sum.Response = mergeHistograms(parts, func(r *ancmbench.Result) *ancmbench.Histogram { return r.Response })
		sum.Service = mergeHistograms(parts, func(r *ancmbench.Result) *ancmbench.Histogram { return r.Service })
		sum.Lag = mergeHistograms(parts, func(r *ancmbench.Result) *ancmbench.Histogram { return r.Lag })
		sum.FirstByte = mergeHistograms(parts, func(r *ancmbench.Result) *ancmbench.Histogram { return r.FirstByte })
		sum.Wait = mergeHistograms(parts, func(r *ancmbench.Result) *ancmbench.Histogram { return r.Wait })
		sum.Connect = mergeHistograms(parts, func(r *ancmbench.Result) *ancmbench.Histogram { return r.Connect })
		sum.Outcomes = sumOutcomes(parts)
		sum.Usage = sumUsage(parts)
		sum.Busy, sum.Checks, sum.Warnings = 0, nil, nil
		for _, r := range parts {
			sum.Busy += r.Busy
			sum.Checks = append(sum.Checks, r.Checks...)
			sum.Warnings = append(sum.Warnings, r.Warnings...)
		}
	}
	var instants []float64
	for _, r := range parts {
		for _, s := range r.Instants {
			instants = append(instants, s.Float())
		}
	}
	if m, ok := stats.Median(instants); ok {
		sum.Instants = []ancmbench.Seconds{ancmbench.Seconds(m * 1e9)}
	}
	return &sum
}

func mergeHistograms(parts []*ancmbench.Result, of func(*ancmbench.Result) *ancmbench.Histogram) *ancmbench.Histogram {
	sum := new(ancmbench.Histogram)
	for _, r := range parts {
		sum.Merge(of(r))
	}
	return sum
}

// sumOutcomes adds the counts that metrics and checks read.
func sumOutcomes(parts []*ancmbench.Result) ancmbench.Outcomes {
	var sum ancmbench.Outcomes
	for _, r := range parts {
		sum.Due += r.Outcomes.Due
		sum.Sent += r.Outcomes.Sent
		sum.OK += r.Outcomes.OK
		sum.Shed += r.Outcomes.Shed
		sum.Settled += r.Outcomes.Settled
		sum.Stale += r.Outcomes.Stale
	}
	return sum
}

// sumUsage adds processor time by role and averages memory by role. A role that
// one part could not read is unknown in the sum.
func sumUsage(parts []*ancmbench.Result) []ancmbench.RoleUsage {
	var out []ancmbench.RoleUsage
	for _, first := range parts[0].Usage {
		sum := ancmbench.RoleUsage{Role: first.Role, Processes: first.Processes, CPU: new(ancmbench.CPU)}
		var idle, loaded []*ancmbench.MemoryUse
		for _, r := range parts {
			u := roleUsage(r, first.Role)
			if u == nil || u.CPU == nil {
				sum.CPU = nil
			} else if sum.CPU != nil {
				sum.CPU.Own += u.CPU.Own
				sum.CPU.Background += u.CPU.Background
				sum.CPU.Others += u.CPU.Others
				sum.CPU.User += u.CPU.User
				sum.CPU.System += u.CPU.System
				sum.CPU.Source = u.CPU.Source
			}
			if u != nil && u.Idle != nil {
				idle = append(idle, u.Idle)
			}
			if u != nil && u.Loaded != nil {
				loaded = append(loaded, u.Loaded)
			}
		}
		sum.Idle, sum.Loaded = meanMemory(idle), meanMemory(loaded)
		out = append(out, sum)
	}
	return out
}

func roleUsage(r *ancmbench.Result, role ancmbench.Role) *ancmbench.RoleUsage {
	for i := range r.Usage {
		if r.Usage[i].Role == role {
			return &r.Usage[i]
		}
	}
	return nil
}

func meanMemory(ms []*ancmbench.MemoryUse) *ancmbench.MemoryUse {
	if len(ms) == 0 {
		return nil
	}
	n := int64(len(ms))
	mean := func(of func(*ancmbench.MemoryUse) *int64) *int64 {
		var sum int64
		for _, m := range ms {
			v := of(m)
			if v == nil {
				return nil
			}
			sum += *v
		}
		sum /= n
		return &sum
	}
	return &ancmbench.MemoryUse{
		PSS:     mean(func(m *ancmbench.MemoryUse) *int64 { return m.PSS }),
		USS:     mean(func(m *ancmbench.MemoryUse) *int64 { return m.USS }),
		RSS:     *mean(func(m *ancmbench.MemoryUse) *int64 { return &m.RSS }),
		PeakRSS: mean(func(m *ancmbench.MemoryUse) *int64 { return m.PeakRSS }),
	}
}
