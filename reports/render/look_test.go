package render

import (
	"os"
	"path/filepath"
	"testing"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// TestLook writes every report of the fixture, or of the run in ANCM_LOOK_RUN (a
// results file, or "three" for a fixture of more targets), to the folder in
// ANCM_LOOK, to be looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("ANCM_LOOK")
	if dir == "" {
		t.Skip("ANCM_LOOK is not set")
	}
	run := example.Models().Run()
	if os.Getenv("ANCM_LOOK_RUN") == "three" {
		run = example.Three().Run()
	}
	if from := os.Getenv("ANCM_LOOK_RUN"); from != "" && from != "three" {
		var err error
		if run, err = ancmbench.ReadRun(from); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a := analysed(t, run)
	if err := HTML(f, run, a); err != nil {
		t.Fatal(err)
	}
	if err := charts.PNGs(dir, run, a); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", screen(t, run, page.Options{}))
}
