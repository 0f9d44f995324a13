package reports

import (
	"path/filepath"
	"testing"

	"ancmbench"
)

// long is 20 launches of every rung, as a long breakdown has.
func long() *ancmbench.Run {
	s := models()
	s.launches, s.planned, s.samples = 20, 20, 2000
	behind := s.arms[1]
	s.arms = nil
	for _, m := range ancmbench.Models {
		arm := behind
		arm.name, arm.model = string(m), m
		s.arms = append(s.arms, arm)
	}
	run := s.run()
	for i := range run.Results {
		run.Results[i].Compact()
	}
	return run
}

func BenchmarkAnalyse(b *testing.B) {
	run := long()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Analyse(run); err != nil {
			b.Fatal(err)
		}
	}
}

// From the results file on, as 'ancmbench report' does it.
func BenchmarkReadAndAnalyse(b *testing.B) {
	path := filepath.Join(b.TempDir(), ancmbench.ResultFile)
	if err := long().WriteFile(path); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		run, err := ancmbench.ReadRun(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Analyse(run); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProgress(b *testing.B) {
	run := models().run()
	b.ReportAllocs()
	for b.Loop() {
		Progress(run)
	}
}
