package gate

import (
	"math"
	"testing"

	"ancmbench/reports/internal/example"
)

func TestSpreadIsTheLogRatiosSD(t *testing.T) {
	run := example.Models().Run()
	got, err := Gate{}.Spread(run)
	if err != nil {
		t.Fatal(err)
	}
	launches, err := Gate{}.Recorded(run)
	if err != nil {
		t.Fatal(err)
	}
	const name = "response_p50_seconds"
	var sum, squares, n float64
	for _, l := range launches {
		x := math.Log(l[name][1] / l[name][0])
		sum, squares, n = sum+x, squares+x*x, n+1
	}
	want := math.Sqrt((squares - sum*sum/n) / (n - 1))
	if want == 0 || math.Abs(got[name]-want) > 1e-9 {
		t.Errorf("spread %v, want %v", got[name], want)
	}
}
