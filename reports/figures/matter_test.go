package figures

import (
	"math"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

// The share of a penalty falls with the app's own work, as penalty over response time.
func TestMattersLessWithMoreWork(t *testing.T) {
	s := Statement{Pairs: []Pair{{Base: 100e-6, Other: 200e-6}, {Base: 100e-6, Other: 200e-6}}}
	got := Matters(s, nil)
	if len(got) != 4 {
		t.Fatalf("%d shares", len(got))
	}
	for i, want := range []float64{100.0 / 300, 100.0 / 1200, 100.0 / 10200, 100.0 / 100200} {
		if math.Abs(got[i].Share.Value-want) > 1e-9 || got[i].Measured || !got[i].Detected() {
			t.Errorf("with %v s of work: %+v, want %v", got[i].Work, got[i], want)
		}
	}
	if Matters(Statement{}, nil) != nil {
		t.Error("a statement without pairs has shares")
	}
	same := Matters(Statement{Pairs: []Pair{{Base: 1e-4, Other: 1.1e-4}, {Base: 1.1e-4, Other: 1e-4}}}, nil)
	if same[0].Detected() {
		t.Errorf("no difference is detected: %+v", same[0])
	}
	// Fresh starts of a restless machine: the mean of their own shares would be a gain.
	restless := Statement{Pairs: []Pair{{Base: 50e-6, Other: 100e-6}, {Base: 60e-6, Other: 120e-6}, {Base: 2e-3, Other: 1.2e-3}}}
	for _, m := range Matters(restless, nil) {
		if m.Share.Value <= 0 || m.Detected() {
			t.Errorf("the geometric means differ by more than nothing, and the share is %+v", m)
		}
	}
	if tiny := (Matter{Share: stats.Estimate{Value: -1e-5}}).Rounded(); math.Signbit(tiny) {
		t.Errorf("a share near zero is %v", tiny)
	}
	if one := Matters(Statement{Pairs: []Pair{{Base: 1e-4, Other: 2e-4}}}, nil); one[0].Detected() || one[0].Share.Interval != nil {
		t.Errorf("one fresh start has an interval: %+v", one[0])
	}
}

// Where a run has a curve of the app's processor time, its points take the place of what is
// calculated, up to the longest.
func TestMattersMeasured(t *testing.T) {
	a, err := Analyse(example.CurveRun())
	if err != nil {
		t.Fatal(err)
	}
	s, _ := a.Statement(a.Median(), "out-of-process")
	got := Matters(s, &a.Curve[0])
	var works []float64
	measured := 0
	for _, m := range got {
		works = append(works, m.Work)
		if m.Measured {
			measured++
		}
	}
	if measured != 2 || len(works) != 4 || works[0] != 200e-6 || works[1] != 5e-3 || works[2] != 10e-3 || works[3] != 100e-3 {
		t.Fatalf("%v, %d measured", works, measured)
	}
	if at := got[1].Share.Value; !(at > 0 && at < 0.1) || got[0].Share.Value < got[1].Share.Value {
		t.Errorf("of 0.2 and 5 ms of work: %v and %v", got[0].Share.Value, at)
	}
}

// Fresh starts follow one another on the line, each as long as its longest target, and what
// no second has is said to be unknown.
func TestTimeline(t *testing.T) {
	run := example.Models().Run()
	a, err := Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	l := a.Timeline
	if l == nil || len(l.Starts) != 6 || !l.Quantiles || !l.Tails || !l.Pauses || !l.Steal || l.Seconds() != 42 || l.Starts[2].From != 14 {
		t.Fatalf("%+v", l)
	}
	for i := range run.Results {
		run.Results[i].Series = nil
	}
	if a, err = Analyse(run); err != nil {
		t.Fatal(err)
	}
	if l := a.Timeline; len(l.Starts) != 0 || l.Quantiles || l.Seconds() != 0 {
		t.Errorf("without seconds: %+v", l)
	}
}

// The course of a role's memory is the mean over fresh starts, reading by reading.
func TestMemoryCourses(t *testing.T) {
	run := example.Models().Run()
	for i := range run.Results {
		r := &run.Results[i]
		for k := range r.Usage {
			if r.PhaseKind != ancmbench.Memory || r.Usage[k].Role != ancmbench.RoleWorker {
				r.Usage[k].OverTime = nil
				continue
			}
			r.Usage[k].OverTime = nil
			for at := range 3 {
				pss := int64(1000*(at+1) + 100*r.Launch)
				r.Usage[k].OverTime = append(r.Usage[k].OverTime, ancmbench.MemoryAt{At: ancmbench.Seconds(at) * 1e9, PSS: &pss, RSS: 2 * pss})
			}
		}
	}
	a, err := Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Courses) != 2 || a.Courses[0].Role != ancmbench.RoleWorker || len(a.Courses[0].At) != 3 || a.Courses[0].Bytes[1] != 2250 || a.Courses[0].RSS {
		t.Errorf("%+v", a.Courses)
	}
}
