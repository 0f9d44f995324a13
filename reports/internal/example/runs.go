package example

import (
	"math/rand/v2"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/reports/words"
)

// Three returns a scene with a twin of the first target and a second target whose
// processes were not found.
func Three() Scene {
	s := Models()
	twin := s.Arms[0]
	twin.Name, twin.TwinOf = "in-process (twin)", "in-process"
	s.Arms = append(s.Arms, twin, Arm{Name: "far", Median: 300 * time.Microsecond, Tail: 2, throughput: 9000, cold: 90 * time.Millisecond})
	return s
}

// Long is 20 fresh starts of every rung, as a long breakdown has.
func Long() *ancmbench.Run {
	s := Models()
	s.Launches, s.Planned, s.Samples = 20, 20, 2000
	behind := s.Arms[1]
	s.Arms = nil
	for _, m := range ancmbench.Models {
		arm := behind
		arm.Name, arm.Model = string(m), m
		s.Arms = append(s.Arms, arm)
	}
	run := s.Run()
	for i := range run.Results {
		run.Results[i].Compact()
	}
	return run
}

// Independent returns a run of both models alone, made of the breakdown's true values
// times factor, with a seed of its own.
func Independent(out, all float64) Scene {
	s := Ladder()
	in, behind := s.Arms[1], s.Arms[4]
	behind.Median = time.Duration(float64(behind.Median) * out)
	for i := range behind.CPU {
		behind.CPU[i] = time.Duration(float64(behind.CPU[i]) * out)
	}
	s.Arms = []Arm{in, behind}
	for i := range s.Arms {
		a := &s.Arms[i]
		a.Median = time.Duration(float64(a.Median) * all)
		cpu := make([]time.Duration, len(a.CPU))
		for k := range cpu {
			cpu[k] = time.Duration(float64(a.CPU[k]) * all)
		}
		a.CPU = cpu
	}
	s.Seed, s.Own = 99, 0.02
	return s
}

// Hops is one app asked directly, behind the module, and behind four proxies of the user's.
func Hops() Scene {
	s := Models()
	direct, behind := s.Arms[0], s.Arms[1]
	direct.Name, direct.Model = "direct", ancmbench.Direct
	s.Arms = []Arm{direct, behind}
	for i, name := range []string{"nginx", "haproxy", "apache", "caddy"} {
		arm := ScaledArm(behind, 1.1+0.3*float64(i))
		arm.Name, arm.Model = name, ""
		arm.Roles = []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker, ancmbench.RoleProxy}
		s.Arms = append(s.Arms, arm)
	}
	return s
}

// Ladder returns a scene of every rung, with the true value of each part.
func Ladder() Scene {
	s := Models()
	in, out := s.Arms[0], s.Arms[1]
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	rung := func(m ancmbench.Model, median int, front, app int) Arm {
		a := out
		a.Name, a.Model, a.Median, a.Tail = string(m), m, us(median), 1
		a.CPU = []time.Duration{0, us(front), us(app)}
		return a
	}
	direct := in
	direct.Name, direct.Model, direct.Median, direct.CPU, direct.Tail = "direct", ancmbench.Direct, us(90), []time.Duration{0, us(20)}, 1
	in.Tail = 1
	s.Spread, s.Own, s.Launches, s.Planned = 0.02, 0.005, 8, 8
	s.Arms = []Arm{direct, in, rung(ancmbench.Relay, 160, 20, 23), rung(ancmbench.Bare, 200, 25, 23), rung(ancmbench.OutOfProcess, 200, 25, 24),
		rung(ancmbench.OutOfProcessNoReuse, 320, 90, 60), rung(ancmbench.Nginx, 190, 22, 24)}
	return s
}

// ScaledArm returns the target with its median times f.
func ScaledArm(a Arm, f float64) Arm {
	a.Median = time.Duration(float64(a.Median) * f)
	return a
}

// CurveRun returns the scene of the golden files with points of a curve in it.
func CurveRun() *ancmbench.Run {
	run := Models().Run()
	rng := rand.New(rand.NewPCG(5, 5))
	add := func(ph ancmbench.Phase, rate float64, work time.Duration) {
		ph.Workload = "plaintext"
		for launch := range Models().Launches {
			trial := len(run.Results)
			run.Plan = append(run.Plan, ancmbench.Trial{Index: trial, Launch: launch, Phase: ph})
			for _, a := range Models().Arms {
				a.Median += work
				a.CPU = append([]time.Duration(nil), a.CPU...)
				a.CPU[len(a.CPU)-1] += work
				r := a.result(rng, ancmbench.Latency, 1, 1200)
				r.Trial, r.Launch, r.Phase, r.PhaseKind, r.Target = trial, launch, ph.Name, ph.Kind, a.Name
				r.Arrivals.Rate = rate
				run.Results = append(run.Results, r)
			}
		}
	}
	for _, w := range []time.Duration{0, 200 * time.Microsecond, 5 * time.Millisecond} {
		add(ancmbench.Phase{Name: "cpu " + w.String(), Kind: ancmbench.Latency, Factor: ancmbench.FactorCPU, Level: w.Seconds()}, 100, w)
	}
	for _, front := range []string{"nethttp", "tls"} {
		add(ancmbench.Phase{Name: front, Kind: ancmbench.Latency, Factor: ancmbench.FactorFront, Front: front}, 100, 0)
	}
	for _, rate := range []float64{100, 1000} {
		add(ancmbench.Phase{Name: "sweep at " + words.Digits(rate), Kind: ancmbench.Sweep}, rate, 0)
	}
	return run
}

// Builds returns a scene of a gate: a base, its head, and a copy of the base; own is
// small enough that a true +5 % is found.
func Builds() Scene {
	s := Models()
	s.Launches, s.Planned, s.Samples, s.Own = 20, 20, 1000, 0.01
	base := s.Arms[0]
	base.Name, base.Model = "base", ""
	head, twin := base, base
	head.Name = "head"
	twin.Name, twin.TwinOf = "base (twin)", "base"
	s.Arms = []Arm{base, head, twin}
	return s
}

// GateRun returns a scene's run as a gate carries it out: latency alone.
func GateRun(change func(*Scene)) *ancmbench.Run {
	s := Builds()
	if change != nil {
		change(&s)
	}
	run := s.Run()
	run.Subject = ancmbench.SubjectServers
	run.Results = slices.DeleteFunc(run.Results, func(r ancmbench.Result) bool { return r.PhaseKind != ancmbench.Latency })
	return run
}

// ScaledBy is d times f.
func ScaledBy(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }

// Small returns a run of two fresh starts that fits a golden file.
func Small() *ancmbench.Run {
	s := Models()
	s.Launches, s.Planned, s.Samples = 2, 2, 1000
	return s.Run()
}

// Killed returns a run of both models with two recovery phases and a memory phase of
// 1,000 connections.
func Killed() *ancmbench.Run {
	run := Models().Run()
	run.Profile.Phases = append(run.Profile.Phases,
		ancmbench.Phase{Name: "memory-1000", Kind: ancmbench.Memory, Connections: 1008},
		ancmbench.Phase{Name: "kill-worker", Kind: ancmbench.Recovery, Kill: "worker"},
		ancmbench.Phase{Name: "kill-app", Kind: ancmbench.Recovery, Kill: "app"})
	for _, r := range run.Results {
		if r.PhaseKind != ancmbench.Memory {
			continue
		}
		many := r
		many.Phase, many.Connections, many.Trial, many.Usage = "memory-1000", 1008, r.Trial+1000, nil
		for _, u := range r.Usage {
			if u.Role == "worker" { // 5 kB a connection, 4 of them private
				more := *u.Loaded
				pss, uss := *more.PSS+5000*1000, *more.USS+4000*1000
				more.PSS, more.USS, u.Loaded = &pss, &uss, &more
			}
			many.Usage = append(many.Usage, u)
		}
		run.Results = append(run.Results, many)
		for i, phase := range []string{"kill-worker", "kill-app"} {
			if phase == "kill-app" && r.Target == "in-process" {
				continue
			}
			o := ancmbench.Outcomes{Due: 600, Sent: 600, OK: 597, Stale: 2, Reset: 1, Status: map[int]int64{502: 2}}
			run.Results = append(run.Results, ancmbench.Result{Trial: r.Trial + 2000 + 1000*i, Launch: r.Launch, Phase: phase, PhaseKind: ancmbench.Recovery,
				Workload: r.Workload, Target: r.Target, Outcomes: o, Instants: []ancmbench.Seconds{ancmbench.Seconds(time.Duration(10+r.Launch) * time.Millisecond)}})
		}
	}
	return run
}

// StoredRun returns a run of both models, with the penalty on the medians times factor.
func StoredRun(seed uint64, launches int, factor float64) *ancmbench.Run {
	s := Models()
	s.Seed, s.Launches, s.Planned, s.Own, s.Samples = seed, launches, launches, 0.015, 1000
	s.Arms[1] = ScaledArm(s.Arms[1], factor)
	return s.Run()
}
