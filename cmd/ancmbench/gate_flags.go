package main

import (
	"errors"
	"strings"
	"time"
)

// gateFlags are the flags of gate as they were typed.
type gateFlags struct {
	verbosity
	base, head, baseRev, build, start string
	against, processes                []string
	history, betweenRuns, result      string
	appendTo                          string // --append-history
	model, target, targetPath, rate   string
	// targets are --target as typed: target is the one that names a target to judge, and
	// servers are those that name a server of the user's.
	targets, servers             []string
	webConfig, app               string
	profile, engine, out, margin string
	metrics, budgets             []string
	allow, allowEnv, absolute    bool
	details                      bool
	form                         formatFlags
	markdown, junit              string
	launches                     int
	maxTime                      time.Duration
	seed                         uint64
	asked                        requestFlags
}

// splitTargets sorts the values of --target: a name of what is judged, and servers of the
// user's, NAME=URL or NAME=cmd:LINE.
func (f *gateFlags) splitTargets() error {
	f.target, f.servers = "", nil
	for _, t := range f.targets {
		switch {
		case strings.Contains(t, "="):
			f.servers = append(f.servers, t)
		case f.target != "":
			return usageError("%w", errors.New("--target: one target is judged, and two are named; a server of your own is NAME=URL or NAME=cmd:LINE"))
		default:
			f.target = t
		}
	}
	return nil
}

// commands reports whether two commands are compared.
func (f *gateFlags) commands() bool { return f.base != "" || f.head != "" || f.baseRev != "" }

// own reports whether the gate measures servers or a program of the user's that the flags
// name.
func (f *gateFlags) own() bool { return f.servers != nil || f.webConfig != "" || f.app != "" }
