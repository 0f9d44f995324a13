package ancmbench

import "slices"

// further lists the metrics outside the headline table. Reports and exports always have
// them; the terminal shows them on request.
var further = []Metric{
	{Name: "response_max_seconds", Title: "response max", Unit: "seconds", Better: Lower, Kind: Latency,
		Read: func(r *Result) (float64, bool) { return r.Response.Max().Seconds(), r.Response.Count() > 0 }},
	latency(Metric{Title: "service p90", Clock: Service, Quantile: 0.90}),
	{Name: "cpu_user_seconds_per_request", Title: "CPU per request, user", Unit: "seconds per request",
		Better: Lower, Kind: Latency, Read: cpuSplit(func(c *CPU) Seconds { return c.User })},
	{Name: "cpu_system_seconds_per_request", Title: "CPU per request, system", Unit: "seconds per request",
		Better: Lower, Kind: Latency, Read: cpuSplit(func(c *CPU) Seconds { return c.System })},
	{Name: "cpu_front_seconds_per_request", Title: "CPU per request, front", Unit: "seconds per request",
		Better: Lower, Kind: Latency, Role: "front", Read: func(r *Result) (float64, bool) { return perRequest(ofRole(frontRole(r)), ownCPU)(r) }},
	{Name: "cpu_app_seconds_per_request", Title: "CPU per request, app", Unit: "seconds per request",
		Better: Lower, Kind: Latency, Role: RoleApp, Read: func(r *Result) (float64, bool) {
			for _, role := range []Role{RoleApp, RoleUpstream} {
				if slices.ContainsFunc(r.Usage, ofRole(role)) {
					return perRequest(ofRole(role), ownCPU)(r)
				}
			}
			if frontRole(r) == RoleProxy { // the proxy forwards to the model direct, whose worker is the app
				return perRequest(ofRole(RoleWorker), ownCPU)(r)
			}
			return 0, false
		}},
	{Name: "context_switches_per_request", Title: "context switches per request", Unit: "per request",
		Better: Lower, Kind: Memory, Read: perRequest(everyRole, func(u RoleUsage) (float64, bool) {
			if u.Switches == nil {
				return 0, false
			}
			return float64(u.Switches.Voluntary + u.Switches.Involuntary), true
		})},
	{Name: "system_calls_per_request", Title: "system calls per request", Unit: "per request",
		Better: Lower, Kind: Memory, Read: perRequest(everyRole, func(u RoleUsage) (float64, bool) {
			if u.SystemCalls == nil {
				return 0, false
			}
			return float64(*u.SystemCalls), true
		})},
	ussMetric(MemoryLoadedUSS, "memory loaded", "", false),
	ussMetric("memory_idle_uss_bytes", "memory idle", "", true),
	pssMetric("memory_loaded_worker_bytes", "memory loaded, worker", RoleWorker, false),
	pssMetric("memory_loaded_app_bytes", "memory loaded, app", RoleApp, false),
	pssMetric("memory_idle_worker_bytes", "memory idle, worker", RoleWorker, true),
	pssMetric("memory_idle_app_bytes", "memory idle, app", RoleApp, true),
	ussMetric("memory_loaded_worker_uss_bytes", "memory loaded, worker", RoleWorker, false),
	ussMetric("memory_loaded_app_uss_bytes", "memory loaded, app", RoleApp, false),
	ussMetric("memory_idle_worker_uss_bytes", "memory idle, worker", RoleWorker, true),
	ussMetric("memory_idle_app_uss_bytes", "memory idle, app", RoleApp, true),
}

// frontRole returns the role that the client talks to. For the models in-process and
// direct, the same process hosts the app.
func frontRole(r *Result) Role {
	for _, u := range r.Usage {
		if u.Role == RoleProxy || u.Role == RoleServer {
			return u.Role
		}
	}
	return RoleWorker
}

func markedFurther(ms []Metric) []Metric {
	for i := range ms {
		ms[i].Further = true
	}
	return ms
}

// loadedOrIdle returns a reader of a role's memory: before any load, or under load.
func loadedOrIdle(idle bool) func(RoleUsage) *MemoryUse {
	if idle {
		return func(u RoleUsage) *MemoryUse { return u.Idle }
	}
	return func(u RoleUsage) *MemoryUse { return u.Loaded }
}

// everyRole selects all of a target's roles; ofRole selects one.
func everyRole(RoleUsage) bool { return true }

func ofRole(role Role) func(RoleUsage) bool {
	return func(u RoleUsage) bool { return u.Role == role }
}

// sumOver sums a value over the wanted roles. ok is false if one of them has no value,
// or if there are none.
func sumOver(r *Result, wanted func(RoleUsage) bool, of func(RoleUsage) (float64, bool)) (sum float64, ok bool) {
	found := false
	for _, u := range r.Usage {
		if u.Role == GeneratorRole || !wanted(u) {
			continue
		}
		v, ok := of(u)
		if !ok {
			return 0, false
		}
		sum, found = sum+v, true
	}
	return sum, found
}

func perRequest(wanted func(RoleUsage) bool, of func(RoleUsage) (float64, bool)) func(*Result) (float64, bool) {
	return func(r *Result) (float64, bool) {
		sum, ok := sumOver(r, wanted, of)
		if !ok || r.Outcomes.Sent == 0 {
			return 0, false
		}
		return sum / float64(r.Outcomes.Sent), true
	}
}

func ownCPU(u RoleUsage) (float64, bool) {
	if u.CPU == nil {
		return 0, false
	}
	return u.CPU.Own.Float(), true
}

// cpuSplit returns a reader of the user or system part of the CPU per request. Only the
// time in the target's own slices is exact; the kernel samples the split by its tick,
// so the share in the whole trial is applied to that time.
func cpuSplit(part func(*CPU) Seconds) func(*Result) (float64, bool) {
	return perRequest(everyRole, func(u RoleUsage) (float64, bool) {
		if u.CPU == nil {
			return 0, false
		}
		whole := u.CPU.User + u.CPU.System
		if whole <= 0 {
			return 0, u.CPU.Own == 0 // nothing was used, or nothing was split
		}
		return u.CPU.Own.Float() * part(u.CPU).Float() / whole.Float(), true
	})
}

// pssMetric returns a metric for the PSS of one role, or for its RSS if there is no PSS.
func pssMetric(name, title string, role Role, idle bool) Metric {
	of := loadedOrIdle(idle)
	return Metric{Name: name, Title: title, Unit: "bytes", Better: Lower, Kind: Memory, Role: role, Idle: idle,
		Read: func(r *Result) (float64, bool) {
			return sumOver(r, ofRole(role), func(u RoleUsage) (float64, bool) {
				switch m := of(u); {
				case m == nil:
					return 0, false
				case m.PSS != nil:
					return float64(*m.PSS), true
				default:
					return float64(m.RSS), true
				}
			})
		}}
}

// ussMetric returns a metric for the private memory of one role; an empty role means all.
func ussMetric(name, title string, role Role, idle bool) Metric {
	of := loadedOrIdle(idle)
	wanted := everyRole
	if role != "" {
		wanted = ofRole(role)
	}
	return Metric{Name: name, Title: title + " (USS)", Column: "USS", Unit: "bytes", Better: Lower, Kind: Memory, Role: role, Idle: idle, Private: true,
		Read: func(r *Result) (float64, bool) {
			return sumOver(r, wanted, func(u RoleUsage) (float64, bool) {
				if m := of(u); m != nil && m.USS != nil {
					return float64(*m.USS), true
				}
				return 0, false
			})
		}}
}
