package ancmbench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Direction says whether lower or higher values of a metric are better.
type Direction string

// The directions.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
)

// Metric is a quantity that can be read from one Result and compared between targets.
// Its fields hold everything that is specific to it, so adding a metric means adding one
// entry to Metrics.
type Metric struct {
	// Name ends in its unit and is the metric's key in every output.
	Name string
	// Title is the name for people. Column is the heading of a narrow column; empty
	// means Title.
	Title, Column string
	// Word is what users may type instead of Name or Title: "p50", "idle memory".
	Word string
	// Unit is "seconds", "bytes", "per second", "seconds per request" or "per request".
	Unit   string
	Better Direction
	// Kind is the kind of phase whose Results hold it.
	Kind PhaseKind
	// Clock is "response" for a time from when the request was due, "service" for a
	// time from when it was sent, and empty for every other metric.
	Clock string
	// Quantile is in (0,1) for a quantile of a distribution, and zero otherwise.
	Quantile float64
	// Role restricts CPU and memory to one role; empty means the target's whole
	// process tree, without the generator.
	Role Role
	// Idle marks memory before any load. Private marks memory that no other process
	// shares.
	Idle, Private bool
	// Headline marks a row of the table that every report begins with. That table has
	// the response or the service times, by its clock.
	Headline bool
	// Margin is the gate's default for how much worse the metric may become, as a
	// share; zero means that it is not gated. An Advisory metric is shown but does not
	// decide the gate.
	Margin   float64
	Advisory bool
	// Further marks a metric that short outputs leave out.
	Further bool
	// Read returns the metric's value; ok is false if the Result does not have it.
	Read func(*Result) (value float64, ok bool)
}

// The names of metrics that the program itself refers to.
const (
	CPUPerRequest  = "cpu_seconds_per_request"
	PeakThroughput = "throughput_per_second"
	MemoryLoaded   = "memory_loaded_bytes"
	// MemoryLoadedUSS is the private memory under load, which other processes do not share.
	MemoryLoadedUSS = "memory_loaded_uss_bytes"
	FirstAnswer     = "cold_start_seconds"
)

// Metrics lists all metrics in the order in which they are printed, the headline's
// first.
var Metrics = slices.Concat(headline, markedFurther(further))

var headline = []Metric{
	latency(Metric{Word: "p50", Title: "response p50", Column: "p50", Clock: Response, Quantile: 0.50, Headline: true, Margin: 0.05}),
	latency(Metric{Word: "p90", Title: "response p90", Column: "p90", Clock: Response, Quantile: 0.90, Margin: 0.05}),
	latency(Metric{Word: "p95", Title: "response p95", Column: "p95", Clock: Response, Quantile: 0.95}),
	latency(Metric{Word: "p99", Title: "response p99", Column: "p99", Clock: Response, Quantile: 0.99, Headline: true, Margin: 0.10, Advisory: true}),
	latency(Metric{Title: "service p50", Clock: Service, Quantile: 0.50, Headline: true}),
	latency(Metric{Title: "service p99", Clock: Service, Quantile: 0.99, Headline: true}),
	{Name: CPUPerRequest, Title: "CPU per request", Column: "CPU/request", Word: "cpu", Unit: "seconds per request",
		Better: Lower, Kind: Latency, Headline: true, Margin: 0.05, Read: cpuPerRequest},
	{Name: PeakThroughput, Title: "peak throughput", Column: "peak", Word: "throughput", Unit: "per second",
		Better: Higher, Kind: Peak, Headline: true, Read: throughput},
	{Name: "peak_cpu_seconds_per_request", Title: "CPU per request at peak", Word: "peak cpu", Unit: "seconds per request",
		Better: Lower, Kind: Peak, Read: cpuPerRequest},
	{Name: MemoryLoaded, Title: "memory loaded", Column: "memory", Word: "memory", Unit: "bytes",
		Better: Lower, Kind: Memory, Headline: true, Read: memory(func(u RoleUsage) *MemoryUse { return u.Loaded })},
	{Name: "memory_idle_bytes", Title: "memory idle", Word: "idle memory", Unit: "bytes", Idle: true,
		Better: Lower, Kind: Memory, Read: memory(func(u RoleUsage) *MemoryUse { return u.Idle })},
	{Name: FirstAnswer, Title: "cold start", Unit: "seconds", Headline: true,
		Better: Lower, Kind: ColdStart, Read: firstInstant},
	{Name: "recovery_seconds", Title: "recovery", Unit: "seconds",
		Better: Lower, Kind: Recovery, Read: firstInstant},
}

// The clocks of latency.
const (
	Response = "response" // from when a request was due
	Service  = "service"  // from when it was sent
)

// latency fills in what follows from a metric's Clock and Quantile.
func latency(m Metric) Metric {
	m.Name, m.Unit, m.Better, m.Kind = LatencyName(m.Clock, m.Quantile), "seconds", Lower, Latency
	m.Read = func(r *Result) (float64, bool) {
		h := r.Response
		if m.Clock == Service {
			h = r.Service
		}
		return quantile(h, m.Quantile)
	}
	return m
}

// LatencyName returns the name of the metric for a quantile of a clock:
// "response_p50_seconds".
func LatencyName(clock string, quantile float64) string {
	return fmt.Sprintf("%s_p%g_seconds", clock, math.Round(100_000*quantile)/1000)
}

// HeadlineMetrics returns the rows of the headline table with the latency of clock.
func HeadlineMetrics(clock string) []Metric {
	var out []Metric
	for _, m := range Metrics {
		if m.Headline && (m.Clock == "" || m.Clock == clock) {
			out = append(out, m)
		}
	}
	return out
}

// LeastSamples returns how many samples a quantile needs so that MinBeyond lie beyond
// it. It returns 1 for a metric that is not a quantile.
func (m Metric) LeastSamples() int64 {
	if m.Quantile == 0 {
		return 1
	}
	return int64(math.Round(MinBeyond / (1 - m.Quantile)))
}

// Short returns the metric's heading for a narrow column.
func (m Metric) Short() string { return cmp.Or(m.Column, m.Title) }

// MetricByName returns the metric with that name; ok is false if there is none.
func MetricByName(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// MetricByWord returns the metric with that word, title or name, in any case. Further
// metrics may share a title; the first one is returned.
func MetricByWord(word string) (Metric, bool) {
	word = strings.ToLower(word)
	spoken := strings.ReplaceAll(word, "_", " ")
	for _, m := range Metrics {
		if m.Word != "" && m.Word == spoken || m.Name == word || strings.EqualFold(m.Title, spoken) {
			return m, true
		}
	}
	return Metric{}, false
}

// MetricWords returns the shortest name that MetricByWord accepts for each metric that is
// not Further, in the order of Metrics.
func MetricWords() []string {
	var out []string
	for _, m := range Metrics {
		if !m.Further {
			out = append(out, cmp.Or(m.Word, m.Title))
		}
	}
	return out
}

func quantile(h *Histogram, q float64) (float64, bool) {
	d, ok := h.Printable(q)
	return d.Seconds(), ok
}

// cpuPerRequest returns the CPU time that the target's process tree used in its own
// slices, per request sent in them, settle time included.
func cpuPerRequest(r *Result) (float64, bool) {
	var sum Seconds
	found := false
	for _, u := range r.Usage {
		if u.Role == GeneratorRole {
			continue
		}
		if u.CPU == nil {
			return 0, false
		}
		found = true
		sum += u.CPU.Own
	}
	if !found || r.Outcomes.Sent == 0 {
		return 0, false
	}
	return sum.Float() / float64(r.Outcomes.Sent), true
}

func throughput(r *Result) (float64, bool) {
	if r.Busy <= 0 || r.Outcomes.OK == 0 {
		return 0, false
	}
	return float64(r.Outcomes.OK) / r.Busy.Float(), true
}

// memory returns a reader that sums PSS over the target's roles. If one role has no PSS
// it sums RSS over all of them, because the two must not be mixed.
func memory(of func(RoleUsage) *MemoryUse) func(*Result) (float64, bool) {
	return func(r *Result) (float64, bool) {
		var pss, rss int64
		havePSS, found := true, false
		for _, u := range r.Usage {
			if u.Role == GeneratorRole {
				continue
			}
			m := of(u)
			if m == nil {
				return 0, false
			}
			found = true
			rss += m.RSS
			if m.PSS == nil {
				havePSS = false
				continue
			}
			pss += *m.PSS
		}
		if havePSS {
			return float64(pss), found
		}
		return float64(rss), found
	}
}

func firstInstant(r *Result) (float64, bool) {
	if len(r.Instants) == 0 {
		return 0, false
	}
	return r.Instants[0].Float(), true
}
