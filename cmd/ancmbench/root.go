package main

import (
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "ancmbench",
		Short: "How much does it cost to put a web app in a process of its own behind a loopback proxy?",
		Long: `ancmbench measures what it costs to host a web app in a process of its own behind
a loopback proxy (out-of-process) instead of inside the server (in-process): on
this machine, with an interval, in latency, throughput, CPU and memory.

Exit codes: 0 done, 1 tool error, 2 usage, 3 invalid (nothing could be counted),
4 no decision, 99 regression, 130 interrupted.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError("%w", err) })
	root.AddCommand(newRunCommand(), newReportCommand(), newServeCommand(), newLoadCommand(), newProfilesCommand(), newDoctorCommand(), newGateCommand(),
		newCompareCommand(), newExportCommand(), newCalibrateCommand(), newSelftestCommand(), newPredictCommand())
	for _, c := range root.Commands() {
		c.Args = usageArgs(c.Args)
	}
	return root
}

// usageArgs makes a wrong number of arguments a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check == nil {
			check = cobra.NoArgs
		}
		if err := check(c, args); err != nil {
			return usageError("%w", err)
		}
		return nil
	}
}

// version comes from the build: the module's version, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:min(12, len(s.Value))]):
			v += "+" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true" && !strings.Contains(v, "dirty"):
			v += "+dirty"
		}
	}
	return v
}

// toolModules are the libraries whose version can move a number.
var toolModules = []string{"github.com/tsenart/vegeta/v12", "github.com/montanaflynn/stats",
	"github.com/HdrHistogram/hdrhistogram-go", "gonum.org/v1/gonum", "golang.org/x/perf"}

func moduleVersions() map[string]string {
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	for _, dep := range info.Deps {
		for _, m := range toolModules {
			if dep.Path == m {
				versions[m] = dep.Version
			}
		}
	}
	return versions
}
