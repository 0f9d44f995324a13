package loadgen

import (
	"context"
	"time"

	"ancmbench"
)

// Engine puts a Load on its targets.
type Engine interface {
	// Name returns "wire", "vegeta" or "websocket", the value of Result.Engine.
	Name() string
	// Supports returns an error that says why this engine cannot run the load here, or
	// nil if it can.
	Supports(load ancmbench.Load) error
	// Run carries out the load and returns one Result per target, in the order of
	// load.Targets. It fails if ctx is cancelled or if more requests fail than
	// load.MaxErrorShare allows, and then returns what it saw until then as well.
	// The caller fills in the Result's trial, launch, phase and usage.
	//
	// Run calls edge while no request is in flight, on any of its goroutines: once
	// before the first slice, and after the drain of each slice. It waits for edge to
	// return, so edge must be quick. edge may be nil.
	Run(ctx context.Context, load ancmbench.Load, edge func(Edge)) ([]ancmbench.Result, error)
}

// Edge is the moment between two slices, when no request is in flight and
// counters can be read.
type Edge struct {
	// Slice is the index of the slice that has just been drained, as in
	// SliceRow.Index, and Target the index of its target in Load.Targets; both
	// are -1 before the first slice. A Single load or a Duel counts as one slice,
	// for a Duel with Target -1.
	Slice  int
	Target int
	// At is when counters may be read. The drain ended a gap earlier, so that a
	// server's work after its last answer counts for its own slice.
	At time.Time
}

// Live is an Engine that reports the progress of its current Run to other goroutines.
type Live interface {
	// Counts returns how many requests have ended, and how many of these failed.
	Counts() (done, failed int64)
}
