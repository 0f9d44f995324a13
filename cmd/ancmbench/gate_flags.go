package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"ancmbench"
	"ancmbench/reports"
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
	most := reports.Plan{}.Filled().Most
	fault(f.launches > most, "--launches %d: the gate decides after at most %d fresh starts", f.launches, most)
	return faults
}

// writable finds out whether the run and the verdict can be written where they were
// asked for. It leaves no file that was not there.
func writable(f *gateFlags) error {
	var faults []error
	if f.out != "" && f.result == "" {
		faults = append(faults, unused(f.out))
	}
	for _, at := range [][2]string{
		{"--markdown", f.markdown}, {"--junit", f.junit},
		{"$GITHUB_STEP_SUMMARY", os.Getenv("GITHUB_STEP_SUMMARY")}, {"$GITHUB_OUTPUT", os.Getenv("GITHUB_OUTPUT")},
	} {
		name, path := at[0], at[1]
		if path == "" {
			continue
		}
		_, err := os.Stat(path)
		fresh := errors.Is(err, os.ErrNotExist)
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if err := file.Close(); err == nil && fresh {
			faults = append(faults, os.Remove(path))
		}
	}
	return errors.Join(faults...)
}

// again tells that a gate can measure a stored run anew by itself.
func again(stored *ancmbench.Run) error {
	if stored == nil || stored.Subject == ancmbench.SubjectReference {
		return nil
	}
	return usageError("--against: the stored run is of %s, which a gate cannot start again: measure them with 'ancmbench run', and give that run as --result", stored.Subject)
}
