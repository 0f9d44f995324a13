package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
)

// addProcessesFlag adds the flag that names processes of servers that run already.
func addProcessesFlag(c *cobra.Command, processes *[]string) {
	c.Flags().StringArrayVar(processes, "processes", nil, "which processes are a running server's, NAME.ROLE=port:N, pid:N, name:NAME, cgroup:PATH or unit:NAME, children included; NAME is a target's, ROLE is server or proxy for what the load talks to, upstream or app for what is behind it (default: found by address and connections)")
}

// withProcesses returns the servers with the processes that the flags name, which replace
// those of a profile for the same target and place. It returns all faults at once.
func withProcesses(servers []ancmbench.Server, flags []string) ([]ancmbench.Server, error) {
	out := slices.Clone(servers)
	byFlag := map[int][]ancmbench.ProcessRule{}
	var faults []error
	for _, text := range flags {
		i, rule, err := parseProcesses(out, text)
		if err != nil {
			faults = append(faults, usageError("--processes %s: %w", shownProcesses(text), err))
			continue
		}
		byFlag[i] = append(byFlag[i], rule)
	}
	for i, rules := range byFlag {
		if err := ancmbench.CheckProcessRules(rules); err != nil {
			faults = append(faults, usageError("--processes %s: %w", shownURL(out[i].Name), err))
		}
		rest := slices.DeleteFunc(slices.Clone(out[i].Processes), func(r ancmbench.ProcessRule) bool {
			return slices.ContainsFunc(rules, func(f ancmbench.ProcessRule) bool { return f.InFront() == r.InFront() })
		})
		out[i].Processes = append(rest, rules...)
	}
	return out, errors.Join(faults...)
}

// parseProcesses reads NAME.ROLE=RULE and returns which server it is about.
func parseProcesses(servers []ancmbench.Server, text string) (int, ancmbench.ProcessRule, error) {
	var rule ancmbench.ProcessRule
	place, by, found := strings.Cut(text, "=")
	dot := strings.LastIndexByte(place, '.')
	if !found || dot < 1 {
		return 0, rule, errors.New("want NAME.ROLE=RULE, as behind.proxy=port:8080")
	}
	name := place[:dot]
	i := slices.IndexFunc(servers, func(s ancmbench.Server) bool { return s.Name == name })
	switch {
	case i < 0:
		var names []string
		for _, s := range servers {
			if !s.Starts() {
				names = append(names, s.Name)
			}
		}
		if names == nil {
			return 0, rule, errors.New("no target is a server that runs already: give some with --target NAME=URL")
		}
		return 0, rule, errors.New("no target of this name: there are " + strings.Join(names, ", "))
	case servers[i].Starts():
		return 0, rule, errors.New(name + " is started by a command, so its processes are known")
	}
	rule, err := ancmbench.ParseProcessRule(place[dot+1:], by)
	return i, rule, err
}

// shownProcesses returns a --processes without the path of a control group.
func shownProcesses(text string) string {
	if before, _, found := strings.Cut(text, "="+string(ancmbench.ByCgroup)+":"); found {
		return before + "=" + string(ancmbench.ByCgroup) + ":..."
	}
	return text
}
