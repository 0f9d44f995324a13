package figures

import (
	"path/filepath"
	"runtime"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
)

func BenchmarkAnalyse(b *testing.B) {
	run := example.Long()
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
	if err := example.Long().WriteFile(path); err != nil {
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

// From the results file to the analysis less is allocated in all than may be used at
// once: 100 MB for 20 fresh starts of 10 targets.
func TestReadingAndAnalysingKeepsItsMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), ancmbench.ResultFile)
	if err := example.Long().WriteFile(path); err != nil {
		t.Fatal(err)
	}
	const most = 100 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run, err := ancmbench.ReadRun(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > most || len(a.Statements) == 0 {
		t.Errorf("%d MB are allocated for %d statements", got>>20, len(a.Statements))
	}
}

func BenchmarkProgress(b *testing.B) {
	run := example.Models().Run()
	b.ReportAllocs()
	for b.Loop() {
		Progress(run)
	}
}
