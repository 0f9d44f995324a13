package fleet

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// merge adds up what the agents observed, target by target. Counts and histograms are
// added; a check is the one of the agent that is furthest beyond its bound.
func (r *joint) merge(all []results) []ancmbench.Result {
	var out []ancmbench.Result
	for t := range r.load.Targets {
		merged := all[0].Results[t]
		merged.Arrivals, merged.Dealing, merged.Connections = r.load.Arrivals, r.load.Dealing, r.load.Connections
		merged.Checks, merged.Warnings, merged.LoadHosts = nil, nil, nil
		for i := range all {
			part := &all[i].Results[t]
			if i > 0 {
				add(&merged, part)
			}
			merged.LoadHosts = append(merged.LoadHosts, r.host(i, part))
		}
		merged.Checks = worstChecks(all, t)
		r.judge(&merged, all, t)
		out = append(out, merged)
	}
	return out
}

// add adds another agent's part of a result.
func add(to, from *ancmbench.Result) {
	addHistograms(to, from)
	to.Outcomes = sum(to.Outcomes, from.Outcomes)
	to.Failures = sumFailures(to.Failures, from.Failures)
	to.BytesSent += from.BytesSent
	to.BytesReceived += from.BytesReceived
	to.Busy = max(to.Busy, from.Busy)
	for _, row := range from.Slices {
		addSlice(to, row)
	}
	for i, row := range from.Series {
		for len(to.Series) <= i {
			to.Series = append(to.Series, ancmbench.SecondRow{At: ancmbench.Seconds(len(to.Series)) * ancmbench.Seconds(time.Second)})
		}
		mine := &to.Series[i]
		mine.Sent, mine.Done, mine.Errors = mine.Sent+row.Sent, mine.Done+row.Done, mine.Errors+row.Errors
		mine.Max = max(mine.Max, row.Max)
	}
	addUsage(to, from)
	if to.Void == "" {
		to.Void = from.Void
	}
}

// addHistograms adds every histogram of a result bucket by bucket, whichever there are.
func addHistograms(to, from *ancmbench.Result) {
	a, b := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for i := range a.NumField() {
		mine, is := a.Field(i).Addr().Interface().(**ancmbench.Histogram)
		if !is {
			continue
		}
		other := *b.Field(i).Addr().Interface().(**ancmbench.Histogram)
		if other.Count() == 0 {
			continue
		}
		if *mine == nil {
			*mine = &ancmbench.Histogram{}
		}
		(*mine).Merge(other)
	}
}

// sum adds every count of two outcomes, whichever there are.
func sum(a, b ancmbench.Outcomes) ancmbench.Outcomes {
	to, from := reflect.ValueOf(&a).Elem(), reflect.ValueOf(b)
	for i := range to.NumField() {
		if f := to.Field(i); f.Kind() == reflect.Int64 {
			f.SetInt(f.Int() + from.Field(i).Int())
		}
	}
	status := map[int]int64{}
	for _, part := range []map[int]int64{a.Status, b.Status} {
		for code, n := range part {
			status[code] += n
		}
	}
	if len(status) > 0 {
		a.Status = status
	}
	return a
}

// sumFailures adds the counts by cause, the most frequent first.
func sumFailures(a, b []ancmbench.Failure) []ancmbench.Failure {
	out := slices.Clone(a)
	for _, f := range b {
		if i := slices.IndexFunc(out, func(g ancmbench.Failure) bool { return g.Kind == f.Kind && g.Cause == f.Cause }); i >= 0 {
			out[i].Count += f.Count
		} else {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(x, y ancmbench.Failure) int { return int(max(-1, min(1, y.Count-x.Count))) })
	return out
}

// addSlice adds another agent's row of a slice. All begin at the same instant of the
// timetable.
func addSlice(to *ancmbench.Result, row ancmbench.SliceRow) {
	i, found := slices.BinarySearchFunc(to.Slices, row.Index, func(s ancmbench.SliceRow, index int) int { return s.Index - index })
	if !found {
		to.Slices = slices.Insert(slices.Clone(to.Slices), i, row)
		return
	}
	mine := &to.Slices[i]
	mine.Sent, mine.Done = mine.Sent+row.Sent, mine.Done+row.Done
	mine.Length, mine.Drain, mine.Late = max(mine.Length, row.Length), max(mine.Drain, row.Drain), max(mine.Late, row.Late)
	if len(mine.CPU) != len(row.CPU) {
		mine.CPU = nil // one host could not read it
		return
	}
	for k := range row.CPU {
		mine.CPU[k] += row.CPU[k]
	}
}

// addUsage adds the CPU of another agent's generator.
func addUsage(to, from *ancmbench.Result) {
	for _, u := range from.Usage {
		i := slices.IndexFunc(to.Usage, func(mine ancmbench.RoleUsage) bool { return mine.Role == u.Role })
		if i < 0 {
			to.Usage = append(to.Usage, u)
			continue
		}
		mine := &to.Usage[i]
		mine.Processes += u.Processes
		if mine.CPU == nil || u.CPU == nil {
			mine.CPU, mine.Unsupported = nil, map[string]string{"cpu": "not read on every load host"}
			continue
		}
		cpu := *mine.CPU
		cpu.Own, cpu.Background, cpu.Others = cpu.Own+u.CPU.Own, cpu.Background+u.CPU.Background, max(cpu.Others, u.CPU.Others)
		cpu.User, cpu.System = cpu.User+u.CPU.User, cpu.System+u.CPU.System
		mine.CPU = &cpu
	}
}

// worstChecks returns each check as the agent has it that is furthest beyond its bound. The
// rate reached is a sum.
func worstChecks(all []results, t int) (out []ancmbench.Check) {
	for i := range all {
		for _, c := range all[i].Results[t].Checks {
			k := slices.IndexFunc(out, func(o ancmbench.Check) bool { return o.Name == c.Name })
			switch {
			case k < 0:
				out = append(out, c)
			case c.Unsupported != "":
			case out[k].Unsupported != "":
				out[k] = c
			case c.Name == loadgen.RateCheck:
				out[k].Value, out[k].Bound = out[k].Value+c.Value, out[k].Bound+c.Bound
			case beyond(c) > beyond(out[k]):
				out[k] = c
			}
		}
	}
	return out
}

// beyond returns how far a value is beyond its bound, as the log of their ratio.
func beyond(c ancmbench.Check) float64 {
	if c.Unsupported != "" {
		return math.Inf(-1)
	}
	value, bound := math.Max(c.Value, 1e-12), math.Max(c.Bound, 1e-12)
	if c.AtLeast {
		return math.Log(bound / value)
	}
	return math.Log(value / bound)
}

// host returns what agent i did and saw.
func (r *joint) host(i int, part *ancmbench.Result) ancmbench.LoadHost {
	h := ancmbench.LoadHost{Name: hostName(i), Connections: part.Connections, Outcomes: part.Outcomes, Checks: part.Checks, Void: r.void(part)}
	for _, q := range []struct {
		to   *ancmbench.Seconds
		of   *ancmbench.Histogram
		rank float64
	}{{&h.P50, part.Response, 0.5}, {&h.P99, part.Response, 0.99}, {&h.LagP50, part.Lag, 0.5}, {&h.LagP99, part.Lag, 0.99}} {
		if d, ok := q.of.Printable(q.rank); ok {
			*q.to = ancmbench.Seconds(d)
		}
	}
	for _, u := range part.Usage {
		if u.Role == ancmbench.GeneratorRole && u.CPU != nil {
			own := u.CPU.Own
			h.CPU = &own
		}
	}
	for _, clocks := range [][]ancmbench.Clock{r.before, r.after} {
		if i < len(clocks) {
			h.Clocks = append(h.Clocks, clocks[i])
		}
	}
	return h
}

// hostName names a load host in results, which hold no names of machines.
func hostName(i int) string { return fmt.Sprint("load ", i+1) }

const (
	// voidRateShare is the share of its part of the rate below which an agent's part is
	// another experiment than was asked for.
	voidRateShare = 0.5
	// voidLagShare is the share of the response p50 beyond which the median lag makes an
	// agent's times its own rather than the server's.
	voidLagShare = 0.5
	// slowerLog is the log ratio of an agent's p50 to the median of the others beyond which the
	// agent, or its way to the servers, was slower. Servers treat all alike.
	slowerLog = 0.2
)

// void returns why an agent's part is invalid, or "".
func (r *joint) void(part *ancmbench.Result) string {
	switch o := part.Outcomes; {
	case o.WrongModel > 0:
		return ancmbench.VoidWrongModel
	case r.load.MaxErrorShare > 0 && o.ErrorShare() > r.load.MaxErrorShare:
		return ancmbench.VoidErrors
	}
	for _, c := range part.Checks {
		// The bound of the rate is what was due on this agent.
		if c.Name == loadgen.RateCheck && c.Unsupported == "" && c.Value < voidRateShare*c.Bound {
			return ancmbench.VoidRate
		}
	}
	lag, ok := part.Lag.Printable(0.5)
	p50, _ := part.Response.Quantile(0.5)
	if ok && float64(lag) > voidLagShare*float64(p50) {
		return ancmbench.VoidLate
	}
	return part.Void
}

// judge writes the warnings of all agents into the merged result, and makes it invalid if
// one agent's part is.
func (r *joint) judge(merged *ancmbench.Result, all []results, t int) {
	var worst []ancmbench.Warning
	for i := range all {
		for _, w := range all[i].Results[t].Warnings {
			k := slices.IndexFunc(worst, func(o ancmbench.Warning) bool { return o.Code == w.Code })
			low := ancmbench.Warnings[w.Code].LowIsWorse
			switch {
			case k < 0:
				worst = append(worst, w)
			case low && w.Value < worst[k].Value || !low && w.Value > worst[k].Value:
				worst[k] = w
			}
		}
	}
	warn := func(code ancmbench.WarningCode, value, bound float64, detail string) {
		worst = append(worst, ancmbench.Warning{Code: code, Target: merged.Target, Value: value, Bound: bound, Detail: detail})
	}
	for i, h := range merged.LoadHosts {
		if h.Void != "" && merged.Void == "" {
			merged.Void = h.Void
		}
		if h.Void != "" {
			value, bound := doubt(&h)
			warn(ancmbench.WarnLoadHostDoubt, value, bound, h.Name+": "+h.Void)
		}
		if others := medianOfOthers(merged.LoadHosts, i); h.P50 > 0 && math.Log(h.P50.Float()/others) > slowerLog { // never with NaN
			warn(ancmbench.WarnLoadHostSlower, math.Log(h.P50.Float()/others), slowerLog, h.Name)
		}
		for _, c := range h.Checks {
			if w, doubt := stealDoubt(c, h.Name); doubt {
				warn(w.Code, w.Value, w.Bound, w.Detail)
			}
		}
		for _, c := range h.Clocks {
			if c.Uncertainty > ancmbench.Seconds(clockWarn) {
				warn(ancmbench.WarnClocksApart, c.Uncertainty.Float(), clockWarn.Seconds(), h.Name)
				break
			}
		}
	}
	merged.Warnings = worst
}

// medianOfOthers returns the median of the p50 of all hosts but one, the upper of two, so
// that a single faster host makes no other one slower; NaN if there is none.
func medianOfOthers(hosts []ancmbench.LoadHost, but int) float64 {
	var xs []float64
	for i, h := range hosts {
		if i != but && h.P50 > 0 {
			xs = append(xs, h.P50.Float())
		}
	}
	if len(xs) == 0 {
		return math.NaN()
	}
	slices.Sort(xs)
	return xs[len(xs)/2]
}

// doubt returns the figure for which a host's part is invalid, with its bound.
func doubt(h *ancmbench.LoadHost) (value, bound float64) {
	switch h.Void {
	case ancmbench.VoidErrors:
		return h.Outcomes.ErrorShare(), 0
	case ancmbench.VoidWrongModel:
		return float64(h.Outcomes.WrongModel), 0
	case ancmbench.VoidRate:
		for _, c := range h.Checks {
			if c.Name == loadgen.RateCheck {
				return c.Value, c.Bound
			}
		}
	}
	return h.LagP50.Float(), voidLagShare * h.P50.Float()
}
