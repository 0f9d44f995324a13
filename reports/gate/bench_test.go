package gate

import (
	"testing"
	"time"

	"ancmbench/reports/internal/example"
)

// Analysis and gate of 20 fresh starts of 10 targets stay far under a second.
func BenchmarkGateOfTenTargets(b *testing.B) {
	s := example.Builds()
	for len(s.Arms) < 10 {
		a := s.Arms[1]
		a.Name += "+"
		a.Median += time.Duration(len(s.Arms)) * time.Microsecond
		s.Arms = append(s.Arms, a)
		s.Arms[len(s.Arms)-1].Name = a.Name + string(rune('a'+len(s.Arms)))
	}
	run := s.Run()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Gate{Target: "head"}).Judge(run, nil); err != nil {
			b.Fatal(err)
		}
	}
}
