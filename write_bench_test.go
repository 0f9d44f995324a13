package ancmbench

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// quickRun has as many results and samples as the profile quick leaves.
func quickRun() *Run {
	r := &Run{Version: RunVersion}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		res := Result{}
		for _, h := range []**Histogram{&res.Response, &res.Service, &res.Lag, &res.FirstByte, &res.SettleResponse, &res.SettleService} {
			*h = new(Histogram)
			for range 2000 {
				(*h).Record(time.Duration(100e3 * (1 + rng.ExpFloat64())))
			}
		}
		r.Results = append(r.Results, res)
	}
	return r
}

// The file is written after every trial. Nothing is measured meanwhile, so writing must be
// fast.
func BenchmarkWriteFile(b *testing.B) {
	r := quickRun()
	path := filepath.Join(b.TempDir(), ResultFile)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.WriteFile(path); err != nil {
			b.Fatal(err)
		}
	}
}
