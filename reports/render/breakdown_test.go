package render

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
)

func TestNoSumWithoutEveryRung(t *testing.T) {
	s := example.Ladder()
	s.Arms = slices.DeleteFunc(s.Arms, func(a example.Arm) bool { return a.Model == ancmbench.Bare })
	run := s.Run()
	a := analysed(t, run)
	if b := a.Breakdown; b == nil || len(b.Metrics) != 0 || !slices.Equal(b.Absent, []string{"bare"}) {
		t.Errorf("the breakdown is %+v", a.Breakdown)
	}
	if words := strings.Join(sentences.Answer(run, a), " "); !strings.Contains(words, "not taken apart: bare was not measured") {
		t.Errorf("the answer is %s", words)
	}
	run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnLeftOut, Detail: "bare: cannot be had"})
	a = analysed(t, run)
	if words := strings.Join(sentences.Answer(run, a), " "); strings.Contains(words, "--model=all") {
		t.Errorf("what was asked for is recommended: %s", words)
	}
	var screen bytes.Buffer
	if err := Text(&screen, run, a, page.Options{}); err != nil || !strings.Contains(screen.String(), "not run here: bare: cannot be had") {
		t.Errorf("the screen does not say why (%v):\n%s", err, screen.String())
	}
	if analysed(t, example.Models().Run()).Breakdown != nil {
		t.Error("a run of both models alone has a breakdown")
	}
}

func TestBreakdownText(t *testing.T) {
	run := example.Ladder().Run()
	run.Profile.Name = "breakdown"
	run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnLeftOut, Detail: "haproxy: not installed"})
	var b bytes.Buffer
	if err := Text(&b, run, analysed(t, run), page.Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "breakdown.txt", b.Bytes())
	doc := htmlOf(t, run)
	for _, want := range []string{`id="breakdown-response-p50-seconds"`, "connection per request", "haproxy: not installed"} {
		if !strings.Contains(doc, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestOneFreshStartHasNoIntervals(t *testing.T) {
	s := example.Ladder()
	s.Launches, s.Planned = 1, 1
	run := s.Run()
	words := strings.Join(sentences.Answer(run, analysed(t, run)), " ")
	if !strings.Contains(words, "From one fresh start no part") {
		t.Errorf("the answer is %s", words)
	}
	everything(t, run)
}
