package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

// reported, comparing and judgement are what report, compare and gate write.
type (
	reported struct {
		run      *ancmbench.Run
		analysis *figures.Analysis
		page     string // the file of the report
		target   string // of a format that has room for one only
		opts     page.Options
	}
	comparing struct {
		runs       []figures.NamedRun
		comparison *figures.Comparison
		opts       page.Options
	}
	judgement struct {
		verdict *gate.Verdict
		run     *ancmbench.Run
		opts    page.Options
	}
)

// format is one form of a result. A verb has it if the verb's function is set.
type format struct {
	name, title string
	report      func(io.Writer, reported) error
	compare     func(io.Writer, comparing) error
	gate        func(io.Writer, judgement) error
	// noVerdict writes what kept a gate from a verdict; nil writes nothing.
	noVerdict func(render.NoVerdict, io.Writer) error
}

// formats are all of them, the default first. Flags, help, completion and errors are made
// from them.
var formats = []format{
	{name: "text", title: "for a terminal",
		report:  func(w io.Writer, r reported) error { return render.Text(w, r.run, r.analysis, r.opts) },
		compare: func(w io.Writer, c comparing) error { return render.CompareText(w, c.comparison, c.opts) },
		gate:    func(w io.Writer, j judgement) error { return render.GateText(w, j.verdict, j.opts) }},
	{name: "markdown", title: "for a comment or a step summary",
		report:    func(w io.Writer, r reported) error { return render.Markdown(w, r.run, r.analysis) },
		compare:   func(w io.Writer, c comparing) error { return render.CompareMarkdown(w, c.comparison) },
		gate:      func(w io.Writer, j judgement) error { return render.GateMarkdown(w, j.verdict) },
		noVerdict: render.NoVerdict.Markdown},
	{name: "json", title: "one object; its schema is in schema/",
		report:  func(w io.Writer, r reported) error { return render.JSON(w, r.run, r.analysis, r.page) },
		compare: func(w io.Writer, c comparing) error { return render.CompareJSON(w, c.comparison) },
		gate:    func(w io.Writer, j judgement) error { return render.GateJSON(w, j.verdict) }},
	{name: "csv", title: "one line per value",
		report: func(w io.Writer, r reported) error {
			clean.Strings(r.run, clean.CSV)
			return render.CSV(w, r.run)
		},
		compare: func(w io.Writer, c comparing) error { return render.CompareCSV(w, c.comparison, clean.CSV) },
		gate:    func(w io.Writer, j judgement) error { return render.GateCSV(w, j.verdict, clean.CSV) }},
	{name: "benchfmt", title: "the fresh starts, for benchstat",
		report:  func(w io.Writer, r reported) error { return render.Benchfmt(w, figures.NamedRun{Run: r.run}) },
		compare: func(w io.Writer, c comparing) error { return render.Benchfmt(w, c.runs...) },
		gate:    func(w io.Writer, j judgement) error { return render.Benchfmt(w, figures.NamedRun{Run: j.run}) }},
	{name: "hgrm", title: "one target's percentiles, for HdrHistogram plotters",
		report: func(w io.Writer, r reported) error {
			return targetFault(render.Percentiles(w, r.run, r.analysis, r.target))
		},
		gate: func(w io.Writer, j judgement) error {
			a, err := figures.Analyse(j.run)
			if err != nil {
				return err
			}
			return targetFault(render.Percentiles(w, j.run, a, j.verdict.Target))
		}},
	{name: "junit", title: "the verdict as a test suite",
		gate:      func(w io.Writer, j judgement) error { return render.JUnit(w, j.verdict) },
		noVerdict: render.NoVerdict.JUnit},
	{name: "prometheus", title: "for a textfile collector",
		report:    func(w io.Writer, r reported) error { return render.Prometheus(w, r.run, r.analysis) },
		compare:   func(w io.Writer, c comparing) error { return render.ComparePrometheus(w, c.comparison) },
		gate:      func(w io.Writer, j judgement) error { return render.GatePrometheus(w, j.verdict) },
		noVerdict: render.NoVerdict.Prometheus},
	{name: "html", title: "the page, one file",
		report:  func(w io.Writer, r reported) error { return render.HTML(w, r.run, r.analysis) },
		compare: func(w io.Writer, c comparing) error { return render.CompareHTML(w, c.comparison) },
		gate:    func(w io.Writer, j judgement) error { return render.GateHTML(w, j.verdict, j.run) }},
}

// The verbs that have formats.
var (
	ofReport  = func(f format) bool { return f.report != nil }
	ofCompare = func(f format) bool { return f.compare != nil }
	ofGate    = func(f format) bool { return f.gate != nil }
)

// formatNamed returns a format that there is.
func formatNamed(name string) format {
	return formats[slices.IndexFunc(formats, func(f format) bool { return f.name == name })]
}

func formatNames(has func(format) bool) []string {
	var out []string
	for _, f := range formats {
		if has(f) {
			out = append(out, f.name)
		}
	}
	return out
}

// formatFlags are --format and --output.
type formatFlags struct{ name, output string }

func addFormatFlags(c *cobra.Command, f *formatFlags, has func(format) bool) {
	names := formatNames(has)
	fl := c.Flags()
	fl.StringVar(&f.name, "format", names[0], "what to print: "+strings.Join(names, ", "))
	fl.StringVarP(&f.output, "output", "o", "", "write it to this file instead of standard output")
	var choices []string
	for _, one := range formats {
		if has(one) {
			choices = append(choices, cobra.CompletionWithDesc(one.name, one.title))
		}
	}
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
}

// choose returns the format that --format, or one of its short forms, names. A short form is
// the name of a format, and whether it was given.
func (f formatFlags) choose(c *cobra.Command, has func(format) bool, shorts map[string]bool) (format, error) {
	name := f.name
	if name == "" {
		name = formats[0].name
	}
	for _, short := range slices.Sorted(maps.Keys(shorts)) {
		given := shorts[short]
		switch {
		case !given || short == name:
		case c.Flags().Changed("format"):
			return format{}, usageError("--format=%s and --%s exclude each other: give one", f.name, short)
		case name != formats[0].name:
			return format{}, usageError("--%s and --%s exclude each other: give one", name, short)
		default:
			name = short
		}
	}
	i := slices.IndexFunc(formats, func(x format) bool { return x.name == name })
	switch {
	case i < 0:
		return format{}, usageError("--format=%s: the formats of %s are %s", name, c.Name(), strings.Join(formatNames(has), ", "))
	case !has(formats[i]):
		return format{}, usageError("--format=%s: %s has none, and %s: the formats of %[2]s are %[4]s", name, c.Name(), verbsWith(formats[i]), strings.Join(formatNames(has), ", "))
	}
	return formats[i], nil
}

// verbsWith names the verbs that have a format.
func verbsWith(f format) string {
	var out []string
	for _, v := range []struct {
		name string
		has  func(format) bool
	}{{"report", ofReport}, {"compare", ofCompare}, {"gate", ofGate}} {
		if v.has(f) {
			out = append(out, v.name)
		}
	}
	return strings.Join(out, " and ") + map[bool]string{true: " has", false: " have"}[len(out) == 1] + " one"
}

// file returns the file of --output, so that it can be tried before anything is measured.
func (f formatFlags) file() outputFile {
	if f.output == "-" {
		return outputFile{}
	}
	return outputFile{name: "--output", path: f.output, mode: os.O_TRUNC}
}

// print calls write with w, or with the file of --output. A regular file is replaced as a
// whole, so that no reader sees half of it.
func (f formatFlags) print(w io.Writer, write func(io.Writer) error) error {
	out := f.file()
	if out.path == "" {
		return write(w)
	}
	out.form = write
	info, err := os.Stat(out.path)
	if err == nil && !info.Mode().IsRegular() { // a pipe or a device: there is nothing to replace
		return out.put()
	}
	path := out.path
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to // the file and not the link
	}
	if err := ancmbench.WriteWhole(path, write); err != nil {
		return fmt.Errorf("%s: %w", out.name, err)
	}
	return nil
}

// targetFault names the flag by which the one target of a format is chosen.
func targetFault(err error) error {
	var needed *render.TargetNeeded
	if errors.As(err, &needed) {
		return usageError("--target: %w", err)
	}
	return err
}
