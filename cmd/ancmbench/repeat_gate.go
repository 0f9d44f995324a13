package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// gateCommand returns the command line that repeats a gate: all given flags, with the seed,
// without what must not leave the machine. It leaves out flags that only say where to write,
// because they would overwrite what is there.
func gateCommand(c *cobra.Command, details bool, seed uint64) []string {
	args := []string{"ancmbench", "gate"}
	c.Flags().Visit(func(fl *pflag.Flag) {
		var keep func(value string) string
		switch fl.Name {
		case "seed", "out", "append-history", "markdown", "junit", "quiet", "verbose", "json", "format", "output":
			return
		case "profile", "against", "history":
			keep = func(path string) string { return shownPath(path, false) }
		case "app", "web-config":
			keep = func(path string) string { return shownPath(path, false) }
		case "target":
			keep = func(t string) string {
				if !strings.Contains(t, "=") {
					return t
				}
				return redactTarget(t, false)
			}
		case "base", "head", "build", "start":
			keep = redactLine
		case "processes":
			keep = shownProcesses
		default:
			keep = func(value string) string {
				shown, _ := showAsked(fl.Name, value)
				return shown
			}
		}
		for _, v := range valuesOf(fl) {
			if !details {
				v = keep(v)
			}
			if fl.Value.Type() == "bool" {
				args = append(args, flagWord(fl.Name, v))
			} else {
				args = append(args, "--"+fl.Name+"="+v)
			}
		}
	})
	return append(args, fmt.Sprintf("--seed=%d", seed))
}
