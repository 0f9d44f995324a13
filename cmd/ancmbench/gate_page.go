package main

import (
	"fmt"
	"io"
	"path/filepath"

	"ancmbench"
	"ancmbench/reports/gate"
	"ancmbench/reports/render"
)

// reportVerdict makes the report in the folder of a run that of the verdict on it: the
// verdict, why, and then what was measured. A run that is judged again keeps its own.
func reportVerdict(f *gateFlags, dir string, v *gate.Verdict, run *ancmbench.Run) error {
	if f.result != "" {
		v.Report = reportBeside(f.result)
		return nil
	}
	v.Report = filepath.Join(dir, reportFile)
	if err := ancmbench.WriteWhole(v.Report, func(w io.Writer) error { return render.GateHTML(w, v, run) }); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}
