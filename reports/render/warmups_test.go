package render

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// dotnetRun is the example as a run of an app in ASP.NET Core: out-of-process warmed up until
// it was quiet, in-process did not, in one of the fresh starts.
func dotnetRun() *ancmbench.Run {
	run := example.Models().Run()
	run.Subject = ancmbench.DotnetSubject("10.0.12", "linux", true)
	run.Program = "dotnet app.dll"
	later := int64(38)
	half := ancmbench.Seconds(500 * time.Millisecond)
	for launch := range run.LaunchesDone {
		for _, target := range []string{"in-process", "out-of-process"} {
			w := ancmbench.Warmup{Launch: launch, Target: target, Runtime: "10.0.12", Quiet: target != "in-process" || launch > 0, Later: &later}
			for i, us := range []int{400, 360, 330, 300, 200, 110, 100} {
				w.Windows = append(w.Windows, ancmbench.WarmupWindow{Ended: ancmbench.Seconds(i+1) * half, Busy: half, Requests: 1000,
					Median: ancmbench.Seconds(time.Duration(us) * time.Microsecond), Compiled: int64(1000 + 200*i)})
			}
			run.Warmups = append(run.Warmups, w)
		}
	}
	heap := int64(3_000_000)
	for i := range run.Results {
		for k := range run.Results[i].Usage {
			if u := &run.Results[i].Usage[k]; u.Loaded != nil && u.Role == "worker" {
				u.Loaded.CLRHeap = &heap
			}
		}
	}
	return run
}

// Cold start, first minute and steady state stand apart, and every output names the subject.
func TestDotnetRun(t *testing.T) {
	run := dotnetRun()
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	var screen, doc bytes.Buffer
	if err := Text(&screen, run, a, page.Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if err := HTML(&doc, run, a); err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(screen.String()), " ")
	for _, want := range []string{
		"ASP.NET Core 10.0.12, your unchanged app, Linux. In-process server: Microsoft's IISHttpServer; front and module are ours. Not IIS, not Windows. The app: dotnet app.dll",
		"in the first 500 ms of load 400 µs 400 µs", "after 2.00 s of load 200 µs 200 µs", "when warm 100 µs 100 µs", "load until then 3.50 s 3.50 s",
		"methods compiled 2,200 2,200", "compiled later 38 38", "managed heap under load 3.00 MB 3.00 MB",
		".NET 10.0.12: median service times of the warm-up", "compiled no more in 11 of 12 cases",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the screen does not say %q:\n%s", want, screen.String())
		}
	}
	for _, want := range []string{"ASP.NET Core 10.0.12, your unchanged app, Linux.", "How .NET warmed up", "methods compiled", "2,200", "managed heap (.NET)", "IIS or Windows"} {
		if !strings.Contains(doc.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, not := range []string{"reference models", "your program"} {
		if strings.Contains(screen.String(), not) || strings.Contains(doc.String(), not) {
			t.Errorf("the subject is an app in ASP.NET Core, and the report speaks of %s", not)
		}
	}
	// A run of anything else has none of it.
	run = example.Models().Run()
	if a, err = figures.Analyse(run); err != nil {
		t.Fatal(err)
	}
	screen.Reset()
	if err := Text(&screen, run, a, page.Options{Width: 100}); err != nil || strings.Contains(screen.String(), ".NET, before") || a.Warmups != nil {
		t.Errorf("%v\n%s", err, screen.String())
	}
}
