package experiment

import (
	"context"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
)

// windowsOf returns windows of half a second with so many requests each, after which so
// many methods were compiled.
func windowsOf(requests int64, compiled ...int64) []ancmbench.WarmupWindow {
	var out []ancmbench.WarmupWindow
	for i, n := range compiled {
		out = append(out, ancmbench.WarmupWindow{Busy: ancmbench.Seconds(500 * time.Millisecond), Requests: requests,
			Ended: ancmbench.Seconds(time.Duration(i+1) * time.Second), Compiled: n})
	}
	return out
}

// A runtime is quiet after enough time and enough requests, once it has compiled next to
// nothing for two seconds of load.
func TestWarmUpEndsWhenNothingIsCompiled(t *testing.T) {
	warm := []int64{500, 1500, 2000, 2100, 2150, 2170, 2180, 2181, 2182, 2183, 2183}
	for _, c := range []struct {
		what     string
		windows  []ancmbench.WarmupWindow
		compiled int64
		quiet    bool
	}{
		{"nothing yet", nil, 0, false},
		{"as many windows as are looked at", windowsOf(5000, 10, 20, 40, 100), 90, false},
		{"too short a time", windowsOf(50_000, 2183, 2183, 2183, 2183, 2183, 2183), 0, false},
		{"too few requests", windowsOf(500, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), 0, false},
		{"still compiles", windowsOf(5000, warm[:10]...), 13, false},
		{"stray methods", windowsOf(5000, warm...), 3, true},
		{"compiles again", windowsOf(5000, append(warm, 2300)...), 119, false},
	} {
		compiled, ok := quiet(c.windows)
		if compiled != c.compiled || ok != c.quiet {
			t.Errorf("%s: %d compiled, quiet %v; want %d, %v", c.what, compiled, ok, c.compiled, c.quiet)
		}
	}
}

// noRuntime is a target whose runtime says nothing more.
type noRuntime struct{ targets.Running }

func (noRuntime) Compiled(context.Context, bool) (targets.Compiled, error) {
	return targets.Compiled{}, nil
}

// A warm-up that reached its limit leaves a warning that names the target; a repeated fresh
// start leaves one warm-up.
func TestWarmUpsAreKept(t *testing.T) {
	r := &runner{run: &ancmbench.Run{}}
	one := func(name string, windows []ancmbench.WarmupWindow) *warmingTarget {
		_, ok := quiet(windows)
		return &warmingTarget{target: &target{running: noRuntime{}}, Warmup: ancmbench.Warmup{Target: name, Windows: windows, Quiet: ok}}
	}
	w := &warming{targets: []*warmingTarget{nil, one("direct", windowsOf(5000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), one("behind", windowsOf(5000, 100, 200, 300, 400, 500, 600))}}
	if w.quiet() {
		t.Error("a runtime that compiles is quiet")
	}
	for range 2 {
		if err := r.keepWarmups(t.Context(), w, "warm-up"); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.run.Warmups) != 2 || r.run.Warmups[0].Target != "direct" || !r.run.Warmups[0].Quiet || r.run.Warmups[1].Quiet {
		t.Errorf("kept: %+v", r.run.Warmups)
	}
	for _, got := range r.run.Warnings {
		if got.Code != ancmbench.WarnStillCompiling || got.Target != "behind" || got.Value != 400 || got.Bound != strayMethods {
			t.Errorf("warning %+v", got)
		}
	}
	if len(r.run.Warnings) != 2 { // one for each attempt
		t.Errorf("%d warnings", len(r.run.Warnings))
	}
	w.targets[2].Quiet = true
	if !w.quiet() || !(*warming)(nil).quiet() {
		t.Error("what is quiet is not, or what is no .NET waits")
	}
}

// An app in .NET warms up within bounds of its own; anything else as the phase says.
func TestWarmUpBounds(t *testing.T) {
	sec := func(d time.Duration) ancmbench.Seconds { return ancmbench.Seconds(d) }
	phase := ancmbench.Phase{Duration: sec(800 * time.Millisecond)}
	for _, c := range []struct {
		dotnet        *ancmbench.Dotnet
		net           bool
		window, limit time.Duration
	}{
		{nil, false, 200 * time.Millisecond, 800 * time.Millisecond},
		{&ancmbench.Dotnet{WarmUp: sec(time.Minute)}, false, 200 * time.Millisecond, 800 * time.Millisecond},
		{nil, true, dotnetWindow, dotnetWarmUp},
		{&ancmbench.Dotnet{}, true, dotnetWindow, dotnetWarmUp},
		{&ancmbench.Dotnet{WarmUp: sec(time.Minute)}, true, dotnetWindow, time.Minute},
		{&ancmbench.Dotnet{WarmUp: sec(time.Second)}, true, 250 * time.Millisecond, time.Second},
	} {
		r := &runner{cfg: Config{Profile: ancmbench.Profile{Dotnet: c.dotnet}}}
		if window, limit := r.warmUpBounds(phase, c.net); window.D() != c.window || limit.D() != c.limit {
			t.Errorf("%+v, .NET %v: %v of %v, want %v of %v", c.dotnet, c.net, window, limit, c.window, c.limit)
		}
	}
}

// What later phases send is sent in the warm-up of .NET, each kind once: not what it sends
// itself, nor what another fresh start sends.
func TestOtherRequestsAreWarmedUp(t *testing.T) {
	trial := func(launch int, kind ancmbench.PhaseKind, workload, engine, front string) ancmbench.Trial {
		return ancmbench.Trial{Launch: launch, Targets: []string{"a"}, Phase: ancmbench.Phase{Kind: kind, Workload: workload, Engine: engine, Front: front,
			Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson}}}
	}
	warm := trial(1, ancmbench.WarmUp, "plain", "", "")
	warm.Phase.Arrivals.Kind = ancmbench.Closed
	got := otherRequests([]ancmbench.Trial{
		trial(0, ancmbench.Latency, "early", "", ""), trial(1, ancmbench.ColdStart, "cold", "", ""), warm,
		trial(1, ancmbench.Latency, "plain", "", ""), trial(1, ancmbench.Latency, "busy", "", ""), trial(1, ancmbench.Peak, "busy", "", ""),
		trial(1, ancmbench.Latency, "socket", "websocket", ""), trial(1, ancmbench.Latency, "plain", "", "tls"), trial(1, ancmbench.CrossCheck, "x", "vegeta", ""),
		trial(2, ancmbench.Latency, "late", "", ""),
	}, warm)
	var said []string
	for _, o := range got {
		if o.Phase.Kind != ancmbench.WarmUp || o.Phase.Arrivals.Kind != ancmbench.Closed || o.Targets[0] != "a" {
			t.Errorf("%+v is no warm-up", o)
		}
		said = append(said, o.Phase.Workload+"/"+o.Phase.Engine+"/"+o.Phase.Front)
	}
	if got, want := strings.Join(said, " "), "busy// socket/websocket/ plain//tls"; got != want {
		t.Errorf("warmed: %s, want %s", got, want)
	}
}

// The last fault of a target is found, also if it comes while somebody waits for it.
func TestFaultOfATarget(t *testing.T) {
	r := &runner{cfg: Config{WithHostDetails: true}}
	r.report(ancmbench.SiteEvent{Target: "a", Text: "first"})
	r.report(ancmbench.SiteEvent{Target: "a", Text: "second"})
	r.report(ancmbench.SiteEvent{Target: "b", Text: "other"})
	if e, ok := r.events.of(t.Context(), "a"); !ok || e.Text != "second" {
		t.Errorf("%+v %v", e, ok)
	}
	r.cfg.WithHostDetails = false
	r.report(ancmbench.SiteEvent{Target: "b", Text: "it ended", Output: []string{"out of", "luck"}})
	if e, ok := r.events.of(t.Context(), "b"); !ok || quoted(e.Output) != "; its last words:\nout of\nluck" {
		t.Errorf("the last words of b: %+v %v", e, ok)
	}
	for _, e := range r.events.all() {
		if e.Output != nil {
			t.Errorf("without host details the results would hold %q", e.Output)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if e, ok := r.events.of(ended, "c"); ok {
		t.Errorf("of a target without any: %+v", e)
	}
	go r.report(ancmbench.SiteEvent{Target: "c", Text: "late"})
	if e, ok := r.events.of(t.Context(), "c"); !ok || e.Text != "late" {
		t.Errorf("%+v %v", e, ok)
	}
}
