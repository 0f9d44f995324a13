package ancmbench

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMetricsAreNamedByTheirUnit(t *testing.T) {
	suffix := map[string]string{"seconds": "_seconds", "seconds per request": "_seconds_per_request", "bytes": "_bytes", "per second": "_per_second", "per request": "_per_request"}
	seen := map[string]bool{}
	for _, m := range Metrics {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		if s, ok := suffix[m.Unit]; !ok || !strings.HasSuffix(m.Name, s) {
			t.Errorf("%s is in %q", m.Name, m.Unit)
		}
		if m.Title == "" || m.Better != Lower && m.Better != Higher || m.Kind == "" {
			t.Errorf("%s is incomplete: %+v", m.Name, m)
		}
		if got, ok := MetricByName(m.Name); !ok || got.Name != m.Name {
			t.Errorf("%s is not found by its name", m.Name)
		}
		// A missing value is unknown, never zero.
		for name, r := range map[string]*Result{"nothing": {}, "no answers": {
			Busy: Seconds(time.Second), Outcomes: Outcomes{Due: 3, Sent: 3, Timeout: 3},
			Usage: []RoleUsage{{Role: "worker"}}}} {
			if v, ok := m.Read(r); ok {
				t.Errorf("%s of %s is %v", m.Name, name, v)
			}
		}
	}
	if _, ok := MetricByName("response_p50"); ok {
		t.Error("a name without its unit is found")
	}
}

func TestMetricsAreRead(t *testing.T) {
	h := new(Histogram)
	for i := range 2000 {
		h.Record(time.Duration(i+1) * time.Microsecond)
	}
	mem := func(pss, rss int64) *MemoryUse {
		uss := pss * 100
		return &MemoryUse{PSS: &pss, USS: &uss, RSS: rss}
	}
	n := func(v int64) *int64 { return &v }
	r := &Result{
		Response: h, Service: h, Busy: Seconds(2 * time.Second),
		Outcomes: Outcomes{Due: 2000, Sent: 2000, OK: 1900},
		Instants: []Seconds{Seconds(30 * time.Millisecond), Seconds(time.Hour)},
		Usage: []RoleUsage{
			{Role: "worker", CPU: &CPU{Own: Seconds(40 * time.Millisecond), Background: Seconds(time.Hour),
				User: Seconds(time.Second), System: Seconds(3 * time.Second)}, Idle: mem(1, 10), Loaded: mem(3, 30),
				SystemCalls: n(6000), Switches: &Switches{Voluntary: 500, Involuntary: 1}},
			{Role: "app", CPU: &CPU{Own: Seconds(60 * time.Millisecond), User: Seconds(time.Minute)}, Idle: mem(2, 20), Loaded: mem(4, 40),
				SystemCalls: n(2000), Switches: &Switches{Voluntary: 500}},
			{Role: "was", CPU: &CPU{}, Idle: mem(0, 0), Loaded: mem(0, 0), SystemCalls: n(0), Switches: &Switches{}},
			{Role: GeneratorRole, CPU: &CPU{Own: Seconds(time.Hour)}, Idle: mem(1000, 1000), Loaded: mem(1000, 1000)},
		},
	}
	want := map[string]float64{
		"response_p50_seconds": 1e-3, "response_p90_seconds": 1.8e-3, "response_p95_seconds": 1.9e-3, "response_p99_seconds": 1.98e-3,
		"service_p50_seconds": 1e-3, "service_p99_seconds": 1.98e-3,
		"cpu_seconds_per_request": 0.1 / 2000, "peak_cpu_seconds_per_request": 0.1 / 2000,
		"throughput_per_second": 950, "memory_loaded_bytes": 7, "memory_idle_bytes": 3, "cold_start_seconds": 0.03,
		"recovery_seconds": 0.03, "response_max_seconds": 2e-3, "service_p90_seconds": 1.8e-3,
		"cpu_user_seconds_per_request": 0.07 / 2000, "cpu_system_seconds_per_request": 0.03 / 2000,
		"cpu_front_seconds_per_request": 0.04 / 2000, "cpu_app_seconds_per_request": 0.06 / 2000,
		"context_switches_per_request": 1001.0 / 2000, "system_calls_per_request": 4,
		"memory_loaded_uss_bytes": 700, "memory_idle_uss_bytes": 300,
		"memory_loaded_worker_bytes": 3, "memory_loaded_app_bytes": 4, "memory_idle_worker_bytes": 1, "memory_idle_app_bytes": 2,
		"memory_loaded_worker_uss_bytes": 300, "memory_loaded_app_uss_bytes": 400,
		"memory_idle_worker_uss_bytes": 100, "memory_idle_app_uss_bytes": 200,
	}
	check := func(name string, want float64) {
		t.Helper()
		m, ok := MetricByName(name)
		if !ok {
			t.Fatalf("no metric %s", name)
		}
		if v, ok := m.Read(r); !ok || math.Abs(v-want) > 1.1e-3*want {
			t.Errorf("%s is %v (%v), want %v", name, v, ok, want)
		}
	}
	for name, v := range want {
		check(name, v)
	}
	if len(want) != len(Metrics) {
		t.Errorf("%d metrics are tested of %d", len(want), len(Metrics))
	}
	// One role without PSS: RSS for all of them, and no mixture.
	r.Usage[1].Loaded.PSS = nil
	check("memory_loaded_bytes", 70)
	// One role without a figure: the sum is unknown.
	r.Usage[1].Loaded, r.Usage[0].CPU, r.Usage[0].Switches, r.Usage[2].SystemCalls = nil, nil, nil, nil
	for _, name := range []string{"memory_loaded_bytes", "cpu_seconds_per_request", "cpu_user_seconds_per_request",
		"context_switches_per_request", "system_calls_per_request", "memory_loaded_uss_bytes", "memory_loaded_app_bytes"} {
		if m, _ := MetricByName(name); true {
			if v, ok := m.Read(r); ok {
				t.Errorf("%s is %v, and one role's is unknown", name, v)
			}
		}
	}
}

func TestChecksKeepTheirBounds(t *testing.T) {
	for _, c := range []struct {
		c  Check
		ok bool
	}{
		{Check{Value: 1, Bound: 1}, true}, {Check{Value: 2, Bound: 1}, false},
		{Check{Value: 1, Bound: 1, AtLeast: true}, true}, {Check{Value: 0, Bound: 1, AtLeast: true}, false},
		{Check{Value: 2, Bound: 1, Unsupported: "no clock"}, true},
	} {
		if c.c.OK() != c.ok {
			t.Errorf("%+v is %v", c.c, c.c.OK())
		}
	}
}

func TestErrorsCountsAllButOK(t *testing.T) {
	o := Outcomes{Due: 10, Shed: 2, Sent: 8, OK: 5, Timeout: 3}
	if o.Errors() != 5 || o.ErrorShare() != 0.5 || (Outcomes{}).ErrorShare() != 0 {
		t.Errorf("%d errors, a share of %v", o.Errors(), o.ErrorShare())
	}
}

func TestMetricByWord(t *testing.T) {
	for word, want := range map[string]string{
		"p50": "response_p50_seconds", "p95": "response_p95_seconds", "Response P99": "response_p99_seconds", "service_p50": "service_p50_seconds",
		"cpu": CPUPerRequest, "peak cpu": "peak_cpu_seconds_per_request", "idle memory": "memory_idle_bytes", "memory": MemoryLoaded,
		"cold start": FirstAnswer, "recovery": "recovery_seconds", "throughput_per_second": PeakThroughput, "service_p90_seconds": "service_p90_seconds",
	} {
		if m, ok := MetricByWord(word); !ok || m.Name != want {
			t.Errorf("%q is %q (%v), want %s", word, m.Name, ok, want)
		}
	}
	for _, word := range []string{"", "p12", "response p51"} {
		if m, ok := MetricByWord(word); ok {
			t.Errorf("%q is %s", word, m.Name)
		}
	}
	seen := map[string]bool{}
	for _, word := range MetricWords() {
		if _, ok := MetricByWord(word); !ok || seen[word] {
			t.Errorf("%q is there twice, or means nothing", word)
		}
		seen[word] = true
	}
}

// The Quantile of a metric decides its name, its value and its least number of samples.
func TestLatencyMetricsFollowTheirQuantile(t *testing.T) {
	h := new(Histogram)
	for i := range 100_000 {
		h.Record(time.Duration(i+1) * time.Microsecond)
	}
	quantiles := 0
	for _, m := range Metrics {
		if m.Quantile == 0 {
			if m.LeastSamples() != 1 {
				t.Errorf("%s needs %d samples", m.Name, m.LeastSamples())
			}
			continue
		}
		quantiles++
		if m.Name != LatencyName(m.Clock, m.Quantile) || m.Title == "" {
			t.Errorf("%s is p%v of %s", m.Name, 100*m.Quantile, m.Clock)
		}
		r := &Result{Response: h, Service: new(Histogram)}
		if m.Clock == Service {
			r.Response, r.Service = r.Service, r.Response
		}
		if v, ok := m.Read(r); !ok || math.Abs(v/(0.1*m.Quantile)-1) > 2e-3 {
			t.Errorf("%s of 1 to 100,000 µs is %v s (%v)", m.Name, v, ok)
		}
		// As many samples as it needs print it, and one fewer does not.
		few := new(Histogram)
		few.RecordN(time.Millisecond, m.LeastSamples()-1)
		if _, ok := few.Printable(m.Quantile); ok {
			t.Errorf("%s is printed with %d samples", m.Name, m.LeastSamples()-1)
		}
		few.Record(time.Millisecond)
		if _, ok := few.Printable(m.Quantile); !ok {
			t.Errorf("%s is not printed with %d samples", m.Name, m.LeastSamples())
		}
	}
	if quantiles < 7 {
		t.Errorf("%d quantiles", quantiles)
	}
}

func TestHeadlineHasOneClock(t *testing.T) {
	for clock, want := range map[string][]string{
		Response: {"response_p50_seconds", "response_p99_seconds", CPUPerRequest, PeakThroughput, MemoryLoaded, FirstAnswer},
		Service:  {"service_p50_seconds", "service_p99_seconds", CPUPerRequest, PeakThroughput, MemoryLoaded, FirstAnswer},
	} {
		var got []string
		for _, m := range HeadlineMetrics(clock) {
			got = append(got, m.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", clock, got)
		}
	}
}

// If the headline is service time, the gate judges service time instead of response time,
// so each gated quantile must exist for both clocks.
func TestGatedQuantilesExistForBothClocks(t *testing.T) {
	gated := 0
	for _, m := range Metrics {
		if m.Clock != Response || m.Margin == 0 {
			continue
		}
		gated++
		if _, ok := MetricByName(LatencyName(Service, m.Quantile)); !ok {
			t.Errorf("%s is gated, and there is no %s", m.Name, LatencyName(Service, m.Quantile))
		}
	}
	if gated == 0 {
		t.Error("no quantile is gated")
	}
}
