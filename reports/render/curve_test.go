package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

func TestEveryReportShowsTheCurve(t *testing.T) {
	run := example.CurveRun()
	a, err := figures.Analyse(run)
	if err != nil || len(a.Curve) != 1 {
		t.Fatalf("%d curves, %v", len(a.Curve), err)
	}
	run.Profile.SLO = ancmbench.Seconds(7 * time.Millisecond)
	if b, err := figures.Analyse(run); err != nil || b.Curve[0].SLO != 7e-3 || a.Curve[0].SLO != figures.DefaultSLO {
		t.Errorf("the profile's SLO of 7 ms is not the curve's: %v", err)
	}
	run.Profile.SLO = 0
	var screen, doc, object bytes.Buffer
	if err := Text(&screen, run, a, page.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"What it means for your app", "the app computes", "TLS adds", "keeps p99 within 5 ms"} {
		if !strings.Contains(strings.Join(strings.Fields(screen.String()), " "), want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen.String())
		}
	}
	if err := HTML(&doc, run, a); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`id="curve0-cpu-title"`, `id="curve0-sweep-title"`, `id="curve0-front-title"`} {
		if !strings.Contains(doc.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if err := JSON(&object, run, a, ""); err != nil {
		t.Fatal(err)
	}
	var back struct{ Curve []figures.Curve }
	if err := json.Unmarshal(object.Bytes(), &back); err != nil || len(back.Curve) != 1 || len(back.Curve[0].Points) != 5 {
		t.Errorf("the object has %+v, %v", back.Curve, err)
	}
	plainRun := example.Models().Run()
	b, err := figures.Analyse(plainRun)
	if err != nil || b.Curve != nil {
		t.Errorf("a run without points has a curve: %+v, %v", b.Curve, err)
	}
}
