package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports/stats"
)

// alone finds flags that would do nothing: whoever typed one believes that it does.
func alone(f *gateFlags, commands bool) []error {
	var faults []error
	fault := func(when bool, format string, args ...any) {
		if when {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(f.baseRev == "" && (f.build != "" || f.start != ""), "--build and --start go with --base-rev")
	fault(len(f.against) == 0 && f.absolute, "--absolute goes with --against")
	fault(len(f.against) == 0 && (f.history != "" || f.betweenRuns != ""), "--history and --between-runs go with --against")
	fault(f.allowEnv && !f.absolute, "--allow-env-mismatch goes with --absolute")
	fault(f.result != "" && commands, "--result judges a run that was measured before: nothing is started, so it takes no --base, --head or --base-rev")
	fault(!commands && f.targetPath != "/", "--path is what commands are asked for: it goes with --base and --head, or --base-rev")
	fault(commands && (!strings.HasPrefix(f.targetPath, "/") || strings.ContainsFunc(f.targetPath, func(r rune) bool { return r <= ' ' || r == 0x7f })),
		"--path %q: must begin with a slash and hold no space or control character", f.targetPath)
	most := stats.Plan{}.Filled().Most
	fault(f.launches > most, "--launches %d: the gate decides after at most %d fresh starts", f.launches, most)
	return faults
}

// gateProfile is what the gate measures: the profile, or the stored run's, which has
// rate, connections, engine and dealing of what is compared with, under the flags that
// gate and run have in common.
func gateProfile(c *cobra.Command, f *gateFlags, stored *ancmbench.Run) (ancmbench.Profile, *runFlags, error) {
	rf := &runFlags{model: f.model, profile: f.profile, rate: f.rate, launches: f.launches, engine: f.engine, maxTime: f.maxTime}
	p, err := loadProfile(f.profile)
	if err != nil {
		return p, rf, err
	}
	if stored != nil {
		p = stored.Profile
	}
	err = override(c, rf, &p, true)
	return p, rf, err
}

// gateMeasures finds what is wrong with the flags that say how to measure; beside a run
// that is judged again they would do nothing.
func gateMeasures(c *cobra.Command, f *gateFlags, stored *ancmbench.Run) error {
	var faults []error
	if f.result != "" {
		for _, name := range []string{"model", "rate", "launches", "max-time", "engine", "seed", "out"} {
			if c.Flags().Changed(name) {
				faults = append(faults, usageError("--%s says how to measure, and --result judges a run that was measured before", name))
			}
		}
		return errors.Join(faults...)
	}
	p, rf, err := gateProfile(c, f, stored)
	faults = append(faults, err)
	if f.base == "" && f.head == "" && f.baseRev == "" {
		_, _, err = armsOf(c, rf, &p)
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// verdictForms are what a verdict, or the want of one, is written as.
type verdictForms struct {
	markdown, junit func(io.Writer) error
	outputs         string // lines name=value for later steps of a CI job
}

// verdictFiles are all that a verdict goes to: files that were asked for, and those of
// a CI system. They are tried before anything is measured and written afterwards.
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

// writeVerdict writes them all; none waits for another's disk.
func writeVerdict(f *gateFlags, v verdictForms) error {
	var errs []error
	for _, o := range verdictFiles(f, v) {
		errs = append(errs, o.put())
	}
	return errors.Join(errs...)
}

// gateWritable tries what a gate writes, and more. A run that is judged again stays
// where it lies.
func gateWritable(f *gateFlags, more ...outputFile) error {
	folder := ""
	if f.result == "" {
		folder = runFolder(f.out, "gate")
	}
	return writable(folder, append(verdictFiles(f, verdictForms{}), more...)...)
}

// gateHistory is where the line of the gate's run goes. One that is judged again was
// added when it was measured, and is added once more only where that is asked for.
func gateHistory(f *gateFlags) outputFile {
	if f.result != "" && f.appendTo == "" {
		return outputFile{}
	}
	return historyOutput(f.appendTo, f.out)
}

// again tells that a gate can measure a stored run anew by itself.
func again(stored *ancmbench.Run) error {
	if stored == nil || stored.Subject == ancmbench.SubjectReference {
		return nil
	}
	return usageError("--against: the stored run is of %s, which a gate cannot start again: measure them with 'ancmbench run', and give that run as --result", stored.Subject)
}
