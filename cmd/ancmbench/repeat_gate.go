package main

import (
	"fmt"
	"regexp"
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
		keep := func(value string) string { return value }
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

var (
	// anyURL ends where a word of a shell does, quoted or not.
	anyURL = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s'"]+`)
	// ownURL is an address of this machine and no more, its port perhaps still open.
	ownURL = regexp.MustCompile(`^https?://(localhost|127\.[0-9.]+|0\.0\.0\.0|[*+]|\[::1?\])(:([0-9]+|\{port\}|\$PORT|\$\{PORT\}))?/?$`)
	// assigned is NAME=value before a command; a value of fewer than six bytes is no
	// secret (1, en, true). One that refers to a variable is no secret by itself.
	assigned = regexp.MustCompile(`(^|[\s;&|(])([A-Za-z_][A-Za-z0-9_]*=)('[^']*'|"[^"]*"|[^\s'"$;&|]{6,})`)
	// secretOption is an option by whose name the value is a secret, of any length.
	secretOption = regexp.MustCompile(`(?i)(-[a-z-]*(?:password|passwd|secret|token|credential|auth|key)[a-z-]*[= ])('[^']*'|"[^"]*"|[^\s'"$]+)`)
	// rooted is the folder of an absolute path, on Windows with its drive, or of one
	// at home: what follows it stays.
	rooted = regexp.MustCompile(`(^|[\s=:'"(<>])(?:~?/|[A-Za-z]:[\\/])(?:[^\s'"/\\]*[\\/])*`)
)
