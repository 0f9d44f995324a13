package render

import (
	"bytes"
	"strings"
	"testing"

	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
)

func TestPredictTextSaysBothReadings(t *testing.T) {
	run := example.CurveRun()
	got, err := figures.Predict(run, figures.Question{AppTime: 1e-3, Rate: 150})
	if err != nil || len(got) != 1 || got[0].Target != "out-of-process" || got[0].Memory == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	var b bytes.Buffer
	if err := PredictText(&b, run, got, page.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"out-of-process instead of in-process", "the app's own computing", "processors", "memory", "6 fresh starts"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
	b.Reset()
	got[0].Launches = 1 // of one nobody has an interval
	if err := PredictText(&b, run, got[:1], page.Options{}); err != nil || strings.Contains(b.String(), "95 %") || !strings.Contains(b.String(), "no interval can be given") {
		t.Errorf("of one fresh start, %v:\n%s", err, b.String())
	}
}

func TestPredictTextOfAnAppWithoutWork(t *testing.T) {
	got := []figures.Prediction{{Baseline: "in-process", Target: "out-of-process", P50: &stats.Estimate{Value: 1e-4}, Launches: 6}}
	var b bytes.Buffer
	if err := PredictText(&b, example.Models().Run(), got, page.Options{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "If ") || !strings.Contains(b.String(), "does almost nothing itself") {
		t.Errorf("%s", b.String())
	}
}
