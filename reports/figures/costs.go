package figures

import (
	"math"
	"slices"

	"ancmbench"
)

// RoleCost is what the processes of one role of one target cost: means over
// launches. What could not be read is nil.
type RoleCost struct {
	Target string         `json:"target"`
	Role   ancmbench.Role `json:"role"`
	// CPU is per request at Rate, in the target's own slices; Cores is CPU times Rate.
	CPU   *float64 `json:"cpu_seconds_per_request,omitempty"`
	Rate  float64  `json:"rate_per_second,omitempty"`
	Cores *float64 `json:"cores,omitempty"`
	// System is the share of CPU that was used in the kernel, in [0,1]; nil if that is not
	// known.
	System *float64 `json:"system_share,omitempty"`
	// Background is the CPU used while the other targets were loaded, in cores.
	Background *float64 `json:"background_cores,omitempty"`
	IdlePSS    *float64 `json:"idle_pss_bytes,omitempty"`
	LoadedPSS  *float64 `json:"loaded_pss_bytes,omitempty"`
	LoadedUSS  *float64 `json:"loaded_uss_bytes,omitempty"`
	IdleRSS    *float64 `json:"idle_rss_bytes,omitempty"`
	LoadedRSS  *float64 `json:"loaded_rss_bytes,omitempty"`
	PeakRSS    *float64 `json:"peak_rss_bytes,omitempty"`
	// LoadedHeap is the managed heap of .NET under load.
	LoadedHeap *float64 `json:"loaded_clr_heap_bytes,omitempty"`
	// Why maps a field of ancmbench.RoleUsage to the reason why it is missing.
	Why map[string]string `json:"unsupported,omitempty"`
}

// mean is over the fresh starts that could be read, and nil if none could.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(x float64) { m.sum += x; m.n++ }

func (m *mean) addBytes(b *int64) {
	if b != nil {
		m.add(float64(*b))
	}
}

func (m mean) value() *float64 {
	if m.n == 0 {
		return nil
	}
	v := m.sum / float64(m.n)
	return &v
}

// costs takes CPU from the first latency phase and memory from the first memory
// phase, for each target and each of its roles in the order of Usage.
func (o *Observations) costs(run *ancmbench.Run) []RoleCost {
	out := []RoleCost{}
	latency, memory := o.first(ancmbench.Latency), o.first(ancmbench.Memory)
	for _, t := range run.Targets {
		var under, alone []*ancmbench.Result
		if latency != nil {
			under = o.Series(*latency, t.Name)
		}
		if memory != nil {
			alone = o.Series(*memory, t.Name)
		}
		for _, role := range rolesOf(under, alone) {
			c := RoleCost{Target: t.Name, Role: role}
			c.addCPU(under)
			c.addMemory(alone)
			out = append(out, c)
		}
	}
	return out
}

func (o *Observations) first(kind ancmbench.PhaseKind) *Scenario {
	for i := range o.Scenarios {
		if o.Scenarios[i].Kind == kind {
			return &o.Scenarios[i]
		}
	}
	return nil
}

func rolesOf(series ...[]*ancmbench.Result) []ancmbench.Role {
	var roles []ancmbench.Role
	for _, rs := range series {
		for _, r := range rs {
			for _, u := range r.Usage {
				if u.Role != ancmbench.GeneratorRole && !slices.Contains(roles, u.Role) {
					roles = append(roles, u.Role)
				}
			}
		}
	}
	return roles
}

func (c *RoleCost) addCPU(rs []*ancmbench.Result) {
	var cpu, cores, rate, background, system mean
	for _, r := range rs {
		u := roleUsage(r, c.Role)
		if u == nil {
			continue
		}
		c.addWhy(u)
		if u.CPU == nil || r.Outcomes.Sent == 0 {
			continue
		}
		per := u.CPU.Own.Float() / float64(r.Outcomes.Sent)
		cpu.add(per)
		if v := OpenRate(r); v > 0 {
			rate.add(v)
			cores.add(per * v)
		}
		if both := u.CPU.User + u.CPU.System; both > 0 {
			system.add(u.CPU.System.Float() / both.Float())
		}
		if u.CPU.Others > 0 {
			background.add(u.CPU.Background.Float() / u.CPU.Others.Float())
		}
	}
	c.System = system.value()
	c.CPU, c.Cores, c.Background = cpu.value(), cores.value(), background.value()
	if v := rate.value(); v != nil {
		c.Rate = *v
	}
}

func (c *RoleCost) addMemory(rs []*ancmbench.Result) {
	var idlePSS, loadedPSS, loadedUSS, idleRSS, loadedRSS, peak, heap mean
	for _, r := range rs {
		u := roleUsage(r, c.Role)
		if u == nil {
			continue
		}
		c.addWhy(u)
		if u.Idle != nil {
			idlePSS.addBytes(u.Idle.PSS)
			idleRSS.addBytes(&u.Idle.RSS)
		}
		if u.Loaded != nil {
			loadedPSS.addBytes(u.Loaded.PSS)
			loadedUSS.addBytes(u.Loaded.USS)
			loadedRSS.addBytes(&u.Loaded.RSS)
			peak.addBytes(u.Loaded.PeakRSS)
			heap.addBytes(u.Loaded.CLRHeap)
		}
	}
	c.IdlePSS, c.LoadedPSS, c.LoadedUSS = idlePSS.value(), loadedPSS.value(), loadedUSS.value()
	c.LoadedHeap = heap.value()
	c.IdleRSS, c.LoadedRSS, c.PeakRSS = idleRSS.value(), loadedRSS.value(), peak.value()
}

func (c *RoleCost) addWhy(u *ancmbench.RoleUsage) {
	for field, why := range u.Unsupported {
		if c.Why == nil {
			c.Why = map[string]string{}
		}
		c.Why[field] = why
	}
}

// LogRatio returns the natural logarithm of the target's value over the baseline's.
func LogRatio(p Pair) float64 { return math.Log(p.Other / p.Base) }
