package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

// showVerdict prints the verdict on a run, for people, programs and a CI system's log.
func showVerdict(c *cobra.Command, f *gateFlags, form format, v *gate.Verdict, run *ancmbench.Run) error {
	w := c.OutOrStdout()
	var errs []error
	if text := form.name == formats[0].name; !text || !f.quiet || f.form.output != "" {
		errs = append(errs, f.form.print(w, func(w io.Writer) error {
			opts := page.Options{Width: width(w), Color: colored(w), Verbose: f.verbose}
			err := form.gate(w, judgement{verdict: v, run: run, opts: opts})
			if err == nil && text && f.verbose {
				err = showMeasured(w, run, opts)
			}
			return err
		}))
	}
	if os.Getenv("GITHUB_ACTIONS") == "true" && (form.name == formats[0].name || f.form.output != "") {
		for _, a := range render.Annotations(v) {
			fmt.Fprintln(w, a)
		}
	}
	return errors.Join(errs...)
}

// showMeasured prints the summary of the run that was judged, below the verdict.
func showMeasured(w io.Writer, run *ancmbench.Run, opts page.Options) error {
	a, err := figures.Analyse(run)
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	return render.Text(w, run, a, opts)
}

// formsOf returns the forms of a verdict in files.
func formsOf(v *gate.Verdict) verdictForms {
	return verdictForms{
		markdown: func(w io.Writer) error { return render.GateMarkdown(w, v) },
		junit:    func(w io.Writer) error { return render.JUnit(w, v) },
		outputs:  render.Outputs(v),
	}
}

// withoutVerdict tells a CI system what kept the gate from a verdict; people read it on
// standard error.
func withoutVerdict(c *cobra.Command, f *gateFlags, form format, why error) error {
	n := render.NoVerdict{Why: why.Error(), ExitCode: exitCode(c.Context(), why)}
	var printed error
	if form.noVerdict != nil {
		printed = f.form.print(c.OutOrStdout(), func(w io.Writer) error { return form.noVerdict(n, w) })
	}
	if os.Getenv("GITHUB_ACTIONS") == "true" && (form.name == formats[0].name || f.form.output != "") {
		fmt.Fprintln(c.OutOrStdout(), n.Annotation())
	}
	return errors.Join(why, printed, writeVerdict(f, verdictForms{n.Markdown, n.JUnit, n.Outputs()}))
}

// verdictForms are the formats in which a verdict, or its absence, is written.
type verdictForms struct {
	markdown, junit func(io.Writer) error
	outputs         string // lines name=value for later steps of a CI job
}

// verdictFiles returns all files of a verdict: those of the flags, and those of a CI system.
// They are tried before anything is measured and written afterwards.
func verdictFiles(f *gateFlags, v verdictForms) []outputFile {
	return []outputFile{
		{"--markdown", f.markdown, os.O_TRUNC, v.markdown},
		{"$GITHUB_STEP_SUMMARY", os.Getenv("GITHUB_STEP_SUMMARY"), os.O_APPEND, v.markdown},
		{"$GITHUB_OUTPUT", os.Getenv("GITHUB_OUTPUT"), os.O_APPEND, func(w io.Writer) error {
			_, err := io.WriteString(w, v.outputs)
			return err
		}},
		{"--junit", f.junit, os.O_TRUNC, v.junit},
	}
}

// writeVerdict writes all files; a failure of one does not stop the others.
func writeVerdict(f *gateFlags, v verdictForms) error {
	var errs []error
	for _, o := range verdictFiles(f, v) {
		errs = append(errs, o.put())
	}
	return errors.Join(errs...)
}

// gateWritable tries what a gate is to write. A file of a CI system that cannot be written
// is only a warning afterwards. A run that is judged again stays in its folder.
func gateWritable(f *gateFlags, more ...outputFile) error {
	var folder place
	if f.result == "" {
		folder = runPlace(f.out, "gate")
	}
	asked := slices.DeleteFunc(verdictFiles(f, verdictForms{}), func(o outputFile) bool { return strings.HasPrefix(o.name, "$") })
	return writable(folder, append(asked, more...)...)
}

// ownFiles returns the files and the folder that a gate writes, by flags and by a CI system.
func ownFiles(f *gateFlags) []string {
	files := []string{f.out, f.appendTo, f.form.file().path}
	for _, o := range verdictFiles(f, verdictForms{}) {
		files = append(files, o.path)
	}
	return slices.DeleteFunc(files, func(path string) bool { return path == "" })
}

// gateHistory returns the file that the line of the gate's run is appended to. A run that is
// judged again got its line when it was measured, and gets another only if the flag asks for
// it.
func gateHistory(f *gateFlags) outputFile {
	if f.result != "" && f.appendTo == "" {
		return outputFile{}
	}
	return historyOutput(f.appendTo, f.out)
}
