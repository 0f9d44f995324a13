package figures

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"ancmbench"
)

// design is a way to share the time between two servers.
type design string

const (
	// asTheProduct alternates slices in an order drawn for each pair, and starts both
	// servers anew in each fresh start.
	asTheProduct design = "order drawn"
	// inTurn alternates them too, but the first always comes first.
	inTurn design = "same order always"
	// apart measures all fresh starts of the first, and then all of the second.
	apart design = "run A, then run B"
	// kept alternates as the product does, and never restarts the servers.
	kept design = "never restarted"
)

// host is a kind of shared machine.
type host struct {
	name string
	// slow draws what one machine of the kind does in one run: the log of how slow it
	// is at t, in seconds from the start.
	slow func(rng *rand.Rand) func(t float64) float64
	// level is the SD of the log that both servers of a fresh start share, luck that of
	// each process, for its whole life.
	level, luck float64
	// defeats are the designs that must fail on it.
	defeats []design
}

var hosts = []host{
	{name: "still", slow: still, luck: 0.02},
	{name: "drift", slow: drifting, luck: 0.02, defeats: []design{apart}},
	{name: "steps", slow: stepping, luck: 0.02, defeats: []design{apart}},
	{name: "periodic", slow: periodic, luck: 0.02, defeats: []design{apart, inTurn}},
	{name: "launches", slow: still, level: 0.3, luck: 0.15, defeats: []design{kept}},
	{name: "all at once", slow: func(rng *rand.Rand) func(float64) float64 {
		a, b, c := drifting(rng), stepping(rng), periodic(rng)
		return func(t float64) float64 { return a(t) + b(t) + c(t) }
	}, level: 0.1, luck: 0.05, defeats: []design{apart}},
}

func still(*rand.Rand) func(float64) float64 { return func(float64) float64 { return 0 } }

func drifting(rng *rand.Rand) func(float64) float64 {
	slope := 0.004 * rng.NormFloat64()
	return func(t float64) float64 { return slope * t }
}

// stepping is a neighbour that comes and goes.
func stepping(rng *rand.Rand) func(float64) float64 {
	levels := make([]float64, 8)
	for i := range levels {
		levels[i] = 0.15 * rng.NormFloat64()
	}
	return func(t float64) float64 { return levels[int(t/11)%len(levels)] }
}

// periodic is a slow wave, and a fast one exactly as long as a pair of slices.
func periodic(rng *rand.Rand) func(float64) float64 {
	slow, fast := 2*math.Pi*rng.Float64(), 2*math.Pi*rng.Float64()
	return func(t float64) float64 {
		return 0.2*math.Sin(2*math.Pi*t/60+slow) + 0.1*math.Sin(2*math.Pi*t/(2*simSlice)+fast)
	}
}

// The timetable of a simulated run: the default number of fresh starts, each of 2 s of
// load for each server in slices of 50 ms, and 1 s in which they start.
const (
	simLaunches = 6
	simSlices   = 40   // per fresh start and server
	simSlice    = 0.05 // s
	simStart    = 1.0  // s
	simRequests = 27   // due in a slice: 540/s, enough for a p99 from one fresh start
	// The servers' own time for a request is skewed, and the slowness of a slice has
	// a part that its neighbour does not share.
	simMedian = 100 * time.Microsecond
	simSkew   = 0.6  // SD of the log
	simNoise  = 0.05 // SD of the log
	// What share of that time is spent on a processor, and so in the CPU's sum.
	baseCPUShare, otherCPUShare = 0.5, 0.4
)

// demandBits is log2 of how many quantiles stand for the distribution of demands.
const demandBits = 14

// demands are what requests ask of the base, in nanoseconds on a machine at rest.
var demands = func() *[1 << demandBits]float64 {
	var out [1 << demandBits]float64
	for i := range out {
		z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/float64(len(out))-1)
		out[i] = float64(simMedian) * math.Exp(simSkew*z)
	}
	return &out
}()

// lab is a run whose Results are filled again and again.
type lab struct{ run *ancmbench.Run }

func newLab() lab {
	run := &ancmbench.Run{Version: ancmbench.RunVersion, State: ancmbench.Complete, LaunchesDone: simLaunches,
		Profile: ancmbench.Profile{Launches: simLaunches, Phases: []ancmbench.Phase{{Name: "latency", Kind: ancmbench.Latency}},
			Workloads: []ancmbench.Workload{{Name: "plaintext"}}}}
	for _, target := range []string{"base", "other"} {
		run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: target, Local: true, Roles: []ancmbench.Role{"app"}})
	}
	const load = simSlices * simSlice
	const n = simSlices * simRequests
	for l := range simLaunches {
		for _, target := range run.Targets {
			h := new(ancmbench.Histogram)
			run.Results = append(run.Results, ancmbench.Result{Trial: l, Launch: l, Phase: "latency", PhaseKind: ancmbench.Latency,
				Workload: "plaintext", Target: target.Name, Engine: "wire", Connections: 8,
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: n / load},
				Dealing:  ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(simSlice * 1e9)},
				Busy:     ancmbench.Seconds(load * 1e9),
				Response: h, Service: h, // every request was sent when it was due
				Outcomes: ancmbench.Outcomes{Due: n, Sent: n, OK: n},
				Usage:    []ancmbench.RoleUsage{{Role: "app", Processes: 1, CPU: &ancmbench.CPU{Source: "schedstat"}}}})
		}
	}
	return lab{run}
}

// measure fills the run with requests to two servers of which the second takes
// e^truth of the first's time, on one machine of the kind h.
func (l lab) measure(rng *rand.Rand, h host, as design) {
	const load = simSlices * simSlice
	slow := h.slow(rng)
	var level, luck [2]float64
	for launch := range simLaunches {
		if launch == 0 || as != kept {
			both := h.level * rng.NormFloat64()
			level = [2]float64{both, both}
			luck = [2]float64{h.luck * rng.NormFloat64(), h.luck * rng.NormFloat64()}
		}
		base, other := &l.run.Results[2*launch], &l.run.Results[2*launch+1]
		work := func(r *ancmbench.Result, server int, at float64) {
			// A slice is as slow as the machine is in its middle.
			log := slow(at+simSlice/2) + simNoise*rng.NormFloat64() + level[server] + luck[server] + truth*float64(server)
			serve(rng, r, math.Exp(log))
		}
		for _, r := range []*ancmbench.Result{base, other} {
			r.Response.Reset()
			r.Usage[0].CPU.Own = 0
		}
		if as == apart {
			// A level belongs to a time, which the two then do not share.
			level[1] = h.level * rng.NormFloat64()
		}
		for s := range simSlices {
			if as == apart {
				at := simStart + float64(s)*simSlice
				work(base, 0, at+float64(launch)*(simStart+load))
				work(other, 1, at+float64(simLaunches+launch)*(simStart+load))
				continue
			}
			first := simStart + float64(launch)*(simStart+2*load) + 2*float64(s)*simSlice
			second := first + simSlice
			if as != inTurn && rng.IntN(2) == 0 {
				first, second = second, first
			}
			work(base, 0, first)
			work(other, 1, second)
		}
		base.Usage[0].CPU.Own = ancmbench.Seconds(baseCPUShare * float64(base.Usage[0].CPU.Own))
		other.Usage[0].CPU.Own = ancmbench.Seconds(otherCPUShare * float64(other.Usage[0].CPU.Own))
	}
}

// serve answers a slice's requests, each taking so many times what it asks.
func serve(rng *rand.Rand, r *ancmbench.Result, times float64) {
	var sum time.Duration
	for range simRequests {
		d := time.Duration(times * demands[rng.Uint64()>>(64-demandBits)])
		r.Response.Record(d)
		sum += d
	}
	r.Usage[0].CPU.Own += ancmbench.Seconds(sum)
}

// statements are what the product says on the metrics under test. check compares
// them with those of a whole analysis, which makes a hundred more.
func (l lab) statements(t *testing.T, check bool) []Statement {
	t.Helper()
	o := Observe(l.run)
	var a *Analysis
	if check {
		var err error
		if a, err = Analyse(l.run); err != nil {
			t.Fatal(err)
		}
	}
	var out []Statement
	for _, u := range underTest {
		m, _ := ancmbench.MetricByName(u.metric)
		st := o.State(m, o.Scenarios[0], "base", "other")
		if st.Launches != simLaunches || st.Ratio == nil || st.Ratio.Interval == nil {
			t.Fatalf("%s: %d launches, %q", u.metric, st.Launches, st.Note)
		}
		if a != nil {
			if whole, ok := a.Statement(u.metric, "other"); !ok || !reflect.DeepEqual(whole, st) {
				t.Fatalf("the analysis says %+v of %s, and this test looks at %+v", whole, u.metric, st)
			}
		}
		out = append(out, st)
	}
	return out
}
