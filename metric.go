package ancmbench

import "slices"

// Direction says which way a metric is better.
type Direction string

// The directions.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
)

// Metric is a quantity that can be read from one Result and compared between
// targets.
type Metric struct {
	// Name ends in its unit and is the metric's key in every output.
	Name string
	// Title is what a person reads.
	Title string
	// Unit is "seconds", "bytes", "per second", "seconds per request" or "per request".
	Unit   string
	Better Direction
	// Kind is the kind of phase whose Results hold it.
	Kind PhaseKind
	// Role restricts CPU and memory to one role; empty is the target's whole
	// process tree, without the generator.
	Role string
	// Further is beside the headline: short outputs leave it out.
	Further bool
	// Read gives the value, and ok = false if the Result cannot tell.
	Read func(*Result) (value float64, ok bool)
}

// Metrics are all that there are, the headline's first, in the order in which they
// are printed.
var Metrics = slices.Concat(headline, markedFurther(further))

var headline = []Metric{
	responseQuantile("response_p50_seconds", "response p50", 0.50),
	responseQuantile("response_p90_seconds", "response p90", 0.90),
	responseQuantile("response_p99_seconds", "response p99", 0.99),
	serviceQuantile("service_p50_seconds", "service p50", 0.50),
	serviceQuantile("service_p99_seconds", "service p99", 0.99),
	{Name: "cpu_seconds_per_request", Title: "CPU per request", Unit: "seconds per request",
		Better: Lower, Kind: Latency, Read: cpuPerRequest},
	{Name: "throughput_per_second", Title: "peak throughput", Unit: "per second",
		Better: Higher, Kind: Peak, Read: throughput},
	{Name: "peak_cpu_seconds_per_request", Title: "CPU per request at peak", Unit: "seconds per request",
		Better: Lower, Kind: Peak, Read: cpuPerRequest},
	{Name: "memory_loaded_bytes", Title: "memory loaded", Unit: "bytes",
		Better: Lower, Kind: Memory, Read: memory(func(u RoleUsage) *MemoryUse { return u.Loaded })},
	{Name: "memory_idle_bytes", Title: "memory idle", Unit: "bytes",
		Better: Lower, Kind: Memory, Read: memory(func(u RoleUsage) *MemoryUse { return u.Idle })},
	{Name: "cold_start_seconds", Title: "cold start", Unit: "seconds",
		Better: Lower, Kind: ColdStart, Read: firstInstant},
	{Name: "recovery_seconds", Title: "recovery", Unit: "seconds",
		Better: Lower, Kind: Recovery, Read: firstInstant},
}

// MetricByName finds a metric of Metrics.
func MetricByName(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

func responseQuantile(name, title string, q float64) Metric {
	return Metric{Name: name, Title: title, Unit: "seconds", Better: Lower, Kind: Latency,
		Read: func(r *Result) (float64, bool) { return quantile(r.Response, q) }}
}

func serviceQuantile(name, title string, q float64) Metric {
	return Metric{Name: name, Title: title, Unit: "seconds", Better: Lower, Kind: Latency,
		Read: func(r *Result) (float64, bool) { return quantile(r.Service, q) }}
}

func quantile(h *Histogram, q float64) (float64, bool) {
	d, ok := h.Printable(q)
	return d.Seconds(), ok
}

// cpuPerRequest is the CPU of the target's process tree in its own slices, per
// request sent in them, settle time included.
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

// memory sums PSS over the target's roles, or RSS when a role has no PSS: a sum of
// both would be neither.
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
