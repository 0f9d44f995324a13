package main

import (
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
	profile, engine, out, margin      string
	metrics, budgets                  []string
	allow, allowEnv, absolute         bool
	details                           bool
	form                              formatFlags
	markdown, junit                   string
	launches                          int
	maxTime                           time.Duration
	seed                              uint64
}
