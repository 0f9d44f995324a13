package render

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

func TestFewSamplesPrintNoTail(t *testing.T) {
	s := example.Models()
	s.Samples = 400 // 4 beyond p99
	run := s.Run()
	st := statement(t, analysed(t, run), "response_p99_seconds", "out-of-process")
	if st.Launches != 0 || st.Note == "" || st.Ratio != nil {
		t.Errorf("p99 of 400 samples: %+v", st)
	}
	text := screen(t, run, page.Options{})
	if !strings.Contains(text, "response p99                    -") || !strings.Contains(text, "too few samples") {
		t.Errorf("the screen does not say that p99 is missing:\n%s", text)
	}
}

// However many warnings there are, the screen keeps its height and says how
// many it left out.
func TestScreenHoldsManyWarnings(t *testing.T) {
	run := example.Models().Run()
	for _, c := range slices.Sorted(maps.Keys(ancmbench.Warnings)) {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: c, Value: 2, Bound: 1, Detail: "detail"})
	}
	for _, width := range []int{80, 100} {
		text := screen(t, run, page.Options{Width: width, Report: "results/x/report.html"})
		if n := strings.Count(text, "\n"); n > 40 || n < 37 || !strings.Contains(text, "more warnings in the report") {
			t.Errorf("%d lines:\n%s", n, text)
		}
	}
}

func TestServiceHeadline(t *testing.T) {
	run := example.Models().Run()
	run.Results[3].Warnings = []ancmbench.Warning{{Code: ancmbench.WarnServiceHeadline, Value: 40e-6, Bound: 10e-6}}
	text := screen(t, run, page.Options{})
	if !strings.Contains(text, "median service time") || !strings.Contains(text, "service p99") || strings.Contains(text, "response p50") {
		t.Errorf("the headline is not service time:\n%s", text)
	}
}

// What a time limit cut short says so on the screen; what was measured whole does not.
func TestATimeLimitIsSaid(t *testing.T) {
	for planned, want := range map[int]bool{6: false, 20: true} {
		run := example.Models().Run()
		run.State, run.Reason, run.Profile.Launches = ancmbench.Complete, "time limit", planned
		var b bytes.Buffer
		if err := Text(&b, run, analysed(t, run), page.Options{Width: 200}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "of 20 fresh starts (time limit)"); got != want {
			t.Errorf("%d planned: %v, want %v in\n%s", planned, got, want, b.String())
		}
	}
}

func screen(t *testing.T, run *ancmbench.Run, opts page.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, run, analysed(t, run), opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) {
	golden(t, "quick.txt", []byte(screen(t, example.Models().Run(), page.Options{Width: 100, Report: "results/20260102-030405-quick/report.html"})))
}
