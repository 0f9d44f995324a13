package experiment

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
)

// TestWrongModelIsInvalid: if a server answers in the name of another model than the one
// asked, nothing is counted.
func TestWrongModelIsInvalid(t *testing.T) {
	for _, says := range []string{"in-process", "direct"} {
		var asked atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) <= 2 { // the first answers are looked at before any load
				w.Header().Set(ancmbench.ModelHeader, "in-process")
				return
			}
			w.Header().Set(ancmbench.ModelHeader, says)
		}))
		defer s.Close()
		target := TargetSpec{Name: "a", Target: ancmbench.Target{Name: "a", Address: strings.TrimPrefix(s.URL, "http://"),
			Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Path: "/"}}},
			Expect:   ancmbench.Expect{Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: "in-process"}}}}}
		p := ancmbench.Profile{Name: "test", Launches: 1, Rate: 100, Connections: 2, Engine: "vegeta", MaxErrorShare: 0.5,
			Timeout:   ancmbench.Seconds(time.Second),
			Workloads: []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{Path: "/"}}}},
			Phases: []ancmbench.Phase{{Name: "latency", Kind: ancmbench.Latency, Duration: ancmbench.Seconds(300 * time.Millisecond),
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant}}}}
		run, err := Run(context.Background(), Config{Profile: p, Targets: []TargetSpec{target}, Dir: t.TempDir(), Seed: 1,
			NewEngine: func() loadgen.Engine { return &vegeta.Engine{} }})
		if err != nil {
			t.Fatal(err)
		}
		right := says == "in-process"
		if (run.LaunchesDone == 1) != right {
			t.Errorf("says %s: %d fresh starts count", says, run.LaunchesDone)
		}
		for _, res := range run.Results {
			if (res.Void == "") != right || (res.Outcomes.WrongModel == 0) != right {
				t.Errorf("says %s: void %q, %d wrong answers", says, res.Void, res.Outcomes.WrongModel)
			}
		}
		if n := len(run.Results); n != map[bool]int{true: 1, false: 1 + maxRepeats}[right] {
			t.Errorf("says %s: %d results", says, n)
		}
	}
}
