package render

import (
	"strings"
	"testing"

	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// A metric that only one of several fresh starts has is never said to be that of a run of one
// fresh start, on the screen or on the page.
func TestMetricOfOneOfSeveralFreshStarts(t *testing.T) {
	run, few := example.Models().Run(), example.Models()
	few.Samples = 400 // too few for p99
	for i, r := range few.Run().Results {
		if r.Launch > 0 {
			run.Results[i] = r
		}
	}
	for what, text := range map[string]string{"the screen": screen(t, run, page.Options{Width: 200}), "the page": htmlOf(t, run)} {
		if strings.Contains(text, "one fresh start: no interval") {
			t.Errorf("%s takes six fresh starts for one:\n%s", what, text)
		}
		if want := "response p99: too few samples beyond the quantile in 5 of 6 fresh starts, so no interval can be given"; !strings.Contains(text, want) {
			t.Errorf("%s lacks %q:\n%s", what, want, text)
		}
	}
	if text := htmlOf(t, run); !strings.Contains(text, "one of 6 fresh starts: no interval") {
		t.Error("the table of the page does not say of how many fresh starts p99 is")
	}
	run = example.Models().Run()
	run.Results = run.Results[:8]
	if text := screen(t, run, page.Options{Width: 200}); !strings.Contains(text, "one fresh start: no interval can be given") {
		t.Errorf("a run of one fresh start does not say that it has no interval:\n%s", text)
	}
}
