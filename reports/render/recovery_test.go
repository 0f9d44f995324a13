package render

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

func TestRecoveriesAndTheirLosses(t *testing.T) {
	run := example.Killed()
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
	if err := Text(&b, run, a, page.Options{Width: 120}); err != nil {
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

func TestAllMetricsAreOnTheScreenWhenAskedFor(t *testing.T) {
	run := example.Killed()
	for all, want := range map[bool]bool{true: true, false: false} {
		var b bytes.Buffer
		if err := Text(&b, run, analysed(t, run), page.Options{Width: 120, AllMetrics: all}); err != nil {
			t.Fatal(err)
		}
		for _, title := range []string{"response max", "memory loaded, app", "memory per 1,000 connections", "CPU per request, app"} {
			if strings.Contains(b.String(), title) != want {
				t.Errorf("all is %v, and %q is on the screen: %v", all, title, !want)
			}
		}
	}
}
