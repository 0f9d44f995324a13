package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// Every kind of run has every report, and none has a value that JSON cannot hold.
func TestEveryRunHasEveryReport(t *testing.T) {
	build := func(change func(*example.Scene)) *ancmbench.Run {
		s := example.Models()
		change(&s)
		return s.Run()
	}
	runs := map[string]*ancmbench.Run{
		"nothing yet": build(func(s *example.Scene) { s.Launches = 0 }),
		"one launch":  build(func(s *example.Scene) { s.Launches = 1 }),
		"two":         build(func(s *example.Scene) { s.Launches = 2 }),
		"no noise":    build(func(s *example.Scene) { s.Spread, s.Own = 0, 0 }),
		"twin":        example.Three().Run(),
		"alone":       build(func(s *example.Scene) { s.Arms = s.Arms[:1] }),
		"no processes": build(func(s *example.Scene) {
			for i := range s.Arms {
				s.Arms[i].Roles = nil
			}
		}),
		"few samples": build(func(s *example.Scene) { s.Samples = 5 }),
		"nine targets": build(func(s *example.Scene) {
			for i := range 7 {
				rung := s.Arms[1]
				rung.Name = "out-of-process-rung-" + string(rune('a'+i))
				s.Arms = append(s.Arms, rung)
			}
		}),
		"empty": {Targets: []ancmbench.TargetInfo{{Name: "a"}, {Name: "b"}}},
	}
	interrupted := build(func(s *example.Scene) { s.Launches = 3 })
	interrupted.State, interrupted.Reason = ancmbench.Interrupted, "Ctrl-C"
	interrupted.Results = interrupted.Results[:len(interrupted.Results)-3]
	runs["interrupted"] = interrupted
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			a := analysed(t, run)
			text := screen(t, run, page.Options{Width: 80})
			for l := range strings.Lines(text) {
				if n := len([]rune(strings.TrimRight(l, "\n"))); n > 80 {
					t.Errorf("%d columns: %s", n, l)
				}
			}
			if n := strings.Count(text, "\n"); n > 40 {
				t.Errorf("%d lines do not fit a screen:\n%s", n, text)
			}
			var b bytes.Buffer
			if err := JSON(&b, run, a, ""); err != nil || !json.Valid(b.Bytes()) {
				t.Errorf("JSON: %v", err)
			}
			if err := HTML(&b, run, a); err != nil {
				t.Error(err)
			}
			if slices.Contains([]string{"nothing yet", "alone", "no processes"}, name) {
				pictures(t, run)
			}
			doc := readable(b.String())
			if strings.Contains(text+doc, "NaN") || strings.Contains(text+doc, "Inf") {
				t.Error("a report holds NaN or Inf")
			}
			figures.Progress(run)
		})
	}
	if _, err := figures.Analyse(&ancmbench.Run{}); err == nil {
		t.Error("a run without targets must be an error")
	}
}
