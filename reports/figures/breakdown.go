package figures

import (
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Breakdown says what the loopback penalty is made of. Neighbouring rungs differ
// in one thing, so that the penalty is a sum:
//
//	out - in = (direct - in) + (relay - direct) + (bare - relay) + (out - bare)
type Breakdown struct {
	Phase       string  `json:"phase"`
	Workload    string  `json:"workload"`
	Rate        float64 `json:"rate_per_second"`
	Connections int     `json:"connections"`
	// Metrics are those that are taken apart, the headline first; none when a rung
	// of the sum was not measured.
	Metrics []BrokenDown `json:"metrics"`
	// App is the CPU per request of the app's own process behind a hop, less that
	// of the same server asked directly: a hop hands over fewer requests at a time.
	App []Part `json:"app_behind_a_hop"`
	// Penalty states every metric of out-of-process against in-process, which need
	// not be the run's baseline.
	Penalty []Statement `json:"penalty"`
	// Absent are the rungs of the sum that were not measured, and LeftOut rungs
	// that this host cannot run, each with the reason.
	Absent  []string `json:"absent,omitempty"`
	LeftOut []string `json:"left_out,omitempty"`
}

// BrokenDown is one metric's penalty and its parts. Values are geometric means
// over the fresh starts in which every rung of the sum was measured, so that the
// parts add up to the penalty exactly, and are those of every other table.
type BrokenDown struct {
	Metric string `json:"metric"`
	Title  string `json:"title"`
	Unit   string `json:"unit"`
	// In and Out are the values of in-process and out-of-process.
	In      float64        `json:"in_process"`
	Out     float64        `json:"out_of_process"`
	Penalty stats.Estimate `json:"penalty"`
	// Parts are the terms of the sum, in its order.
	Parts []Part `json:"parts"`
	// Beside are rungs that are no term of it.
	Beside   []Part `json:"beside"`
	Launches int    `json:"launches"`
}

// Part is the difference of two rungs in the metric's unit.
type Part struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Target  string `json:"target"`
	Against string `json:"against"`
	// Difference is that of the geometric means of Target and Against, with the
	// interval of stats.Difference.
	Difference stats.Estimate `json:"difference"`
	// Told is whether the interval leaves zero out.
	Told bool `json:"told"`
	// Share is the part's share of the penalty; nil beside the sum, where no penalty is
	// detected, and where the parts cancel out.
	Share    *float64 `json:"share_of_penalty,omitempty"`
	Launches int      `json:"launches"`
}

// step is a rung less its neighbour.
type step struct {
	Name, Title     string
	target, against ancmbench.Model
}

// The terms of the sum in its order, and what stands beside it. Real proxies
// stand in front of direct, as bare does.
var (
	SumSteps = []step{
		{"own-server", "the app's own server", ancmbench.Direct, ancmbench.InProcess},
		{"transport", "transport: a hop over loopback", ancmbench.Relay, ancmbench.Direct},
		{"http-work", "HTTP work: parse, forward", ancmbench.Bare, ancmbench.Relay},
		{"module-work", "module work: token, headers", ancmbench.OutOfProcess, ancmbench.Bare},
	}
	BesideSteps = []step{
		{"connection-set-up", "a new connection per request", ancmbench.OutOfProcessNoReuse, ancmbench.OutOfProcess},
		{"unix-socket", "Unix socket instead of TCP", ancmbench.OutOfProcessUnix, ancmbench.OutOfProcess},
		{"reverseproxy", "Go's ReverseProxy as forwarder", ancmbench.ReverseProxy, ancmbench.OutOfProcess},
		{"nginx", "nginx instead of our bare hop", ancmbench.Nginx, ancmbench.Bare},
		{"haproxy", "HAProxy instead of our bare hop", ancmbench.HAProxy, ancmbench.Bare},
	}
	appSteps = []step{
		{"app-behind-relay", "the app behind the relay", ancmbench.Relay, ancmbench.Direct},
		{"app-behind-bare", "the app behind the bare hop", ancmbench.Bare, ancmbench.Direct},
		{"app-out-of-process", "the app, out-of-process", ancmbench.OutOfProcess, ancmbench.Direct},
	}
)

// rungs maps each model to the name of its target.
func rungs(run *ancmbench.Run) map[ancmbench.Model]string {
	names := map[ancmbench.Model]string{}
	for _, t := range run.Targets {
		if _, twice := names[t.Model]; t.TwinOf == "" && t.Model != "" && !twice {
			names[t.Model] = t.Name
		}
	}
	return names
}

// breakdown returns nil for a run without both models and another rung of the sum.
func (o *Observations) breakdown(run *ancmbench.Run, latency string) *Breakdown {
	names := rungs(run)
	s := o.first(ancmbench.Latency)
	if s == nil || names[ancmbench.InProcess] == "" || names[ancmbench.OutOfProcess] == "" {
		return nil
	}
	b := &Breakdown{Phase: s.Phase, Workload: s.Workload, Metrics: []BrokenDown{}, App: []Part{}}
	for _, m := range []ancmbench.Model{ancmbench.Direct, ancmbench.Relay, ancmbench.Bare} {
		if names[m] == "" {
			b.Absent = append(b.Absent, string(m))
		}
	}
	if len(b.Absent) == 3 {
		return nil
	}
	b.LeftOut = NotRun(run)
	if b.Penalty = o.penalty(names); len(b.Penalty) == 0 {
		return nil
	}
	for _, st := range b.Penalty {
		if st.Rate > 0 {
			b.Rate, b.Connections = st.Rate, st.Connections
			break
		}
	}
	if len(b.Absent) > 0 {
		return b
	}
	for _, name := range brokenDown(latency) {
		m, known := ancmbench.MetricByName(name)
		if !known {
			continue
		}
		if d, ok := o.breakDown(m, *s, names); ok {
			b.Metrics = append(b.Metrics, d)
		}
	}
	for _, st := range appSteps {
		if p, ok := o.difference(st, names, *s, appCPU); ok {
			b.App = append(b.App, p)
		}
	}
	return b
}

// brokenDown returns the metrics whose differences can be added. Peak throughput is not one
// of them: the rates of servers in a row do not add up.
func brokenDown(latency string) []string {
	out := []string{ancmbench.LatencyName(latency, 0.5), ancmbench.CPUPerRequest}
	for _, m := range ancmbench.Metrics {
		if m.Quantile > 0 && !m.Further && m.Name != out[0] && !(m.Clock == ancmbench.Response && m.Quantile == 0.5) {
			out = append(out, m.Name)
		}
	}
	return out
}

// penalty states every metric of out-of-process against in-process.
func (o *Observations) penalty(names map[ancmbench.Model]string) []Statement {
	var out []Statement
	for _, s := range o.Scenarios {
		for _, m := range ancmbench.Metrics {
			if m.Kind != s.Kind {
				continue
			}
			if st := o.State(m, s, names[ancmbench.InProcess], names[ancmbench.OutOfProcess]); st.Launches > 0 {
				out = append(out, st)
			}
		}
	}
	return out
}

// breakDown divides one metric into parts; ok is false if no fresh start has all rungs.
func (o *Observations) breakDown(m ancmbench.Metric, s Scenario, names map[ancmbench.Model]string) (BrokenDown, bool) {
	read := func(r *ancmbench.Result, _ ancmbench.Model) (float64, bool) { return m.Read(r) }
	d := BrokenDown{Metric: m.Name, Title: m.Title, Unit: m.Unit, Parts: []Part{}, Beside: []Part{}}
	upper, lower := make([][]float64, len(SumSteps)), make([][]float64, len(SumSteps))
	for _, l := range o.Launches {
		us, vs := make([]float64, len(SumSteps)), make([]float64, len(SumSteps))
		all := true
		for i, st := range SumSteps {
			ok := false
			us[i], vs[i], ok = o.both(l, st, names, s, read)
			all = all && ok && us[i] > 0 && vs[i] > 0 // else the rungs have no means of one kind
		}
		if !all {
			continue
		}
		for i := range SumSteps {
			upper[i], lower[i] = append(upper[i], us[i]), append(lower[i], vs[i])
		}
	}
	in, out := lower[0], upper[len(SumSteps)-1]
	if d.Launches = len(in); d.Launches == 0 {
		return d, false
	}
	// Differences of the rungs' geometric means, of the same launches for all: they add
	// up, and the ends are the values that stand in every other table.
	d.In, d.Out, d.Penalty = Center(in).Value, Center(out).Value, stats.Difference(in, out)
	for i, st := range SumSteps {
		p := st.part(names, lower[i], upper[i])
		if told(d.Penalty) {
			share := p.Difference.Value / d.Penalty.Value
			p.Share = &share
		}
		d.Parts = append(d.Parts, p)
	}
	dropShares(d.Parts)
	for _, st := range BesideSteps {
		if p, ok := o.difference(st, names, s, read); ok {
			d.Beside = append(d.Beside, p)
		}
	}
	return d, true
}

// mostShare bounds the shares that say something: parts that cancel out are each many times their
// sum.
const mostShare = 2

// dropShares takes all shares away if one of them is beyond mostShare.
func dropShares(parts []Part) {
	if !slices.ContainsFunc(parts, func(p Part) bool { return p.Share != nil && math.Abs(*p.Share) > mostShare }) {
		return
	}
	for i := range parts {
		parts[i].Share = nil
	}
}

// reading takes a value from the Result of a rung.
type reading func(*ancmbench.Result, ancmbench.Model) (float64, bool)

// both returns the values of a step's rung and of its neighbour in one fresh start.
func (o *Observations) both(launch int, st step, names map[ancmbench.Model]string, s Scenario, read reading) (target, against float64, ok bool) {
	upper, lower := o.Cell(launch, s, names[st.target]), o.Cell(launch, s, names[st.against])
	if upper == nil || lower == nil {
		return 0, 0, false
	}
	u, okU := read(upper, st.target)
	v, okV := read(lower, st.against)
	return u, v, okU && okV
}

// difference returns the part of one step; ok is false if no fresh start has both rungs.
func (o *Observations) difference(st step, names map[ancmbench.Model]string, s Scenario, read reading) (Part, bool) {
	var us, vs []float64
	for _, l := range o.Launches {
		if u, v, ok := o.both(l, st, names, s, read); ok {
			us, vs = append(us, u), append(vs, v)
		}
	}
	if len(us) == 0 {
		return Part{}, false
	}
	return st.part(names, vs, us), true
}

func (st step) part(names map[ancmbench.Model]string, against, target []float64) Part {
	p := Part{Name: st.Name, Title: st.Title, Target: names[st.target], Against: names[st.against],
		Difference: stats.Difference(against, target), Launches: len(target)}
	p.Told = told(p.Difference)
	return p
}

// told reports whether the interval of a difference excludes zero.
func told(e stats.Estimate) bool { return e.Interval != nil && !e.Interval.Holds(0) }

// appCPU returns the CPU per request of the process in which the app runs: where the
// model hosts it, that is the worker.
func appCPU(r *ancmbench.Result, model ancmbench.Model) (float64, bool) {
	role := ancmbench.RoleApp
	if model.HostsApp() {
		role = ancmbench.RoleWorker
	}
	u := roleUsage(r, role)
	if u == nil || u.CPU == nil || r.Outcomes.Sent == 0 {
		return 0, false
	}
	return u.CPU.Own.Float() / float64(r.Outcomes.Sent), true
}

// NotRun returns the requested models that could not be run, each with its reason. Older
// files have them as not supported.
func NotRun(run *ancmbench.Run) (whys []string) {
	for _, w := range run.Warnings {
		if w.Code == ancmbench.WarnLeftOut || w.Code == ancmbench.WarnUnsupported && w.Phase == "" && w.Target == "" {
			whys = append(whys, w.Detail)
		}
	}
	return whys
}

// Parts returns those that were taken apart; none of nil.
func (b *Breakdown) Parts() []BrokenDown {
	if b == nil {
		return nil
	}
	return b.Metrics
}
