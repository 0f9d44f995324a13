package reports

import (
	"fmt"
	"testing"
)

// 20 launches of 10 targets, as a long breakdown has.
func BenchmarkAnalyse(b *testing.B) {
	s := models()
	s.launches, s.planned, s.samples = 20, 20, 2000
	for i := range 8 {
		arm := s.arms[1]
		arm.name = fmt.Sprint("rung ", i)
		s.arms = append(s.arms, arm)
	}
	run := s.run()
	b.ReportAllocs()
	for b.Loop() {
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
