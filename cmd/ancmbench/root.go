package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ancmbench/reports/words"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "ancmbench",
		Short: "Measure the loopback penalty: what a process of its own behind a loopback proxy costs a web app",
		Long: `ancmbench measures the loopback penalty on this machine: what it costs to host a web
app in a process of its own behind a loopback proxy (out-of-process) instead of inside
the server (in-process), in latency, throughput, CPU and memory, with 95 % intervals.

Exit codes: 0 done, 1 tool error, 2 usage, 3 invalid (no trial counts),
4 no decision, 99 regression, 130 interrupted.`,
		Example: `  ancmbench run --model=both
  ancmbench open
  ancmbench run --target direct=http://127.0.0.1:5000/ --target behind=http://127.0.0.1:8080/ --rate=500`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagFault)
	root.Args, root.SuggestionsMinimumDistance = knownCommand, 2
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.AddCommand(newRunCommand(), newReportCommand(), newServeCommand(), newLoadCommand(), newProfilesCommand(), newDoctorCommand(), newGateCommand(),
		newCompareCommand(), newExportCommand(), newCalibrateCommand(), newSelftestCommand(), newPredictCommand(), newRunsCommand(), newOpenCommand(),
		newAgentCommand(), newAgentsCommand())
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	completeFlags(root)
	for _, c := range root.Commands() {
		strict(c)
	}
	exampleOfCompletion(root)
	return root
}

// flagFault makes what the library says of a flag a usage error, in the words of the flags that
// are read here.
func flagFault(c *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value):
		want, known := wantOfType[value.GetFlag().Value.Type()]
		if !known {
			return usageError("%w", err)
		}
		return usageError("--%s %s: want %s", value.GetFlag().Name, value.GetValue(), want)
	case errors.As(err, &unknown):
		return usageError("%w: '%s --help' lists them", err, c.CommandPath())
	}
	return usageError("%w", err)
}

// wantOfType is what a value of a flag must be, by the type of the flag.
var wantOfType = map[string]string{
	"bool": "true or false", "duration": "a duration, as 10s", "int": "a whole number", "uint64": "a whole number from 0",
}

// strict makes wrong arguments of a command, and of its subcommands, usage errors. A command
// that only has subcommands needs one of them.
func strict(c *cobra.Command) {
	for _, below := range c.Commands() {
		strict(below)
	}
	if !c.HasSubCommands() || c.Runnable() {
		c.Args = usageArgs(c.Args)
		return
	}
	c.SuggestionsMinimumDistance = 2
	if c.RunE != nil { // it does something without a subcommand, too
		c.Args = usageArgs(nil)
		return
	}
	c.Args, c.RunE = nil, func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError("%s needs one of %s", c.Name(), names(c))
		}
		return usageError("unknown argument %q of %s: it is one of %s", shownURL(args[0]), c.Name(), names(c))
	}
}

func names(c *cobra.Command) string {
	var out []string
	for _, below := range c.Commands() {
		out = append(out, below.Name())
	}
	return strings.Join(out, ", ")
}

// helpCommand is the help of cobra, except that an unknown topic is a usage error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		Example: `  ancmbench help run
  ancmbench help profiles new`,
		Args: func(*cobra.Command, []string) error { return nil }, // any: they name a command
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) (fit []string, _ cobra.ShellCompDirective) {
			about, _, err := c.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			for _, below := range about.Commands() {
				if below.IsAvailableCommand() && strings.HasPrefix(below.Name(), typed) {
					fit = append(fit, cobra.CompletionWithDesc(below.Name(), below.Short))
				}
			}
			return fit, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil {
				return knownCommand(c.Root(), args)
			}
			if len(rest) > 0 && !about.HasParent() {
				return knownCommand(about, rest)
			}
			if len(rest) > 0 {
				return usageError("unknown command %q below %s", shownURL(rest[0]), about.Name())
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// knownCommand makes an unknown command a usage error, with the nearest known ones.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "ancmbench --help lists them"
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "is it " + strings.Join(near, ", or ") + " that is meant?"
	}
	return usageError("unknown command %q: %s", shownURL(args[0]), hint)
}

// usageArgs makes a wrong number of arguments a usage error, and a number that is empty.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := errors.Join(emptyNumber(c.Flags()), contradiction(c)); err != nil {
			return err
		}
		if check == nil && len(args) > 0 {
			return usageError("%q is no flag, and there are no arguments; usage: %s", shownURL(args[0]), c.UseLine())
		}
		if check == nil {
			return nil
		}
		if err := check(c, args); err != nil {
			return usageError("%s; usage: %s", words.Count(len(args), "argument is given", "arguments are given"), c.UseLine())
		}
		return nil
	}
}

// exampleOfCompletion gives the commands that cobra makes for completion their examples: how
// each shell loads its script.
func exampleOfCompletion(root *cobra.Command) {
	loads := map[string]string{
		"bash":       "ancmbench completion bash > /etc/bash_completion.d/ancmbench",
		"zsh":        `ancmbench completion zsh > "${fpath[1]}/_ancmbench"`,
		"fish":       "ancmbench completion fish > ~/.config/fish/completions/ancmbench.fish",
		"powershell": "ancmbench completion powershell | Out-String | Invoke-Expression",
	}
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Example = "  " + loads["bash"]
		for _, shell := range c.Commands() {
			shell.Example = "  " + loads[shell.Name()]
		}
	}
}
