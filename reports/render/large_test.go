package render

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
)

// large is a run of 50 fresh starts of all ten models, with the slices and seconds of a
// real one.
func large() *ancmbench.Run {
	s := example.Models()
	s.Launches, s.Planned, s.Samples = 50, 50, 2000
	behind := s.Arms[1]
	s.Arms = nil
	for i, m := range ancmbench.Models {
		arm := example.ScaledArm(behind, 1+0.1*float64(i))
		arm.Name, arm.Model = string(m), m
		s.Arms = append(s.Arms, arm)
	}
	run := s.Run()
	for i := range run.Results {
		r := &run.Results[i]
		if r.PhaseKind == ancmbench.Latency {
			for k := range 44 {
				r.Slices = append(r.Slices, ancmbench.SliceRow{Index: 10 * k, Group: k, Epoch: ancmbench.Seconds(time.Duration(k) * 517 * time.Millisecond),
					Length: ancmbench.Seconds(50 * time.Millisecond), Drain: 31234, Sent: 45, Done: 45, CPU: []ancmbench.Seconds{0, 1271000, 4858074}})
			}
		}
		r.Compact()
	}
	return run
}

// A run that is too large for a page is left out of it, and the page says so; it stays within
// 1 MB all the same.
func TestPageOfALargeRun(t *testing.T) {
	run := large()
	var b bytes.Buffer
	if err := HTML(&b, run, analysed(t, run)); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1_000_000 {
		t.Errorf("the page of 50 fresh starts of ten models takes %d bytes", b.Len())
	}
	if !bytes.Contains(b.Bytes(), []byte("result.json: too large for a page; it lies beside it")) {
		t.Error("the page does not say that it lacks the results file")
	}
	if dir := os.Getenv("ANCMBENCH_LARGE"); dir != "" {
		if err := run.WriteFile(filepath.Join(dir, ancmbench.ResultFile)); err != nil {
			t.Fatal(err)
		}
	}
}

// The page of a run as large as profile quick makes it takes 400 kB at most, with all of its
// data in it.
func TestPageOfAQuickRun(t *testing.T) {
	s := example.Models()
	s.Samples = 2200
	run := s.Run()
	for i := range run.Results {
		r := &run.Results[i]
		for k := range 44 {
			r.Slices = append(r.Slices, ancmbench.SliceRow{Index: 2 * k, Group: k, Epoch: ancmbench.Seconds(time.Duration(k)*103*time.Millisecond + time.Duration(i*k*7919)),
				Length: ancmbench.Seconds(50 * time.Millisecond), Drain: ancmbench.Seconds(31234 + i*k*37), Sent: 45, Done: 45, CPU: []ancmbench.Seconds{0, ancmbench.Seconds(1271000 + i*k*101), ancmbench.Seconds(4858074 + i*k*97)}})
		}
	}
	var b bytes.Buffer
	if err := HTML(&b, run, analysed(t, run)); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 400_000 || bytes.Contains(b.Bytes(), []byte("too large for a page")) {
		t.Errorf("the page of a quick run takes %d bytes, or lacks its data", b.Len())
	}
}

// BenchmarkLargeReport makes the page of 50 fresh starts of ten models from the run.
func BenchmarkLargeReport(b *testing.B) {
	run := large()
	b.ReportAllocs()
	for b.Loop() {
		a, err := figures.Analyse(run)
		if err != nil {
			b.Fatal(err)
		}
		if err := HTML(io.Discard, run, a); err != nil {
			b.Fatal(err)
		}
	}
}
