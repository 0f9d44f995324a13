package reports

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// killed is a run of both models with two recovery phases and a memory phase of
// 1,000 connections.
func killed() *ancmbench.Run {
	run := models().run()
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

func TestRecoveriesAndTheirLosses(t *testing.T) {
	run := killed()
	a := analysed(t, run)
	if len(a.Recoveries) != 3 {
		t.Fatalf("recoveries: %+v", a.Recoveries)
	}
	var lost int64
	for _, r := range a.Recoveries {
		sum := int64(0)
		for _, n := range r.ByKind {
			sum += n
		}
		if lost += r.Lost; sum != r.Lost || r.Lost != 18 || r.ByKind["502"] != 12 || r.Retried != 12 || r.Launches != 6 || r.Time.Interval == nil || r.Killed == "" {
			t.Errorf("%+v", r)
		}
	}
	if a.Trust.Errors != 0 {
		t.Errorf("%d requests that recovery lost count against the run", a.Trust.Errors)
	}
	var b bytes.Buffer
	if err := Text(&b, run, a, TextOptions{Width: 120}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"killed under load", "3.0 of 600", "12 answered 502 and 6 reset; 12 sent again"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
	if !strings.Contains(htmlOf(t, run), "When a process dies") {
		t.Error("the page has no section on it")
	}
}

func TestMemoryOfAThousandConnections(t *testing.T) {
	a := analysed(t, killed())
	for _, target := range []string{"in-process", "out-of-process"} {
		if s, ok := a.value(perThousand.Name, target); !ok || len(s.Values) != 6 || math.Abs(s.Center.Value-5e6) > 1 {
			t.Errorf("%s: %+v", target, s)
		}
	}
	s := statement(t, a, perThousand.Name, "out-of-process")
	if s.Launches != 6 || math.Abs(s.Difference.Value) > 1 {
		t.Errorf("%+v", s)
	}
	// The same of private memory and by role, where a role of one side stands alone.
	for name, want := range map[string]float64{"uss": 4e6, "worker": 5e6, "app": 0, "worker_uss": 4e6, "app_uss": 0} {
		per := statement(t, a, "memory_per_1000_connections_"+name+"_bytes", "out-of-process")
		if per.Other == nil || math.Abs(per.Other.Value-want) > 1 {
			t.Errorf("%s: %+v, want %v", name, per.Other, want)
		}
		if alone := strings.HasPrefix(name, "app"); alone != (per.Base == nil) || alone != (per.Note != "") || alone != (per.Launches == 0) {
			t.Errorf("%s: base %+v, note %q, %d launches", name, per.Base, per.Note, per.Launches)
		}
	}
	if first := statement(t, a, "memory_loaded_bytes", "out-of-process"); first.Phase != "memory" {
		t.Errorf("the headline's memory is that of %s", first.Phase)
	}
	if _, ok := analysed(t, models().run()).Statement(perThousand.Name, "out-of-process"); ok {
		t.Error("one memory phase says what connections cost")
	}
}

func TestAllMetricsAreOnTheScreenWhenAskedFor(t *testing.T) {
	run := killed()
	for all, want := range map[bool]bool{true: true, false: false} {
		var b bytes.Buffer
		if err := Text(&b, run, analysed(t, run), TextOptions{AllMetrics: all}); err != nil {
			t.Fatal(err)
		}
		for _, title := range []string{"response max", "memory loaded, app", "memory per 1,000 connections", "CPU per request, app"} {
			if strings.Contains(b.String(), title) != want {
				t.Errorf("all is %v, and %q is on the screen: %v", all, title, !want)
			}
		}
	}
}
