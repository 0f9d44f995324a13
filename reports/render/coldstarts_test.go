package render

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// Fewer than five cold starts are said to be few, on the screen and on the page;
// several in a fresh start count, discarded ones do not.
func TestFewColdStartsAreSaid(t *testing.T) {
	for _, c := range []struct {
		name     string
		launches int
		each     int // in a fresh start
		void     bool
		want     int
	}{
		{"four", 4, 1, false, 4},
		{"five", 5, 1, false, 5},
		{"several", 2, 3, false, 6},
		{"void", 5, 1, true, 4},
	} {
		s := example.Models()
		s.Launches, s.Planned, s.Samples = c.launches, c.launches, 1000
		run := s.Run()
		for i := range run.Results {
			r := &run.Results[i]
			if r.PhaseKind != ancmbench.ColdStart {
				continue
			}
			for len(r.Instants) < c.each {
				r.Instants = append(r.Instants, r.Instants[0])
			}
			if c.void && r.Launch == 0 {
				r.Void = ancmbench.VoidDied
			}
		}
		a, err := figures.Analyse(run)
		if err != nil {
			t.Fatal(err)
		}
		if a.ColdStarts != c.want {
			t.Errorf("%s: %d cold starts, want %d", c.name, a.ColdStarts, c.want)
		}
		var screen bytes.Buffer
		if err := Text(&screen, run, a, page.Options{}); err != nil {
			t.Fatal(err)
		}
		doc := htmlOf(t, run)
		const says = "cold start: only 4 starts of each target, fewer than 5"
		for kind, b := range map[string]string{"text": screen.String(), "html": doc} {
			if strings.Contains(b, says) != (c.want < figures.EnoughColdStarts) {
				t.Errorf("%s: the %s should say %q: %v", c.name, kind, says, c.want < figures.EnoughColdStarts)
			}
		}
		// One in each fresh start is a mark in the chart.
		if want := "Each target had " + words.Count(c.want, "cold start", "cold starts"); strings.Contains(doc, want) != (c.each > 1) {
			t.Errorf("%s: the page should say %q: %v", c.name, want, c.each > 1)
		}
	}
}
