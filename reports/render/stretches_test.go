package render

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

func TestStretches(t *testing.T) {
	launches := example.Recordings[gate.RecordedLaunch](120, 0.03)
	s, err := gate.Resampling{Launches: launches}.Stretches()
	if err != nil {
		t.Fatal(err)
	}
	used := s.Left
	for _, n := range s.Lengths {
		if used += n; n < s.Plan.First || n > s.Plan.Most {
			t.Errorf("a gate of %d launches", n)
		}
	}
	if used != 120 || s.Left >= s.Plan.Most {
		t.Errorf("%d of 120 launches are accounted for, %d left", used, s.Left)
	}
	if n := len(s.Lengths); n < 6 || s.Pass.Count+s.Fail.Count+s.Inconclusive.Count != n || s.Pass.Count < n-1 {
		t.Errorf("A/A: %+v", s)
	}
	// Each is what the gate says of those fresh starts alone.
	from := 0
	for i, n := range s.Lengths {
		m, _ := ancmbench.MetricByName("response_p50_seconds")
		logs, _ := gate.LogsOf(launches[from:], m)
		d, looks, err := stats.Plan{}.Follow(logs, 0.05)
		if err != nil || d == stats.Continue || len(looks) == 0 {
			t.Fatalf("gate %d of %d: %s, %v", i, n, d, err)
		}
		from += n
	}
	worse := gate.Resampling{Launches: launches, Effect: 0.2, Metric: "response_p50_seconds"}
	s, err = worse.Stretches()
	if err != nil || s.Fail.Count != len(s.Lengths) || len(s.Lengths) < 10 {
		t.Errorf("+20 %%: %+v, %v", s, err)
	}
	if _, err := (gate.Resampling{Launches: launches[:10]}).Stretches(); err == nil {
		t.Error("ten launches were judged")
	}
	// Noise decides nothing: every gate takes the whole plan.
	s, err = gate.Resampling{Launches: example.Recordings[gate.RecordedLaunch](120, 0.5)}.Stretches()
	if err != nil || s.Inconclusive.Count != len(s.Lengths) || len(s.Lengths) != 6 || s.Left != 0 {
		t.Errorf("noise: %+v, %v", s, err)
	}
	text := filled(t, func(b *bytes.Buffer) error { return StretchesMarkdown(b, []string{"noise"}, []*gate.Stretches{s}) })
	if !strings.Contains(text, "| noise | the gate | 6 | 0 of 6") || !strings.Contains(text, "20, 20, 20, 20, 20 and 20") {
		t.Error(text)
	}
	if err := StretchesMarkdown(new(bytes.Buffer), nil, []*gate.Stretches{s}); err == nil {
		t.Error("a table without titles")
	}
}
